"""Guarantee 6 for what the analyst reads: articles and world events, caught up in any cuts or made from nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.digests import digest
from tests.warehouse.sample_events import (
    CALL_TEXT,
    activated,
    article,
    call_article,
    captured,
    discovered,
    failed,
    listed,
    polled,
)
from warehouse import Log, connect, postgres
from warehouse.attach import attach
from warehouse.errors import LayoutError
from warehouse.location import LAYOUT, Location
from warehouse.upgrade import upgrade

HERE = Path(__file__).parent
URLS = [f"https://a.example/{n}" for n in range(3)]


def state(path: Path) -> dict[str, str]:
    """A hash of each table that the analyst's views read."""
    with connect(path) as con:
        return {
            name: digest(repr(con.execute(f"SELECT * FROM {name} ORDER BY position").fetchall()))
            for name in ("articles", "world_events", "participants")
        }


def rows(path: Path, sql: str) -> list[tuple]:
    with connect(path) as con:
        return con.execute(sql).fetchall()


def test_leaving_the_log_brings_the_views_up_to_it(path: Path) -> None:
    with Log.open(path) as log:
        log.append(call_article(URLS[0]))
        assert rows(path, "SELECT count(*) FROM world_events") == [(0,)]
    assert rows(path, "SELECT count(*) FROM world_events") == [(2,)]
    assert rows(path, "SELECT position FROM proj.checkpoint WHERE name = 'state'") == [(5,)]


def test_an_error_leaves_the_catching_up_to_the_next_one(path: Path) -> None:
    log = Log.open(path)
    log.append(call_article(URLS[0]))
    log.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert rows(path, "SELECT count(*) FROM world_events") == [(0,)]
    with Log.open(path) as log:
        log.append(call_article(URLS[1]))
    assert rows(path, "SELECT count(*) FROM world_events") == [(4,)]


def test_g4_readers_see_the_state_at_one_commit(path: Path) -> None:
    with Log.open(path) as log, connect(path) as con:
        log.append(call_article(URLS[0]))
        log.catch_up()
        con.execute("BEGIN")
        seen = con.execute("SELECT count(*) FROM world_events").fetchall()
        log.append(call_article(URLS[1]))
        log.catch_up(chunk=1)
        assert con.execute("SELECT count(*) FROM articles JOIN world_events USING (article_id)").fetchall() == seen
        con.execute("COMMIT")
        assert con.execute("SELECT count(*) FROM world_events").fetchall() == [(4,)]


def test_an_old_revision_that_arrives_late_does_not_win(path: Path) -> None:
    with Log.open(path) as log:
        log.append(call_article(URLS[0], at=60, extra=" More was said in the evening."))
    newest = rows(path, "SELECT text FROM articles")
    with Log.open(path) as log:
        log.append(call_article(URLS[0], at=0))
    assert rows(path, "SELECT text, revisions FROM articles") == [(newest[0][0], 2)]
    assert rows(path, "SELECT DISTINCT mention_count FROM world_events") == [(1,)]
    assert rows(path, "SELECT count(*) FROM world_events") == [(2,)]
    with Log.open(path) as log:
        log.append(call_article(URLS[0], at=120, extra=" Nothing more came."))
    assert rows(path, "SELECT text, revisions FROM articles") == [(CALL_TEXT + " Nothing more came.", 3)]


def test_of_two_readings_of_one_capture_that_of_the_newer_extractor_is_current(path: Path) -> None:
    shot = captured(URLS[0], "the page")
    with Log.open(path) as log:
        log.append(article(URLS[0], "Tenth", "What the tenth version read.", capture=shot, extractor="courant/10+x-1"))
    with Log.open(path) as log:
        log.append(article(URLS[0], "Ninth", "What the ninth version read.", capture=shot, extractor="courant/9+x-3"))
    assert rows(path, "SELECT title FROM articles") == [("Tenth",)]
    assert rows(path, "SELECT extractor FROM extractions WHERE current") == [("courant/10+x-1",)]
    assert rows(path, "SELECT changed_by, title_before, title FROM revisions") == [("extractor", "Ninth", "Tenth")]


def test_the_coder_of_the_greatest_rank_is_current(path: Path) -> None:
    old, new = (call_article(URLS[0], coder=f"frames@{n}") for n in (1, 2))
    with Log.open(path) as log:
        log.append([activated("frames@1", 1), *old])
    with Log.open(path) as log:
        log.append(new)
    assert rows(path, "SELECT DISTINCT coder_version FROM world_events") == [("1",)]
    with Log.open(path) as log:
        log.append([activated("frames@2", 2)])
    assert rows(path, "SELECT DISTINCT coder_version FROM world_events") == [("2",)]


def test_words_are_cut_from_the_text(path: Path) -> None:
    with Log.open(path) as log:
        log.append(call_article(URLS[0]))
    [call] = rows(path, "SELECT quote, actor1_name, actor2_name, actor2_id, dyad FROM calls_held")
    assert call == (CALL_TEXT[:76], "Ada Lind", "Boris Ume", "person:boris-ume", "NOR-OST")


EVENTS = st.one_of(
    st.builds(
        call_article,
        st.sampled_from(URLS),
        coder=st.sampled_from(["frames@1", "frames@2"]),
        at=st.sampled_from([0, 60]),
        extra=st.sampled_from(["", " A line more."]),
    ),
    st.builds(
        lambda rank, coder: [activated(coder, rank)], st.integers(1, 3), st.sampled_from(["frames@1", "frames@2"])
    ),
    st.builds(lambda url: article(url, "No event here", "Nothing of note took place in town."), st.sampled_from(URLS)),
    st.builds(lambda url: [captured(url)], st.sampled_from(URLS)),
    st.builds(
        lambda feed, url: [discovered(feed, url, url, title=f"By {feed}")], st.sampled_from("ab"), st.sampled_from(URLS)
    ),
    st.builds(lambda name: [listed(name, "a.example")], st.sampled_from(["One", "Other"])),
)


@pytest.mark.slow
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(EVENTS, st.booleans()), min_size=1, max_size=5))
def test_g6_state_caught_up_in_any_cuts_equals_a_rebuild(
    new_log: Callable[..., Path], tmp_path: Path, history: list
) -> None:
    shutil.rmtree(tmp_path / "log", ignore_errors=True)
    path = new_log()
    with Log.open(path) as log:
        for events, catch_up in history:
            log.append(events)
            if catch_up:
                log.catch_up(chunk=1)
    grown = state(path)
    with Log.open(path) as log:
        log.rebuild_projections(chunk=2)
    assert state(path) == grown
    assert rows(path, "SELECT count(*) FROM world_events_as_of(now()) ANTI JOIN world_events USING (event_id)") == [
        (0,)
    ]


@pytest.mark.slow
def test_g7_an_upgrade_from_layout_1_shows_what_a_log_of_today_shows(path: Path, tmp_path: Path) -> None:
    with Log.open(path) as log:
        log.append([activated("frames@1", 1), *call_article(URLS[0]), *call_article(URLS[1])])
    old = Location(tmp_path / "old")
    Path(old.data).mkdir(parents=True)
    con = attach(old, read_only=False, create=True)
    con.execute((HERE / "layout1.sql").read_text())
    with connect(path) as today:
        for table in ("event_log", "texts", "proj.coder_ranks"):
            kept = today.execute(f"SELECT * FROM {table}").to_arrow_table()  # noqa: F841 - read by the next line
            con.execute(f"INSERT INTO {table} SELECT * FROM kept")
    con.close()
    old.write_marker(Location(path).check())
    old.marker.write_text(old.marker.read_text().replace(f'"layout": {LAYOUT}', '"layout": 1'))
    with pytest.raises(LayoutError, match="courant log upgrade"):
        connect(old.root)
    assert upgrade(old.root) == (1, LAYOUT)
    assert upgrade(old.root) == (LAYOUT, LAYOUT)
    assert state(old.root) == state(path)
    assert (old.root / "catalog-copies").is_dir()
    with Log.open(old.root) as log:
        assert log.append(call_article(URLS[0])).added == 0


@pytest.mark.slow
def test_g7_an_upgrade_from_layout_3_knows_feeds_whole_and_hosts_in_trouble(path: Path) -> None:
    with Log.open(path) as log:
        log.append([polled("a", "2026-09-14T12:30Z", etag="e1"), failed("https://b.example/1", 1)])
        planned = (log.feed_states(), log.host_states())
        with log.writing("make it old") as con:
            con.execute("DROP TABLE proj.host_state")
            con.execute("DROP VIEW hosts")
            con.execute("ALTER TABLE proj.feed_state DROP COLUMN said")
    location = Location.find(path)
    location.marker.write_text(location.marker.read_text().replace(f'"layout": {LAYOUT}', '"layout": 3'))
    if location.catalog.in_postgres:
        postgres.set_layout(location.catalog, 3)
    assert upgrade(path) == (3, LAYOUT)
    with Log.open(path) as log:
        assert (log.feed_states(), log.host_states()) == planned
