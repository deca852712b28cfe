"""What docs/rights.md tells an operator to type is typed here, and does what it says."""

import json
import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from ingest.fetch.config import FetchConfig
from ingest.reservations import KEEPING, MINING, TDM
from tests.warehouse.sample_events import CALL_TEXT, call_article
from warehouse import Log, connect

MANUAL = (Path(__file__).parents[2] / "docs" / "rights.md").read_text()
COMMANDS = re.findall(r"^    courant (.*)$", MANUAL, re.MULTILINE)
QUERIES = re.findall(r"^```sql\n(.*?)^```", MANUAL, re.MULTILINE | re.DOTALL)
STORY = "https://news.example/story"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("COURANT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    with Log.create(tmp_path / "courant-log") as log:
        log.append(call_article(STORY))
    return tmp_path


def typed(line: str) -> str:
    done = CliRunner().invoke(app, line.split())
    assert done.exit_code == 0, f"{line}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_can_be_typed(desk: Path, line: str) -> None:
    typed(line)


@pytest.mark.parametrize("query", QUERIES)
def test_each_query_has_an_answer(desk: Path, query: str) -> None:
    with connect(desk / "courant-log") as con:
        con.execute(query).fetchall()


def test_what_is_taken_down_is_gone_and_does_not_come_back(desk: Path) -> None:
    [line] = [line for line in COMMANDS if STORY in line]
    typed(line)
    with Log.open(desk / "courant-log") as log:
        log.append(call_article(STORY))
        assert log.query("SELECT text, text_status FROM articles") == [(None, "erased")]
        assert log.query("SELECT DISTINCT quote FROM world_events") == [(None,)]
        assert log.query("SELECT count(*) FROM texts") == [(0,)]


def test_the_words_that_are_obeyed_are_told() -> None:
    told = MANUAL.partition("## Reservations")[2].partition("## Taking")[0]
    assert {word for word in (*KEEPING, *MINING, TDM) if f"`{word}" not in told} == set()


def test_the_user_agent_is_as_told() -> None:
    assert f"`{FetchConfig(contact='desk@example.org').user_agent}`" in MANUAL


def test_the_status_says_what_is_kept_and_for_how_long(desk: Path) -> None:
    captures = desk / "courant-log" / "captures" / "2026" / "09"
    captures.mkdir(parents=True)
    (captures / "live.warc.gz").write_bytes(b"x" * 1_200_000)
    said = json.loads(typed("status --json"))["log"]
    assert (said["capture_files"], said["capture_bytes"], said["spool_keep_days"]) == (1, 1_200_000, 7)
    page = typed("status --format table")
    assert "captures kept until pruned: 1 file, 1.2 MB\n  texts kept until erased, spool for 7 days" in page
    assert CALL_TEXT not in page
