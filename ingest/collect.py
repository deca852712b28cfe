"""Collect: poll feeds, fetch their new pages, keep every response. I/O only; what is kept is read later.

Everything comes out as facts, in causal order: a poll, the entries that it found, then each page's capture or failure.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from ingest.captures.store import NewCaptures
from ingest.captures.values import Captured, Original
from ingest.feeds.entries import ParsedFeed, entry_key
from ingest.fetch.freshness import freshness
from ingest.fetch.outcomes import Failure, NotModified, Outcome, Request, Response
from ingest.plan import Chunk, FeedTask, PageTask, retry_at
from ingest.poll import Fetches, Heard, ask, is_gone
from ingest.reservations import reservations, spoken
from ingest.rhythm import Due, Rhythm, after_answer, after_failure, with_news
from ingest.updates import updated
from schemas.digests import digest
from schemas.envelope import Event, Origin
from schemas.facts import ArticleDiscovered, CaptureFailed, CaptureRef, FeedPolled, PageCaptured, PageRevisited
from schemas.ids import feed_id
from schemas.urls import clean_url, host_of, is_within, shown

PRODUCER = "courant-collect/1"
_PAUSES = frozenset({"http_429", "http_503", "robots_unavailable"})
"""Failures whose Retry-After is meant for all that the host serves."""
MAX_ENTRIES = 2_000
"""Entries of one poll that are taken up; a feed with more is noted as a problem."""


class Known(Protocol):
    """What the log knows already, as far as planning needs it (`warehouse.Log`)."""

    def seen(self, ids: Sequence[UUID]) -> set[UUID]:
        """Those among the event ids that the log holds."""

    def pages_done(self, urls: Iterable[str]) -> set[str]:
        """Those among the URLs that have been captured or given up."""

    def latest_captures(self, urls: Iterable[str]) -> dict[str, tuple[str, datetime]]:
        """Of each of the URLs that was captured, the latest body's digest and when it was captured."""


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
    feeds_waiting: int = 0
    pages_waiting: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Collector:
    """What collecting needs from outside: the network, a place for captures, what is known, and the rules.

    `headers` are the feeds' own request headers, by feed id. With `obey_reservations` a response is not kept whose
    publisher says so, to all or to `product`.
    """

    fetcher: Fetches
    captures: NewCaptures
    known: Known
    clock: Callable[[], datetime]
    run_id: str
    max_attempts: int
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    obey_reservations: bool = True
    product: str = "courant"

    async def collect(self, chunk: Chunk) -> Collected:
        """Poll the chunk's feeds and capture their new pages and the chunk's pending ones, all at once.

        The events come in the chunk's order, whichever host answered first.
        """
        out = Collected()
        taken: set[str] = set()
        parts = await asyncio.gather(
            *(self._feed(task, out, taken, frozenset(chunk.resting)) for task in chunk.feeds),
            *(self._page(task, None, out, taken) for task in chunk.pages),
        )
        out.events = [event for part in parts for event in part]
        return out

    async def _feed(self, task: FeedTask, out: Collected, taken: set[str], resting: frozenset[str]) -> list[Event]:
        if task.problem:
            return [self._feed_unusable(task, out)]
        heard = await ask(self.fetcher, task, self.headers.get(task.feed_id, {}))
        if isinstance(heard.answer, Failure) and not heard.answer.asked:
            out.feeds_waiting += 1  # it is as it was, and due with the next pass that its host allows
            return []
        if heard.failed is not None:
            return [self._feed_failed(task, heard, heard.failed, out)]
        if heard.parsed is None:
            out.unchanged += 1
            self._keep_revisit(task, heard)
            return [self._answered(task, heard, task.rhythm, outcome="unchanged", problems=heard.problems)]
        return await self._feed_fetched(task, heard, heard.parsed, out, taken, resting)

    async def _feed_fetched(
        self,
        task: FeedTask,
        heard: Heard,
        parsed: ParsedFeed,
        out: Collected,
        taken: set[str],
        resting: frozenset[str],
    ) -> list[Event]:
        capture = self._keep_feed(heard.response)
        out.fetched += 1
        entries, problems = _entries(task, parsed)
        seen = self.known.seen([entry.event_id() for entry in entries])
        new = [entry for entry in entries if entry.event_id() not in seen]
        title = parsed.feed.title
        said = replace(
            task.rhythm,
            wanted_interval=parsed.feed.interval,
            skip_hours=parsed.feed.skip_hours,
            skip_days=parsed.feed.skip_days,
        )
        if new:
            dates = [entry.published or entry.updated for entry in parsed.entries]
            said = with_news(said, task.start, dates, first=not task.polled_before)
        poll = self._answered(
            task,
            heard,
            said,
            outcome="fetched",
            format=parsed.feed.format,
            language=parsed.feed.language,
            title_digest=digest(title) if title else None,
            capture=capture,
            entries=len(entries),
            entries_new=len(new),
            overflow=task.polled_before and bool(entries) and len(new) == len(entries),
            problems=(*heard.problems, *problems),
            texts=(title,) if title else (),
        )
        titles = {entry_key(e): e.title for e in parsed.entries}
        out.entries_new += len(new)
        done = self.known.pages_done(entry.url for entry in new)
        # A host that rests is not asked for pages either, unless it has just answered for the feed.
        resting = resting - {host_of(_final_url(heard.answer))}
        discovered, pages = [poll], []
        for entry in new:
            title = titles.get(entry.entry_id)
            event = self._event(entry, heard.at, poll, (title,) if title else ())
            discovered.append(event)
            if entry.url in done or entry.refused:
                continue
            if host_of(entry.url) in resting:
                out.pages_waiting += 1
            else:
                pages.append(self._page(PageTask(entry.url, allow_hosts=task.allow_hosts), event, out, taken))
        listed = [entry for entry in entries if entry.event_id() in seen and not entry.refused]
        again = [page for page in self._updated(task, listed, heard.at) if host_of(page.url) not in resting]
        pages += [self._page(page, poll, out, taken) for page in again]
        captured = await asyncio.gather(*pages)
        return [*discovered, *(event for page in captured for event in page)]

    def _updated(self, task: FeedTask, listed: list[ArticleDiscovered], now: datetime) -> list[PageTask]:
        """Pages captured before that the feed says were updated since its last poll, and that are to be seen again."""
        polled_at = datetime.fromisoformat(task.polled_at) if task.polled_at else None
        hours = {entry.url: hour for entry, hour in updated(listed, polled_at=polled_at, now=now)}
        if not hours:
            return []
        ids = {url: PageRevisited(url=url, updated=hour, outcome="failed").event_id() for url, hour in hours.items()}
        seen = self.known.seen(list(ids.values()))
        latest = self.known.latest_captures(url for url in hours if ids[url] not in seen)
        return [
            PageTask(url, digest=body, captured_at=at.isoformat(), updated=hours[url], allow_hosts=task.allow_hosts)
            for url, (body, at) in sorted(latest.items())
        ]

    def _answered(
        self, task: FeedTask, heard: Heard, said: Rhythm, *, texts: tuple[str, ...] = (), **more: Any
    ) -> Event:
        """The fact of a poll that was answered, with what the next poll needs."""
        answer = heard.answer
        assert not isinstance(answer, Failure)
        fresh = freshness(answer.headers, heard.at, stored=said.fresh_for if isinstance(answer, NotModified) else None)
        said = replace(said, fresh_for=fresh.lifetime)
        fresh_until = heard.at + timedelta(seconds=fresh.left) if fresh.left else None
        due = after_answer(
            said,
            task.bounds,
            slot=task.slot,
            at=task.start,
            news=bool(more.get("entries_new")),
            first=not task.polled_before,
            fresh_until=fresh_until,
        )
        unchanged = isinstance(answer, NotModified)
        return self._polled(
            task,
            heard.at,
            texts=texts,
            http_status=heard.status,
            final_url=answer.final_url,
            moved_to=heard.moved_to,
            etag=(answer.etag or task.etag) if unchanged else answer.etag,
            last_modified=(answer.last_modified or task.last_modified) if unchanged else answer.last_modified,
            body_digest=heard.body_digest,
            due_at=due.at,
            due_why=due.why,
            host=_other_host(task.url, answer),
            fresh_until=fresh_until.isoformat(timespec="seconds") if fresh_until else None,
            **said.to_fields(),
            **more,
        )

    def _feed_failed(self, task: FeedTask, heard: Heard, failed: tuple[str, str], out: Collected) -> Event:
        reason, message = failed
        out.failed += 1
        out.notes.append(f"{shown(task.url)}: {message}")
        failures = task.failures + 1
        wait = heard.answer.retry_after if isinstance(heard.answer, Failure) else None
        due = after_failure(failures, task.bounds, feed_id=task.feed_id, slot=task.slot, at=heard.at, retry_after=wait)
        if is_gone(heard):
            due = Due(None, "gone for good (410): not polled any more, unless `courant feeds add` asks for it again")
        # What is no feed today may be one tomorrow: it is not remembered as seen.
        known = heard.response is None
        return self._polled(
            task,
            heard.at,
            outcome="failed",
            http_status=heard.status,
            moved_to=heard.moved_to,
            reason=reason,
            message=message,
            failures=failures,
            due_at=due.at,
            due_why=due.why,
            capture=self._keep_feed(heard.response),
            etag=task.etag if known else None,
            last_modified=task.last_modified if known else None,
            body_digest=task.body_digest if known else None,
            host=_other_host(task.url, heard.answer),
            host_wait_until=_host_wait(heard.answer),
            **task.rhythm.to_fields(),
        )

    def _feed_unusable(self, task: FeedTask, out: Collected) -> Event:
        """A feed that the feeds file does not name in a way that it can be asked."""
        out.failed += 1
        message = task.problem or "The feed has no URL."
        out.notes.append(f"{shown(task.url)}: {message}")
        at, failures = self.clock(), task.failures + 1
        due = after_failure(failures, task.bounds, feed_id=task.feed_id, slot=task.slot, at=at, retry_after=None)
        return self._polled(
            task,
            at,
            outcome="failed",
            reason="bad_url",
            message=message,
            failures=failures,
            due_at=due.at,
            due_why=due.why,
            etag=task.etag,
            last_modified=task.last_modified,
            body_digest=task.body_digest,
            moved_to=task.moved_to,
            **task.rhythm.to_fields(),
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
        outcome = await self.fetcher.fetch(Request(task.url, allow_hosts=task.allow_hosts))
        if isinstance(outcome, NotModified):
            return []  # pages are never asked for conditionally
        if isinstance(outcome, Failure):
            if not outcome.asked and (task.digest is None or task.updated is not None):
                out.pages_waiting += 1  # it is as it was: pending with no attempt more, or not looked at again
                return []
            out.captures_failed += 1
            if task.digest is not None:  # what was captured before stands: a failure now is no news of the page
                out.notes.append(f"{task.url}: {outcome.message}")
                return self._revisited(task, outcome.fetched_at, cause, outcome="failed", reason=outcome.reason)
            final = not outcome.retryable or task.attempt >= self.max_attempts
            failed = CaptureFailed(
                url=task.url,
                attempt=task.attempt,
                reason=outcome.reason,
                message=outcome.message,
                http_status=outcome.status,
                final=final,
                retry_at=None if final else retry_at(task.attempt, outcome.fetched_at, outcome.retry_after),
                host=_other_host(task.url, outcome),
                host_wait_until=_host_wait(outcome),
            )
            return [self._event(failed, outcome.fetched_at, cause)]
        rights = self._rights(outcome)
        if rights and self.obey_reservations:
            out.captures_failed += 1
            if task.digest is not None:
                out.notes.append(f"{task.url}: {spoken(rights)}")
                return self._revisited(task, outcome.fetched_at, cause, outcome="failed", reason="reserved")
            reserved = CaptureFailed(
                url=task.url,
                attempt=task.attempt,
                reason="reserved",
                message=spoken(rights),
                http_status=outcome.status,
                final=True,
                host=_other_host(task.url, outcome),
            )
            return [self._event(reserved, outcome.fetched_at, cause)]
        body_digest = digest(outcome.body)
        if body_digest == task.digest:
            out.pages_unchanged += 1
            at = datetime.fromisoformat(task.captured_at) if task.captured_at else None
            self.captures.keep(_captured(outcome, "page"), Original(outcome.final_url, body_digest, at))
            return self._revisited(task, outcome.fetched_at, cause, outcome="unchanged", digest=body_digest)
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
            rights=rights or None,
        )
        again = self._revisited(task, outcome.fetched_at, cause, outcome="changed", digest=body_digest)
        return [self._event(fact, outcome.fetched_at, cause), *again]

    def _revisited(self, task: PageTask, at: datetime, cause: Event | None, **said: Any) -> list[Event]:
        if task.updated is None:
            return []
        fact = PageRevisited.model_validate({"url": task.url, "updated": task.updated, **said})
        return [self._event(fact, at, cause)]

    def _keep(self, response: Response, purpose: str) -> CaptureRef:
        return self.captures.keep(_captured(response, purpose))

    def _keep_feed(self, response: Response | None) -> CaptureRef | None:
        """Keep a feed's response; not where it reserves its rights: it is read all the same, as it offers itself."""
        if response is None or (self.obey_reservations and self._rights(response)):
            return None
        return self._keep(response, "feed")

    def _rights(self, response: Response) -> tuple[str, ...]:
        return reservations(response.wire_headers, response.body, self.product)

    def _keep_revisit(self, task: FeedTask, heard: Heard) -> None:
        """Keep what said that a feed has not changed: its headers, and which body it still is."""
        answer = heard.answer
        if task.body_digest is None or isinstance(answer, Failure):
            return
        same_as = Original(answer.final_url, task.body_digest)
        if isinstance(answer, Response):
            if not (self.obey_reservations and self._rights(answer)):
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
        fact: FeedPolled | ArticleDiscovered | PageCaptured | PageRevisited | CaptureFailed,
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
            refused=None if not task.allow_hosts or is_within(host_of(url), task.allow_hosts) else "host_not_allowed",
        )
        found.setdefault(fact.entry_id, fact)
    if len(parsed.entries) > MAX_ENTRIES:
        problems.append(f"The feed has {len(parsed.entries)} entries; the first {MAX_ENTRIES} were taken.")
    return list(found.values()), tuple(problems)


def _final_url(answer: Outcome) -> str:
    """The address that gave the answer, or failed to."""
    if isinstance(answer, Failure):
        return answer.redirects[-1][1] if answer.redirects else answer.requested_url
    return answer.final_url


def _other_host(url: str, answer: Outcome) -> str | None:
    """The host that answered or failed, where it is not that of `url`."""
    try:
        host = host_of(_final_url(answer))
        return host if host and host != host_of(url) else None
    except ValueError:
        return None


def _host_wait(answer: Outcome) -> str | None:
    """Until when the host asked to be left alone, by this very answer."""
    if not isinstance(answer, Failure) or not answer.asked or not answer.retry_after or answer.reason not in _PAUSES:
        return None
    return (answer.fetched_at + timedelta(seconds=answer.retry_after)).isoformat(timespec="seconds")


def _cleaned(url: str) -> str:
    try:
        return clean_url(url)
    except ValueError:
        return shown(url)


def feed_key(url: str) -> str:
    """The id of a feed as the feeds file names it, also of one whose URL is none."""
    return str(feed_id(_cleaned(url)))
