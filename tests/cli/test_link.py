"""`courant link`, `same` and `apart` on a log with one call told twice."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Courant
from tests.warehouse.sample_events import activated, call_article
from warehouse import Log


@pytest.fixture
def twice(tmp_path: Path) -> Path:
    path = tmp_path / "twice"
    with Log.create(path) as log:
        log.append(
            [activated("frames@1", 1), *call_article("https://a.example/1"), *call_article("https://b.example/1")]
        )
    return path


def test_link_joins_reports_and_a_person_parts_them(courant: Courant, twice: Path) -> None:
    told = json.loads(courant("link", "--log", twice, "--json").data)
    assert (told["reports"], told["linked"], told["unlinked"]) == (4, 2, 0)
    assert "0 linked" in courant("link", "--whole", "--log", twice).text
    shown = "SELECT happening_id, type, reports, sources, copies, claims FROM happenings WHERE type = 'call_held'"
    [row] = json.loads(courant("sql", shown, "--log", twice, "--json").data)
    assert (row["reports"], row["sources"], row["copies"]) == (2, 1, 1)
    first, second = row["claims"]
    assert first == row["happening_id"]
    why = ("--by", "desk", "--reason", "two calls", "--log", twice)
    assert courant("apart", second, *why).code == 0
    assert len(json.loads(courant("sql", shown, "--log", twice, "--json").data)) == 2
    assert "for itself already" in courant("apart", second, *why).words
    assert "as one happening" in courant("same", second, first, *why).words
    assert len(json.loads(courant("sql", shown, "--log", twice, "--json").data)) == 1
    refused = courant("same", first, second, *why)
    assert refused.code == 2
    assert "already" in refused.words
