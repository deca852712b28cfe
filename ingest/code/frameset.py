"""The frames: which words tell which event, read from the YAML files beside this module.

`words.yaml` holds word classes, `topics.yaml` what a happening is about, `stances.yaml` what is done about it
(refused, proposed, extended ...), and a file per family of the catalogue joins the two into types with roles and
examples. `docs/coder.md` describes the format. Unknown keys, types, topics and stances are errors, with the file named.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Self

import yaml

from ingest.code.forms import Lookup, noun_forms, verb_forms
from ingest.code.own_frames import frame_files, put_over
from schemas.world import EVENT_TYPES

PSEUDO_TOPICS = frozenset({"person", "actor", "place", "any", "quote"})
"""Topics that are not lists of words: decided by the lexicon, or by what kind of phrase stands there."""
_FRAME_KEYS = frozenset(
    [
        "id",
        "stance",
        "verbs",
        "nouns",
        "topic",
        "topics",
        "type",
        "types",
        "roles",
        "needs",
        "refuse",
        "at",
        "with_words",
        "scope",
        "default_role",
        "mutual",
        "positive",
        "negative",
        "not_topic",
        "keep",
        "clause_words",
        "near_words",
        "says",
        "fallback",
        "confidence",
        "speech",
        "note",
        "modality",
    ]
)
FAMILY_ORDER = ("truce", "captives", "contact", "sanctions", "aid", "agreement", "relations", "force")
"""Whose frames are tried first where several fit the same words; families that are not listed come last."""
TIMES = (
    "mooted",
    "accused",
    "ultimatum",
    "held",
    "planned",
    "negated",
    "refused",
    "mutual",
    "single",
    "carried",
    "resolved",
    "imperative",
    "person",
    "possible",
    "conditional",
    "needed",
    "ready",
)


class FrameError(ValueError):
    """A frame file cannot be used; the message names the file, the entry and the fault."""


@dataclass(frozen=True, slots=True)
class VerbPattern:
    """ "call off ~object|for": the verb, a particle, and the places where its topic stands."""

    verb: str
    particle: str | None
    slots: tuple[str, ...]

    @classmethod
    def read(cls, text: str, default: tuple[str, ...]) -> Self:
        words, _, slots = text.partition("~")
        parts = words.split()
        return cls(
            parts[0], parts[1] if len(parts) > 1 else None, tuple(slots.strip().split("|")) if slots else default
        )


@dataclass(frozen=True, slots=True)
class NounPattern:
    """A noun that names a topic, with what must and must not modify it."""

    nouns: frozenset[str]
    with_words: frozenset[str]
    without: frozenset[str]
    of: str | None
    not_with_prep: frozenset[str]


@dataclass(frozen=True, slots=True)
class ClausePattern:
    """A clause that amounts to a topic: its verbs and the topic of what they govern (None: anything)."""

    verbs: tuple[VerbPattern, ...]
    object: str | None


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    nouns: tuple[NounPattern, ...]
    clauses: tuple[ClausePattern, ...]


@dataclass(frozen=True, slots=True)
class Stance:
    """What is done about a topic: verbs, and nouns that say the same ("refusal")."""

    verbs: tuple[VerbPattern, ...]
    nouns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Frame:
    """One way to tell an event.

    `types` maps how it is told (`held`, `planned`, `negated` ...) to an event type; a manner that is missing codes
    nothing.
    `roles` maps a grammatical place (`subject`, `object`, a preposition, `poss`, `compound`) to a role of the
    catalogue.
    """

    id: str
    family: str
    verbs: tuple[VerbPattern, ...]
    nouns: frozenset[str]
    topics: tuple[str, ...]
    types: Mapping[str, str | None]
    roles: Mapping[str, str]
    needs: frozenset[str]
    refuse: frozenset[str]
    with_words: frozenset[str]
    scope: str | None
    speech: bool
    modality: str | None
    fallback: frozenset[str]
    clause_words: frozenset[str]
    near_words: frozenset[str]
    says: re.Pattern[str] | None
    confidence: float
    positive: tuple[str, ...]
    negative: tuple[str, ...]

    @property
    def nominal(self) -> bool:
        """The topic's noun itself is the trigger ("last week's talks in Oslo")."""
        return not self.verbs and not self.nouns

    def missing_type(self, manner: str) -> bool:
        """Whether the frame says that this manner codes nothing."""
        return manner in self.types and self.types[manner] is None


@dataclass(frozen=True)
class Frames:
    """All frames, topics and word classes of one directory, and a digest that names this very state of them."""

    words: Mapping[str, frozenset[str]]
    topics: Mapping[str, Topic]
    frames: tuple[Frame, ...]
    digest: str
    own: bool = False
    """Whether a user's frames are among them."""

    @classmethod
    def load(cls, own: Path | None = None) -> "Frames":
        """The frames that ship with the package, those of the folder `own` put over them.

        Raises `FrameError` naming the file and the fault.
        """
        folder = resources.files("ingest.code") / "frames"
        files = {
            f.name: f.read_text("utf-8")
            for f in sorted(folder.iterdir(), key=lambda f: f.name)
            if f.name.endswith(".yaml")
        }
        try:
            return cls.read(files, frame_files(own) if own else {})
        except FrameError:
            raise
        except ValueError as fault:
            raise FrameError(str(fault)) from None

    @classmethod
    def read(cls, files: Mapping[str, str], own: Mapping[str, str] | None = None) -> "Frames":
        """Frames from file contents by name, `own` put over `files`. Raises `FrameError`."""
        parsed = put_over(_parsed(files), _parsed(own or {}))
        words = {name: frozenset(str(w) for w in listed) for name, listed in parsed.get("words.yaml", {}).items()}
        topics = {name: _topic(name, entry) for name, entry in parsed.get("topics.yaml", {}).items()}
        stances = {name: _stance(entry) for name, entry in parsed.get("stances.yaml", {}).items()}
        frames: list[Frame] = []
        rank = {f"{family}.yaml": n for n, family in enumerate(FAMILY_ORDER)}
        for name, entries in sorted(parsed.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0])):
            if name not in ("words.yaml", "topics.yaml", "stances.yaml", "gate.yaml"):
                frames.extend(_frame(name, entry, stances, topics) for entry in entries)
        named = [f"{n}\0{files[n]}" for n in sorted(files)] + [f"{n}\0{own[n]}" for n in sorted(own or ()) if own]
        state = hashlib.sha256("\0".join(named).encode()).hexdigest()
        gate = {name: frozenset(str(w) for w in listed) for name, listed in parsed.get("gate.yaml", {}).items()}
        return cls(
            {**words, **{f"gate_{k}": v for k, v in gate.items()}}, topics, tuple(frames), f"sha256:{state}", bool(own)
        )

    @cached_property
    def lookup(self) -> Lookup:
        """Base forms of every word that the frames name."""
        verbs: set[str] = set()
        nouns: set[str] = set()
        for name, listed in self.words.items():
            if (
                name.endswith(("_modals", "_modifiers", "_marks", "_prepositions", "_adjectives"))
                or name == "negations"
                or name.startswith("gate_")
            ):
                continue
            (
                nouns
                if name in ("carriers", "officials", "presuppose_nouns", "commit_nouns", "armed", "short_names")
                else verbs
            ).update(listed)
        for frame in self.frames:
            verbs.update(p.verb for p in frame.verbs)
            nouns.update(frame.nouns)
        for topic in self.topics.values():
            nouns.update(n for p in topic.nouns for n in p.nouns)
            verbs.update(v.verb for c in topic.clauses for v in c.verbs)
        return Lookup(verbs, nouns)

    @cached_property
    def triggers(self) -> frozenset[str]:
        """Every form of every word of which a sentence must hold one to be worth parsing."""
        forms: set[str] = set()
        named = {t for frame in self.frames for t in frame.topics} - PSEUDO_TOPICS
        for frame in self.frames:
            if not frame.topics or set(frame.topics) & PSEUDO_TOPICS:
                forms.update(f for p in frame.verbs for f in verb_forms(p.verb))
                forms.update(f for n in frame.nouns for f in noun_forms(n))
        for name in named:
            topic = self.topics[name]
            forms.update(f for p in topic.nouns for n in p.nouns for f in noun_forms(n))
            forms.update(
                f
                for c in topic.clauses
                for v in c.verbs
                if c.object in PSEUDO_TOPICS | {None}
                for f in verb_forms(v.verb)
            )
        return frozenset(forms)


def _parsed(files: Mapping[str, str]) -> dict[str, Any]:
    parsed = {}
    for name, text in files.items():
        try:
            parsed[name] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
        except yaml.YAMLError as fault:
            raise FrameError(f"{name} is not YAML: {fault}") from fault
    return parsed


def _stance(entry: Mapping[str, Any]) -> Stance:
    default = tuple(entry.get("at", ["object", "clause"]))
    return Stance(
        tuple(VerbPattern.read(v, default) for v in entry.get("verbs", ())), frozenset(entry.get("nouns", ()))
    )


def _topic(name: str, entry: Mapping[str, Any]) -> Topic:
    nouns = tuple(
        NounPattern(
            frozenset(n["noun"]),
            frozenset(n.get("with", ())),
            frozenset(n.get("without", ())),
            n.get("of"),
            frozenset(n.get("not_with_prep", ())),
        )
        for n in entry.get("nouns", ())
    )
    clauses = tuple(
        ClausePattern(tuple(VerbPattern.read(v, ("object",)) for v in c["verbs"]), c.get("object"))
        for c in entry.get("clauses", ())
    )
    return Topic(name, nouns, clauses)


def _frame(file: str, entry: Mapping[str, Any], stances: Mapping[str, Stance], topics: Mapping[str, Topic]) -> Frame:
    where = f"{file}: frame {entry.get('id', '(without id)')!r}"
    unknown = set(entry) - _FRAME_KEYS
    if unknown:
        raise FrameError(f"{where} has unknown keys {sorted(unknown)}; known are {sorted(_FRAME_KEYS)}")
    if "id" not in entry or not ("type" in entry or "types" in entry):
        raise FrameError(f"{where} needs an id and a type (or types)")
    types = dict(entry["types"]) if "types" in entry else {"held": entry["type"]}
    for manner, name in types.items():
        if manner not in TIMES:
            raise FrameError(f"{where} maps an unknown manner {manner!r}; known are {TIMES}")
        if name is not None and name not in EVENT_TYPES:
            raise FrameError(f"{where} names an event type that the catalogue does not have: {name!r}")
    asked = _listed(entry.get("topics", entry.get("topic", ())))
    for name in asked:
        if name not in topics and name not in PSEUDO_TOPICS:
            raise FrameError(f"{where} names an unknown topic {name!r}; known are {sorted(topics)}")
    default = tuple(_listed(entry.get("at", ["object", "clause"])))
    verbs = [VerbPattern.read(v, default) for v in entry.get("verbs", ())]
    nouns = set(entry.get("nouns", ()))
    for name in _listed(entry.get("stance", ())):
        if name not in stances:
            raise FrameError(f"{where} names an unknown stance {name!r}; known are {sorted(stances)}")
        verbs.extend(stances[name].verbs)
        nouns |= stances[name].nouns
    return Frame(
        id=str(entry["id"]),
        family=file.removesuffix(".yaml"),
        verbs=tuple(verbs),
        nouns=frozenset(nouns),
        topics=tuple(asked),
        types=types,
        # YAML 1.1 reads a bare `on` as true.
        roles={"on" if place is True else str(place): role for place, role in entry.get("roles", {}).items() if role},
        needs=frozenset(_listed(entry.get("needs", ()))),
        refuse=frozenset(_listed(entry.get("refuse", ()))),
        with_words=frozenset(_listed(entry.get("with_words", ()))),
        scope=entry.get("scope"),
        speech=bool(entry.get("speech", False)),
        modality=entry.get("modality"),
        clause_words=frozenset(_listed(entry.get("clause_words", ()))),
        says=_pattern(where, entry.get("says")),
        near_words=frozenset(_listed(entry.get("near_words", ()))),
        fallback=frozenset(_listed(entry.get("fallback", ()))),
        confidence=float(entry.get("confidence", 0.7)),
        positive=tuple(entry.get("positive", ())),
        negative=tuple(entry.get("negative", ())),
    )


def _pattern(where: str, says: Iterable[str] | None) -> re.Pattern[str] | None:
    """The turns of phrase of a frame as one expression. Raises `FrameError` for one that is none."""
    if not says:
        return None
    try:
        return re.compile(r"(?i)\b(?:" + "|".join(says) + r")\b")
    except re.error as fault:
        raise FrameError(f"{where} has a turn of phrase that is no regular expression: {fault}") from fault


def _listed(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
