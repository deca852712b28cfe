"""Where: places in sentences, by gazetteer, context and the words around them."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.code.places import Gazetteer, listed_places

GAZETTEER = Gazetteer.load()


def found(text: str, *context: str) -> list[tuple[str, str | None]]:
    return [(place.name, place.country) for place in GAZETTEER.find(text, frozenset(context))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They met in Doha and flew to Cairo.", [("Doha", "QAT"), ("Cairo", "EGY")]),
        ("Shells fell on the besieged city of Avdiivka.", [("Avdiivka", "UKR")]),
        ("Ships crossed the Black Sea and the Strait of Hormuz.", [("Black Sea", None), ("Strait of Hormuz", None)]),
        ("The talks in the Omani capital ended.", [("the Omani capital", "OMN")]),
        ("Drones crossed into Polish airspace.", [("Polish airspace", "POL")]),
        ("Fighting spread through North Kivu, near Goma.", [("North Kivu", "COD"), ("Goma", "COD")]),
        ("Rebels seized Nyala as ships left the Gulf of Aden.", [("Nyala", "SDN"), ("Gulf of Aden", None)]),
        ("A depot in Russia's Tambov region burned.", [("Russia", "RUS"), ("Tambov", "RUS")]),
        ("He lives in Alexandria, Virginia.", [("Alexandria", "USA"), ("Virginia", "USA")]),
        ("He spoke in Lyon, France.", [("Lyon", "FRA"), ("France", "FRA")]),
    ],
)
def test_places_in_sentences(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Most of it was nice reading, police said of the deal.",
        "Chelsea Clinton and Jack London were named.",
        "The Berlin Philharmonic played.",
        "Voters in Georgia queued with Democrats.",
        "Kumar said so.",
        "Nancy and Florence smiled.",
    ],
)
def test_words_and_persons_are_no_places(text: str) -> None:
    assert found(text) == []


def test_the_state_named_after_a_city_or_the_article_decides_between_namesakes() -> None:
    assert found("a plant in Birmingham, United States")[0] == ("Birmingham", "USA")
    assert found("a plant in Birmingham", "USA") == [("Birmingham", "USA")]
    assert found("a plant in Birmingham") == [("Birmingham", "GBR")]


def test_small_cities_count_where_the_article_is_about_their_state() -> None:
    assert found("a bridge at Zwolle") == [("Zwolle", "NLD")]
    assert found("a village near Meppel") == []
    assert found("a village near Meppel", "NLD") == [("Meppel", "NLD")]
    assert found("Dutch police searched a village near Meppel") == [("Meppel", "NLD")]


def test_coordinates_of_cities_and_none_for_states_and_wide_regions() -> None:
    by_name = {place.name: place for place in GAZETTEER.find("from Vienna to Austria, across the Middle East, in Gaza")}
    assert by_name["Vienna"].lat == pytest.approx(48.2, abs=0.1)
    assert by_name["Vienna"].lon == pytest.approx(16.4, abs=0.1)
    assert by_name["Austria"].lat is None
    assert by_name["Middle East"].lat is None
    assert by_name["Gaza"].lat == pytest.approx(31.4, abs=0.1)


def test_the_preposition_is_told_with_the_place() -> None:
    [place] = GAZETTEER.find("strikes near the northern city of Kharkiv")
    assert (place.name, place.preposition) == ("Kharkiv", "near")


def test_the_digest_names_the_data() -> None:
    assert GAZETTEER.digest.startswith("sha256:")
    assert GAZETTEER.digest == Gazetteer.load().digest


def test_every_listed_place_is_on_the_globe() -> None:
    for name, place in listed_places():
        assert place.lat is None or (-90 <= place.lat <= 90 and place.lon is not None and -180 <= place.lon <= 180), (
            name
        )


_WORDS = st.sampled_from(
    re.findall(
        r"\S+", "in at Doha the city of Gaza Strip Oman 's capital , France Paris May Police Georgia Vienna\n to"
    )
)


@settings(max_examples=60)
@given(st.lists(_WORDS, max_size=20).map(" ".join))
def test_places_quote_the_text_in_order(text: str) -> None:
    places = GAZETTEER.find(text, frozenset({"FRA"}))
    assert all(text[p.start : p.end] == p.name for p in places)
    assert all(a.end <= b.start for a, b in pairwise(places))
    assert places == GAZETTEER.find(text, frozenset({"FRA"}))


@settings(max_examples=60)
@given(st.text(max_size=120))
def test_any_text_can_be_read(text: str) -> None:
    GAZETTEER.find(text)
