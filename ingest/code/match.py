"""Frames against a parsed sentence: which events its words tell, and for every trigger that tells none, why not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingest.code.cast import Cast, Party
from ingest.code.factuality import Factuality, Telling
from ingest.code.frameset import PSEUDO_TOPICS, Frame, Frames, VerbPattern
from ingest.code.sentences import Sentence
from ingest.code.topics import Hit, TopicFinder
from ingest.code.tree import Tree

OPEN_TOPICS = frozenset({"any", "person", "actor", "place", "captives"})
MUTUAL_PREPOSITIONS = frozenset({"with", "between"})
_MOOTING = frozenset({"consider", "weigh", "mull", "threaten", "discuss", "ponder", "explore", "prepare", "eye"})
_ARMED_WORDS = frozenset({"missile", "drone", "bomb", "airstrike", "troops", "soldier", "warplane", "artillery", "gunman", "gunmen", "militant", "rebel", "insurgent", "jet", "rocket", "shell", "forces", "army", "military", "fighter", "strike", "raid", "bombing", "shelling", "blast", "mine", "attack", "bomber", "assault", "suicide", "ballistic", "air", "warship", "militia"})
_HARM_VERBS = frozenset({"kill", "wound", "injure", "hit", "destroy", "damage", "claim", "leave", "strike", "die", "cause", "target", "carry"})
_SUPPORT = frozenset({"hold", "have", "conduct", "attend", "host", "lead", "join", "begin", "start", "open", "resume", "continue", "conclude", "complete", "finish", "restart", "launch", "enter", "engage", "initiate", "chair", "kick", "wrap", "leave", "convene", "make", "pay", "issue", "repeat", "reiterate", "renew", "voice", "express", "level", "give", "end", "announce"})
_TAKEN_UP = frozenset({"truce", "proposal", "demand", "talks", "agreement", "sanctions"})
_NOT_NAMES = frozenset({"us", "u.s.", "uk", "u.k.", "eu", "un", "u.n.", "nato", "asean", "us-led", "american"})
_ADVERBIAL = frozenset({"after", "following", "during", "at", "in", "before", "ahead", "amid", "since", "on", "for", "to", "from"})


@dataclass(frozen=True, slots=True)
class Match:
    """A frame that fired: on which tokens, telling what of whom.

    `anaphoric` is a bare mention ("the call") that only adds to an event told elsewhere; where there is none, it stands for
    itself if `spare` names whom it can only be about.
    """

    frame: Frame
    type: str
    trigger: int
    hit: Hit | None
    telling: Telling
    parties: tuple[tuple[Party, str], ...]
    anaphoric: bool = False
    spare: tuple[tuple[Party, str], ...] = ()

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
        depth = {t.i: sum(1 for _ in tree.ancestors(t.i)) for t in tree.tokens}
        for i in sorted(depth, key=lambda n: (depth[n], n)):
            for trial in self._at(sentence, tree, cast, i, used, refused):
                if trial.match is not None:
                    found = [self._outdone(t, trial.match) for t in found]
                found.append(trial)
                if trial.match is not None:
                    match = trial.match
                    if match.hit is not None:
                        used.update((*match.hit.path, match.hit.head))
                        if match.type.endswith(("_rejected", "_proposed")):
                            refused.update((*match.hit.path, match.hit.head))
                    used.add(i)
        return found

    def _wild(self, sentence: Sentence, tree: Tree, cast: Cast, i: int) -> list[tuple[Frame, VerbPattern]]:
        """The frames that take any verb, as far as this one is told as they ask: as an obligation, or in somebody's words."""
        if tree[i].tag == "MD":
            return []
        telling = self.factuality.of_verb(tree, i, sentence.field == "title")
        if telling.time == "needed":
            return [(f, p) for f, p in self._any_verb if "needed" in f.types]
        if telling.time != "held" or telling.negated:
            return []
        spoken = bool(telling.speakers) or cast.in_quotes(sentence, sentence.start + tree[i].start)
        return [(f, p) for f, p in self._any_verb if "held" in f.types] if spoken else []

    def _outdone(self, before: Trial, match: Match) -> Trial:
        """An unspecific outer reading ("agreed to do something") gives way to what its clause tells specifically."""
        outer = before.match
        if outer is None or outer.hit is None or outer.hit.topic != "any" or outer.hit.head != match.trigger or match.anaphoric:
            return before
        if outer.frame.family == "relations" and outer.frame.speech:
            return before
        return Trial(before.frame, before.trigger, None, f"told by {match.frame.id}")

    def _at(self, sentence: Sentence, tree: Tree, cast: Cast, i: int, used: set[int], refused: set[int]) -> Iterator[Trial]:
        token = tree[i]
        if token.is_verb and token.dep == "acl" and token.tag == "VBN" and token.head in refused:
            return
        if token.is_verb and token.dep != "amod":
            heads: set[int] = set()
            candidates = self._by_verb.get(self.lookup.verb(token.lower), [])
            candidates = [*candidates, *self._wild(sentence, tree, cast, i)]
            for frame, pattern in candidates:
                if pattern.verb != "*" and not self.topics.matches_verb(tree, i, pattern):
                    continue
                for hit in self._verb_hits(sentence, tree, cast, i, frame, pattern):
                    key = hit.head if hit is not None else i
                    if key in heads or (i in used and key in used):
                        continue
                    if heads and hit is not None and hit.topic == "any":
                        continue
                    trial = self._try(sentence, tree, cast, frame, i, hit)
                    yield trial
                    if trial.match is not None:
                        heads.update((key, *(hit.path if hit is not None else ())))
                        if not frame.topics:
                            break
        elif token.is_noun and i not in used:
            for frame in self._by_noun.get(self.lookup.noun(token.lower), ()):
                hits = self._noun_hits(sentence, tree, cast, i, frame)
                done = False
                for hit in hits:
                    trial = self._try(sentence, tree, cast, frame, i, hit)
                    yield trial
                    if trial.match is not None:
                        done = True
                        break
                if done:
                    return
            own = self._own_topics(sentence, tree, cast, i)
            mentioned: Trial | None = None
            for frame in self._nominal:
                for name in frame.topics:
                    if name in own:
                        trial = self._try(sentence, tree, cast, frame, i, Hit(name, i))
                        if trial.match is not None and trial.match.anaphoric:
                            mentioned = trial  # a fuller reading may follow
                            continue
                        yield trial
                        if trial.match is not None:
                            return
            if mentioned is not None:
                yield mentioned

    # --- topics of a trigger ---

    def _own_topics(self, sentence: Sentence, tree: Tree, cast: Cast, i: int) -> set[str]:
        return {h.topic for h in self.topics.hits(tree, i, lambda c: cast.is_actor(sentence, tree, c)) if h.head == i and not h.path}

    def _verb_hits(self, sentence: Sentence, tree: Tree, cast: Cast, verb: int, frame: Frame, pattern: VerbPattern) -> list[Hit | None]:
        if not frame.topics:
            return [None]
        found: list[Hit | None] = []
        for name in pattern.slots:
            if name == "itself":
                found.append(Hit(frame.topics[0], verb))
                continue
            heads = self._ready(tree, verb) if name == "ready" else self.topics.slot(tree, verb, name, pattern.particle)
            for k in heads:
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
        is_actor = lambda c: cast.is_actor(sentence, tree, c)  # noqa: E731
        names = set(frame.topics)
        seen: set[int] = set()
        if names - PSEUDO_TOPICS and tree[k].lower in ("it", "them", "this", "that", "these", "those") and tree[k].dep != "det":
            named = self._meant(sentence, tree, cast, k, frame)
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
        """The topic that a pronoun stands for: of the nouns before it in the sentence, the last that has one that can be taken up."""
        for i in range(k - 1, -1, -1):
            if tree[i].is_noun:
                own = [t for t in (h.topic for h in self.topics.hits(tree, i, lambda c: cast.is_actor(sentence, tree, c))) if t in _TAKEN_UP]
                if own:
                    return own[0] if own[0] in frame.topics else None
        return None

    def _noun_hits(self, sentence: Sentence, tree: Tree, cast: Cast, noun: int, frame: Frame) -> list[Hit | None]:
        """The topics of a noun that says a stance: "refusal of talks", "a call for a truce", "ceasefire proposal"."""
        if not frame.topics:
            return [None]
        inner = [k for prep, k in self.topics.complements(tree, noun) if prep in ("for", "of", "to", "on", "against", *(("in", "at", "from", "with") if "place" in frame.topics else ()))]
        inner += [k for k in tree.children(noun, "acl") if "to" in tree.auxiliaries(k)]
        inner += tree.children(noun, "compound", "nmod", "amod")
        found: list[Hit | None] = []
        for k in inner:
            found += self._fitting(sentence, tree, cast, k, frame)
        return found

    # --- one frame on one trigger ---

    def _filled(self, sentence: Sentence, tree: Tree, cast: Cast, frame: Frame, i: int, parties: list[tuple[Party, str]]) -> list[tuple[Party, str]]:
        """The parties, completed from the article where the frame allows it and the sentence leaves a role open."""
        roles = {r for p, r in parties if p.acts}
        if "target" in frame.fallback and "actor" in roles and "target" not in roles:
            known = frozenset(p.key for p, _ in parties)
            return [*parties, *((p, "target") for p in cast.other(sentence, sentence.start + tree[i].start, known))]
        if "actor" in frame.fallback and "actor" not in roles and tree[i].is_verb and tree.is_passive(i) and tree[i].dep not in ("acl", "relcl"):
            known = frozenset(p.key for p, _ in parties)
            return [*((p, "actor") for p in cast.other(sentence, sentence.start, known)), *parties]
        if "pair" in frame.fallback and "party" not in roles:
            return [*parties, *((p, "party") for p in cast.main_pair() if p.key not in {q.key for q, _ in parties})]
        return parties

    def _try(self, sentence: Sentence, tree: Tree, cast: Cast, frame: Frame, i: int, hit: Hit | None) -> Trial:
        headline = sentence.field == "title"
        if tree[i].is_verb:
            telling = self.factuality.of_verb(tree, i, headline)
        else:
            telling = self.factuality.of_noun(tree, i, headline)
            if frame.nouns and frame.speech and telling.time == "possible" and not telling.negated and telling.weak:
                telling = replace(telling, time="held", why="presupposed")
        if sentence.text.rstrip("\"”’')").endswith("?") and telling.time == "held" and not cast.in_quotes(sentence, sentence.end - 1):
            telling = replace(telling, time="possible", why="question")
        if telling.why == "habit" and not frame.speech and frame.family in ("aid", "force", "sanctions", "captives"):
            return Trial(frame, i, None, "told as a habit")
        refusal = self._refused(tree, frame, i, hit)
        if refusal:
            return Trial(frame, i, None, refusal)
        parties = self.roles(sentence, tree, cast, frame, i, hit, telling)
        parties = self._filled(sentence, tree, cast, frame, i, parties)
        manner, type_ = self._type(frame, telling, hit, parties, tree, i)
        if type_ is None:
            return Trial(frame, i, None, f"told as {manner} ({telling.why})")
        anaphoric = telling.weak and (frame.nominal or (not frame.speech and tree[i].dep == "pobj" and tree[tree[i].head].lower in ("on", "about", "for", "of", "over", "to", "including")))
        missing = self._missing(frame, parties, sentence, tree, cast, i, telling, hit)
        if missing:
            if tree[i].is_noun and frame.nominal and missing in ("party", "party2", "actor", "someone"):
                spare = self._spare(sentence, tree, cast, frame, i, parties)
                return Trial(frame, i, Match(frame, type_, i, hit, telling, tuple(parties), anaphoric=True, spare=spare), "only mentioned")
            return Trial(frame, i, None, f"no {missing}")
        anaphoric = anaphoric and not self._stands(parties, telling, tree, i)
        spare = self._spare(sentence, tree, cast, frame, i, parties) if anaphoric else ()
        match = Match(frame, type_, i, hit, telling, tuple(parties), anaphoric=anaphoric, spare=spare)
        return Trial(frame, i, match, "fired")

    def _spare(self, sentence: Sentence, tree: Tree, cast: Cast, frame: Frame, i: int, parties: list[tuple[Party, str]]) -> tuple[tuple[Party, str], ...]:
        """Whom a bare mention is about if nothing else in the article tells it: the two sides that the article is about."""
        if "alone" not in frame.fallback or (tree[i].lower == self.lookup.noun(tree[i].lower) and not tree.children(i, "det", "poss")):
            return ()
        own = [(p, r) for p, r in parties if p.acts]
        sides = [p for p, r in own if r == "party"]
        if len(sides) >= 2:
            return tuple(own)
        pair = cast.main_pair()
        if sides and sides[0].key not in {p.key for p in pair}:
            pair = [*sides, *cast.other(sentence, sentence.start + tree[i].start, frozenset(p.key for p in sides))]
        found = [*own, *((p, "party") for p in pair if p.key not in {q.key for q, _ in own})]
        return tuple(found) if len(found) >= 2 else ()

    def _stands(self, parties: list[tuple[Party, str]], telling: Telling, tree: Tree, i: int) -> bool:
        """Whether a mere mention names its parties itself, so that it can be an event of its own."""
        return telling.time == "held" and sum(not p.resolved for p, _ in parties) >= 2

    def _refused(self, tree: Tree, frame: Frame, i: int, hit: Hit | None) -> str:
        words = {tree[k].lower for k in tree.kids[i]}
        if hit is not None:
            words |= {tree[k].lower for k in tree.kids[hit.head]} | {self.lookup.noun(tree[hit.head].lower)}
            words.add(self.lookup.verb(tree[hit.head].lower))
        struck = frame.refuse & words
        if struck:
            return f"refuses {sorted(struck)[0]!r}"
        if frame.clause_words and not frame.clause_words & {tree[j].lower for j in tree.subtree(i)}:
            return "without any of its words in the clause"
        if frame.with_words and not frame.with_words & {t.lower for t in tree.tokens}:
            return "without any of its words"
        return ""

    def _type(self, frame: Frame, telling: Telling, hit: Hit | None, parties: list[tuple[Party, str]], tree: Tree, i: int) -> tuple[str, str | None]:
        types = frame.types
        if telling.negated and telling.conditional:
            return "conditional", types.get("conditional")
        if telling.negated:
            return "negated", types.get("negated")
        if telling.time == "planned" and "ultimatum" in types and self._has_condition(tree, i):
            return "ultimatum", types["ultimatum"]
        if telling.time == "planned":
            return "planned", types.get("planned")
        if telling.time == "needed":
            return "needed", types.get("needed")
        if telling.time == "possible":
            if "accused" in types and any(self.lookup.verb(tree[g].lower) in ("accuse", "blame", "suspect") for g in (*telling.governors, tree[tree[i].head].head)):
                return "accused", types["accused"]
            if "mooted" in types and (telling.why in ("could", "may", "might") or self._governor(tree, i) in _MOOTING):
                return "mooted", types["mooted"]
            if telling.conditional or telling.would:
                return "conditional", types.get("conditional")
            governor = self._governor(tree, i)
            if governor in ("refuse", "decline", "reject", "refused") and "refused" in types:
                return "refused", types["refused"]
            return "possible", types.get("possible")
        if "carried" in types and hit is not None and any(self.lookup.noun(tree[p].lower) in ("proposal", "plan", "offer", "outline", "framework", "term") for p in hit.path):
            return "carried", types["carried"]
        together = tree[i].is_verb and any(tree[k].lower in ("we", "they", "both", "sides") for k in tree.children(i, "nsubj"))
        if "mutual" in types and (together or len({p.key for p, r in parties if r in ("party", "actor")}) >= 2):
            return "mutual", types["mutual"]
        if "single" in types:
            return "single", types["single"]
        return "held", types.get("held")

    def _has_condition(self, tree: Tree, i: int) -> bool:
        """Whether an if-clause hangs on the verb, or on one that reports it."""
        chain = [i, *tree.ancestors(i)]
        return any(tree[m].lower in ("if", "unless") for v in chain for k in tree.children(v, "advcl") for m in tree.children(k, "mark"))

    def _governor(self, tree: Tree, i: int) -> str:
        return self.lookup.verb(tree[tree[i].head].lower)

    def _missing(self, frame: Frame, parties: list[tuple[Party, str]], sentence: Sentence, tree: Tree, cast: Cast, i: int, telling: Telling, hit: Hit | None) -> str:
        """What the frame needs and the sentence lacks."""
        acting = [(p, r) for p, r in parties if p.acts]
        if not acting and frame.roles and "none" not in frame.needs:
            return next((n for n in ("party2", "party", "actor", "someone") if n in frame.needs), "known actor")
        roles = {r for _, r in acting}
        hit_is_captive = hit is not None and "captive" in self._own_topics(sentence, tree, cast, hit.head)
        place_known = hit is not None and (hit.topic == "territory" or tree[hit.head].tag in ("NNP", "NNPS"))
        for need in sorted(frame.needs):
            if need in ("none",):
                continue
            if need == "someone" and not acting:
                return need
            if need in ("actor", "target", "party", "beneficiary") and need not in roles:
                return need
            if need == "party2" and sum(r == "party" for _, r in acting) < 2:
                return need
            if need == "two_people" and sum(p.kind == "person" or p.official for p, r in acting if r == "party") < 2:
                return need
            if need == "people" and not any(p.kind == "person" or p.official for p, r in acting):
                return need
            if need == "traveller" and not any(p.kind == "person" or p.official or "delegation" in p.name.lower() for p, r in acting if r == "actor"):
                return need
            if need == "delegations" and not any(w in p.name.lower() for p, _ in acting for w in ("delegation", "negotiat", "represent")):
                return need
            if need == "refusing" and not (telling.time in ("planned", "possible") or any(tree[k].lower in ("to",) for k in tree.children(i, "aux"))):
                return need
            if need == "opposed" and not {p.key for p, r in acting if r == "actor"}.isdisjoint(p.key for p, r in acting if r == "target"):
                return need
            if need == "opposed" and {p.key for p, r in acting if r == "actor"} == set():
                return need
            if need == "armed" and not self._armed(tree, i, acting, sentence):
                return need
            if need == "harmful" and not (acting and self._harmful(tree, i)):
                return need
            if need == "fighters" and not any(p.kind != "person" for p, r in acting if r == "actor"):
                return need
            if need == "captive_target" and not (hit_is_captive or any(r == "target" and p.kind == "person" for p, r in parties)):
                return need
            if need == "somewhere_or_arms" and not (place_known or (hit is not None and hit.topic == "arms")):
                return need
            if need == "somewhere" and not place_known:
                return need
            if need == "known_party" and not acting:
                return need
            if need == "open_target" and not any(r == "target" for _, r in parties):
                return need
        return ""

    def _armed(self, tree: Tree, i: int, acting: list[tuple[Party, str]], sentence: Sentence) -> bool:
        """Whether the attack is one by arms: an armed actor, or an armed subject and somebody known who is hit."""
        if not acting:
            return False
        if any(r == "actor" and p.kind != "person" for p, r in acting):
            return True
        words = {self.lookup.noun(tree[j].lower) for k in self._subjects(tree, i, []) for j in tree.subtree(k)}
        words |= {tree[j].lower for k in self._subjects(tree, i, []) for j in tree.subtree(k)}
        return bool(words & _ARMED_WORDS)

    def _harmful(self, tree: Tree, i: int) -> bool:
        """Whether a strike is told with what it did: it is the subject of killing, hitting, wounding."""
        token = tree[tree.first_conjunct(i)]
        if token.dep in ("nsubj", "pobj") and tree[token.head].is_verb and token.dep == "nsubj":
            return self.lookup.verb(tree[token.head].lower) in _HARM_VERBS
        if token.dep == "pobj":
            verb = tree.clause_verb(token.head)
            return verb is not None and tree[token.head].lower in ("in", "by", "after", "during") and self.lookup.verb(tree[verb].lower) in _HARM_VERBS
        return any(self.lookup.verb(tree[k].lower) in _HARM_VERBS for k in tree.children(i, "acl", "relcl"))

    # --- roles ---

    def roles(self, sentence: Sentence, tree: Tree, cast: Cast, frame: Frame, i: int, hit: Hit | None, telling: Telling) -> list[tuple[Party, str]]:
        """Who stands where the frame's roles point, in the order of the frame's roles; each actor once."""
        path = [i, *((*hit.path, hit.head) if hit else ())]
        path = list(dict.fromkeys(path))
        found: list[tuple[Party, str]] = []
        for place, role in frame.roles.items():
            if role is None:
                continue
            for party in self._standing(sentence, tree, cast, place, i, path, telling, role, frame):
                if party.key not in {p.key for p, _ in found}:
                    found.append((party, "mediator" if role == "party" and party.brokers else role))
        return found

    def _standing(self, sentence: Sentence, tree: Tree, cast: Cast, place: str, i: int, path: list[int], telling: Telling, role: str, frame: Frame) -> list[Party]:
        open_names = role in ("target", "beneficiary") and "open_target" in frame.needs
        heads: list[int] = []
        if place == "subject":
            heads = self._subjects(tree, i, [] if OPEN_TOPICS & set(frame.topics) else path)
            if role == "target" and not cast.in_quotes(sentence, sentence.start + tree[i].start):
                heads = [h for h in heads if tree[h].lower != "it"]
        elif place == "subject_owner":
            for h in self._subjects(tree, i, []):
                owners = [p for d in tree.children(h, "poss", "compound", "amod") for p in self._modifying(sentence, tree, cast, d) if p.acts]
                owners += [p for prep, k in tree.obliques(h) if prep in ("of", "by", "from") for p in cast.parties(sentence, tree, k) if p.acts]
                if owners:
                    return owners
            return []
        elif place == "topic_subject":
            heads = [k for p in path if tree[p].is_verb for k in tree.subjects(p)]
            heads += [k for p in path[1:] if tree[p].is_noun for c in tree.children(p, "relcl") for k in tree.subjects(c)]
        elif place == "object":
            doers = [i] if "any" in frame.topics else path
            heads = [k for p in doers if tree[p].is_verb for k in tree.objects(p) if k not in path or OPEN_TOPICS & set(frame.topics)]
        elif place == "listener":
            token = tree[tree.first_conjunct(i)]
            host = tree[token.head].head
            if token.dep == "pobj" and tree[token.head].lower in ("in", "during", "at") and tree[host].is_verb:
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
                parties = [p for t in tree.tokens if t.lower == "according" for _, k in tree.obliques(t.i) for p in cast.parties(sentence, tree, k)]
            return parties[:2]
        elif place in ("topic_by", "topic_of", "by_topic", "topic_against", "topic_on"):
            wanted = {"topic_by": "by", "by_topic": "by", "topic_of": "of", "topic_against": "against", "topic_on": "on"}[place]
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
            if place in ("with", "between", "against", "on", "from"):
                nodes += [k for p in path if tree[p].is_verb for k in tree.objects(p)]
            if place in ("with", "between", "against", "on") and "any" not in frame.topics:
                nodes += [n for p in path[1:] if tree[p].is_noun for n in self._inside(tree, p)]
            if place == "by":
                nodes = [p for p in nodes if p == i or (tree[p].dep in ("acl", "relcl") or tree[p].is_noun) and (role == "mediator" or not tree[i].is_verb)]
            for p in dict.fromkeys(nodes):
                for prep, k in tree.obliques(p):
                    if prep == place and (k not in path or OPEN_TOPICS & set(frame.topics)):
                        heads.append(k)
        found: list[Party] = []
        for k in heads:
            parties = cast.parties(sentence, tree, k, open_names=open_names)
            if tree[k].lower == "other" and any(tree[d].lower == "each" for d in tree.children(k)):
                parties = [p for h in tree.subjects(i) for p in cast.parties(sentence, tree, h)] if tree[i].is_verb else []
            if role == "target" and place != "subject" and not any(p.acts for p in parties):
                # "tariffs on Canadian steel" are tariffs on Canada.
                parties = [p for d in tree.children(k, "amod", "compound", "nmod", "poss") for p in self._modifying(sentence, tree, cast, d) if p.acts] or parties
            for party in parties:
                if party.key not in {f.key for f in found}:
                    found.append(party)
        return found

    def _inside(self, tree: Tree, noun: int) -> list[int]:
        """The nouns inside the prepositional phrases of a noun: "negotiations on a trade deal with Israel" has "deal"."""
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
            mentions = [m for m in mentions if m.form != "name" or m.compound or m.name.lower() in _NOT_NAMES or m.actor.kind != "country"]
        found = []
        for mention in mentions:
            party = cast.party(sentence.field, mention)
            if party.key not in {p.key for p in found}:
                found.append(party)
        return found

    def _subjects(self, tree: Tree, i: int, path: list[int], mutual: bool = False) -> list[int]:
        """Whoever does the trigger: a verb's subject; of a noun, the subject of the verb that it is object of or that it sets the scene for."""
        if tree[i].is_verb:
            heads = tree.subjects(i)
            return [h for h in heads if h not in path]
        top = tree.first_conjunct(i)
        token = tree[top]
        above = token.head
        if above == top:
            return []
        if token.dep == "dobj" and tree[above].is_verb:
            if self.lookup.verb(tree[above].lower) not in _SUPPORT:
                return []
            return [h for h in tree.subjects(above) if h not in path]
        if token.dep == "pobj":
            prep = above
            while tree[tree[prep].head].tag in ("IN", "TO") and tree[prep].head != prep:
                prep = tree[prep].head
            host = tree[prep].head
            if tree[prep].lower in _ADVERBIAL and tree[host].is_verb and host != prep:
                mutual = mutual or any(p in MUTUAL_PREPOSITIONS for p, _ in tree.obliques(i))
                if not mutual and (not path or i != path[0]) and self.lookup.verb(tree[host].lower) in self.frames.words["report"]:
                    return []
                definite = any(tree[k].lower in ("the", "these", "those", "this") for k in tree.children(i, "det"))
                if definite and not mutual:
                    return []
                return [h for h in tree.subjects(host) if h not in path]
            if tree[host].is_noun and self.lookup.noun(tree[host].lower) in ("round", "day", "series", "hour", "session", "week"):
                return self._subjects(tree, host, path, mutual or any(p in MUTUAL_PREPOSITIONS for p, _ in tree.obliques(i)))
        return []
