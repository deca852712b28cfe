"""Whole pages in the shapes that sites have, each beside what a reader would take from it."""

import json
from pathlib import Path

import pytest

from ingest.extract import extract

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_page_is_read_as_its_golden_says(page: Path) -> None:
    golden = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    assert extract(page.read_bytes(), **golden["request"]).to_json() == golden["extraction"]


def test_every_golden_has_its_page() -> None:
    assert {p.with_suffix(".html") for p in PAGES[0].parent.glob("*.json")} == set(PAGES)


def test_order_of_pages_changes_nothing() -> None:
    def run(pages: list[Path]) -> dict[str, dict[str, object]]:
        return {p.stem: extract(p.read_bytes(), url="https://news.example/a").to_json() for p in pages}

    assert run(PAGES) == run(PAGES[::-1])


def test_public_shape() -> None:
    keys = list(extract("<html><body><p>x</p></body></html>", url="https://news.example/a").to_json())
    assert keys[:10] == [
        "url",
        "canonical_url",
        "title",
        "text",
        "authors",
        "language",
        "published_on",
        "published_from",
        "site_name",
        "problems",
    ]
    assert keys[10:] == ["modified_on", "skip_reason", "kind", "language_confidence", "agency"]
