"""Histories of feeds and publishers, asked of the log: what `health.judge` judges."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import duckdb

from ingest.sources.health import PAST, Day, History, Notice, judge, silences, together


@dataclass(frozen=True, slots=True)
class Health:
    """How a feed, or all feeds of a publisher, fared up to the log's last poll. Times are UTC."""

    history: History
    title: str | None
    publisher: str | None
    feeds: int
    last_polled_at: datetime | None
    last_success_at: datetime | None
    failures_in_a_row: int
    ended: bool = False

    @property
    def notices(self) -> tuple[Notice, ...]:
        return () if self.ended else judge(self.history)


@dataclass(frozen=True, slots=True)
class Healths:
    """`until` is the last poll of any feed: a log that nobody writes to makes no feed silent."""

    until: datetime | None
    feeds: tuple[Health, ...] = ()
    publishers: tuple[Health, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Each once: what holds of a publisher as a whole is not told again of each of its feeds."""
        told = {(one.publisher, notice.sign) for one in self.publishers if one.feeds > 1 for notice in one.notices}
        whole = [w.message for one in self.publishers if one.feeds > 1 for w in one.notices]
        single = [w.message for one in self.feeds for w in one.notices if (one.publisher, w.sign) not in told]
        return (*whole, *single)


def healths(con: duckdb.DuckDBPyConnection) -> Healths:
    """How all feeds fare, over a reader's connection: by the last 24 hours before the last poll, and those before."""
    until = con.execute(f"SELECT max({_SLOT}) FROM event_log WHERE type = 'feed_polled'").fetchall()[0][0]
    if until is None:
        return Healths(None)
    days: dict[str, dict[int, Day]] = defaultdict(dict)
    for url, age, *counts in con.execute(_DAYS, [until, PAST]).fetchall():
        days[url][age] = Day(*counts)
    times = dict(con.execute(_NEWS, [until, PAST + 1]).fetchall())
    feeds = []
    for url, title, publisher, polled, success, failures, ended in con.execute(_FEEDS).fetchall():
        known = days.get(url, {})
        history = History(
            url,
            tuple(known.get(age, Day()) for age in range(PAST + 1)),
            *silences(times.get(url, []), until),
        )
        feeds.append(Health(history, title, publisher, 1, polled, success, failures, ended))
    return Healths(until, tuple(feeds), tuple(_by_publisher(feeds)))


def _by_publisher(feeds: list[Health]) -> list[Health]:
    groups: dict[str, list[Health]] = defaultdict(list)
    for one in feeds:
        if one.publisher is not None and not one.ended:
            groups[one.publisher].append(one)
    return [
        Health(
            together(name, (one.history for one in group)),
            name,
            name,
            len(group),
            max((one.last_polled_at for one in group if one.last_polled_at), default=None),
            max((one.last_success_at for one in group if one.last_success_at), default=None),
            min(one.failures_in_a_row for one in group),
        )
        for name, group in sorted(groups.items())
    ]


_SLOT = "try_strptime(payload->>'slot', '%Y-%m-%dT%H:%MZ') AT TIME ZONE 'UTC'"
_DAYS = """
    SELECT feed_url, age, sum(polls)::BIGINT, sum(failed)::BIGINT, sum(entries_new)::BIGINT,
           sum(extracted + empty)::BIGINT, sum(empty)::BIGINT, sum(events)::BIGINT
    FROM (SELECT *, floor(epoch(date_trunc('hour', $1::TIMESTAMPTZ) - hour) / 86400)::INTEGER AS age FROM coverage)
    WHERE age BETWEEN 0 AND $2 GROUP BY feed_url, age
"""
_NEWS = f"""
    SELECT payload->>'url', list({_SLOT} ORDER BY {_SLOT}) FROM event_log
    WHERE type = 'feed_polled' AND (payload->>'entries_new')::INTEGER > 0
      AND {_SLOT} > $1::TIMESTAMPTZ - to_days($2::INTEGER)
    GROUP BY 1
"""
_FEEDS = """
    SELECT url, title, publisher_name, last_polled_at, last_success_at, failures_in_a_row, ended
    FROM feeds ORDER BY publisher_name NULLS LAST, url
"""
