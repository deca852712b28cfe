import gzip
from datetime import date
from pathlib import Path

from ingest.captures.read import read_archive
from ingest.captures.values import Captured
from samples import archive


def test_the_archive_is_what_the_capture_stage_writes_of_the_newsroom(tmp_path: Path) -> None:
    written = archive.write(tmp_path)
    kept = archive.FOLDER / archive.FILE
    # Compared unpacked: another zlib may pack the same records into other bytes.
    same = gzip.decompress(written.read_bytes()) == gzip.decompress(kept.read_bytes())
    assert same, "run `python -m samples.archive`"


def test_it_holds_the_month_in_order() -> None:
    pages = list(read_archive(archive.FOLDER / archive.FILE))
    assert len(pages) >= 50
    assert all(isinstance(page, Captured) for page in pages)
    times = [page.fetched_at for page in pages if isinstance(page, Captured) and page.fetched_at]
    assert times == sorted(times)
    assert {date(2026, 9, day) for day in (14, 15, 16)} <= {time.date() for time in times}
