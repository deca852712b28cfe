"""Real servers on the loopback address, for tests that need one: PostgreSQL, and object storage as S3 has it."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
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
    data: Path

    def url(self, database: str, user: str = SUPERUSER, password: str = "") -> str:
        secret = f":{password}" if password else ""
        return f"postgresql+psycopg2://{user}{secret}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template1") -> str:
        """A new database, empty or a copy of `template`; its address."""
        import psycopg2

        con = psycopg2.connect(host="127.0.0.1", port=self.port, user=SUPERUSER, dbname="postgres")
        try:
            con.autocommit = True
            con.cursor().execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        finally:
            con.close()
        return self.url(database)


@contextmanager
def run_postgres(folder: Path) -> Iterator[Postgres]:
    """A server with its log in `folder`. Skips where PostgreSQL's programs are not installed."""
    programs = [*Path("/usr/lib/postgresql").glob("*/bin"), *filter(None, [_beside(shutil.which("initdb"))])]
    if not programs:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    port = free_port()
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
            yield Postgres(port, data)
        finally:
            server.send_signal(signal.SIGQUIT)  # at once, nothing written: what it holds is thrown away
            server.wait(60)
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


@dataclass(frozen=True)
class ObjectStorage:
    """An S3 service on the loopback address. `environ` is what its clients need."""

    url: str

    @property
    def environ(self) -> dict[str, str]:
        keys = {"AWS_ACCESS_KEY_ID": "courant", "AWS_SECRET_ACCESS_KEY": "courant-secret"}
        # No file of the user's own is looked at.
        nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        return {**keys, **nowhere, "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": self.url}

    def make_bucket(self, name: str) -> None:
        request = urllib.request.Request(f"{self.url}/{name}", method="PUT")
        with urllib.request.urlopen(request, timeout=10):
            pass


@contextmanager
def run_object_storage(folder: Path) -> Iterator[ObjectStorage]:
    """A moto server with its log in `folder`; what it stores is gone with it."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            _wait_until_answering(server, f"http://127.0.0.1:{port}/moto-api/")
            yield ObjectStorage(f"http://127.0.0.1:{port}")
        finally:
            server.kill()
            server.wait(60)


def _wait_until_answering(server: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert server.poll() is None, "the object storage did not start"
            assert time.monotonic() < deadline, "the object storage was not ready in 60 s"
            time.sleep(0.2)
