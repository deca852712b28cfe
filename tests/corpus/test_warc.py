"""Sixteen archives of warcio's own tests, most broken in one way each: nothing is fatal, what is whole is read."""

from pathlib import Path

import pytest

from ingest.captures.read import read_archive
from ingest.captures.values import BadRecord, Captured

ROOT = Path(__file__).parents[2]
ARCHIVES = ROOT.parent / "shared" / "corpus" / "warc"
pytestmark = pytest.mark.skipif(not ARCHIVES.is_dir(), reason=f"the archives are not at {ARCHIVES}")

# Pages and bad records of each.
EXPECTED = {
    "bad.arc": (0, 1),  # lengths of -1 and abc
    "example-bad-non-chunked.warc.gz": (1, 0),  # all records in one gzip member
    "example-bad.warc.gz.bad": (1, 0),  # all records in one gzip member
    "example-digest.warc": (0, 0),  # a request and a revisit
    "example-iana.org-chunked.warc": (1, 0),  # Transfer-Encoding: chunked
    "example-resource.warc.gz": (1, 0),  # a resource record, without HTTP headers
    "example-space-in-target-uri.warc.gz": (0, 0),  # a file: address
    "example-space-in-url.arc": (0, 1),  # a body shorter than its length
    "example-trunc.warc": (1, 1),  # ends in the middle of a record
    "example-wget-bad-target-uri.warc.gz": (1, 0),  # an address in angle brackets
    "example-wrong-chunks.warc.gz": (1, 0),  # a record over two gzip members
    "example.arc": (1, 0),
    "example.arc.gz": (1, 0),
    "example.warc": (1, 0),
    "example.warc.gz": (1, 0),
    "post-test.warc.gz": (0, 0),  # answers in JSON
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_archive_gives_its_pages_and_its_bad_records(name: str) -> None:
    items = list(read_archive(ARCHIVES / name))
    pages = [item for item in items if isinstance(item, Captured)]
    bad = [item for item in items if isinstance(item, BadRecord)]
    assert (len(pages), len(bad)) == EXPECTED[name], items
    for page in pages:
        assert page.body.lower().startswith(b"<!doctype html")
        assert page.body.rstrip().endswith(b"</html>")
        assert page.fetched_at is not None
    assert all(record.reason and record.source == name and record.position is not None for record in bad)


def test_no_archive_is_left_out() -> None:
    assert {path.name for path in ARCHIVES.iterdir()} == set(EXPECTED)
