"""A fresh log for each test: one is made in a session, and copied.

Guarantees hold on every catalog: their tests (`test_g…`) run on each, in the fast set on SQLite alone. The mark
`catalogs` names those that a test is about.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.warehouse.stores import BUCKET, Logs
from warehouse import Log

CATALOGS = ("sqlite", "postgres", "postgres-s3")


class Ticking:
    """A clock that moves on by a second each time it is asked."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 14, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    said = metafunc.definition.get_closest_marker("catalogs")
    named = re.match(r"test_g\d+_", metafunc.function.__name__)
    if "catalog" in metafunc.fixturenames and (said or named):
        params = [
            pytest.param(name, marks=[] if name == "sqlite" else pytest.mark.slow)
            for name in (said.args if said else CATALOGS)
        ]
        metafunc.parametrize("catalog", params, indirect=True, scope="session")


@pytest.fixture(scope="session")
def catalog(request: pytest.FixtureRequest) -> Iterator[Logs]:
    """Where the log's catalog and data lie; the tests of a guarantee run once with each."""
    kind = getattr(request, "param", "sqlite")
    server = request.getfixturevalue("postgres") if kind != "sqlite" else None
    with pytest.MonkeyPatch.context() as environ:
        storage = None
        if kind == "postgres-s3":
            storage = request.getfixturevalue("object_storage")
            for name, value in storage.environ.items():
                environ.setenv(name, value)
            storage.make_bucket(BUCKET)
        yield Logs(server, storage)


@pytest.fixture(scope="session")
def empty_log(tmp_path_factory: pytest.TempPathFactory, catalog: Logs) -> Path:
    return catalog.create(tmp_path_factory.mktemp("template") / "log")


@pytest.fixture
def new_log(empty_log: Path, tmp_path: Path, catalog: Logs) -> Callable[..., Path]:
    """A function that gives the path of another empty log each time."""

    def make(name: str = "log") -> Path:
        return catalog.copy(empty_log, tmp_path / name)

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
