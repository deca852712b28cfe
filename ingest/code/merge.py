"""One happening, one event: mentions of the same thing in one article are brought together.

Two tellings are the same happening where type, actors and day do not contradict each other. A bare mention ("the call")
joins the nearest event that it can mean, and is dropped where there is none. What the scorer proposes joins like a
mention, and stands for itself where it can mean nothing else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ingest.code.article import TextField
from ingest.code.details import When
from ingest.code.discourse import Party
from ingest.code.places import PlaceMention
from schemas.dates import bounds, precision

Modality = Literal["asserted", "unconfirmed", "conditional", "denied"]
_SIBLINGS = {
    "call_held": "call_planned",
    "meeting_held": "meeting_planned",
    "talks_held": "talks_planned",
    "visit_made": "visit_planned",
    "agreement_signed": "agreement_reached",
}
_CONTACTS = frozenset({"call_held", "meeting_held", "talks_held"})
_SAYS = {"interval": 0, "week": 2}
"""What is said first is taken of words that say more, with 1 for days, months and years."""
SPEECH = frozenset(
    {
        "accusation_made",
        "demand_made",
        "threat_made",
        "demand_rejected",
        "truce_proposed",
        "talks_proposed",
        "proposal_made",
    }
)


@dataclass(frozen=True, slots=True)
class Telling:
    """One place of the article that tells an event, with everything read there."""

    type: str
    field: TextField
    start: int
    end: int
    sentence: int
    parties: tuple[tuple[Party, str], ...]
    modality: Modality
    when: When | None
    place: tuple[PlaceMention, int] | None
    scope: str | None
    quantities: tuple[object, ...]
    speaker: Party | None
    confidence: float
    anaphoric: bool
    spare: tuple[tuple[Party, str], ...]
    frame: str
    trigger: tuple[int, int]
    several: bool = False
    proposed: bool = False
    own: bool = False

    def keys(self, *roles: str) -> frozenset[str]:
        """The keys of the parties in these roles; of all where none is given."""
        return frozenset(p.key for p, r in self.parties if not roles or r in roles)

    @property
    def doers(self) -> frozenset[str]:
        """The keys of whoever does it; of the first party where all are only parties."""
        return self.keys("actor") or frozenset(p.key for p, _ in self.parties[:1])


@dataclass(frozen=True, slots=True)
class Happening:
    """Tellings of one happening, the best first."""

    tellings: tuple[Telling, ...]

    @property
    def best(self) -> Telling:
        return self.tellings[0]


def merge(tellings: Sequence[Telling]) -> list[Happening]:
    """Happenings in the order in which the article first tells them."""
    groups: list[list[Telling]] = []
    full = [t for t in tellings if not (t.anaphoric or t.proposed or _of_rounds(t))]
    for telling in [t for t in full if t.field == "text"] + [t for t in full if t.field == "title"]:
        home = next((g for g in groups if _same(_summary(g), telling)), None)
        if home is None:
            groups.append([telling])
        else:
            home.append(telling)
    for telling in (t for t in tellings if t.anaphoric or t.proposed or _of_rounds(t)):
        fitting = [g for g in groups if _may_mean(_summary(g), telling)]
        if telling.proposed and not fitting:
            fitting = [g for g in groups if _same(_summary(g), telling) or _same_contact(_summary(g), telling)]
        if fitting:
            nearest = min(fitting, key=lambda g: min(_apart(t, telling) for t in g))
            nearest.append(telling)
            continue
        series = [g for g in groups if _another_of(_summary(g), telling)]
        if series:  # "the second round, on April 19": of the same parties as the first
            nearest = min(series, key=lambda g: min(_apart(t, telling) for t in g))
            parties = tuple((replace(p, resolved=True), r) for p, r in _summary(nearest).parties)
            groups.append([replace(telling, parties=parties, anaphoric=False)])
        elif not telling.anaphoric and (telling.proposed or telling.place is not None):
            groups.append([telling])
        elif telling.spare:
            groups.append([replace(telling, parties=telling.spare, anaphoric=False)])
    _share_rounds(groups)
    return sorted((_happening(g) for g in groups), key=lambda h: (h.best.field == "title", h.best.start, h.best.type))


def _of_rounds(telling: Telling) -> bool:
    """Whether a dated round names fewer than two parties, so that whose it is has been told before."""
    return telling.type in ("talks_held", "talks_planned") and telling.when is not None and len(telling.keys()) < 2


def _another_of(a: Telling, mention: Telling) -> bool:
    """Whether a dated mention without parties of its own is one more round of the talks `a`."""
    return (
        a.type in ("talks_held", "talks_planned")
        and mention.type in ("talks_held", "talks_planned")
        and mention.when is not None
        and bool(mention.when.edtf)
        and len(a.keys()) >= 2
        and mention.keys() <= a.keys()
    )


def _share_rounds(groups: list[list[Telling]]) -> None:
    """ "Four rounds were held" mentions every round that the article tells with a day of its own."""
    for group in list(groups):
        for telling in [t for t in group if t.several and (t.when is None or not t.when.edtf)]:
            for other in groups:
                if other is not group and telling not in other and _same(_summary(other), telling):
                    other.append(telling)


def _apart(told: Telling, mention: Telling) -> tuple[bool, int]:
    """How far a mention stands from what it may mean: what was told before is nearer than what comes after."""
    return (told.sentence > mention.sentence, abs(told.sentence - mention.sentence))


def _summary(group: list[Telling]) -> Telling:
    """The group as one telling: all parties, the first date."""
    first = group[0]
    dated = _most_exact((t.when for t in group), first.when)
    return replace(first, parties=_parties(group), when=dated)


def _parties(group: Sequence[Telling]) -> tuple[tuple[Party, str], ...]:
    found: dict[str, tuple[Party, str]] = {}
    alone = all(t.proposed for t in group)
    for telling in group:
        if telling.anaphoric or (telling.proposed and not alone):
            continue
        for party, role in telling.parties:
            known = found.get(party.key)
            if known is None or (known[0].kind != "person" and party.kind == "person"):
                found[party.key] = (party, known[1] if known else role)
    if group[0].type in SPEECH and any(r == "target" and not p.resolved for p, r in found.values()):
        return tuple((p, r) for p, r in found.values() if r != "target" or not p.resolved)
    return tuple(found.values())


def _same(a: Telling, b: Telling) -> bool:
    headline_ahead = b.field == "title" and _SIBLINGS.get(a.type) == b.type
    if (a.type != b.type and not headline_ahead) or not _dates_agree(a.when, b.when):
        return False
    if a.scope != b.scope and "technical level" in (a.scope, b.scope):
        return False
    if (a.modality == "denied") != (b.modality == "denied") and a.type not in (
        "call_held",
        "meeting_held",
        "truce_accepted",
    ):
        return False
    if a.type == "meeting_held" and _other_people(a, b):
        return False
    actors_a, actors_b = a.keys("actor"), b.keys("actor")
    if actors_a or actors_b:
        if not (actors_a <= actors_b or actors_b <= actors_a):
            return False
        targets_a, targets_b = a.keys("target"), b.keys("target")
        if a.type in SPEECH and (_guessed(a) or _guessed(b)):
            return True
        return targets_a <= targets_b or targets_b <= targets_a
    parties_a, parties_b = a.keys(), b.keys()
    return parties_a <= parties_b or parties_b <= parties_a


def _other_people(a: Telling, b: Telling) -> bool:
    """Whether two tellings name different persons for one of the sides."""
    people: dict[str, set[str]] = {}
    for party, _ in (*a.parties, *b.parties):
        if party.kind == "person" and party.actor_id is not None:
            people.setdefault(party.key, set()).add(party.actor_id)
    return any(len(named) > 1 for named in people.values())


def _guessed(telling: Telling) -> bool:
    """Whether whom it is aimed at was only taken from what was said before."""
    targets = [p for p, r in telling.parties if r == "target"]
    return bool(targets) and all(p.resolved for p in targets)


def _may_mean(a: Telling, mention: Telling) -> bool:
    if a.type != mention.type and _SIBLINGS.get(mention.type) != a.type and _SIBLINGS.get(a.type) != mention.type:
        return False
    if a.type != mention.type and (mention.when is not None or mention.place is not None):
        return False
    return mention.keys() <= a.keys() and _sides_agree(a, mention) and _dates_agree(a.when, mention.when)


def _sides_agree(a: Telling, mention: Telling) -> bool:
    """Whether nobody whom a mention names does in it what `a` says was done to them, or the other way round."""
    doing = a.keys("actor")
    if not doing:
        return True
    return mention.keys("actor") <= doing and not mention.keys("target") & (doing - a.keys("target"))


def _same_contact(a: Telling, b: Telling) -> bool:
    """Whether `b` may be another word for the contact `a` of the same sides: "the discussion" for a call."""
    return {a.type, b.type} <= _CONTACTS and b.keys() <= a.keys() and _dates_agree(a.when, b.when)


def _dates_agree(a: When | None, b: When | None) -> bool:
    if a is None or b is None or not a.edtf or not b.edtf:
        return True
    one, other = bounds(a.edtf), bounds(b.edtf)
    if one is None or other is None:
        return a.edtf == b.edtf
    return (one[0] <= other[0] and other[1] <= one[1]) or (other[0] <= one[0] and one[1] <= other[1])


def _most_exact(whens: Iterable[When | None], otherwise: When | None) -> When | None:
    """The first of the days that say most: an interval tells how long it went on, and a week less than its day."""
    dated = [w for w in whens if w is not None and w.edtf]
    return min(dated, key=lambda w: _SAYS.get(precision(w.edtf) or "", 1), default=otherwise)


def _happening(group: list[Telling]) -> Happening:
    own = [t for t in group if not t.anaphoric]
    best = max(
        own,
        key=lambda t: (
            t.field == "text",
            not (t.several and (t.when is None or not t.when.edtf)),  # "four rounds" says less of one than its own day
            t.confidence,
            t.when is not None and t.when.edtf is not None,
            len(t.parties),
            -t.start,
        ),
    )
    others = sorted((t for t in group if t is not best), key=lambda t: (t.field == "title", t.start))
    # Offsets count in the best telling's field: what another field says has no place in it.
    telling = [best, *(t for t in others if not t.anaphoric and t.field == best.field)]
    dated = _most_exact((t.when for t in telling), best.when)
    place = next((t.place for t in telling if t.place is not None), None)
    scope = next((t.scope for t in telling if t.scope is not None), None)
    quantities = next((t.quantities for t in telling if t.quantities), ())
    speaker = best.speaker
    merged = replace(
        best,
        parties=_parties([best, *others]),
        when=dated,
        place=place,
        scope=scope,
        quantities=quantities,
        speaker=speaker,
    )
    return Happening((merged, *others))
