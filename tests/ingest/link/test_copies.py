"""Copies: one agency's text on many sites is one source."""

from ingest.link.copies import copies, shingles
from tests.ingest.link.told import claim, told

AGENCY = (
    "President Ada Lind of Norland called President Boris Ume of Ostria on Monday and asked him to let the grain ships"
    " pass the strait before winter, her office said. The two agreed that their ministers would meet in Port Elsa."
)
OWN = (
    "The telephone in the palace rang at noon. Mr Ume took the call from Norland himself, according to two people in"
    " the room, and spoke for half an hour about ships, grain and the coming winter, and of little else that day."
)


def test_the_same_text_and_nearly_the_same_are_copies_of_the_first() -> None:
    reports = [told(name, digest=name, hour=n) for n, name in enumerate("abcd")] + [told("e", digest="a", hour=9)]
    stored = {
        "a": AGENCY,
        "b": OWN,
        "c": f"PORT ELSA (Agency) — {AGENCY.replace('Monday and', 'Monday, and')} Read more here.",
        "d": AGENCY.rpartition(". ")[0],
    }
    assert copies(reports, stored) == {claim("c"): claim("a"), claim("d"): claim("a"), claim("e"): claim("a")}


def test_short_and_erased_texts_are_compared_by_digest_alone() -> None:
    reports = [told(name, digest=digest) for name, digest in (("a", "1"), ("b", "2"), ("c", "1"))]
    assert copies(reports, {"1": "They spoke.", "2": "They spoke."}) == {claim("c"): claim("a")}
    assert copies(reports, {}) == {claim("c"): claim("a")}


def test_shingles_see_words_alone() -> None:
    assert shingles("One, two… THREE four") == shingles("one two three\nfour")
    assert len(shingles("one two three four")) == 2
    assert shingles("one two") == frozenset()
