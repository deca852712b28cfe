"""What of a text is the article, and where its sentences are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.code.article import Article
from ingest.code.body import body_lines
from ingest.code.sentences import split

PROSE = (
    "The envoys of both countries met for three hours in the harbour office before the delegation left the town again."
)


def kept(text: str) -> list[str]:
    return [text[a:b] for a, b in body_lines(text)]


def texts(text: str, title: str = "") -> list[str]:
    return [s.text for s in split(Article("x", title, text, None))]


def test_a_text_in_one_piece_is_kept_whole() -> None:
    assert kept(PROSE) == [PROSE]


def test_a_comment_form_and_what_follows_is_foot() -> None:
    foot = "Leave a comment\n\nPlease enter your name\n\nPopular\n\nGenerals Seize Palace In Night Raid"
    assert kept(f"{PROSE}\n\n{PROSE}\n\n{foot}") == [PROSE, PROSE]


def test_headlines_with_broken_off_teasers_are_foot_also_without_a_cue() -> None:
    foot = "Rebels Take Border Town\n\nFighters of the northern front took the town on...\n\nMinister Flies To Summit"
    assert kept(f"{PROSE}\n\n{foot}") == [PROSE]


def test_a_share_bar_in_the_middle_costs_only_itself() -> None:
    assert kept(f"{PROSE}\n\nShare this article\n\n{PROSE}\n\n{PROSE}") == [PROSE, PROSE, PROSE]


def test_a_pointer_to_another_story_is_left_out() -> None:
    assert kept(f"{PROSE}\n\nRead more: Army shells three villages\n\n{PROSE}") == [PROSE, PROSE]


@given(st.lists(st.text(max_size=80), max_size=12))
def test_lines_are_ranges_of_the_text_in_order(lines: list[str]) -> None:
    text = "\n".join(lines)
    spans = body_lines(text)
    assert all(0 <= a < b <= len(text) for a, b in spans)
    assert spans == sorted(spans)


@given(st.text(max_size=400), st.text(max_size=80))
def test_a_sentence_is_what_stands_at_its_place(text: str, title: str) -> None:
    article = Article("x", title, text, None)
    for sentence in split(article):
        assert article.field(sentence.field)[sentence.start : sentence.end] == sentence.text


def test_abbreviations_end_no_sentence() -> None:
    text = "The U.S. President met Gen. Omar Diallo at 5 p.m. local time. Mr. Diallo left early."
    assert texts(text) == ["The U.S. President met Gen. Omar Diallo at 5 p.m. local time.", "Mr. Diallo left early."]


def test_paragraphs_run_together_part() -> None:
    assert texts("He called for calm.“We want peace,” she said.") == [
        "He called for calm.",
        "“We want peace,” she said.",
    ]


def test_semicolons_part_sentences() -> None:
    assert len(texts("Gunmen attacked the embassy; the government blamed rebels.")) == 2


def test_datelines_are_taken_off() -> None:
    assert texts("TUNIS, May 3. /AGPA/. The minister met his guest.") == ["The minister met his guest."]
    assert texts("TUNIS (Agency) - The minister met his guest.") == ["The minister met his guest."]


@pytest.mark.parametrize(
    "line",
    [
        "TUNIS, May 3 - ",
        "TUNIS. ",
        "NEW DELHI: ",
        "TUNIS/CAIRO — ",
        "SFAX, Tunisia, 3 May – ",
        "Tunis, May 3, 2024, AGP -- ",
        "TUNIS (Agency of the Coast) ",
    ],
)
def test_datelines_of_every_house_are_taken_off(line: str) -> None:
    assert texts(line + "The minister met his guest.") == ["The minister met his guest."]


def test_a_sentence_that_begins_with_capitals_stays() -> None:
    for text in (
        "U.S. Secretary of State Smith met his guest.",
        "NATO and the EU met their guests.",
        "On May 3, he left.",
    ):
        assert texts(text) == [text]


def test_captions_with_a_credit_are_left_out() -> None:
    text = "The minister with his guest in the garden (photo: Agency Pool) The talks went on until midnight on Friday."
    assert texts(text) == ["The talks went on until midnight on Friday."]


def test_shouted_headlines_are_left_out() -> None:
    text = "The army stood by. GENERALS SEIZE THE PALACE IN NIGHT RAID The minister met his guest in the garden."
    assert texts(text) == ["The army stood by.", "The minister met his guest in the garden."]
