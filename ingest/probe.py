"""Ask feeds once, without a log: does it answer, is it a feed, and if it is a page, which feeds does that offer?"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from ingest.feeds.discover import FoundFeed, find_feeds
from ingest.feeds.parse import parse_feed
from ingest.fetch.client import Fetcher
from ingest.fetch.outcomes import FEED_ACCEPT, Failure, NotModified, Request
from ingest.network import fetch_config, overrides
from ingest.plan import Chunk, PageTask
from ingest.poll import MAX_FEED_BYTES
from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class Probe:
    """What an address answered. `state` is `feed`, `page` (with the feeds that it offers) or `failed`.

    `problem` is one sentence, where something is wrong. `latest` is the newest date that an entry names, ISO 8601.
    """

    url: str
    state: str
    title: str | None = None
    format: str | None = None
    entries: int = 0
    latest: str | None = None
    moved_to: str | None = None
    offers: tuple[FoundFeed, ...] = ()
    problem: str | None = None


def probe(
    urls: Sequence[str],
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    headers: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> list[Probe]:
    """Ask each address (cleaned) once, all at the same time; in the order given. Raises SettingsError.

    `headers` are request headers of their own, by address.
    """
    return asyncio.run(_probe(urls, settings, clock, headers))


async def _probe(
    urls: Sequence[str],
    settings: Settings,
    clock: Callable[[], datetime],
    headers: Mapping[str, Mapping[str, str]],
) -> list[Probe]:
    config = fetch_config(settings, Chunk(feeds=(), pages=tuple(PageTask(url, 1) for url in urls)))
    async with Fetcher(config, overrides(settings), clock) as fetcher:
        return list(await asyncio.gather(*(_ask(fetcher, url, headers.get(url, {})) for url in urls)))


async def _ask(fetcher: Fetcher, url: str, headers: Mapping[str, str]) -> Probe:
    outcome = await fetcher.fetch(Request(url, accept=FEED_ACCEPT, max_bytes=MAX_FEED_BYTES, headers=headers))
    if isinstance(outcome, Failure):
        return Probe(url, "failed", problem=outcome.message)
    if isinstance(outcome, NotModified):
        return Probe(url, "failed", problem="It answered 304 to a question that named no version")
    parsed = await asyncio.to_thread(parse_feed, outcome.body, url=outcome.final_url, content_type=outcome.content_type)
    problem = parsed.problems[0] if parsed.problems else None
    if parsed.feed.format is None:
        offers = tuple(find_feeds(outcome.body, url=outcome.final_url))
        return Probe(url, "page" if offers else "failed", offers=offers, problem=None if offers else problem)
    dates = (entry.published or entry.updated for entry in parsed.entries)
    return Probe(
        url,
        "feed",
        title=parsed.feed.title,
        format=parsed.feed.format,
        entries=len(parsed.entries),
        latest=_latest(dates),
        moved_to=outcome.moved_to,
        problem=problem,
    )


def _latest(dates: Iterable[str | None]) -> str | None:
    known = [(datetime.fromisoformat(date), date) for date in dates if date]
    return max(known)[1] if known else None
