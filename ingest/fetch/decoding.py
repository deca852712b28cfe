"""Content codings (RFC 9110, section 8.4.1), undone within a bound: a bomb costs what the bound allows, never more."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import brotli
from backports import zstd  # in the standard library from Python 3.14

_PIECE = 65_536
_MAX_MEMBERS = 1_000
_MAX_CODINGS = 3


class BadCodingError(Exception):
    """The body is not in the coding that its headers name; the message says how."""


class TooLargeError(Exception):
    """The decoded body is larger than the bound."""


class Decoder:
    """Feed it the body as it comes off the wire; `finish` gives the decoded whole.

    `codings` are in the order in which the server applied them, as Content-Encoding lists them. Raises
    BadCodingError and TooLargeError as soon as either is known. With `cut`, what exceeds the bound is left off.
    """

    def __init__(self, codings: Sequence[str], max_bytes: int, *, cut: bool = False) -> None:
        names = [name for name in (coding.strip().lower() for coding in codings) if name not in ("", "identity")]
        unknown = next((name for name in names if name not in _STEPS), None)
        if unknown:
            raise BadCodingError(f"the content coding {unknown[:40]!r} is not supported")
        if len(names) > _MAX_CODINGS:
            raise BadCodingError(f"the body is coded {len(names)} times over")
        self._steps = [_STEPS[name]() for name in reversed(names)]
        self._max_bytes = max_bytes
        self._cut = cut
        self.full = False
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        self._through(data, 0)

    def finish(self) -> bytes:
        """The decoded body. Raises BadCodingError where it ends too early."""
        if self._size == 0 and not any(step.started for step in self._steps):
            return b""  # an empty body is empty in every coding
        if not self.full and not all(step.complete for step in self._steps):
            raise BadCodingError("the coded body ends too early")
        return b"".join(self._pieces)

    def _through(self, data: bytes, number: int) -> None:
        if number == len(self._steps):
            self._size += len(data)
            if self._size > self._max_bytes and self._cut:
                self.full = True
                data = data[: max(0, len(data) - (self._size - self._max_bytes))]
            elif self._size > self._max_bytes:
                raise TooLargeError(f"the body is larger than {self._max_bytes:,} bytes")
            self._pieces.append(data)
            return
        try:
            for piece in self._steps[number].decode(data):
                self._through(piece, number + 1)
                if self.full:
                    return
        except (zlib.error, brotli.error, EOFError, ValueError, zstd.ZstdError) as error:
            raise BadCodingError(f"the body is not in the coding that it claims ({error})") from None


class _Step:
    """One coding: bytes in, decoded pieces of at most 64 KiB out."""

    started = False
    complete = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        raise NotImplementedError


class _Zlib(_Step):
    """gzip with all its members, and deflate with or without the zlib wrapper that it ought to have."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._inflate: Any = None
        self._members = 0

    def decode(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inflate is None:
                if self.started and self._gzip and data[:1] != b"\x1f":
                    return  # padding after the last member, which every client ignores
                self._members += 1
                if self._members > _MAX_MEMBERS:
                    raise BadCodingError(f"the body has more than {_MAX_MEMBERS} gzip members")
                self._inflate = zlib.decompressobj(self._window(data))
                self.started, self.complete = True, False
            piece = self._inflate.decompress(data, _PIECE)
            data = self._inflate.unconsumed_tail
            if piece:
                yield piece
            if self._inflate.eof:
                data, self.complete = self._inflate.unused_data, True
                if not self._gzip:
                    return
                self._inflate = None

    def _window(self, data: bytes) -> int:
        if self._gzip:
            return 16 + zlib.MAX_WBITS
        return zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS


class _Brotli(_Step):
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def decode(self, data: bytes) -> Iterator[bytes]:
        if self.complete:
            return
        self.started = True
        piece = self._decompressor.process(data, output_buffer_limit=_PIECE)
        while piece or not self._decompressor.can_accept_more_data():
            if piece:
                yield piece
            piece = self._decompressor.process(b"", output_buffer_limit=_PIECE)
        self.complete = self._decompressor.is_finished()


class _Zstd(_Step):
    """Zstandard (RFC 8878). RFC 9659 bounds the window on the web to 8 MB, which bounds memory as well."""

    def __init__(self) -> None:
        self._options = {int(zstd.DecompressionParameter.window_log_max): 23}
        self._decompressor: Any = None
        self._members = 0

    def decode(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._decompressor is None:
                self._members += 1
                if self._members > _MAX_MEMBERS:
                    raise BadCodingError(f"the body has more than {_MAX_MEMBERS} zstd frames")
                self._decompressor = zstd.ZstdDecompressor(options=self._options)
                self.started, self.complete = True, False
            piece = self._decompressor.decompress(data, _PIECE)
            while piece or not (self._decompressor.needs_input or self._decompressor.eof):
                yield piece
                if self._decompressor.eof:
                    break
                piece = self._decompressor.decompress(b"", _PIECE)
            data = b""
            if self._decompressor.eof:
                data, self.complete, self._decompressor = self._decompressor.unused_data, True, None


_STEPS: dict[str, Callable[[], _Step]] = {
    "gzip": lambda: _Zlib(gzip=True),
    "x-gzip": lambda: _Zlib(gzip=True),
    "deflate": lambda: _Zlib(gzip=False),
    "br": _Brotli,
    "zstd": _Zstd,
}

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
