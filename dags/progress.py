"""How far a task is, as lines of its log."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

STEPS = "courant.progress"
"""The logger of these lines."""

log = logging.getLogger(STEPS)


def log_progress(every: float = 5.0, clock: Callable[[], float] = time.monotonic) -> Callable[[str, int, int], None]:
    """A progress callback that writes at most one line in `every` seconds, and one at the end of each step."""
    latest = clock()

    def told(step: str, done: int, total: int) -> None:
        nonlocal latest
        if done == total or clock() - latest >= every:
            latest = clock()
            log.info("%s: %d of %d", step, done, total) if total else log.info("%s: %d", step, done)

    return told


def log_summary(step: str, report: Mapping[str, Any]) -> dict[str, Any]:
    """Log what a step came to, one line, and each of its notes; gives back what belongs in XCom: names and counts."""
    counts = ", ".join(_counted(report))
    log.info("%s: %s", step, counts or "nothing to do")
    for note in report.get("notes", ()):
        log.warning("%s", note)
    return {name: value for name, value in report.items() if isinstance(value, int | str | dict)}


def _counted(report: Mapping[str, Any]) -> Iterator[str]:
    for name, value in report.items():
        if isinstance(value, int) and value and name not in ("head", "upto"):
            yield f"{value:,} {name.replace('_', ' ')}"
