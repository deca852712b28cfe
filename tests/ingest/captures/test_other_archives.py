"""Folders of HTML and JSON lines."""

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.captures.archive import read_folder, read_json_lines, read_path
from ingest.captures.values import BadRecord, Captured, ReadyText

PAGE = "<html><head><link rel='canonical' href='https://a.example/{0}?utm_source=x'></head><body>{0}</body></html>"


def reasons(items: Sequence[object]) -> list[tuple[str, int | None, str]]:
    return [(item.source, item.position, item.reason) for item in items if isinstance(item, BadRecord)]


def test_a_folder_of_pages(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.html").write_text(PAGE.format("b"))
    (tmp_path / "sub" / "c.html.gz").write_bytes(gzip.compress(PAGE.format("c").encode()))
    (tmp_path / "a.htm").write_text("<meta property='og:url' content='https://a.example/og'><p>x</p>")
    (tmp_path / "listed.html").write_text("<p>no address of its own</p>")
    (tmp_path / "none.html").write_text("<link rel=canonical href='/relative'><p>x</p>")
    (tmp_path / "empty.html").write_text("  ")
    (tmp_path / "torn.html.gz").write_bytes(gzip.compress(b"<p>x</p>" * 99)[:20])
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "urls.csv").write_text(
        "file,url,fetched_at\nlisted.html,https://a.example/l,2026-09-14T10:00:00+02:00\n,https://a.example/\n"
    )
    items = list(read_folder(tmp_path))
    pages = [(item.url, item.fetched_at) for item in items if isinstance(item, Captured)]
    assert pages == [
        ("https://a.example/og", None),
        ("https://a.example/b", None),
        ("https://a.example/l", datetime(2026, 9, 14, 8, 0, tzinfo=UTC)),
        ("https://a.example/c", None),
    ]
    assert [(source, position) for source, position, _ in reasons(items)] == [
        ("urls.csv", 3),
        ("empty.html", None),
        ("none.html", None),
        ("torn.html.gz", None),
    ]


def test_a_sidecar_without_its_columns(tmp_path: Path) -> None:
    (tmp_path / "urls.csv").write_text("name,address\nx,y\n")
    assert reasons(list(read_folder(tmp_path))) == [("urls.csv", 1, "the columns `file` and `url` are missing")]


@pytest.mark.parametrize("packed", [False, True])
def test_json_lines(tmp_path: Path, packed: bool) -> None:
    lines = [
        json.dumps({"url": "https://A.example/1#x", "html": "<p>Eins</p>", "fetched_at": "2026-09-14T10:00:00Z"}),
        "",
        json.dumps({"url": "https://a.example/2", "title": "T", "text": "Words.", "published": "2026-09-13"}),
        json.dumps({"url": "https://a.example/3", "text": "Untitled."}),
        "{broken",
        "[1]",
        json.dumps({"html": "<p>x</p>"}),
        json.dumps({"url": "ftp://a.example/", "html": "<p>x</p>"}),
        json.dumps({"url": "https://a.example/4", "html": ""}),
        json.dumps({"url": "https://a.example/5", "text": ["x"]}),
        json.dumps({"url": "https://a.example/6", "html": "<p>x</p>", "fetched_at": "soon"}),
        json.dumps({"url": "https://a.example/7", "title": "no text"}),
        "[" * 100_000,
    ]
    content = "\n".join(lines).encode()
    path = tmp_path / ("a.jsonl.gz" if packed else "a.jsonl")
    path.write_bytes(gzip.compress(content) if packed else content)
    items = list(read_json_lines(path))
    page, ready, untitled = (item for item in items if not isinstance(item, BadRecord))
    assert isinstance(page, Captured)
    assert (page.url, page.body, page.fetched_at) == (
        "https://a.example/1",
        b"<p>Eins</p>",
        datetime(2026, 9, 14, 10, tzinfo=UTC),
    )
    assert ready == ReadyText("https://a.example/2", "T", "Words.", "2026-09-13")
    assert untitled == ReadyText("https://a.example/3", "", "Untitled.", None)
    assert [position for _, position, _ in reasons(items)] == list(range(5, 14))
    assert all(reason for *_, reason in reasons(items))


def test_a_torn_compressed_file_gives_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    lines = "\n".join(json.dumps({"url": f"https://a.example/{n}", "text": "w" * 50}) for n in range(500))
    path.write_bytes(gzip.compress(lines.encode())[:-40])
    *items, last = read_json_lines(path)
    assert isinstance(last, BadRecord)
    assert "damaged" in last.reason
    assert all(isinstance(item, ReadyText) for item in items)


def test_any_path_is_read_for_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "p.html").write_text(PAGE.format("p"))
    (tmp_path / "t.jsonl").write_text(json.dumps({"url": "https://a.example/t", "text": "x"}))
    (tmp_path / "w.warc").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("notes")
    found = [item.url for item in read_path(tmp_path) if not isinstance(item, BadRecord)]
    assert found == ["https://a.example/p", "https://a.example/t"]
    assert [item.url for item in read_path(tmp_path / "p.html") if isinstance(item, Captured)] == [
        "https://a.example/p"
    ]
    for name, reason in (("notes.txt", "no WARC"), ("missing.jsonl", "cannot be read"), ("gone", "cannot be read")):
        (bad,) = read_path(tmp_path / name)
        assert isinstance(bad, BadRecord)
        assert reason in bad.reason
