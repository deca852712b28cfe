"""Who is meant: from a noun phrase to the states, persons, organisations and groups it stands for.

A phrase is resolved by what the lexicon finds in it ("Omani officials"), by what the article has taught ("al-Busaidi"),
or by what was said before ("he", "the two leaders"). Every answer points at words of the article; a pronoun's at those
of its antecedent.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ingest.code.actor_learning import learn
from ingest.code.actors import ActorMention, Lexicon
from ingest.code.article import Article, TextField
from ingest.code.forms import Lookup
from ingest.code.sentences import Sentence
from ingest.code.tree import Tree

_HE = frozenset({"he", "she", "him", "his", "her", "himself", "herself"})
_IT = frozenset({"it", "its", "itself"})
_THEY = frozenset({"they", "them", "their", "both", "two"})
_I = frozenset({"i", "we", "us", "our", "my", "me", "ourselves"})
_PAIRS = frozenset(
    {
        "side",
        "leader",
        "country",
        "party",
        "nation",
        "state",
        "president",
        "minister",
        "government",
        "delegation",
        "neighbour",
        "neighbor",
        "pair",
        "duo",
        "power",
        "capital",
        "rival",
        "foe",
        "ally",
        "superpower",
        "men",
        "man",
        "official",
        "army",
        "military",
    }
)
_PAIR_WORDS = frozenset({"both", "two", "all", "warring", "sides", "the", "three", "opposing", "these", "respective"})
_PERSON_NOUNS = frozenset(
    {
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
    }
)
_BROKERED = frozenset({"sponsored", "brokered", "mediated", "backed", "facilitated", "hosted", "convened", "led"})
_GROUP_NOUNS = frozenset(
    {"group", "movement", "organisation", "organization", "militia", "faction", "rebels", "militants", "insurgents"}
)
_SUBJECT_HE = re.compile(r"\b(?:[Hh]e|[Ss]he)\b")
_LIST_COMMA = re.compile(r"^\s*,\s*(?:the\s+)?$")
_COUNTS = {"two": 2, "both": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_JOINED = re.compile(r"^(?:\s*,?\s*(?:and|&|or|,|-|–|/)\s*(?:the\s+)?)$")
_LISTED = re.compile(r"^(?:'s?|’s?)?(?:\s[\w.-]+){0,5}?(?:\s*,\s*(?:and\s+)?|\s+and\s+)(?:[\w.’'-]+\s){0,5}$")
_REPORTED = re.compile(
    r"\b(?:said|says|told|tells|added|adds|wrote|writes|stated|states|declared|stressed|insisted|warned|announced|noted|posted|argued|explained|claimed|reiterated|according to)\b"
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


class Cast:
    """The actors of one article, found once, asked often."""

    def __init__(
        self,
        lexicon: Lexicon,
        article: Article,
        sentences: Sequence[Sentence],
        officials: frozenset[str],
        lookup: Lookup,
    ) -> None:
        self._article = article
        self._officials = officials
        self._lookup = lookup
        day = article.day
        self._sentences = list(sentences)
        learned = learn(article.text, lexicon.find(article.text, day), day)
        self._mentions: dict[TextField, list[ActorMention]] = {"title": [], "text": []}
        for s in self._sentences:
            self._mentions[s.field] += [_moved(m, s.start) for m in lexicon.find(s.text, day, learned)]
        self._starts = {f: [m.start for m in ms] for f, ms in self._mentions.items()}
        self._number = {(s.field, s.start): n for n, s in enumerate(self._sentences)}

    # --- mentions ---

    @property
    def size(self) -> int:
        """How many different actors the article names."""
        return len({m.actor.code or m.actor.actor_id for found in self._mentions.values() for m in found})

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
        office = m.form == "institution" and last in _PERSON_NOUNS
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

    # --- phrases ---

    def is_actor(self, sentence: Sentence, tree: Tree, i: int) -> bool:
        """Whether the phrase headed by `i` names somebody who acts in politics."""
        return any(p.acts for p in self.parties(sentence, tree, i, expand=False))

    def parties(
        self, sentence: Sentence, tree: Tree, i: int, expand: bool = True, open_names: bool = False
    ) -> list[Party]:
        """Everybody whom the phrase headed by `i` names, its coordinated phrases included.

        `open_names` also admits proper names that the lexicon does not know.
        """
        found: list[Party] = []
        for c in tree.conjuncts(i) if expand else [i]:
            if tree[c].is_verb and tree[c].tag != "VBG":
                continue
            for party in self._one(sentence, tree, c, open_names):
                if party.key not in {f.key for f in found}:
                    found.append(party)
        return found

    def _one(self, sentence: Sentence, tree: Tree, i: int, open_names: bool) -> list[Party]:
        token = tree[i]
        at = sentence.start + token.start
        if (
            token.tag in ("PRP", "PRP$")
            or token.lower in ("both", "himself")
            or (token.lower in ("two", "pair", "duo") and token.dep != "nummod")
        ):
            return self._pronoun(sentence, at, token.lower)
        mention = self.mention_at(sentence.field, at)
        base = self._lookup.noun(token.lower)
        if mention is not None:
            inside = [t for t in tree.phrase(i) if mention.start <= sentence.start + tree[t].start < mention.end]
            # "the US military" may be one mention or a country before a noun; either way the mention speaks for itself.
            if inside:
                party = self.party(sentence.field, mention)
                if mention.actor.kind == "country" and token.is_noun and base in _PERSON_NOUNS:
                    party = replace(party, official=True)
                return self._coordinated(sentence, tree, i, party)
        if not (token.is_noun or token.tag in ("CD", "JJ", "DT", "VBG")):
            return []
        inner = self._affiliated(sentence, tree, i, base)
        if inner:
            return inner
        if tree[i].lower != base:
            named_beside = [p for k in tree.children(i, "appos") for p in self.parties(sentence, tree, k) if p.acts]
            if len(named_beside) >= 2:
                return named_beside
        pair = self._pair(sentence, tree, i, base)
        if pair:
            return pair
        named = self._definite(sentence, tree, i, base)
        if named:
            return named
        for k in tree.children(i, "appos"):
            named = [p for p in self.parties(sentence, tree, k) if p.acts]
            if named:
                return named
        if open_names and token.is_noun:
            return [self._phrase_party(sentence, tree, i)]
        return []

    def _coordinated(self, sentence: Sentence, tree: Tree, i: int, party: Party) -> list[Party]:
        """The party, and those coordinated with it: both states of "Omani and Qatari officials", of "leaders of Iran and Turkey"."""
        first = sentence.start + tree[tree.phrase(i)[0]].start
        others: list[Party] = []
        end = party.start
        text = self._article.field(sentence.field)
        for m in reversed(self.between(sentence.field, first, party.start)):
            if not _JOINED.match(text[m.end : end]):
                break
            others.insert(0, self.party(sentence.field, m))
            end = m.start
        for t in tree.tokens:
            if (
                party.start <= sentence.start + t.start < party.end
                and t.i != i
                and t.dep in ("pobj", "poss", "compound", "amod")
            ):
                for c in tree.conjuncts(t.i)[1:]:
                    m2 = self.mention_at(sentence.field, sentence.start + tree[c].start)
                    if m2 is not None and m2.start >= party.end:
                        others.append(self.party(sentence.field, m2))
        known = {p.start for p in (*others, party)}
        others += [p for p in self._listed(sentence, party) if p.start not in known]
        return [*others, party]

    def _listed(self, sentence: Sentence, party: Party) -> list[Party]:
        """The rest of a list of names, "A, B, C and D" from A, by the words between the names alone."""
        text = self._article.field(sentence.field)
        run: list[ActorMention] = []
        end, closed = party.end, False
        for m in self.between(sentence.field, party.end, sentence.end):
            between = text[end : m.start]
            if not _LIST_COMMA.match(between) and not _JOINED.match(between):
                break
            run.append(m)
            end = m.end
            if _JOINED.match(between) and "," not in between.strip(", ") and re.search(r"\band\b|&", between):
                closed = True
                break
        return [self.party(sentence.field, m) for m in run] if closed and len(run) >= 2 else []

    def _affiliated(self, sentence: Sentence, tree: Tree, i: int, base: str) -> list[Party]:
        """Officials and bodies of a state, organisation or group: "Omani and Qatari envoys", "leaders of Iran and Turkey"."""
        official = base in self._officials
        before = [
            k
            for k in tree.children(i, "amod", "compound", "nmod", "poss", "npadvmod")
            if official or (tree[k].dep != "poss" and base in _PAIRS | {"leaders"})
        ]
        found: list[Party] = []
        owners = [k for k in tree.children(i, "poss") if tree[k].tag == "PRP$"]
        if owners and (official or base in ("country", "government", "nation")):
            own = self._pronoun(sentence, sentence.start + tree[owners[0]].start, tree[owners[0]].lower)
            if base in _PERSON_NOUNS and base not in ("leader",):
                own = []
            if own and base in _PERSON_NOUNS:
                return [replace(p, official=True) for p in own]
            if own:
                return [
                    replace(p, kind="country", actor_id=f"country:{p.code}")
                    if p.kind == "person" and p.code and len(p.code) == 3
                    else p
                    for p in own
                ]
        phrase = tree.phrase(i)
        start = sentence.start + tree[phrase[0]].start
        end = sentence.start + tree[i].end
        if official:
            wanted = {j for k in before for c in tree.conjuncts(k) for j in tree.phrase(c)}
            for mention in self.between(sentence.field, start, end):
                if any(mention.start <= sentence.start + tree[j].start < mention.end for j in wanted):
                    found.append(self.party(sentence.field, mention))
            if not found:
                for prep, k in tree.obliques(i):
                    if prep in ("of", "from", "for") or (
                        prep == "in" and base in ("junta", "government", "army", "military", "authority", "regime")
                    ):
                        found += [p for p in self.parties(sentence, tree, k) if p.acts]
            if not found and base in ("delegation", "team", "group", "mission", "coalition", "force"):
                found += [
                    p
                    for c in tree.children(i, "acl")
                    for prep, k in tree.obliques(c)
                    if prep in ("by", "from")
                    for p in self.parties(sentence, tree, k)
                    if p.acts
                ]
        found = [p for n, p in enumerate(found) if p.key not in {q.key for q in found[:n]}]
        if len(found) == 1:
            only = found[0]
            text = self._article.field(sentence.field)
            words = tree.phrase(i)
            words = [w for w in words if tree[w].dep != "det" or w != words[0]]
            left = (
                min(sentence.start + tree[words[0]].start, only.start)
                if only.start < end
                else sentence.start + tree[words[0]].start
            )
            right = max(end, only.end)
            same_person = only.kind == "person" and not tree[i].lower.startswith("administration")
            kind, actor_id = (
                ("country", f"country:{only.code}")
                if only.kind == "person" and only.code and len(only.code) == 3
                else (only.kind, only.actor_id)
            )
            if only.resolved or (same_person and base in _PERSON_NOUNS):
                return [replace(only, official=True)]
            if right - left <= 120:
                return [
                    replace(
                        only,
                        name=text[left:right],
                        start=left,
                        end=right,
                        kind=kind,
                        actor_id=actor_id,
                        official=base in _PERSON_NOUNS,
                    )
                ]
        return [replace(p, official=base in _PERSON_NOUNS) for p in found]

    def _phrase_party(self, sentence: Sentence, tree: Tree, i: int) -> Party:
        words = [w for w in tree.phrase(i) if tree[w].dep not in ("det", "punct")] or [i]
        left, right = sentence.start + tree[words[0]].start, sentence.start + tree[i].end
        return Party(
            self._article.field(sentence.field)[left:right], sentence.field, left, right, None, "group", None, None
        )

    # --- what was said before ---

    def _pair(self, sentence: Sentence, tree: Tree, i: int, base: str) -> list[Party]:
        """ "both sides", "the two leaders", "the warring parties"."""
        if base not in _PAIRS:
            return []
        modifiers = {tree[k].lower for k in tree.children(i)}
        plural = tree[i].lower != base
        count = next((_COUNTS[m] for m in modifiers if m in _COUNTS), 0)
        if not plural or not (
            count or modifiers & {"warring", "opposing"} or (base in ("side", "party", "rival") and "the" in modifiers)
        ):
            return []
        return self.recent_pair(
            sentence,
            sentence.start + tree[i].start,
            count or 2,
            people=base in ("leader", "president", "minister", "man", "men"),
        )

    def recent_pair(self, sentence: Sentence, at: int, count: int = 2, people: bool = False) -> list[Party]:
        """The last `count` different actors named before `at`: those of one list ("A, B and C") first, else those of one sentence."""
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

    def main_pair(self) -> list[Party]:
        """The two states or groups that the article names most often, in the order of their first mention; empty unless both recur."""
        counts: dict[str, list[ActorMention]] = {}
        for m in self._mentions["text"]:
            if m.actor.code and not m.locative and m.actor.kind != "org":
                counts.setdefault(m.actor.code, []).append(m)
        ranked = sorted(counts.values(), key=lambda ms: (-len(ms), ms[0].start))[:2]
        if len(ranked) < 2 or len(ranked[1]) < 2:
            return []
        return [self.party("text", ms[0], True) for ms in sorted(ranked, key=lambda ms: ms[0].start)]

    def other(self, sentence: Sentence, at: int, than: frozenset[str]) -> list[Party]:
        """The actor named last before `at` who is none of `than`: whom a demand or a charge without an addressee is about."""
        here = self._number[(sentence.field, sentence.start)]
        for n in range(here, max(-1, here - 3), -1):
            s = self._sentences[n]
            if s.field != sentence.field:
                continue
            found = [
                p
                for m in self.in_sentence(s)
                if m.actor.code and not m.locative and not (n == here and m.end > at)
                for p in [self.party(s.field, m, True)]
                if p.key not in than
            ]
            if found:
                return [found[0]]
        return []

    def _definite(self, sentence: Sentence, tree: Tree, i: int, base: str) -> list[Party]:
        """ "the president", "the bloc", "the movement": the last of that kind."""
        determiners = {tree[k].lower for k in tree.children(i, "det")}
        at = sentence.start + tree[i].start
        if determiners & {"the", "these"} and base in _GROUP_NOUNS | {
            "rebel",
            "militant",
            "insurgent",
            "guerrilla",
            "jihadist",
        }:
            return self._last(sentence, at, lambda p: p.kind == "group")
        if not determiners & {"the", "this", "that"} or tree[i].lower != base:
            return []
        if base == "bloc":
            return self._last(sentence, at, lambda p: p.code == "EU" or p.kind == "org")
        if base in _PERSON_NOUNS:
            return self._last(sentence, at, lambda p: p.kind == "person")
        if base in ("country", "government", "kingdom", "republic", "nation", "military", "army", "regime"):
            return self._last(sentence, at, lambda p: p.kind == "country")
        return []

    def _pronoun(self, sentence: Sentence, at: int, word: str) -> list[Party]:
        if word in _I:
            speaker = self.speaker(sentence)
            return [replace(speaker, resolved=True)] if speaker else []
        if word in _HE:
            return self._last(sentence, at, lambda p: p.kind == "person" or p.official, personal=True)
        if word in _IT:
            return self._last(sentence, at, lambda p: p.kind != "person")
        if word in _THEY:
            return self.recent_pair(sentence, at)
        return []

    def _last(
        self, sentence: Sentence, at: int, fits: Callable[[Party], bool], personal: bool = False, depth: int = 0
    ) -> list[Party]:
        """The antecedent: the first that fits in this sentence before `at`, else the first in the nearest sentence before that has one."""
        here = self._number[(sentence.field, sentence.start)]
        if depth > 4:
            return []
        for n in range(here, max(-1, here - 5), -1):
            s = self._sentences[n]
            if s.field != sentence.field:
                continue
            limit = at if n == here else s.end
            found = [
                p for m in self.in_sentence(s) if m.end <= limit for p in [self.party(s.field, m, True)] if fits(p)
            ]
            pronoun = _SUBJECT_HE.search(s.text, 0, limit - s.start) if personal and n != here else None
            if pronoun and (not found or s.start + pronoun.start() < found[0].start):
                return self._last(s, s.start + pronoun.start(), fits, personal, depth + 1) or found[:1]
            if found:
                return [found[0]]
        return []

    # --- speech ---

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
        """Who says what stands in quotation marks in this sentence; for a quotation that goes on, who began or ends it."""
        here = self._number[(sentence.field, sentence.start)]
        for n in (here, here + 1, here - 1, here - 2):
            if not 0 <= n < len(self._sentences) or self._sentences[n].field != sentence.field:
                continue
            found = self.attributed(self._sentences[n])
            if found is not None:
                return found
        return None

    def attributed(self, sentence: Sentence) -> Party | None:
        """Whom a verb of saying outside of quotation marks names as the speaker of this sentence, by the order of the words alone."""
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
                found = self._pronoun(sentence, sentence.start, pronoun[1].lower())
                return found[0] if found else None
        return None


def _moved(mention: ActorMention, by: int) -> ActorMention:
    return replace(mention, start=mention.start + by, end=mention.end + by)
