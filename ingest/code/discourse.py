"""What was named before: the actors of an article in reading order, who says what, and whom "he" and "both sides"
mean."""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.code.actor_learning import learn
from ingest.code.actors import Actor, ActorMention, Lexicon
from ingest.code.article import Article, TextField
from ingest.code.sentences import Sentence
from ingest.code.titles import Titles, realms

PERSON_NOUNS = frozenset(
    [
        "counterpart",
        "delegate",
        "pm",
        "fm",
        "president",
        "minister",
        "premier",
        "chancellor",
        "leader",
        "chief",
        "secretary",
        "official",
        "envoy",
        "diplomat",
        "spokesman",
        "spokeswoman",
        "spokesperson",
        "ambassador",
        "general",
        "commander",
        "king",
        "emir",
        "prince",
        "politician",
        "statesman",
        "pontiff",
        "pope",
        "negotiator",
        "mediator",
        "ruler",
        "republican",
        "democrat",
        "head",
    ]
)
"""Nouns for a person by office, singular."""
PAPERS = frozenset({"flagged", "owned", "registered", "operated", "built", "made", "managed", "chartered", "bound"})
"""What ties a ship or a thing to a state by a hyphen without making it the state's: "Maltese-flagged"."""
_HE = frozenset({"he", "she", "him", "his", "her", "himself", "herself"})
_IT = frozenset({"it", "its", "itself"})
_THEY = frozenset({"they", "them", "their", "both", "two"})
_I = frozenset({"i", "we", "us", "our", "my", "me", "ourselves"})
_TRUCE_WORDS = re.compile(r"(?i)\b(?:cease-?fire|truce)s?\b")
_CAPTIVE_WORDS = re.compile(r"(?i)\b(?:prisoners?|captives?|hostages?|detainees|bodies|POWs)\b")
_TALKS_WORDS = re.compile(r"(?i)\b(?:talks|negotiations?|consultations|rounds?)\b")
_BROKERED = frozenset({"sponsored", "brokered", "mediated", "backed", "facilitated", "hosted", "convened", "led"})
_SUBJECT_HE = re.compile(r"\b(?:[Hh]e|[Ss]he)\b")
_LISTED = re.compile(r"^(?:'s?|’s?)?(?:\s[\w.-]+){0,5}?(?:\s*,\s*(?:and\s+)?|\s+and\s+)(?:[\w.’'-]+\s){0,5}$")
_SIDE_BY_SIDE = re.compile(r"^(?:['’]s?)?(?: \w+){0,3}?(?: and|,? with|-|/)(?: the)? ?(?:\w+ ){0,2}$")
_BLOCS = frozenset({"EU", "ECOWAS", "ASEAN"})
"""Organisations that are a side of talks or quarrels as a state is."""
_OPENS = 20
"""Code points within which a sentence's first name is its subject."""
_LISTED_WITH = re.compile(r"(?:\s\w+)?(?:,| and) ")
_REPORTED = re.compile(
    r"\b(?:said|says|told|tells|added|adds|wrote|writes|stated|states|declared|stressed|insisted|warned|announced|noted"
    r"|posted|argued|explained|claimed|reiterated|asserted|maintained|emphasi[sz]ed|underlined|underscored|confirmed|revealed"
    r"|pointed out|acknowledged|remarked|commented|replied|responded|tweeted|affirmed|alleged|according to)\b"
)
_QUOTED = re.compile(r"[“\"][^“”\"]*[”\"]?")


@dataclass(frozen=True, slots=True)
class Party:
    """One who takes part: the words and where they stand, and whom the lexicon takes them for."""

    name: str
    field: TextField
    start: int
    end: int
    actor_id: str | None
    kind: str
    code: str | None
    sector: str | None
    resolved: bool = False
    official: bool = False
    brokers: bool = False

    @property
    def key(self) -> str:
        """What makes two parties one and the same."""
        return (self.code or self.actor_id or self.name).lower()

    @property
    def acts(self) -> bool:
        """Whether it can act in politics: known to the lexicon, or an official body."""
        return self.code is not None or self.actor_id is not None


class Discourse:
    """The actors of one article and its sentences, found once, asked often. Nothing in it changes after it is made."""

    def __init__(self, lexicon: Lexicon, article: Article, sentences: Sequence[Sentence]) -> None:
        self._article = article
        self._lexicon = lexicon
        day = article.day
        self._sentences = list(sentences)
        learned = learn(article.text, lexicon.find(article.text, day), day)
        self._mentions: dict[TextField, list[ActorMention]] = {"title": [], "text": []}
        for s in self._sentences:
            self._mentions[s.field] += [_moved(m, s.start) for m in lexicon.find(s.text, day, learned)]
        self._starts = {f: [m.start for m in ms] for f, ms in self._mentions.items()}
        self._number = {(s.field, s.start): n for n, s in enumerate(self._sentences)}
        self._titles = Titles(lexicon, article.text, self._mentions["text"], day)

    @property
    def size(self) -> int:
        """How many different actors the article names."""
        return len({m.actor.code or m.actor.actor_id for found in self._mentions.values() for m in found})

    @property
    def speaks_of_truce(self) -> bool:
        """Whether the article is about a halt of fighting: its offers and deals are such, then."""
        words = _TRUCE_WORDS.findall(f"{self._article.title} {self._article.text}")
        return len(words) >= 2

    def follows_talks(self, sentence: Sentence) -> bool:
        """Whether this sentence or one of the two before it speaks of rounds of talks."""
        return self._follows(sentence, _TALKS_WORDS)

    def follows_captives(self, sentence: Sentence) -> bool:
        """Whether this sentence or one of the two before it speaks of prisoners or bodies."""
        return self._follows(sentence, _CAPTIVE_WORDS)

    def _follows(self, sentence: Sentence, words: re.Pattern[str]) -> bool:
        here = self._number[(sentence.field, sentence.start)]
        before = self._sentences[max(0, here - 2) : here + 1]
        return any(s.field == sentence.field and words.search(s.text) for s in before)

    def mention_at(self, field: TextField, at: int) -> ActorMention | None:
        """The actor mention that covers code point `at`."""
        n = bisect_right(self._starts[field], at) - 1
        if n >= 0 and self._mentions[field][n].start <= at < self._mentions[field][n].end:
            return self._mentions[field][n]
        return None

    def in_sentence(self, sentence: Sentence) -> list[ActorMention]:
        """The actor mentions inside a sentence."""
        return self.between(sentence.field, sentence.start, sentence.end)

    def persons(self, sentence: Sentence) -> tuple[tuple[int, int], ...]:
        """Where persons are named, in code points of the sentence."""
        return tuple(
            (m.start - sentence.start, m.end - sentence.start)
            for m in self.in_sentence(sentence)
            if m.actor.kind == "person"
        )

    def between(self, field: TextField, start: int, end: int) -> list[ActorMention]:
        """The actor mentions that begin in a range."""
        first = bisect_right(self._starts[field], start - 1)
        found = []
        for m in self._mentions[field][first:]:
            if m.start >= end:
                break
            found.append(m)
        return found

    def party(self, field: TextField, m: ActorMention, resolved: bool = False) -> Party:
        """A mention as a party; the person in office where it names the office."""
        last = m.name.split()[-1].lower().removesuffix("'s").removesuffix("’s")
        office = m.form == "institution" and last in PERSON_NOUNS
        if office and m.holder is not None:
            return Party(
                m.name,
                field,
                m.start,
                m.end,
                m.holder.actor_id,
                m.holder.kind,
                m.actor.code,
                m.actor.sector,
                resolved,
                official=True,
            )
        return Party(
            m.name,
            field,
            m.start,
            m.end,
            m.actor.actor_id,
            m.actor.kind,
            m.actor.code,
            m.actor.sector,
            resolved,
            official=office,
            brokers=m.compound in _BROKERED,
        )

    def recent_pair(self, sentence: Sentence, at: int, count: int = 2, people: bool = False) -> list[Party]:
        """The last `count` different actors named before `at`: those of one list ("A, B and C") first, else those of
        one sentence."""
        here = self._number[(sentence.field, sentence.start)]
        loose: list[Party] = []
        gathered: list[Party] = []
        for n in range(here, max(-1, here - 6), -1):
            s = self._sentences[n]
            if s.field != sentence.field:
                continue
            mentions = [
                m for m in self.in_sentence(s) if not (n == here and m.end > at) and not m.locative and m.actor.code
            ]
            runs: list[list[Party]] = [[]]
            last_end = -1
            text = self._article.field(s.field)
            for m in mentions:
                party = self.party(s.field, m, True)
                if people and party.kind != "person":
                    continue
                if not runs[-1] or not _LISTED.match(text[last_end : m.start]):
                    runs.append([])
                if party.key not in {p.key for p in runs[-1]}:
                    runs[-1].append(party)
                last_end = m.end
            listed = [r for r in runs if len(r) >= max(2, count)]
            if listed and (count == 2 or len(listed[-1]) == count):
                return listed[-1] if len(listed[-1]) <= 4 else listed[-1][:count]
            distinct = list({p.key: p for r in runs for p in r}.values())
            gathered = list({p.key: p for p in (*gathered, *distinct)}.values())
            if not loose and len(distinct if count == 2 else gathered) >= count:
                loose = (distinct if count == 2 else gathered)[:count]
        if loose or not people:
            return loose
        return self.recent_pair(sentence, at, count)

    def _named_lately(self, sentence: Sentence, at: int) -> Iterator[tuple[Sentence, list[ActorMention]]]:
        """This sentence as far as `at` and the one before it, with whom each names, places left out."""
        here = self._number[(sentence.field, sentence.start)]
        for n in (here, here - 1):
            if n >= 0 and self._sentences[n].field == sentence.field:
                s = self._sentences[n]
                yield s, [m for m in self.in_sentence(s) if not (n == here and m.end > at) and not m.locative]

    def two_states(self, sentence: Sentence, at: int) -> list[Party]:
        """Whom "the two countries" means: two that this sentence or the one before names side by side, else the two
        that the article is about, else those named last."""
        for s, named in self._named_lately(sentence, at):
            text = self._article.field(s.field)
            for first, second in zip(reversed(named[:-1]), reversed(named[1:]), strict=True):
                pair = [self.party(s.field, first, True), self.party(s.field, second, True)]
                joined = _SIDE_BY_SIDE.match(text[first.end : second.start])
                if joined and pair[0].key != pair[1].key and all(_is_state(p.code) for p in pair):
                    return pair
        return self.main_pair() or self.recent_pair(sentence, at)

    def owner_of(self, sentence: Sentence, at: int, base: str) -> list[Party]:
        """Whose "the army" is: of the state whose army was named last as its own, "the Sudanese army", "Sudan's
        army", or is named later; else the state that the article names most often."""
        before = [(sentence.field, m) for m in reversed(self._mentions[sentence.field]) if m.end <= at]
        for field, m in (*before, *(("text", m) for m in self._mentions["text"])):
            after = self._article.field(field)[m.end : m.end + 60]
            own = re.search(rf"\b{base}$", m.name) or re.match(rf"(?:['’]s?)?(?: \w+){{0,2}} {base}\b", after)
            if own and _is_state(m.actor.code):
                return [self.party(field, m, True)]
        return self.most_named(()) or self.last(sentence, at, lambda p: p.kind == "country")

    def main_pair(self) -> list[Party]:
        """The two states or groups that the article names most often, in the order of their first mention; empty
        unless both recur."""
        counts: dict[str, list[ActorMention]] = {}
        for m in self._mentions["text"]:
            if m.actor.code and not m.locative and _has_sides(m.actor) and m.compound not in PAPERS:
                counts.setdefault(m.actor.code, []).append(m)
        ranked = sorted(counts.values(), key=lambda ms: (-len(ms), ms[0].start))[:2]
        titled = {m.actor.code for m in self._mentions["title"]}
        if len(ranked) < 2 or (len(ranked[1]) < 2 and ranked[1][0].actor.code not in titled):
            return []
        return [self.party("text", ms[0], True) for ms in sorted(ranked, key=lambda ms: ms[0].start)]

    def most_named(self, but: Collection[str]) -> list[Party]:
        """The state that the text names most often, those whose keys are `but` left out; empty where none recurs."""
        counts: dict[str, list[ActorMention]] = {}
        for m in self._mentions["text"]:
            code = m.actor.code or ""
            if len(code) == 3 and code.isupper() and code.lower() not in but:
                counts.setdefault(code, []).append(m)
        most = max(counts.values(), key=lambda ms: (len(ms), -ms[0].start), default=[])
        return [self.party("text", most[0], True)] if len(most) > 1 else []

    def named(self, code: str) -> Party | None:
        """The first mention of whoever has this code; None where the text names nobody who has."""
        found = next((m for m in self._mentions["text"] if m.actor.code == code), None)
        return self.party("text", found, True) if found else None

    def sides(self) -> list[Party]:
        """Whom talks or a truce are between where nobody is named: the armed group that the article speaks of and the
        state that it names beside it most often, else `main_pair`."""
        pair = self.main_pair()
        groups = self._armed_groups()
        if not pair or not groups or any(p.key in groups for p in pair):
            return pair
        code = max(groups, key=lambda c: (len(groups[c]), -groups[c][0].start))
        beside = self._named_beside(code)
        if len(groups[code]) < 3 or not beside:
            return pair
        state = max(beside.values(), key=lambda ms: (len(ms), -ms[0].start))
        return [self.party("text", state[0], True), self.party("text", groups[code][0], True)]

    def _named_beside(self, code: str) -> dict[str, list[ActorMention]]:
        """The states, and groups, that sentences of the text name beside whoever has this code, in lower case."""
        beside: dict[str, list[ActorMention]] = {}
        for s in self._sentences:
            here = [m for m in self.in_sentence(s) if s.field == "text" and m.compound not in PAPERS]
            if any((m.actor.code or "").lower() == code for m in here):
                for m in here:
                    if m.actor.kind != "org" and m.actor.code and m.actor.code.lower() != code and not m.locative:
                        beside.setdefault(m.actor.code, []).append(m)
        return beside

    def _armed_groups(self) -> dict[str, list[ActorMention]]:
        groups: dict[str, list[ActorMention]] = {}
        for m in self._mentions["text"]:
            if m.actor.code and m.actor.sector == "REB":
                groups.setdefault(m.actor.code.lower(), []).append(m)
        return groups

    def opponents(self, acting: Collection[str]) -> list[Party]:
        """The two sides of the fighting: a state of `acting` and the armed group that the article speaks of, else
        `main_pair`."""
        pair = self.main_pair()
        groups = self._armed_groups()
        if any(key in groups for key in acting):
            if any(p.key in acting for p in pair) or len(acting) != 1:
                return pair
            (group,) = acting
            state = self.named(self._lexicon.ground(groups[group][0].actor.actor_id or "") or "")
            if state is not None:
                return [self.party("text", groups[group][0], True), state]
            beside = {c: ms for c, ms in self._named_beside(group).items() if len(c) == 3 and c.isupper()}
            if not beside:
                return pair
            nearest = max(beside.values(), key=lambda ms: (len(ms), -ms[0].start))
            return [self.party("text", groups[group][0], True), self.party("text", nearest[0], True)]
        told = sorted((ms for ms in groups.values() if len(ms) >= 2), key=lambda ms: (-len(ms), ms[0].start))
        own = [p for p in pair if p.key in acting]
        if told and not own and len(acting) == 1:
            home = self._lexicon.ground(told[0][0].actor.actor_id or "")
            state = self.named(home) if home is not None and home.lower() in acting else None
            own = [state] if state is not None else []
        return [*own, self.party("text", told[0][0], True)] if told and own else pair

    def other(self, sentence: Sentence, at: int, than: frozenset[str]) -> list[Party]:
        """The actor named last before `at` who is none of `than`: whom a demand or a charge without an addressee is
        about."""
        here = self._number[(sentence.field, sentence.start)]
        opponents = [p for p in self.main_pair() if p.key not in than]
        for n in range(here, max(-1, here - 3), -1):
            s = self._sentences[n]
            if s.field != sentence.field:
                continue
            if n < here and len(opponents) == 1:
                return opponents
            found = [
                p
                for m in self.in_sentence(s)
                if m.actor.code and not m.locative and _has_sides(m.actor) and not (n == here and m.end > at)
                for p in [self.party(s.field, m, True)]
                if p.key not in than
            ]
            if found:
                return [found[0]]
        return []

    def pronoun(self, sentence: Sentence, at: int, word: str) -> list[Party]:
        if word in _I:
            speaker = self.speaker(sentence)
            return [replace(speaker, resolved=True)] if speaker else []
        if word in _HE:
            return self.last(sentence, at, lambda p: p.kind == "person" or p.official, personal=True)
        if word in _IT:
            return self.last(sentence, at, lambda p: p.kind != "person")
        if word in _THEY:
            several = self._plural_subject(sentence, at) if word == "they" else []
            return several or self.recent_pair(sentence, at) or self.last(sentence, at, lambda p: p.kind != "person")
        return []

    def _plural_subject(self, sentence: Sentence, at: int) -> list[Party]:
        """The one body of people that the sentence before, or this one, begins with: "M23 fighters", "the Houthis"."""
        for s, named in self._named_lately(sentence, at):
            if named and named[0].start - s.start <= _OPENS:
                first = named[0]
                text = self._article.field(s.field)[first.end :]
                joined = _LISTED_WITH.match(text)
                people = first.form == "people" or (first.name.endswith("s") and first.form in ("institution", "group"))
                people = (
                    people
                    or re.match(r" (?:fighters|rebels|troops|soldiers|forces|militants|gunmen)\b", text) is not None
                )
                return [self.party(s.field, first, True)] if people and not joined else []
        return []

    def last(
        self, sentence: Sentence, at: int, fits: Callable[[Party], bool], personal: bool = False, depth: int = 0
    ) -> list[Party]:
        """The antecedent: the first that fits in this sentence before `at`, else the first in the nearest sentence
        before that has one."""
        here = self._number[(sentence.field, sentence.start)]
        if depth > 4:
            return []
        for n in range(here, max(-1, here - 5), -1):
            s = self._sentences[n]
            if s.field != sentence.field:
                continue
            limit = at if n == here else s.end
            found = [
                p
                for m in self.in_sentence(s)
                if m.end <= limit and not m.locative
                for p in [self.party(s.field, m, True)]
                if fits(p)
            ]
            pronoun = _SUBJECT_HE.search(s.text, 0, limit - s.start) if personal and n != here else None
            if pronoun and (not found or s.start + pronoun.start() < found[0].start):
                return self.last(s, s.start + pronoun.start(), fits, personal, depth + 1) or found[:1]
            if found:
                return [found[0]]
        return []

    def in_office(self, sentence: Sentence, at: int, phrase: str) -> list[Party]:
        """Whom an office without a name means, such as "foreign minister": the person named last before `at` who holds
        it, else the state named last, or at all, that has what the word means; empty where neither is told."""
        states = realms(phrase)
        here = self._number[(sentence.field, sentence.start)]
        before = [
            m
            for n in range(here, -1, -1)
            if (s := self._sentences[n]).field == sentence.field
            for m in reversed(self.in_sentence(s))
            if not (n == here and m.end > at)
        ]
        held = (m for m in before if m.actor.kind == "person" and self._titles.fits(m, phrase))
        found = next(held, None)
        if found is None and states:
            others = (m for m in (*before, *self._mentions["text"]) if m.actor.code in states)
            found = next(others, None)
        return [self.party(sentence.field if found in before else "text", found, True)] if found is not None else []

    def in_quotes(self, sentence: Sentence, at: int) -> bool:
        """Whether code point `at` of the field stands inside quotation marks."""
        return any(a <= at < b for a, b in self._quotes(sentence))

    def _quotes(self, sentence: Sentence) -> list[tuple[int, int]]:
        text = sentence.text
        if text.count('"') == 1 and not text.startswith('"'):
            cut = text.index('"')
            if not text[cut + 1 : cut + 2].isspace() and cut + 1 < len(text):
                return [(sentence.start + cut, sentence.end)]
            return [(sentence.start, sentence.start + cut + 1)]
        return [(sentence.start + m.start(), sentence.start + m.end()) for m in _QUOTED.finditer(text)]

    def speaker(self, sentence: Sentence) -> Party | None:
        """Who says what stands in quotation marks in this sentence; for a quotation that goes on, who began or ends
        it."""
        here = self._number[(sentence.field, sentence.start)]
        for n in (here, here + 1, here - 1, here - 2):
            if not 0 <= n < len(self._sentences) or self._sentences[n].field != sentence.field:
                continue
            found = self.attributed(self._sentences[n])
            if found is not None:
                return found
        return None

    def attributed(self, sentence: Sentence) -> Party | None:
        """Whom a verb of saying outside of quotation marks names as the speaker of this sentence, by the order of the
        words alone."""
        outside = [m for m in self.in_sentence(sentence) if not self.in_quotes(sentence, m.start)]
        for verb in _REPORTED.finditer(sentence.text):
            at = sentence.start + verb.start()
            if self.in_quotes(sentence, at):
                continue
            after = re.match(r"\s+(?:(?:US|Russian|[A-Z]\w+)\s)*", sentence.text[verb.end() :])
            following = [
                m for m in outside if 0 <= m.start - (sentence.start + verb.end()) <= (after.end() if after else 1)
            ]
            before = [m for m in outside if m.end <= at and at - m.end <= 90]
            pick = (
                before[-1]
                if before and at - before[-1].end <= 2
                else following[0]
                if following and verb[0] != "told"
                else before[0]
                if before
                else None
            )
            if pick is not None:
                return self.party(sentence.field, pick)
            pronoun = re.search(r"\b(he|she|it|they)\s+$", sentence.text[: verb.start()]) or re.match(
                r"\s*(he|she)\b", sentence.text[verb.end() :]
            )
            if pronoun:
                found = self.pronoun(sentence, sentence.start, pronoun[1].lower())
                return found[0] if found else None
        return None


def _has_sides(actor: Actor) -> bool:
    """Whether it can be one of two sides: a bloc that acts for its members can, no other organisation."""
    return actor.kind != "org" or actor.code in _BLOCS


def _is_state(code: str | None) -> bool:
    return code is not None and len(code) == 3 and code.isupper()


def _moved(mention: ActorMention, by: int) -> ActorMention:
    return replace(mention, start=mention.start + by, end=mention.end + by)
