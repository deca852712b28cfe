"""`courant events`: which events, in which order, with which columns."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from cli.status import look
from ingest.settings import Settings
from tests.cli.conftest import Courant


@pytest.fixture
def found(courant: Courant, log: Path) -> Any:
    """The events that these options show, as (type, date)."""

    def run(*options: str) -> list[tuple[str, str]]:
        done = courant("events", "--log", log, "--json", *options)
        assert done.code == 0
        return [(event["type"], event["event_date"]) for event in json.loads(done.data)]

    return run


CALL, TRUCE = ("call_held", "2026-09-14"), ("truce_rejected", "2026-09-14")
TALKS, TREATY = ("talks_planned", "2026-09-20"), ("agreement_signed", "2026-09-01")


def test_the_latest_come_first_and_only_the_usual_ones(found: Any) -> None:
    assert found() == [TALKS, TRUCE, CALL, TREATY]
    assert found("--limit", "2") == [TALKS, TRUCE]
    assert len(found("--all", "--limit", "0")) == 6


def test_types_by_name_view_and_family(found: Any) -> None:
    assert found("--type", "call_held") == found("--type", "calls_held") == [CALL]
    assert found("--type", "contact") == [TALKS, CALL]
    assert found("--type", "truce", "--type", "Call-Held") == [TRUCE, CALL]


def test_actors_by_code_id_and_words_of_a_name(found: Any) -> None:
    assert found("--actor", "ost") == [TALKS, TRUCE, CALL]
    assert found("--actor", "person:ada-lind") == found("--actor", "ada LIND") == [CALL]
    assert found("--actor", "Elodie") == [TREATY]  # without the accent
    assert found("--actor", "lin") == []  # whole words only
    assert found("--actor", "SUD", "--actor", "person:ada-lind") == [CALL, TREATY]


def test_dates_include_the_first_day_and_not_the_last(found: Any) -> None:
    assert found("--since", "2026-09-14", "--until", "2026-09-20") == [TRUCE, CALL]
    assert found("--since", "2026-09-20") == [TALKS]


def test_options_together_narrow_down(found: Any) -> None:
    assert found("--actor", "OST", "--type", "truce", "--since", "2026-09-14") == [TRUCE]


def test_an_unknown_type_is_told_with_the_nearest(courant: Courant, log: Path) -> None:
    done = courant("events", "--log", log, "--type", "truces_agred")
    assert (done.code, done.words.count("\n")) == (2, 1)
    assert "truces_agreed" in done.words
    assert courant("events", "--log", log, "--actor", "?!").code == 2


def test_the_table_is_readable_and_says_what_is_left_out(courant: Courant, log: Path) -> None:
    done = courant("events", "--log", log, "--format", "table", "--limit", "3")
    assert "2026-09-20  talks planned  Norland, Ostria" in done.text
    assert "“Norland will meet Ostria in Port Elsa on 20 September”" in done.text
    assert "\x1b" not in done.text
    assert "3 of 4 events" in done.words
    assert "2 more denied" in done.words


def test_other_formats_have_every_column(courant: Courant, log: Path, tmp_path: Path) -> None:
    assert courant("events", "--log", log, "--all", "--limit", "0", "-o", "events.parquet").code == 0
    table = pq.read_table(tmp_path / "events.parquet")
    assert table.num_rows == 6
    assert {"event_id", "participants", "quote", "url", "confidence"} <= set(table.schema.names)
    header = courant("events", "--log", log, "-f", "markdown").text.splitlines()[0]
    assert header == "| event\\_date | type | who | place | headline | quote |"


def test_status_tells_and_warns(courant: Courant, log: Path) -> None:
    done = courant("status", "--log", log, "--json")
    said = json.loads(done.data)
    assert said["log"]["articles"] == 3
    assert said["log"]["world_events"] == 6
    assert said["log"]["writer"] is None
    assert {feed["url"]: feed["failures_in_a_row"] for feed in said["feeds"]}["https://dead.example/feed.xml"] == 3
    assert said["runs"][0]["run_id"] == "run-1"
    for warning in ("no contact", "dead.example/feed.xml failed 3 times in a row", "does not exist"):
        assert warning in done.words
        assert any(warning in one for one in said["warnings"])


def test_status_as_a_page_fits_a_terminal(courant: Courant, log: Path) -> None:
    page = courant("status", "--log", log, "--format", "table", env={"COLUMNS": "80"}).text
    assert "Feeds (3)" in page
    assert "── 1 ──" not in page
    rows = [line for line in page.splitlines()[1:] if line]
    assert max(map(len, rows)) <= 80
    csv = courant("status", "--log", log, "--format", "csv").text
    assert csv.startswith("url,title,last_outcome")
    assert csv.count("\n") == 4


def test_status_notices_a_schedule_that_is_off(log: Path) -> None:
    settings = Settings(log=log, contact="desk@example.org")
    late = look(settings, datetime(2026, 9, 16, 12, tzinfo=UTC)).warnings
    assert any("the last run was on 2026-09-14" in warning for warning in late)
    in_time = look(settings, datetime(2026, 9, 14, 13, tzinfo=UTC)).warnings
    assert not any("last run" in warning or "contact" in warning for warning in in_time)
