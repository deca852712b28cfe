"""Compaction: many small files of a table become one, by moving their rows in an ordinary transaction.

DuckLake's own flush and merge replace rows of the catalog in place. On a SQLite catalog a reader whose transaction is
open meanwhile then misses rows without an error (measured with 1.5.5: 0 of 32 after a merge, 44 of 49 after a flush),
because its look at the catalog is not a snapshot. Rows that are deleted and inserted again in one transaction keep the
old files in the catalog for whoever still reads them; they go when their snapshots expire, after the reader grace.
For the same reason nothing is inlined into the catalog: it would have to be flushed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from warehouse.attach import ALIAS

SMALL = 200_000
"""Rows below which a file is small: it is moved together with the small files after it."""
DELETED_SHARE = 0.3
"""Share of deleted rows from which a table is rewritten whole."""

_ORDER = {
    "main.event_log": "position",
    "main.texts": "position",
    "proj.articles": "position",
    "proj.world_events": "event_date, type, position",
}


@dataclass(frozen=True, slots=True)
class DataFile:
    """A live file of a table: its rows, how many of them are deleted, the id of its first row."""

    rows: int
    deleted: int
    first_row: int | None


def rows_to_move(files: Sequence[DataFile], *, small: int = SMALL) -> int | None:
    """The row id from which on rows should be moved, or None where the files are well as they are."""
    if not files:
        return None
    rows, deleted = sum(f.rows for f in files), sum(f.deleted for f in files)
    if deleted > rows * DELETED_SHARE:
        return 0
    if any(f.first_row is None for f in files):
        # Updated rows keep their ids, so that such a file has no range of its own.
        return 0 if rows <= small and len(files) > 1 else None
    tail: list[DataFile] = []
    for file in sorted(files, key=lambda f: f.first_row or 0, reverse=True):
        if file.rows >= small:
            break
        tail.append(file)
    if len(tail) < 2 and not (tail and tail[0].deleted):
        return None
    return tail[-1].first_row


def compact(con: duckdb.DuckDBPyConnection, *, small: int = SMALL) -> int:
    """Compact every table, each in a transaction of its own; the number of files that were replaced."""
    tables = con.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables()"
        " WHERE database_name = current_database() ORDER BY 1"
    ).fetchall()
    return sum(compact_table(con, table, small=small) for (table,) in tables)


def compact_table(con: duckdb.DuckDBPyConnection, table: str, *, small: int = SMALL, whole: bool = False) -> int:
    """Compact one table (`schema.name`); `whole` rewrites every row. Returns the number of files that were replaced."""
    files = data_files(con, table)
    start = 0 if whole and files else rows_to_move(files, small=small)
    if start is None:
        return 0
    con.execute("BEGIN")
    [(first, last)] = con.execute(f"SELECT min(rowid), max(rowid) FROM {table} WHERE rowid >= ?", [start]).fetchall()
    if first is not None:
        order = f" ORDER BY {_ORDER[table]}" if table in _ORDER else ""
        con.execute(f"INSERT INTO {table} SELECT * FROM {table} WHERE rowid BETWEEN ? AND ?{order}", [first, last])
        con.execute(f"DELETE FROM {table} WHERE rowid BETWEEN ? AND ?", [first, last])
    con.execute("COMMIT")
    return len(files) - len(data_files(con, table)) + 1 if first is not None else 0


def data_files(con: duckdb.DuckDBPyConnection, table: str) -> list[DataFile]:
    """The live files of a table (`schema.name`)."""
    schema, _, name = table.partition(".")
    meta = f"__ducklake_metadata_{ALIAS}"
    rows = con.execute(
        f"""SELECT f.record_count, coalesce(sum(d.delete_count), 0), f.row_id_start
        FROM {meta}.ducklake_data_file f
        JOIN {meta}.ducklake_table t ON t.table_id = f.table_id AND t.end_snapshot IS NULL
        JOIN {meta}.ducklake_schema s ON s.schema_id = t.schema_id AND s.end_snapshot IS NULL
        LEFT JOIN {meta}.ducklake_delete_file d ON d.data_file_id = f.data_file_id AND d.end_snapshot IS NULL
        WHERE f.end_snapshot IS NULL AND s.schema_name = ? AND t.table_name = ?
        GROUP BY f.data_file_id, f.record_count, f.row_id_start""",
        [schema, name],
    ).fetchall()
    return [DataFile(int(r), int(d), None if first is None else int(first)) for r, d, first in rows]
