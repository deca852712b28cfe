"""Finding what a phrase is about: the topics of a noun or a clause, also through words that only wrap them.

"calls for a full ceasefire", "a ceasefire proposal", "agreed to consider a truce" are all about a truce. A `Hit` keeps
the way that was walked, so that roles can be read off every word on it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ingest.code.forms import Lookup
from ingest.code.frameset import ClausePattern, NounPattern, Topic, VerbPattern
from ingest.code.tree import Token, Tree

_COMPLEMENTS = frozenset({"for", "of", "to", "on", "about", "in", "towards", "toward", "over", "from", "into", "at"})
_TITLES = frozenset(
    {"ambassador", "envoy", "hostage", "prisoner", "captive", "detainee", "journalist", "diplomat", "consul"}
)
_PARTICLES = frozenset(
    {"prt", "advmod", "npadvmod", "prep", "acomp", "oprd", "dobj", "pobj", "attr", "advcl", "ccomp", "xcomp"}
)
_DEALS = frozenset({"deal", "agreement", "pact", "accord", "arrangement", "framework"})
_MAX_DEPTH = 4
IsActor = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Hit:
    """A topic found: its name, the token that carries it, and the tokens passed on the way (outermost first)."""

    topic: str
    head: int
    path: tuple[int, ...] = ()

    @property
    def carried(self) -> bool:
        """Whether something wraps it: a proposal of a truce, not the truce."""
        return bool(self.path)


class TopicFinder:
    """Finds topics in trees. It holds only the frames' data; everything about a sentence is passed in."""

    def __init__(self, topics: Mapping[str, Topic], words: Mapping[str, frozenset[str]], lookup: Lookup) -> None:
        self._nouns: dict[str, list[tuple[str, NounPattern]]] = {}
        self._clauses: dict[str, list[tuple[str, ClausePattern, VerbPattern]]] = {}
        for name, topic in topics.items():
            for pattern in topic.nouns:
                for noun in sorted(pattern.nouns):
                    self._nouns.setdefault(noun, []).append((name, pattern))
            for clause in topic.clauses:
                for verb in clause.verbs:
                    self._clauses.setdefault(verb.verb, []).append((name, clause, verb))
        self._carriers = words["carriers"]
        self._wrappers = words["wrappers"]
        self._lookup = lookup

    def matches_verb(self, tree: Tree, i: int, pattern: VerbPattern) -> bool:
        """Whether token `i` is the verb of `pattern`, its particle included."""
        token = tree[i]
        if not token.is_verb or self._lookup.verb(token.lower) != pattern.verb:
            return False
        return pattern.particle is None or pattern.particle in self.particles(tree, i)

    def particles(self, tree: Tree, i: int) -> set[str]:
        """Lower-case words at the verb `i` that can be its particle."""
        return {tree[k].lower for k in tree.kids[i] if tree[k].dep in _PARTICLES}

    def slot(self, tree: Tree, verb: int, name: str, particle: str | None = None) -> list[int]:
        """The heads of the phrases in one of the places of `verb`: object, subject, clause, or after a preposition."""
        if name == "object":
            return tree.objects(verb)
        if name == "subject":
            return [tree.antecedent(k) for k in tree.children(verb, "nsubj", "nsubjpass")] or tree._surface_subjects(
                verb, frozenset()
            )
        if name == "if":
            above = [verb, *(a for a in tree.ancestors(verb) if tree[a].is_verb)]
            below = [
                k
                for a in tree.children(verb, "acomp", "xcomp", "ccomp")
                for k in (a, *tree.children(a, "xcomp", "ccomp"))
            ]
            clauses = [k for v in dict.fromkeys((*above, *below)) for k in tree.children(v, "advcl")]
            return [
                k
                for k in clauses
                if any(tree[m].lower in ("if", "once", "unless") for m in tree.children(k, "mark", "advmod"))
            ]
        if name == "attr":
            return tree.children(verb, "attr")
        if name == "said":
            return tree.children(verb, "ccomp")
        if name in ("infinitive", "that"):
            found = tree.children(verb, "xcomp", "ccomp", "advcl")
            bare = [k for k in found if tree[k].tag in ("VB", "VBN") and "to" in tree.auxiliaries(k)]
            if name == "infinitive":
                return bare
            return [
                k
                for k in tree.children(verb, "ccomp")
                if k not in bare
                and (
                    (tree[k].tag in ("VB", "VBP") and not tree.auxiliaries(k))
                    or set(tree.auxiliaries(k)) & {"should", "must"}
                )
            ]
        if name == "clause":
            found = tree.children(verb, "xcomp")
            found += [k for k in tree.children(verb, "ccomp") if not tree.children(k, "nsubj", "nsubjpass")]
            found += [k for k in tree.children(verb, "advcl") if "to" in tree.auxiliaries(k)]
            found += [k for a in tree.children(verb, "acomp", "oprd") for k in tree.children(a, "xcomp")]
            found += [k for c in found for k in tree.conjuncts(c)[1:]]
            return [k for k in found if tree[k].is_verb or tree[k].is_noun]
        found = [k for prep, k in tree.obliques(verb) if prep == name]
        if not found and name == "to":  # "is opposed to the plan"
            found = [k for a in tree.children(verb, "acomp") for prep, k in tree.obliques(a) if prep == name]
        if not found and name == "with":  # "punish violators with sanctions"
            found = [k for o in tree.objects(verb) for prep, k in tree.obliques(o) if prep == name]
        if particle is not None:  # "take control of"
            found += [
                k
                for o in tree.children(verb, "dobj", "prt")
                if tree[o].lower == particle
                for prep, k in tree.obliques(o)
                if prep == name
            ]
        # A preposition that the parser took for a particle leaves its object to the verb.
        if any(tree[k].lower == name and tree[k].dep in ("prt", "advmod") for k in tree.children(verb)):
            found += tree.objects(verb)
        return found

    def hits(self, tree: Tree, i: int, is_actor: IsActor, depth: int = 0) -> list[Hit]:
        """Every topic that the phrase headed by `i` is about, the nearest first."""
        if depth > _MAX_DEPTH:
            return []
        token = tree[i]
        found: list[Hit] = []
        if _is_nominal(token):
            # "a ceasefire agreement" is a truce first; "a prisoner exchange" is what it says itself.
            found += self._wrapped(tree, i, is_actor, depth) + self._named(tree, i, is_actor, depth)
        if token.is_verb:
            found += self._of_clause(tree, i, is_actor, depth)
        for k in tree.children(i, "conj"):
            found += self.hits(tree, k, is_actor, depth + 1)
        return found

    def own(self, tree: Tree, i: int, is_actor: IsActor) -> set[str]:
        """The topics that the word `i` itself names, nothing that it wraps."""
        found = self._named(tree, i, is_actor, 0) if _is_nominal(tree[i]) else []
        if tree[i].is_verb:
            found += self._of_clause(tree, i, is_actor, 0)
        return {h.topic for h in found if h.head == i and not h.path}

    def _wrapped(self, tree: Tree, i: int, is_actor: IsActor, depth: int) -> list[Hit]:
        """The topics of what the noun `i` only carries: a proposal of a truce, one of the truces."""
        base = self._lookup.noun(tree[i].lower)
        wrapped: list[Hit] = []
        if base in self._carriers or tree[i].tag in ("CD", "DT"):
            inner = [k for prep, k in self.complements(tree, i) if prep in _COMPLEMENTS]
            inner += [k for k in tree.children(i, "acl") if "to" in tree.auxiliaries(k) or tree[k].tag == "VBG"]
            inner += tree.children(i, "compound", "amod", "nmod")
            for k in inner:
                # "the grain deal" is a deal, neither grain nor aid
                beside = tree[k].dep in ("compound", "amod", "nmod") and base in _DEALS
                wrapped += [
                    Hit(h.topic, h.head, (i, *h.path))
                    for h in self.hits(tree, k, is_actor, depth + 1)
                    if not beside or h.topic in ("truce", "swap", "captives", "captive", "talks", "fighting")
                ]
        return wrapped

    def _named(self, tree: Tree, i: int, is_actor: IsActor, depth: int) -> list[Hit]:
        """The topics that the noun `i` names itself."""
        lower = tree[i].lower
        base = self._lookup.noun(lower)
        known = [*self._nouns.get(base, ()), *(self._nouns.get(lower, ()) if lower != base else ())]
        own = [
            Hit(name, i)
            for name in dict.fromkeys(n for n, p in known if self.matches_noun(tree, i, p, is_actor, depth))
        ]
        if tree[i].tag == "NNP" and not own:  # "Ambassador Nicholas Burns", "hostage Edan Alexander" are one, too
            titles = [k for k in tree.children(i, "compound", "nmod") if self._lookup.noun(tree[k].lower) in _TITLES]
            own = [
                Hit(name, i)
                for k in titles
                for name in dict.fromkeys(
                    n
                    for n, p in self._nouns.get(self._lookup.noun(tree[k].lower), ())
                    if self.matches_noun(tree, k, p, is_actor, depth)
                )
            ]
        return own

    def complements(self, tree: Tree, i: int) -> list[tuple[str, int]]:
        """The prepositional phrases of a noun, and the one right behind it that the parser hung on the verb above."""
        found = tree.obliques(i)
        last = tree.subtree(i)[-1]
        if last + 1 < len(tree):
            follower = tree[last + 1]
            above = tree[i].head
            while tree[above].tag in ("IN", "TO") and tree[above].head != above:
                above = tree[above].head
            if follower.dep == "prep" and follower.head == above and tree[above].is_verb:
                found = [
                    *found,
                    *((prep, k) for prep, k in tree.obliques(above) if k > last and prep == follower.lower),
                ]
        return found

    def matches_noun(self, tree: Tree, i: int, pattern: NounPattern, is_actor: IsActor, depth: int = 0) -> bool:
        """Whether the noun `i` is one of the pattern's, modified as it asks."""
        base = self._lookup.noun(tree[i].lower)
        if base not in pattern.nouns and tree[i].lower not in pattern.nouns:
            return False
        modifiers = self.modifiers(tree, i)
        if pattern.without & modifiers:
            return False
        if pattern.not_with_prep and any(prep in pattern.not_with_prep for prep, _ in tree.obliques(i)):
            return False
        if pattern.with_words and not pattern.with_words & modifiers:
            return False
        if pattern.of is None:
            return True
        inner = [k for prep, k in self.complements(tree, i) if prep in ("of", "to", "in", "on", "for")] + tree.children(
            i, "compound", "amod", "nmod"
        )
        inner = [c for k in inner for c in tree.conjuncts(k)]
        return any(h.topic == pattern.of for k in inner for h in self.hits(tree, k, is_actor, depth + 1))

    def modifiers(self, tree: Tree, i: int) -> set[str]:
        """Lower-case words and base forms that modify the noun `i`, down their own modifiers."""
        found: set[str] = set()
        for k in tree.children(i, "amod", "compound", "nmod", "nummod", "poss", "npadvmod"):
            for j in tree.subtree(k):
                found.update((tree[j].lower, self._lookup.noun(tree[j].lower)))
        return found

    def _of_clause(self, tree: Tree, i: int, is_actor: IsActor, depth: int) -> list[Hit]:
        found: list[Hit] = []
        for name, clause, verb in self._clauses.get(self._lookup.verb(tree[i].lower), ()):
            if name not in {f.topic for f in found} and self._has_clause(tree, i, clause, verb, is_actor, depth):
                found.append(Hit(name, i))
        if self._lookup.verb(tree[i].lower) in self._wrappers or self._lookup.verb(tree[i].lower) == "be":
            inner = (
                tree.objects(i)
                + self.slot(tree, i, "clause")
                + [k for prep, k in tree.obliques(i) if prep in ("to", "in", "on", "into", "with")]
            )
            for k in inner:
                found += [
                    Hit(h.topic, h.head, (i, *h.path))
                    for h in self.hits(tree, k, is_actor, depth + 1)
                    if h.topic not in {f.topic for f in found}
                ]
        return found

    def _has_clause(
        self, tree: Tree, i: int, clause: ClausePattern, verb: VerbPattern, is_actor: IsActor, depth: int
    ) -> bool:
        """Whether the verb `i` governs what the clause pattern asks for."""
        if not self.matches_verb(tree, i, verb):
            return False
        if clause.object is None:
            return True
        governed = (c for name in verb.slots for k in self.slot(tree, i, name) for c in tree.conjuncts(k))
        if clause.object == "person":
            return any(is_actor(c) for c in governed)
        return any(h.topic == clause.object for c in governed for h in self.hits(tree, c, is_actor, depth + 1))


def _is_nominal(token: Token) -> bool:
    """Whether a token can name a topic as nouns do."""
    return (
        token.is_noun
        or token.tag in ("JJ", "CD", "DT")
        or (token.tag in ("VBG", "VBN") and token.dep in ("pobj", "dobj", "compound", "nsubj"))
    )
