"""Appends to the log against bare inserts into DuckLake of the same rows: medians and their ratios, in one run.

    python -m benchmarks.log_append [--articles N]   # size of the big log, six events an article

Bulk: one append of 100,000 events, and `INSERT … FROM arrow` of the same rows. Small: appends of 20 events to a log of
ten thousand events and to a big one, and the bare insert into a table beside it.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.log_data import build
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


def median(run: Callable[[int], None], times: int) -> float:
    """Median wall time of `run` in seconds, its argument counting up."""
    took = []
    for n in range(times):
        start = time.perf_counter()
        run(n)
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def small(path: Path, times: int = 15) -> tuple[float, float]:
    """Seconds of an append of 20 events, and of the bare insert, on the log at `path`."""
    with Log.open(path) as log:
        con = log.reader()
        tables = [to_table(events(f"s{time.time_ns()}-{n}", 20)) for n in range(times + 2)]
        rows = tables[0].drop_columns(["texts"])
        con.register("rows", rows)
        con.execute("CREATE OR REPLACE TABLE bare AS SELECT * FROM rows LIMIT 0")
        con.execute(BARE)
        log.append(tables[-1])
        ours = median(lambda n: (log.append(tables[n]), None)[1], times)
        bare = median(lambda n: (con.execute(BARE), None)[1], times)
        con.execute("DROP TABLE bare")
    return ours, bare


def bulk(path: Path, count: int = 100_000, times: int = 3) -> tuple[float, float]:
    """Events a second of one big append, and of the bare insert."""
    with Log.open(path) as log:
        con = log.reader()
        tables = [to_table(events(f"b{time.time_ns()}-{n}", count)) for n in range(times)]
        con.register("rows", tables[0].drop_columns(["texts"]))
        con.execute("CREATE OR REPLACE TABLE bare AS SELECT * FROM rows LIMIT 0")
        bare = median(lambda n: (con.execute(BARE), None)[1], times)
        ours = median(lambda n: (log.append(tables[n]), None)[1], times)
        con.execute("DROP TABLE bare")
    return count / ours, count / bare


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
        ours, bare = bulk(few)
        print(f"bulk append: {ours:,.0f} events/s, bare {bare:,.0f}; ratio {ours / bare:.2f} (target 0.7)")


if __name__ == "__main__":
    main()
