"""An entry stays the same entry while its address or, failing that, its id does."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.feeds.entries import Entry, entry_key, without_doubles

TEXTS = st.none() | st.text(max_size=20)
ENTRIES = st.builds(
    Entry, id=TEXTS, url=st.sampled_from([None, "https://a.example/1", "https://a.example/2"]), title=TEXTS
)


def test_the_address_decides_whatever_else_changes() -> None:
    first = Entry(id="1", url="https://a.example/story?utm_medium=rss", title="Early")
    later = Entry(id="2", url="https://A.example/story#comments", title="Late")
    assert entry_key(first) == entry_key(later) == "https://a.example/story"


def test_without_an_address_the_id_decides_and_without_both_the_words() -> None:
    assert entry_key(Entry(id="tag:a,1", title="x")) == entry_key(Entry(id="tag:a,1", title="y")) == "guid:tag:a,1"
    assert entry_key(Entry(title="x", published="2026-09-01T00:00:00Z")) != entry_key(Entry(title="x"))
    assert entry_key(Entry(url="ftp://a.example/", id="i")) == "guid:i"


@given(st.lists(ENTRIES))
def test_no_two_entries_left_share_a_key_and_none_is_lost(entries: list[Entry]) -> None:
    kept, doubles = without_doubles(entries)
    keys = [entry_key(entry) for entry in kept]
    assert len(set(keys)) == len(keys)
    assert set(keys) == {entry_key(entry) for entry in entries}
    assert len(kept) + doubles == len(entries)
    assert without_doubles(kept) == (kept, 0)
