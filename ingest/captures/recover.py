"""WARC files that a killed writer left: cut after their last whole record, and given their name."""

import os
import zlib
from pathlib import Path

_PIECE = 1 << 16
_OPEN = ".open"


def recover(path: Path) -> Path | None:
    """Put a file that still ends in `.open` under its own name, as far as it is whole; None if nothing is.

    Harmless when called again. Raises ValueError for a name that does not end so, FileExistsError where the own
    name is taken, and OSError where the disk refuses.
    """
    if not path.name.endswith(_OPEN):
        raise ValueError(f"{path} is no open WARC file: its name does not end in {_OPEN}")
    target = path.with_name(path.name.removesuffix(_OPEN))
    if target.exists():
        raise FileExistsError(f"{target} exists already, so {path.name} cannot take its name")
    size = whole_length(path)
    if size == 0:
        path.unlink()
        return None
    with path.open("r+b") as file:
        file.truncate(size)
        file.flush()
        os.fsync(file.fileno())
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
