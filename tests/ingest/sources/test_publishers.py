"""The list of publishers: what is shipped, what a desk adds, whose a host is, and how it goes into the log."""

from pathlib import Path

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import SettingsError
from ingest.sources.listing import list_publishers
from ingest.sources.publishers import load, parse, read
from tests.warehouse.sample_events import NOON
from warehouse import Log

HEADER = "host,name,country,language,ownership,group\n"
SHIPPED = load()


def test_the_shipped_list_has_no_fault() -> None:
    assert SHIPPED.problems == ()
    assert len(SHIPPED.rows) > 300
    assert [row.host for row in SHIPPED.rows] == sorted({row.host for row in SHIPPED.rows})


def test_countries_and_languages_of_the_shipped_list_exist() -> None:
    countries = {row.country for row in SHIPPED.rows if row.country}
    languages = {row.language for row in SHIPPED.rows if row.language}
    assert {code for code in countries if pycountry.countries.get(alpha_3=code) is None} == set()
    assert {code for code in languages if pycountry.languages.get(alpha_2=code) is None} == set()


@pytest.mark.parametrize(
    ("host", "name", "country", "ownership"),
    [
        ("feeds.bbci.co.uk", "BBC", "GBR", "public"),
        ("www.reuters.com", "Reuters", "GBR", "private"),
        ("tass.com", "TASS", "RUS", "state"),
        ("WWW.Ukrinform.NET", "Ukrinform", "UKR", "state"),
        ("en.people.cn", "People's Daily", "CHN", "party"),
        ("english.almanar.com.lb", "Al-Manar", "LBN", "party"),
        ("economictimes.indiatimes.com", "The Economic Times", "IND", "private"),
        ("timesofindia.indiatimes.com", "The Times of India", "IND", "private"),
    ],
)
def test_a_host_belongs_to_the_longest_listed_one(host: str, name: str, country: str, ownership: str) -> None:
    found = SHIPPED.of(host)
    assert found is not None
    assert (found.name, found.country, found.ownership) == (name, country, ownership)


@pytest.mark.parametrize("host", ["nobody.example", "notbbc.co.uk", "co.uk", "", "com", "bbc.co.uk.evil.example"])
def test_a_host_that_only_looks_alike_belongs_to_nobody(host: str) -> None:
    assert SHIPPED.of(host) is None


@given(st.sampled_from(SHIPPED.rows), st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), max_size=3))
def test_every_subdomain_belongs_to_a_listed_host_that_it_ends_with(row: object, labels: list[str]) -> None:
    host = ".".join([*labels, row.host])  # type: ignore[attr-defined]
    found = SHIPPED.of(host)
    assert found is not None
    assert f".{host}".endswith(f".{found.host}")
    assert len(found.host) >= len(row.host)  # type: ignore[attr-defined]


def test_rows_of_ones_own_win_and_a_bad_row_costs_nothing_else(tmp_path: Path) -> None:
    own = tmp_path / "mine.csv"
    own.write_text(
        HEADER
        + "bbc.co.uk,Our BBC,GBR,en,public,\n"
        + "http://www.Village.example/,Village Voice,,,,\n"
        + "no host,Bad,,,,\n"
        + "short.example,Too short\n"
        + "land.example,No such land,England,,,\n"
        + "hands.example,Hands,,,oligarch,\n"
        + ",Nameless,,,,\n"
        + "\n"
        + "last.example,Last,NOR,no,ngo,Fjord\n"
    )
    found = load(own)
    assert {found.of("bbc.co.uk").name, found.of("village.example").name} == {"Our BBC", "Village Voice"}  # type: ignore[union-attr]
    assert found.of("last.example").group == "Fjord"  # type: ignore[union-attr]
    assert [problem.partition(":")[0] for problem in found.problems] == [f"{own}, line {n}" for n in (4, 5, 6, 7, 8)]
    assert "England" in found.problems[2]
    assert "'oligarch'" in found.problems[3]
    assert len(found.rows) == len(SHIPPED.rows) + 2


def test_of_two_rows_for_a_host_the_last_stands_and_both_are_named() -> None:
    found = parse(HEADER + "a.example,One,,,,\na.example,Two,,,,\n", "mine.csv")
    assert [row.name for row in found.rows] == ["Two"]
    assert found.problems == ("mine.csv, line 3: a.example is listed twice, this line stands",)


def test_columns_may_stand_in_any_order_and_be_left_out() -> None:
    [row] = parse("Name,host,ownership\nA Paper,a.example,private\n", "mine.csv").rows
    assert (row.host, row.name, row.ownership, row.country) == ("a.example", "A Paper", "private", None)


@pytest.mark.parametrize("text", ["", "host\na.example\n", "host,name,owner\na.example,A,B\n", "a.example,A Paper\n"])
def test_a_file_without_the_columns_names_them(text: str, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(text)
    with pytest.raises(SettingsError, match="must begin with the line host,name,country"):
        read(tmp_path / "mine.csv")


def test_a_file_that_cannot_be_read_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="mend `publishers`"):
        load(tmp_path / "gone.csv")
    (tmp_path / "latin.csv").write_bytes(b"host,name\na.example,Caf\xe9\n")
    with pytest.raises(SettingsError, match="UTF-8"):
        load(tmp_path / "latin.csv")


def test_a_list_goes_into_the_log_once_and_again_where_it_has_changed(tmp_path: Path) -> None:
    one, other = (parse(HEADER + f"a.example,{name},,,,\n", "mine.csv") for name in ("One", "Other"))
    said = []
    with Log.create(tmp_path / "log") as log:
        for publishers in (one, one, other, one, one):
            said.append(list_publishers(log, publishers, now=NOON, run_id="run-1") is not None)
        assert log.query("SELECT name FROM publishers") == [("One",)]
    assert said == [True, False, True, True, False]
