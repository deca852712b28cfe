"""Who stands in which role of a match: from the grammatical places that a frame names to the parties found there."""

import re

from ingest.code.cast import Cast
from ingest.code.discourse import PAPERS, Party
from ingest.code.factuality import Telling
from ingest.code.frameset import Frame, Frames
from ingest.code.sentences import Sentence
from ingest.code.topics import Hit
from ingest.code.tree import Tree

OPEN_TOPICS = frozenset({"any", "person", "actor", "place", "captives"})
"""Topics whose phrase may itself be a participant."""
MUTUAL_PREPOSITIONS = frozenset({"with", "between"})
SCENE_PREPOSITIONS = frozenset(
    {"after", "following", "during", "at", "in", "before", "ahead", "amid", "since", "on", "for", "to", "from"}
)
"""After these a happening sets the scene for a verb, whose subject took part in it: "after a call with X, Y said"."""


_GIVING = {
    "host": "host",
    "co-host": "host",
    "convene": "host",
    "chair": "mediator",
    "co-chair": "mediator",
    "mediate": "mediator",
    "broker": "mediator",
    "facilitate": "mediator",
    "sponsor": "mediator",
}
"""Verbs whose subject gives the talks of others a place or a hand, and what it is in them then."""
_GROUNDS = frozenset({"gaza", "gaza strip", "west bank"})
_WATCHING = re.compile(r" (?:present |attending |taking part )?as (?:an? )?(?:observers?|witness(?:es)?|onlookers?)\b")
"""Whoever is at talks only to watch is no side of them: "with Norway as an observer"."""
_OF_TOPIC = frozenset(
    {"topic_by", "topic_of", "by_topic", "topic_against", "topic_on", "topic_with", "topic_from", "topic_to"}
)
"""Places in the prepositional phrases of the topic itself."""


class RoleFinder:
    """Finds parties by place: `subject`, `object`, `poss`, `compound`, `speaker`, `topic_...`, or a preposition."""

    def __init__(self, frames: Frames) -> None:
        self._words = frames.words
        self._lookup = frames.lookup

    def find(
        self, sentence: Sentence, tree: Tree, cast: Cast, frame: Frame, i: int, hit: Hit | None, telling: Telling
    ) -> list[tuple[Party, str]]:
        """Who stands where the frame's roles point, in the order of the frame's roles; each actor once."""
        path = [i, *((*hit.path, hit.head) if hit else ())]
        path = list(dict.fromkeys(path))
        found: list[tuple[Party, str]] = []
        for place, role in frame.roles.items():
            for party in self._standing(sentence, tree, cast, place, i, path, telling, role, frame):
                if party.key not in {p.key for p, _ in found}:
                    found.append((party, "mediator" if role == "party" and party.brokers else role))
        return self._hosted(sentence, tree, cast, frame, path, found)

    def _hosted(
        self, sentence: Sentence, tree: Tree, cast: Cast, frame: Frame, path: list[int], found: list[tuple[Party, str]]
    ) -> list[tuple[Party, str]]:
        """Whoever hosts or mediates talks without saying with whom is no side of them: "Oman hosted three rounds"."""
        i = path[0]
        role = _GIVING.get(self._lookup.verb(tree[i].lower)) if tree[i].is_verb and not tree.is_passive(i) else None
        if role is None or "talks" not in frame.topics:
            return found
        if any(prep == "with" for n in path for prep, _ in tree.obliques(n)):
            return found
        givers = {p.key for h in self.subjects(tree, i, []) for p in cast.parties(sentence, tree, h)}
        others = [p for p, r in found if r == "party" and p.key not in givers]
        if len(others) == 1 or (not others and "pair" not in frame.fallback):
            return found
        return [(p, role if r == "party" and p.key in givers else r) for p, r in found]

    def _standing(
        self,
        sentence: Sentence,
        tree: Tree,
        cast: Cast,
        place: str,
        i: int,
        path: list[int],
        telling: Telling,
        role: str,
        frame: Frame,
    ) -> list[Party]:
        open_names = role in ("target", "beneficiary") and "open_target" in frame.needs
        heads: list[int] = []
        if place == "subject":
            heads = self.subjects(tree, i, [] if OPEN_TOPICS & set(frame.topics) else path)
            if not heads and role == "party" and tree[i].is_verb:  # "were engaged in talks"
                heads = [k for k in tree.children(i, "nsubjpass") if k not in path]
            if role == "target" and (
                telling.time == "needed" or not cast.in_quotes(sentence, sentence.start + tree[i].start)
            ):
                heads = [h for h in heads if tree[h].lower != "it"]
        elif place == "subject_owner":
            for h in self.subjects(tree, i, []):
                owners = [
                    p
                    for d in tree.children(h, "poss", "compound", "amod")
                    for p in self._modifying(sentence, tree, cast, d)
                    if p.acts
                ]
                owners += [
                    p
                    for prep, k in tree.obliques(h)
                    if prep in ("of", "by", "from")
                    for p in cast.parties(sentence, tree, k)
                    if p.acts
                ]
                if owners:
                    return owners
            return []
        elif place == "inside":
            nodes = tree.subtree(i)
            inside = cast.between(
                sentence.field, sentence.start + tree[nodes[0]].start, sentence.start + tree[nodes[-1]].end
            )
            telling_keys = {p.key for k in telling.speakers for p in cast.parties(sentence, tree, k)}
            teller = cast.attributed(sentence)
            telling_keys |= {teller.key} if teller is not None else set()
            named = [cast.party(sentence.field, m) for m in inside if not m.locative]
            return [p for p in named if p.acts and p.key not in telling_keys][:1]
        elif place == "topic_subject":
            heads = [k for p in path if tree[p].is_verb for k in tree.subjects(p)]
            heads += [
                k for p in path[1:] if tree[p].is_noun for c in tree.children(p, "relcl") for k in tree.subjects(c)
            ]
        elif place == "object":
            doers = [i] if "any" in frame.topics else path
            heads = [
                k
                for p in doers
                if tree[p].is_verb
                for k in tree.objects(p)
                if k not in path or OPEN_TOPICS & set(frame.topics)
            ]
        elif place == "listener":
            token = tree[tree.first_conjunct(i)]
            host = tree[token.head].head
            if token.is_verb and token.dep == "ccomp" and tree[token.head].is_verb:
                heads = [k for k in tree.objects(token.head) if k not in path]
            elif token.dep == "pobj" and tree[token.head].lower in ("in", "during", "at") and tree[host].is_verb:
                heads = tree.objects(host)
        elif place == "place":
            heads = [path[-1]]
        elif place == "speaker":
            parties = [p for k in telling.speakers for p in cast.parties(sentence, tree, k)]
            if not parties and cast.in_quotes(sentence, sentence.start + tree[i].start):
                speaker = cast.speaker(sentence)
                parties = [speaker] if speaker else []
            if not parties and not cast.in_quotes(sentence, sentence.start + tree[i].start):
                said = cast.attributed(sentence)
                parties = [said] if said else []
            if not parties:
                parties = [
                    p
                    for t in tree.tokens
                    if t.lower == "according"
                    for _, k in tree.obliques(t.i)
                    for p in cast.parties(sentence, tree, k)
                ]
            return parties[:2]
        elif place in _OF_TOPIC:
            wanted = {
                "topic_with": "with",
                "topic_from": "from",
                "topic_to": "to",
                "topic_by": "by",
                "by_topic": "by",
                "topic_of": "of",
                "topic_against": "against",
                "topic_on": "on",
            }[place]
            for prep, k in tree.obliques(path[-1]):
                if prep == wanted:
                    heads.append(k)
            for k in tree.children(path[-1], "acl"):
                heads += [o for prep, o in tree.obliques(k) if prep == wanted]
        elif place == "topic_object":
            heads = tree.objects(path[-1]) if tree[path[-1]].is_verb else []
        elif place in ("poss", "compound", "topic_poss", "topic_compound"):
            deps = ("poss",) if place in ("poss", "topic_poss") else ("compound", "amod", "nmod", "npadvmod")
            for p in path if not place.startswith("topic") else reversed(path[1:]):
                if tree[p].is_noun or tree[p].tag in ("VBG", "NN"):
                    for k in tree.children(p, *deps):
                        parties = self._modifying(sentence, tree, cast, k, role)
                        if parties:
                            return parties
            return []
        else:
            nodes = [i] if frame.topics and "any" in frame.topics and frame.speech and tree[i].is_verb else list(path)
            nodes += [k for p in path if tree[p].is_noun for k in tree.children(p, "acl", "relcl")]
            if place == "between":  # however far the parser hung it: "followed a call last week between A and B"
                nodes += [tree[p].head for p in path if tree[p].is_noun and tree[tree[p].head].is_verb]
            if place in ("with", "between", "against", "on", "from"):
                nodes += [k for p in path if tree[p].is_verb for k in tree.objects(p)]
            if place in ("with", "between", "against", "on") and "any" not in frame.topics:
                nodes += [n for p in path[1:] if tree[p].is_noun for n in self._inside(tree, p)]
            if place == "by":
                nodes = [
                    p
                    for p in nodes
                    if p == i
                    or (
                        (tree[p].dep in ("acl", "relcl") or tree[p].is_noun)
                        and (role == "mediator" or not tree[i].is_verb)
                    )
                ]
            for p in dict.fromkeys(nodes):
                for prep, k in tree.obliques(p):
                    watching = _WATCHING.match(sentence.text, tree[tree.conjuncts(k)[-1]].end)
                    if prep == place and (k not in path or OPEN_TOPICS & set(frame.topics)) and not watching:
                        heads.append(k)
        found: list[Party] = []
        for k in heads:
            parties = cast.parties(sentence, tree, k, open_names=open_names)
            if tree[k].lower == "other" and any(tree[d].lower == "each" for d in tree.children(k)):
                parties = (
                    [p for h in tree.subjects(tree[k].head) for p in cast.parties(sentence, tree, h)]
                    if tree[tree[k].head].is_verb
                    else []
                )
            if role == "target" and place != "subject" and not any(p.acts for p in parties):
                # "tariffs on Canadian steel" are tariffs on Canada.
                parties = [
                    p
                    for d in tree.children(k, "amod", "compound", "nmod", "poss")
                    for p in self._modifying(sentence, tree, cast, d, role)
                    if p.acts
                ] or parties
                # "Duties on goods from Serbia and Bosnia" are on both; men from Romania are not Romania.
                if frame.family == "sanctions" and not any(p.acts for p in parties):
                    parties = [
                        p
                        for prep, o in tree.obliques(k)
                        if prep == "from"
                        for p in cast.parties(sentence, tree, o)
                        if p.acts
                    ] or parties
            for party in parties:
                if party.key not in {f.key for f in found}:
                    found.append(party)
        return found

    def _inside(self, tree: Tree, noun: int) -> list[int]:
        """The nouns inside the prepositional phrases of a noun: "negotiations on a trade deal with Israel" has
        "deal"."""
        found: list[int] = []
        for prep, k in tree.obliques(noun):
            if tree[k].is_noun and prep in ("on", "of", "about", "over", "for"):
                found += [k, *self._inside(tree, k)]
        return found

    def _modifying(self, sentence: Sentence, tree: Tree, cast: Cast, k: int, role: str = "") -> list[Party]:
        """Every actor inside a modifier: "US-Iran", "Russian and Ukrainian", "Israel's", "Trump-Putin"."""
        words = tree.subtree(k)
        start, end = sentence.start + tree[words[0]].start, sentence.start + tree[words[-1]].end
        if tree[k].tag in ("PRP$", "PRP"):
            return cast.parties(sentence, tree, k)
        mentions = cast.between(sentence.field, start, end)
        if not mentions and tree[k].is_noun:
            return cast.parties(sentence, tree, k)
        if role != "target" and tree[k].dep != "poss" and len({m.actor.code or m.name for m in mentions}) == 1:
            # "the Ukraine talks" are about Ukraine; "the Ukrainian delegation" and "the US proposal" are theirs.
            mentions = [
                m
                for m in mentions
                if m.form != "name"
                or m.compound
                or m.name.lower() in self._words["short_names"]
                or m.actor.kind != "country"
            ]
        if role == "target":  # a Maltese-flagged ship is none of Malta's
            mentions = [m for m in mentions if m.compound not in PAPERS]
        if tree[k].dep != "poss":  # a truce in Gaza is none of Gaza's
            mentions = [m for m in mentions if m.name.lower() not in _GROUNDS]
        found: list[Party] = []
        for mention in mentions:
            party = cast.party(sentence.field, mention)
            if party.key not in {p.key for p in found}:
                found.append(party)
        return found

    def _verb_of(self, tree: Tree, noun: int) -> int:
        """The verb that the noun is object of, by itself or behind a preposition; the noun where it is none's."""
        at = noun
        while tree[at].dep in ("dobj", "pobj", "prep", "conj") and tree[at].head != at:
            at = tree[at].head
            if tree[at].is_verb:
                return at
        return noun

    def subjects(self, tree: Tree, i: int, path: list[int], mutual: bool = False) -> list[int]:
        """Whoever does the trigger: a verb's subject; of a noun, the subject of the verb that it is object of or that
        it sets the scene for."""
        if tree[i].is_verb:
            heads = tree.subjects(i)
            return [h for h in heads if h not in path]
        top = tree.first_conjunct(i)
        token = tree[top]
        above = token.head
        if above == top:
            return []
        if token.dep == "dobj" and tree[above].is_verb:
            if self._lookup.verb(tree[above].lower) not in self._words["support"]:
                return []
            return [h for h in tree.subjects(above) if h not in path]
        if token.dep == "pobj":
            prep = above
            while tree[tree[prep].head].tag in ("IN", "TO") and tree[prep].head != prep:
                prep = tree[prep].head
            host = tree[prep].head
            if tree[prep].lower in ("after", "following", "during") and tree[host].is_noun:
                host = self._verb_of(tree, host)  # "agreed to a ceasefire after talks"
            if tree[prep].lower in SCENE_PREPOSITIONS and tree[host].is_verb and host != prep:
                mutual = mutual or any(p in MUTUAL_PREPOSITIONS for p, _ in tree.obliques(i))
                if (
                    not mutual
                    and (not path or i != path[0])
                    and self._lookup.verb(tree[host].lower) in self._words["report"]
                ):
                    told = tree.subjects(host)
                    several = len(told) == 1 and (
                        tree[told[0]].tag in ("NNS", "NNPS") or len(tree.conjuncts(told[0])) > 1
                    )
                    after = tree[prep].lower in ("after", "following", "during")
                    return [h for h in told if h not in path] if several and after else []
                definite = any(tree[k].lower in ("the", "these", "those", "this") for k in tree.children(i, "det"))
                if definite and not mutual:
                    return []
                return [h for h in tree.subjects(host) if h not in path]
            if tree[host].is_noun and self._lookup.noun(tree[host].lower) in (
                "round",
                "day",
                "series",
                "hour",
                "session",
                "week",
            ):
                return self.subjects(
                    tree, host, path, mutual or any(p in MUTUAL_PREPOSITIONS for p, _ in tree.obliques(i))
                )
        return []
