"""The stage: processes that are threads, one at a time, in an order that a seed decides; and what befalls them.

A thread stands for a process. It runs until it reaches a point (just before or after something that lasts: a rename, a
commit, an answer of the network); there the seed decides whether another goes on, and a `Fault` whether it goes on at
all. A killed process is gone at that point: whatever its `finally` blocks try afterwards, nothing of it lasts.
"""

import errno
import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import duckdb

When = Literal["before", "during", "after"]
Kind = Literal["kill", "full"]


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """Where something can befall a process: in which step, at what, and on which side of it."""

    step: str
    deed: str
    when: When

    def __str__(self) -> str:
        return f"{self.step}: {self.when} {self.deed}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls whichever process is the `nth` to reach a point: a kill, or a disk that is full."""

    point: Point
    nth: int = 1
    kind: Kind = "kill"

    def __str__(self) -> str:
        return f"{self.kind} at {self.point} ({self.nth})"


class Killed(BaseException):
    """The process is gone. No `Exception`, so that nothing that handles errors handles it."""


class StuckError(AssertionError):
    """Every process waits for another."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a process: its name, and what it does, told which attempt it is."""

    name: str
    do: Callable[[int], object]


@dataclass(slots=True)
class Process:
    """A process on the stage: its steps, how far it is, and what the kernel holds of it."""

    name: str
    steps: list[Step]
    at: int = 0
    attempt: int = 1
    attempts_left: int = 3
    dead: bool = False
    failed: bool = False
    blocked_at: int = -1
    error: BaseException | None = None
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    thread: threading.Thread | None = None
    held: list[Any] = field(default_factory=list)
    """Connections and files that are open: closed for it when it is dead."""

    @property
    def finished(self) -> bool:
        return self.at >= len(self.steps)

    @property
    def step(self) -> str:
        return self.steps[self.at].name


class Stage:
    """Runs processes one point at a time. `trace` tells what happened, `reached` how often each point was."""

    def __init__(self, chance: random.Random, faults: Sequence[Fault] = (), *, restless: float = 0.25) -> None:
        self._chance, self._restless = chance, restless
        self._faults = list(faults)
        self._back = threading.Semaphore(0)
        self._local = threading.local()
        self._progress = 0
        self.fired: list[Fault] = []
        self.reached: Counter[Point] = Counter()
        self.trace: list[str] = []
        self.published: dict[str, str] = {}
        """Ids of events that were put into the spool, and the file that they were in."""
        self.after_death: Callable[[Process], None] = lambda process: None

    def run(self, processes: Sequence[Process]) -> None:
        """Run all to their end. A killed or failed step is tried again, as a scheduler does, or given up for good.

        Raises StuckError, and whatever a process raised that is neither a kill nor follows from a full disk.
        """
        alive = list(processes)
        while alive:
            runnable = [p for p in alive if p.blocked_at != self._progress]
            if not runnable:
                raise StuckError(f"all wait: {', '.join(f'{p.name} in {p.step}' for p in alive)}")
            process = self._chance.choice(runnable)
            if process.thread is None:
                process.thread = threading.Thread(target=self._live, args=(process,), name=process.name, daemon=True)
                process.thread.start()
            process.go.release()
            self._back.acquire()
            if process.thread is None:
                self._buried(process)
            if process.finished:
                alive.remove(process)

    def point(self, deed: str, when: When, torn: Callable[[], object] | None = None) -> None:
        """The running process is at a point. `torn` does by half what a kill here would leave done by half."""
        process = self.current()
        if process is None:
            return
        if process.dead:
            raise Killed
        self._progress += 1
        point = Point(process.step, deed, when)
        self.reached[point] += 1
        self.trace.append(f"{process.name}: {point}")
        for fault in self._faults:
            if fault.point == point and fault.nth == self.reached[point]:
                self._faults.remove(fault)
                self.fired.append(fault)
                self.trace.append(f"{process.name}: *** {fault} ***")
                self._strike(process, fault, deed, torn)
        if when != "during" and self._chance.random() < self._restless:
            self._switch(process)

    def current(self) -> Process | None:
        """The process whose thread this is, None outside of all."""
        process: Process | None = getattr(self._local, "process", None)
        return process

    def wait(self, process: Process) -> None:
        """Let the others go on until one of them has got somewhere."""
        process.blocked_at = self._progress
        self._switch(process)

    def _strike(self, process: Process, fault: Fault, deed: str, torn: Callable[[], object] | None) -> None:
        if torn is not None:
            torn()
        if fault.kind == "full":
            process.failed = True
            if "SQL" in deed:
                raise duckdb.IOException('IO Error: Could not write file "data": No space left on device')
            raise OSError(errno.ENOSPC, "No space left on device")
        process.dead = True
        raise Killed

    def _switch(self, process: Process) -> None:
        self._back.release()
        process.go.acquire()

    def _live(self, process: Process) -> None:
        self._local.process = process
        process.go.acquire()
        try:
            while not process.finished:
                process.steps[process.at].do(process.attempt)
                process.at, process.attempt, process.failed = process.at + 1, 1, False
                self.point_between(process)
        except BaseException as error:  # noqa: BLE001 - a thread's error is told by the main thread
            process.error = error
            for held in process.held:
                held.close()
        finally:
            self._progress += 1
            process.thread = None
            process.held.clear()
            self._back.release()

    def point_between(self, process: Process) -> None:
        """Between two steps nothing is held, and others may come first."""
        if not process.finished and self._chance.random() < 0.5:
            self._switch(process)

    def _buried(self, process: Process) -> None:
        """Look at what a thread that has ended came to, and decide whether its step is tried again."""
        error, process.error = process.error, None
        if error is None:
            return
        expected = process.dead or process.failed
        if not expected:
            raise error
        if process.dead:
            self.after_death(process)
        process.dead = process.failed = False
        process.attempts_left -= 1
        if process.attempts_left > 0 and self._chance.random() < 0.6:
            process.attempt += 1
            self.trace.append(f"{process.name}: begins {process.step} again")
        else:
            self.trace.append(f"{process.name}: gives up in {process.step}")
            process.at = len(process.steps)
