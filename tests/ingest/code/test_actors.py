"""Who is named: the lexicon over whole sentences, and what an article teaches."""

import csv
import re
import time
from datetime import date
from itertools import pairwise
from pathlib import Path

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.code.actor_learning import learn
from ingest.code.actor_tables import BUILT_IN, SECTORS, read_tables
from ingest.code.actors import Actor, ActorMention, Lexicon
from ingest.code.folding import fold

LEXICON = Lexicon.load()
DAY = date(2024, 3, 5)


def found(text: str, on: date | None = DAY) -> list[tuple[str, str | None]]:
    return [(mention.name, mention.actor.code) for mention in LEXICON.find(text, on)]


def codes(text: str, on: date | None = DAY) -> list[str | None]:
    return [code for _, code in found(text, on)]


def taught(text: str, on: date = DAY) -> list[ActorMention]:
    mentions = LEXICON.find(text, on)
    return LEXICON.find(text, on, learn(text, mentions, on))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Omanis and Qataris welcomed the news.", ["OMN", "QAT"]),
        ("Norwegian diplomats flew home.", ["NOR"]),
        ("The Kremlin was silent; so was Downing Street.", ["RUS", "GBR"]),
        ("Kyiv and Moscow traded blame.", ["UKR", "RUS"]),
        ("The Élysée confirmed it, the Elysee said.", ["FRA", "FRA"]),
        ("The U.S. and the UK agreed.", ["USA", "GBR"]),
        ("The E.U. and NATO met.", ["EU", "NATO"]),
        ("The West spoke at the United Nations General Assembly.", [None, "UN"]),
        ("South Sudan is not Sudan.", ["SSD", "SDN"]),
        ("Guinea-Bissau, Equatorial Guinea and Guinea took part.", ["GNB", "GNQ", "GIN"]),
        ("the Democratic Republic of the Congo and Congo-Brazzaville", ["COD", "COG"]),
        ("Côte d’Ivoire and Türkiye signed.", ["CIV", "TUR"]),
        ("Hezbollah and the Houthis denied it.", ["Hezbollah", "Houthis"]),
        ("Mali's junta met ECOWAS envoys.", ["MLI", "ECOWAS"]),
        ("PUTIN AND ZELENSKY TO MEET IN SAUDI ARABIA", ["RUS", "UKR", "SAU"]),
        ("Bosnian Serb leaders warned Sarajevo.", ["Republika Srpska", "BIH"]),
    ],
)
def test_names_of_states_and_bodies(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The Washington Post and the Jerusalem Post reported it.",
        "It was told to us, they said to us.",
        "He ate turkey with china plates.",
        "Michael Jordan and Paris Hilton were seen.",
        "an anti-Israel slogan and a pro-Russian march",
        "They followed the Paris Agreement and the Geneva Conventions.",
        "Latin America and the Gulf of Mexico",
        "Voters in Georgia queued in Atlanta, where Democrats hope to win.",
        "Ivanka Trump opened a shop in a mall near Trump Tower.",
        "The London Marathon was run on Sunday.",
        "TELL US WHO DID IT",
        "Ethnic Albanians and ethnic Serbs lived there.",
        "It cost AU$20 at the Real Madrid shop.",
        "The Obama Foundation gave a dinner.",
    ],
)
def test_what_only_looks_like_an_actor(text: str) -> None:
    assert found(text) == []


def test_georgia_is_a_state_of_the_caucasus_by_default() -> None:
    assert codes("Georgia freezes its accession talks.") == ["GEO"]
    assert codes("Georgia and Florida are watched from Tbilisi.")[0] == "GEO"


@pytest.mark.parametrize(
    ("on", "name"),
    [
        (date(2016, 5, 1), "Barack Obama"),
        (date(2018, 5, 1), "Donald Trump"),
        (date(2023, 5, 1), "Joe Biden"),
        (date(2025, 5, 1), "Donald Trump"),
    ],
)
def test_an_office_means_its_holder_on_the_day(on: date, name: str) -> None:
    [mention] = LEXICON.find("The US president will travel.", on)
    assert mention.actor.code == "USA"
    assert mention.holder is not None
    assert mention.holder.label == name


def test_a_person_acts_for_what_his_office_of_the_day_serves() -> None:
    text = "Mark Rutte urged restraint."
    assert codes(text, date(2020, 1, 1)) == ["NLD"]
    assert codes(text, date(2025, 1, 1)) == ["NATO"]


def test_the_taliban_are_a_group_first_and_a_state_later() -> None:
    assert codes("The Taliban agreed.", date(2019, 1, 1)) == ["Taliban"]
    assert codes("The Taliban agreed.", date(2022, 1, 1)) == ["AFG"]


def test_without_a_day_a_person_is_still_known() -> None:
    assert codes("Emmanuel Macron spoke.", None) == ["FRA"]


@pytest.mark.parametrize(
    ("text", "name", "code", "sector"),
    [
        ("The Israeli military struck.", "Israeli military", "ISR", "MIL"),
        ("Iran’s foreign ministry protested.", "Iran’s foreign ministry", "IRN", "GOV"),
        ("Police of the new Syrian interim government arrived.", "Syrian interim government", "SYR", "GOV"),
        ("The government of Sudan replied.", "government of Sudan", "SDN", "GOV"),
        ("The Biden administration objected.", "Biden administration", "USA", "GOV"),
        ("A Knesset vote is due.", "Knesset", "ISR", "LEG"),
        ("Hamas officials left.", "Hamas officials", "Hamas", "REB"),
    ],
)
def test_institutions_are_named_with_their_state(text: str, name: str, code: str, sector: str) -> None:
    mention = next(m for m in LEXICON.find(text, DAY) if m.name == name)
    assert (mention.actor.code, mention.actor.sector) == (code, sector)


def test_a_title_before_a_name_stays_apart_from_the_person() -> None:
    assert found("Polish Foreign Minister Radosław Sikorski spoke.") == [
        ("Polish", "POL"),
        ("Radosław Sikorski", "POL"),
    ]


def test_given_names_and_initials_belong_to_the_mention() -> None:
    assert [name for name, _ in found("He met Vladimir V. Putin and Recep Erdoğan.", date(2024, 1, 1))] == [
        "Vladimir V. Putin",
        "Recep Erdoğan",
    ]


def test_a_lineage_belongs_to_the_mention() -> None:
    assert found("Sheikh Tamim bin Hamad al-Thani hosted it.") == [("Sheikh Tamim bin Hamad al-Thani", "QAT")]


def test_an_envoy_to_a_state_is_not_of_it() -> None:
    text = "The UN's Yemen envoy left. Libya envoy Jonas Ekberg stayed; Ekberg was tired."
    assert [(m.name, m.actor.code) for m in taught(text)] == [("UN", "UN"), ("Yemen", "YEM"), ("Libya", "LBY")]


def test_a_capital_after_a_place_preposition_is_a_place() -> None:
    in_city, actor, to_city = LEXICON.find("In Moscow they waited while Ankara sent an envoy to Cairo.", DAY)
    assert (in_city.locative, actor.locative, to_city.locative) == (True, False, True)


def test_a_word_that_is_name_and_adjective_can_be_a_place() -> None:
    [place] = LEXICON.find("They met in the US.", DAY)
    assert place.locative


def test_possessives_and_compounds_are_marked() -> None:
    possessive, compound = LEXICON.find("Ukraine's allies joined a US-brokered pause.", DAY)
    assert possessive.possessive
    assert compound.compound == "brokered"


@pytest.mark.parametrize(
    ("text", "surname", "code"),
    [
        ("Omani envoy Saif al-Harthi flew in. Later al-Harthi flew out.", "al-Harthi", "OMN"),
        ("Lina Okafor, Ghana's trade minister, was there. Okafor smiled.", "Okafor", "GHA"),
        ("Ana Pereira, the deputy foreign minister of Portugal, agreed. Pereira then left.", "Pereira", "PRT"),
        ("President Tomas Varga of Hungary called. Varga was brief.", "Varga", "HUN"),
        ("The Danish defence minister, Karl Nyborg, objected. Nyborg said so.", "Nyborg", "DNK"),
        ("Kremlin spokesman Igor Belkin commented. Belkin shrugged.", "Belkin", "RUS"),
        ("UN special envoy Marta Lindqvist briefed them. Lindqvist was calm.", "Lindqvist", "UN"),
        ("Hamas official Yusuf Khatib replied. Khatib refused.", "Khatib", "Hamas"),
    ],
)
def test_titles_and_appositions_teach_whom_a_surname_means(text: str, surname: str, code: str) -> None:
    last = taught(text)[-1]
    assert last.name == surname
    assert last.actor.code == code
    assert last.actor.kind == "person"


def test_a_person_of_the_lexicon_is_known_by_surname_after_the_full_name() -> None:
    text = "Boris Johnson spoke first. Johnson then left."
    assert [m.actor.label for m in taught(text, date(2021, 1, 1))] == ["Boris Johnson", "Boris Johnson"]
    assert found("Johnson then left.", date(2021, 1, 1)) == []


def test_a_title_tells_which_bearer_of_a_surname_is_meant() -> None:
    assert found("He met President Moon.", date(2018, 5, 1)) == [("Moon", "KOR")]
    assert found("He met President Lee.", date(2025, 9, 1)) == [("Lee", "KOR")]
    assert found("He met Prime Minister Lee.", date(2020, 9, 1)) == [("Lee", "SGP")]
    assert found("He met Lee by the moon.", date(2025, 9, 1)) == []


def test_the_short_name_of_the_tables_goes_before_a_derived_one() -> None:
    text = "Kim Jong Un spoke, and Kim Yo Jong listened. Kim left."
    assert taught(text)[-1].actor.label == "Kim Jong Un"


def test_a_surname_of_two_persons_means_neither() -> None:
    text = "Boris Johnson met Mike Johnson. Johnson smiled."
    assert len(taught(text, date(2023, 11, 1))) == 2


def test_a_surname_that_is_a_month_is_read_in_context() -> None:
    text = "Theresa May left in May 2019. On 3 May she rested. But May said nothing."
    assert [m.start for m in taught(text, date(2018, 6, 1))] == [0, text.rindex("May")]


def test_an_acronym_that_is_spelt_out_is_learnt() -> None:
    text = "The Sahel Liberation Front (SLF) struck. The SLF then withdrew."
    mentions = taught(text)
    assert [m.actor.code for m in mentions] == ["SLF", "SLF", "SLF"]


def test_another_person_of_the_same_surname_is_not_taken_for_the_famous_one() -> None:
    assert found("They invited the singer Gloria Putin to sing.") == []


def test_extra_tables_add_actors_and_win(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(
        "actor_id,name,aliases,code,sector,office,from,to,source\n"
        "group:river-guard,River Guard,RG Militia,River Guard,REB,armed group,2020,,field notes\n",
        encoding="utf-8",
    )
    more = Lexicon.load([tmp_path])
    assert [m.actor.actor_id for m in more.find("The River Guard shelled Sudan.", DAY)] == [
        "group:river-guard",
        "country:SDN",
    ]
    assert more.digest != LEXICON.digest


def test_extra_tables_win_where_both_name_the_same_words(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(
        "actor_id,name,aliases,code,sector,office,from,to,source\n"
        "group:local-hamas,Hamas,,Local Hamas,OPP,party,,,field notes\n"
        "person:emmanuel-macron,Emmanuel Macron,,EU,IGO,commission president,2031-01-01,,field notes\n",
        encoding="utf-8",
    )
    more = Lexicon.load([tmp_path])
    assert [m.actor.code for m in more.find("Hamas met Emmanuel Macron.", DAY)] == ["Local Hamas", "FRA"]
    assert [m.actor.code for m in more.find("Emmanuel Macron", date(2031, 5, 1))] == ["EU"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a,b\n1,2\n", "no known table"),
        ("actor_id,name,aliases,code,sector,office,from,to,source\nperson-x,X,,USA,GOV,president,,,s\n", "line 2"),
        ("actor_id,name,aliases,code,sector,office,from,to,source\nperson:x,X,,USA,GOV,president,20-1,,s\n", "YYYY-MM"),
        ("actor_id,name,aliases,code,sector,office,from,to,source\nperson:x,X\n", "columns expected"),
        ("actor_id,name,aliases,code,sector,office,from,to,source\nperson:x,X,,USA,KING,,,,s\n", "sector 'KING'"),
    ],
)
def test_a_bad_table_is_refused_with_its_place(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "bad.csv").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=reason):
        Lexicon.load([tmp_path])


def test_a_missing_folder_is_refused() -> None:
    with pytest.raises(ValueError, match="no folder"):
        Lexicon.load(["/does/not/exist"])


def test_states_have_iso_codes_and_every_sovereign_state_is_there() -> None:
    states = {state.code for state in read_tables().states}
    iso = {country.alpha_3 for country in pycountry.countries}
    assert states - iso == {"XKX"}
    uninhabited = {"ATA", "ATF", "BVT", "HMD", "SGS", "UMI"}
    small = {"BES", "BLM", "CCK", "CXR", "GGY", "JEY", "MAF", "NFK", "SXM"}
    assert iso - states == uninhabited | small


def test_the_tables_are_consistent() -> None:
    rows = read_tables().actors
    for row in rows:
        assert row.since is None or row.until is None or row.since <= row.until, row
    names: dict[str, set[str]] = {}
    for row in rows:
        for name in (row.name, *row.aliases):
            names.setdefault(name, set()).add(row.actor_id)
    assert {name: who for name, who in names.items() if len(who) > 1} == {}


def test_no_group_bears_the_code_of_a_state_it_does_not_act_for() -> None:
    tables = read_tables()
    states = {state.code for state in tables.states}
    acting = {(row.actor_id, row.code) for row in tables.actors if row.kind in ("org", "group") and row.code in states}
    assert {code for _, code in acting} == {"AFG", "CYP", "RUS", "SAU", "SDN", "USA"}


def test_institution_nouns_have_known_sectors() -> None:
    with (BUILT_IN / "institution_nouns.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["sector"] for row in rows} <= SECTORS
    assert len({row["noun"] for row in rows}) == len(rows)


def test_loading_is_quick_and_the_digest_steady() -> None:
    start = time.process_time()
    again = Lexicon.load()
    assert time.process_time() - start < 0.6
    assert again.digest == LEXICON.digest
    assert again.digest.startswith("sha256:")


_WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        "Iran Iranian Moscow the U.S. Trump Vladimir Putin Hamas met in to said military government of EU-Russia "
        "Georgia May , . ’s Omani Foreign Minister Sara Haddad Élysée (IDF) Washington Post anti-Israel",
    )
)


@given(st.lists(_WORDS, max_size=30).map(" ".join), st.dates(date(2015, 1, 1), date(2026, 12, 31)))
def test_mentions_quote_the_text_in_order_without_overlap(text: str, on: date) -> None:
    mentions = LEXICON.find(text, on, learn(text, LEXICON.find(text, on), on))
    assert all(text[m.start : m.end] == m.name and m.name for m in mentions)
    assert all(a.end <= b.start for a, b in pairwise(mentions))
    assert mentions == LEXICON.find(text, on, learn(text, LEXICON.find(text, on), on))


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    assert len(fold(text)) == len(text)
    mentions = LEXICON.find(text, None)
    learn(text, mentions, None)


def test_actors_are_values() -> None:
    assert Actor("country:RUS", "country", "RUS", "GOV", "Russia") == LEXICON.find("Russia", None)[0].actor
