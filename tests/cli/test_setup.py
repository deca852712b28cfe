"""Setting up and running: init, run, backfill, and the small commands about log and schemas."""

import json
import tomllib
from pathlib import Path

import pytest

from cli.progress import Progress
from ingest.settings import Settings
from samples.newsroom import serve
from tests.cli.conftest import Courant
from warehouse import Log, connect
from warehouse.location import Location
from warehouse.lock import writer_lock


def test_init_makes_a_folder_to_run_from(courant: Courant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = courant("init", "desk", "--contact", "desk@example.org")
    assert (done.code, done.data) == (0, b"")
    assert "cd desk && courant run" in done.words
    assert sorted(file.name for file in (tmp_path / "desk").iterdir()) == ["courant-log", "courant.toml", "feeds.opml"]
    monkeypatch.chdir(tmp_path / "desk")
    settings = Settings.load(environ={})
    assert settings.contact == "desk@example.org"
    assert settings.log.resolve() == tmp_path / "desk" / "courant-log"
    assert courant("status", "--json").code == 0


def test_init_keeps_what_is_there(courant: Courant, tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").write_text("<opml version='2.0'><body/></opml>")
    Log.create(tmp_path / "courant-log").close()
    done = courant("init", "--contact", "https://example.org/about")
    assert done.code == 0
    assert done.words.count("was there, kept") == 2
    assert (tmp_path / "feeds.opml").read_text().endswith("<body/></opml>")
    again = courant("init", "--contact", "desk@example.org")
    assert (again.code, again.words.count("\n")) == (2, 1)
    assert tomllib.loads((tmp_path / "courant.toml").read_text())["contact"] == "https://example.org/about"


def test_init_without_a_terminal_leaves_the_contact_open(courant: Courant, tmp_path: Path) -> None:
    done = courant("init")
    assert done.code == 0
    assert "No contact yet" in done.words
    assert "contact" not in tomllib.loads((tmp_path / "courant.toml").read_text())


@pytest.mark.parametrize(
    "options", [["--contact", "nobody"], ["--contact", "a@b.example\nx = 1"], ["--feeds", "nowhere.opml"]]
)
def test_init_refuses_and_makes_nothing(courant: Courant, tmp_path: Path, options: list[str]) -> None:
    done = courant("init", "desk", *options)
    assert (done.code, done.words.count("\n")) == (2, 1)
    assert not (tmp_path / "desk").exists()


def test_run_twice_and_backfill_over_the_sample_newsroom(courant: Courant, tmp_path: Path) -> None:
    samples = Path(__file__).parents[2] / "samples"
    (tmp_path / "feeds.opml").write_text(
        "<opml version='2.0'><body><outline xmlUrl='https://newsroom.example/nowhere.xml'/></body></opml>"
    )
    Log.create(tmp_path / "courant-log").close()
    with serve() as newsroom:
        env = {"COURANT_OVERRIDES": f"newsroom.example={newsroom.host}:{newsroom.port}", "COURANT_CODER": "none"}
        first = courant("run", "--json", env=env)
        assert first.code == 0
        assert json.loads(first.data)["collected"][0]["feeds_failed"] == 1
        shown = courant("run", env=env)
        assert shown.code == 0
        assert "No new events" in shown.text
    page = samples / "site" / "pages" / "cup-holders-out.html"
    line = {
        "url": "https://newsroom.example/cup",
        "html": page.read_text("utf-8"),
        "fetched_at": "2026-09-10T08:00:00Z",
    }
    (tmp_path / "pages.jsonl").write_text(json.dumps(line) + "\n{broken\n")
    outside = courant("backfill", "pages.jsonl", "--until", "2026-09-10", "--json", env=env)
    assert json.loads(outside.data)["outside"] == 1
    brought = courant("backfill", "pages.jsonl", "--since", "2026-09-10", env=env)
    assert brought.code == 0
    assert "1 new pages" in brought.text
    again = courant("backfill", "pages.jsonl", env=env)
    assert "0 new pages, 2 in the log already" in again.text
    with connect(tmp_path / "courant-log") as con:
        assert con.sql("SELECT count(*) FROM articles").fetchall() == [(1,)]


def test_log_create_and_lock(courant: Courant, tmp_path: Path) -> None:
    assert courant("log", "create", "log").code == 0
    again = courant("log", "create", "log")
    assert (again.code, again.words.count("\n")) == (2, 1)
    assert courant("log", "lock", "--log", "log", "--format", "table").text == "Nobody is writing to the log.\n"
    with writer_lock(Location(tmp_path / "log"), purpose="append"):
        held = json.loads(courant("log", "lock", "--log", "log", "--json").data)
        assert (held["held"], held["purpose"]) == (True, "append")
        assert "append" in courant("log", "lock", "--log", "log", "--format", "table").text


def test_schema_export_and_check(courant: Courant, tmp_path: Path) -> None:
    assert courant("schema", "export", "made", "--check").code == 1
    assert not (tmp_path / "made").exists()
    done = courant("schema", "export", "made")
    assert done.code == 0
    files = done.text.splitlines()
    assert "made/call_held.v1.json" in files
    assert json.loads((tmp_path / "made" / "call_held.v1.json").read_text())["$schema"].endswith("2020-12/schema")
    assert courant("schema", "export", "made", "--check").data == b""
    (tmp_path / "made" / "call_held.v1.json").write_text("{}")
    checked = courant("schema", "export", "made", "--check")
    assert (checked.code, checked.text) == (1, "made/call_held.v1.json\n")


def test_the_projects_own_schemas_are_current(courant: Courant) -> None:
    assert courant("schema", "export", "--check").code == 0


def test_progress_says_each_step_once_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    import sys

    with Progress(sys.stderr) as progress:
        for done in range(4):
            progress("read", done, 3)
        progress("read", 3, 3)
        progress("append", 0, 0)
    assert capsys.readouterr().err == "read: 3 of 3\n"
