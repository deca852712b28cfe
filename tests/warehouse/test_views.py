"""Guarantee 6, for people: every view's columns are a contract, every column is explained, coverage counts right."""

import json
from pathlib import Path

import pytest

from schemas.world import EVENT_TYPES
from tests.warehouse.sample_events import article, call_article, captured, discovered, failed, polled, span
from warehouse import Log, connect
from warehouse.layout import dictionary, view_name

RELATED = "Norland called Ostria on Monday. They agreed to a truce."
CONTRACT = Path(__file__).parent / "view_columns.json"


def rows(path: Path, sql: str) -> list[tuple]:
    with connect(path) as con:
        return con.execute(sql).fetchall()


def test_g6_the_columns_of_every_view_are_as_published(empty_log: Path) -> None:
    """A column may be added at the end of a view, and here; one that goes or changes breaks people's queries."""
    found: dict[str, dict[str, str]] = {}
    for view, column, type_ in rows(empty_log, 'SELECT "view", "column", "type" FROM data_dictionary'):
        found.setdefault(view, {})[column] = type_
    assert found == json.loads(CONTRACT.read_text())


def test_g6_every_column_is_explained(empty_log: Path) -> None:
    assert rows(empty_log, 'SELECT "view", "column" FROM data_dictionary WHERE meaning = \'\'') == []
    explained = {(view, column) for view, column in rows(empty_log, 'SELECT "view", "column" FROM data_dictionary')}
    extra = {("world_events", "announced_on"), ("world_events", "due_on")}
    assert set(dictionary()) - explained == extra


def test_g6_a_view_for_every_type_of_the_catalogue(empty_log: Path) -> None:
    views = {name for (name,) in rows(empty_log, "SELECT view_name FROM duckdb_views() WHERE NOT internal")}
    assert {view_name(type_) for type_ in EVENT_TYPES} <= views
    assert {"feeds", "articles", "captures", "world_events", "participants", "actors", "coverage", "runs"} <= views


def test_g6_every_view_of_events_names_the_usual_filter(empty_log: Path) -> None:
    comments = dict(rows(empty_log, "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"))
    for name in ["world_events", "participants", "actors", *(view_name(type_) for type_ in EVENT_TYPES)]:
        assert "modality = 'asserted' AND NOT background" in (comments[name] or ""), name


@pytest.mark.parametrize("view", ["calls_planned", "talks_planned", "releases_planned"])
def test_planned_types_say_when_announced_and_when_due(empty_log: Path, view: str) -> None:
    columns = [name for name, *_ in rows(empty_log, f"DESCRIBE {view}")]
    assert columns[:2] == ["announced_on", "due_on"]


def test_g6_coverage_counts_each_feed_and_hour(path: Path) -> None:
    urls = [f"https://a.example/{n}" for n in range(3)]
    quarter = [f"2026-09-14T12:{m:02}Z" for m in (0, 15, 30, 45)]
    with Log.open(path) as log:
        log.append([polled("a", quarter[0], entries_new=3), *(discovered("a", url, url) for url in urls)])
        log.append([*call_article(urls[0]), captured(urls[1]), failed(urls[2], 1)])
        log.append([polled("a", slot, outcome="unchanged") for slot in quarter[1:]])
        log.append([polled("a", f"2026-09-14T13:{m:02}Z", outcome="failed") for m in (0, 15)])
        log.append([polled("b", "2026-09-14T12:00Z", entries_new=0), polled("b", "2026-09-14T15:00Z", overflow=True)])
    found = rows(
        path,
        "SELECT feed_url[9:9], hour(hour), polls_expected, polls, fetched, unchanged, failed, entries_new, overflow,"
        " pages, extracted, empty, events, state FROM coverage ORDER BY ALL",
    )
    assert found == [
        ("a", 12, 4, 4, 1, 3, 0, 3, False, 2, 1, 0, 2, "ok"),
        ("a", 13, 4, 2, 0, 0, 2, 0, False, 0, 0, 0, 0, "failing"),
        ("a", 14, 4, 0, 0, 0, 0, 0, False, 0, 0, 0, 0, "silent"),
        ("a", 15, 1, 0, 0, 0, 0, 0, False, 0, 0, 0, 0, "silent"),
        ("b", 12, 1, 1, 1, 0, 0, 0, False, 0, 0, 0, 0, "quiet"),
        ("b", 13, 0, 0, 0, 0, 0, 0, False, 0, 0, 0, 0, "ok"),
        ("b", 14, 0, 0, 0, 0, 0, 0, False, 0, 0, 0, 0, "ok"),
        ("b", 15, 1, 1, 1, 0, 0, 0, True, 0, 0, 0, 0, "quiet"),
    ]


def test_coverage_expects_no_poll_for_which_a_feed_was_put_off(path: Path) -> None:
    gone = {"outcome": "failed", "reason": "http_410"}
    with Log.open(path) as log:
        log.append([polled("a", f"2026-09-14T{hour}:00Z") for hour in (12, 13)])
        log.append([polled("a", "2026-09-14T14:00Z", due_at="2026-09-14T16:00:00+00:00")])
        log.append([polled("b", f"2026-09-14T{hour}:00Z") for hour in (12, 13)])
        log.append([polled("b", "2026-09-14T14:00Z", **gone), polled("c", "2026-09-14T17:00Z")])
    found = rows(path, "SELECT hour(hour), polls_expected, state FROM coverage WHERE feed_url[9:9] = 'a' ORDER BY hour")
    assert found[2:] == [(14, 1, "quiet"), (15, 0, "ok"), (16, 1, "silent"), (17, 1, "silent")]
    ended = rows(path, "SELECT polls_expected, state FROM coverage WHERE feed_url[9:9] = 'b' AND hour(hour) > 14")
    assert ended == [(0, "ok")] * 3
    assert rows(path, "SELECT ended FROM feeds ORDER BY url") == [(False,), (True,), (False,)]


def test_actors_are_counted_once_an_event(path: Path) -> None:
    with Log.open(path) as log:
        log.append(call_article("https://a.example/1"))
        log.append(call_article("https://b.example/2"))
        denied = {"type": "call_held", "quote": "Ostria called", "modality": "denied",
                  "participants": [{"name": "Ostria", "kind": "country", "code": "OST", "role": "party"}]}  # fmt: skip
        log.append(article("https://c.example/3", "A denial", "Nobody says that Ostria called.", claims=[denied]))
    found = rows(path, "SELECT actor_id, name, code, events, articles FROM actors ORDER BY 1")
    assert found == [
        ("country:ostria", "Ostria", "OST", 2, 2),
        ("person:ada-lind", "Ada Lind", "NOR", 2, 2),
        ("person:boris-ume", "Boris Ume", "OST", 2, 2),
    ]


def test_relations_name_both_events_of_an_article(path: Path) -> None:
    call = {"type": "call_held", "quote": "Norland called Ostria", "participants": []}
    at = {"relation": "at", "type": "call_held", **span("Norland called Ostria", "", RELATED)}
    truce = {"type": "truce_agreed", "quote": "They agreed to a truce", "participants": [], "related_to": [at]}
    with Log.open(path) as log:
        log.append(article("https://a.example/1", "A call", RELATED, claims=[call, truce]))
    found = rows(path, "SELECT type, relation, other_type FROM relations")
    assert found == [("truce_agreed", "at", "call_held")]
    [(ids,)] = rows(path, "SELECT count(*) FROM relations r JOIN world_events w ON w.event_id = r.other_event_id")
    assert ids == 1
