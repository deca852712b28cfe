"""Guarantee 5: followers see every event once, in whole commits, and keep their place with their result."""

import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.sample_events import call_article, failed, polled
from warehouse import Log
from warehouse.errors import FollowerError
from warehouse.follow import Follower


def pages(*numbers: int) -> list:
    return [failed(f"https://a.example/{n}", 1) for n in numbers]


def positions(table: object) -> list[int]:
    return table["position"].to_pylist()  # type: ignore[index]


def read_all(log: Log, name: str, limit: int, **how: object) -> list[list[int]]:
    seen = []
    while True:
        with log.follow(name, **how).batch(limit) as (_, events):  # type: ignore[arg-type]
            if events.num_rows == 0:
                return seen
            seen.append(positions(events))


def killed(follower: Follower, result: str) -> None:
    """Write the result, and end before the batch does."""
    try:
        with follower.batch() as (con, events):
            assert events.num_rows
            con.execute(result)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass


def test_g5_whole_commits_of_about_the_limit(log: Log, tmp_path: Path) -> None:
    for commit in ((1, 2), (3, 4, 5, 6), (7,), (8,)):
        log.append(pages(*commit))
    assert read_all(log, "a", 3, into=tmp_path / "a.duckdb") == [[1, 2], [3, 4, 5, 6], [7, 8]]
    assert read_all(log, "b", 100, into=tmp_path / "a.duckdb") == [[1, 2, 3, 4, 5, 6, 7, 8]]
    assert read_all(log, "c", 100, after=6, into=tmp_path / "a.duckdb") == [[7, 8]]
    assert read_all(log, "a", 3, into=tmp_path / "a.duckdb") == []
    log.append(pages(9))
    assert read_all(log, "a", 3, into=tmp_path / "a.duckdb") == [[9]]


def test_g5_the_checkpoint_commits_with_the_result_or_not_at_all(log: Log, tmp_path: Path) -> None:
    log.append(pages(1, 2, 3))
    file = tmp_path / "own.duckdb"
    follower = log.follow("count", into=file)
    killed(follower, "CREATE TABLE seen AS SELECT position FROM events")
    with follower.batch() as (con, events):
        con.execute("CREATE TABLE seen AS SELECT position FROM events")
    with follower.batch() as (_, events):
        assert events.num_rows == 0
    assert follower.position() == 3
    with duckdb.connect(str(file), read_only=True) as con:
        assert con.execute("SELECT position FROM seen ORDER BY 1").fetchall() == [(1,), (2,), (3,)]


def test_g5_a_result_in_the_log_itself(log: Log) -> None:
    log.append(pages(1, 2, 3))
    follower = log.follow("urls")
    with follower.batch() as (con, events):
        con.execute("CREATE TABLE proj.urls AS SELECT DISTINCT stream FROM events")
    log.append(pages(4))
    killed(follower, "INSERT INTO proj.urls SELECT stream FROM events")
    assert follower.position() == 3
    with follower.batch() as (con, events):
        con.execute("INSERT INTO proj.urls SELECT stream FROM events")
        assert positions(events) == [4]
    assert log.query("SELECT count(*) FROM proj.urls") == [(4,)]
    assert follower.position() == 4


def test_g5_types_and_stream_prefix_select(log: Log, tmp_path: Path) -> None:
    log.append([*call_article("https://a.example/call"), polled("a", "2026-09-14T12:00Z"), *pages(1)])
    file = tmp_path / "own.duckdb"
    assert read_all(log, "calls", 10, types=["call_held", "feed_polled"], into=file) == [[4, 6]]
    assert read_all(log, "pages", 10, stream_prefix="page:https://a.example/1", into=file) == [[7]]
    log.append(pages(2))
    follower = log.follow("calls", types=["call_held"], into=file)
    with follower.batch() as (_, events):
        assert events.num_rows == 0
    assert follower.position() == 8  # also where nothing was selected, so that it is not read again


def test_an_unknown_type_is_refused(log: Log) -> None:
    with pytest.raises(FollowerError, match="no event type is called call_hold"):
        log.follow("x", types=["call_hold"])


def test_g5_a_checkpoint_of_another_log_or_of_a_lost_state_is_refused(
    new_log: Callable[..., Path], tmp_path: Path
) -> None:
    file = tmp_path / "own.duckdb"
    with Log.open(new_log("one")) as one, Log.create(tmp_path / "other") as other, Log.open(new_log("old")) as old:
        one.append(pages(1, 2, 3))
        other.append(pages(1))
        old.append(pages(5))
        read_all(one, "f", 10, into=file)
        with pytest.raises(FollowerError, match="belongs to another log"):
            read_all(other, "f", 10, into=file)
        with pytest.raises(FollowerError, match="no longer holds"):
            read_all(old, "f", 10, into=file)


@pytest.mark.slow
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 7), min_size=1, max_size=5), st.integers(1, 12))
def test_g5_nothing_is_skipped_or_repeated(
    new_log: Callable[..., Path], tmp_path: Path, commits: list[int], limit: int
) -> None:
    place = tmp_path / f"{hash((tuple(commits), limit))}"
    with Log.open(new_log(str(place))) as log:
        start, edges = 0, set()
        for size in commits:
            log.append(pages(*range(start, start + size)))
            start += size
            edges.add(start)
        batches = read_all(log, "f", limit, into=place / "own.duckdb")
    assert [p for batch in batches for p in batch] == list(range(1, start + 1))
    assert all(batch[-1] in edges for batch in batches)


def test_g5_with_a_writer_running(path: Path, tmp_path: Path) -> None:
    def write() -> None:
        with Log.open(path) as writer:
            for n in range(8):
                writer.append(pages(*range(n * 5, n * 5 + 5)))

    writing = threading.Thread(target=write)
    writing.start()
    seen: list[int] = []
    with Log.open(path) as log:
        while len(seen) < 40:
            with log.follow("live", into=tmp_path / "own.duckdb").batch(7) as (_, events):
                seen += positions(events)
    writing.join()
    assert seen == list(range(1, 41))
