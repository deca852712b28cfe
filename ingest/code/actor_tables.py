"""Who can act in the news, read from CSV: states, their institutions, persons in office, organisations, armed groups.

Tables are told apart by their header, so that a folder of the user's own files extends the built-in ones:

- states: `code,name,aliases,adjectives,people,capitals`
- actors: `actor_id,name,aliases,code,sector,office,from,to,source`, with an optional `short`
- words that only look like an actor: `phrase,why`
- names that may be something else: `name,needs_not,unless`

Lists within a cell are separated by `|`. `from` and `to` are inclusive and may be a year, a month or a day; an empty
one is open. A person who held several offices has several rows. `aliases` always mean the actor; `short` are bare
surnames that mean it only in an article that has named it in full. `docs/lexicon.md` explains every column.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

from schemas.world import Sector

BUILT_IN = Path(__file__).parent / "data" / "actors"

STATE_COLUMNS = ("code", "name", "aliases", "adjectives", "people", "capitals")
ACTOR_COLUMNS = ("actor_id", "name", "aliases", "code", "sector", "office", "from", "to", "source")
KINDS = frozenset({"country", "person", "org", "group"})
SECTORS: frozenset[str] = frozenset(get_args(Sector))


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state or territory: ISO 3166-1 alpha-3 `code` (XKX, user-assigned, for Kosovo) and the words that mean it."""

    code: str
    name: str
    aliases: tuple[str, ...]
    adjectives: tuple[str, ...]
    people: tuple[str, ...]
    capitals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActorRow:
    """An actor in one office, from `since` to `until` (both inclusive, None is open)."""

    actor_id: str
    name: str
    aliases: tuple[str, ...]
    short: tuple[str, ...]
    code: str | None
    sector: str | None
    office: str
    since: date | None
    until: date | None

    @property
    def kind(self) -> str:
        """country, person, org or group."""
        return self.actor_id.partition(":")[0]

    def holds(self, on: date) -> bool:
        """Whether the row is in force on that day."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)

    def distance(self, on: date) -> int:
        """Days between `on` and the time in force; 0 inside it."""
        if self.since is not None and on < self.since:
            return (self.since - on).days
        if self.until is not None and on > self.until:
            return (on - self.until).days
        return 0


@dataclass(frozen=True, slots=True)
class Tables:
    states: tuple[StateRow, ...]
    actors: tuple[ActorRow, ...]
    refusals: tuple[str, ...]
    ambiguous: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    grounds: dict[str, str]
    """By the id of an armed group, the code of the state that it fights on its own ground."""


def read_tables(folder: Path = BUILT_IN) -> Tables:
    """All rows of a folder's CSV files, in the order of their names.

    Raises `ValueError` naming file and line for a header of no known shape, an unknown kind or a malformed date.
    """
    states: list[StateRow] = []
    actors: list[ActorRow] = []
    refusals: list[str] = []
    ambiguous: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    grounds: dict[str, str] = {}
    for path in table_files(folder):
        for where, row in _rows(path):
            if "phrase" in row:
                refusals.append(row["phrase"])
            elif "needs_not" in row:
                ambiguous[row["name"]] = (_list(row["needs_not"]), _list(row["unless"]))
            elif "ground" in row:
                grounds[row["group"]] = row["ground"]
            elif "capitals" in row:
                states.append(_state(row))
            elif "actor_id" in row:
                actors.append(_actor(row, where))
    return Tables(tuple(states), tuple(actors), tuple(refusals), ambiguous, grounds)


def table_files(folder: Path = BUILT_IN) -> list[Path]:
    """The CSV files that `read_tables` reads. Raises `ValueError` for a folder that does not exist."""
    if not folder.is_dir():
        raise ValueError(f"no folder of actor tables at {folder}: give the path of a folder that holds .csv files")
    return sorted(folder.glob("*.csv"))


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        header = tuple(reader.fieldnames or ())
        of_words = (("phrase", "why"), ("name", "needs_not", "unless"), ("noun", "sector"), ("group", "ground"))
        shapes: tuple[tuple[str, ...], ...] = (STATE_COLUMNS, ACTOR_COLUMNS, *of_words)
        if not any(set(shape) <= set(header) for shape in shapes):
            raise ValueError(
                f"{path}: columns {', '.join(header) or '(none)'} are of no known table; "
                f"actors need {','.join(ACTOR_COLUMNS)}"
            )
        for row in reader:
            where = f"{path}, line {reader.line_num}"
            if None in row or None in row.values():
                raise ValueError(f"{where}: {len(header)} columns expected; quote a cell that holds a comma")
            yield where, {key: value.strip() for key, value in row.items()}


def _state(row: dict[str, str]) -> StateRow:
    lists = (_list(row[column]) for column in STATE_COLUMNS[2:])
    return StateRow(row["code"], row["name"], *lists)


def _actor(row: dict[str, str], where: str) -> ActorRow:
    kind, _, key = row["actor_id"].partition(":")
    if kind not in KINDS or not key:
        raise ValueError(f"{where}: actor_id {row['actor_id']!r} is not one of country:, person:, org: or group: + key")
    try:
        since, until = first_day(row["from"]), last_day(row["to"])
    except ValueError as error:
        raise ValueError(f"{where}: from and to are YYYY, YYYY-MM or YYYY-MM-DD: {error}") from error
    if row["sector"] and row["sector"] not in SECTORS:
        raise ValueError(f"{where}: sector {row['sector']!r} is none of {', '.join(sorted(SECTORS))}")
    aliases, short = _list(row["aliases"]), _list(row.get("short", ""))
    code, sector = row["code"] or None, row["sector"] or None
    return ActorRow(row["actor_id"], row["name"], aliases, short, code, sector, row["office"], since, until)


def first_day(text: str) -> date | None:
    """The first day of a year, month or day; None for an empty text. Raises `ValueError`."""
    return date.fromisoformat((text + "-01-01")[:10] if len(text) in (4, 7) else text) if text else None


def last_day(text: str) -> date | None:
    """The last day of a year, month or day; None for an empty text. Raises `ValueError`."""
    start = first_day(text)
    if start is None or len(text) == 10:
        return start
    after = date(start.year + 1, 1, 1) if len(text) == 4 else (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return after - timedelta(days=1)


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part for part in (piece.strip() for piece in cell.split("|")) if part)


def any_of(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """A pattern for any of `words` as whole words, in whatever case; None for no words."""
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)", re.I) if words else None
