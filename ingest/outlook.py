"""When each feed of the list is polled next, and why then: what the log and the feeds file say, for people."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from ingest.collect import feed_key
from ingest.feeds.opml import FeedSource
from ingest.pipeline import feed_bounds
from ingest.plan import GONE, OPEN_AFTER, is_ended, is_paused, next_slot
from ingest.settings import Settings
from schemas.urls import host_of
from warehouse.attach import connect


@dataclass(frozen=True, slots=True)
class Outlook:
    """A feed's next poll: not before `due_at` (ISO 8601, UTC; it may be past; None: never), and `why`.

    `outcome` is that of its latest poll (`fetched`, `unchanged`, `failed`; `ended` where that found it gone for good),
    `moved_to` where it is asked by now.
    """

    due_at: str | None
    why: str
    outcome: str | None = None
    moved_to: str | None = None


def outlooks(settings: Settings, sources: Sequence[FeedSource], now: datetime) -> list[Outlook]:
    """The outlook of each source. Raises LogNotFoundError, LayoutError, LogError."""
    with connect(settings.log) as con:
        states = {str(row["feed_id"]): row for row in _rows(con, "feed_state")}
        hosts = {str(row["host"]): row for row in _rows(con, "host_state")}
    return [outlook(source, states.get(feed_key(source.url)), hosts, settings, now) for source in sources]


def outlook(
    source: FeedSource,
    state: Mapping[str, Any] | None,
    hosts: Mapping[str, Mapping[str, Any]],
    settings: Settings,
    now: datetime,
) -> Outlook:
    """What comes next for a feed by the latest poll in the log (None: never polled), and hosts in trouble."""
    if state is None:
        return Outlook(_text(now), "never polled")
    said = json.loads(state["said"])
    outcome, moved_to, why = str(state["outcome"]), state["moved_to"], said.get("due_why") or "with the next slot"
    floor = feed_bounds(settings, source).floor
    due = datetime.fromisoformat(next_slot(datetime.fromisoformat(state["slot"]), floor))
    if state["reason"] == GONE:
        if is_ended(state, source.options.resumed):
            return Outlook(None, why, "ended", moved_to)
        return Outlook(_text(due), "asked for again after it had gone for good", "ended", moved_to)
    if state["due_at"]:
        due = max(due, datetime.fromisoformat(state["due_at"]))
    host = hosts.get(_host(moved_to or source.url))
    if host is not None and is_paused(host, now):
        due = max(due, datetime.fromisoformat(host["wait_until"]))
        return Outlook(_text(due), "its host asked to be left alone", outcome, moved_to)
    if host is not None and int(host["passes"]) >= OPEN_AFTER:
        why = f"{why}; its host did not answer in {host['passes']} passes in a row and is asked one thing a pass"
    return Outlook(_text(due), why, outcome, moved_to)


def _rows(con: duckdb.DuckDBPyConnection, projection: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = con.execute(f"SELECT * FROM proj.{projection}").to_arrow_table().to_pylist()
    return rows


def _host(url: str) -> str:
    try:
        return host_of(url)
    except ValueError:
        return ""


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
