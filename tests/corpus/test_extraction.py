"""Extraction measured on real pages: body (with the corpus's own scorer), publication day, title and authors."""

import gzip
import importlib.util
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ingest.extract import Extraction, extract

SHARED = Path(__file__).parents[2].parent / "shared"
SETS = SHARED / "corpus" / "extraction"

pytestmark = pytest.mark.skipif(not SETS.is_dir(), reason=f"no corpus of pages at {SETS}")

# trafilatura's default on the same pages, to be beaten.
BODY_F1 = {"scrapinghub": 0.964, "atf_news2023": 0.917, "fundus_2023_2026": 0.920}
SAME_DAY = {"atf_news2023": 0.90, "fundus_2023_2026": 0.985, "htmldate_news2020": 0.92}


@cache
def gold_of(name: str) -> dict[str, dict[str, Any]]:
    gold: dict[str, dict[str, Any]] = json.loads((SETS / name / "gold.json").read_text(encoding="utf-8"))
    return gold


@cache
def read(name: str) -> Mapping[str, Extraction]:
    return {
        key: extract(gzip.decompress((SETS / name / "html" / f"{key}.html.gz").read_bytes()), url=gold["url"])
        for key, gold in gold_of(name).items()
    }


@cache
def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_extraction", SHARED / "corpus" / "score_extraction.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", BODY_F1)
def test_body_is_better_than_trafilaturas_default(name: str) -> None:
    score = scorer()
    pages = read(name)
    f1 = score.aggregate([score.counts(gold["articleBody"], pages[key].text) for key, gold in gold_of(name).items()])[
        "f1"
    ]
    assert f1 > BODY_F1[name]


@pytest.mark.parametrize("name", SAME_DAY)
def test_publication_day(name: str) -> None:
    pages = read(name)
    days = {key: _day(gold["date"]) for key, gold in gold_of(name).items()}
    right = sum(day is not None and _day(pages[key].published_on) == day for key, day in days.items())
    assert right / len(gold_of(name)) >= SAME_DAY[name]


@pytest.mark.parametrize(("name", "titles", "exact"), [("atf_news2023", 0.90, 0.82), ("fundus_2023_2026", 0.70, 0.83)])
def test_titles_and_authors(name: str, titles: float, exact: float) -> None:
    pages, gold = read(name), gold_of(name)
    assert sum(_words(pages[k].title) == _words(g["title"]) for k, g in gold.items()) / len(gold) >= titles
    signed = {k: names for k, g in gold.items() if (names := set(_authors(g.get("authors"))))}
    assert sum({_words(a) for a in pages[k].authors} == names for k, names in signed.items()) / len(signed) >= exact


def test_pages_of_articles_are_not_skipped() -> None:
    skipped = [key for name in BODY_F1 for key, page in read(name).items() if page.skip_reason]
    # One page is a shell that a script fills: it holds no text.
    assert len(skipped) <= 1


def test_seed_article_comes_out_clean() -> None:
    gold = json.loads((SHARED / "gold" / "seed.jsonl").read_text(encoding="utf-8").splitlines()[0])
    found = extract((SHARED / "gold" / "seed.html").read_bytes(), url=gold["url"])
    assert (found.title, found.text) == (gold["title"], gold["text"])
    assert (found.published_on, found.kind, found.skip_reason) == (None, "article", None)


def _day(written: object) -> date | None:
    return date.fromisoformat(written[:10]) if isinstance(written, str) else None


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold()))


def _authors(written: object) -> Iterator[str]:
    if isinstance(written, str):
        names = re.findall(r"'([^']+)'", written) if written.startswith("[") else re.split(r",| and ", written)
        yield from (words for name in names if (words := _words(name)))
    elif isinstance(written, list):
        yield from map(_words, written)
