"""What linking costs: `python -m benchmarks.linking FOLDER [--articles N]`.

Makes a log of N made-up articles (three events each, 400 articles a day) in FOLDER where there is none, and links it
whole; then appends and links 300 articles more, as a pass does. CPU seconds of this process and all its threads, which
hold also where other programs take turns; and the memory at its highest.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.log_data import batch, build
from ingest.link.linker import link
from warehouse import Log

PASS = 300
"""Articles that a pass brings."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=100_000)
    options = parser.parse_args(arguments)
    now = datetime(2026, 9, 14, tzinfo=UTC)
    with Log.open(build(options.folder / "log", options.articles)) as log:
        log.catch_up()
        whole, cpu = _timed(lambda: link(log, now=now, run_id="bench", whole=True))
        print(f"whole: {whole.reports:,} reports, {whole.linked:,} linked, {cpu:.1f} CPU s")
        log.append(batch(options.articles, options.articles + PASS))
        log.catch_up()
        new, cpu = _timed(lambda: link(log, now=now, run_id="bench"))
        print(f"a pass of {PASS} articles: {new.reports:,} reports looked at, {new.linked:,} linked, {cpu:.1f} CPU s")
        shown, cpu = _timed(lambda: log.query("SELECT count(*), max(reports) FROM happenings"))
        print(f"view happenings, whole: {shown[0][0]:,} rows, the most reports {shown[0][1]}, {cpu:.1f} CPU s")
    print(f"memory at its highest: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    return 0


def _timed(do: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    done = do()
    return done, time.process_time() - start


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
