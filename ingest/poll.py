"""Ask one feed: where it is now, else where the feeds file says, and make out what it answered. I/O only."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from ingest.feeds.entries import ParsedFeed
from ingest.feeds.parse import parse_feed
from ingest.fetch.outcomes import FEED_ACCEPT, Failure, NotModified, Outcome, Request, Response
from ingest.plan import GONE, FeedTask
from schemas.digests import digest
from schemas.urls import same_site

MAX_FEED_BYTES = 20_000_000
_BUSY = frozenset({"http_429", "http_503", "host_asked_to_wait", "host_down"})
"""Failures of a host that is there: no reason to look for the feed elsewhere."""


class Fetches(Protocol):
    """The network (`ingest.fetch.client.Fetcher`)."""

    async def fetch(self, request: Request) -> Outcome:
        """The outcome of one GET; never raises for anything that the host did."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of asking a feed.

    `parsed` is what it says, where that is not what it said last time; then `body_digest` tells it apart. `failed` is
    why there is nothing of use: reason code and sentence. `moved_to` is where the feed is to be asked next time, where
    that is not its own address; `problems` are sentences.
    """

    answer: Outcome
    parsed: ParsedFeed | None = None
    body_digest: str | None = None
    failed: tuple[str, str] | None = None
    moved_to: str | None = None
    problems: tuple[str, ...] = ()

    @property
    def at(self) -> datetime:
        return self.answer.fetched_at

    @property
    def status(self) -> int | None:
        return 304 if isinstance(self.answer, NotModified) else self.answer.status

    @property
    def response(self) -> Response | None:
        return self.answer if isinstance(self.answer, Response) else None


async def ask(fetcher: Fetches, task: FeedTask, headers: Mapping[str, str]) -> Heard:
    """Ask a feed at the address that it has moved to for good, and where that fails, at its own.

    `headers` are its own, and are sent to its own host alone, and not in the clear where its own address is secure.
    """
    heard = await _ask(fetcher, task, headers)
    # A feed that leads back to its own address has not moved.
    return replace(heard, moved_to=None) if heard.moved_to == task.url else heard


async def _ask(fetcher: Fetches, task: FeedTask, headers: Mapping[str, str]) -> Heard:
    if task.moved_to is None:
        return await _ask_at(fetcher, task, task.url, headers, conditional=True)
    moved = await _ask_at(fetcher, task, task.moved_to, headers, conditional=True)
    if moved.failed is None or moved.failed[0] in _BUSY:
        return replace(moved, moved_to=moved.moved_to or task.moved_to)
    reason, message = moved.failed
    # What was remembered belongs to the other address: nothing is asked on that condition.
    original = await _ask_at(fetcher, task, task.url, headers, conditional=False)
    if original.failed is None:
        told = f"It had moved to {task.moved_to}, where it is no more; its own address was asked instead: {message}"
        # Where it leads to the very same place and that works, the way there matters: a token that no log keeps.
        moved_to = original.moved_to if original.moved_to != task.moved_to else None
        return replace(original, moved_to=moved_to, problems=(told, *original.problems))
    # Neither is of use. The new address stands, unless the old one leads elsewhere now: it may be long given up.
    if original.failed[1] != message:
        message = f"{message} Its own address is of no use either: {original.failed[1]}"
    return replace(moved, failed=(reason, message), moved_to=original.moved_to or task.moved_to)


async def _ask_at(
    fetcher: Fetches, task: FeedTask, address: str, headers: Mapping[str, str], *, conditional: bool
) -> Heard:
    request = Request(
        address,
        etag=task.etag if conditional else None,
        last_modified=task.last_modified if conditional else None,
        accept=FEED_ACCEPT,
        max_bytes=MAX_FEED_BYTES,
        headers=headers if same_site(address, task.url) else {},
    )
    answer = await fetcher.fetch(request)
    moved_to = answer.moved_to
    if isinstance(answer, Failure):
        return Heard(answer, failed=(answer.reason, answer.message), moved_to=moved_to)
    if isinstance(answer, NotModified):
        return Heard(answer, body_digest=task.body_digest, moved_to=moved_to)
    body_digest = digest(answer.body)
    if body_digest == task.body_digest:
        return Heard(answer, body_digest=body_digest, moved_to=moved_to)
    # In a thread: a large or broken feed takes seconds, in which no other host should wait.
    parsed = await asyncio.to_thread(parse_feed, answer.body, url=answer.final_url, content_type=answer.content_type)
    if not parsed.feed.format:
        message = " ".join(parsed.problems) or "The response is not a feed."
        return Heard(answer, failed=("not_a_feed", message), moved_to=moved_to)
    return Heard(answer, parsed, body_digest, moved_to=moved_to)


def is_gone(heard: Heard) -> bool:
    """Whether the feed said that it is gone for good."""
    return heard.failed is not None and heard.failed[0] == GONE
