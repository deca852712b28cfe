"""Appends to the log against bare inserts into DuckLake of the same rows: medians and their ratios, in one run.

    python -m benchmarks.log_append [--articles N]   # size of the big log, six events an article

Bulk: appends of 120,000 events with their texts, and `INSERT … FROM arrow` of the same rows and texts into two tables
of the log's own columns. Small: appends of 20 events to a log of ten thousand events and to a big one, and the bare
insert into a table beside it. Ours and bare take turns, so that what else the machine does weighs on both.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.log_data import batch, build
from schemas.envelope import Event, Origin
from schemas.facts import CaptureFailed
from warehouse import Log
from warehouse.log import to_table

NOW = datetime(2026, 9, 14, tzinfo=UTC)
BARE = "INSERT INTO bare SELECT * FROM rows"


def events(mark: str, count: int) -> list[Event]:
    return [
        Event.of_fact(
            CaptureFailed(url=f"https://{mark}.example/{n}", attempt=1, reason="timeout", message="No answer."),
            Origin(NOW, "bench", "bench/1"),
        )
        for n in range(count)
    ]


def in_turn(ours: Callable[[int], object], bare: Callable[[int], object], times: int) -> tuple[float, float]:
    """Median wall times of both in seconds; their argument counts up."""
    took: tuple[list[float], list[float]] = ([], [])
    for n in range(times):
        for run, seconds in zip((ours, bare), took, strict=True):
            start = time.perf_counter()
            run(n)
            seconds.append(time.perf_counter() - start)
    return statistics.median(took[0]), statistics.median(took[1])


def small(path: Path, times: int = 25) -> tuple[float, float]:
    """Seconds of an append of 20 events, and of the bare insert, on the log at `path`."""
    with Log.open(path) as log:
        con = log.reader()
        tables = [to_table(events(f"s{time.time_ns()}-{n}", 20)) for n in range(times + 2)]
        con.register("rows", tables[0].drop_columns(["texts"]))
        con.execute("CREATE OR REPLACE TABLE bare AS SELECT * FROM rows LIMIT 0")
        con.execute(BARE)
        log.append(tables[-1])
        seconds = in_turn(lambda n: log.append(tables[n]), lambda n: con.execute(BARE), times)
        con.execute("DROP TABLE bare")
    return seconds


def bulk(path: Path, articles: int = 20_000, times: int = 5) -> tuple[float, float, int]:
    """Seconds of one big append, of the bare insert, and the number of events."""
    tables = [batch(n * articles + 10_000_000, (n + 1) * articles + 10_000_000) for n in range(times + 1)]
    with Log.open(path) as log:
        con = log.reader()
        con.execute(
            "CREATE OR REPLACE TABLE bare AS SELECT * EXCLUDE (position, commit_id, recorded_at) FROM event_log LIMIT 0"
        )
        con.execute("CREATE OR REPLACE TABLE bare_texts (text VARCHAR)")

        def bare(n: int) -> None:
            con.register("rows", tables[n])
            con.execute("BEGIN")
            con.execute("INSERT INTO bare BY NAME SELECT * EXCLUDE (texts) FROM rows")
            con.execute("INSERT INTO bare_texts SELECT unnest(texts) FROM rows")
            con.execute("COMMIT")

        log.append(tables[-1])
        bare(-1)
        ours, theirs = in_turn(lambda n: log.append(tables[n]), bare, times)
        con.execute("DROP TABLE bare")
        con.execute("DROP TABLE bare_texts")
    return ours, theirs, articles * 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--folder", type=Path, default=None, help="Where the logs lie; kept when given.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        few, many = build(folder / "few", 1_700), build(folder / "many", chosen.articles)
        for path in (few, many):
            Log.open(path).append(events("warm", 1))  # the id index is made
        ours_few, bare_few = small(few)
        ours_many, bare_many = small(many)
        print(f"small append at 10k events:  {ours_few * 1000:6.1f} ms, bare {bare_few * 1000:6.1f} ms")
        size = f"{chosen.articles * 6 / 1e6:.1f}M"
        print(f"small append at {size} events: {ours_many * 1000:6.1f} ms, bare {bare_many * 1000:6.1f} ms")
        print(f"  to bare {ours_many / bare_many:.2f} (target 2.5), to itself at 10k {ours_many / ours_few:.2f} (1.25)")
        for name, path in (("10k", few), (size, many)):
            ours, bare, count = bulk(path)
            print(
                f"bulk append at {name} events: {count / ours:,.0f} events/s, bare {count / bare:,.0f};"
                f" ratio {bare / ours:.2f} (target 0.7)"
            )


if __name__ == "__main__":
    main()
