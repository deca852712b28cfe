"""Guarantee 11: the published copy is a plain DuckDB file, put in place whole."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.sample_events import NOON, call_article, polled
from warehouse import Log, connect
from warehouse.errors import LogNotWritableError
from warehouse.location import Location
from warehouse.publish import publish, published_copies


@pytest.fixture
def filled(path: Path) -> Path:
    with Log.open(path) as log:
        log.append([polled("a", "2026-09-14T12:00Z"), *call_article("https://a.example/1")])
    return path


def ask(file: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(file), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_g11_it_says_what_the_log_says_and_needs_no_extension(filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "news.duckdb"
    report = publish(filled, file, now=NOON)
    assert (report.position, report.rows["world_events"], report.rows["articles"]) == (6, 2, 1)
    with connect(filled) as con:
        for view in ("world_events", "articles", "participants", "calls_held", "coverage", "data_dictionary"):
            sql = f"SELECT * FROM {view} ORDER BY ALL"
            assert ask(file, sql) == con.execute(sql).fetchall(), view
    plain = "import duckdb, sys; off = {'autoload_known_extensions': False};"
    plain += "c = duckdb.connect(sys.argv[1], read_only=True, config=off);"
    plain += "print(c.execute('SELECT count(*) FROM truces_rejected').fetchall())"
    out = subprocess.run([sys.executable, "-c", plain, str(file)], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[(1,)]"
    assert ask(file, "SELECT position, with_texts FROM published") == [(6, True)]
    assert published_copies(Location(filled)) == {file: True}
    assert [f.name for f in tmp_path.glob("news*")] == ["news.duckdb"]


def test_g11_without_texts(filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "news.duckdb"
    publish(filled, file, now=NOON, with_texts=False)
    assert ask(file, "SELECT count(text), count(title) FROM articles") == [(0, 1)]
    assert ask(file, "SELECT count(quote), count(actor1_name) FROM world_events") == [(0, 2)]


def test_g11_without_texts_no_revision_tells_one(filled: Path, tmp_path: Path) -> None:
    with Log.open(filled) as log:
        log.append(call_article("https://a.example/1", at=60, extra="\nA paragraph more."))
    for texts in (True, False):
        publish(filled, tmp_path / "news.duckdb", now=NOON, with_texts=texts)
        said = ask(tmp_path / "news.duckdb", "SELECT paragraphs_added FROM revisions")
        assert said == ([(["A paragraph more."],)] if texts else [(None,)])
        kept = b"A paragraph more." in (tmp_path / "news.duckdb").read_bytes()
        assert kept or not texts


def test_g11_readers_of_the_old_file_are_undisturbed(filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "news.duckdb"
    publish(filled, file, now=NOON)
    reader = duckdb.connect(str(file), read_only=True)
    with Log.open(filled) as log:
        log.append(call_article("https://b.example/2"))
    publish(filled, file, now=NOON)
    assert reader.execute("SELECT count(*) FROM articles").fetchall() == [(1,)]
    reader.close()
    assert ask(file, "SELECT count(*) FROM articles") == [(2,)]


def test_g11_a_folder_that_cannot_be_written(filled: Path, tmp_path: Path) -> None:
    with pytest.raises(LogNotWritableError, match="cannot write"):
        publish(filled, tmp_path / "nowhere" / "news.duckdb", now=NOON)
