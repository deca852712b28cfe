"""A PostgreSQL of the test's own, where the machine has the programs for one."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dags.server import free_port

SUPERUSER = "postgres"


@dataclass(frozen=True)
class Postgres:
    """A server on the loopback address, where every local user is believed (it lives for the tests alone)."""

    port: int

    def url(self, database: str, user: str = SUPERUSER, password: str = "") -> str:
        secret = f":{password}" if password else ""
        return f"postgresql+psycopg2://{user}{secret}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """A new database; its address."""
        import psycopg2

        con = psycopg2.connect(host="127.0.0.1", port=self.port, user=SUPERUSER, dbname="postgres")
        try:
            con.autocommit = True
            con.cursor().execute(f'CREATE DATABASE "{database}"')
        finally:
            con.close()
        return self.url(database)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Skips where PostgreSQL's programs are not installed."""
    programs = [*Path("/usr/lib/postgresql").glob("*/bin"), *filter(None, [_beside(shutil.which("initdb"))])]
    if not programs:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    folder, port = tmp_path_factory.mktemp("postgres"), free_port()
    # PostgreSQL refuses to run as root, and pytest's folders are closed to others.
    user = _someone_else() if os.geteuid() == 0 else None
    data = folder / "data"
    if user:
        data = Path(f"/tmp/courant-postgres-{port}")
        data.mkdir(mode=0o700)
        os.chown(data, user.pw_uid, user.pw_gid)
    ids: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid} if user else {}
    log = (folder / "server.log").open("ab")
    try:
        make: list[str | Path] = [
            programs[-1] / "initdb",
            "-D",
            data,
            "-U",
            SUPERUSER,
            "--auth=trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
        ]
        subprocess.run(make, check=True, cwd="/", stdout=log, stderr=log, **ids)
        start: list[str | Path] = [
            programs[-1] / "postgres",
            "-D",
            data,
            "-p",
            str(port),
            "-h",
            "127.0.0.1",
            "-k",
            data,
            "-c",
            "fsync=off",
        ]
        server = subprocess.Popen(start, cwd="/", stdout=log, stderr=log, **ids)
        try:
            _wait_until_ready(server, port)
            yield Postgres(port)
        finally:
            server.terminate()
            server.wait(30)
    finally:
        log.close()
        shutil.rmtree(data, ignore_errors=True)


def _wait_until_ready(server: "subprocess.Popen[bytes]", port: int) -> None:
    import psycopg2

    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg2.connect(host="127.0.0.1", port=port, user=SUPERUSER, dbname="postgres").close()
            return
        except psycopg2.OperationalError:
            assert server.poll() is None, "PostgreSQL did not start"
            assert time.monotonic() < deadline, "PostgreSQL was not ready in 60 s"
            time.sleep(0.2)


def _someone_else() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _beside(program: str | None) -> Path | None:
    return Path(program).resolve().parent if program else None
