"""Blanking a record of a WARC file in place: the words go, every other record keeps its offset.

The record's gzip member is replaced by members of the same length that hold nothing. Padding lies in the header's extra
field (RFC 1952, section 2.3.1.1), which every reader skips.
"""

import os
from pathlib import Path

from warehouse.errors import LogError

_HEAD = b"\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff"
_EMPTY = b"\x03\x00" + bytes(8)
"""An empty deflate block, and the checksum and length of nothing."""
_LEAST = len(_HEAD) + 2 + len(_EMPTY)
_MOST = _LEAST + 0xFFFF


def blank_record(file: Path, offset: int, length: int) -> None:
    """Replace the `length` bytes at `offset` by empty gzip members; the new file takes the old one's place at once.

    Blanking again changes nothing; a file that is not there needs none. Raises LogError for a range outside the file.
    """
    if not file.exists():
        return
    content = bytearray(file.read_bytes())
    if length < _LEAST or offset + length > len(content):
        raise LogError(f"{file.name} has no record of {length} bytes at {offset}: run `courant log verify`")
    content[offset : offset + length] = empty_members(length)
    part = file.with_name(f"{file.name}.part")
    with part.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def is_blank(file: Path, offset: int, length: int) -> bool:
    """Whether nothing is to be read at that place: blanked, or the file is not there."""
    try:
        with file.open("rb") as content:
            content.seek(offset)
            return content.read(length) == empty_members(length)
    except FileNotFoundError:
        return True


def empty_members(length: int) -> bytes:
    """Gzip members without content, `length` bytes in all (at least 22)."""
    out = bytearray()
    while length:
        size = min(length, _MOST)
        if 0 < length - size < _LEAST:
            size -= _LEAST
        padding = size - _LEAST
        out += _HEAD + padding.to_bytes(2, "little") + bytes(padding) + _EMPTY
        length -= size
    return bytes(out)
