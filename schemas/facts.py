"""Pipeline facts: what happened on the way from a feed to the events.

Each says its own natural key (`natural_key`, what makes it the same fact when told again) and its stream. No key holds
a port, a credential, a run or a clock. Prose (titles, texts, authors) lies in the log's `texts` and is named by digest.
"""

from abc import abstractmethod
from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from schemas.dates import bounds, precision
from schemas.ids import natural_id
from schemas.world import EVENT_TYPES, Modality, Participant, Value

Via = Literal["live", "backfill"]


class Fact(Value):
    """A pipeline fact's payload.

    `circumstances` names the fields that tell of this telling alone (where its bytes lie, by which way it came): they
    are stored beside the payload, and two tellings that differ only in them are no conflict.
    """

    type: str
    version: ClassVar[int] = 1
    circumstances: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def natural_key(self) -> tuple[str | int, ...]:
        """What the fact is about; equal keys are one fact."""

    @abstractmethod
    def stream(self) -> str:
        """`feed:<id>`, `page:<cleaned URL>` before extraction, `article:<id>` from then on, `happening:<id>` …"""

    def event_id(self) -> UUID:
        return natural_id(self.type, *self.natural_key())


class CaptureRef(Value):
    """Where a response lies: WARC file name, offset and length of its record there in bytes."""

    warc: str
    offset: int = Field(ge=0)
    length: int = Field(ge=0)


class FeedPolled(Fact):
    """A feed was asked in its planned slot (ISO 8601 UTC minute). `outcome` tells how it went, `reason` why not.

    Each poll restates what the next one needs (`etag`, `last_modified`, `body_digest`, failures in a row, `due_at`), so
    that a feed's state is its latest poll. `due_why` says in words when it is due next, and why.

    `moved_to` is where the feed has moved for good. `host` is the host that answered or failed, where it is not that of
    `url`; `host_wait_until` until when it asked to be left alone. `news` are the times of the last polls that brought
    something new, the latest last; `pace` is the usual distance between news, and `wanted_interval` the distance
    between polls that the feed asks for, in minutes. `skip_hours` (0 to 23, UTC) and `skip_days` (`monday` …) are when
    it does not want to be asked. `fresh_for` is for how many seconds the answer is fresh by its HTTP headers,
    `fresh_until` until when.
    """

    circumstances: ClassVar[frozenset[str]] = frozenset({"capture"})
    type: Literal["feed_polled"] = "feed_polled"
    feed_id: UUID
    url: str
    slot: str
    outcome: Literal["fetched", "unchanged", "failed"]
    http_status: int | None = None
    final_url: str | None = None
    moved_to: str | None = None
    format: str | None = None
    language: str | None = None
    title_digest: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None
    capture: CaptureRef | None = None
    entries: int = 0
    entries_new: int = 0
    overflow: bool = False
    problems: tuple[str, ...] = ()
    reason: str | None = None
    message: str | None = None
    failures: int = Field(default=0, ge=0)
    due_at: str | None = None
    due_why: str | None = None
    host: str | None = None
    host_wait_until: str | None = None
    news: tuple[str, ...] | None = None
    pace: int | None = Field(default=None, ge=0)
    wanted_interval: int | None = Field(default=None, ge=0)
    skip_hours: tuple[int, ...] | None = None
    skip_days: tuple[str, ...] | None = None
    fresh_for: int | None = Field(default=None, ge=0)
    fresh_until: str | None = None

    def natural_key(self) -> tuple[str | int, ...]:
        return (str(self.feed_id), self.slot)

    def stream(self) -> str:
        return f"feed:{self.feed_id}"


class ArticleDiscovered(Fact):
    """A feed listed an entry. Its title and dates are facts beside the page, never inputs to ids or coding.

    `refused` is why the page is not fetched on this feed's word (`host_not_allowed`); another feed may bring it.
    """

    type: Literal["article_discovered"] = "article_discovered"
    feed_id: UUID
    entry_id: str
    url: str
    title_digest: str | None = None
    published: str | None = None
    updated: str | None = None
    refused: str | None = None

    def natural_key(self) -> tuple[str | int, ...]:
        return (str(self.feed_id), self.entry_id)

    def stream(self) -> str:
        return f"page:{self.url}"


class PageCaptured(Fact):
    """A page's response was kept as it came. `url` is the cleaned requested URL, `digest` that of the decoded body.

    Told again with a `read_attempt`, for a capture that is to be read once more: to the log it is no news.
    `rights` are what the response reserves (`noarchive`, `tdm-reservation` …): it is kept where leave was given.
    """

    circumstances: ClassVar[frozenset[str]] = frozenset({"capture", "via", "read_attempt", "rights"})
    type: Literal["page_captured"] = "page_captured"
    url: str
    final_url: str
    redirects: tuple[tuple[int, str], ...] = ()
    http_status: int = 200
    content_type: str | None = None
    digest: str
    bytes: int = Field(ge=0)
    capture: CaptureRef | None = None
    via: Via = "live"
    read_attempt: int | None = None
    rights: tuple[str, ...] | None = None

    def natural_key(self) -> tuple[str | int, ...]:
        return (self.url, self.digest)

    def stream(self) -> str:
        return f"page:{self.url}"


class PageRevisited(Fact):
    """A captured page was asked for again, because its feed said that it was updated in the hour `updated` (UTC).

    A page that has `changed` has a `page_captured` of its own; one that is `unchanged`, or `failed` this time, stays as
    it was. `digest` names the body that it has now.
    """

    type: Literal["page_revisited"] = "page_revisited"
    url: str
    updated: str
    outcome: Literal["changed", "unchanged", "failed"]
    digest: str | None = None
    reason: str | None = None

    def natural_key(self) -> tuple[str | int, ...]:
        return (self.url, self.updated)

    def stream(self) -> str:
        return f"page:{self.url}"


class CaptureFailed(Fact):
    """A page could not be captured. `attempt` counts from 1; no more follow one that is `final`.

    `host` is the host that failed, where a redirect led to another one than that of `url`; `host_wait_until` is until
    when it asked to be left alone.
    """

    type: Literal["capture_failed"] = "capture_failed"
    url: str
    attempt: int = Field(ge=1)
    reason: str
    message: str
    http_status: int | None = None
    final: bool = False
    retry_at: str | None = None
    host: str | None = None
    host_wait_until: str | None = None

    def natural_key(self) -> tuple[str | int, ...]:
        return (self.url, self.attempt)

    def stream(self) -> str:
        return f"page:{self.url}"


class ArticleExtracted(Fact):
    """Title and body were read from a capture (its cause). `published_on` comes from the page alone, or is null.

    `language_confidence` (0 to 1) is the detector's in `language`, `agency` the news agency credited with the text.
    """

    circumstances: ClassVar[frozenset[str]] = frozenset({"url", "problems", "language_confidence", "agency"})
    type: Literal["article_extracted"] = "article_extracted"
    article_id: UUID
    url: str
    canonical_url: str
    title_digest: str
    text_digest: str
    authors_digest: str | None = None
    language: str | None = None
    published_on: str | None = None
    published_from: str | None = None
    modified_on: str | None = None
    site_name: str | None = None
    kind: str = "article"
    characters: int = Field(ge=0)
    extractor: str
    problems: tuple[str, ...] = ()
    language_confidence: float | None = Field(default=None, ge=0, le=1)
    agency: str | None = None

    def natural_key(self) -> tuple[str | int, ...]:
        return (
            str(self.article_id),
            self.title_digest,
            self.text_digest,
            self.published_on or "",
            self.extractor,
        )

    def stream(self) -> str:
        return f"article:{self.article_id}"


class ArticleSkipped(Fact):
    """A capture holds no article, or could not be read in time: the reason, for people and for a retry."""

    type: Literal["article_skipped"] = "article_skipped"
    url: str
    capture_id: UUID
    reason: str
    message: str
    extractor: str
    retryable: bool = False
    attempt: int = Field(default=1, ge=1)

    def natural_key(self) -> tuple[str | int, ...]:
        # A first attempt is not numbered, nor was it before there were others.
        later = (self.attempt,) if self.attempt > 1 else ()
        return (str(self.capture_id), self.extractor, self.reason, *later)

    def stream(self) -> str:
        return f"page:{self.url}"


class CodingCompleted(Fact):
    """An extraction was read for events by one version of a coder; all its events stand in the same batch."""

    type: Literal["coding_completed"] = "coding_completed"
    extraction_id: UUID
    article_id: UUID
    coder: str
    coder_name: str
    coder_version: str
    lexicon: str | None = None
    model: str | None = None
    events: int = Field(ge=0)
    skipped: str | None = None

    def natural_key(self) -> tuple[str | int, ...]:
        return (str(self.extraction_id), self.coder)

    def stream(self) -> str:
        return f"article:{self.article_id}"


class CoderActivated(Fact):
    """From here on a coder's codings count with `rank`; an article's current coding is that of the greatest rank."""

    type: Literal["coder_activated"] = "coder_activated"
    coder: str
    coder_name: str
    rank: int = Field(ge=0)

    def natural_key(self) -> tuple[str | int, ...]:
        return (self.coder, self.rank)

    def stream(self) -> str:
        return f"coder:{self.coder_name}"


class RecordRejected(Fact):
    """A record of an archive could not be read: where it stands, what it was, and why not."""

    type: Literal["record_rejected"] = "record_rejected"
    source: str
    place: str
    digest: str
    reason: str
    message: str

    def natural_key(self) -> tuple[str | int, ...]:
        return (self.source, self.place, self.digest)

    def stream(self) -> str:
        return f"archive:{self.source}"


class EventRetracted(Fact):
    """A person took back what an article was said to report. Names the claim, so that it outlives every coder version.

    `after` is the id of the decision about the same claim that this one follows, or null: what a person says twice in a
    row is one decision, and one that was overruled can be taken again.
    """

    type: Literal["event_retracted"] = "event_retracted"
    claim_id: UUID
    article_id: UUID
    after: UUID | None = None
    by: str = Field(min_length=1)
    reason: str = Field(min_length=1)

    def natural_key(self) -> tuple[str | int, ...]:
        return (str(self.claim_id), str(self.after or ""))

    def stream(self) -> str:
        return f"article:{self.article_id}"


class Correction(Value):
    """What a person says instead: the fields named here replace the coder's, the others stay.

    `occurred_from`, `occurred_to` and `date_precision` follow from `occurred_on` (EDTF). A participant's `name` is the
    person's own spelling, not cut from the article.
    """

    type: str | None = None
    modality: Modality | None = None
    participants: tuple[Participant, ...] | None = None
    occurred_on: str | None = None
    occurred_from: str | None = None
    occurred_to: str | None = None
    date_precision: str | None = None
    scope: str | None = None
    background: bool | None = None

    @model_validator(mode="after")
    def _known_type(self) -> Self:
        if self.type is not None and self.type not in EVENT_TYPES:
            raise ValueError(f"no event type is called {self.type}: see the event catalogue")
        if self.occurred_on is not None and bounds(self.occurred_on) is None:
            raise ValueError(f"{self.occurred_on} is no date: write 2026-09-14, 2026-09, 2026-W38 or an interval")
        return self

    @classmethod
    def of(cls, said: dict[str, Any]) -> Self:
        """With what follows from the date. Raises ValueError for a field or value that cannot be."""
        given = cls.model_validate(said)
        if not (span := bounds(given.occurred_on)):
            return given
        first, last = (day.isoformat() for day in span)
        derived = {"occurred_from": first, "occurred_to": last, "date_precision": precision(given.occurred_on)}
        return given.model_copy(update=derived)


class EventCorrected(Fact):
    """A person says otherwise about a claim, with a reason. It replaces any earlier decision about the claim whole."""

    type: Literal["event_corrected"] = "event_corrected"
    claim_id: UUID
    article_id: UUID
    after: UUID | None = None
    changes: Correction
    by: str = Field(min_length=1)
    reason: str = Field(min_length=1)

    def natural_key(self) -> tuple[str | int, ...]:
        return (str(self.claim_id), str(self.after or ""), self.changes.model_dump_json(exclude_none=True))

    def stream(self) -> str:
        return f"article:{self.article_id}"


class EventLinked(Fact):
    """One article's report of an event tells the happening that another article reported first.

    `claim_id` is the report's, `happening_id` the claim of the happening's first report, `after` the decision about the
    same report that this one replaces, or null. Decided by the linker (`by` names it and its version), or by a
    `person`, whose word the linker leaves alone. `score` is 0 to 1, `reasons` say what speaks for it. `copy_of` is the
    claim of an earlier report whose article has the same text, or nearly: no source of its own.
    """

    type: Literal["event_linked"] = "event_linked"
    claim_id: UUID
    happening_id: UUID
    after: UUID | None = None
    by: str = Field(min_length=1)
    person: bool = False
    score: float | None = Field(default=None, ge=0, le=1)
    reasons: tuple[str, ...] = ()
    copy_of: UUID | None = None

    def natural_key(self) -> tuple[str | int, ...]:
        return (str(self.claim_id), str(self.happening_id), str(self.after or ""))

    def stream(self) -> str:
        return f"happening:{self.happening_id}"


class EventUnlinked(Fact):
    """A report no longer tells the happening that it was linked to, or, where a `person` says so, none but its own."""

    type: Literal["event_unlinked"] = "event_unlinked"
    claim_id: UUID
    happening_id: UUID
    after: UUID | None = None
    by: str = Field(min_length=1)
    person: bool = False
    reasons: tuple[str, ...] = ()

    def natural_key(self) -> tuple[str | int, ...]:
        return (str(self.claim_id), str(self.happening_id), str(self.after or ""))

    def stream(self) -> str:
        return f"happening:{self.happening_id}"


class LinkingCompleted(Fact):
    """The linker has looked at all reports up to position `upto`, and said what it had to: it goes on from there."""

    type: Literal["linking_completed"] = "linking_completed"
    linker: str
    upto: int = Field(ge=0)
    reports: int = Field(ge=0)
    linked: int = Field(ge=0)
    unlinked: int = Field(ge=0)

    def natural_key(self) -> tuple[str | int, ...]:
        return (self.linker, self.upto)

    def stream(self) -> str:
        return f"linker:{self.linker.partition('/')[0]}"


Ownership = Literal["state", "public", "private", "party", "ngo", "intergovernmental"]


class Publisher(Value):
    """Who publishes at a host and its subdomains.

    `country` is ISO 3166 alpha-3, `language` ISO 639, where all of the host is in one. `ownership`: `state` for what a
    government runs, `public` for public service at arm's length, `party` for a party's or a movement's, `ngo` for
    associations, foundations, cooperatives and churches. `group` is shared by titles in one hand. Unknown is None.
    """

    host: str = Field(pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+)+$")
    name: str = Field(min_length=1, max_length=200)
    country: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    ownership: Ownership | None = None
    group: str | None = Field(default=None, max_length=200)


class PublishersListed(Fact):
    """From here on these are the publishers: the whole list, in place of the one of the event `after`, if any.

    `digest` names the list. A list that was replaced can be listed again.
    """

    type: Literal["publishers_listed"] = "publishers_listed"
    after: UUID | None = None
    digest: str
    publishers: tuple[Publisher, ...] = Field(min_length=1)

    def natural_key(self) -> tuple[str | int, ...]:
        return (self.digest, str(self.after or ""))

    def stream(self) -> str:
        return "publishers"


class ContentErased(Fact):
    """A text or a captured body was withdrawn for good. `digest` is all that is kept of it, `reason` a code."""

    type: Literal["content_erased"] = "content_erased"
    what: Literal["text", "capture"]
    digest: str
    reason: Literal["law", "rights", "retention", "request", "mistake"]

    def natural_key(self) -> tuple[str | int, ...]:
        return (self.what, self.digest)

    def stream(self) -> str:
        return f"content:{self.digest}"


class ArticleCopied(Fact):
    """An article carries the text of another one that was published before it, or nearly: agency copy, a reprint.

    `containment` is the share of the shorter text's three-word runs that the longer one holds, 0 to 1, as the texts
    were then; `text_digest` and `original_digest` name them. Each stays an article of its own.
    """

    type: Literal["article_copied"] = "article_copied"
    article_id: UUID
    copy_of: UUID
    containment: float = Field(ge=0, le=1)
    text_digest: str
    original_digest: str

    def natural_key(self) -> tuple[str | int, ...]:
        return (str(self.article_id), str(self.copy_of), self.text_digest, self.original_digest)

    def stream(self) -> str:
        return f"article:{self.article_id}"


class CapturesPruned(Fact):
    """A WARC file was deleted to make room: its captures can no longer be shown or read again, all else stays.

    `warc` is its name below the log's captures, `bytes` its size; `reason` says which limit it was beyond.
    """

    type: Literal["captures_pruned"] = "captures_pruned"
    warc: str
    bytes: int = Field(ge=0)
    reason: Literal["age", "size"]

    def natural_key(self) -> tuple[str | int, ...]:
        return (self.warc,)

    def stream(self) -> str:
        return f"warc:{self.warc}"


FACT_TYPES: dict[str, type[Fact]] = {str(cls.model_fields["type"].default): cls for cls in Fact.__subclasses__()}
"""Every pipeline fact by its type name."""
