"""Catch-up rate, and typed queries on the lake and on the published copy against a hand-made plain DuckDB table.

python -m benchmarks.log_queries [--articles N]
"""

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.log_data import build
from warehouse import Log, connect
from warehouse.publish import publish
from warehouse.upkeep import upkeep

QUERIES = {
    "calls of one actor in a month": "SELECT event_date, actor1_code, actor2_code FROM {t} WHERE type = 'call_held'"
    " AND (actor1_code = 'ALX' OR actor2_code = 'ALX') AND event_date BETWEEN '2020-03-01' AND '2020-03-31'",
    "events a day and type": "SELECT event_date, type, count(*) FROM {t} GROUP BY ALL",
}


def median(con: duckdb.DuckDBPyConnection, sql: str, times: int = 7) -> float:
    """Median milliseconds of a query, its rows fetched."""
    con.execute(sql).fetchall()
    took = []
    for _ in range(times):
        start = time.perf_counter()
        con.execute(sql).fetchall()
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--folder", type=Path, default=None, help="Where the log lies; kept when given.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        path = build(folder / "many", chosen.articles)
        with Log.open(path) as log:
            start = time.perf_counter()
            read = log.catch_up()
            seconds = time.perf_counter() - start
        if read:
            print(f"catch-up: {read * 6 / seconds:,.0f} events/s over {read * 6:,} events")
        upkeep(path)
        publish(path, folder / "news.duckdb", now=datetime.now(UTC))
        plain = duckdb.connect(str(folder / "plain.duckdb"))
        plain.execute(f"ATTACH '{folder / 'news.duckdb'}' AS news (READ_ONLY)")
        plain.execute(
            "CREATE OR REPLACE TABLE calls AS SELECT type, event_date, actor1_code, actor2_code, quote, url"
            " FROM news.world_events ORDER BY event_date"
        )
        copy = duckdb.connect(str(folder / "copy.duckdb"))
        copy.execute(f"ATTACH '{folder / 'news.duckdb'}' AS news (READ_ONLY)")
        with connect(path) as lake:
            for name, sql in QUERIES.items():
                base = median(plain, sql.format(t="calls"))
                published = median(copy, sql.format(t="news.world_events"))
                there = median(lake, sql.format(t="world_events"))
                print(
                    f"{name}: plain {base:.1f} ms, published {published:.1f} ms ({published / base:.2f}, target 1.5),"
                    f" lake {there:.1f} ms ({there / base:.2f}, target 3)"
                )


if __name__ == "__main__":
    main()
