"""Sets of 128-bit keys on disk, as sorted runs: a small log-structured merge tree (O'Neil et al., 1996).

Each change writes one file with the new keys, sorted. Files of like size are merged, so that their number grows with
the logarithm of the keys'. A lookup is a binary search in each. A file, once written, is never changed; the caller's
manifest says which of them count. Keys are spread evenly (they are digests), so that their order says nothing of their
age, and a tree of pages (SQLite's) would touch a page for every key of a big batch.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Columns = NDArray[np.uint64]
"""Shape (columns, rows). Row 0 holds the keys' upper halves, ascending; row 1 the lower halves; then values."""

WIDTHS: Mapping[str, int] = {"ids": 4, "texts": 2, "pages": 2}
"""The sets that a run holds, and how many columns each has. `ids` carry a position and a digest of what was said."""

LARGEST = 4_000_000
"""Rows up to which runs are merged: bounds how long one append may be busy with it (about a second)."""


@dataclass(frozen=True, slots=True)
class Run:
    """One file: the sets of `WIDTHS` one after the other."""

    name: str
    sets: Mapping[str, Columns]

    @property
    def rows(self) -> int:
        return sum(columns.shape[1] for columns in self.sets.values())

    @property
    def counts(self) -> list[int]:
        return [self.sets[name].shape[1] for name in WIDTHS]


def keys_of(column: Sequence[bytes] | NDArray[np.uint8]) -> Columns:
    """16-byte values as keys, shape (2, rows), in the order given."""
    data = column if isinstance(column, np.ndarray) else np.frombuffer(b"".join(column), np.uint8)
    return np.ascontiguousarray(data.view(">u8").reshape(-1, 2).T.astype(np.uint64))


def ascending(columns: Columns) -> NDArray[np.intp]:
    """The order that sorts columns by key; equal keys keep theirs."""
    order = np.argsort(columns[0], kind="stable")
    high, low = columns[0][order], columns[1][order]
    # Two digests that share 64 bits and no more: one chance in 400,000 at ten million keys, and then it must be right.
    if np.any((high[1:] == high[:-1]) & (low[1:] != low[:-1])):
        return np.lexsort((columns[1], columns[0]))
    return order


def repeats(columns: Columns) -> NDArray[np.bool_]:
    """Of sorted columns: whether a row has the key of the one before it."""
    same = np.zeros(columns.shape[1], np.bool_)
    same[1:] = (columns[0][1:] == columns[0][:-1]) & (columns[1][1:] == columns[1][:-1])
    return same


def find(runs: Sequence[Run], name: str, keys: Columns) -> tuple[NDArray[np.bool_], Columns]:
    """Which of the sorted `keys` are in the set `name`, and the values of those, shape (columns - 2, rows)."""
    there = np.zeros(keys.shape[1], np.bool_)
    values = np.zeros((WIDTHS[name] - 2, keys.shape[1]), np.uint64)
    for run in runs:
        columns = run.sets[name]
        size = columns.shape[1]
        if not size:
            continue
        at = np.searchsorted(columns[0], keys[0])
        open_ = np.arange(keys.shape[1])
        while len(open_):
            open_ = open_[at[open_] < size]
            open_ = open_[columns[0][at[open_]] == keys[0][open_]]
            hit = open_[columns[1][at[open_]] == keys[1][open_]]
            there[hit] = True
            values[:, hit] = columns[2:, at[hit]]
            open_ = np.setdiff1d(open_, hit, assume_unique=True)
            at[open_] += 1
    return there, values


def write(folder: Path, name: str, sets: Mapping[str, Columns]) -> Run:
    """Write a run and make sure that it is on the disk, before any manifest names it."""
    path = folder / name
    with path.open("wb") as file:
        for columns in sets.values():
            columns.tofile(file)
        file.flush()
        os.fsync(file.fileno())
    return Run(name, sets)


def load(folder: Path, name: str, counts: Sequence[int]) -> Run:
    """Map a run that a manifest names into memory. Raises ValueError where the file is not of that size, OSError."""
    path = folder / name
    expected = sum(count * width for count, width in zip(counts, WIDTHS.values(), strict=True))
    if path.stat().st_size != expected * 8:
        raise ValueError(f"{path} is cut short")
    data = np.memmap(path, np.uint64, "r") if expected else np.zeros(0, np.uint64)
    return Run(name, dict(_cut(data, counts)))


def _cut(data: Columns, counts: Sequence[int]) -> Iterator[tuple[str, Columns]]:
    start = 0
    for (name, width), count in zip(WIDTHS.items(), counts, strict=True):
        yield name, data[start : start + width * count].reshape(width, count)
        start += width * count


def to_merge(sizes: Sequence[int], *, largest: int = LARGEST) -> int:
    """How many of the last runs become one with a new run, whose size is the last of `sizes` (oldest first)."""
    taken, total = 0, sizes[-1]
    for size in reversed(sizes[:-1]):
        if size > total or size + total > largest:
            break
        taken, total = taken + 1, total + size
    return taken


def merged(parts: Sequence[Mapping[str, Columns]]) -> dict[str, Columns]:
    """Several runs' sets as one. A key that is in two of them keeps the values of the first."""
    out = {}
    for name in WIDTHS:
        columns = parts[0][name] if len(parts) == 1 else np.concatenate([part[name] for part in parts], axis=1)
        order = ascending(columns)
        columns = np.take(columns, order, axis=1)
        again = repeats(columns)
        out[name] = columns[:, ~again] if again.any() else columns
    return out
