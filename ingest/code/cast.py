"""Who is meant: from a noun phrase to the states, persons, organisations and groups it stands for.

A phrase is resolved by what the lexicon finds in it ("Omani officials"), by what the article has taught ("al-Busaidi"),
or by what was said before ("he", "the two leaders"). Every answer points at words of the article; a pronoun's at those
of its antecedent.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.code.actors import ActorMention, Lexicon
from ingest.code.article import Article
from ingest.code.discourse import PAPERS, PERSON_NOUNS, Discourse, Party
from ingest.code.forms import Lookup
from ingest.code.sentences import Sentence
from ingest.code.titles import realms
from ingest.code.tree import Tree

_PAIRS = frozenset(
    [
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
    ]
)
_BELLIGERENTS = frozenset({"side", "party", "rival", "foe", "army"})
"""Two of these are those whom the article is about, not those named last."""
_STATES = frozenset(
    {"country", "nation", "state", "government", "neighbour", "neighbor", "capital", "army", "military"}
)
"""Two of these are those named side by side last, or those whom the article is about."""
_OWNED = frozenset(
    {"army", "military", "navy", "police", "government", "junta", "regime", "ministry", "cabinet", "parliament"}
    | {"presidency"}
)
"""Of these an article speaks in full once, then with the article alone: "the Sudanese army", "the army"."""
_GROUP_NOUNS = frozenset(
    {"group", "movement", "organisation", "organization", "militia", "faction", "rebels", "militants", "insurgents"}
)
_NOT_OF_THE_PLACE = frozenset(
    {
        "president",
        "minister",
        "leader",
        "ambassador",
        "envoy",
        "court",
        "police",
        "prosecutor",
        "party",
        "team",
        "people",
    }
)
"""Not every one of these "in" a state or capital speaks for it."""
_OFFICE_WORDS = frozenset({"prime", "foreign", "defence", "defense", "crown", "vice", "special", "supreme", "interior"})
_LIST_COMMA = re.compile(r"^\s*,\s*(?:the\s+)?$")
_COUNTS = {"two": 2, "both": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_SEVERAL = {"three": 3, "trio": 3, "four": 4}
"""Said alone, "the three", they mean those named together last."""
_JOINED = re.compile(r"^(?:\s*,?\s*(?:and|&|or|,|-|–|/)\s*(?:the\s+)?)$")


class Cast(Discourse):
    """The actors of one article, as noun phrases name them."""

    def __init__(
        self,
        lexicon: Lexicon,
        article: Article,
        sentences: Sequence[Sentence],
        officials: frozenset[str],
        lookup: Lookup,
    ) -> None:
        super().__init__(lexicon, article, sentences)
        self._officials = officials
        self._lookup = lookup

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
        for c in (*tree.conjuncts(i), *self._behind_apposition(sentence, tree, i)) if expand else [i]:
            if tree[c].is_verb and tree[c].tag != "VBG":
                continue
            for party in self._one(sentence, tree, c, open_names):
                if party.key not in {f.key for f in found}:
                    found.append(party)
        return found

    def _behind_apposition(self, sentence: Sentence, tree: Tree, i: int) -> list[int]:
        """What an "and" joins to a phrase though the parser hangs it to an apposition, or takes it for one: "France,
        the former colonial power, and the European Union", "the ministers of France and Britain and the EU's envoy"."""
        found = []
        for k in tree.children(i, "appos"):
            if tree[tree.phrase(k)[0] - 1].lower == "and":
                found.append(k)
            found += [
                c for c in tree.conjuncts(k)[1:] if self.mention_at(sentence.field, sentence.start + tree[c].start)
            ]
        return found

    def _one(self, sentence: Sentence, tree: Tree, i: int, open_names: bool) -> list[Party]:
        token = tree[i]
        at = sentence.start + token.start
        if (
            token.tag in ("PRP", "PRP$")
            or token.lower in ("both", "himself")
            or (token.lower in ("two", "pair", "duo") and token.dep != "nummod")
        ):
            return self.pronoun(sentence, at, token.lower)
        if token.lower in _SEVERAL and token.dep != "nummod" and any(tree[k].lower == "the" for k in tree.children(i)):
            return self.recent_pair(sentence, at, _SEVERAL[token.lower])
        mention = self.mention_at(sentence.field, at)
        base = self._lookup.noun(token.lower)
        if token.lower == "koreas":
            return [p for p in (self.named("KOR"), self.named("PRK")) if p is not None]
        if mention is not None:
            inside = [t for t in tree.phrase(i) if mention.start <= sentence.start + tree[t].start < mention.end]
            # "the US military" may be one mention or a country before a noun; either way the mention speaks for itself.
            if inside:
                party = self.party(sentence.field, mention)
                if mention.actor.kind == "country" and token.is_noun and base in PERSON_NOUNS:
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
        whole = self._one_of_them(tree, i)
        if whole is not None:
            mention = self.mention_at(sentence.field, sentence.start + tree[whole].start)
            if mention is not None:
                return [self.party(sentence.field, mention)]
        if open_names and token.is_noun:
            return [self._phrase_party(sentence, tree, i)]
        return []

    def _coordinated(self, sentence: Sentence, tree: Tree, i: int, party: Party) -> list[Party]:
        """The party, and those coordinated with it: both states of "Omani and Qatari officials", of "leaders of Iran
        and Turkey"."""
        first = sentence.start + tree[tree.phrase(i)[0]].start
        if sentence.field == "title":  # "Thailand, Cambodia agree to ..."
            ahead = self.mention_at(sentence.field, sentence.start)
            first = sentence.start if ahead is not None and ahead.preposition is None else first
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
        """Officials and bodies of a state, organisation or group: "Omani and Qatari envoys", "leaders of Iran and
        Turkey"."""
        official = base in self._officials or (
            base == "number" and any(tree[k].lower == "opposite" for k in tree.children(i, "amod"))
        )
        before = [
            k
            for k in tree.children(i, "amod", "compound", "nmod", "poss", "npadvmod")
            if official or (tree[k].dep != "poss" and base in _PAIRS | {"leaders"})
        ]
        found: list[Party] = []
        owners = [k for k in tree.children(i, "poss") if tree[k].tag == "PRP$"]
        if owners and (official or base in ("country", "government", "nation")):
            own = self.pronoun(sentence, sentence.start + tree[owners[0]].start, tree[owners[0]].lower)
            if base in PERSON_NOUNS and base not in ("leader",) and tree[i].lower == base:
                own = []
            if own and base in PERSON_NOUNS:
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
                if mention.compound in PAPERS:
                    continue
                if any(mention.start <= sentence.start + tree[j].start < mention.end for j in wanted):
                    found.append(self.party(sentence.field, mention))
            if not found:
                for prep, k in tree.obliques(i):
                    if prep in ("of", "from", "for") or (prep == "in" and base not in _NOT_OF_THE_PLACE):
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
            if only.resolved or (same_person and base in PERSON_NOUNS):
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
                        official=base in PERSON_NOUNS,
                    )
                ]
        return [replace(p, official=base in PERSON_NOUNS) for p in found]

    def _one_of_them(self, tree: Tree, i: int) -> int | None:
        """Whom "one of the states" explains: "Egypt, one of the states that ..." means Egypt."""
        one = tree[tree[i].head].head if tree[i].dep == "pobj" and tree[tree[i].head].lower == "of" else i
        if one != i and tree[one].lower not in ("one", "member", "part"):
            return None
        return tree[one].head if tree[one].dep == "appos" and tree[one].head < one else None

    def _phrase_party(self, sentence: Sentence, tree: Tree, i: int) -> Party:
        words = [w for w in tree.phrase(i) if tree[w].dep not in ("det", "punct")] or [i]
        left, right = sentence.start + tree[words[0]].start, sentence.start + tree[i].end
        return Party(
            self._article.field(sentence.field)[left:right], sentence.field, left, right, None, "group", None, None
        )

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
        sides = self.sides() if base in _BELLIGERENTS and count in (0, 2) else []
        if len(sides) == 2:
            return sides
        if base in _STATES and count == 2:
            return self.two_states(sentence, sentence.start + tree[i].start)
        return self.recent_pair(
            sentence,
            sentence.start + tree[i].start,
            count or 2,
            people=base in ("leader", "president", "minister", "man", "men"),
        )

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
            return self.last(sentence, at, lambda p: p.kind == "group")
        if (
            "the" in determiners
            and tree[i].lower != base
            and base in PERSON_NOUNS
            and not tree.children(i, "amod", "prep")
        ):
            return self.last(sentence, at, lambda p: p.name.lower().endswith(tree[i].lower))
        if "the" in determiners and tree[i].lower == "authorities":
            return self.owner_of(sentence, at, "authorities")
        if not determiners & {"the", "this", "that"} or tree[i].lower != base:
            return []
        office = [k for k in tree.children(i, "amod", "compound") if tree[k].lower in _OFFICE_WORDS]
        phrase = " ".join(tree[k].lower for k in (*office, i))
        if base in PERSON_NOUNS or realms(phrase):
            held = self.in_office(sentence, at, phrase)
            if held or realms(phrase):
                return held
        if base == "bloc":
            return self.last(sentence, at, lambda p: p.code == "EU" or p.kind == "org")
        if base in PERSON_NOUNS:
            return self.last(sentence, at, lambda p: p.kind == "person")
        if base in _OWNED:
            return self.owner_of(sentence, at, base)
        if base in ("country", "kingdom", "republic", "nation"):
            return self.last(sentence, at, lambda p: p.kind == "country")
        return []
