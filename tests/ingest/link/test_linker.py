"""Linking against a real log: what is appended, what views show, and that passes in any cut end in the same links."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.link.linker import LinkReport, link
from schemas.envelope import Event
from tests.warehouse.sample_events import activated, article, listed
from warehouse import Log
from warehouse.decisions import DecisionError, apart, correct, retract, same
from warehouse.erase import erase, find_url
from warehouse.verify import verify

NOW = datetime(2026, 9, 20, tzinfo=UTC)
TEXTS = [
    "Ada Lind of Norland called Boris Ume of Ostria on Monday and asked him to let the grain ships pass before winter.",
    "In Port Elsa the telephone rang at noon. Ada Lind of Norland called Boris Ume of Ostria on Monday, an aide said.",
    "Nobody was told of it at first. Then it came out: Ada Lind of Norland called Boris Ume of Ostria on Monday again.",
]


def story(
    outlet: str,
    *,
    text: str = TEXTS[0],
    published: str = "2026-09-14",
    on: str | None = "2026-09-14",
    who: str = "NOR OST",
    type_: str = "call_held",
    **said: Any,
) -> list[Event]:
    names = {"NOR": "Norland", "OST": "Ostria"}
    claims = [
        {
            "type": type_,
            "quote": text.split(". ")[-1].rstrip("."),
            "occurred_on": on,
            "date_basis": "relative" if on else "unknown",
            "participants": [
                {"name": names[code], "kind": "country", "code": code, "role": "party"} for code in who.split()
            ],
        }
    ]
    return article(f"https://{outlet}.example/story", outlet, text, published=published, claims=claims, **said)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("link") / "log"
    with Log.create(path) as log:
        log.append([activated("frames@1", 1)])
    return path


@pytest.fixture
def new_log(template: Path, tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: Path(shutil.copytree(template, tmp_path / name))


@pytest.fixture
def log(new_log: Callable[[str], Path]) -> Iterator[Log]:
    with Log.open(new_log("log")) as opened:
        yield opened


def pass_(log: Log, *batches: list[Event], whole: bool = False) -> LinkReport:
    for batch in batches:
        log.append(batch)
    log.catch_up()
    return link(log, now=NOW, run_id="test", whole=whole)


def shown(log: Log) -> dict[UUID, tuple[UUID, UUID | None]]:
    """Claims of current reports, with their happening and whose copy they are."""
    return {
        claim: (happening, copy)
        for claim, happening, copy in log.query(
            "SELECT w.claim_id, coalesce(l.happening_id, w.claim_id), l.copy_of FROM world_events w"
            " LEFT JOIN links l USING (claim_id)"
        )
    }


def happenings(log: Log) -> list[tuple[Any, ...]]:
    return log.query("SELECT reports, sources, copies, first_source, first_url FROM happenings ORDER BY ALL")


def claim_of(log: Log, outlet: str) -> UUID:
    [(claim,)] = log.query("SELECT claim_id FROM world_events WHERE url = ?", [f"https://{outlet}.example/story"])
    return UUID(str(claim))


def publisher(outlet: str) -> str:
    return f"https://{outlet}.example/story"


def test_one_call_of_three_outlets_and_a_syndicated_copy_is_one_happening(log: Log) -> None:
    report = pass_(
        log,
        story("bay", published="2026-09-14T15:00:00+00:00"),
        story("ale", published="2026-09-14T13:00:00+00:00", text=TEXTS[1]),
        story("cap", published="2026-09-14T16:00:00+02:00", text=TEXTS[1]),
        story("dam", published="2026-09-15", on=None, text=TEXTS[2]),
        story("elm", published="2026-09-18", on="2026-09-17"),
    )
    assert (report.reports, report.linked, report.unlinked) == (5, 3, 0)
    # All sample articles name one publisher, so that sources are told apart by copies alone here.
    assert happenings(log) == [
        (1, 1, 0, "The Harbour Post", publisher("elm")),
        (4, 1, 1, "The Harbour Post", publisher("ale")),
    ]
    facts = log.query("SELECT payload->>'score', payload->'reasons', stream FROM event_log WHERE type = 'event_linked'")
    assert len(facts) == 3
    assert all(0 < float(score) <= 1 and "same parties" in reasons for score, reasons, _ in facts)
    assert {stream for *_, stream in facts} == {f"happening:{claim_of(log, 'ale')}"}
    assert list(verify(log.location.root)) == []


def test_a_second_pass_adds_nothing_and_a_whole_one_neither(log: Log) -> None:
    pass_(log, story("ale"), story("bay", text=TEXTS[1]))
    head = log.head()
    assert pass_(log) == LinkReport(upto=head)
    assert log.head() == head
    again = pass_(log, whole=True)
    assert (again.linked, again.unlinked) == (0, 0)


def test_an_earlier_report_that_comes_late_becomes_the_first(log: Log) -> None:
    pass_(log, story("bay", published="2026-09-15"), story("cap", published="2026-09-16", text=TEXTS[1]))
    assert {happening for happening, _ in shown(log).values()} == {claim_of(log, "bay")}
    report = pass_(log, story("ale", published="2026-09-14", text=TEXTS[2]))
    assert {happening for happening, _ in shown(log).values()} == {claim_of(log, "ale")}
    assert (report.linked, report.unlinked) == (2, 0)


def test_what_is_corrected_or_retracted_leaves_its_happening(log: Log) -> None:
    pass_(
        log,
        story("ale", published="2026-09-14"),
        story("bay", published="2026-09-15", text=TEXTS[1]),
        story("cap", published="2026-09-16", text=TEXTS[2]),
    )
    ale, bay, cap = (claim_of(log, outlet) for outlet in ("ale", "bay", "cap"))
    said = {"by": "desk", "reason": "misread", "now": NOW, "run_id": "desk"}
    correct(log, cap, {"occurred_on": "2026-09-15"}, **said)
    assert pass_(log).unlinked == 1
    assert {claim: happening for claim, (happening, _) in shown(log).items()} == {ale: ale, bay: ale, cap: cap}
    correct(log, cap, {"occurred_on": "2026-09-14"}, **said)
    assert pass_(log).linked == 1
    retract(log, ale, **said)
    report = pass_(log)
    assert (report.linked, report.unlinked) == (1, 1)
    assert {claim: happening for claim, (happening, _) in shown(log).items()} == {bay: bay, cap: bay}


def test_a_person_joins_and_parts_what_the_linker_did_not(log: Log) -> None:
    pass_(log, story("ale"), story("bay", text=TEXTS[1]), story("cap", on="2026-09-15", text=TEXTS[2]))
    ale, bay, cap = (claim_of(log, outlet) for outlet in ("ale", "bay", "cap"))
    said = {"by": "desk", "reason": "one call, two time zones", "now": NOW, "run_id": "desk"}
    assert same(log, cap, bay, **said).added == 1
    assert same(log, cap, bay, **said).added == 0
    assert len({happening for happening, _ in shown(log).values()}) == 1
    assert apart(log, bay, **said).added == 1
    assert apart(log, bay, **said).added == 0
    with pytest.raises(DecisionError, match="no event makes the claim"):
        apart(log, UUID(int=1), **said)
    with pytest.raises(DecisionError, match="already"):
        same(log, cap, cap, **said)
    for whole in (False, True):
        pass_(log, story("dam", text="Ada Lind of Norland called Boris Ume of Ostria on Monday."), whole=whole)
        told = shown(log)
        assert told[bay][0] == bay
        assert told[cap][0] == told[ale][0] == told[claim_of(log, "dam")][0]
    [(reasons, person)] = log.query("SELECT reasons, person FROM links WHERE claim_id = ?", [cap])
    assert (reasons, person) == (["one call, two time zones"], True)


def test_a_newer_coder_that_reads_otherwise_is_linked_anew(log: Log) -> None:
    pass_(log, story("ale"), story("bay", text=TEXTS[1]))
    assert len(happenings(log)) == 1
    pass_(log, [activated("frames@2", 2)], story("bay", text=TEXTS[1], on="2026-09-16", coder="frames@2"))
    assert len(happenings(log)) == 2


def test_an_erasure_leaves_the_links_as_they_are(log: Log) -> None:
    accused = "accusation_made"
    copy = TEXTS[1] + " Read more about ships and grain, and about all else that the two have talked of this year."
    pass_(
        log,
        story("ale", published="2026-09-13", type_=accused),
        story("bay", text=TEXTS[1], type_=accused),
        story("cap", text=TEXTS[1] + " Read more about ships.", published="2026-09-15"),
        story("dam", text=copy, published="2026-09-16"),
    )
    before = shown(log)
    assert len({happening for happening, _ in before.values()}) == 2
    assert sum(copy_of is not None for _, copy_of in before.values()) == 1
    for outlet in ("bay", "dam"):
        erase(log, find_url(log, f"https://{outlet}.example/story"), reason="request", now=NOW, run_id="desk")
    pass_(log, whole=True)
    assert shown(log) == before


OTHERS = [
    "On Monday there was a call at last, and it was short. Ada Lind of Norland called Boris Ume of Ostria on the day.",
    "The quay was empty when the news came through late. Ada Lind of Norland called Boris Ume of Ostria for an hour.",
]


@pytest.mark.parametrize(
    ("cap", "dam", "sources"),
    [
        ({}, {}, ["bay.example", "cap.example", "dam.example"]),
        ({"site_name": "The Cape"}, {"site_name": "The Cape"}, ["The Cape", "bay.example"]),
        ({"agency": "Wire"}, {"agency": "Wire"}, ["Wire", "bay.example"]),
        ({"agency": "Wire"}, {"agency": "Post"}, ["Post", "Wire", "bay.example"]),
    ],
)
def test_one_agencys_text_is_one_source_however_many_run_it(
    log: Log, cap: dict[str, str], dam: dict[str, str], sources: list[str]
) -> None:
    said: list[dict[str, Any]] = [{"site_name": None}, {"site_name": None, **cap}, {"site_name": None, **dam}]
    texts = [TEXTS[0], *OTHERS]
    outlets = ("bay", "cap", "dam")
    pass_(log, *(story(name, text=text, **one) for name, text, one in zip(outlets, texts, said, strict=True)))
    found = log.query("SELECT reports, sources, copies, source_names FROM happenings")
    assert found == [(3, len(sources), 0, sources)]


def test_two_pages_of_a_site_are_one_source_also_where_one_does_not_name_it(log: Log) -> None:
    again = article(
        "https://bay.example/again",
        "bay again",
        OTHERS[0],
        published="2026-09-14",
        site_name=None,
        claims=[
            {
                "type": "call_held",
                "quote": OTHERS[0].split(". ")[-1].rstrip("."),
                "occurred_on": "2026-09-14",
                "date_basis": "relative",
                "participants": [
                    {"name": name, "kind": "country", "code": code, "role": "party"}
                    for name, code in (("Norland", "NOR"), ("Ostria", "OST"))
                ],
            }
        ],
    )
    pass_(log, story("bay", site_name="The Bay"), again)
    assert log.query("SELECT reports, sources, source_names FROM happenings") == [(2, 1, ["The Bay"])]


def test_two_titles_of_one_group_and_its_agency_are_one_source(log: Log) -> None:
    """A list that is told later counts for what was linked before."""
    said = [{"site_name": "The Bay"}, {"site_name": "The Cape"}, {"site_name": "The Dam", "agency": "Tide Wire"}]
    outlets = zip(("bay", "cap", "dam"), (TEXTS[0], *OTHERS), said, strict=True)
    pass_(log, *(story(name, text=text, **one) for name, text, one in outlets))
    assert log.query("SELECT sources FROM happenings") == [(3,)]
    first = listed("The Bay", "bay.example", group="Tide")
    log.append([first])
    log.catch_up()
    assert log.query("SELECT source_names FROM happenings") == [(["The Cape", "Tide", "Tide Wire"],)]
    log.append([listed("Tide Wire", "bay.example", "cap.example", "wire.example", after=first, group="Tide")])
    log.catch_up()
    assert log.query("SELECT reports, sources, source_names FROM happenings") == [(3, 1, ["Tide"])]


STORIES = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(TEXTS),
        st.sampled_from(["2026-09-14", "2026-09-15T08:00:00+00:00", "2026-09-16", "2026-10-20"]),
        st.sampled_from([None, "2026-09-14", "2026-09-15", "2026-W38", "2026-09"]),
        st.sampled_from(["NOR OST", "NOR", "OST"]),
        st.sampled_from(["call_held", "call_planned"]),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda drawn: drawn[:2],  # one text of one outlet is one article, whatever else is said of it
)


@pytest.mark.slow
@given(STORIES, st.integers(1, 4), st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_passes_in_any_cut_end_in_the_links_of_one_whole_pass(
    template: Path, tmp_path: Path, drawn: list, cut: int, chance: Any
) -> None:
    """An outlet drawn twice is an article revised: its first telling no longer counts."""
    stories = [
        story(f"out{n}", text=text, published=published, on=on, who=who, type_=type_, at=minute)
        for minute, (n, text, published, on, who, type_) in enumerate(drawn)
    ]
    shutil.rmtree(tmp_path / "a", ignore_errors=True)
    shutil.rmtree(tmp_path / "b", ignore_errors=True)
    with Log.open(Path(shutil.copytree(template, tmp_path / "a"))) as step_by_step:
        for start in range(0, len(stories), cut):
            pass_(step_by_step, *stories[start : start + cut])
        grown = shown(step_by_step)
        again = pass_(step_by_step, whole=True)
        assert (again.linked, again.unlinked) == (0, 0)
        step_by_step.rebuild_projections()
        assert shown(step_by_step) == grown
    chance.shuffle(stories)
    with Log.open(Path(shutil.copytree(template, tmp_path / "b"))) as at_once:
        pass_(at_once, *stories)
        assert shown(at_once) == grown
