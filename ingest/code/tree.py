"""A parsed sentence as a value: tokens with heads, and the few walks over them that frames need.

Dependency labels are those of the ClearNLP scheme, which spaCy's English models use (`nsubj`, `dobj`, `prep`, `pobj`
...).
Tags are Penn Treebank's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

_ACTS = frozenset(
    {"order", "orders", "decree", "proclamation", "law", "bill", "statement", "decision", "resolution", "letter"}
)
SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj", "csubjpass"})
PREPOSITIONS = frozenset({"prep", "agent", "dative"})
REACTIONS = (
    "welcom",
    "reject",
    "prais",
    "condemn",
    "critici",
    "hail",
    "oppos",
    "support",
    "discuss",
    "question",
    "dismiss",
    "denounc",
    "back",
    "follow",
    "await",
    "demand",
    "urge",
    "note",
    "noting",
    "took",
    "take",
)
"""How verbs begin whose subject only reacts to the plan or decision that is their object."""
CLAUSES = frozenset({"ccomp", "xcomp", "advcl", "acl", "relcl", "pcomp", "conj", "ROOT", "parataxis", "csubj"})
NAME_PARTS = frozenset(
    {"compound", "amod", "nmod", "poss", "det", "nummod", "case", "punct", "quantmod", "advmod", "predet"}
)


class Token(NamedTuple):
    """A word: its text, Penn tag, dependency on the token number `head` (itself at the root), code points in the
    field."""

    i: int
    text: str
    tag: str
    dep: str
    head: int
    start: int
    end: int
    lower: str

    @property
    def is_verb(self) -> bool:
        return self.tag.startswith("VB") or self.tag == "MD"

    @property
    def is_noun(self) -> bool:
        return self.tag.startswith("NN")


def _with_main_verb(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """A whole sentence has a finite verb: "Negotiations on a pause stalled on Monday" is no bare noun phrase.

    Where the root is a noun and a past participle without helper, agent or "to" explains it, that is the main verb.
    """
    root = next((t for t in tokens if t.head == t.i), None)
    if root is None or not root.is_noun or tokens[-1].lower not in (".", "!", '"', "”"):
        return tokens
    helpers = {t.head for t in tokens if t.dep in ("aux", "auxpass", "agent", "nsubj", "nsubjpass")}
    inside = {root.i}
    for t in tokens[root.i + 1 :]:
        if t.head in inside and t.dep in ("prep", "pobj", "appos", "compound", "conj", "relcl"):
            inside.add(t.i)
    verb = next(
        (
            t
            for t in tokens[root.i + 1 :]
            if t.dep == "acl" and t.tag in ("VBN", "VBD") and t.head in inside and t.i not in helpers
        ),
        None,
    )
    if verb is None:
        return tokens
    mended = []
    for t in tokens:
        if t.i == verb.i:
            t = t._replace(tag="VBD", dep="ROOT", head=t.i)
        elif t.i == root.i:
            t = t._replace(dep="nsubj", head=verb.i)
        elif t.head == root.i and t.i > verb.i and t.dep in ("punct", "advcl", "cc", "conj", "npadvmod"):
            t = t._replace(head=verb.i)
        mended.append(t)
    return tuple(mended)


@dataclass(frozen=True, slots=True)
class Tree:
    """A sentence's tokens and, by token, the numbers of its children in order."""

    tokens: tuple[Token, ...]
    kids: tuple[tuple[int, ...], ...] = field(repr=False)

    @classmethod
    def of(cls, tokens: tuple[Token, ...]) -> "Tree":
        """The tree of a sentence's tokens, with the one mistake mended that the parser makes often enough."""
        tokens = _with_main_verb(tokens)
        kids: list[list[int]] = [[] for _ in tokens]
        for token in tokens:
            if token.head != token.i:
                kids[token.head].append(token.i)
        return cls(tokens, tuple(tuple(k) for k in kids))

    def __getitem__(self, i: int) -> Token:
        return self.tokens[i]

    def __len__(self) -> int:
        return len(self.tokens)

    def children(self, i: int, *deps: str) -> list[int]:
        """The children of `i`, of these dependencies only where any are given."""
        return [k for k in self.kids[i] if not deps or self.tokens[k].dep in deps]

    def ancestors(self, i: int) -> Iterator[int]:
        """From the head of `i` up to the root."""
        while self.tokens[i].head != i:
            i = self.tokens[i].head
            yield i

    def outermost_first(self) -> Iterator[int]:
        """Every token: the root, what hangs on it, what hangs on that; each time in sentence order."""
        level = [t.i for t in self.tokens if t.head == t.i]
        while level:
            yield from level
            level = sorted(k for i in level for k in self.kids[i])

    def subtree(self, i: int) -> list[int]:
        """`i` and everything below it, in sentence order."""
        found, todo = [], [i]
        while todo:
            j = todo.pop()
            found.append(j)
            todo.extend(self.kids[j])
        return sorted(found)

    def conjuncts(self, i: int) -> list[int]:
        """`i` and what is coordinated below it ("A, B and C" from A)."""
        found = [i]
        for k in self.kids[i]:
            if self.tokens[k].dep == "conj":
                found.extend(self.conjuncts(k))
        return found

    def first_conjunct(self, i: int) -> int:
        """The head of the coordination that `i` belongs to."""
        while self.tokens[i].dep == "conj":
            i = self.tokens[i].head
        return i

    def phrase(self, i: int) -> list[int]:
        """The tokens of the noun phrase headed by `i`, without its clauses, coordinated phrases and prepositional
        phrases."""
        found = [i]
        for k in self.kids[i]:
            if self.tokens[k].dep in NAME_PARTS and k < i:
                found.extend(self.phrase(k) if self.tokens[k].dep != "punct" else [k])
            elif self.tokens[k].dep == "case":
                found.append(k)
        return sorted(found)

    def obliques(self, i: int) -> list[tuple[str, int]]:
        """The prepositional phrases of `i`: (preposition, head of its object), coordinated objects left with their
        first.

        "out of X" counts as `of`, as does "on behalf of X"; a clause after a preposition gives its verb.
        """
        found: list[tuple[str, int]] = []
        for k in self.kids[i]:
            if self.tokens[k].dep in PREPOSITIONS or (self.tokens[k].dep == "conj" and self.tokens[k].tag == "IN"):
                found.extend(self._objects(k))
        return found

    def _objects(self, prep: int) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        for k in self.kids[prep]:
            token = self.tokens[k]
            if token.dep in ("pobj", "pcomp") and token.tag not in ("IN", "TO"):
                found.append((self.tokens[prep].lower, k))
            elif token.dep in ("prep", "pcomp", "conj") and token.tag in ("IN", "TO"):
                found.extend(self._objects(k))
        return found

    def clause_verb(self, i: int) -> int | None:
        """The nearest verb at or above `i`."""
        if self.tokens[i].is_verb:
            return i
        return next((a for a in self.ancestors(i) if self.tokens[a].is_verb), None)

    def auxiliaries(self, verb: int) -> list[str]:
        """Lower-case auxiliaries of `verb`, in order; of the first verb of a coordination where it has none of its
        own."""
        own = [self.tokens[k].lower for k in self.children(verb, "aux", "auxpass")]
        if not own and self.tokens[verb].dep == "conj" and self.tokens[self.tokens[verb].head].is_verb:
            head = self.tokens[verb].head
            if self.tokens[head].tag == self.tokens[verb].tag and not self.children(verb, "nsubj", "nsubjpass"):
                return self.auxiliaries(head)
        return own

    def is_passive(self, verb: int) -> bool:
        """Whether `verb` stands in the passive, also as a bare participle ("talks held in Oslo")."""
        if self.children(verb, "nsubjpass", "auxpass", "agent"):
            return True
        token = self.tokens[verb]
        if token.dep == "conj" and not self.children(verb, "nsubj", "dobj") and self.tokens[token.head].is_verb:
            return token.tag == "VBN" and self.is_passive(token.head)
        return token.tag == "VBN" and token.dep in ("acl", "amod", "advcl") and not self.children(verb, "aux", "dobj")

    def subjects(self, verb: int, seen: frozenset[int] = frozenset()) -> list[int]:
        """Heads of the noun phrases that do `verb`: its subject, or the one it shares with the verb above; the agent
        in the passive."""
        if verb in seen:
            return []
        seen |= {verb}
        if self.is_passive(verb):
            return [k for a in self.children(verb, "agent") for k in self.children(a, "pobj")]
        return self._surface_subjects(verb, seen)

    def _surface_subjects(self, verb: int, seen: frozenset[int]) -> list[int]:
        own = [self.antecedent(k) for k in self.children(verb, "nsubj", "nsubjpass")]
        if own:
            return own
        token = self.tokens[verb]
        head = token.head
        if head == verb:
            return self._beside(verb)
        if head in seen:
            return []
        seen |= {head}
        if token.dep in ("xcomp", "acl") and not self.tokens[head].is_verb and not self.tokens[head].is_noun:
            above = self.clause_verb(head)  # "was due to speak"
            return self._surface_subjects(above, seen | {above}) if above is not None and above not in seen else []
        if token.dep == "xcomp":
            objects = self.children(head, "dobj", "iobj", "dative")
            if objects and self.tokens[head].lower not in ("promised", "vowed", "has", "have", "had"):
                return [self.antecedent(k) for k in objects if self.tokens[k].is_noun or self.tokens[k].tag == "PRP"]
            return self._surface_subjects(head, seen)
        if token.dep == "acl" and token.tag == "VBG" and verb > 0 and self.tokens[verb - 1].lower == ",":
            above = self.clause_verb(head)  # "tore up the accord, blaming its neighbour"
            if above is not None and above not in seen:
                return self._surface_subjects(above, seen | {above})
        if token.dep == "acl" and token.tag == "VBG" and self.tokens[head].lower in _ACTS:
            return self._owners(head, seen)  # "signed an order putting a levy on"
        if token.dep == "acl":
            if token.tag == "VBG" or not self.children(verb, "aux"):
                if token.tag in ("VBD", "VBZ"):  # a main verb that the parser hung on the last noun of its subject
                    while (
                        self.tokens[head].dep == "pobj"
                        and self.tokens[self.tokens[self.tokens[head].head].head].is_noun
                    ):
                        head = self.tokens[self.tokens[head].head].head
                active = token.tag in ("VBG", "VBD", "VBZ") or bool(self.children(verb, "dobj"))
                return [head] if active else []
            # "a plan to strike": whoever has the plan
            return self._owners(head, seen)
        if token.dep == "pcomp" and self.tokens[self.tokens[head].head].is_noun:
            return self._owners(self.tokens[head].head, seen)  # "a statement on lifting sanctions"
        if (
            token.dep == "pcomp"
            and self.tokens[head].lower in ("of", "for", "from")
            and self.tokens[self.tokens[head].head].is_verb
        ):
            done_to = self.objects(self.tokens[head].head)  # "accused X of striking"
            if done_to:
                return done_to
        if token.dep in ("ROOT", "ccomp", "conj") and token.tag in ("VBD", "VBZ", "VBP"):
            beside = self._beside(verb)
            if beside:
                return beside
        if token.dep in ("conj", "advcl", "ccomp", "pcomp", "prep", "dep", "acomp", "oprd") or token.tag == "VBG":
            above = self.clause_verb(head)
            if (
                token.dep == "conj"
                and token.tag == "VBD"
                and above is not None
                and self.tokens[above].tag in ("VB", "VBG")
            ):
                # "said that it would stay and urged": the past tense goes with the past tense
                told = next((a for a in self.ancestors(above) if self.tokens[a].tag == "VBD"), None)
                above = told if told is not None else above
            if above is None or (above in seen and above != head):
                return []
            if self.tokens[above].dep == "amod":
                return []
            return self._surface_subjects(above, seen | {above})
        return []

    def _beside(self, verb: int) -> list[int]:
        """The subject that the parser hung on a name before it: "north of Stockholm, the government and the rebels
        agreed". Only what is coordinated behind a comma counts, never the name that it was hung on."""
        at = verb - 1
        while at >= 0 and self.tokens[at].dep in ("aux", "auxpass", "advmod", "neg"):
            at -= 1
        day = self.tokens[at]
        if day.dep == "pobj" and day.lower.endswith("day") and at > 1:
            at -= 2  # "on Sunday"
        climb = at
        for _ in range(6):
            token = self.tokens[climb]
            left = self.subtree(climb)[0]
            if token.dep == "appos" and token.head < left and left > 0 and self.tokens[left - 1].lower == ",":
                return [climb] if self.tokens[token.head].dep == "pobj" and token.tag in ("NNS", "NNPS") else []
            if token.head == climb or token.head >= verb:
                break
            climb = token.head
        if at < 0 or self.tokens[at].dep not in ("conj", "appos") or not self.tokens[at].is_noun:
            return []
        found = [at]
        while self.tokens[at].dep in ("conj", "appos") and self.tokens[at].head < at:
            at = self.tokens[at].head
            found.insert(0, at)
        if self.tokens[found[0]].dep != "pobj" or not any(
            self.tokens[k].lower == "," for k in range(found[0], found[1])
        ):
            return []
        return found[1:]

    def _owners(self, noun: int, seen: frozenset[int]) -> list[int]:
        """Whose plan, decision or statement it is: its possessor, its maker, else whoever has or makes it."""
        own = self.children(noun, "poss") or [
            k for c in self.children(noun, "acl") for a in self.children(c, "agent") for k in self.children(a, "pobj")
        ]
        own = (
            own
            or [k for prep, k in self.obliques(noun) if prep in ("by", "from")]
            or [k for k in self.children(noun, "compound") if self.tokens[k].tag == "NNP"]
        )
        above = self.clause_verb(noun)
        if own or above is None or above in seen or self.tokens[above].lower.startswith(REACTIONS):
            return own
        if self.tokens[noun].dep == "nsubj" and self.tokens[noun].head == above:
            return []
        return self._surface_subjects(above, seen | {above})

    def objects(self, verb: int) -> list[int]:
        """Heads of the noun phrases that `verb` is done to: its object, or its subject in the passive."""
        token = self.tokens[verb]
        if self.is_passive(verb):
            own = [self.antecedent(k) for k in self.children(verb, "nsubjpass", "nsubj")]
            if own:
                return own
            if token.dep in ("acl", "amod"):
                return [token.head]
            if token.dep in ("conj", "xcomp", "advcl"):
                above = self.clause_verb(token.head)
                return self._surface_subjects(above, frozenset({verb, above})) if above is not None else []
            return []
        found = [
            self.antecedent(k)
            for k in self.children(verb, "dobj", "iobj", "dative")
            if self.tokens[k].tag not in ("IN", "TO")
        ]
        if not found and token.dep == "relcl" and not self.children(verb, "nsubjpass"):
            subjects = self.children(verb, "nsubj")
            if subjects and self.tokens[subjects[0]].lower not in ("who", "which", "that"):
                return [token.head]
        if not found and token.tag in ("VBD", "VBZ", "VBP", "VB", "VBN"):
            # "deplores and firmly opposes the visit"
            beside = verb + 1
            while beside < len(self.tokens) and self.tokens[beside].dep in ("cc", "advmod"):
                beside += 1
            following = self.tokens[beside] if verb + 1 < beside < len(self.tokens) else token
            if following.head == verb and following.dep == "conj" and following.is_verb:
                found = self.children(beside, "dobj")
        found += [
            o
            for k in self.children(verb, "ccomp", "dobj")
            if self.tokens[k].is_verb and any(self.tokens[w].lower == "what" for w in self.kids[k])
            for o in self.children(k, "oprd", "attr")
        ]  # "signed what they called an accord"
        found += [
            o
            for k in self.children(verb, "ccomp")
            if not self.tokens[k].is_verb and self.tokens[k].tag != "MD"
            for o in self.children(k, "nsubj")
        ]  # "called the demands nonsense"
        return found

    def antecedent(self, i: int) -> int:
        """What a relative pronoun stands for; any other token is itself."""
        if self.tokens[i].lower in ("who", "which", "that", "whom") and self.tokens[i].tag in ("WDT", "WP", "IN", "DT"):
            for a in self.ancestors(i):
                if self.tokens[a].dep in ("relcl", "acl"):
                    return self.tokens[a].head
        return i
