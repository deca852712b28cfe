"""One seed: a made-up web, processes that do the pipeline's real work at once, faults; then recovery, and a verdict.

Forty seeds share a world (`seed // 40`), whose undisturbed run says what must be in the log in the end. The other
seeds' processes, order and faults are a function of the seed alone.
"""

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from ingest import pipeline
from ingest.backfill import backfill
from ingest.outside import Outside
from ingest.plan import Chunk
from ingest.readers import ReadTask, read_task
from ingest.settings import Settings
from schemas.envelope import Event
from tests.simulation import checks
from tests.simulation.seams import wrapped
from tests.simulation.stage import Fault, Point, Process, Stage, Step
from tests.simulation.world import START, CallCoder, Clock, Web, World
from warehouse import Log
from warehouse.upkeep import upkeep

SEEDS_PER_WORLD = 40
CASTS = (
    ("live",),
    ("live", "live"),
    ("live", "backfill"),
    ("live", "upkeep"),
    ("one pass",),
    ("backfill", "backfill"),
    ("live", "link", "upkeep"),
    ("live", "live", "backfill", "upkeep"),
)
"""Which processes are at it at once. `live` is plan, collect, read, append, one after the other, as in Airflow."""
_STEPS = {"live": ("plan", "collect", "read", "append")}
_MOST_PASSES = 8
_STRIDE = 29
"""Between the points that a cast's seeds strike in turn: so that a few seeds already strike all kinds of points."""
Rewrite = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Reference:
    """What the undisturbed run of a world left in the log, with and without its archive, and the points it passed."""

    live: checks.Facts
    archive: checks.Facts
    points: tuple[tuple[Point, int], ...]


@dataclass(slots=True)
class Outcome:
    """What became of a seed: `problems` is empty where every promise was kept."""

    seed: int
    cast: tuple[str, ...]
    faults: tuple[Fault, ...]
    fired: tuple[Fault, ...] = ()
    trace: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"seed {self.seed}: {' + '.join(self.cast)}",
            *(f"  fault: {fault}{'' if fault in self.fired else ' (never reached)'}" for fault in self.faults),
            *(f"  {line}" for line in self.trace),
            *(f"  PROBLEM: {problem}" for problem in self.problems or ["none"]),
        ]
        return "\n".join(lines)


class InThisProcess:
    """Reads captures here and now: what a reader process does, without one."""

    def __init__(self, coder: CallCoder, run_id: str, clock: Clock) -> None:
        self._coder, self._run_id, self._clock = coder, run_id, clock

    def read(self, tasks: Sequence[ReadTask]) -> Iterator[list[Event]]:
        for task in tasks:
            yield read_task(task, self._run_id, self._clock(), self._coder)


@dataclass
class Newsroom:
    """A world with its log, and the processes that may work on it."""

    world: World
    root: Path
    chance: random.Random
    stage: Stage
    clock: Clock = field(default_factory=Clock)
    archived: bool = False
    reader: Log = field(init=False)

    def __post_init__(self) -> None:
        self.world.write(self.root)
        shutil.copytree(_empty_log(), self.log)
        self.settings = Settings(
            log=self.log,
            feeds=self.root / "feeds.opml",
            chunk_feeds=2 + self.world.number % 2,
            chunk_pages=4,
            coder="none",
            workers=1,
        )
        web = Web(self.world, self.clock, self.chance, lambda: self.stage.point("fetch", "before"))
        coder = CallCoder(self.world)

        @contextmanager
        def readers(_: Settings, run_id: str, __: object) -> Iterator[InThisProcess]:
            yield InThisProcess(coder, run_id, self.clock)

        def fetcher(_: Settings, __: Chunk, ___: object) -> Web:
            return web

        self.outside = Outside(fetcher, readers)

    @property
    def log(self) -> Path:
        return self.root / "log"

    def process(self, kind: str, name: str) -> Process:
        """A process of a kind, under a name that is its run's too."""
        process = Process(name, [])
        process.steps += {
            "live": [Step("plan", lambda _: self._plan(process)), *self._from_the_spool(name)],
            "one pass": [Step("one pass", lambda attempt: self._one_pass(f"{name}-{attempt}"))],
            "link": [self._link(name)],
            "backfill": [Step("backfill", lambda _: self._backfill(name))],
            "upkeep": [Step("upkeep", lambda _: upkeep(self.log, grace=timedelta(0)))],
        }[kind]
        return process

    def _plan(self, process: Process) -> None:
        planned = pipeline.plan(self.settings, now=self.clock(), run_id=process.name)
        process.steps[process.at + 1 : process.at + 1] = [
            Step("collect", lambda attempt, chunk=chunk: self._collect(chunk, process.name, attempt))  # type: ignore[misc]
            for chunk in planned.chunks
        ]

    def _collect(self, chunk: str, run_id: str, attempt: int) -> object:
        return pipeline.collect(
            self.settings, chunk, run_id=run_id, attempt=attempt, clock=self.clock, outside=self.outside
        )

    def _from_the_spool(self, run_id: str) -> list[Step]:
        return [
            Step("read", lambda _: pipeline.read(self.settings, run_id=run_id, clock=self.clock, outside=self.outside)),
            Step("append", lambda _: pipeline.append(self.settings, run_id=run_id, clock=self.clock)),
        ]

    def _link(self, run_id: str) -> Step:
        return Step("link", lambda _: pipeline.link(self.settings, run_id=run_id, clock=self.clock))

    def _one_pass(self, run_id: str) -> object:
        return pipeline.run(self.settings, clock=self.clock, run_id=run_id, outside=self.outside)

    def _backfill(self, run_id: str) -> None:
        archive = self.root / "archive.jsonl"
        backfill(self.settings, [archive], clock=self.clock, run_id=run_id, outside=self.outside)
        self.archived = True

    def recover(self, *, with_archive: bool) -> None:
        """Passes, an hour apart, until nothing is left to do and the last one was undisturbed."""
        if with_archive and not self.archived:
            self._backfill("backfill-again")
        for number in range(1, _MOST_PASSES + 1):
            self.clock.now = START + timedelta(hours=number)
            struck = len(self.stage.fired)
            a_pass = self.process("live", f"pass-{number}")
            a_pass.steps.append(self._link(a_pass.name))
            self.stage.run([a_pass])
            if len(self.stage.fired) == struck and self._nothing_left():
                return

    def _nothing_left(self) -> bool:
        log, feeds = self.reader, self.reader.feed_states()
        return not (
            log.pending_pages()
            or list((self.log / "spool" / "collected").glob("*.arrow"))
            or log.unread_captures(self.settings.max_attempts)
            or len(feeds) < len(self.world.feeds)
            or any(row["failures"] for row in feeds if not row["url"].startswith("mailto:"))
        )


def simulate(
    seed: int,
    *,
    faults: Sequence[Fault] | None = None,
    rewrite: Rewrite = lambda sql: [sql],
    sabotage: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Outcome:
    """Play `seed` and judge it. `faults` replace the seed's own.

    `rewrite` may give other statements for a SQL statement, `sabotage` break the program for as long as it lasts: to
    see whether it is noticed.
    """
    reference = undisturbed(seed // SEEDS_PER_WORLD)
    chance = random.Random(f"seed {seed}")
    cast = CASTS[seed % len(CASTS)]
    drawn = _faults(chance, seed, cast, reference)
    outcome = Outcome(seed, cast, tuple(drawn if faults is None else faults))
    stage = Stage(chance, outcome.faults)
    with _newsroom(seed // SEEDS_PER_WORLD, chance, stage, rewrite) as newsroom, sabotage():
        snapshots: list[checks.Positions] = []
        stage.after_death = lambda _: snapshots.append(checks.positions(newsroom.reader))
        try:
            names = Counter[str]()
            processes = []
            for kind in cast:
                names[kind] += 1
                processes.append(newsroom.process(kind, f"{kind.replace(' ', '-')}-{names[kind]}"))
            stage.run(processes)
            stage.trace.append("all are done or dead; now to recover")
            newsroom.recover(with_archive="backfill" in cast)
            if "upkeep" in cast:  # once more, where there is more to do: it is never needed, and may be killed again
                stage.run([newsroom.process("upkeep", "upkeep-last")])
            expected = reference.archive if "backfill" in cast else reference.live
            outcome.problems += checks.judge(newsroom.reader, expected, snapshots, stage.published)
        except Exception as error:  # noqa: BLE001 - whatever went wrong is the seed's verdict
            outcome.problems.append(f"{type(error).__name__}: {error}")
            outcome.problems += [f"  {line}" for line in _where(error)]
    outcome.fired, outcome.trace = tuple(stage.fired), stage.trace
    return outcome


@cache
def undisturbed(number: int) -> Reference:
    """The undisturbed run of a world: passes until nothing is left to do, upkeep, the archive, upkeep again."""
    stage = Stage(random.Random(0), restless=0)
    with _newsroom(number, random.Random(number), stage, lambda sql: [sql]) as newsroom:
        stage.run([newsroom.process("one pass", "first")])
        newsroom.recover(with_archive=False)
        live = checks.facts(newsroom.reader)
        for kind in ("backfill", "link", "upkeep"):
            stage.run([newsroom.process(kind, kind)])
        archive = checks.facts(newsroom.reader)
        problems = checks.judge(newsroom.reader, archive, [], stage.published)
    if problems:
        raise AssertionError(f"the undisturbed run of world {number} is off: {problems}")
    if not any(point.deed == "SQL COMMIT" for point in stage.reached):
        raise AssertionError("the log is reached by a way that the simulation does not see: wrap it in seams.py")
    return Reference(live, archive, tuple(sorted(stage.reached.items())))


def _faults(chance: random.Random, seed: int, cast: Sequence[str], reference: Reference) -> list[Fault]:
    """One to three faults at points that the undisturbed run passed. The first is dealt out in turn, so that a
    thousand seeds strike each point several times; the others may also strike the recovery."""
    steps = {step for kind in cast for step in _STEPS.get(kind, (kind,))}
    points = [(point, count) for point, count in reference.points if point.step in steps]
    if "upkeep" in steps:  # of what a killed process left, which no undisturbed run has
        points += [(Point("upkeep", "unlink data file", when), 2) for when in ("before", "after")]
    faults = []
    for n in range(1 + (chance.random() < 0.4) + (chance.random() < 0.1)):
        point, count = points[seed // len(CASTS) * _STRIDE % len(points)] if n == 0 else chance.choice(points)
        kind = "full" if point.when != "after" and point.deed != "fetch" and chance.random() < 0.2 else "kill"
        faults.append(Fault(point, chance.randint(1, count) if chance.random() < 0.4 else 1, kind))
    return faults


@contextmanager
def _newsroom(number: int, chance: random.Random, stage: Stage, rewrite: Rewrite) -> Iterator[Newsroom]:
    with TemporaryDirectory(dir=_fast_disk(), prefix="courant-simulation-") as folder:
        newsroom = Newsroom(World.build(number), Path(folder), chance, stage)
        with wrapped(stage, newsroom.log, chance=lambda size: chance.randint(0, size), rewrite=rewrite):
            newsroom.reader = Log.open(newsroom.log)
            try:
                yield newsroom
            finally:
                newsroom.reader.close()


@cache
def _empty_log() -> Path:
    """An empty log to copy: making one takes a second."""
    folder = TemporaryDirectory(dir=_fast_disk(), prefix="courant-empty-")
    _kept.append(folder)
    path = Path(folder.name) / "log"
    Log.create(path, log_id=UUID(int=1), clock=lambda: START).close()
    return path


_kept: list[TemporaryDirectory[str]] = []


def _fast_disk() -> str | None:
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() else None


def _where(error: BaseException) -> list[str]:
    lines = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return lines
