"""Plain text out of markup, for any input, without markup or control characters left in it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.feeds.plaintext import one_line, plain_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a <b>b</b> &amp; c", "a b & c"),
        ("<p>one</p><p>two</p>", "one two"),
        ("one<br/>two", "one two"),
        ("x <5 and y>3", "x <5 and y>3"),
        ("<style>p{}</style><script>1<2</script>seen", "seen"),
        ("<!-- hidden -->seen", "seen"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("naïve\u00ad co\u200bop\ufeff", "naïve coop"),
        ("a\u2028b\u00a0c", "a b c"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("", ""),
        ("<", "<"),
        ("<b", ""),
    ],
)
def test_plain_text(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@given(st.text())
def test_a_line_holds_no_control_characters_and_stays_as_it_is(text: str) -> None:
    line = one_line(text)
    assert not {unicodedata.category(char) for char in line} & {"Cc", "Cs", "Zl", "Zp"}
    assert line == line.strip()
    assert one_line(line) == line


@given(st.text(alphabet="<>/&;abp!-[]= \"'\x00\ud800é"))
def test_no_markup_raises(markup: str) -> None:
    plain_text(markup).encode("utf-8")


@given(st.text(st.characters(codec="utf-8", exclude_characters="<&", exclude_categories=["C"])))
def test_text_without_markup_is_left_alone(text: str) -> None:
    assert plain_text(text) == " ".join(text.split())
