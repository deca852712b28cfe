"""Collect: poll feeds, fetch their new pages, keep every response. I/O only; what is kept is read later.

Everything comes out as facts, in causal order: a poll, the entries that it found, then each page's capture or failure.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from ingest.captures.store import NewCaptures
from ingest.captures.values import Captured, Original
from ingest.feeds.entries import ParsedFeed, entry_key
from ingest.feeds.parse import parse_feed
from ingest.fetch.outcomes import FEED_ACCEPT, Failure, NotModified, Outcome, Request, Response
from ingest.plan import Chunk, FeedTask, PageTask, put_off, retry_at
from schemas.digests import digest
from schemas.envelope import Event, Origin
from schemas.facts import ArticleDiscovered, CaptureFailed, CaptureRef, FeedPolled, PageCaptured
from schemas.ids import feed_id
from schemas.urls import clean_url, shown

PRODUCER = "courant-collect/1"
MAX_FEED_BYTES = 20_000_000
MAX_ENTRIES = 2_000
"""Entries of one poll that are taken up; a feed with more is noted as a problem."""


class Fetches(Protocol):
    """The network (`ingest.fetch.client.Fetcher`)."""

    async def fetch(self, request: Request) -> Outcome:
        """The outcome of one GET; never raises for anything that the host did."""


class Known(Protocol):
    """What the log knows already, as far as planning needs it (`warehouse.Log`)."""

    def seen(self, ids: Sequence[UUID]) -> set[UUID]:
        """Those among the event ids that the log holds."""

    def pages_done(self, urls: Iterable[str]) -> set[str]:
        """Those among the URLs that have been captured or given up."""


@dataclass(slots=True)
class Collected:
    """What a chunk yielded. `events` are ready for the spool."""

    events: list[Event] = field(default_factory=list)
    fetched: int = 0
    unchanged: int = 0
    failed: int = 0
    entries_new: int = 0
    captured: int = 0
    captures_failed: int = 0
    pages_unchanged: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Collector:
    """What collecting needs from outside: the network, a place for captures, what is known, and the rules.

    `interval` is in minutes.
    """

    fetcher: Fetches
    captures: NewCaptures
    known: Known
    clock: Callable[[], datetime]
    run_id: str
    interval: int
    max_attempts: int

    async def collect(self, chunk: Chunk) -> Collected:
        """Poll the chunk's feeds and capture their new pages and the chunk's pending ones, all at once.

        The events come in the chunk's order, whichever host answered first.
        """
        out = Collected()
        taken: set[str] = set()
        parts = await asyncio.gather(
            *(self._feed(task, out, taken) for task in chunk.feeds),
            *(self._page(task, None, out, taken) for task in chunk.pages),
        )
        out.events = [event for part in parts for event in part]
        return out

    async def _feed(self, task: FeedTask, out: Collected, taken: set[str]) -> list[Event]:
        if task.problem:
            return [self._feed_failed(task, None, out)]
        request = Request(
            task.url,
            etag=task.etag,
            last_modified=task.last_modified,
            accept=FEED_ACCEPT,
            max_bytes=MAX_FEED_BYTES,
        )
        outcome = await self.fetcher.fetch(request)
        if isinstance(outcome, Failure):
            return [self._feed_failed(task, outcome, out)]
        if isinstance(outcome, Response):
            return await self._feed_answered(task, outcome, out, taken)
        out.unchanged += 1
        self._keep_revisit(task, outcome)
        unchanged = self._polled(
            task,
            outcome.fetched_at,
            outcome="unchanged",
            http_status=304,
            moved_to=outcome.moved_to,
            etag=outcome.etag or task.etag,
            last_modified=outcome.last_modified or task.last_modified,
            body_digest=task.body_digest,
        )
        return [unchanged]

    async def _feed_answered(self, task: FeedTask, response: Response, out: Collected, taken: set[str]) -> list[Event]:
        body_digest = digest(response.body)
        common: dict[str, Any] = {
            "http_status": response.status,
            "final_url": response.final_url,
            "moved_to": response.moved_to,
            "etag": response.etag,
            "last_modified": response.last_modified,
            "body_digest": body_digest,
        }
        if body_digest == task.body_digest:
            out.unchanged += 1
            self._keep_revisit(task, response)
            return [self._polled(task, response.fetched_at, outcome="unchanged", **common)]
        capture = self._keep(response, "feed")
        # In a thread: a large or broken feed takes seconds, in which no other host should wait.
        parsed = await asyncio.to_thread(
            parse_feed, response.body, url=response.final_url, content_type=response.content_type
        )
        if not parsed.feed.format:
            # What is no feed today may be one tomorrow: it is not remembered as seen.
            reason = " ".join(parsed.problems) or "The response is not a feed."
            return [
                self._feed_failed(
                    task, None, out, reason="not_a_feed", message=reason, capture=capture, status=response.status
                )
            ]
        out.fetched += 1
        entries, problems = _entries(task, parsed)
        seen = self.known.seen([entry.event_id() for entry in entries])
        new = [entry for entry in entries if entry.event_id() not in seen]
        title = parsed.feed.title
        poll = self._polled(
            task,
            response.fetched_at,
            outcome="fetched",
            format=parsed.feed.format,
            language=parsed.feed.language,
            title_digest=digest(title) if title else None,
            capture=capture,
            entries=len(entries),
            entries_new=len(new),
            overflow=task.polled_before and bool(entries) and len(new) == len(entries),
            problems=problems,
            texts=(title,) if title else (),
            **common,
        )
        titles = {entry_key(e): e.title for e in parsed.entries}
        out.entries_new += len(new)
        done = self.known.pages_done(entry.url for entry in new)
        discovered, pages = [poll], []
        for entry in new:
            title = titles.get(entry.entry_id)
            event = self._event(entry, response.fetched_at, poll, (title,) if title else ())
            discovered.append(event)
            if entry.url not in done:
                pages.append(self._page(PageTask(entry.url), event, out, taken))
        captured = await asyncio.gather(*pages)
        return [*discovered, *(event for page in captured for event in page)]

    def _feed_failed(
        self,
        task: FeedTask,
        failure: Failure | None,
        out: Collected,
        *,
        reason: str = "bad_url",
        message: str | None = None,
        capture: CaptureRef | None = None,
        status: int | None = None,
    ) -> Event:
        out.failed += 1
        failures = task.failures + 1
        at = failure.fetched_at if failure else self.clock()
        said = failure.message if failure else message or task.problem or "The feed has no URL."
        out.notes.append(f"{shown(task.url)}: {said}")
        return self._polled(
            task,
            at,
            outcome="failed",
            http_status=failure.status if failure else status,
            moved_to=failure.moved_to if failure else None,
            reason=failure.reason if failure else reason,
            message=said,
            failures=failures,
            due_at=put_off(failures, self.interval, at, failure.retry_after if failure else None),
            capture=capture,
            etag=task.etag if capture is None else None,
            last_modified=task.last_modified if capture is None else None,
            body_digest=task.body_digest if capture is None else None,
        )

    def _polled(self, task: FeedTask, at: datetime, *, texts: tuple[str, ...] = (), **said: Any) -> Event:
        fact = FeedPolled.model_validate(
            {"feed_id": task.feed_id, "url": _cleaned(task.url), "slot": task.slot, **said}
        )
        return self._event(fact, at, None, texts)

    async def _page(self, task: PageTask, cause: Event | None, out: Collected, taken: set[str]) -> list[Event]:
        if task.url in taken:
            return []
        taken.add(task.url)
        outcome = await self.fetcher.fetch(Request(task.url))
        if isinstance(outcome, NotModified):
            return []  # pages are never asked for conditionally
        if isinstance(outcome, Failure):
            out.captures_failed += 1
            if task.digest is not None:  # what was captured before stands: a failure now is no news of the page
                out.notes.append(f"{task.url}: {outcome.message}")
                return []
            final = not outcome.retryable or task.attempt >= self.max_attempts
            failed = CaptureFailed(
                url=task.url,
                attempt=task.attempt,
                reason=outcome.reason,
                message=outcome.message,
                http_status=outcome.status,
                final=final,
                retry_at=None if final else retry_at(task.attempt, outcome.fetched_at, outcome.retry_after),
            )
            return [self._event(failed, outcome.fetched_at, cause)]
        body_digest = digest(outcome.body)
        if body_digest == task.digest:
            out.pages_unchanged += 1
            at = datetime.fromisoformat(task.captured_at) if task.captured_at else None
            self.captures.keep(_captured(outcome, "page"), Original(outcome.final_url, body_digest, at))
            return []
        out.captured += 1
        fact = PageCaptured(
            url=task.url,
            final_url=outcome.final_url,
            redirects=outcome.redirects,
            http_status=outcome.status,
            content_type=outcome.content_type,
            digest=body_digest,
            bytes=len(outcome.body),
            capture=self._keep(outcome, "page"),
        )
        return [self._event(fact, outcome.fetched_at, cause)]

    def _keep(self, response: Response, purpose: str) -> CaptureRef:
        return self.captures.keep(_captured(response, purpose))

    def _keep_revisit(self, task: FeedTask, answer: Response | NotModified) -> None:
        """Keep what said that a feed has not changed: its headers, and which body it still is."""
        if task.body_digest is None:
            return
        same_as = Original(answer.final_url, task.body_digest)
        if isinstance(answer, Response):
            self.captures.keep(_captured(answer, "feed"), same_as)
            return
        said = Captured(
            url=answer.requested_url,
            final_url=answer.final_url,
            status=304,
            headers=tuple(answer.headers.items()),
            body=b"",
            fetched_at=answer.fetched_at,
            request_headers=answer.request_headers,
            purpose="feed",
        )
        self.captures.keep(said, same_as)

    def _event(
        self,
        fact: FeedPolled | ArticleDiscovered | PageCaptured | CaptureFailed,
        at: datetime,
        cause: Event | None,
        texts: tuple[str, ...] = (),
    ) -> Event:
        return Event.of_fact(fact, Origin(at, self.run_id, PRODUCER), cause.event_id if cause else None, texts)


def _captured(response: Response, purpose: str) -> Captured:
    return Captured(
        url=response.requested_url,
        final_url=response.final_url,
        status=response.status,
        headers=response.wire_headers,
        body=response.body,
        fetched_at=response.fetched_at,
        http_version=response.http_version,
        request_headers=response.request_headers,
        purpose=purpose,
    )


def _entries(task: FeedTask, parsed: ParsedFeed) -> tuple[list[ArticleDiscovered], tuple[str, ...]]:
    """The entries that lead to a page, and the feed's problems with those that do not."""
    problems = list(parsed.problems)
    found: dict[str, ArticleDiscovered] = {}
    for entry in parsed.entries[:MAX_ENTRIES]:
        try:
            url = clean_url(entry.url or "")
        except ValueError as error:
            problems.append(f"An entry has no usable link ({error}).")
            continue
        fact = ArticleDiscovered(
            feed_id=task.feed_id,
            entry_id=entry_key(entry),
            url=url,
            title_digest=digest(entry.title) if entry.title else None,
            published=entry.published,
            updated=entry.updated,
        )
        found.setdefault(fact.entry_id, fact)
    if len(parsed.entries) > MAX_ENTRIES:
        problems.append(f"The feed has {len(parsed.entries)} entries; the first {MAX_ENTRIES} were taken.")
    return list(found.values()), tuple(problems)


def _cleaned(url: str) -> str:
    try:
        return clean_url(url)
    except ValueError:
        return shown(url)


def feed_key(url: str) -> str:
    """The id of a feed as the feeds file names it, also of one whose URL is none."""
    return str(feed_id(_cleaned(url)))
