"""Finding captures again, and saving what a killed writer left."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.captures.index import cdxj_lines, index_file, merged, surt
from ingest.captures.read import read_archive, read_capture
from ingest.captures.recover import recover, recover_left
from ingest.captures.store import new_captures
from ingest.captures.values import Captured, Original
from ingest.captures.warc import CaptureWriter
from schemas.digests import digest

NOW = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
HTML = (("Content-Type", "text/html; charset=utf-8"),)


def page(number: int) -> Captured:
    url = f"https://www.newsroom.example/news/{number}?b=2&a=1"
    return Captured(url, url, 200, HTML, b"<p>%d</p>" % number * 200, NOW)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Example.com/News?b=2&a=1#x", "com,example)/news?a=1&b=2"),
        ("http://news.example.co.uk:8080/", "uk,co,example,news:8080)/"),
        ("http://93.184.216.34/a", "93.184.216.34)/a"),
    ],
)
def test_surt_keys(url: str, key: str) -> None:
    assert surt(url) == key


def test_an_index_leads_to_every_capture(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    with CaptureWriter(path, now=NOW) as writer:
        written = {writer.write(page(number)).offset: page(number) for number in (3, 1, 2)}
    lines = cdxj_lines(path)
    assert lines == sorted(lines)
    assert len(lines) == 3
    for line in lines:
        key, time, rest = line.split(" ", 2)
        entry = json.loads(rest)
        assert key == surt(entry["url"])
        assert time == "20260914120000"
        assert (entry["mime"], entry["status"], entry["filename"]) == ("text/html", "200", "a.warc.gz")
        assert read_capture(path, int(entry["offset"])).body == written[int(entry["offset"])].body


def test_the_index_beside_a_file_is_the_one_that_reading_it_gives(tmp_path: Path) -> None:
    with new_captures(tmp_path, "pass", NOW, max_file=1) as captures:  # so each response begins a new file
        kept = [captures.keep(page(2)), captures.keep(page(1))]
        captures.keep(page(1), same_as=Original(page(1).url, digest(page(1).body)))
    names = ["pass.warc.gz", "pass-2.warc.gz", "pass-3.warc.gz"]
    assert [ref.warc for ref in kept] == [f"2026/09/{name}" for name in names[:2]]
    files = [tmp_path / "2026/09" / name for name in names]
    for file in files:
        assert index_file(file).read_text().splitlines() == cdxj_lines(file)
    lines = list(merged(tmp_path))
    index_file(files[0]).unlink()
    assert list(merged(tmp_path)) == lines == sorted(lines)
    said = [json.loads(line.split(" ", 2)[2]) for line in lines]
    assert {entry["filename"] for entry in said} == {f"2026/09/{name}" for name in names}
    assert [entry["mime"] for entry in said].count("warc/revisit") == 1


def test_what_is_no_warc_has_no_index(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match="is no WARC"):
        cdxj_lines(path)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_file_cut_anywhere_is_saved_up_to_its_last_whole_record(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("r")
    with CaptureWriter(folder / "whole.warc.gz", now=NOW) as writer:
        ends = [(ref := writer.write(page(number))).offset + ref.length for number in range(3)]
    content = (folder / "whole.warc.gz").read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    left = folder / "left.warc.gz.open"
    left.write_bytes(content[:cut])
    saved = recover(left)
    assert not left.exists()
    found = list(read_archive(saved)) if saved else []
    assert [item.body for item in found if isinstance(item, Captured)] == [
        page(number).body for number, end in enumerate(ends) if end <= cut
    ]
    assert all(isinstance(item, Captured) for item in found)


def test_recovery_takes_nobodys_name(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(b"there")
    (tmp_path / "a.warc.gz.open").write_bytes(b"left")
    with pytest.raises(FileExistsError):
        recover(tmp_path / "a.warc.gz.open")
    with pytest.raises(ValueError, match="no open WARC"):
        recover(tmp_path / "a.warc.gz")


def test_a_living_writers_file_is_left_to_it(tmp_path: Path) -> None:
    folder = tmp_path / f"{NOW:%Y/%m}"
    folder.mkdir(parents=True)
    with CaptureWriter(folder / "a.warc.gz", now=NOW) as writer:
        writer.write(page(1))
        assert recover_left(tmp_path, NOW) == []
        writer.write(page(2))
    assert [item.body for item in read_archive(folder / "a.warc.gz") if isinstance(item, Captured)] == [
        page(number).body for number in (1, 2)
    ]


def test_what_failed_or_killed_writers_left_is_recovered_from_this_month_and_the_last(tmp_path: Path) -> None:
    after = (NOW.replace(day=1) + timedelta(days=40)).replace(day=1)
    folder = tmp_path / f"{NOW:%Y/%m}"
    folder.mkdir(parents=True)
    with pytest.raises(OSError, match="full"), CaptureWriter(folder / "a.warc.gz", now=NOW) as writer:  # noqa: PT012
        writer.write(page(1))
        raise OSError("the disk is full")
    (folder / "b.warc.gz.open").write_bytes(b"half a rec")
    assert recover_left(tmp_path, after.replace(month=after.month + 1)) == []
    assert recover_left(tmp_path, after) == [folder / "a.warc.gz"]
    assert sorted(file.name for file in folder.iterdir()) == ["a.warc.gz", "a.warc.gz.cdxj"]
    assert index_file(folder / "a.warc.gz").read_text().splitlines() == cdxj_lines(folder / "a.warc.gz")
    assert recover_left(tmp_path, after) == []
