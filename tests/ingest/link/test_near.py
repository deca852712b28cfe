"""Near-duplicates: reprints are found whatever surrounds them, other news of one day is not, and old news is left."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.link.near import Text, near_copies
from schemas.digests import digest

DAY = datetime(2026, 9, 14, 8, tzinfo=UTC)
_NAMES = UUID(int=7)
WORDS = ["harbour", "minister", "ferry", "council", "strait", "grain", "ships", "winter", "bridge", "border", "guards"]


def prose(seed: int, words: int = 160) -> str:
    """Words in an order that no other seed gives."""
    chosen = random.Random(seed)
    return " ".join(chosen.choice(WORDS) + str(chosen.randrange(60)) for _ in range(words))


def text(name: str, words: str, hours: float = 0) -> Text:
    return Text(uuid5(_NAMES, name), DAY + timedelta(hours=hours), digest(words), words)


def found(*texts: Text) -> set[tuple[UUID, UUID]]:
    days: dict[object, list[Text]] = {}
    for one in texts:
        days.setdefault(one.at.date(), []).append(one)
    return {(c.article_id, c.copy_of) for c in near_copies(days[day] for day in sorted(days, key=str))}


def pair(later: str, earlier: str) -> tuple[UUID, UUID]:
    return uuid5(_NAMES, later), uuid5(_NAMES, earlier)


def test_a_reprint_with_a_headline_and_a_foot_is_a_copy_of_the_earliest() -> None:
    agency = prose(1)
    own_words = f"PORT ELSA (Agency) {agency} {prose(2, 30)}"
    cut = agency[: len(agency) * 3 // 4]
    assert found(text("a", agency), text("b", own_words, 1), text("c", cut, 2), text("d", agency, 3)) == {
        pair("b", "a"),
        pair("c", "a"),
        pair("d", "a"),
    }


def test_two_articles_that_quote_one_statement_are_two() -> None:
    statement = prose(3, 40)
    assert found(text("a", f"{prose(4)} {statement}"), text("b", f"{statement} {prose(5)}", 1)) == set()


def test_a_text_that_comes_again_after_the_window_is_no_copy() -> None:
    agency = prose(1)
    assert found(text("a", agency), text("b", agency, 71)) == {pair("b", "a")}
    assert found(text("a", agency), text("b", agency, 73)) == set()


def test_a_few_lines_are_not_compared() -> None:
    assert found(text("a", prose(1, 20)), text("b", prose(1, 20), 1)) == set()


def test_only_pairs_with_news_are_told() -> None:
    day = [text("a", prose(1)), text("b", prose(1), 1), text("c", prose(1), 2)]
    told = list(near_copies([day], lambda article: article == uuid5(_NAMES, "c")))
    assert [(one.article_id, one.copy_of) for one in told] == [pair("c", "a")]
    assert told[0].containment == 1.0


@settings(max_examples=30)
@given(st.permutations(range(12)), st.integers(0, 2**32))
def test_the_order_in_which_articles_come_does_not_matter(order: list[int], seed: int) -> None:
    bases = [prose(seed + n) for n in range(3)]
    texts = [text(str(n), bases[n % 3] + " " + prose(n, n), hours=5 * n) for n in range(12)]
    assert found(*(texts[n] for n in order)) == found(*texts)
    assert len(found(*texts)) == 9
