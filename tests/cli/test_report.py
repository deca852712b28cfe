"""What a pass came to, as it is shown."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cli.report import EXAMPLES, SHOWN, Row, main, show_events, show_run
from warehouse import connect


def report(run_id: str, **plan: Any) -> dict[str, Any]:
    collected = {"entries_new": 1, "pages_captured": 4, "pages_failed": 2}
    return {
        "run_id": run_id,
        "plan": {"feeds": 3, "feeds_due": 3, **plan},
        "collected": [collected, collected],
        "read": {"articles": 3},
    }


def shown(log: Path, said: dict[str, Any], *, width: int = 80, terminal: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=terminal, color_system="standard" if terminal else None)
    show_run(console, log, said)
    return out.getvalue()


def test_new_events_then_counts_then_where_to_ask(log: Path) -> None:
    text = shown(log, report("run-1"))
    with connect(log) as con:
        new, plain = con.sql(
            "SELECT count(*), count(*) FILTER (modality = 'asserted' AND NOT background) FROM world_events"
        ).fetchall()[0]
    assert 0 < plain < new
    assert f"{new} new events\n{new - plain} of them not shown: " in text
    assert "3 of 3 feeds due, 2 new entries, 8 new pages (4 could not be fetched), 3 articles" in text
    assert text.count(" sql --log ") == 3
    assert f"The log is in {log}" in text.replace("\n", "")


def test_events_are_shown_by_date_with_who_where_and_words(log: Path) -> None:
    text = shown(log, report("run-1"))
    dates = [line[:10] for line in text.splitlines() if line.startswith("2026-")]
    assert dates == sorted(dates)
    assert (
        "2026-09-01  agreement signed  Élodie Straße (SUD)\n            Looking back\n            “On 1 September"
        in text
    )
    assert "Norland, Ostria" in text
    assert "Ostria denied" not in text  # what did not happen is no news; it is in the log
    assert "In May 2020" not in text


def test_words_from_outside_steer_nothing(log: Path) -> None:
    for terminal, width in ((False, 80), (True, 80), (True, 200)):
        text = shown(log, report("run-1"), terminal=terminal, width=width)
        assert "pwned" not in text
        assert "\x1b[31mred" not in text
        assert not set("\x07\x9b\u202e") & set(text)
    assert "<b>bold</b>" in shown(log, report("run-1"))  # as it is written: the words stay


def test_each_failed_poll_of_the_run_is_one_line(log: Path) -> None:
    lines = shown(log, report("run-1")).splitlines()
    assert "3 feeds could not be used" in lines
    assert lines.count("  https://dead.example/feed.xml: It is silent.") == 3
    assert "  None could: is this machine online?" in lines
    assert "online" not in shown(log, report("run-1", feeds_due=14))


def test_hosts_that_rest_are_named_with_what_waits_for_them(log: Path) -> None:
    rest = {"host": "silent.example", "why": "did not answer in 3 passes in a row (dns): one request first"}
    text = shown(log, report("run-1", resting=[{**rest, "feeds": 1, "pages": 12}]), width=200)
    assert f"silent.example {rest['why']}; 1 feed and 12 pages wait" in text


def test_nothing_new_says_so(log: Path) -> None:
    text = shown(log, report("run-2", feeds_due=0))
    assert text.startswith("No new events. The log holds ")
    assert "none of 3 feeds due yet" in text
    assert "could not be used" not in text
    assert text.count(" sql --log ") == 3


def test_a_wide_terminal_gets_a_table(log: Path) -> None:
    narrow, wide = (shown(log, report("run-1"), terminal=True, width=width) for width in (80, 180))
    assert "Headline" in wide
    assert "Headline" not in narrow


@pytest.mark.parametrize("width", [60, 80, 139, 140, 200])
def test_no_event_is_wider_than_the_terminal(width: int) -> None:
    out = io.StringIO()
    row = Row("2026-09-14", "talks planned", "Norland, Ostria " * 8, "Port Elsa", "A headline " * 20, "“words” " * 60)
    show_events(Console(file=out, width=width, force_terminal=True, color_system=None), [row])
    assert max(len(line.rstrip("\n")) for line in out.getvalue().splitlines()) <= width


def test_the_example_queries_run(log: Path) -> None:
    with connect(log) as con:
        for query in EXAMPLES:
            assert con.execute(query).description
    assert len(EXAMPLES) == 3
    assert SHOWN < 50


def test_as_a_program(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "report.json").write_text(json.dumps(report("run-2")))
    assert main([str(log), str(tmp_path / "report.json")]) == 0
    assert "No new events" in capsys.readouterr().out
    assert main([str(tmp_path / "nothing"), str(tmp_path / "report.json")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "no event log at" in line
