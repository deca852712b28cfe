"""Bytes to text: every way in which a page tells its encoding, and the ways in which it lies."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.extract.decode import decode

CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy. " * 20
RUSSIAN = "Министры договорились открыть мост через реку. " * 20
JAPANESE = "外相は水曜日、橋を再開することで合意した。" * 20


@pytest.mark.parametrize(
    ("bom", "name"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_byte_order_mark_wins(bom: bytes, name: str) -> None:
    assert decode(bom + CZECH.encode(name), "text/html; charset=iso-8859-1") == (CZECH, None)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CZECH, "windows-1250"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "windows-1251"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
    ],
)
def test_http_charset_is_used(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), f'text/html; charset="{encoding}"') == (text, None)


@pytest.mark.parametrize(
    "tag",
    ['<meta charset="windows-1251">', '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'],
)
def test_meta_charset_is_used(tag: str) -> None:
    page = tag + RUSSIAN
    assert decode(page.encode("windows-1251"), "text/html") == (page, None)


def test_utf8_beats_a_wrong_declaration() -> None:
    text, problem = decode(CZECH.encode(), "text/html; charset=iso-8859-2")
    assert text == CZECH
    assert problem is not None
    assert "UTF-8" in problem


def test_declaration_that_does_not_fit_is_detected_and_told() -> None:
    page = '<meta charset="utf-8">' + RUSSIAN
    text, problem = decode(page.encode("windows-1251"))
    assert "Министры" in text
    assert problem is not None
    assert "utf-8" in problem


def test_latin_1_is_read_as_browsers_do() -> None:
    assert decode(b"\x93quoted\x94 \x80 5", "text/html; charset=ISO-8859-1")[0] == "“quoted” € 5"


def test_seven_bit_japanese_is_not_taken_for_ascii() -> None:
    assert decode(JAPANESE.encode("iso2022_jp"), "text/html; charset=iso-2022-jp") == (JAPANESE, None)


def test_unknown_label_is_passed_over() -> None:
    assert decode(CZECH.encode(), "text/html; charset=utf-8-nonsense") == (CZECH, None)


@given(
    st.binary(max_size=400),
    st.sampled_from([None, "text/html", "text/html; charset=utf-8", "text/html; charset=big5", "charset=rot13"]),
)
def test_never_raises(body: bytes, content_type: str | None) -> None:
    text, problem = decode(body, content_type)
    assert isinstance(text, str)
    assert problem is None or problem.endswith(".")


@given(st.text(max_size=200))
def test_utf8_comes_back_unchanged(text: str) -> None:
    body = text.encode("utf-8", "ignore")
    assert decode(body, "text/html; charset=utf-8")[0] == body.decode().removeprefix("\ufeff")
