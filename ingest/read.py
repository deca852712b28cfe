"""Read: a capture to an article and its events. Pure: the same bytes and URL give the same facts, wherever they run."""

import json
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from ingest.captures.values import READY_TYPE, Captured
from ingest.code.article import Article
from ingest.code.coder import Coder, Coding
from ingest.extract import EXTRACTOR, Extraction, extract
from ingest.extract.agency import credited
from schemas.digests import digest
from schemas.envelope import Event, Origin
from schemas.facts import ArticleExtracted, ArticleSkipped, CodingCompleted
from schemas.ids import article_id, claim_id
from schemas.sentences import sentence_around
from schemas.urls import clean_url
from schemas.world import MAX_QUOTE, WorldEvent

_EXTRACTOR = "/".join(EXTRACTOR)
_WORDS = frozenset({"name", "date_words", "attributed_to", "quote"})


def read_page(captured: Captured, *, url: str, capture_id: UUID, coder: Coder, origin: Origin) -> list[Event]:
    """All events of one capture, in causal order: the article and its coding with its events, or why there is none.

    `url` is the cleaned requested URL. Never raises for what is in a page.
    """
    found = _extraction(captured)
    if found.skip_reason or not found.text:
        return [skip(url, capture_id, found.kind, found.skip_reason or "The page holds no article text.", origin)]
    article = article_id(found.canonical_url)
    title, text, authors = found.title, found.text, "\n".join(found.authors)
    fact = ArticleExtracted(
        article_id=article,
        url=url,
        canonical_url=found.canonical_url,
        title_digest=digest(title),
        text_digest=digest(text),
        authors_digest=digest(authors) if authors else None,
        language=found.language,
        published_on=found.published_on,
        published_from=found.published_from,
        modified_on=found.modified_on,
        site_name=found.site_name,
        kind=found.kind,
        characters=len(text),
        extractor=_EXTRACTOR,
        problems=found.problems,
        language_confidence=found.language_confidence,
        agency=found.agency,
    )
    extracted = Event.of_fact(fact, origin, capture_id, tuple(t for t in (title, text, authors) if t))
    return [extracted, *code_article(found, fact, extracted, coder, origin)]


def code_article(
    found: Extraction, fact: ArticleExtracted, extracted: Event, coder: Coder, origin: Origin
) -> Iterator[Event]:
    """The coding of one extraction: `coding_completed`, then each event, also when there are none."""
    article = fact.article_id
    given = Article(
        id=str(article),
        title=found.title,
        text=found.text,
        published=found.published_on,
        url=found.canonical_url,
        language=found.language,
    )
    coding = coder.code(given) if reads(coder, found.language) else Coding(given.id, (), coder.info, "language")
    events = [event for event in coding.events if is_verbatim(event, found.title, found.text)]
    completed = CodingCompleted(
        extraction_id=extracted.event_id,
        article_id=article,
        coder=coding.coder.key,
        coder_name=coding.coder.name,
        coder_version=coding.coder.version,
        lexicon=coding.coder.lexicon,
        model=coding.coder.model,
        events=len(events),
        skipped=coding.skipped,
    )
    coding_event = Event.of_fact(completed, origin, extracted.event_id)
    yield coding_event
    places: Counter[tuple[str, str, int]] = Counter()
    claims: Counter[tuple[str, str]] = Counter()
    for event in events:
        at = event.evidence
        place = (event.type, at.field, at.start)
        sentence = sentence_around(found.title if at.field == "title" else found.text, at.start, at.end)
        claim = (event.type, sentence)
        yield Event.of_world_event(
            event,
            origin,
            event_id=event.event_id(coding_event.event_id, places[place]),
            claim_id=claim_id(article, event.type, sentence, claims[claim]),
            coding_id=coding_event.event_id,
            article_id=article,
            published_on=found.published_on,
            causation_id=extracted.event_id,
        )
        places[place] += 1
        claims[claim] += 1


def reads(coder: Coder, language: str | None) -> bool:
    """Whether a coder claims to read a language (ISO 639-1, with or without a region); where it is unknown it may look.

    One that claims none says itself why it codes nothing.
    """
    return not language or not coder.languages or language.lower().partition("-")[0] in coder.languages


def is_verbatim(event: WorldEvent, title: str, text: str) -> bool:
    """Whether all words of the event stand where their spans say, whichever coder made it, and no quote is too long.

    The log keeps the spans alone, so the event must come back from them as it is, and words without a span have no
    place in it. What does not is no evidence.
    """
    stored = event.to_payload()
    if _has_words(stored) or any(m.end - m.start > MAX_QUOTE for m in (event.evidence, *event.mentions)):
        return False
    return WorldEvent.from_payload(event.type, stored, title, text) == event


def _has_words(stored: object) -> bool:
    """Whether words are left in a stored payload: none whose span is known are."""
    if isinstance(stored, list):
        return any(map(_has_words, stored))
    if not isinstance(stored, dict):
        return False
    return bool(_WORDS & stored.keys()) or any(map(_has_words, stored.values()))


def skip(
    url: str,
    capture_id: UUID,
    reason: str,
    message: str,
    origin: Origin,
    *,
    retryable: bool = False,
    attempt: int = 1,
) -> Event:
    """The fact that a capture yielded no article."""
    fact = ArticleSkipped(
        url=url,
        capture_id=capture_id,
        reason=reason,
        message=message,
        extractor=_EXTRACTOR,
        retryable=retryable,
        attempt=attempt,
    )
    return Event.of_fact(fact, origin, capture_id)


def _extraction(captured: Captured) -> Extraction:
    content_type = captured.header("content-type")
    if content_type != READY_TYPE:
        return extract(captured.body, url=captured.final_url, content_type=content_type)
    ready = json.loads(captured.body)
    url = clean_url(ready["url"])
    return Extraction(
        url=url,
        canonical_url=url,
        title=ready["title"],
        text=ready["text"],
        authors=(),
        language=None,
        published_on=ready.get("published"),
        published_from="given" if ready.get("published") else None,
        site_name=None,
        problems=(),
        agency=credited((), ready["text"]),
    )
