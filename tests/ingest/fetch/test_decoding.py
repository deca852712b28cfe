"""Content codings are undone exactly, in any cut of the wire, and never beyond the bound."""

import gzip
import time
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetch.decoding import ACCEPT_ENCODING, BadCodingError, Decoder, TooLargeError

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "deflate": zlib.compress,
    "br": lambda data: bytes(brotli.compress(data, quality=5)),
    "zstd": zstd.compress,
}


def decoded(data: bytes, codings: list[str], limit: int = 1_000_000, step: int = 1 << 16) -> bytes:
    decoder = Decoder(codings, limit)
    for start in range(0, len(data), step):
        decoder.feed(data[start : start + step])
    return decoder.finish()


@given(st.binary(max_size=3000), st.lists(st.sampled_from(sorted(PACK)), max_size=3), st.integers(1, 700))
def test_what_was_packed_comes_back_in_whatever_pieces_it_arrives(data: bytes, codings: list[str], step: int) -> None:
    packed = data
    for coding in codings:
        packed = PACK[coding](packed)
    assert decoded(packed, codings, step=step) == data


@given(st.binary(max_size=500), st.sampled_from(sorted(PACK)))
def test_any_bytes_end_in_a_body_or_in_one_of_two_errors(data: bytes, coding: str) -> None:
    try:
        decoded(data, [coding])
    except (BadCodingError, TooLargeError):
        pass


@pytest.mark.parametrize("coding", sorted(PACK))
def test_a_body_that_ends_early_is_told(coding: str) -> None:
    packed = PACK[coding](bytes(range(256)) * 40)
    with pytest.raises(BadCodingError, match="too early"):
        decoded(packed[:-5], [coding])


def test_gzip_members_in_a_row_are_one_body_and_padding_is_passed_over() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 30
    assert decoded(packed, ["gzip"]) == b"one two"
    assert decoded(packed, ["gzip"], step=1) == b"one two"


def test_an_endless_row_of_empty_members_ends() -> None:
    with pytest.raises(BadCodingError, match="members"):
        decoded(gzip.compress(b"") * 5000, ["gzip"])


def test_raw_deflate_is_taken_for_deflate() -> None:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    assert decoded(packer.compress(b"text") + packer.flush(), ["deflate"]) == b"text"


def test_nothing_is_nothing_in_every_coding() -> None:
    for coding in PACK:
        assert decoded(b"", [coding]) == b""


@pytest.mark.parametrize("codings", [["compress"], ["gzip"] * 4])
def test_unknown_and_piled_up_codings_are_refused(codings: list[str]) -> None:
    with pytest.raises(BadCodingError):
        Decoder(codings, 1000)


def test_cutting_keeps_the_first_bytes_only() -> None:
    decoder = Decoder(["gzip"], 100, cut=True)
    decoder.feed(gzip.compress(b"ab" * 100_000))
    assert decoder.full
    assert decoder.finish() == b"ab" * 50


@pytest.mark.parametrize(
    "codings", [["gzip"], ["deflate"], ["br"], ["zstd"], ["gzip", "gzip"], ["gzip", "gzip", "gzip"], ["br", "gzip"]]
)
def test_bombs_cost_what_the_bound_allows(codings: list[str]) -> None:
    bomb = b"\0" * 60_000_000
    for coding in codings:
        bomb = PACK[coding](bomb)
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(TooLargeError):
        decoded(bomb, codings, limit=10_000_000)
    seconds = time.process_time() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64_000_000
    assert seconds < 2


def test_what_is_offered_can_be_undone() -> None:
    for coding in ACCEPT_ENCODING.split(", "):
        Decoder([coding], 10)
