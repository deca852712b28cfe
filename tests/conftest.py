"""Servers that tests share, started when the first test asks for one."""

from collections.abc import Iterator

import pytest

from tests.servers import ObjectStorage, Postgres, run_object_storage, run_postgres


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with run_postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def object_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStorage]:
    with run_object_storage(tmp_path_factory.mktemp("object-storage")) as server:
        yield server
