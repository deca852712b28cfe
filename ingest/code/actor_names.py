"""Names and what they mean: the rows of the tables as actors, ready to be looked for in a text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ahocorasick_rs import AhoCorasick

from ingest.code.actor_tables import ActorRow, StateRow, Tables
from ingest.code.folding import fold


@dataclass(frozen=True, slots=True)
class Actor:
    """Who: `code` is the ISO alpha-3 state it is or acts for, EU, UN, NATO or the group's name; None where it has none.

    `kind` is country, person, org or group; `sector` is PLOVER's (GOV, MIL, REB, OPP, LEG, JUD, IGO, NGO …).
    """

    actor_id: str | None
    kind: str
    code: str | None
    sector: str | None
    label: str


@dataclass(frozen=True, slots=True)
class Entry:
    form: str
    actor: Actor | None
    rows: tuple[ActorRow, ...] = ()


class Names:
    """Names and what they mean, ready to be looked for."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = list(entries.values())
        self._automaton = AhoCorasick(list(entries))

    def find(self, folded: str) -> Iterable[tuple[int, int, Entry]]:
        for index, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            if start and (folded[start - 1].isalnum() or folded[start - 1] in "@/#_"):
                continue
            if end < len(folded) and (folded[end].isalnum() or folded[end] in "@_$"):
                continue
            yield start, end, self._entries[index]


def name_entries(tables: Tables, known: Mapping[str, Entry]) -> dict[str, Entry]:
    """What the names of `tables` mean. Rows of an actor who is `known` by the same name stay beside the new ones."""
    entries: dict[str, Entry] = {}
    for state in tables.states:
        for name, entry in _state_entries(state):
            entries.setdefault(name, entry)
    by_name: dict[str, list[ActorRow]] = {}
    for row in tables.actors:
        for name in _plain((row.name, *row.aliases)):
            by_name.setdefault(fold(name), []).append(row)
    for name, rows in by_name.items():
        ids = {row.actor_id for row in rows}
        before = [row for row in known[name].rows if row.actor_id in ids] if name in known else []
        entries[name] = Entry(_form(rows[0]), None, (*before, *rows))
    short: dict[str, list[ActorRow]] = {}
    for row in tables.actors:
        for name in row.short:
            short.setdefault(fold(name), []).append(row)
    for name, rows in short.items():
        entries.setdefault(name, Entry("short", None, tuple(rows)))
    for name in [name for name in entries if name.startswith("the ")]:
        entries.setdefault("The " + name[4:], entries[name])
    for phrase in tables.refusals:
        entries[fold(phrase)] = Entry("refused", None)
    return entries


def stands_in_capitals(name: str) -> bool:
    """Whether a name is still one in a line of capitals, where US may be the pronoun and WHO the question."""
    return len(name) > 3 or (name.isupper() and name not in {"US", "WHO", "AU", "IS", "NZ"})


def _state_entries(state: StateRow) -> Iterable[tuple[str, Entry]]:
    """The first form of a word counts: what is adjective and name at once (US, Vatican) stands mostly before a noun."""
    actor = Actor(f"country:{state.code}", "country", state.code, "GOV", state.name)
    forms = (("adjective", state.adjectives), ("name", (state.name, *state.aliases)), ("people", state.people))
    for form, names in (*forms, ("capital", state.capitals)):
        for name in _plain(names):
            yield fold(name), Entry(form, actor)


def _plain(names: Iterable[str]) -> list[str]:
    """`names` less those that put an article before another: "the United Nations" would cut off its Assembly."""
    known = dict.fromkeys(names)
    return [name for name in known if name.removeprefix("the ") == name or name.removeprefix("the ") not in known]


def _form(row: ActorRow) -> str:
    return ("seat" if row.office == "seat" else "institution") if row.kind == "country" else row.kind


def row_actor(row: ActorRow) -> Actor:
    return Actor(row.actor_id, row.kind, row.code, row.sector, row.name)


def resolve_office(rows: tuple[ActorRow, ...], office: str, on: date | None) -> Actor | None:
    """Who of the bearers of a surname holds an office on a day; None where that is not exactly one."""
    holders = {row.actor_id: row for row in rows if row.office == office and on is not None and row.holds(on)}
    return row_actor(next(iter(holders.values()))) if len(holders) == 1 else None


def resolve_rows(rows: tuple[ActorRow, ...], on: date | None) -> Actor | None:
    """The actor that rows of one name mean on a day: whoever is in office, or the nearest row of the only one there is.

    None where several actors bear the name and none, or more than one, is in office.
    """
    if not rows:
        return None
    day = on or date.max
    current = [row for row in rows if row.holds(day)]
    if len({row.actor_id for row in current}) == 1:
        return row_actor(max(current, key=lambda row: row.since or date.min))
    if len({row.actor_id for row in rows}) > 1:
        return None
    return row_actor(min(rows, key=lambda row: (row.distance(day), -(row.since or date.min).toordinal())))


def holders_by_office(entries: Mapping[str, Entry]) -> dict[tuple[str, str], list[ActorRow]]:
    offices: dict[tuple[str, str], list[ActorRow]] = {}
    for row in dict.fromkeys(row for entry in entries.values() for row in entry.rows if row.kind == "person"):
        offices.setdefault((row.code or "", row.office), []).append(row)
    return offices
