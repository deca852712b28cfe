"""What analysts' SQL may do, what it may not, and that nothing gets past."""

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from schemas.world import EVENT_TYPES
from tests.warehouse.sample_events import call_article
from warehouse import Log
from warehouse.attach import by_hand
from warehouse.errors import LogNotFoundError, QueryRefusedError
from warehouse.location import Location
from warehouse.query import JSON_FIELD, QueryError, ask, open_for_reading, run_select

Asked = Callable[[str], list[list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of four articles: enough for their rows to lie in Parquet files, not in the catalog alone."""
    made = tmp_path_factory.mktemp("query") / "log"
    with Log.create(made) as log:
        log.append([event for n in range(4) for event in call_article(f"https://harbour.example/{n}")])
    return made


@pytest.fixture(scope="module")
def asked(path: Path) -> Iterator[Asked]:
    """Runs SQL over one connection to that log; the rows of each statement."""
    with open_for_reading(path) as con:
        yield lambda sql: [reader.read_all().to_pylist() for reader in ask(con, sql)]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT count(*) AS n FROM articles", 1),
        ("FROM calls_held", 4),
        ("WITH c AS (SELECT * FROM calls_held) SELECT type, count(*) FROM c GROUP BY ALL", 1),
        ("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) FROM t", 3),
        ("VALUES (1), (2)", 2),
        ("TABLE event_types", len(EVENT_TYPES)),
        ("SHOW TABLES", None),
        ("DESCRIBE world_events", None),
        ("SUMMARIZE event_types", None),
        ("EXPLAIN SELECT 1", 1),
        ("EXPLAIN ANALYZE SELECT count(*) FROM event_log", 1),
        ("EXPLAIN (FORMAT json) FROM event_log", 1),
        ("/* why */ EXPLAIN -- é\n (SELECT 1)", 1),
        ("PIVOT calls_held ON modality IN ('asserted', 'denied') USING count(*) GROUP BY type", 1),
        ("SELECT unnest([1, 2, 3])", 3),
        ("SELECT * FROM range(5), LATERAL (SELECT range + 1)", 5),
        ("SELECT x.actor_id FROM calls_held, unnest(participants) AS u(x)", 8),
        ("SELECT 'COPY x TO y; PRAGMA z; read_text(a)' AS words", 1),
        ("SELECT type FROM world_events QUALIFY row_number() OVER (PARTITION BY type) = 1", 2),
        ("SELECT * FROM world_events USING SAMPLE 3 ROWS", 3),
        ("FROM event_log AT (VERSION => 1)", 0),
        ("SELECT view_name FROM duckdb_views() WHERE view_name = 'articles'", 1),
        ("SELECT 1;", 1),
    ],
)
def test_reads_are_admitted(asked: Asked, sql: str, rows: int | None) -> None:
    (answer,) = asked(sql)
    assert len(answer) == rows if rows is not None else answer


REFUSED = [
    "COPY event_log TO '{data}/x.parquet'",
    "COPY (SELECT 1) TO '{file}'",
    "COPY event_log FROM '{file}'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{data}/x.parquet'",
    "EXPLAIN (ANALYZE) COPY (SELECT 1) TO '{data}/x.parquet'",
    "/**/EXPLAIN/**/ANALYZE/**/COPY (SELECT 1) TO '{data}/x.parquet'",
    "EXPLAIN INSERT INTO event_log SELECT * FROM event_log",
    "SELECT 1; COPY (SELECT 1) TO '{data}/x.parquet'; SELECT 2",
    "SELECT 1 -- harmless\n; DROP TABLE event_log",
    "SELECT '; SELECT ' || 1; DELETE FROM event_log",
    "ATTACH '{data}/x.db'",
    "DETACH courant",
    "USE memory",
    "SET threads = 1",
    "RESET threads",
    "SET VARIABLE x = 1",
    "PRAGMA database_list",
    "pragma/**/version",
    "SELECT 1; PRAGMA show_tables",
    "PRAGMA import_database('{data}')",
    "IMPORT DATABASE '{data}'",
    "EXPORT DATABASE '{data}/x'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CALL pragma_version()",
    "CALL ducklake_expire_snapshots('courant', versions := [1])",
    "CHECKPOINT",
    "VACUUM",
    "BEGIN",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "CREATE TEMP TABLE t AS SELECT 1",
    "CREATE VIEW v AS SELECT 1",
    "CREATE MACRO m() AS 1",
    "INSERT INTO event_log SELECT * FROM event_log",
    "UPDATE event_log SET type = 'x'",
    "DELETE FROM event_log",
    "TRUNCATE event_log",
    "ALTER TABLE event_log ADD COLUMN x INTEGER",
    "MERGE INTO event_log USING event_types ON true WHEN MATCHED THEN DELETE",
    "COMMENT ON TABLE event_log IS 'x'",
    "PIVOT calls_held ON modality",
    "FROM read_text('/etc/passwd')",
    "FROM read_text('{file}')",
    "SELECT * FROM system.main.read_text('/etc/passwd')",
    "FROM read_blob('/etc/passwd')",
    "FROM read_csv('/etc/passwd')",
    "FROM read_json('/etc/passwd')",
    "FROM read_parquet('{file}')",
    "FROM parquet_metadata('{file}')",
    "FROM glob('/*')",
    "FROM sniff_csv('/etc/passwd')",
    "FROM '/etc/passwd'",
    "FROM '{file}'",
    "FROM 'x.csv'",
    "FROM 'https://harbour.example/x.csv'",
    "DESCRIBE SELECT * FROM read_csv('/etc/passwd')",
    "SUMMARIZE '{file}'",
    "SELECT (SELECT max(file) FROM glob('/*'))",
    "WITH t AS (FROM read_text('/etc/passwd')) FROM t",
    "SELECT 1 WHERE EXISTS (FROM read_text('/etc/passwd'))",
    "SELECT 1 UNION ALL SELECT content FROM read_text('/etc/passwd')",
    "SELECT * FROM event_types, LATERAL (FROM read_text('/etc/passwd'))",
    "FROM sqlite_scan('{index}', 'ids')",
    "FROM sqlite_attach('{index}')",
    "FROM ducklake_snapshots('courant')",
    "FROM ducklake_cleanup_old_files('courant', cleanup_all := true)",
    "FROM ducklake_merge_adjacent_files('courant')",
    "FROM ducklake_add_data_files('courant', 'event_log', '{file}')",
    "FROM enable_logging('QueryLog', storage := 'file', storage_path := '{data}/logs')",
    "FROM query('SELECT 1')",
    "FROM query_table('/etc/passwd')",
    "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "FROM checkpoint()",
    "FROM duckdb_secrets()",
]


@pytest.mark.parametrize("sql", REFUSED)
def test_everything_else_is_refused_with_one_line_and_leaves_no_trace(path: Path, asked: Asked, sql: str) -> None:
    files = {file: file.read_bytes() for file in path.rglob("*.parquet")}
    assert files
    places = {"data": path / "data", "file": next(iter(files)), "index": path / "catalog.sqlite"}
    with pytest.raises(QueryRefusedError) as refusal:
        asked(sql.format(**places))
    assert "\n" not in str(refusal.value)
    assert {file: file.read_bytes() for file in path.rglob("*.parquet")} == files
    assert not (path / "data" / "logs").exists()


def test_no_statement_is_run_where_one_is_refused(path: Path, asked: Asked) -> None:
    results = run_select(path, "SELECT 1; DROP TABLE event_log")
    with pytest.raises(QueryRefusedError):
        next(results)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT nobody FROM feeds", "Candidate bindings"),
        ("FROM feds", 'Did you mean "feeds"'),
        ("SELECT 'x'::INTEGER", "Could not convert"),
        ("SELECT error('late') FROM range(100000)", "late"),
        ("SELECT getenv('HOME')", "does not exist"),
        ("SELECT 'open", "unterminated"),
        ("", "empty"),
        (" ; -- nothing", "empty"),
        (f"SELECT {'+'.join(['1'] * 3000)}", "depth"),
    ],
)
def test_wrong_sql_is_told_in_duckdbs_words(asked: Asked, sql: str, said: str) -> None:
    with pytest.raises((QueryError, QueryRefusedError)) as error:
        asked(sql)
    assert said in str(error.value)


def test_locals_of_the_program_are_out_of_reach(asked: Asked) -> None:
    files = pa.table({"secret": [1]})
    assert files.num_rows == 1
    with pytest.raises(QueryError, match="files does not exist"):
        asked("FROM files")


def test_several_statements_give_several_results(asked: Asked) -> None:
    assert asked("SELECT 1 AS a; SELECT 2 AS b") == [[{"a": 1}], [{"b": 2}]]


def test_ctrl_c_ends_a_query_and_leaves_the_connection_usable(path: Path) -> None:
    endless = "SELECT count(*) FROM range(100000000) a, range(1000) b WHERE a.range % 7 = b.range % 3"
    with open_for_reading(path) as con:
        timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            [reader.read_all() for reader in ask(con, endless)]
        timer.join()
        assert [reader.read_all().num_rows for reader in ask(con, "FROM range(3)")] == [3]


def test_json_columns_are_marked(path: Path, asked: Asked) -> None:
    (reader,) = run_select(path, "SELECT payload, type FROM event_log LIMIT 1")
    assert [field.metadata for field in reader.schema] == [JSON_FIELD, None]


def test_a_moved_log_and_a_relative_path_can_be_read(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(path, tmp_path / "it's moved")
    monkeypatch.chdir(tmp_path)
    (reader,) = run_select(Path("it's moved"), "SELECT count(*) AS n FROM calls_held")
    assert reader.read_all().to_pylist() == [{"n": 4}]


def test_no_log_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(LogNotFoundError):
        next(run_select(tmp_path / "nowhere", "SELECT 1"))


def test_sql_by_hand_opens_the_log_in_a_plain_duckdb(path: Path) -> None:
    text = by_hand(Location.find(path))
    with duckdb.connect() as con:
        con.execute(text)
        assert con.execute("SELECT count(*) FROM world_events").fetchall() != [(0,)]
        with pytest.raises(duckdb.Error, match="read-only"):
            con.execute("DELETE FROM event_log")
    other = text.replace(f"'v{duckdb.__version__}'", "'v0.0.1'")
    with duckdb.connect() as con, pytest.raises(duckdb.Error, match="courant publish"):
        con.execute(other)
