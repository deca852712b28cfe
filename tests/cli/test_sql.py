"""`courant sql`: by argument, by standard input, and at the prompt."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from cli.output import Format
from cli.prompt import completions, is_whole, new_session, prompt
from tests.cli.conftest import Courant
from warehouse.query import open_for_reading

Typed = Callable[[str], None]


def test_a_query_by_argument_and_by_standard_input(courant: Courant, log: Path) -> None:
    query = "SELECT type, count(*) AS n FROM world_events GROUP BY type ORDER BY type"
    by_argument = courant("sql", query, "--log", log, "--json")
    assert by_argument.code == 0
    assert {"type": "call_held", "n": 1} in json.loads(by_argument.data)
    for arguments in (["sql", "-"], ["sql"]):
        assert courant(*arguments, "--log", log, "--json", stdin=query.encode()).data == by_argument.data


def test_json_columns_are_values_in_json(courant: Courant, log: Path) -> None:
    done = courant("sql", "SELECT payload FROM event_log WHERE type = 'call_held'", "--log", log, "--json")
    assert json.loads(done.data)[0]["payload"]["evidence"]["field"] == "text"


def test_a_mistake_has_duckdbs_message_and_code_2(courant: Courant, log: Path) -> None:
    done = courant("sql", "SELECT nobody FROM feeds", "--log", log)
    assert (done.code, done.data) == (2, b"")
    assert "Candidate bindings" in done.words
    assert "Traceback" not in done.words


def test_what_is_refused_is_one_line_and_code_2(courant: Courant, log: Path) -> None:
    for query in ("COPY feeds TO 'x.csv'", "FROM read_text('/etc/passwd')", "SET threads = 1"):
        done = courant("sql", query, "--log", log)
        assert (done.code, done.data, done.words.count("\n")) == (2, b"", 1)


def test_several_results_fit_a_table_but_not_a_csv(courant: Courant, log: Path) -> None:
    both = courant("sql", "SELECT 1 AS a; SELECT 2 AS b", "--log", log, "-f", "table").text
    assert both.split() == ["a", "─", "1", "b", "─", "2"]
    refused = courant("sql", "SELECT 1; SELECT 2", "--log", log, "-f", "csv")
    assert (refused.code, refused.data) == (2, b"")
    assert "one at a time" in refused.words


def test_a_plan_is_drawn(courant: Courant, log: Path) -> None:
    assert "┌──" in courant("sql", "EXPLAIN SELECT 1", "--log", log, "-f", "table").text


def test_sql_that_is_not_utf8_is_told(courant: Courant, log: Path) -> None:
    done = courant("sql", "-", "--log", log, stdin="SELECT 'é'".encode("latin-1"))
    assert (done.code, done.words.count("\n")) == (2, 1)


@pytest.fixture
def typed(log: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Typed:
    """Runs the prompt over keys typed beforehand."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def run(keys: str) -> None:
        with create_pipe_input() as keyboard, open_for_reading(log) as con:
            keyboard.send_text(keys)
            prompt(log, Format.table, session=new_session(con, input=keyboard, output=DummyOutput()))

    return run


def test_the_prompt_answers_over_several_lines_and_survives_mistakes(
    typed: Typed, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    asked = "SELECT count(*) AS n\rFROM feeds;\rSELEC 1;\rDROP TABLE feeds;\r.tables\r"
    typed(f"{asked}.format json\rFROM feeds LIMIT 0;\r.quit\r")
    out, err = capfd.readouterr()
    assert out.startswith("n\n─\n3\n")
    assert "truces_agreed" in out
    assert out.endswith("[]\n")
    assert "syntax error" in err
    assert "DROP is not admitted" in err
    assert "FROM feeds" in (tmp_path / "state" / "courant" / "sql_history").read_text()


def test_the_prompt_helps_and_ends_with_ctrl_d(typed: Typed, capfd: pytest.CaptureFixture[str]) -> None:
    typed('.help\r.columns feeds\r.columns no"body\r.format parquet\r.nonsense\r\x04')
    out, err = capfd.readouterr()
    assert ".quit" in out
    assert "failures_in_a_row" in out
    assert "does not exist" in err
    assert "There is no .nonsense" in err


def test_completion_knows_the_logs_names(log: Path) -> None:
    with open_for_reading(log) as con:
        known = completions(con)
    assert {"world_events", "calls_held", "occurred_on", "SELECT"} <= set(known)


@pytest.mark.parametrize(
    ("text", "whole"), [("SELECT 1", False), ("SELECT 1;\n", True), (".help", True), ("quit", True)]
)
def test_enter_sends_only_what_is_whole(text: str, whole: bool) -> None:
    assert is_whole(text) is whole
