"""The twenty questions of docs/queries.md run as they stand, on the log and on the published copy."""

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.sample_events import NOON, activated, article, call_article, polled
from warehouse import Log, connect
from warehouse.decisions import correct
from warehouse.publish import publish

MANUAL = Path(__file__).parents[2] / "docs" / "queries.md"
QUESTIONS = re.findall(r"^## (\d+)\. (.+?)\n\n```sql\n(.+?)\n```", MANUAL.read_text(encoding="utf-8"), re.S | re.M)
PAST = {"6", "7"}
TEXT = (
    "Norland and Ostria agreed to hold talks on Tuesday. Norland and Ostria held talks on Tuesday. "
    "Estmark mediated. Norland proposed a truce with Ostria. Twelve people were killed there. Ostria denied a call."
)
SIDES = [{"name": name, "kind": "country", "code": code, "role": "party"}
         for name, code in (("Norland", "NOR"), ("Ostria", "OST"))]  # fmt: skip
CLAIMS = [
    {"type": "talks_planned", "quote": "Norland and Ostria agreed to hold talks", "occurred_on": "2026-09-15",
     "participants": [*SIDES, {"name": "Estmark", "kind": "country", "code": "EST", "role": "mediator"}]},
    {"type": "talks_held", "quote": "Norland and Ostria held talks on Tuesday", "occurred_on": "2026-09-15",
     "participants": SIDES},
    {"type": "truce_proposed", "quote": "Norland proposed a truce with Ostria", "participants": SIDES},
    {"type": "attack_carried_out", "quote": "Twelve people were killed", "quantities": [{"what": "killed", "min": 12}]},
    {"type": "call_held", "quote": "Ostria denied a call", "modality": "denied", "participants": SIDES},
]  # fmt: skip


@pytest.fixture(scope="module")
def newsroom(empty_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log in which every question has an answer, beside its published copy."""
    path = Path(shutil.copytree(empty_log, tmp_path_factory.mktemp("newsroom") / "log"))
    url = "https://b.example/talks"
    with Log.open(path, clock=lambda: NOON) as log:
        log.append([activated("frames@1", 1), polled("a", "2026-09-14T12:00Z"), polled("a", "2026-09-14T12:15Z")])
        log.append([polled("a", "2026-09-14T15:00Z", overflow=True)])
        log.append(call_article("https://a.example/call"))
        log.append(call_article("https://a.example/call", at=60, extra=" More came later."))
        log.append(article(url, "Talks", TEXT, claims=CLAIMS))
        log.append([activated("frames@2", 2), *article(url, "Talks", TEXT, claims=CLAIMS[:-1], coder="frames@2")])
        log.append(article("https://c.example/denial", "A denial", TEXT, claims=CLAIMS[-1:], published="2026-09-14"))
        log.catch_up()
        [(claim,)] = log.query("SELECT claim_id FROM truces_proposed")
        correct(log, claim, {"scope": "full"}, by="desk", reason="It says so.", now=NOON, run_id="desk-1")
    publish(path, path.parent / "news.duckdb", now=NOON)
    return path


def test_there_are_twenty() -> None:
    assert [number for number, *_ in QUESTIONS] == [str(n) for n in range(1, 21)]


@pytest.mark.parametrize(("number", "question", "sql"), QUESTIONS, ids=[number for number, *_ in QUESTIONS])
def test_every_question_has_an_answer(newsroom: Path, number: str, question: str, sql: str) -> None:
    with connect(newsroom) as con:
        answer = con.execute(sql).fetchall()
    assert answer, question
    if number not in PAST:
        with duckdb.connect(str(newsroom.parent / "news.duckdb"), read_only=True) as con:
            con.execute("SET TimeZone = 'UTC'")
            assert sorted(map(repr, con.execute(sql).fetchall())) == sorted(map(repr, answer))
