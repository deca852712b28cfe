"""WARC files that a killed writer left: cut after their last whole record, and given their name."""

import fcntl
import os
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from ingest.captures.index import cdxj_lines, write_index

_PIECE = 1 << 16
_OPEN = ".open"


def recover_left(captures: Path, now: datetime) -> list[Path]:
    """Recover what writers that are no more left in `captures` this month or the month before; what came of it.

    A file that a living writer holds is passed over, and so is one whose name is taken. Older months are not looked
    through: every run recovers what the runs before it left. Raises OSError where the disk refuses.
    """
    months = {f"{now:%Y/%m}", f"{now.replace(day=1) - timedelta(days=1):%Y/%m}"}
    return [saved for month in sorted(months) for saved in _recovered(captures / month)]


def _recovered(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob(f"*{_OPEN}")):
        try:
            saved = recover(path)
        except (BlockingIOError, FileNotFoundError, FileExistsError):
            continue  # a living writer's; done or recovered by another meanwhile; its name is taken
        if saved:
            yield saved


def recover(path: Path) -> Path | None:
    """Put a file that still ends in `.open` under its own name, as far as it is whole; None if nothing is.

    Harmless when called again. Raises ValueError for a name that does not end so, BlockingIOError where its writer is
    alive, FileExistsError where the own name is taken, and OSError where the disk refuses.
    """
    if not path.name.endswith(_OPEN):
        raise ValueError(f"{path} is no open WARC file: its name does not end in {_OPEN}")
    target = path.with_name(path.name.removesuffix(_OPEN))
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino != os.fstat(file.fileno()).st_ino:
            raise FileNotFoundError(f"{path} is another file by now")
        if target.exists():
            raise FileExistsError(f"{target} exists already, so {path.name} cannot take its name")
        size = whole_length(path)
        if size == 0:
            path.unlink()
            return None
        file.truncate(size)
        file.flush()
        os.fsync(file.fileno())
        write_index(target, cdxj_lines(path, name=target.name))
        path.rename(target)
    return target


def whole_length(path: Path) -> int:
    """How many bytes at the start of a file are whole gzip members, one record each."""
    whole = 0
    with path.open("rb") as file:
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        data = file.read(_PIECE)
        taken = len(data)
        while data:
            try:
                while data and not inflate.eof:
                    inflate.decompress(data, _PIECE)
                    data = inflate.unconsumed_tail
            except zlib.error:
                return whole
            if inflate.eof:
                data = inflate.unused_data
                whole = taken - len(data)
                inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
            if not data:
                data = file.read(_PIECE)
                taken += len(data)
    return whole
