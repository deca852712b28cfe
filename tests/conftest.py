"""What all tests share: how hypothesis searches, and servers, started when the first test asks for one."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.servers import ObjectStorage, Postgres, run_object_storage, run_postgres

# A busy machine is no fault of the code: how fast things are is asked in benchmarks/ alone.
settings.register_profile("courant", deadline=None)
settings.load_profile("courant")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with run_postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def object_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStorage]:
    with run_object_storage(tmp_path_factory.mktemp("object-storage")) as server:
        yield server
