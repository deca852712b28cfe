"""The coder: an article in, its typed events out, deterministic and explainable.

gate -> sentences -> parse of the gated ones -> frames -> scorer -> details -> merge -> judge. Each step is a module of
its own; this one only joins them. Coders are found by entry point (group `courant.coders`), so that another one can
take this one's place.
"""

import hashlib
import importlib.metadata
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast, get_args

from ingest.code import details
from ingest.code.actors import Lexicon
from ingest.code.article import Article
from ingest.code.cast import Cast
from ingest.code.clues import Read
from ingest.code.completion import completed, with_sides
from ingest.code.dates import DateMention, find_dates, resolve
from ingest.code.details import When
from ingest.code.discourse import Party
from ingest.code.frameset import Frames
from ingest.code.gate import Gate
from ingest.code.judge import Judge, Verdict, load_judge
from ingest.code.match import Match, Matcher, Trial
from ingest.code.merge import SPEECH, Happening, Telling, merge
from ingest.code.news_day import DAY_KINDS, counted, lead_of, with_day_of_news, with_day_told_before
from ingest.code.parse import Parser, SpacyParser, Wording
from ingest.code.places import Gazetteer, PlaceMention
from ingest.code.proposals import PREFIX, THRESHOLDS, Proposals, Thresholds, Tried
from ingest.code.quantities import QuantityMention
from ingest.code.related import related
from ingest.code.rounds import listed
from ingest.code.scorer import Scored, Scorer, load_scorer
from ingest.code.sentences import Sentence, dateline, split
from ingest.code.tree import Tree
from schemas.world import EVENT_TYPES, Mention, Participant, Place, Quantity, Related, Sector, Span, WorldEvent

VERSION = "2"
_GROUP = "courant.coders"
_BUILT_IN, _ALONE = "frames", "frames-alone"
_IN_ROUNDS = frozenset({"talks_held", "meeting_held"})
_SPOKEN = SPEECH | {"talks_rejected", "truce_rejected", "proposal_rejected"}
_SPOKEN_ON = re.compile(
    r"\b(?:said|told|says|stated|announced|warned|declared|wrote|posted|speaking|interview|statement|conference|briefing|speech"
    r"|address|reporters|remarks|tweeted)\b[^.;\"”]{0,90}$",
    re.IGNORECASE,
)
_SPEAKS_ON = 6
"""For how many sentences a day of speaking holds."""
_SECTORS = frozenset(get_args(Sector))
_OPTIMISM = 0.03
"""How much less often events prove right on articles that the frames were not made on."""


@cache
def _code_digest() -> str:
    """Eight digits that name the state of this package's code: a coding's id must differ wherever it may say otherwise,
    and nobody remembers to count a version up."""
    sources = sorted(Path(__file__).parent.glob("*.py"), key=lambda file: file.name)
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in sources)).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class CoderInfo:
    """Which coder made a coding: everything that its result depends on besides the article."""

    name: str
    version: str
    frames: str
    lexicon: str
    model: str

    @property
    def key(self) -> str:
        """One string that differs wherever a result may differ; part of the ids of codings."""
        return f"{self.name}/{self.version}/{self.frames}/{self.lexicon}/{self.model}"


@dataclass(frozen=True, slots=True)
class Coding:
    """The events of one article. `skipped` says why it was not coded at all ("language"); then there are none."""

    id: str
    events: tuple[WorldEvent, ...]
    coder: CoderInfo
    skipped: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The public form: id, events, coder, skipped."""
        return {
            "id": self.id,
            "events": [e.model_dump(mode="json") for e in self.events],
            "coder": asdict(self.coder),
            "skipped": self.skipped,
        }


class Coder(Protocol):
    """What codes articles. `languages` are ISO 639-1 codes of the languages that it claims to read."""

    info: CoderInfo
    languages: frozenset[str]

    def code(self, article: Article) -> Coding:
        """The events of `article`. Never raises for an article's content."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read in one article on the way to its events; `explain` prints it."""

    sentences: tuple[Sentence, ...]
    parsed: tuple[tuple[int, Tree], ...]
    trials: tuple[tuple[int, Trial], ...]
    happenings: tuple[Happening, ...]
    verdicts: tuple[Verdict, ...] = ()
    skipped: str | None = None


class FramesCoder:
    """The built-in coder: frames over parses, a learned scorer beside them and a judge over both; English only."""

    languages = frozenset({"en"})

    def __init__(
        self,
        frames: Frames,
        lexicon: Lexicon,
        gazetteer: Gazetteer,
        parser: Parser,
        scorer: Scorer | None = None,
        judge: Judge | None = None,
        thresholds: Thresholds = THRESHOLDS,
    ) -> None:
        self.frames = frames
        self._lexicon = lexicon
        self._gazetteer = gazetteer
        self._parser = parser
        self._gate = Gate(frames)
        self._matcher = Matcher(frames)
        self._shipped = Matcher(Frames.load(None)) if frames.own else None
        self._scorer, self._judge = scorer, judge
        self._proposals = Proposals(frames, self._matcher, scorer, thresholds) if scorer is not None else None
        models = [f"{parser.name}-{parser.version}", *(m.name for m in (scorer, judge) if m is not None)]
        version = f"{VERSION}-{_code_digest()}"
        self.info = CoderInfo("frames", version, frames.digest, lexicon.digest, "+".join(models))

    def code(self, article: Article) -> Coding:
        reading = self.read(article)
        events = _with_relations(article, reading, [_event(article, h) for h in reading.happenings])
        return Coding(article.id, events, self.info, reading.skipped)

    def read(self, article: Article) -> Reading:
        """Everything that leads to the events of `article`, kept for `explain`."""
        skipped = self._gate.skips(article)
        if skipped:
            return Reading((), (), (), (), (), skipped if skipped == "language" else None)
        sentences = split(article)
        cast_ = Cast(self._lexicon, article, sentences, self.frames.words["officials"], self.frames.lookup)
        if not self._gate.is_topical(article, cast_.size):
            return Reading(tuple(sentences), (), (), ())
        wanted = [
            n
            for n, s in enumerate(sentences)
            if self._gate.opens(s.text, len({m.actor.actor_id for m in cast_.in_sentence(s)}))
        ]
        trees = self._parser.parse([Wording(sentences[n].text, cast_.persons(sentences[n])) for n in wanted])
        trials: list[tuple[int, Trial]] = []
        tellings: list[Telling] = []
        tried = [
            Tried(n, sentences[n], tree, self._trials(sentences[n], tree, cast_))
            for n, tree in zip(wanted, trees, strict=True)
        ]
        scores: dict[int, Scored] = {}
        if self._proposals is not None:
            tried, scores = self._proposals.added(tried, cast_)
        for n, _, tree, found in tried:
            trials += [(n, t) for t in found]
            tellings += self._tellings(article, n, sentences, tree, cast_, [t.match for t in found if t.match])
        tellings = self._with_dateline(article, sentences, cast_, tellings)
        tellings = self._with_speaking_day(article, sentences, cast_, tellings)
        tellings = with_day_of_news(tellings, article)
        tellings = completed(tellings, sentences, cast_)
        lead = lead_of(sentences, cast_.in_sentence)
        happenings = with_day_told_before(merge(tellings), sentences, article, lead)
        verdicts: list[Verdict] = []
        if scores and self._scorer is not None and self._judge is not None:
            happenings = [with_sides(h, cast_) for h in happenings]
            verdicts = self._judge.judged(Read(sentences, cast_, happenings, scores, self._scorer))
            happenings = [v.happening for v in verdicts if v.kept]
        parsed = tuple(zip(wanted, trees, strict=True))
        return Reading(tuple(sentences), parsed, tuple(trials), tuple(happenings), tuple(verdicts))

    def _trials(self, sentence: Sentence, tree: Tree, cast_: Cast) -> tuple[Trial, ...]:
        """What becomes of the triggers of a sentence; what only the user's own frames find is marked as such."""
        found = self._matcher.trials(sentence, tree, cast_)
        if self._shipped is None:
            return tuple(found)
        known = {(t.match.type, t.trigger) for t in self._shipped.trials(sentence, tree, cast_) if t.match}
        return tuple(
            replace(t, match=replace(t.match, own=True)) if t.match and (t.match.type, t.trigger) not in known else t
            for t in found
        )

    def _with_dateline(
        self, article: Article, sentences: Sequence[Sentence], cast_: Cast, tellings: list[Telling]
    ) -> list[Telling]:
        """An agency reports on the day of its dateline: undated words of whom it quotes first are of that day."""
        if not any(_is_undated_speech(t) for t in tellings):
            return tellings
        line = dateline(article.text)
        if line is None:
            return tellings
        lead = next((s for s in sentences if s.field == "text" and s.start >= line[1]), None)
        speaker = cast_.attributed(lead) if lead else None
        days = [d for d in find_dates(article.text[line[0] : line[1]], article.published) if d.day]
        if not days or speaker is None:
            return tellings
        resolved = resolve(days[0], article.published, "past")
        day = When(resolved.edtf, line[0] + days[0].start, line[0] + days[0].end, resolved.basis)
        return [replace(t, when=day) if _is_undated_speech(t) and speaker.key in t.doers else t for t in tellings]

    def _with_speaking_day(
        self, article: Article, sentences: Sequence[Sentence], cast_: Cast, tellings: list[Telling]
    ) -> list[Telling]:
        """What somebody says after "said on Tuesday" was said on that Tuesday, until another day is named for it."""
        days: list[tuple[int, str, When]] = []
        asked = {t.sentence - n for t in tellings if _is_undated_speech(t) for n in range(_SPEAKS_ON + 1)}
        for number, sentence in enumerate(sentences):
            if number not in asked or sentence.field != "text":
                continue
            for mention in find_dates(sentence.text, article.published):
                until = mention.role != "time" or mention.words.lower().startswith("to ")
                if mention.kind not in DAY_KINDS or until or not _SPOKEN_ON.search(sentence.text[: mention.start]):
                    continue
                speaker = cast_.attributed(sentence)
                if speaker is not None:
                    days.append((number, speaker.key, details.dated(sentence, mention, article.published, "past")))
        found = []
        for telling in tellings:
            said = [
                when
                for number, key, when in days
                if 0 <= telling.sentence - number <= _SPEAKS_ON and key in telling.doers
            ]
            if said and _is_undated_speech(telling):
                telling = replace(telling, when=said[-1])
            found.append(telling)
        return found

    def _tellings(
        self,
        article: Article,
        n: int,
        sentences: Sequence[Sentence],
        tree: Tree,
        cast_: Cast,
        matches: Sequence[Match],
    ) -> list[Telling]:
        if not matches:
            return []
        sentence = sentences[n]
        dates = [d for d in find_dates(sentence.text, article.published) if d.role == "time" or d.kind == "range"]
        dates = [d for d in dates if not d.words.lower().startswith(("within", "to "))]
        countries = frozenset(
            m.actor.code for m in cast_.in_sentence(sentence) if m.actor.code and len(m.actor.code) == 3
        )
        places = self._gazetteer.find(sentence.text, countries)
        found = []
        for match in matches:
            speakers = [p for k in match.telling.speakers for p in cast_.parties(sentence, tree, k)]
            match = _with_speaker(match, speakers)
            place = details.where(sentence, tree, match, places)
            start, end = details.quote(sentence, tree, match)
            told = details.when(
                sentence, tree, match, dates, article.published, self.frames.lookup, self.frames.words["report"]
            )
            when = told[0] if told else None
            if told and told[1].kind == "anchored":
                lead = lead_of(sentences, cast_.in_sentence)
                when = counted(article, sentences, lead, n, told[1], tree[match.trigger].start)
            if details.says_too_little(match, when, place):
                continue
            shift = sentence.start
            found.append(
                Telling(
                    type=match.type,
                    field=sentence.field,
                    start=start,
                    end=end,
                    sentence=n,
                    parties=match.parties,
                    modality=details.modality(tree, match),
                    when=when,
                    place=(place, shift) if place is not None else None,
                    scope=details.scope(sentence, tree, match),
                    quantities=tuple((q, shift) for q in details.quantities(sentence, tree, match)),
                    speaker=details.speaker(tree, match, speakers),
                    confidence=_confidence(match, when is not None),
                    anaphoric=match.anaphoric
                    or (
                        when is None
                        and tree[match.trigger].dep == "acl"
                        and (tree[match.trigger].tag == "VBG" or tree.is_passive(match.trigger))
                        and (tree[match.trigger].tag == "VBN" or match.frame.family == "aid")
                        and (match.frame.family == "aid" or sum(not p.resolved for p, _ in match.parties) < 2)
                    ),
                    spare=match.spare,
                    frame=match.frame.id,
                    proposed=match.frame.id.startswith(PREFIX),
                    own=match.own,
                    trigger=(shift + tree[match.trigger].start, shift + tree[match.trigger].end),
                    several=match.type in _IN_ROUNDS
                    and any(tree[k].lower in ("rounds", "sessions", "meetings") for k in match.tokens),
                )
            )
            if told and match.type in _IN_ROUNDS:
                found += self._rounds(article, sentence, found[-1], dates, places, told[1])
        return found

    def _rounds(
        self,
        article: Article,
        sentence: Sentence,
        telling: Telling,
        dates: Sequence[DateMention],
        places: Sequence[PlaceMention],
        first: DateMention,
    ) -> list[Telling]:
        """The further rounds that the sentence lists behind the first, each with its day and the place named last."""
        found = []
        for mention in listed(sentence.text, dates, first):
            before = [p for p in places if p.end <= mention.start]
            place = (before[-1], sentence.start) if before else telling.place
            day = details.dated(sentence, mention, article.published, "past")
            found.append(replace(telling, when=day, place=place, anaphoric=False))
        return found


def _is_undated_speech(telling: Telling) -> bool:
    """Whether it tells what somebody says, in the text, on a day that is still to be found."""
    return telling.when is None and telling.field == "text" and telling.type in _SPOKEN


def _with_speaker(match: Match, speakers: Sequence[Party]) -> Match:
    """ "The talks with Brussels are going nowhere", Trump said: whoever speaks of talks with somebody holds them."""
    sides = [p for p, r in match.parties if r == "party" and p.acts]
    if not match.type.startswith("talks_") or len(sides) != 1 or match.hit is None:
        return match
    own = [p for p in speakers if p.acts and p.key != sides[0].key and (p.kind == "person" or p.official)][:1]
    return replace(match, parties=(*match.parties, *((p, "party") for p in own)))


def _confidence(match: Match, dated: bool) -> float:
    """How likely the event is right: the frame's figure, more with a date, less for guessed parties and mentions.

    How often events of each figure prove right stands in docs/quality.md, by `benchmarks/confidence.py`.
    """
    value = match.frame.confidence - _OPTIMISM
    value += 0.08 if dated else 0.0
    value -= 0.1 if any(p.resolved for p, _ in match.parties) else 0.0
    value -= 0.1 if match.telling.weak else 0.0
    return round(min(0.95, max(0.05, value)), 3)


def _event(article: Article, happening: Happening) -> WorldEvent:
    best = happening.best
    when = best.when
    mentions = tuple(_mention(article, t) for t in happening.tellings[1:])
    unique = tuple(m for n, m in enumerate(mentions) if m not in mentions[:n])
    return EVENT_TYPES[best.type].model_validate(
        {
            "type": best.type,
            "modality": best.modality,
            "participants": [_participant(p, r) for p, r in best.parties],
            "occurred_on": when.edtf if when else None,
            "date_words": article.field(when.field)[when.start : when.end] if when and when.end else None,
            "date_at": Span(field=when.field, start=when.start, end=when.end) if when and when.end else None,
            "date_basis": when.basis if when else "unknown",
            "place": _place(best),
            "scope": best.scope,
            "quantities": [_quantity(article, best, q) for q in best.quantities],
            "attributed_to": best.speaker.name if best.speaker else None,
            "attributed_at": _span(best.speaker) if best.speaker else None,
            "background": details.is_background(when.edtf if when else None, article.published),
            "confidence": best.confidence,
            "evidence": _mention(article, best),
            "mentions": unique,
        }
    )


def _with_relations(article: Article, reading: Reading, events: Sequence[WorldEvent]) -> tuple[WorldEvent, ...]:
    """The events, each act with the contact that it belongs to."""
    pairs = related(article, reading.sentences, reading.happenings)
    relations = {
        act: Related(relation="at", type=events[contact].type, **events[contact].evidence.model_dump())
        for act, contact in pairs.items()
    }
    return tuple(
        event.model_copy(update={"related_to": (relations[n],)}) if n in relations else event
        for n, event in enumerate(events)
    )


def _mention(article: Article, telling: Telling) -> Mention:
    return Mention(
        field=telling.field,
        start=telling.start,
        end=telling.end,
        quote=article.field(telling.field)[telling.start : telling.end],
    )


def _span(party: Party) -> Span:
    return Span(field=party.field, start=party.start, end=party.end)


def _participant(party: Party, role: str) -> Participant:
    return Participant.model_validate(
        {
            "name": party.name,
            "actor_id": party.actor_id,
            "kind": party.kind,
            "code": party.code,
            "sector": party.sector if party.sector in _SECTORS else "GOV" if party.sector else None,
            "role": role,
            "name_at": _span(party),
        }
    )


def _place(telling: Telling) -> Place | None:
    if telling.place is None:
        return None
    place, shift = telling.place
    return Place(
        name=place.name,
        country=place.country,
        lat=place.lat,
        lon=place.lon,
        name_at=Span(field=telling.field, start=shift + place.start, end=shift + place.end),
    )


def _quantity(article: Article, telling: Telling, item: object) -> Quantity:
    quantity, shift = cast("tuple[QuantityMention, int]", item)
    start, end = shift + quantity.start, shift + quantity.end
    return Quantity(
        what=quantity.what,
        min=quantity.min,
        max=quantity.max,
        unit=quantity.unit,
        vague=quantity.vague,
        quote=article.field(telling.field)[start:end],
        quote_at=Span(field=telling.field, start=start, end=end),
    )


@cache
def frames_coder(frames: Path | None = None, actors: Path | None = None, scored: bool = True) -> FramesCoder:
    """The built-in coder with the frames, lexicon and models that ship with the package.

    `frames` and `actors` are folders of the user's own, put over them; without `scored`, the frames alone. Raises
    `ValueError` naming what is wrong in a folder, `LookupError` where the scorer's encoder is not installed.
    """
    lexicon = Lexicon.load([actors] if actors else ())
    scorer, judge = (load_scorer(), load_judge()) if scored else (None, None)
    return FramesCoder(Frames.load(frames), lexicon, Gazetteer.load(), SpacyParser(), scorer, judge)


@cache
def load_coder(name: str = "frames", frames: Path | None = None, actors: Path | None = None) -> Coder:
    """The coder of this name: the built-in one with the user's folders (`frames`, or `frames-alone` without the
    scorer), or another package's by entry point.

    Raises `LookupError` naming those there are or what is not installed, `ValueError` for a folder that cannot be used.
    """
    if name in (_BUILT_IN, _ALONE):
        return frames_coder(frames, actors, scored=name == _BUILT_IN)
    found = {e.name: e for e in importlib.metadata.entry_points(group=_GROUP)}
    if name not in found:
        there = sorted({_BUILT_IN, _ALONE, *found})
        raise LookupError(f"no coder {name!r} is installed; there are: {', '.join(there)}")
    return cast("Coder", found[name].load()())
