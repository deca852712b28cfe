"""Linking against the log: read the reports around what is new, group them, append what has changed.

A pass looks at the articles that the log took in since the last `linking_completed`, and at the reports of the days
around theirs. The groups follow from the reports alone, so a pass over what is new and one over everything end in the
same links. What a person has decided about a report stands: the linker leaves that report alone.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa
from filelock import FileLock

from ingest.link.copies import copies
from ingest.link.grouping import Group, groups
from ingest.link.near import find_copies
from ingest.link.report import ONE_SIDED, REACH, Report, Window, report, window
from schemas.envelope import Event, Origin
from schemas.facts import EventLinked, EventUnlinked, Fact, LinkingCompleted
from warehouse.log import Log

LINKER = "days/1"
"""Name and version: with another one, everything is looked at anew."""
PRODUCER = f"courant-link/{LINKER}"
BATCH = 20_000
"""Decisions to a commit."""
_COLUMNS = (
    *("claim_id", "event_id", "article_id", "type", "modality", "background", "date_precision", "event_date_basis"),
    *("occurred_from", "occurred_to", "published_on", "participants", "place_name", "place_lat", "place_lon"),
    *("place_country", "quote", "quote_start", "published", "text_digest", "position", "text_status"),
)
_SELECT = (
    "SELECT w.claim_id, w.event_id, w.article_id, w.type, w.modality, w.background, w.date_precision,"
    " w.event_date_basis, w.occurred_from, w.occurred_to, w.published_on, w.participants, w.place_name, w.place_lat,"
    " w.place_lon, w.place_country, w.quote, w.quote_start, a.published, a.text_digest, a.position, a.text_status"
    " FROM world_events w JOIN proj.articles a USING (article_id)"
)
_TEXTS = 1_000
"""Texts that are compared at a time: bounds the memory of a pass."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What a pass came to: reports looked at, decisions appended, and the position up to which all is linked."""

    reports: int = 0
    linked: int = 0
    unlinked: int = 0
    upto: int = 0
    copies: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Known:
    """The decision that stands about a report."""

    happening_id: UUID | None
    copy_of: UUID | None
    decision_id: UUID


@dataclass(frozen=True, slots=True)
class _News:
    """What a pass is about: the articles with news, and the days, by type, that they were ever said to tell of.

    With `whole` it is about everything.
    """

    articles: frozenset[UUID] = frozenset()
    days: Mapping[str, frozenset[date]] = field(default_factory=dict)
    whole: bool = False

    def near(self, type_: str, margin: int) -> frozenset[date]:
        return frozenset(d + timedelta(days=n) for d in self.days[type_] for n in range(-margin, margin + 1))


@dataclass(slots=True)
class _Output:
    """Appends decisions in commits of at most `BATCH`, and counts them."""

    log: Log
    origin: Origin
    waiting: list[Event] = field(default_factory=list)
    linked: int = 0
    unlinked: int = 0
    copies: int = 0

    def say(self, fact: Fact, cause: UUID | None = None) -> None:
        self.linked += fact.type == "event_linked"
        self.unlinked += fact.type == "event_unlinked"
        self.waiting.append(Event.of_fact(fact, self.origin, cause))
        if len(self.waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        added = self.log.append(self.waiting).by_type or {}
        self.copies += added.get("article_copied", 0)
        self.waiting = []


def link(
    log: Log,
    *,
    now: datetime,
    run_id: str,
    whole: bool = False,
    progress: Progress = lambda step, done, total: None,
) -> LinkReport:
    """Link what is new in the log, or with `whole` everything. The same again adds nothing. Raises LogError.

    The log's views must be caught up (`Log.catch_up`); what they do not show yet is linked by the next pass.
    """
    with FileLock(str(log.location.root / "link.lock")):
        [(upto,)] = log.query("SELECT position FROM proj.checkpoint WHERE name = 'state'")
        start = 0 if whole else _last(log)
        news = _News(whole=True) if start == 0 else _news(log, start, upto)
        types = _all_types(log) if news.whole else sorted(news.days)
        if not types and not news.articles:
            return LinkReport(upto=upto)
        pinned = {claim for (claim,) in log.query("SELECT claim_id FROM proj.links WHERE person")}
        out = _Output(log, Origin(now, run_id, PRODUCER))
        for copied in find_copies(log, None if news.whole else news.articles):
            out.say(copied)
        changed = _Changed(log, out)
        looked_at = 0
        for done, (type_, rows) in enumerate(_told(log, types, news)):
            progress("link", done, len(types))
            reports, alone = _reports(rows)
            looked_at += len(reports)
            within, left_alone = _within(type_, news), pinned | _erased_links(log, reports)
            found = [g for g in groups(r for r in reports if r.claim_id not in left_alone) if within(g)]
            known = _known(log, {r.claim_id for g in found for r in g.reports} | alone.keys())
            for claim in alone.keys() & known.keys() - pinned:
                _unlink(claim, alone[claim], known[claim], out)
            for group in found:
                if not _as_known(group, known, news):
                    changed.add(group, known)
        changed.decide()
        completed = LinkingCompleted(
            linker=LINKER, upto=upto, reports=looked_at, linked=out.linked, unlinked=out.unlinked
        )
        out.say(completed)
        out.flush()
        progress("link", len(types), len(types))
        return LinkReport(looked_at, out.linked, out.unlinked, upto, out.copies)


def _last(log: Log) -> int:
    """Where the last pass of this linker ended; 0 where a coder was activated since: its codings are everywhere."""
    [(upto,)] = log.query(
        "SELECT coalesce(max((payload->>'upto')::BIGINT), 0) FROM event_log"
        " WHERE type = 'linking_completed' AND (payload->>'linker') = ?",
        [LINKER],
    )
    [(activated,)] = log.query("SELECT count(*) FROM proj.coder_ranks WHERE position > ?", [upto])
    return 0 if activated else int(upto)


def _all_types(log: Log) -> list[str]:
    return [type_ for (type_,) in log.query("SELECT DISTINCT type FROM world_events ORDER BY type")]


def _news(log: Log, start: int, upto: int) -> _News:
    """The articles that have news since `start`, and the days of all that they have ever been said to tell.

    Also of what no longer counts: an older coding, a text since revised, a claim since corrected or retracted.
    """
    articles = frozenset(
        article
        for (article,) in log.query(
            "SELECT article_id FROM event_log WHERE position > ? AND position <= ? AND article_id IS NOT NULL"
            " AND type <> 'article_copied'"
            " UNION SELECT w.article_id FROM event_log e"
            " JOIN world_events w ON w.claim_id = (e.payload->>'claim_id')::UUID"
            " WHERE e.position > ? AND e.type IN ('event_linked', 'event_unlinked')"
            " AND (e.payload->>'person')::BOOLEAN",
            [start, upto, start],
        )
    )
    if not articles:
        return _News()
    con = log.reader()
    con.register("news_articles", pa.table({"id": pa.array(sorted(map(str, articles)), pa.string())}))
    rows = con.execute(
        "SELECT type, event_date, payload FROM event_log WHERE article_id IN (SELECT id::UUID FROM news_articles)"
        " AND (type IN (SELECT type FROM event_types) OR type = 'event_corrected')"
    ).fetchall()
    con.unregister("news_articles")
    said = [(type_, day, json.loads(payload)) for type_, day, payload in rows]
    corrections: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for type_, _, payload in said:
        if type_ == "event_corrected":
            corrections[payload["claim_id"]].append(payload["changes"])
    days: dict[str, set[date]] = defaultdict(set)
    for type_, day, payload in said:
        if type_ != "event_corrected":
            for changes in ({}, *corrections[payload["claim_id"]]):
                told = changes.get("type") or type_
                if (found := _window(told, day, {**payload, **changes})) is not None:
                    days[told].update(_days(found))
    return _News(articles, {type_: frozenset(touched) for type_, touched in days.items()})


def _window(type_: str, day: date | None, payload: Mapping[str, Any]) -> Window | None:
    first, last = payload.get("occurred_from"), payload.get("occurred_to")
    return window(
        type_,
        precision=payload.get("date_precision"),
        basis=payload.get("date_basis") if first else "publication day",
        first=date.fromisoformat(first) if first else None,
        last=date.fromisoformat(last) if last else None,
        published=day,
    )


def _days(days: Window) -> Iterator[date]:
    length = (days.last - days.first).days if days.reaches else 0
    return (days.first + timedelta(days=n) for n in range(length + 1))


def _told(log: Log, types: Sequence[str], news: _News) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rows of each type: all, or those within two reaches of the days with news."""
    con = log.reader()
    if news.whole:
        for type_ in types:
            yield type_, _records(con.execute(f"{_SELECT} WHERE w.type = ?", [type_]))
        return
    near = [(type_, day) for type_ in types for day in sorted(news.near(type_, 2 * REACH))]
    days = [day for _, day in near]
    con.register("near_days", pa.table({"type": [t for t, _ in near], "day": pa.array(days, pa.date32())}))
    con.register("news_articles", pa.table({"id": pa.array(sorted(map(str, news.articles)), pa.string())}))
    # The bounds let files be passed over. What has lost its day is looked for by its article.
    rows = _records(
        con.execute(
            f"{_SELECT} WHERE w.event_date BETWEEN ? AND ?"
            " AND (w.type, w.event_date) IN (SELECT (type, day) FROM near_days)",
            [min(days), max(days)],
        )
        if near
        else None
    ) + _records(
        con.execute(f"{_SELECT} WHERE w.event_date IS NULL AND w.article_id IN (SELECT id::UUID FROM news_articles)")
    )
    con.unregister("near_days")
    con.unregister("news_articles")
    by_type: dict[str, list[dict[str, Any]]] = {type_: [] for type_ in types}
    for row in rows:
        by_type.setdefault(row["type"], []).append(row)
    yield from ((type_, told) for type_, told in by_type.items() if type_ in news.days)


def _records(cursor: duckdb.DuckDBPyConnection | None) -> list[dict[str, Any]]:
    return [dict(zip(_COLUMNS, row, strict=True)) for row in cursor.fetchall()] if cursor is not None else []


def _reports(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Report], dict[UUID, UUID]]:
    """The reports, and those that can be compared with no other, as claim and event ids."""
    found, alone = [], {}
    for row in rows:
        one = report(row)
        if one is None:
            alone[row["claim_id"]] = row["event_id"]
        else:
            found.append(one)
    return found, alone


def _erased_links(log: Log, reports: Sequence[Report]) -> set[UUID]:
    """Linked reports whose words, which had spoken for it, were erased: nothing speaks against it, so it stays."""
    mute = {one.claim_id for one in reports if one.type in ONE_SIDED and one.erased}
    return {claim for claim, held in _known(log, mute).items() if held.happening_id} if mute else set()


def _within(type_: str, news: _News) -> Callable[[Group], bool]:
    """Whether a group is known whole, and may have changed."""
    if news.whole:
        return lambda group: True
    touched, near = news.days[type_], news.near(type_, REACH)

    def within(group: Group) -> bool:
        days = group.founder.window
        return days.first in near and days.last in near if days.reaches else days.first in touched

    return within


def _known(log: Log, claims: Set[UUID]) -> dict[UUID, _Known]:
    """The decisions that stand about these reports, by claim."""
    con = log.reader()
    con.register("asked_claims", pa.table({"claim_id": pa.array(sorted(map(str, claims)), pa.string())}))
    rows = con.execute(
        "SELECT claim_id, happening_id, copy_of, decision_id FROM proj.links"
        " WHERE claim_id IN (SELECT claim_id::UUID FROM asked_claims)"
    ).fetchall()
    con.unregister("asked_claims")
    return {claim: _Known(*rest) for claim, *rest in rows}


def _as_known(group: Group, known: Mapping[UUID, _Known], news: _News) -> bool:
    """Whether the links say so already. Copies cannot have changed where no member's article has news."""
    first, *others = group.reports
    before = known.get(first.claim_id)
    if before is not None and before.happening_id is not None:
        return False
    if not others:
        return True
    if news.whole or any(one.article_id in news.articles for one in group.reports):
        return False
    return all((held := known.get(one.claim_id)) and held.happening_id == first.claim_id for one in others)


@dataclass(slots=True)
class _Changed:
    """Gathers groups that the links do not show yet, to decide about many at a time: their texts are asked for once."""

    log: Log
    out: _Output
    waiting: list[tuple[Group, Mapping[UUID, _Known]]] = field(default_factory=list)
    reports: int = 0

    def add(self, group: Group, known: Mapping[UUID, _Known]) -> None:
        self.waiting.append((group, known))
        self.reports += len(group.members)
        if self.reports >= _TEXTS:
            self.decide()

    def decide(self) -> None:
        stored = _texts(self.log, [group for group, _ in self.waiting])
        for group, known in self.waiting:
            _decide(group, known, stored, self.out)
        self.waiting, self.reports = [], 0


def _decide(group: Group, known: Mapping[UUID, _Known], stored: Mapping[str, str], out: _Output) -> None:
    """Say what has to be said so that the links are as this group: nothing where they are already."""
    first, *others = group.reports
    before = known.get(first.claim_id)
    if before is not None:
        _unlink(first.claim_id, first.event_id, before, out)
    same = copies(group.reports, stored)
    fits = {one.claim_id: likeness for one, likeness in group.members}
    for one in others:
        held, copy_of = known.get(one.claim_id), same.get(one.claim_id)
        if held and copy_of is None and one.erased and held.copy_of in fits:
            copy_of = held.copy_of  # as found while there was a text
        if held and (held.happening_id, held.copy_of) == (first.claim_id, copy_of):
            continue
        # The founder was held against nobody: it fits the first report as well as that fits it.
        why = fits[one.claim_id] or fits[first.claim_id]
        fact = EventLinked(
            claim_id=one.claim_id,
            happening_id=first.claim_id,
            after=held.decision_id if held else None,
            by=PRODUCER,
            score=why.score if why else None,
            reasons=(*(why.reasons if why else ()), *(("same text",) if copy_of else ())),
            copy_of=copy_of,
        )
        out.say(fact, one.event_id)


def _unlink(claim: UUID, event: UUID, before: _Known, out: _Output) -> None:
    if before.happening_id is not None:
        fact = EventUnlinked(
            claim_id=claim,
            happening_id=before.happening_id,
            after=before.decision_id,
            by=PRODUCER,
            reasons=("no earlier report of it",),
        )
        out.say(fact, event)


def _texts(log: Log, found: Iterable[Group]) -> Mapping[str, str]:
    """The texts, by digest, of groups that hold more than one.

    A text mostly came in the commit of its article: it is looked for from the earliest of these on, and only what is
    missing is looked for in the whole log.
    """
    wanted: dict[str, int] = {}
    for group in found:
        texts = {one.text_digest: one.position for one, _ in group.members if one.text_digest}
        if len(texts) > 1:
            wanted |= {digest: min(position, wanted.get(digest, position)) for digest, position in texts.items()}
    if not wanted:
        return {}
    con = log.reader()
    [(commit,)] = con.execute("SELECT commit_id FROM event_log WHERE position = ?", [min(wanted.values())]).fetchall()
    stored: dict[str, str] = {}
    for bound in (commit, 0):
        if missing := sorted(wanted.keys() - stored.keys()):
            con.register("asked_texts", pa.table({"digest": missing}))
            stored |= dict(
                con.execute(
                    "SELECT digest, text FROM texts WHERE position >= ? AND digest IN (SELECT digest FROM asked_texts)",
                    [bound],
                ).fetchall()
            )
            con.unregister("asked_texts")
    return stored
