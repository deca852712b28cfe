"""Find who is named in a text: states by their many names, persons in office, organisations and armed groups.

One Aho-Corasick pass over the text, folded so that accents and typographic marks do not matter; of the overlapping
names the leftmost, longest ones stand. What a name means may depend on the day (who held the office then) and on the
words around it (a newspaper called after a city is no actor). The names are data: see `docs/lexicon.md`.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Self

from ingest.code.actor_names import (
    Actor,
    Entry,
    Names,
    holders_by_office,
    name_entries,
    resolve_office,
    resolve_rows,
    row_actor,
    stands_in_capitals,
)
from ingest.code.actor_tables import BUILT_IN, any_of, read_tables, table_files
from ingest.code.folding import fold
from schemas.digests import digest

__all__ = ["Actor", "ActorMention", "Lexicon", "is_sent_there"]


@dataclass(frozen=True, slots=True)
class ActorMention:
    """A name at code points `start` to `end`, as written.

    `form` says how the actor is named: name, adjective (Omani), people (Omanis), capital, seat (Kremlin), institution
    (the Israeli military), person, org or group. `preposition` is the place preposition right before it;
    `compound` is what a hyphen ties to it ("led" in US-led). `holder` is the person in the office that the words name,
    `short` what a person named in full may be called from then on.
    """

    start: int
    end: int
    name: str
    actor: Actor
    form: str = "name"
    preposition: str | None = None
    possessive: bool = False
    compound: str | None = None
    holder: Actor | None = None
    short: tuple[str, ...] = ()

    @property
    def locative(self) -> bool:
        """Whether the words name where something is rather than who acts: "in Moscow", "to Riyadh", "near Gaza"."""
        if self.preposition is None or self.possessive or self.form not in ("name", "adjective", "capital", "org"):
            return False
        return self.preposition in _PLACE_ONLY or (self.form == "capital" and self.preposition in ("to", "from"))


Cues = tuple[re.Pattern[str] | None, re.Pattern[str] | None]
"""Words that speak against an ambiguous name wherever they stand in the text, and words that outweigh those."""

_PLACE_ONLY = frozenset({"in", "at", "near", "outside", "inside", "around", "across", "throughout", "into", "within"})
_PREPOSITIONS = _PLACE_ONLY | {"to", "from", "toward", "towards", "over", "against", "with", "of"}
_BETWEEN = frozenset(
    re.findall(r"\S+", "the downtown central northern southern eastern western nearby neighbouring neighboring")
)
_COMPOUND = re.compile(r"-([a-z]+)")
_OPPOSED = re.compile(r"\b(?:anti|pro|non|ex|post|pre|trans|un)-$", re.IGNORECASE)
_POSSESSIVE = re.compile(r"'s?(?!\w)")
_CAPITALISED_BEFORE = re.compile(r"([A-Z][\w'-]*\.?) $")
_CAPITALISED_AFTER = re.compile(r" ([A-Z][a-z][\w'-]*)")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n\"(]|--)[\s\"'(]*$")
_LINEAGE = re.compile(r"(?: (?:bin|ibn|bint) [A-Z][\w-]+| (?:al|Al|el|El)[- ][A-Z][\w-]+)+(?!\w)")
_INITIALS = re.compile(r"((?:[A-Z]\. ?)+)$")
_STATE_FORMS = frozenset({"name", "adjective", "capital", "seat"})
_NO_NAME = frozenset(
    re.findall(
        r"\S+",
        """
        president minister premier chancellor secretary king queen prince princess emir sultan sheikh ayatollah pope
        cardinal general gen gen. admiral colonel col col. captain major maj lt senator sen sen. representative rep rep.
        speaker ambassador envoy mr mr. mrs mrs. ms ms. dr dr. sir lord lady governor gov gov. mayor spokesman
        spokeswoman spokesperson leader chief commander pm fm candidate director judge justice chairman commissioner
        negotiator republican democrat democratic marshal crown archbishop bishop imam mullah sayyed seyyed hajj martyr
        comrade brother nominee elect citizen tsar former deputy both when after before while as but and for with if
        that since the said says monday tuesday wednesday thursday friday saturday sunday january february march april
        may june july august september october november december
        """,
    )
)
_MONTH_NAMES = frozenset({"may", "march", "april", "june", "august"})
_MONTH_CONTEXT = re.compile(
    r"(?:\b(?:in|on|of|since|early|late|mid|last|next|this|until|by|from|through|to|and|before|after|between)\s|\d\s?)$",
    re.IGNORECASE,
)


class Lexicon:
    """All known actors. Immutable; `digest` names the data it was made from."""

    def __init__(
        self,
        entries: Mapping[str, Entry],
        ambiguous: Mapping[str, Cues],
        digest: str,
        grounds: Mapping[str, str] | None = None,
    ) -> None:
        self.digest = digest
        self._grounds = dict(grounds or {})
        self._names = Names(entries)
        self._capitals = Names({name.upper(): entry for name, entry in entries.items() if stands_in_capitals(name)})
        self._ambiguous = dict(ambiguous)
        self._offices = holders_by_office(entries)
        self._states = {e.actor.code: e.actor.label for e in entries.values() if e.actor and e.actor.code}

    @classmethod
    def load(cls, extra_dirs: Iterable[Path | str] = ()) -> Self:
        """The built-in tables and those of `extra_dirs`, which add to them and win where both name the same words.

        Raises `ValueError` naming the file and line of what cannot be read.
        """
        folders = (BUILT_IN, *map(Path, extra_dirs))
        entries: dict[str, Entry] = {}
        ambiguous: dict[str, Cues] = {}
        grounds: dict[str, str] = {}
        for tables in map(read_tables, folders):
            entries |= name_entries(tables, entries)
            grounds |= tables.grounds
            ambiguous |= {
                fold(name): (any_of(against), any_of(unless)) for name, (against, unless) in tables.ambiguous.items()
            }
        files = [path.read_bytes() for folder in folders for path in table_files(folder)]
        return cls(entries, ambiguous, digest(b"\0".join(files)), grounds)

    def find(self, text: str, on: date | None = None, learned: Mapping[str, Actor] | None = None) -> list[ActorMention]:
        """Every actor named in `text`, in order, not overlapping. `on` is the day by which offices are resolved.

        `learned` are names that mean someone in this article only, as `actor_learning.learn` returns them.
        """
        return _Search(self, text, on, learned or {}).mentions()

    def holder(self, code: str, office: str, on: date | None) -> Actor | None:
        """Who held an office (such as "foreign minister") of a state on a day; None where that is not known."""
        if on is None:
            return None
        holders = {row.actor_id: row for row in self._offices.get((code, office), ()) if row.since and row.holds(on)}
        return row_actor(next(iter(holders.values()))) if len(holders) == 1 else None

    def ground(self, group_id: str) -> str | None:
        """The code of the state that an armed group fights on its own ground; None where the tables do not say."""
        return self._grounds.get(group_id)

    def body(self, code: str, sector: str) -> Actor:
        """The state of that code, or the organisation or group that uses it, as an actor of a sector."""
        state = self._states.get(code)
        if state is not None:
            return Actor(f"country:{code}", "country", code, sector, state)
        return Actor(None, "group", code, sector, code)

    def candidates(self, folded: str) -> Iterable[tuple[int, int, Entry]]:
        """Spans of whole words that are names, overlapping and in no order; for `_Search`."""
        names = self._capitals if folded.isupper() else self._names
        return names.find(folded)

    def cues(self, name: str) -> Cues | None:
        """What speaks against and for an ambiguous name; None where it is not ambiguous."""
        return self._ambiguous.get(name)


class _Search:
    """One pass over one text."""

    def __init__(self, lexicon: Lexicon, text: str, on: date | None, learned: Mapping[str, Actor]) -> None:
        self.lexicon, self.text, self.on, self.learned = lexicon, text, on, learned
        self.folded = fold(text)
        words = re.findall(r"[A-Za-z]{4,}", self.folded)
        capitals = sum(word[0].isupper() for word in words)
        self.headline = len(words) > 2 and capitals > 0.8 * len(words) and not self.folded.rstrip('" ').endswith(".")

    def mentions(self) -> list[ActorMention]:
        chosen: list[tuple[int, int, Entry]] = []
        spans = [*self._learned_spans(), *self.lexicon.candidates(self.folded)]
        for start, end, entry in sorted(spans, key=lambda span: (span[0], -span[1])):
            if entry.form == "short" and self._resolved(start, entry) is None:
                continue
            if not chosen or start >= chosen[-1][1]:
                named = entry.form == "person" and " " in self.folded[start:end]
                lineage = _LINEAGE.match(self.folded, end) if named else None
                chosen.append((start, lineage.end() if lineage else end, entry))
        starts = {start for start, _, _ in chosen}
        ends = {end for _, end, entry in chosen if entry.form != "refused"}
        found = [self._mention(start, end, entry, starts, ends) for start, end, entry in chosen]
        return self._with_institutions([mention for mention in found if mention is not None])

    def _learned_spans(self) -> Iterable[tuple[int, int, Entry]]:
        if not self.learned:
            return
        names = {fold(name): actor for name, actor in self.learned.items()}
        pattern = (
            r"(?<![\w@/#])(?:" + "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) + r")(?!\w)"
        )
        for match in re.finditer(pattern, self.folded):
            if match[0].lower() in _MONTH_NAMES and self._reads_as_month(match):
                continue
            actor = names[match[0]]
            form = "institution" if actor.kind == "country" else actor.kind
            yield match.start(), match.end(), Entry(form, actor)

    def _reads_as_month(self, match: re.Match[str]) -> bool:
        before, after = self.folded[max(0, match.start() - 20) : match.start()], self.folded[match.end() :][:8]
        return bool(_MONTH_CONTEXT.search(before) or re.match(r",? \d|,? (?:I|we|he|the)\b", after))

    def _mention(self, start: int, end: int, entry: Entry, starts: set[int], ends: set[int]) -> ActorMention | None:
        actor = entry.actor or self._resolved(start, entry)
        name = self.folded[start:end]
        if actor is None or _OPPOSED.search(self.folded, max(0, start - 8), start):
            return None
        if entry.form in ("people", "adjective") and self.folded.endswith("thnic ", 0, start):
            return None
        if entry.form == "person" and " " not in name:
            widened = self._widen(start, actor, ends)
            if widened is None or self._goes_on(end, starts):
                return None
            start = widened
            name = self.folded[start:end]
        elif (entry.form == "capital" or self.lexicon.cues(name) is not None) and self._is_part_of_a_name(
            name, start, end, starts, ends
        ):
            return None
        possessive = _POSSESSIVE.match(self.folded, end)
        compound = _COMPOUND.match(self.folded, end)
        return ActorMention(
            start,
            end,
            self.text[start:end],
            actor,
            "person" if entry.form == "short" else entry.form,
            _preposition(self.folded[max(0, start - 60) : start]),
            possessive is not None and not name.endswith("s'"),
            compound[1] if compound else None,
            None,
            entry.rows[0].short if entry.rows else (),
        )

    def _resolved(self, start: int, entry: Entry) -> Actor | None:
        if entry.form != "short":
            return resolve_rows(entry.rows, self.on)
        title = _OFFICE_BEFORE.search(self.folded, max(0, start - 30), start)
        return resolve_office(entry.rows, _OFFICES[title[1].lower()], self.on) if title else None

    def _widen(self, start: int, actor: Actor, ends: set[int]) -> int | None:
        """Where a surname's mention begins, initials and given names included; None where another person is named."""
        before = self.folded[max(0, start - 60) : start]
        if start - 1 in ends:
            return start
        if initials := _INITIALS.search(before):
            start -= len(initials[1])
            before = before[: initials.start()]
        word = _CAPITALISED_BEFORE.search(before)
        if word is None or word[1].endswith(".") or _is_title(word[1]) or start - 1 in ends:
            return start
        if word[1] in fold(actor.label).split():
            return start - len(word[0])
        if self.headline or word[1].isupper() or word[1].lower().endswith(("ing", "ed", "ly")):
            return start
        return start if _SENTENCE_START.search(before[: word.start()]) else None

    def _is_part_of_a_name(self, name: str, start: int, end: int, starts: set[int], ends: set[int]) -> bool:
        """Whether the words around make it another name: Paris Metro, Michael Jordan, the Georgia of Atlanta."""
        cues = self.lexicon.cues(name)
        if cues is not None and cues[0] is not None and cues[0].search(self.folded):
            unless = cues[1]
            if unless is None or not unless.search(self.folded):
                return True
        if self.headline:
            return False
        if self._goes_on(end, starts):
            return True
        before = self.folded[max(0, start - 60) : start]
        word = _CAPITALISED_BEFORE.search(before)
        return bool(
            word
            and not word[1].endswith(".")
            and not _is_title(word[1])
            and start - 1 not in ends
            and not _SENTENCE_START.search(before[: word.start()])
        )

    def _goes_on(self, end: int, starts: set[int]) -> bool:
        """Whether a name goes on after `end`: "Biden Foundation", "Paris Metro", but "Biden White House"."""
        after = _CAPITALISED_AFTER.match(self.folded, end)
        return bool(
            after
            and not self.headline
            and after.start(1) not in starts
            and not _is_title(after[1])
            and not _institutions()[1].match(self.folded, end)
            and not _ADMINISTRATION.match(self.folded, end)
        )

    def _with_institutions(self, mentions: list[ActorMention]) -> list[ActorMention]:
        """Join a state (or a head of government, or a group) and the institution named with it: "Israeli military"."""
        sectors, after, before = _institutions()
        joined: list[ActorMention] = []
        for number, mention in enumerate(mentions):
            following = mentions[number + 1] if number + 1 < len(mentions) else None
            whole = mention
            if mention.form in _STATE_FORMS or mention.form in ("org", "group", "institution"):
                whole = self._join(mention, after.match(self.folded, mention.end), following, sectors)
            elif mention.form == "person":
                government = _ADMINISTRATION.match(self.folded, mention.end)
                if government and mention.actor.code and not _reaches(government.end(), following):
                    whole = self._grown(
                        mention, mention.start, government.end(), self.lexicon.body(mention.actor.code, "GOV")
                    )
            if whole is mention and mention.form in ("name", "capital") and not mention.possessive:
                of = before.search(self.folded, max(0, mention.start - 60), mention.start)
                if of and (not joined or joined[-1].end <= of.start()):
                    sector = sectors.get(of[1].lower(), "GOV")
                    whole = self._grown(mention, of.start(), mention.end, replace(mention.actor, sector=sector))
            joined.append(whole)
        return joined

    def _join(
        self,
        mention: ActorMention,
        match: re.Match[str] | None,
        following: ActorMention | None,
        sectors: Mapping[str, str],
    ) -> ActorMention:
        if match is None or mention.compound or _reaches(match.end(), following):
            return mention
        noun = match["noun"].lower()
        rest = self.folded[match.end() : match.end() + 2]
        if _is_title(noun.rpartition(" ")[2]) and re.match(r" [A-Z]", rest):
            named = following is not None and following.form == "person" and following.start == match.end() + 1
            if named or not self.headline:
                return mention
        if is_sent_there(mention, noun):
            return mention
        if mention.form == "capital" and not (match["noun"][0].isupper() or noun.endswith("s")):
            return mention
        actor = mention.actor
        if actor.kind == "country":
            actor = replace(actor, sector=sectors[noun])
        grown = self._grown(mention, mention.start, match.end(), actor)
        office = _OFFICES.get(noun)
        if office and actor.code:
            grown = replace(grown, holder=self.lexicon.holder(actor.code, office, self.on))
        return grown

    def _grown(self, mention: ActorMention, start: int, end: int, actor: Actor) -> ActorMention:
        possessive = _POSSESSIVE.match(self.folded, end) is not None
        preposition = _preposition(self.folded[max(0, start - 60) : start])
        return ActorMention(
            start,
            end,
            self.text[start:end],
            actor,
            "institution",
            preposition,
            possessive,
        )


_ADMINISTRATION = re.compile(
    r"(?:'s)? (?:[Aa]dministration|[Gg]overnment|regime|cabinet|White House|team|envoy|office)\b"
)
_OFFICES = {
    "president": "president",
    "prime minister": "prime minister",
    "premier": "prime minister",
    "chancellor": "prime minister",
    "foreign minister": "foreign minister",
    "foreign secretary": "foreign minister",
    "defence minister": "defence minister",
    "defense minister": "defence minister",
    "supreme leader": "supreme leader",
    "secretary of state": "foreign minister",
    "defense secretary": "defence minister",
    "defence secretary": "defence minister",
    "secretary of defense": "defence minister",
    "vice president": "vice president",
    "king": "monarch",
    "emir": "monarch",
    "crown prince": "crown prince",
    "national security adviser": "national security adviser",
    "pm": "prime minister",
    "secretary-general": "secretary-general",
    "secretary general": "secretary-general",
}


_OFFICE_BEFORE = re.compile("\\b(" + "|".join(sorted(_OFFICES, key=len, reverse=True)) + r") $", re.IGNORECASE)


@cache
def _institutions() -> tuple[dict[str, str], re.Pattern[str], re.Pattern[str]]:
    """PLOVER sector by institution noun; the nouns after a state ("'s new government"); before it ("government of")."""
    with (BUILT_IN / "institution_nouns.csv").open(encoding="utf-8", newline="") as lines:
        sectors = {row["noun"]: row["sector"] for row in csv.DictReader(lines)}
    nouns = "|".join(re.escape(noun) for noun in sorted(sectors, key=len, reverse=True))
    adjectives = (
        "new|interim|transitional|caretaker|ruling|top|senior|current|former|unity|military|state|special|chief|deputy|"
        "far-right|coalition|nuclear|ground"
    )
    after = rf"(?:'s?)? (?:(?:{adjectives}) ){{0,2}}(?P<noun>(?i:{nouns}))(?![\w-])"
    before = (
        r"\b((?i:government|authorities|president|prime minister|foreign minister|armed forces|parliament|king|emir|"
        r"leaders?|officials|ministry of (?:defen[cs]e|foreign affairs)) of (?:the )?)$"
    )
    return sectors, re.compile(after), re.compile(before)


def is_sent_there(mention: ActorMention, noun: str) -> bool:
    """Whether a title means somebody sent to the state rather than of it: "the UN's Yemen envoy"."""
    return (
        mention.form == "name" and not mention.possessive and re.search(r"\b(?:envoys?|ambassador)\b", noun) is not None
    )


def _reaches(end: int, following: ActorMention | None) -> bool:
    return following is not None and end > following.start


def _preposition(before: str) -> str | None:
    """The preposition right before a name, articles and directions set aside ("in northern Syria")."""
    if not before.endswith((" ", "\n")):
        return None
    for word in reversed(before.lower().split()):
        if word in _PREPOSITIONS:
            return word
        if word not in _BETWEEN:
            return None
    return None


def _is_title(word: str) -> bool:
    """Whether a capitalised word is no part of a personal name: a title, a weekday, a word that opens a clause."""
    lower = word.lower()
    return lower in _NO_NAME or any(part in _NO_NAME for part in lower.split("-"))
