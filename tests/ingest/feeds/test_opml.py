"""Lists of feeds in and out."""

from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.feeds.opml import FeedsFileError, FeedSource, parse_opml, read_feeds, write_opml

NESTED = b"""<?xml version="1.0"?><opml version="1.0"><head><title>Mine</title></head><body>
<outline text="World"><outline text="Wires"><outline text="W1" title="Wire One" type="rss"
 xmlUrl="HTTPS://Wire.example:443/rss?utm_source=x" language="en"/></outline>
<outline text="No feed"/></outline>
<outline text="bad" xmlUrl="not a url"/><outline text="again" xmlurl="https://wire.example/rss"/>
<outline text="handed over" xmlUrl="feed://old.example/atom"/><outline text="secret" xmlUrl="https://me:pw@x.example/f"/>
</body></opml>"""


def test_nested_outlines_bad_addresses_and_doubles() -> None:
    wire, bad, old, secret = parse_opml(NESTED)
    assert (wire.url, wire.title, wire.groups) == ("https://wire.example/rss", "Wire One", ("World", "Wires"))
    assert dict(wire.settings) == {"language": "en"}
    assert bad.url == "not a url"
    assert bad.problem is not None
    assert (old.url, old.problem) == ("http://old.example/atom", None)
    assert "pw" not in repr(secret)


def test_the_feeds_of_the_world_are_read() -> None:
    feeds = read_feeds(Path(__file__).parents[3] / "feeds" / "world.opml")
    assert len(feeds) >= 30
    assert not [feed for feed in feeds if feed.problem]
    assert len({feed.groups for feed in feeds}) >= 5
    assert {"UA", "RU", "IL", "IR"} <= {feed.settings["country"] for feed in feeds}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "does not exist"),
        (b"", "is no OPML"),
        (b"<rss version='2.0'/>", "its root element is not <opml>"),
        (b"<opml><body>", "is no OPML"),
        (b"\x00\xff\xfe", "is no OPML"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_line(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "feeds.opml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FeedsFileError) as caught:
        read_feeds(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_feeds_file(tmp_path: Path) -> None:
    with pytest.raises(FeedsFileError, match="cannot be read"):
        read_feeds(tmp_path)


def test_no_entity_of_an_opml_file_is_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden-words")
    outline = '<outline text="&x;" xmlUrl="https://a.example/"/>'
    content = f'<!DOCTYPE opml [<!ENTITY x SYSTEM "file://{secret}">]><opml><body>{outline}</body></opml>'
    try:
        found = repr(parse_opml(content.encode()))
    except ValueError as error:
        found = str(error)
    assert "hidden-words" not in found


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
SOURCES = st.builds(
    FeedSource,
    url=st.integers(0, 10**6).map(lambda n: f"https://a.example/{n}"),
    title=WORDS,
    settings=st.dictionaries(st.sampled_from(["language", "country", "region"]), WORDS).map(MappingProxyType),
    groups=st.lists(WORDS, max_size=3).map(tuple),
)


@given(st.lists(SOURCES, max_size=8, unique_by=lambda source: source.url))
def test_what_is_written_is_read_again(sources: list[FeedSource]) -> None:
    read = {feed.url: feed for feed in parse_opml(write_opml(sources))}
    assert read == {feed.url: feed for feed in sources}
