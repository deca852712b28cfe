"""The id index's sorted runs: whatever is put in, in whichever cuts, is found, and nothing else."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.index import uuid_keys
from warehouse.runs import WIDTHS, Columns, Run, ascending, find, keys_of, load, merged, to_merge, write

# Few different halves, so that keys share their upper half, their lower half, or both.
KEYS = st.binary(min_size=1, max_size=1).map(lambda b: b"\0" * 7 + b) | st.just(b"\xff" * 8)
IDS = st.lists(st.tuples(KEYS, KEYS).map(lambda halves: halves[0] + halves[1]), max_size=40)


def with_values(ids: list[bytes], start: int) -> dict[str, Columns]:
    """Sets whose ids have their number from `start` on as their values."""
    numbers = np.arange(start, start + len(ids), dtype=np.uint64)
    empty = np.zeros((2, 0), np.uint64)
    return {"ids": np.vstack([keys_of(ids).reshape(2, -1), numbers, numbers]), "texts": empty, "pages": empty}


@given(st.lists(IDS, min_size=1, max_size=6), IDS)
def test_what_was_put_in_is_found_and_nothing_else(parts: list[list[bytes]], asked: list[bytes]) -> None:
    first: dict[bytes, int] = {}
    runs, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for number, part in enumerate(parts):
            for n, key in enumerate(part):
                first.setdefault(key, count + n)
            sets = merged([with_values(part, count)])
            count += len(part)
            joined = to_merge([run.rows for run in runs] + [len(part)], largest=60)
            old = runs[len(runs) - joined :]
            sets = merged([run.sets for run in old] + [sets])
            runs = [*runs[: len(runs) - joined], write(Path(folder), f"{number}.run", sets)]
        runs = [load(Path(folder), run.name, run.counts) for run in runs]
        keys = keys_of(asked).reshape(2, -1)
        order = ascending(keys)
        there, values = find(runs, "ids", keys[:, order])
        for row, known in zip(order, there, strict=True):
            assert known == (asked[row] in first)
        # An id comes to the index once in the log's life; in these cuts it may come twice, and either may be told.
        once = {key for key in first if sum(key in part for part in parts) == 1}
        for column, row in enumerate(order):
            if asked[row] in once:
                assert values[0, column] == first[asked[row]]
        del runs


@given(st.lists(st.integers(1, 5000), max_size=200))
def test_the_number_of_runs_stays_small(sizes: list[int]) -> None:
    held: list[int] = []
    for size in sizes:
        joined = to_merge([*held, size])
        held = [*held[: len(held) - joined], size + sum(held[len(held) - joined :])]
    assert sum(held) == sum(sizes)
    assert len(held) <= 2 + np.log2(1 + sum(sizes))


def test_big_runs_are_left_alone() -> None:
    assert to_merge([900, 300, 200, 500], largest=1000) == 2
    assert to_merge([1000, 10]) == 0


@given(st.lists(st.uuids()), st.sampled_from([str, str.upper, lambda text: text.replace("-", "")]))
def test_ids_are_read_in_every_spelling(ids: list[UUID], spelled: Callable[[str], str]) -> None:
    column = pa.chunked_array([pa.array([spelled(str(i)) for i in ids], pa.string())])
    assert uuid_keys(duckdb.connect(), column).tolist() == keys_of([i.bytes for i in ids]).reshape(2, -1).tolist()


def test_what_is_no_id_is_refused() -> None:
    column = pa.chunked_array([["0f8fad5b-d9cb-469f-a165-70867728950z"]])
    with pytest.raises(duckdb.ConversionException):
        uuid_keys(duckdb.connect(), column)


def test_a_run_has_every_set() -> None:
    run = Run("r", merged([with_values([b"k" * 16], 3)]))
    assert list(run.sets) == list(WIDTHS)
    assert run.counts == [1, 0, 0]
