"""What is captured can be read back, by us and by any WARC tool, and is the same bytes whoever writes it."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from ingest.captures.read import CaptureMissingError, read_archive, read_capture
from ingest.captures.values import READY_TYPE, BadRecord, Captured, Original
from ingest.captures.warc import CaptureWriter
from schemas.digests import digest

NOW = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
PAGE = Captured(
    url="https://newsroom.example/old",
    final_url="https://newsroom.example/news/1?a=b",
    status=200,
    headers=(
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Encoding", "gzip"),
        ("Transfer-Encoding", "chunked"),
        ("X-Note", "Grüße"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
    ),
    body="<p>Talks in Tallow Bay – day two</p>".encode(),
    fetched_at=datetime(2026, 9, 14, 11, 59, 58, 250_000, tzinfo=UTC),
    request_headers=(("User-Agent", "courant/0.1 (+mailto:a@newsroom.example)"),),
)


def write(path: Path, *pages: Captured) -> list[tuple[int, int]]:
    with CaptureWriter(path, now=NOW) as writer:
        return [(ref.offset, ref.length) for ref in map(writer.write, pages)]


def test_what_is_written_is_read_again_at_its_offset(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    other = Captured("https://x.example/", "https://x.example/", 200, (), b"two", NOW, "1.0")
    with CaptureWriter(path, now=NOW) as writer:
        first, second = writer.write(PAGE), writer.write(other)
    assert (first.warc, first.digest) == ("a.warc.gz", digest(PAGE.body))
    read = read_capture(path, first.offset)
    assert (read.url, read.final_url, read.status, read.body) == (PAGE.url, PAGE.final_url, 200, PAGE.body)
    assert read.fetched_at == PAGE.fetched_at
    assert read.header("content-encoding") == "gzip"
    assert [value for name, value in read.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert read_capture(path, second.offset).body == b"two"
    assert read_capture(path, second.offset).http_version == "1.0"
    member = path.read_bytes()[first.offset : first.offset + first.length]
    assert gzip.decompress(member).startswith(b"WARC/1.1\r\n")


def test_any_warc_tool_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    write(path, PAGE)
    with path.open("rb") as file:
        records = []
        for record in ArchiveIterator(file, check_digests="raise"):
            records.append((record.rec_type, record.rec_headers, record.http_headers, record.content_stream().read()))
    (info, info_fields, _, info_body), (kind, fields, http, body), (request_kind, request_fields, request, _) = records
    assert (info, kind, request_kind) == ("warcinfo", "response", "request")
    assert info_fields.get_header("WARC-Filename") == "a.warc.gz"
    assert b"format: WARC File Format 1.1" in info_body
    assert fields.get_header("WARC-Target-URI") == PAGE.final_url
    assert fields.get_header("WARC-Date") == "2026-09-14T11:59:58.250000Z"
    assert fields.get_header("WARC-Payload-Digest").startswith("sha256:")
    assert body == PAGE.body
    assert http.get_header("Content-Length") == str(len(PAGE.body))
    assert http.get_header("Content-Encoding") is None
    assert http.get_header("Transfer-Encoding") is None
    assert http.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
    assert request_fields.get_header("WARC-Concurrent-To") == fields.get_header("WARC-Record-ID")
    assert request.get_header("Host") == "newsroom.example"
    assert request.statusline.startswith("/news/1?a=b")


@pytest.mark.parametrize(("status", "profile"), [(200, "identical-payload-digest"), (304, "server-not-modified")])
def test_a_body_that_is_kept_already_is_a_revisit(tmp_path: Path, status: int, profile: str) -> None:
    path = tmp_path / "a.warc.gz"
    again = replace(PAGE, status=status, body=b"" if status == 304 else PAGE.body, fetched_at=NOW)
    with CaptureWriter(path, now=NOW) as writer:
        first = writer.write(PAGE)
        writer.write(again, same_as=Original(PAGE.final_url, first.digest, PAGE.fetched_at))
    with path.open("rb") as file:
        records = [
            (r.rec_type, r.rec_headers, r.http_headers, r.content_stream().read())
            for r in ArchiveIterator(file, check_digests="raise")
        ]
    assert [kind for kind, *_ in records] == ["warcinfo", "response", "request", "revisit", "request"]
    original, (_, fields, http, body) = records[1][1], records[3]
    assert body == b""
    assert http.get_statuscode() == str(status)
    assert fields.get_header("WARC-Profile").endswith(f"/revisit/{profile}")
    assert fields.get_header("WARC-Payload-Digest") == original.get_header("WARC-Payload-Digest")
    assert fields.get_header("WARC-Refers-To-Target-URI") == original.get_header("WARC-Target-URI")
    assert fields.get_header("WARC-Refers-To-Date") == original.get_header("WARC-Date")
    assert [page.body for page in read_archive(path) if isinstance(page, Captured)] == [PAGE.body]


def test_warcio_check_finds_nothing_to_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.warc.gz"
    write(path, PAGE, PAGE)

    class Command:
        inputs = (str(path),)
        verbose = False

    assert Checker(Command()).process_all() == 0
    assert capsys.readouterr().out == ""


def test_fastwarc_reads_it_and_finds_the_digests_right(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    with CaptureWriter(path, now=NOW) as writer:
        first = writer.write(PAGE)
        writer.write(PAGE, same_as=Original(PAGE.final_url, first.digest, PAGE.fetched_at))
    with path.open("rb") as file:
        records = []
        for record in FastIterator(file, parse_http=False):
            assert record.verify_block_digest()
            record.parse_http()
            records.append((record.record_type, record.headers.get("WARC-Target-URI"), record.reader.read()))
    kinds = [kind for kind, *_ in records]
    assert kinds == [
        WarcRecordType.warcinfo,
        WarcRecordType.response,
        WarcRecordType.request,
        WarcRecordType.revisit,
        WarcRecordType.request,
    ]
    assert records[1][1:] == (PAGE.final_url, PAGE.body)
    assert records[3][2] == b""


def test_the_same_responses_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "one" / "a.warc.gz", tmp_path / "two" / "a.warc.gz"
    for path in (first, second):
        path.parent.mkdir()
        write(path, PAGE)
    assert first.read_bytes() == second.read_bytes()


def test_a_file_has_its_name_only_when_it_is_whole_and_never_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    writer = CaptureWriter(path, now=NOW)
    assert list(tmp_path.iterdir()) == []
    writer.write(PAGE)
    assert [file.name for file in tmp_path.iterdir()] == ["a.warc.gz.open"]
    with pytest.raises(FileExistsError):
        CaptureWriter(path, now=NOW).write(PAGE)
    writer.close()
    writer.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.warc.gz", "a.warc.gz.cdxj"]
    with pytest.raises(FileExistsError):
        CaptureWriter(path, now=NOW).write(PAGE)


def test_a_response_without_a_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="time"):
        write(tmp_path / "a.warc.gz", Captured("https://a.example/", "https://a.example/", 200, (), b"", None))


def test_headers_cannot_smuggle_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    evil = Captured("https://a.example/", "https://a.example/", 200, (("X", "1\r\n\r\nEvil: 2"),), b"body", NOW)
    ((offset, _),) = write(path, evil)
    read = read_capture(path, offset)
    assert read.body == b"body"
    assert read.header("evil") is None


def test_a_place_without_a_response_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    ((offset, _length),) = write(path, PAGE)
    for place in (1, offset + 7, path.stat().st_size, 10**9):
        with pytest.raises(CaptureMissingError, match=r"a\.warc\.gz"):
            read_capture(path, place)


HEADER_NAMES = st.sampled_from(["Content-Type", "ETag", "X-Odd", "Content-Encoding", "Content-Length"])
HEADER_VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


@given(
    bodies=st.lists(st.binary(max_size=300), min_size=1, max_size=4),
    headers=st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES), max_size=4),
    status=st.integers(200, 599),
)
def test_every_body_and_header_survives(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes], headers: list[tuple[str, str]], status: int
) -> None:
    path = tmp_path_factory.mktemp("w") / "a.warc.gz"
    pages = [
        Captured(f"https://a.example/{n}", f"https://a.example/{n}", status, tuple(headers), body, NOW)
        for n, body in enumerate(bodies)
    ]
    for page, (offset, _) in zip(pages, write(path, *pages), strict=True):
        assert read_capture(path, offset) == page


def test_the_archive_reader_reads_it_too(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    write(
        path,
        PAGE,
        Captured("https://a.example/f", "https://a.example/f", 200, (("Content-Type", "image/png"),), b"x", NOW),
    )
    (page,) = read_archive(path)
    assert not isinstance(page, BadRecord)
    assert page.body == PAGE.body


def test_what_was_asked_for_as_a_feed_is_no_page_of_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    with CaptureWriter(path, now=NOW) as writer:
        ref = writer.write(replace(PAGE, purpose="feed"))
    assert list(read_archive(path)) == []
    assert read_capture(path, ref.offset).purpose == "feed"


def test_a_ready_text_that_was_kept_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    ready = replace(PAGE, headers=(("Content-Type", READY_TYPE),), body=b'{"text": "Words."}')
    write(path, ready, replace(ready, headers=(("Content-Type", "application/json"),)))
    (read,) = read_archive(path)
    assert isinstance(read, Captured)
    assert (read.body, read.header("content-type")) == (ready.body, READY_TYPE)
