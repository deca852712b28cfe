"""The list of publishers in the log: a fact that the views show, and nothing beside it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.envelope import Event
from schemas.facts import Publisher, PublishersListed
from tests.warehouse.sample_events import article, call_article, origin
from warehouse import Log, connect, postgres
from warehouse.attach import attach
from warehouse.location import LAYOUT, Location
from warehouse.upgrade import upgrade
from warehouse.verify import verify

BAY = Publisher(host="bay.example", name="The Bay", country="NOR", ownership="private", group="Tide")
BAY_NEWS = Publisher(host="news.bay.example", name="Bay News", ownership="public")


def listing(*rows: Publisher, after: Event | None = None) -> Event:
    said = PublishersListed(after=after.event_id if after else None, digest=f"sha256:{len(rows)}", publishers=rows)
    return Event.of_fact(said, origin())


def page(url: str) -> list[Event]:
    return article(url, f"A title at {url}", "Nothing of note took place in town.")


def rows(path: Path, sql: str) -> list[tuple]:
    with connect(path) as con:
        return con.execute(sql).fetchall()


OF_ARTICLES = "SELECT url, publisher_name, publisher_ownership, publisher_group FROM articles ORDER BY url"


def test_g6_articles_belong_to_the_longest_listed_host(path: Path) -> None:
    with Log.open(path) as log:
        log.append([listing(BAY, BAY_NEWS)])
        for url in ("https://www.bay.example/1", "https://a.news.bay.example/2", "https://lowbay.example/3"):
            log.append(page(url))
    assert rows(path, OF_ARTICLES) == [
        ("https://a.news.bay.example/2", "Bay News", "public", None),
        ("https://lowbay.example/3", None, None, None),
        ("https://www.bay.example/1", "The Bay", "private", "Tide"),
    ]
    assert rows(path, "SELECT host, publisher_host, articles FROM sources ORDER BY host") == [
        ("a.news.bay.example", "news.bay.example", 1),
        ("lowbay.example", None, 1),
        ("www.bay.example", "bay.example", 1),
    ]


def test_g6_a_new_list_takes_the_place_of_the_old_one_also_for_articles_that_were_there(path: Path) -> None:
    first = listing(BAY)
    second = listing(BAY.model_copy(update={"name": "Bay Times", "group": None}), BAY_NEWS, after=first)
    again = listing(BAY, after=second)
    shown = []
    with Log.open(path) as log:
        log.append(page("https://bay.example/1"))
        for one in (first, second, again):
            log.append([one])
            log.catch_up()
            shown.append(log.query("SELECT publisher_name FROM articles"))
        assert log.query("SELECT count(*) FROM publishers") == [(1,)]
    assert shown == [[("The Bay",)], [("Bay Times",)], [("The Bay",)]]


@pytest.mark.parametrize("cuts", [1, 3, 99])
def test_g6_whose_articles_are_is_the_same_after_a_rebuild(path: Path, cuts: int) -> None:
    first = listing(BAY)
    batches = [page("https://bay.example/1"), [first], page("https://x.news.bay.example/2")]
    batches += [[listing(BAY, BAY_NEWS, after=first)], page("https://other.example/3")]
    with Log.open(path) as log:
        for n, batch in enumerate(batches, start=1):
            log.append(batch)
            if n % cuts == 0:
                log.catch_up()
    grown = rows(path, OF_ARTICLES), rows(path, "SELECT * FROM sources ORDER BY ALL")
    with Log.open(path) as log:
        log.rebuild_projections()
    assert (rows(path, OF_ARTICLES), rows(path, "SELECT * FROM sources ORDER BY ALL")) == grown
    assert list(verify(path)) == []


def test_g7_an_upgrade_from_layout_3_keeps_every_event_and_can_be_run_again(path: Path) -> None:
    with Log.open(path) as log:
        log.append(call_article("https://bay.example/1"))
    before = rows(path, "SELECT * FROM event_log ORDER BY position"), rows(path, "FROM world_events ORDER BY position")
    location = Location.find(path)

    def as_of_layout_3() -> None:
        location.marker.write_text(location.marker.read_text().replace(f'"layout": {LAYOUT}', '"layout": 3'))
        if location.catalog.in_postgres:
            postgres.set_layout(location.catalog, 3)

    for _ in range(2):
        # As an upgrade leaves it that was killed just before the marker, and as a log of layout 3 is.
        as_of_layout_3()
        assert upgrade(path) == (3, LAYOUT)
        con = attach(location, read_only=False)
        con.execute("DROP TABLE proj.publishers")
        con.execute("DROP TABLE proj.sources")
        con.execute("ALTER TABLE proj.articles DROP COLUMN host")
        con.close()
    as_of_layout_3()
    upgrade(path)
    with Log.open(path) as log:
        log.append([listing(BAY)])
    assert rows(path, "SELECT publisher_name FROM articles") == [("The Bay",)]
    after = rows(path, "SELECT * FROM event_log ORDER BY position"), rows(path, "FROM world_events ORDER BY position")
    assert (after[0][:-1], after[1]) == before


def test_the_published_copy_has_publishers(new_log: Callable[..., Path], tmp_path: Path) -> None:
    import duckdb

    from tests.warehouse.sample_events import NOON
    from warehouse.publish import publish

    path = new_log("published-log")
    with Log.open(path) as log:
        log.append([listing(BAY), *page("https://bay.example/1")])
    publish(path, tmp_path / "copy.duckdb", now=NOON)
    with duckdb.connect(str(tmp_path / "copy.duckdb"), read_only=True) as con:
        assert con.execute("SELECT publisher_group FROM articles").fetchall() == [("Tide",)]
        assert con.execute("SELECT name FROM publishers").fetchall() == [("The Bay",)]
