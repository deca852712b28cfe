"""Logs of every kind of storage for tests, and what tests do to it: look at data files, harm catalogs, find words."""

import gzip
import itertools
import shutil
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from tests.servers import ObjectStorage, Postgres
from warehouse import Log, creation, files, postgres
from warehouse.location import Location

BUCKET = "courant-tests"
_NUMBERS = itertools.count(1)


class Logs:
    """Where logs of one kind are made, each in a folder, a database, and a place in object storage of its own."""

    def __init__(self, server: Postgres | None = None, storage: ObjectStorage | None = None) -> None:
        self.server, self.storage = server, storage

    def catalog(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.server.port}/{database}" if self.server else "sqlite"

    def data(self, name: str) -> str | None:
        return f"s3://{BUCKET}/{name}" if self.storage else None

    def create(self, path: Path) -> Path:
        """A log made as users make one."""
        name = self.new_database()
        Log.create(path, catalog=self.catalog(name), data=self.data(name)).close()
        return path

    def new_database(self) -> str:
        """The name of an empty database, where there are databases."""
        name = self._name()
        if self.server:
            self.server.create(name)
        return name

    def copy(self, template: Path, path: Path) -> Path:
        """The empty log at `template` once more, which is quicker than making one."""
        shutil.copytree(template, path)
        if self.server is None:
            return path
        old, name = Location.find(template), self._name()
        self.server.create(name, template=old.catalog.url.rsplit("/", 1)[-1])
        new = creation.planned(path, self.catalog(name), self.data(name))
        log_id: UUID = old.check()
        if self.storage:
            for file in files.find(old.base):
                files.write(file.replace(old.base, new.base, 1), files.read(file) or b"")
        with postgres.session(new.catalog) as cursor:
            cursor.execute("UPDATE courant.courant_log SET base = %s", [new.base])
        new.write_marker(log_id)
        return path

    def _name(self) -> str:
        # One count for all: pytest makes `Logs` anew where it goes to and fro between catalogs, over one server.
        return f"log_{'s3' if self.storage else 'local'}_{next(_NUMBERS)}"


def data_files(path: Path, table: str = "") -> list[str]:
    """Addresses of the log's Parquet files, or of one table's, in the order of their names."""
    return [file for file in files.find(Location.find(path).data) if not table or f"/{table}/" in file]


def lose_catalog(path: Path) -> None:
    location = Location.find(path)
    if location.catalog.in_postgres:
        with postgres.session(location.catalog) as cursor:
            cursor.execute("DROP SCHEMA courant CASCADE")
    else:
        for file in path.glob("catalog.sqlite*"):
            file.unlink()


def tear_catalog(path: Path) -> None:
    location = Location.find(path)
    if location.catalog.in_postgres:
        with postgres.session(location.catalog) as cursor:
            cursor.execute("DROP TABLE courant.ducklake_snapshot, courant.ducklake_data_file, courant.courant_log")
        return
    content = bytearray(location.catalog_file.read_bytes())
    content[4096 : len(content) // 2] = bytes(len(content) // 2 - 4096)
    location.catalog_file.write_bytes(content)


def elsewhere(path: Path) -> dict[str, Any]:
    """Where a backup of the log is restored to: catalog and data for `restore`, that no log has yet."""
    location = Location.find(path)
    if not location.catalog.in_postgres:
        return {}
    data = f"{location.base}-restored" if location.elsewhere else None
    return {"catalog": location.catalog.name.replace("schema=courant", "schema=restored"), "data": data}


def places(folder: Path, words: list[bytes]) -> list[str]:
    """Files in which one of `words` can be read: as they are, unpacked, or as a table."""
    found = []
    for file in (f for f in folder.rglob("*") if f.is_file()):
        content = file.read_bytes()
        if file.suffix == ".gz":
            content += gzip.decompress(content)
        elif file.suffix == ".parquet":
            content += repr(duckdb.sql(f"SELECT * FROM read_parquet('{file}')").fetchall()).encode()
        elif file.suffix == ".duckdb":
            with duckdb.connect(str(file), read_only=True) as con:
                for (table,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                    content += repr(con.execute(f'SELECT * FROM "{table}"').fetchall()).encode()
        if any(word in content for word in words):
            found.append(str(file.relative_to(folder)))
    return sorted(found)


def places_in_s3(base: str, words: list[bytes]) -> list[str]:
    """The same in object storage, under an address."""
    with tempfile.TemporaryDirectory() as folder:
        for file in files.find(base):
            files.fetch(file, Path(folder) / file.removeprefix(f"{base}/"))
        return places(Path(folder), words)


def places_in_postgres(server: Postgres, location: Location, words: list[bytes]) -> list[str]:
    """The same in the server's own files of the log's database, but for its write-ahead log."""
    with postgres.session(location.catalog) as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        [oid] = cursor.fetchone()
    return places(server.data / "base" / str(oid), words)
