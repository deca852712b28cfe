"""`courant publishers`: whose a host is, a list of one's own, and both in the log."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Courant

OWN = "host,name,country,language,ownership,group\nbay.example,The Bay,NOR,en,private,Tide\nbad,Bad,,,,\n"


@pytest.fixture
def desk(courant: Courant, tmp_path: Path) -> Path:
    """A folder with a list of its own, one row of which is bad, and an empty log."""
    (tmp_path / "mine.csv").write_text(OWN)
    assert courant("init", ".", "--contact", "desk@example.org").code == 0
    with (tmp_path / "courant.toml").open("a") as settings:
        settings.write('publishers = "mine.csv"\n')
    return tmp_path


def test_the_list_has_the_rows_of_ones_own(courant: Courant, desk: Path) -> None:
    said = courant("publishers", "list", "--json")
    rows = {row["host"]: row for row in json.loads(said.text)}
    assert rows["bay.example"] == {
        "host": "bay.example", "name": "The Bay", "country": "NOR", "language": "en", "ownership": "private",
        "group": "Tide",
    }  # fmt: skip
    assert rows["tass.com"]["ownership"] == "state"
    assert f"warning: {desk / 'mine.csv'}, line 3" in said.words


def test_hosts_and_urls_are_looked_up(courant: Courant, desk: Path) -> None:
    said = courant("publishers", "find", "https://www.bay.example/news/1", "feeds.bbci.co.uk", "nobody.example")
    found = [json.loads(line) for line in said.text.splitlines()]
    assert [(row["asked"], row["name"], row["host"]) for row in found] == [
        ("www.bay.example", "The Bay", "bay.example"),
        ("feeds.bbci.co.uk", "BBC", "bbci.co.uk"),
        ("nobody.example", None, None),
    ]
    assert said.code == 1
    assert courant("publishers", "find", "bbc.com").code == 0


def test_a_file_is_checked_row_by_row(courant: Courant, desk: Path) -> None:
    said = courant("publishers", "check")
    assert (said.code, said.text.count("\n")) == (1, 1)
    assert "mine.csv, line 3: host 'bad' cannot be" in said.text
    (desk / "good.csv").write_text("host,name\na.example,A\n")
    assert courant("publishers", "check", "good.csv").code == 0


def test_a_bad_row_is_a_warning_of_the_status(courant: Courant, desk: Path) -> None:
    assert "mine.csv, line 3: host 'bad' cannot be" in courant("status").words


def test_without_a_file_there_is_nothing_to_check(courant: Courant) -> None:
    said = courant("publishers", "check")
    assert (said.code, "set `publishers` in courant.toml" in said.words) == (2, True)


def test_the_log_has_the_list_after_an_update_and_an_unchanged_one_adds_nothing(courant: Courant, desk: Path) -> None:
    assert "now in the log" in courant("publishers", "update").words
    assert "as the log has them already" in courant("publishers", "update").words
    asked = "SELECT name, owner_group FROM publishers WHERE host = 'bay.example'"
    assert json.loads(courant("sql", asked, "--json").text) == [{"name": "The Bay", "owner_group": "Tide"}]
    (desk / "mine.csv").write_text(OWN.replace("The Bay", "Bay Times"))
    assert "now in the log" in courant("publishers", "update").words
    assert json.loads(courant("sql", asked, "--json").text) == [{"name": "Bay Times", "owner_group": "Tide"}]
