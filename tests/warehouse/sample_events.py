"""Events for the tests of the log: facts about made-up pages, and small articles with calls in them."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from schemas.digests import digest
from schemas.envelope import Event, Origin
from schemas.facts import (
    ArticleDiscovered,
    ArticleExtracted,
    CaptureFailed,
    CoderActivated,
    CodingCompleted,
    EventLinked,
    EventUnlinked,
    FeedPolled,
    PageCaptured,
    Publisher,
    PublishersListed,
)
from schemas.ids import article_id, claim_id, feed_id
from schemas.sentences import sentence_around
from schemas.world import EVENT_TYPES

NOON = datetime(2026, 9, 14, 12, tzinfo=UTC)


def origin(minutes: float = 0, run: str = "run-1") -> Origin:
    return Origin(NOON + timedelta(minutes=minutes), run, "tests/1")


def polled(feed: str, slot: str, *, at: float = 0, run: str = "run-1", **said: Any) -> Event:
    url = f"https://{feed}.example/feed.xml"
    values = {"feed_id": feed_id(url), "url": url, "slot": slot, "outcome": "fetched", **said}
    return Event.of_fact(FeedPolled.model_validate(values), origin(at, run))


def discovered(
    feed: str,
    entry: str,
    url: str,
    *,
    title: str | None = None,
    at: float = 0,
    refused: str | None = None,
    published: str | None = None,
) -> Event:
    feed_url = f"https://{feed}.example/feed.xml"
    fact = ArticleDiscovered(
        feed_id=feed_id(feed_url),
        entry_id=entry,
        url=url,
        title_digest=digest(title) if title else None,
        refused=refused,
        published=published,
    )
    return Event.of_fact(fact, origin(at), None, (title,) if title else ())


def captured(
    url: str, body: str = "page", *, at: float = 0, via: str = "live", warc: str | None = None, run: str = "run-1"
) -> Event:
    said: dict[str, Any] = {"url": url, "final_url": url, "digest": digest(body), "bytes": len(body), "via": via}
    if warc:
        said["capture"] = {"warc": warc, "offset": 0, "length": 1}
    return Event.of_fact(PageCaptured.model_validate(said), origin(at, run))


def failed(
    url: str,
    attempt: int,
    *,
    final: bool = False,
    at: float = 0,
    run: str = "run-1",
    reason: str = "timeout",
    **said: Any,
) -> Event:
    values = {"url": url, "attempt": attempt, "reason": reason, "message": "It did not answer.", "final": final, **said}
    return Event.of_fact(CaptureFailed.model_validate(values), origin(at, run))


def activated(coder: str, rank: int, name: str = "frames") -> Event:
    return Event.of_fact(CoderActivated(coder=coder, coder_name=name, rank=rank), origin())


def listed(name: str, *hosts: str, after: Event | None = None, **said: Any) -> Event:
    """A list of publishers of one name at these hosts."""
    rows = tuple(Publisher(host=host, name=name, **said) for host in hosts)
    fact = PublishersListed(after=after.event_id if after else None, digest=digest(repr(rows)), publishers=rows)
    return Event.of_fact(fact, origin())


def linked(claim: int, happening: int | None, *, person: bool = False) -> Event:
    """A link of made-up claims, or with no happening the end of one."""
    said = {"claim_id": UUID(int=claim), "by": "linker/1", "person": person}
    if happening is None:
        return Event.of_fact(EventUnlinked(happening_id=UUID(int=99), **said), origin())
    return Event.of_fact(EventLinked(happening_id=UUID(int=happening), score=0.5, reasons=("day",), **said), origin())


def article(
    url: str,
    title: str,
    text: str,
    *,
    claims: Iterable[dict[str, Any]] = (),
    published: str | None = "2026-09-14",
    coder: str = "frames@1",
    at: float = 0,
    capture: Event | None = None,
    extractor: str = "trafilatura/2",
    **said: Any,
) -> list[Event]:
    """All events of one page, as a live run appends them: the capture, the article, its coding, the coding's events.

    Each claim is the JSON form of a world event; `quote` stands for its evidence and is looked up in title or text, and
    a participant's `name` likewise. `said` are further fields of the extraction.
    """
    capture = capture or captured(url, title + text, at=at)
    article_key = article_id(url)
    values = {
        "article_id": article_key,
        "url": url,
        "canonical_url": url,
        "title_digest": digest(title),
        "text_digest": digest(text),
        "language": "en",
        "published_on": published,
        "published_from": "meta",
        "site_name": "The Harbour Post",
        "characters": len(text),
        "extractor": extractor,
        **said,
    }
    fact = ArticleExtracted.model_validate(values)
    extracted = Event.of_fact(fact, origin(at), capture.event_id, (title, text))
    made = list(claims)
    name, _, version = coder.partition("@")
    coding_fact = CodingCompleted(
        extraction_id=extracted.event_id,
        article_id=article_key,
        coder=coder,
        coder_name=name,
        coder_version=version,
        lexicon="lexicon@1",
        events=len(made),
    )
    coding = Event.of_fact(coding_fact, origin(at), extracted.event_id)
    events = [capture, extracted, coding]
    places: Counter[tuple[str, str]] = Counter()
    for claim in made:
        place = (claim["type"], claim["quote"])
        events.append(_told(claim, title, text, coding, article_key, published, places[place], extracted, at))
        places[place] += 1
    return events


def _told(
    claim: dict[str, Any],
    title: str,
    text: str,
    coding: Event,
    article_key: UUID,
    published: str | None,
    ordinal: int,
    extracted: Event,
    at: float,
) -> Event:
    said = dict(claim)
    quote = said.pop("quote")
    place = span(quote, title, text)
    said["evidence"] = {**place, "quote": quote}
    said["participants"] = [{**who, "name_at": span(who["name"], title, text)} for who in said.get("participants", ())]
    event = EVENT_TYPES[said["type"]].model_validate(said)
    sentence = sentence_around(title if place["field"] == "title" else text, place["start"], place["end"])
    return Event.of_world_event(
        event,
        origin(at),
        event_id=event.event_id(coding.event_id, ordinal),
        claim_id=claim_id(article_key, event.type, sentence, ordinal),
        coding_id=coding.event_id,
        article_id=article_key,
        published_on=published,
        causation_id=extracted.event_id,
    )


def span(words: str, title: str, text: str) -> dict[str, Any]:
    for field, source in (("text", text), ("title", title)):
        if (start := source.find(words)) >= 0:
            return {"field": field, "start": start, "end": start + len(words)}
    raise ValueError(f"{words!r} stands nowhere")


CALL_TITLE = "Presidents of Norland and Ostria speak by phone"
CALL_TEXT = (
    "President Ada Lind of Norland called President Boris Ume of Ostria on Monday. "
    "They agreed to let grain ships pass. Ostria said later that it would not hold back its guns."
)


def call_article(url: str, *, published: str | None = "2026-09-14", coder: str = "frames@1", at: float = 0,
                 extra: str = "") -> list[Event]:  # fmt: skip
    """An article that reports a call, and a truce rejected."""
    return article(
        url,
        CALL_TITLE,
        CALL_TEXT + extra,
        published=published,
        coder=coder,
        at=at,
        claims=[
            {
                "type": "call_held",
                "quote": "President Ada Lind of Norland called President Boris Ume of Ostria on Monday",
                "occurred_on": "2026-09-14",
                "date_basis": "relative",
                "confidence": 0.9,
                "participants": [
                    {
                        "name": "Ada Lind",
                        "actor_id": "person:ada-lind",
                        "kind": "person",
                        "code": "NOR",
                        "role": "party",
                    },
                    {"name": "Boris Ume", "kind": "person", "code": "OST", "role": "party"},
                ],
            },
            {
                "type": "truce_rejected",
                "quote": "it would not hold back its guns",
                "participants": [{"name": "Ostria", "kind": "country", "code": "OST", "role": "actor"}],
            },
        ],
    )
