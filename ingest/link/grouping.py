"""Which reports of one type tell one happening: a pure function of the set of reports, in whatever order they come.

Reports that name their day are brought together day by day; a report that does not joins what was told of one of the
days that it may mean, or else others as vague. Within a day the reports that say most found groups, and each of the
others joins the one group whose founder it fits best and whose members it does not contradict; where two fit equally
well it stays alone, because a wrong link costs more than a missing one. Likeness counts with founders alone, so that no
chain of likenesses ties unlike ends.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import cos, hypot, radians
from uuid import UUID

from ingest.link.report import ONE_SIDED, Report, Window

ALIKE = 0.4
"""Share of the shorter quote's words that two quotes of a one-sided act must have in common."""
TOWN = 25
"""Kilometres between two points that are taken for one town."""
_KM_PER_DEGREE = 111.2
_FEWEST = 2
"""Words that they must have in common at the least."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How well two reports fit, 0 to 1 (an order, no probability), and why."""

    score: float
    reasons: tuple[str, ...]


@dataclass(slots=True)
class Group:
    """Reports of one happening. The founder says most; every other is held against it."""

    founder: Report
    members: list[tuple[Report, Likeness | None]] = field(default_factory=list)

    @property
    def reports(self) -> list[Report]:
        """The earliest first."""
        return sorted((report for report, _ in self.members), key=lambda r: r.order)

    def admits(self, one: Report) -> bool:
        """Whether no member contradicts it, or is of the same article, which tells of two happenings then."""
        return all(member.article_id != one.article_id and _agree(member, one) for member, _ in self.members)


def groups(reports: Iterable[Report]) -> list[Group]:
    """All reports of one type in groups, each report in exactly one."""
    exact: dict[date, list[Report]] = defaultdict(list)
    vague: dict[Window, list[Report]] = defaultdict(list)
    for one in reports:
        if one.window.exact:
            exact[one.window.first].append(one)
        else:
            vague[one.window].append(one)
    by_day = {day: _grouped(told) for day, told in exact.items()}
    left: dict[Window, list[Report]] = defaultdict(list)
    # All are held against the exact reports alone before any joins, so that none changes what the next one sees.
    joining = []
    for days, told in sorted(vague.items(), key=lambda item: (item[0].first, item[0].last)):
        near = [group for day in _days(days) for group in by_day.get(day, ())] if days.reaches else []
        for one in sorted(told, key=_most_telling_first):
            chosen = _best(one, near)
            if chosen is None:
                left[days].append(one)
            else:
                joining.append((one, *chosen))
    for one, group, fits in joining:
        if group.admits(one):
            group.members.append((one, fits))
        else:
            left[one.window].append(one)
    return [group for made in by_day.values() for group in made] + [
        group for told in left.values() for group in _grouped(told)
    ]


def likeness(founder: Report, other: Report) -> Likeness | None:
    """How well two reports of one type fit, or None where they contradict each other or share nobody."""
    common = founder.parties & other.parties
    same_place = _same_place(founder, other)
    if not (common or same_place) or not _agree(founder, other):
        return None
    shared = founder.persons & other.persons
    score, reasons = 0.5 * len(common) / max(1, len(founder.parties | other.parties)), []
    reasons.append("same parties" if founder.parties == other.parties else "parties among them")
    exact = founder.window.exact and other.window.exact
    score += 0.3 if exact else 0.15
    reasons.append("same day" if exact else "same days" if founder.window == other.window else "day within reach")
    if shared:
        score += 0.1
        reasons.append("same persons")
    if same_place:
        score += 0.1
        reasons.append("same place")
    if founder.type in ONE_SIDED:
        words = founder.words & other.words
        share = len(words) / max(1, min(len(founder.words), len(other.words)))
        if share < ALIKE or len(words) < _FEWEST:
            return None
        score += 0.1 * share
        reasons.append("like words")
    return Likeness(round(min(1.0, score), 3), tuple(reasons))


def _grouped(told: Sequence[Report]) -> list[Group]:
    found: list[Group] = []
    by_key: dict[str, list[Group]] = defaultdict(list)
    for one in sorted(told, key=_most_telling_first):
        keys = _keys(one)
        near = {id(group): group for key in keys for group in by_key[key]}
        chosen = _best(one, near.values())
        if chosen is not None:
            group, fits = chosen
            group.members.append((one, fits))
            continue
        founded = Group(one, [(one, None)])
        found.append(founded)
        for key in keys:
            by_key[key].append(founded)
    return found


def _best(one: Report, near: Iterable[Group]) -> tuple[Group, Likeness] | None:
    """The one group that fits best; None where none does, or two fit equally well."""
    fitting = []
    for group in near:
        fits = likeness(group.founder, one) if group.admits(one) else None
        if fits is not None:
            fitting.append((fits.score, _nearness(one, group), group, fits))
    if not fitting:
        return None
    score, nearness, group, fits = max(fitting, key=lambda f: (f[0], f[1]))
    equal = sum((other, days) == (score, nearness) for other, days, _, _ in fitting)
    return (group, fits) if equal == 1 else None


def _nearness(one: Report, group: Group) -> int:
    """Of the days that a vague report may mean, the one nearest to its publication: the last, or the first to come."""
    if one.window.exact:
        return 0
    day = group.founder.window.first
    return -min(abs((day - one.told_at.date()).days), abs((one.window.last - day).days))


def _agree(a: Report, b: Report) -> bool:
    """Whether nothing that one says contradicts the other."""
    named = {code for code, _ in a.persons} & {code for code, _ in b.persons}
    return (
        a.conditional == b.conditional
        and _nested(a.actors, b.actors)
        and _nested(a.targets, b.targets)
        and not (a.point and b.point and not _same_place(a, b))
        and not (a.country and b.country and a.country != b.country)
        and named <= {code for code, _ in a.persons & b.persons}
    )


def _same_place(a: Report, b: Report) -> bool:
    """Whether both name one place: by the same words, or others for a place so near that it is the same town."""
    if a.place is None or b.place is None:
        return False
    if a.place == b.place:
        return True
    if a.point is None or b.point is None:
        return False
    north = a.point[0] - b.point[0]
    east = (a.point[1] - b.point[1]) * cos(radians(a.point[0]))
    return hypot(north, east) * _KM_PER_DEGREE <= TOWN


def _nested(one: frozenset[str], other: frozenset[str]) -> bool:
    return one <= other or other <= one


def _keys(one: Report) -> Iterable[str]:
    return (*one.parties, *((f"at:{one.place}",) if one.place else ()))


def _most_telling_first(one: Report) -> tuple[int, bool, object, UUID, int]:
    return (-one.specificity, one.background, one.told_at, one.claim_id, one.start)


def _days(days: Window) -> Iterable[date]:
    return (days.first + timedelta(days=n) for n in range((days.last - days.first).days + 1))
