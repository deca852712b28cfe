"""A fresh log for each test: one is made in a session, and copied."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from warehouse import Log


class Ticking:
    """A clock that moves on by a second each time it is asked."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 14, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture(scope="session")
def empty_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "log"
    Log.create(path).close()
    return path


@pytest.fixture
def new_log(empty_log: Path, tmp_path: Path) -> Callable[..., Path]:
    """A function that gives the path of another empty log each time."""

    def make(name: str = "log") -> Path:
        return Path(shutil.copytree(empty_log, tmp_path / name))

    return make


@pytest.fixture
def path(new_log: Callable[..., Path]) -> Path:
    return new_log()


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def log(path: Path, clock: Ticking) -> Iterator[Log]:
    with Log.open(path, clock=clock) as opened:
        yield opened
