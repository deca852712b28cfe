"""The commands that look after a log, as a person types them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.warehouse.sample_events import call_article, failed
from warehouse import Log, connect

ROOT = Path(__file__).parents[2]
URL = "https://a.example/call"


@pytest.fixture
def filled(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with Log.open(path) as log:
        log.append(call_article(URL))
    monkeypatch.setenv("COURANT_LOG", str(path))
    return path


def courant(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.stdout


def test_tail_shows_the_end_of_the_log(filled: Path) -> None:
    code, out = courant("log", "tail", "-n", "2", "--format", "jsonl")
    assert (code, [json.loads(line)["position"] for line in out.splitlines()]) == (0, [4, 5])
    code, out = courant("log", "tail", "--after", "0", "--type", "call_held", "--format", "jsonl")
    assert [json.loads(line)["type"] for line in out.splitlines()] == ["call_held"]
    assert courant("log", "tail", "--type", "call_hold")[0] == 2


def test_verify_tells_by_its_exit_code(filled: Path) -> None:
    assert courant("log", "verify") == (0, "")
    with Log.open(filled).writing("harm") as con:
        con.execute("DELETE FROM proj.world_events")
    code, out = courant("log", "verify", "--format", "jsonl")
    assert (code, json.loads(out)["check"]) == (1, "projections")
    assert courant("log", "rebuild")[0] == 0
    assert courant("log", "verify")[0] == 0


def test_backup_restore_recover_upgrade_upkeep(filled: Path, tmp_path: Path) -> None:
    assert courant("log", "backup", str(tmp_path / "copy"))[0] == 0
    assert courant("log", "restore", str(tmp_path / "copy"))[0] == 0
    code, out = courant("upkeep", "--json")
    assert (code, json.loads(out)["failed"]) == (0, 0)
    (filled / "catalog.sqlite").unlink()
    assert courant("log", "recover")[0] == 0
    assert courant("log", "upgrade")[0] == 0
    with connect(filled) as con:
        assert con.execute("SELECT count(*) FROM world_events").fetchall() == [(2,)]


def test_publish_and_export(filled: Path, tmp_path: Path) -> None:
    assert courant("publish", str(tmp_path / "news.duckdb"), "--without-texts")[0] == 0
    with duckdb.connect(str(tmp_path / "news.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*), count(quote) FROM calls_held").fetchall() == [(1, 0)]
    code, out = courant("export", "calls_held", "--format", "csv")
    assert (code, len(out.splitlines())) == (0, 2)
    assert courant("export", "calls_hold")[0] == 2


def test_retract_correct_and_erase(filled: Path) -> None:
    with connect(filled) as con:
        [(call,)] = con.execute("SELECT claim_id FROM calls_held").fetchall()
        [(truce,)] = con.execute("SELECT claim_id FROM truces_rejected").fetchall()
    why = ("--by", "desk", "--reason", "misread")
    assert courant("correct", str(truce), "--set", "modality=unconfirmed", "--set", "background=true", *why)[0] == 0
    assert courant("retract", str(call), *why)[0] == 0
    with connect(filled) as con:
        shown = con.execute("SELECT type, modality, background FROM world_events").fetchall()
    assert shown == [("truce_rejected", "unconfirmed", True)]
    assert courant("correct", str(truce), "--set", "modality", *why)[0] == 2
    assert courant("erase", "--reason", "request")[0] == 2
    assert courant("erase", URL, "--reason", "request")[0] == 0
    with connect(filled) as con:
        assert con.execute("SELECT count(*) FROM texts").fetchall() == [(0,)]


def test_g5_tail_follows_what_comes(filled: Path) -> None:
    """The real command: it shows what is there, then what another process appends, and ends at Ctrl-C."""
    command = [sys.executable, "-m", "cli.main", "log", "tail", "-f", "--after", "0"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "COURANT_LOG": str(filled)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as tail:
        assert tail.stdout is not None
        assert [json.loads(tail.stdout.readline())["position"] for _ in range(5)] == [1, 2, 3, 4, 5]
        with Log.open(filled) as log:
            log.append([failed("https://b.example/1", 1)])
            log.append([failed("https://b.example/2", 1)])
        assert [json.loads(tail.stdout.readline())["position"] for _ in range(2)] == [6, 7]
        tail.send_signal(signal.SIGINT)
        assert tail.wait(timeout=60) in (0, 130)
        assert tail.stdout.read() == ""
