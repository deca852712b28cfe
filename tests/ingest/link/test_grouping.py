"""Which reports tell one happening: pairs that a reader would join or keep apart, and the laws of the grouping."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.link.grouping import groups
from ingest.link.report import Report
from tests.ingest.link.told import claim, told


def together(*reports: Report) -> set[frozenset[str]]:
    """The outlets of each group."""
    names = {claim(name): name for name in NAMES}
    return {frozenset(names[one.claim_id] for one in group.reports) for group in groups(reports)}


NAMES = [*"abcdefgh", *(f"r{n}" for n in range(40))]


def one(*outlets: str) -> frozenset[str]:
    return frozenset(outlets)


def test_one_call_told_by_three_outlets_in_their_own_ways() -> None:
    full = told("a", persons="NOR:lind OST:ume")
    undated = told("b", on=None, published=1)
    one_sided = told("c", by="NOR", persons="NOR:lind")
    assert together(full, undated, one_sided) == {one("a", "b", "c")}


def test_two_calls_of_one_pair_in_a_week_are_two() -> None:
    assert together(told("a", on=0), told("b", on=0), told("c", on=3, published=3)) == {one("a", "b"), one("c")}


def test_a_follow_up_on_the_next_day_is_its_own_and_an_undated_one_joins_the_nearest() -> None:
    follow_up = told("b", on=1, published=1)
    undated = told("c", on=None, published=1)
    assert together(told("a", on=0), follow_up) == {one("a"), one("b")}
    assert together(told("a", on=0), undated) == {one("a", "c")}
    assert together(told("a", on=0), follow_up, undated) == {one("a"), one("b", "c")}


def test_calls_of_one_leader_with_two_others_stay_two() -> None:
    first, second = told("a", by="NOR OST"), told("b", by="NOR SUD")
    vague, trio = told("c", by="NOR"), told("d", by="NOR OST SUD")
    assert together(first, second, vague) == {one("a"), one("b"), one("c")}
    assert len(together(first, second, trio)) == 2
    assert one("a", "b", "d") not in together(first, second, trio)


def test_different_persons_of_the_same_states_met_twice() -> None:
    presidents = told("a", "meeting_held", persons="NOR:lind OST:ume")
    ministers = told("b", "meeting_held", persons="NOR:berg OST:holm")
    states = told("c", "meeting_held")
    assert together(presidents, ministers) == {one("a"), one("b")}
    assert together(presidents, states) == {one("a", "c")}
    assert together(presidents, ministers, states) == {one("a"), one("b"), one("c")}


def test_who_does_it_and_to_whom_counts() -> None:
    there, back = (
        told("a", "attack_carried_out", by="NOR", to="OST"),
        told("b", "attack_carried_out", by="OST", to="NOR"),
    )
    assert together(there, back) == {one("a"), one("b")}


def test_two_towns_are_two_attacks_and_one_without_a_town_is_neither() -> None:
    elsa = told("a", "attack_carried_out", by="NOR", to="OST", place="port elsa")
    again = told("b", "attack_carried_out", by="NOR", place="port elsa")
    other = told("c", "attack_carried_out", by="NOR", to="OST", place="grenfurt")
    nowhere = told("d", "attack_carried_out", by="NOR", to="OST")
    assert together(elsa, again, other) == {one("a", "b"), one("c")}
    assert together(elsa, again, other, nowhere) == {one("a", "b"), one("c"), one("d")}
    assert together(elsa, again, nowhere) == {one("a", "b", "d")}


def test_one_town_under_two_names_and_a_region_that_may_hold_it() -> None:
    elsa, harbour = told("a", "talks_held", place="port elsa"), told("b", "talks_held", place="the harbour town")
    region, other = told("c", "talks_held", place="the west"), told("d", "talks_held", place="grenfurt")
    assert together(elsa, harbour, region) == {one("a", "b", "c")}
    assert together(elsa, other) == {one("a"), one("d")}


@pytest.mark.parametrize(
    ("words", "alike"),
    [("shell harbo ships", True), ("shell harbo", True), ("spies embas", False), ("harbo", False), ("", False)],
)
def test_accusations_need_words_in_common(words: str, alike: bool) -> None:
    first = told("a", "accusation_made", by="NOR", to="OST", words="shell harbo night")
    second = told("b", "accusation_made", by="NOR", to="OST", words=words)
    assert together(first, second) == ({one("a", "b")} if alike else {one("a"), one("b")})


def test_a_condition_is_not_the_fact() -> None:
    kept, mooted = told("a", "truce_agreed"), told("b", "truce_agreed", conditional=True)
    assert together(kept, mooted) == {one("a"), one("b")}


def test_two_events_of_one_article_are_two() -> None:
    twice = told("b", article="x"), told("c", article="x")
    assert len(together(told("a"), *twice)) == 2


def test_plans_for_one_day_are_one_however_early_they_are_told() -> None:
    early, late = told("a", "talks_planned", on=20), told("b", "talks_planned", on=20, published=10)
    other, undated = told("c", "talks_planned", on=23, published=10), told("d", "talks_planned", on=None, published=15)
    assert together(early, late, other) == {one("a", "b"), one("c")}
    assert together(early, late, undated) == {one("a", "b", "d")}


def test_undated_reports_of_one_day_are_one_and_do_not_chain_through_the_days() -> None:
    reports = [told(name, "truce_proposed", by="NOR", on=None, published=n // 2) for n, name in enumerate("abcdef")]
    assert together(*reports) == {one("a", "b"), one("c", "d"), one("e", "f")}


REPORTS = st.lists(
    st.tuples(
        st.sampled_from(["NOR OST", "NOR", "NOR SUD", "NOR OST SUD", "OST"]),
        st.sampled_from([None, 0, 1, 2, 3]),
        st.integers(0, 4),
        st.sampled_from(["", "NOR:lind", "NOR:berg", "NOR:lind OST:ume"]),
        st.sampled_from([None, "port elsa", "grenfurt"]),
        st.sampled_from(["x", "y", "z", None]),
    ),
    max_size=14,
)


def made(drawn: list[tuple[str, int | None, int, str, str | None, str | None]]) -> list[Report]:
    return [
        told(
            f"r{n}", "meeting_held", by=by, on=on, published=max(at, on or 0), persons=who, place=where, article=article
        )
        for n, (by, on, at, who, where, article) in enumerate(drawn)
    ]


@given(REPORTS, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_reports_does_not_matter(drawn: list, chance: random.Random) -> None:
    reports = made(drawn)
    shuffled = list(reports)
    chance.shuffle(shuffled)
    assert together(*shuffled) == together(*reports)


@given(REPORTS)
@settings(max_examples=150, deadline=None)
def test_each_report_tells_one_happening_and_no_two_of_a_group_contradict_each_other(drawn: list) -> None:
    """Being of one happening is an equivalence: the groups part the reports."""
    reports = made(drawn)
    found = groups(reports)
    assert sorted(one.claim_id for g in found for one in g.reports) == sorted(one.claim_id for one in reports)
    for group in found:
        assert len({one.article_id for one in group.reports}) == len(group.reports)
        assert len({one.place for one in group.reports if one.place}) <= 1
        assert len({one.window.first for one in group.reports if one.window.exact}) <= 1
        for a in group.reports:
            for b in group.reports:
                assert a.actors <= b.actors or b.actors <= a.actors


@given(REPORTS)
@settings(max_examples=100, deadline=None)
def test_reports_of_a_far_day_change_nothing(drawn: list) -> None:
    reports = made(drawn)
    far = [told(f"r{20 + n}", "meeting_held", on=40, published=40, by="NOR OST") for n in range(3)]
    apart = {group for group in together(*reports, *far) if not group & {f"r{20 + n}" for n in range(3)}}
    assert apart == together(*reports)
