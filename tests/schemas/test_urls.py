import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.urls import clean_url, host_of, shown

GOLDEN = [
    ("HTTPS://Newsroom.Example:443/a/../b/./c?x=1#top", "https://newsroom.example/b/c?x=1"),
    ("http://newsroom.example", "http://newsroom.example/"),
    ("https://newsroom.example/a?utm_source=rss&id=7&fbclid=z", "https://newsroom.example/a?id=7"),
    ("https://user:secret@newsroom.example/a", "https://newsroom.example/a"),
    ("https://newsroom.example/a?token=abc&b=2", "https://newsroom.example/a?b=2"),
    ("https://newsroom.example/a;jsessionid=12AB?b=2", "https://newsroom.example/a?b=2"),
    ("https://newsroom.example/caf%c3%a9/%7Eme", "https://newsroom.example/caf%C3%A9/~me"),
    ("https://newsroom.example/café?q=a b", "https://newsroom.example/caf%C3%A9?q=a%20b"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("https://newsroom.example:8443/a", "https://newsroom.example:8443/a"),
    ("  https://newsroom.example/a  ", "https://newsroom.example/a"),
    ("https://newsroom.example./a?&&b=1", "https://newsroom.example/a?b=1"),
    ("https://[2001:DB8::1]/", "https://[2001:db8::1]/"),
]


@pytest.mark.parametrize(("url", "expected"), GOLDEN)
def test_one_spelling(url: str, expected: str) -> None:
    assert clean_url(url) == expected


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "empty"),
        ("newsroom, second floor", "not an http"),
        ("ftp://newsroom.example/", "not an http"),
        ("https:///path", "no host"),
        ("https://new room.example/", "not a valid name"),
        ("https://newsroom.example:x/", "not a URL"),
        ("https://newsroom.example/\x00", "control characters"),
    ],
)
def test_what_is_no_url_says_why(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        clean_url(url)


@given(st.from_regex(r"https?://[a-z]{1,8}\.example(:[0-9]{1,4})?/[ -~]{0,30}", fullmatch=True))
def test_cleaning_is_idempotent(url: str) -> None:
    try:
        once = clean_url(url)
    except ValueError:
        return
    assert clean_url(once) == once


@given(st.text(max_size=60))
def test_any_text_is_cleaned_or_refused(text: str) -> None:
    try:
        cleaned = clean_url(text)
    except ValueError:
        return
    assert cleaned.startswith(("http://", "https://"))


def test_what_is_shown_holds_no_secret_and_no_control_character() -> None:
    text = shown("https://u:p@x.example/?api_key=1234&b=2\x1b[31m")
    assert "p@" not in text
    assert "1234" not in text
    assert "\x1b" not in text
    assert host_of("https://newsroom.example:8443/a") == "newsroom.example"
