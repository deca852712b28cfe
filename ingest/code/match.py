"""Frames against a parsed sentence: which events its words tell, and for every trigger that tells none, why not."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.code.cast import Cast
from ingest.code.discourse import Party
from ingest.code.factuality import Telling
from ingest.code.frameset import PSEUDO_TOPICS, Frame, Frames, VerbPattern
from ingest.code.manner import Manners, is_imperative
from ingest.code.needs import Needs
from ingest.code.noun_factuality import Factuality
from ingest.code.roles import RoleFinder
from ingest.code.sentences import Sentence
from ingest.code.topics import Hit, TopicFinder
from ingest.code.tree import Tree

_TAKEN_UP = frozenset({"truce", "proposal", "demand", "talks", "agreement", "sanctions"})
"""Topics that a pronoun can stand for: "rejected it"."""
_ENCOUNTERS = frozenset({"call_held", "call_planned", "meeting_held", "meeting_planned"})
_IF_BEFORE = re.compile(r"(?i)\b(?:if|unless|whether)\b[^,.;]{0,50}$")
_OTHER_VERBS = frozenset(
    {
        ("call", "off"),
        ("call", "back"),
        ("break", "down"),
        ("turn", "down"),
        ("put", "off"),
        ("take", "off"),
        ("back", "down"),
    }
)
"""Verbs whose particle turns the meaning of the bare verb round."""


@dataclass(frozen=True, slots=True)
class Match:
    """A frame that fired: on which tokens, telling what of whom.

    `anaphoric` is a bare mention ("the call") that only adds to an event told elsewhere; where there is none, it
    stands for
    itself if `spare` names whom it can only be about. `own` is one that only a user's own frames find.
    """

    frame: Frame
    type: str
    trigger: int
    hit: Hit | None
    telling: Telling
    parties: tuple[tuple[Party, str], ...]
    anaphoric: bool = False
    spare: tuple[tuple[Party, str], ...] = ()
    own: bool = False

    @property
    def tokens(self) -> tuple[int, ...]:
        """The trigger and the words of its topic."""
        return (self.trigger, *((*self.hit.path, self.hit.head) if self.hit else ()))


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a trigger under a frame: the match, or the reason why there is none."""

    frame: Frame
    trigger: int
    match: Match | None
    reason: str


class Matcher:
    """Applies all frames to sentences. Stateless apart from the frames."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self.lookup = frames.lookup
        self.factuality = Factuality(frames.words, frames.lookup)
        self.topics = TopicFinder(frames.topics, frames.words, frames.lookup)
        self._by_verb: dict[str, list[tuple[Frame, VerbPattern]]] = {}
        self.roles = RoleFinder(frames)
        self.manners = Manners(frames.words, frames.lookup)
        self.needs = Needs(frames, self.roles, self.topics)
        self._any_verb: list[tuple[Frame, VerbPattern]] = []
        self._by_noun: dict[str, list[Frame]] = {}
        self._nominal = [f for f in frames.frames if f.nominal]
        for frame in frames.frames:
            for pattern in frame.verbs:
                if pattern.verb == "*":
                    self._any_verb.append((frame, pattern))
                else:
                    self._by_verb.setdefault(pattern.verb, []).append((frame, pattern))
            for noun in frame.nouns:
                self._by_noun.setdefault(noun, []).append(frame)

    def trials(self, sentence: Sentence, tree: Tree, cast: Cast) -> list[Trial]:
        """Every frame that was tried on the sentence, with its outcome, outermost words first."""
        found: list[Trial] = []
        used: set[int] = set()
        refused: set[int] = set()
        for i in tree.outermost_first():
            if not (tree[i].is_verb or tree[i].is_noun):
                continue
            before = [t.match for t in found if t.match is not None]
            for trial in self._at(sentence, tree, cast, i, used, refused, before):
                trial, *several = self._severally(tree, trial)
                found += several
                if trial.match is not None:
                    found = [self._outdone(t, trial.match) for t in found]
                found.append(trial)
                if trial.match is not None:
                    match = trial.match
                    if match.hit is not None:
                        used.update((*match.hit.path, match.hit.head))
                        if match.type.endswith(("_rejected", "_proposed", "_lifted", "_threatened", "_abandoned")):
                            refused.update((*match.hit.path, match.hit.head))
                    used.add(i)
        return found

    def _severally(self, tree: Tree, trial: Trial) -> list[Trial]:
        """One trial for each of those whom somebody met or called separately."""
        match = trial.match
        if match is None or match.type not in _ENCOUNTERS or not match.parties:
            return [trial]
        words = {tree[k].lower for n in match.tokens for k in tree.children(n, "advmod", "amod")}
        one, *others = [(p, r) for p, r in match.parties if r == "party" and p.acts] or [match.parties[0]]
        if not words & {"separately", "separate"} or len(others) < 2:
            return [trial]
        return [replace(trial, match=replace(match, parties=(one, other))) for other in others]

    def _told_by(self, tree: Tree, i: int) -> Iterator[tuple[Frame, VerbPattern]]:
        """The frames that wait for the verb at `i`, with the particle that stands at it or without."""
        base = self.lookup.verb(tree[i].lower)
        waiting = self._by_verb.get(base)
        if waiting is None:
            return
        particles = self.topics.particles(tree, i)
        another = self._is_another(tree, i)
        for frame, pattern in waiting:
            if pattern.particle in particles if pattern.particle is not None else not another:
                yield frame, pattern

    def _wild(
        self, sentence: Sentence, tree: Tree, cast: Cast, i: int, telling: Telling
    ) -> list[tuple[Frame, VerbPattern]]:
        """The frames that take any verb, as far as this one is told as they ask: as an obligation, or in somebody's
        words."""
        if tree[i].tag == "MD":
            return []
        quoted = cast.in_quotes(sentence, sentence.start + tree[i].start)
        spoken = bool(telling.speakers) or quoted or (tree[i].dep == "ROOT" and cast.attributed(sentence) is not None)
        found: list[tuple[Frame, VerbPattern]] = []
        reports = self.lookup.verb(tree[i].lower) in self.frames.words["report"]
        if spoken and not reports and not telling.conditional and tree[i].dep in ("ROOT", "ccomp", "conj", "parataxis"):
            text = self._clause_text(sentence, tree, i)
            found = [(f, p) for f, p in self._any_verb if self._says(f, text)]
        plain = [(f, p) for f, p in self._any_verb if f.says is None]
        if telling.time == "needed":
            return [*found, *((f, p) for f, p in plain if "needed" in f.types)]
        if quoted and is_imperative(tree, i):
            return [*found, *((f, p) for f, p in plain if "imperative" in f.types)]
        if reports:
            return found
        if telling.time != "held" or telling.negated or not spoken:
            return found
        return [*found, *((f, p) for f, p in plain if "held" in f.types)]

    def _says(self, frame: Frame, text: str) -> bool:
        """Whether a clause holds one of the frame's turns of phrase, other than behind an "if"."""
        turn = frame.says.search(text) if frame.says is not None else None
        return turn is not None and _IF_BEFORE.search(text, 0, turn.start()) is None

    def _is_another(self, tree: Tree, i: int) -> bool:
        """Whether a particle makes the verb another one: what is called off is not called."""
        return any(
            (self.lookup.verb(tree[i].lower), tree[k].lower) in _OTHER_VERBS for k in tree.children(i, "prt", "advmod")
        )

    def _outdone(self, before: Trial, match: Match) -> Trial:
        """An unspecific outer reading ("agreed to do something") gives way to what its clause tells specifically."""
        outer = before.match
        if (
            outer is None
            or outer.hit is None
            or outer.hit.topic != "any"
            or outer.hit.head != match.trigger
            or match.anaphoric
        ):
            return before
        if outer.frame.family == "relations" and outer.frame.speech:
            return before
        return Trial(before.frame, before.trigger, None, f"told by {match.frame.id}")

    def _at(
        self,
        sentence: Sentence,
        tree: Tree,
        cast: Cast,
        i: int,
        used: set[int],
        refused: set[int],
        before: Sequence[Match],
    ) -> Iterator[Trial]:
        token = tree[i]
        if token.is_verb and token.dep == "acl" and token.tag == "VBN" and token.head in refused:
            return
        told = {t.type for t in before if t.hit is not None and t.hit.head == token.head} if token.is_verb else set()
        if token.dep in ("relcl", "acl") and told & {"sanctions_lifted", "sanctions_threatened"}:
            return  # "cut the tariffs that they have imposed"
        if token.is_verb and token.dep != "amod":
            heads: set[int] = set()
            slots: dict[tuple[str, str | None], list[int]] = {}
            telling = self.factuality.of_verb(tree, i, sentence.field == "title")
            for frame, pattern in (*self._told_by(tree, i), *self._wild(sentence, tree, cast, i, telling)):
                if pattern.verb == "call" and pattern.slots == ("on",) and tree.children(i, "dobj"):
                    continue  # "called the minister on Monday"
                if frame.id == "negative-words" and (heads or i in used):
                    continue
                for hit in self._verb_hits(sentence, tree, cast, i, frame, pattern, slots):
                    key = hit.head if hit is not None else i
                    if frame.family == "agreement" and token.dep == "acl" and token.tag == "VBN" and token.head in used:
                        continue  # "signed the principles proposed by the other side"
                    if any(m.hit is not None and m.hit.head == i and m.frame.family == frame.family for m in before):
                        continue  # told as what is agreed, refused or wished
                    if key in heads or (i in used and key in used):
                        continue
                    if heads and hit is not None and hit.topic == "any":
                        continue
                    trial = self._try(sentence, tree, cast, frame, i, hit, telling)
                    yield trial
                    if trial.match is not None:
                        heads.update((key, *(hit.path if hit is not None else ())))
                        if not frame.topics:
                            break
        elif token.is_noun and i not in used:
            waiting = self._by_noun.get(self.lookup.noun(token.lower), ())
            own = self.topics.own(tree, i, lambda c: cast.is_actor(sentence, tree, c))
            if not waiting and not own:
                return
            telling = self.factuality.of_noun(tree, i, sentence.field == "title")
            for frame in waiting:
                hits = self._noun_hits(sentence, tree, cast, i, frame)
                done = False
                for hit in hits:
                    trial = self._try(sentence, tree, cast, frame, i, hit, telling)
                    yield trial
                    if trial.match is not None:
                        done = True
                        break
                if done:
                    return
            mentioned: Trial | None = None
            for frame in self._nominal if own else ():
                for name in frame.topics:
                    if name in own:
                        trial = self._try(sentence, tree, cast, frame, i, Hit(name, i), telling)
                        if trial.match is not None and trial.match.anaphoric:
                            mentioned = trial  # a fuller reading may follow
                            continue
                        yield trial
                        if trial.match is not None:
                            return
            if mentioned is not None:
                yield mentioned

    # --- topics of a trigger ---

    def _verb_hits(
        self,
        sentence: Sentence,
        tree: Tree,
        cast: Cast,
        verb: int,
        frame: Frame,
        pattern: VerbPattern,
        slots: dict[tuple[str, str | None], list[int]],
    ) -> list[Hit | None]:
        """What stands in the places of the verb where the pattern has its topic. `slots` keeps what was found in each,
        as most frames of a verb look in the same."""
        if not frame.topics:
            return [None]
        found: list[Hit | None] = []
        for name in pattern.slots:
            if name == "itself":
                found.append(Hit(frame.topics[0], verb))
                continue
            place = (name, pattern.particle)
            if place not in slots:
                slots[place] = self._ready(tree, verb) if name == "ready" else self.topics.slot(tree, verb, *place)
            for k in slots[place]:
                found += self._fitting(sentence, tree, cast, k, frame)
        return found

    def _ready(self, tree: Tree, verb: int) -> list[int]:
        found = []
        for a in tree.children(verb, "acomp", "attr", "oprd"):
            found += tree.children(a, "xcomp", "acl", "ccomp")
            found += [k for prep, k in tree.obliques(a) if prep == "for"]
        return found

    def _fitting(self, sentence: Sentence, tree: Tree, cast: Cast, k: int, frame: Frame) -> list[Hit]:
        """What the phrase at `k` is about, as far as `frame` asks for it."""
        found: list[Hit] = []

        def is_actor(c: int) -> bool:
            return cast.is_actor(sentence, tree, c)

        names = set(frame.topics)
        seen: set[int] = set()
        if (
            names - PSEUDO_TOPICS
            and tree[k].lower in ("it", "them", "this", "that", "these", "those")
            and tree[k].dep != "det"
        ):
            named = self._meant(sentence, tree, cast, k, frame)
            if named is None and frame.id == "demand-rejected" and tree[k].lower in ("that", "this", "it"):
                named = "demand"  # what was told in the sentence before
            if named:
                return [Hit(named, k)]
        if names - PSEUDO_TOPICS:
            for hit in self.topics.hits(tree, k, is_actor):
                if hit.topic in names and hit.head not in seen:
                    seen.add(hit.head)
                    found.append(hit)
        for name in frame.topics:
            if k in seen or name not in PSEUDO_TOPICS:
                continue
            if name in ("any", "place") or any(is_actor(c) for c in tree.conjuncts(k)):
                seen.add(k)
                found.append(Hit(name, k))
        return found

    def _meant(self, sentence: Sentence, tree: Tree, cast: Cast, k: int, frame: Frame) -> str | None:
        """The topic that a pronoun stands for: of the nouns before it in the sentence, the last that has one that can
        be taken up."""
        for i in range(k - 1, -1, -1):
            if tree[i].is_noun:
                own = [
                    t
                    for t in (h.topic for h in self.topics.hits(tree, i, lambda c: cast.is_actor(sentence, tree, c)))
                    if t in _TAKEN_UP
                ]
                if own:
                    return own[0] if own[0] in frame.topics else None
        return None

    def _noun_hits(self, sentence: Sentence, tree: Tree, cast: Cast, noun: int, frame: Frame) -> list[Hit | None]:
        """The topics of a noun that says a stance: "refusal of talks", "a call for a truce", "ceasefire proposal"."""
        if not frame.topics:
            return [None]
        inner = [
            k
            for prep, k in self.topics.complements(tree, noun)
            if prep
            in ("for", "of", "to", "on", "against", *(("in", "at", "from", "with") if "place" in frame.topics else ()))
        ]
        inner += [k for k in tree.children(noun, "acl") if "to" in tree.auxiliaries(k)]
        inner += [
            k
            for k in tree.children(noun, "acl", "ccomp", "relcl")
            if any(tree[m].lower == "that" for m in tree.children(k, "mark"))
        ]
        inner += tree.children(noun, "compound", "nmod", "amod")
        found: list[Hit | None] = []
        for k in inner:
            found += self._fitting(sentence, tree, cast, k, frame)
        return found

    # --- one frame on one trigger ---

    def filled(
        self, sentence: Sentence, tree: Tree, cast: Cast, frame: Frame, i: int, parties: list[tuple[Party, str]]
    ) -> list[tuple[Party, str]]:
        """The parties, completed from the article where the frame allows it and the sentence leaves a role open."""
        roles = {r for p, r in parties if p.acts}
        if (
            "target" in frame.fallback
            and "actor" in roles
            and "target" not in roles
            and len({p.key for p, r in parties if r == "actor"}) == 1
        ):
            known = frozenset(p.key for p, _ in parties)
            spoken_of = self._spoken_of(sentence, tree, cast, i, known)
            others = spoken_of or cast.other(sentence, sentence.start + tree[i].start, known)
            return [*parties, *((p, "target") for p in others)]
        if "opponent" in frame.fallback and "actor" in roles and "target" not in roles:
            acting = {p.key for p, r in parties if r == "actor"}
            pair = cast.opponents(acting)
            if len(pair) == 2 and len(acting) == 1 and acting <= {p.key for p in pair}:
                return [*parties, *((p, "target") for p in pair if p.key not in acting)]
        if (
            "actor" in frame.fallback
            and "actor" not in roles
            and tree[i].is_verb
            and tree.is_passive(i)
            and tree[i].dep not in ("acl", "relcl")
        ):
            known = frozenset(p.key for p, _ in parties)
            return [*((p, "actor") for p in cast.other(sentence, sentence.start, known)), *parties]
        if "pair" in frame.fallback and not roles & {"party", "host"}:
            return [*parties, *((p, "party") for p in cast.sides() if p.key not in {q.key for q, _ in parties})]
        return parties

    def _spoken_of(self, sentence: Sentence, tree: Tree, cast: Cast, i: int, but: frozenset[str]) -> list[Party]:
        """The one actor named in what the trigger says, those whose keys are `but` left out: Israel in "condemned what
        it called a brutal Israeli assault"."""
        first, last = sentence.start + tree[i].end, sentence.start + tree[tree.subtree(i)[-1]].end
        named = [cast.party(sentence.field, m) for m in cast.between(sentence.field, first, last) if not m.locative]
        others = {p.key: p for p in named if p.acts and p.kind != "org" and p.key not in but}
        return list(others.values()) if len(others) == 1 else []

    def _try(
        self, sentence: Sentence, tree: Tree, cast: Cast, frame: Frame, i: int, hit: Hit | None, telling: Telling
    ) -> Trial:
        presupposes = tree[i].is_noun and frame.nouns and frame.speech
        if presupposes and telling.time == "possible" and not telling.negated and telling.weak:
            telling = replace(telling, time="held", why="presupposed")
        if (
            sentence.text.rstrip("\"”’')").endswith("?")
            and telling.time == "held"
            and not cast.in_quotes(sentence, sentence.end - 1)
        ):
            telling = replace(telling, time="possible", why="question")
        if telling.why == "habit" and not frame.speech and frame.family in ("aid", "force", "sanctions", "captives"):
            return Trial(frame, i, None, "told as a habit")
        refusal = self._refused(sentence, tree, frame, i, hit)
        if refusal:
            return Trial(frame, i, None, refusal)
        if (
            hit is not None
            and hit.topic == "harm"
            and tree[hit.head].is_verb
            and any(self.factuality.is_negated(tree, k) for k in (hit.head, tree.first_conjunct(hit.head)))
        ):
            return Trial(frame, i, None, "harm that is renounced")
        if telling.why == "habit" and frame.id == "demanded":
            return Trial(frame, i, None, "told as a habit")
        if telling.denied and frame.family in ("captives", "force"):
            return Trial(frame, i, None, "only denied")
        parties = self.roles.find(sentence, tree, cast, frame, i, hit, telling)
        parties = self.filled(sentence, tree, cast, frame, i, parties)
        manner, type_ = self.manners.manner(frame, telling, hit, parties, tree, i)
        if type_ is None:
            return Trial(frame, i, None, f"told as {manner} ({telling.why})")
        anaphoric = telling.weak and (
            (frame.nominal and "harmful" not in frame.needs)
            or (
                not frame.speech
                and not frame.nominal
                and tree[i].dep == "pobj"
                and tree[tree[tree[i].head].head].is_noun
                and tree[tree[i].head].lower in ("on", "about", "for", "of", "over", "to", "including")
            )
        )
        if frame.nominal and telling.why == "modifier" and frame.family == "contact":
            anaphoric = True  # "the negotiations committee" tells of none
        missing = self.needs.missing(frame, parties, sentence, tree, cast, i, telling, hit)
        if missing:
            if tree[i].is_noun and frame.nominal and missing in ("party", "party2", "actor", "someone"):
                spare = self._spare(sentence, tree, cast, frame, i, parties)
                return Trial(
                    frame,
                    i,
                    Match(frame, type_, i, hit, telling, tuple(parties), anaphoric=True, spare=spare),
                    "only mentioned",
                )
            return Trial(frame, i, None, f"no {missing}")
        named = telling.why != "modifier" or frame.family != "contact"
        anaphoric = anaphoric and not (named and self._stands(parties, telling, sentence))
        spare = self._spare(sentence, tree, cast, frame, i, parties) if anaphoric else ()
        match = Match(frame, type_, i, hit, telling, tuple(parties), anaphoric=anaphoric, spare=spare)
        return Trial(frame, i, match, "fired")

    def _spare(
        self, sentence: Sentence, tree: Tree, cast: Cast, frame: Frame, i: int, parties: list[tuple[Party, str]]
    ) -> tuple[tuple[Party, str], ...]:
        """Whom a bare mention is about if nothing else in the article tells it: the two sides that the article is
        about."""
        if "alone" not in frame.fallback or (
            tree[i].lower == self.lookup.noun(tree[i].lower) and not tree.children(i, "det", "poss")
        ):
            return ()
        own = [(p, r) for p, r in parties if p.acts]
        sides = [p for p, r in own if r == "party"]
        if len(sides) >= 2:
            return tuple(own)
        pair = cast.sides()
        if sides and sides[0].key not in {p.key for p in pair}:
            pair = [*sides, *cast.other(sentence, sentence.start + tree[i].start, frozenset(p.key for p in sides))]
        found = [*own, *((p, "party") for p in pair if p.key not in {q.key for q, _ in own})]
        return tuple(found) if len(found) >= 2 else ()

    def _stands(self, parties: list[tuple[Party, str]], telling: Telling, sentence: Sentence) -> bool:
        """Whether a mere mention names its parties itself, so that it can be an event of its own."""
        named = sum(not p.resolved for p, _ in parties)
        near = sum(p.resolved and sentence.start <= p.start < sentence.end for p, _ in parties)
        return telling.time == "held" and named >= 1 and named + near >= 2

    def _clause_text(self, sentence: Sentence, tree: Tree, i: int) -> str:
        nodes = tree.subtree(i)
        return sentence.text[tree[nodes[0]].start : tree[nodes[-1]].end].replace("’", "'")

    def _refused(self, sentence: Sentence, tree: Tree, frame: Frame, i: int, hit: Hit | None) -> str:
        words = {tree[k].lower for k in tree.kids[i]}
        if hit is not None:
            words |= {tree[k].lower for k in tree.kids[hit.head]} | {self.lookup.noun(tree[hit.head].lower)}
            words.add(self.lookup.verb(tree[hit.head].lower))
        struck = frame.refuse & words
        if struck:
            return f"refuses {sorted(struck)[0]!r}"
        if frame.clause_words and not frame.clause_words & {tree[j].lower for j in tree.subtree(i)}:
            return "without any of its words in the clause"
        if frame.says is not None and not frame.says.search(self._clause_text(sentence, tree, i)):
            return "without any of its turns of phrase"
        if frame.near_words and not frame.near_words & self._near(tree, i):
            return "without any of its words beside it"
        if frame.with_words and not frame.with_words & {t.lower for t in tree.tokens}:
            return "without any of its words"
        return ""

    def _near(self, tree: Tree, i: int) -> set[str]:
        """The words that a verb says of its subject: itself, its object or predicate, their modifiers and what they
        are of."""
        found = {tree[i].lower}
        for k in tree.children(i, "dobj", "attr", "acomp", "oprd", "advmod", "prt", "prep"):
            heads = [o for _, o in tree.obliques(i)] if tree[k].dep == "prep" else tree.conjuncts(k)
            heads += [o for prep, o in tree.obliques(k) if prep == "of"] if tree[k].dep != "prep" else []
            for h in heads:
                found.add(tree[h].lower)
                if tree[k].dep != "prep":
                    found.update(tree[m].lower for m in tree.children(h, "amod", "compound", "advmod", "nmod"))
        return found
