"""A broken record costs itself; what lies before and behind it is read."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.captures.read import read_archive
from ingest.captures.values import BadRecord, Captured
from ingest.captures.warc import CaptureWriter

NOW = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
HTML = (("Content-Type", "text/html"),)


def record(url: str, body: bytes, *, kind: str = "response", length: int | None = None, head: bytes = b"") -> bytes:
    """A plain WARC record around an HTTP response."""
    head = head or b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body)
    block = head + body
    size = len(block) if length is None else length
    fields = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-09-14T10:00:00Z\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {size}\r\n\r\n"
    )
    return fields.encode() + block + b"\r\n\r\n"


def read(path: Path) -> tuple[list[bytes], list[str]]:
    items = list(read_archive(path))
    pages = [item.body for item in items if isinstance(item, Captured)]
    return pages, [item.reason for item in items if isinstance(item, BadRecord)]


def stored(folder: Path, content: bytes, name: str = "a.warc") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


ONE, TWO, THREE = (record(f"https://a.example/{n}", b"<p>%d</p>" % n) for n in (1, 2, 3))
ALL = [b"<p>1</p>", b"<p>2</p>", b"<p>3</p>"]


def test_plain_records_members_and_one_great_member(tmp_path: Path) -> None:
    assert read(stored(tmp_path, ONE + TWO + THREE)) == (ALL, [])
    members = b"".join(map(gzip.compress, (ONE, TWO, THREE)))
    assert read(stored(tmp_path, members, "b.warc.gz")) == (ALL, [])
    assert read(stored(tmp_path, gzip.compress(ONE + TWO + THREE), "c.warc.gz")) == (ALL, [])


def test_a_damaged_member_costs_itself(tmp_path: Path) -> None:
    first, second, third = map(gzip.compress, (ONE, TWO, THREE))
    damaged = second[:20] + bytes(byte ^ 0x55 for byte in second[20:-8]) + second[-8:]
    pages, reasons = read(stored(tmp_path, first + damaged + third, "a.warc.gz"))
    assert pages == [ALL[0], ALL[2]]
    assert len(reasons) == 1
    assert "damaged" in reasons[0]


def test_a_torn_last_record_is_told(tmp_path: Path) -> None:
    first, second, third = map(gzip.compress, (ONE, TWO, THREE))
    pages, reasons = read(stored(tmp_path, first + second + third[:-30], "a.warc.gz"))
    assert pages == ALL[:2]
    assert reasons == ["the file ends in the middle of a gzip member"]
    pages, reasons = read(stored(tmp_path, ONE + TWO + THREE[:-20]))
    assert pages == ALL[:2]
    assert len(reasons) == 1


def test_members_that_end_within_records_are_read_as_one(tmp_path: Path) -> None:
    """As block compressors write them."""
    whole = ONE + TWO + THREE
    blocks = b"".join(gzip.compress(whole[start : start + 150]) for start in range(0, len(whole), 150))
    assert read(stored(tmp_path, blocks, "a.warc.gz")) == (ALL, [])
    pages, reasons = read(stored(tmp_path, blocks[:-40], "b.warc.gz"))
    assert pages[:2] == ALL[:2]
    assert reasons


def test_garbage_between_plain_records_is_skipped(tmp_path: Path) -> None:
    pages, reasons = read(stored(tmp_path, ONE + b"what is this\r\n" * 3 + TWO + THREE))
    assert pages == ALL
    assert len(reasons) == 1


def test_a_length_that_lies_costs_that_record(tmp_path: Path) -> None:
    short = record("https://a.example/2", b"<p>2</p>", length=40)
    pages, reasons = read(stored(tmp_path, ONE + short + THREE))
    assert pages[0] == ALL[0]
    assert pages[-1] == ALL[2]
    assert reasons
    long = record("https://a.example/2", b"<p>2</p>", length=10**9)
    pages, reasons = read(stored(tmp_path, ONE + long + THREE))
    assert pages[0] == ALL[0]
    assert reasons


def test_other_kinds_types_and_statuses_are_passed_over(tmp_path: Path) -> None:
    others = [
        record("https://a.example/i", b"x", head=b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"),
        record("https://a.example/m", b"x", head=b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n"),
        record("dns:a.example", b"x"),
        record("https://a.example/q", b"", kind="request", head=b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"),
        record("https://a.example/r", b"", kind="metadata", head=b"a: b\r\n"),
    ]
    assert read(stored(tmp_path, b"".join(others) + ONE)) == (ALL[:1], [])


def test_codings_of_the_wire_are_undone(tmp_path: Path) -> None:
    page = b"<p>coded</p>" * 20
    packed = gzip.compress(page)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert read(stored(tmp_path, record("https://a.example/c", chunked, head=head))) == ([page], [])


def test_a_bomb_in_an_archive_is_not_unpacked(tmp_path: Path) -> None:
    bomb = gzip.compress(b"\0" * 100_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
    pages, reasons = read(stored(tmp_path, record("https://a.example/b", bomb, head=head) + ONE))
    assert pages == ALL[:1]
    assert len(reasons) == 1
    assert "larger" in reasons[0]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"hello", b"\x1f\x8b\x08", b"\x1f\x8b\x08\x00" + b"\xff" * 50, b"WARC/1.0\r\n", b"\0" * 5000],
)
def test_what_is_no_archive_raises_nothing(tmp_path: Path, content: bytes) -> None:
    pages, _ = read(stored(tmp_path, content))
    assert pages == []


def test_words_of_the_library_stay_out_of_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read(stored(tmp_path, ONE + b"junk\r\n" + TWO[:50]))
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


@settings(max_examples=60, deadline=None)
@given(data=st.data(), packed=st.booleans())
def test_any_damage_leaves_the_rest(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, packed: bool
) -> None:
    """Bytes are changed in the second of three records; the first is always read, and nothing ever raises."""
    folder = tmp_path_factory.mktemp("d")
    with CaptureWriter(folder / "x.warc.gz", now=NOW) as writer:
        refs = [
            writer.write(Captured(f"https://a.example/{n}", f"https://a.example/{n}", 200, HTML, body, NOW))
            for n, body in enumerate(ALL)
        ]
    content = bytearray((folder / "x.warc.gz").read_bytes() if packed else ONE + TWO + THREE)
    start, end = (refs[1].offset, refs[1].offset + refs[1].length) if packed else (len(ONE), len(ONE + TWO))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(start, end - 1))] = data.draw(st.integers(0, 255))
    pages, _ = read(stored(folder, bytes(content), "y.warc"))
    assert pages[0] == ALL[0]
    if packed:
        assert pages[-1] == ALL[2]
