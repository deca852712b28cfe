"""Guarantees 1 to 3, 6 and 9 under faults: a seeded simulation of the real pipeline, and proof that it can find faults.

The fast seeds run with every `make test`; `make test-simulation` plays a thousand.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import filelock
import pytest

import ingest.spool
from ingest.spool import Spool
from tests.simulation.simulate import SEEDS_PER_WORLD, Outcome, simulate
from tests.simulation.stage import Fault, Point
from warehouse.index import IdIndex

WORLDS = 25


def told(outcome: Outcome) -> str:
    """What a failing seed prints: what is off, and the command that plays it again with all its steps."""
    lines = [*map(str, outcome.faults), *outcome.problems, f"again: python -m tests.simulation --seed {outcome.seed}"]
    return "\n".join([f"seed {outcome.seed}", *lines])


@pytest.mark.parametrize("seed", range(8))
def test_g2_whatever_befalls_it_the_log_is_that_of_an_undisturbed_run(seed: int) -> None:
    outcome = simulate(seed)
    assert not outcome.problems, told(outcome)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("world", range(WORLDS))
def test_g2_a_thousand_seeds(world: int) -> None:
    outcomes = [simulate(seed) for seed in range(world * SEEDS_PER_WORLD, (world + 1) * SEEDS_PER_WORLD)]
    off = [told(outcome) for outcome in outcomes if outcome.problems]
    assert not off, "\n\n".join(off)
    drawn, fired = sum(len(o.faults) for o in outcomes), sum(len(o.fired) for o in outcomes)
    assert fired > drawn * 0.7, f"only {fired} of {drawn} faults struck"


@pytest.mark.slow
def test_a_seed_plays_the_same_way_again() -> None:
    first, second = simulate(7), simulate(7)
    assert first.fired
    assert first.trace == second.trace


# --- a program that breaks its promises is found out ---


@contextmanager
def doubles_are_appended() -> Iterator[None]:
    held = IdIndex.held
    with patch.object(IdIndex, "held", lambda index, keys: tuple(part & False for part in held(index, keys))):
        yield


@contextmanager
def index_is_believed_however_far_behind() -> Iterator[None]:
    def behind(index: IdIndex, *_: object) -> None:
        index.seen([UUID(int=0)])  # looks at what it holds, and no further

    with patch.object(IdIndex, "catch_up", behind):
        yield


@contextmanager
def spool_is_cleared_before_the_append() -> Iterator[None]:
    read, done = Spool.read, Spool.done

    def read_and_clear(spool: Spool, name: str) -> Any:
        table = read(spool, name)
        done(spool, name)
        return table

    with patch.object(Spool, "read", read_and_clear), patch.object(Spool, "done", lambda *_: None):
        yield


@contextmanager
def spool_files_are_written_in_place() -> Iterator[None]:
    def publish(file: Path, content: bytes) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    with patch.object(ingest.spool, "_publish", publish):
        yield


@contextmanager
def nobody_locks() -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(patch.object(filelock.BaseFileLock, "acquire", lambda *_, **__: None))
        yield


def checkpoint_stays(sql: str) -> list[str]:
    return [] if sql.startswith("UPDATE proj.checkpoint") else [sql]


def batch_in_two_commits(sql: str) -> list[str]:
    return [sql, "COMMIT", "BEGIN"] if sql.startswith("INSERT INTO event_log") else [sql]


THIRD = 3
"""The list of publishers is appended and caught up before the first batch is."""


def kill(step: str, deed: str, when: Any, nth: int = 1) -> Fault:
    return Fault(Point(step, deed, when), nth=nth)


@pytest.mark.parametrize(
    ("seed", "sabotage", "rewrite", "faults", "found"),
    [
        (0, doubles_are_appended, None, [kill("append", "SQL COMMIT", "after", THIRD)], "stands 2 times"),
        (
            0,
            index_is_believed_however_far_behind,
            None,
            [kill("append", "SQL COMMIT", "after", THIRD)],
            "stands 2 times",
        ),
        (
            0,
            spool_is_cleared_before_the_append,
            None,
            [kill("append", "SQL BEGIN", "before", THIRD)],
            "lost on the way",
        ),
        (0, spool_files_are_written_in_place, None, [kill("read", "write spool/read", "during")], "Arrow"),
        (5, nobody_locks, None, [], "Failed to commit"),
        (0, nullcontext, checkpoint_stays, [], "the log ends at"),
        (0, nullcontext, batch_in_two_commits, [kill("append", "SQL COMMIT", "after", THIRD)], "text that is not"),
    ],
)
def test_a_sabotaged_program_is_found_out(
    seed: int,
    sabotage: Callable[[], AbstractContextManager[object]],
    rewrite: Callable[[str], list[str]] | None,
    faults: list[Fault],
    found: str,
) -> None:
    """Where nothing is struck, how the runs interleave decides: of a few seeds, one must find it."""
    seeds = range(seed, seed + (1 if faults else 8))
    outcomes = (simulate(n, faults=faults, sabotage=sabotage, rewrite=rewrite or (lambda sql: [sql])) for n in seeds)
    for outcome in outcomes:
        assert len(outcome.fired) == len(faults)
        if any(found in problem for problem in outcome.problems):
            return
    pytest.fail(f"no seed of {seeds} found it")
