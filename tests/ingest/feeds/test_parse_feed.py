"""Feeds in every format, as they come: well made, broken, hostile."""

import gzip
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.feeds.entries import Entry, ParsedFeed
from ingest.feeds.parse import parse_feed

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Harbour &amp; Hinterland</title><link>/home</link><language>en_GB</language>
<item>
  <title>Envoys meet &lt;em&gt;again&lt;/em&gt; in Tallow Bay &amp;amp; agree on nothing</title>
  <link>/news/1?utm_source=rss</link><guid isPermaLink="false">hh-1</guid>
  <pubDate>Tue, 15 Sep 2026 09:30:00 +0200</pubDate>
  <dc:creator>Ada Quill</dc:creator><dc:creator>Ben Roe</dc:creator>
  <description>&lt;p&gt;First words.&lt;/p&gt;&lt;p&gt;More.&lt;/p&gt;
  &lt;script&gt;alert(1)&lt;/script&gt;</description>
</item>
<item><title>AT&amp;T and the R&amp;D budget</title><link>https://harbour.example/news/2</link></item>
</channel></rss>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://desk.example/"><title>Desk</title>
<link>https://desk.example/</link><dc:language>fr</dc:language></channel>
<item rdf:about="https://desk.example/9"><title>Pacte signé</title><link>https://desk.example/9</link>
<dc:date>2026-09-15T08:00:00Z</dc:date></item></rdf:RDF>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="https://wire.example/a/">
<title type="html">The &lt;b&gt;Wire&lt;/b&gt;</title><link href="../"/><link rel="self" href="feed.atom"/>
<entry><id>urn:uuid:60a76c80-d399-11d9-b93C-0003939e0af6</id><title type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml">Ten <i>ships</i> wait</div></title>
<link rel="enclosure" href="clip.mp3" type="audio/mpeg"/><link rel="alternate" href="ships.html"/>
<published>2026-09-14T23:30:00-04:00</published><updated>2026-09-15T04:00:00.25Z</updated>
<author><name>C. Dell</name><email>dell@wire.example</email></author><summary>They wait.</summary></entry></feed>"""

JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Notes",
    "home_page_url": "https://notes.example/",
    "language": "en",
    "items": [
        {
            "id": 17,
            "url": "https://notes.example/17",
            "title": "On straits",
            "content_html": "<p>Narrow <b>waters</b></p>",
            "date_published": "2026-09-15T10:00:00+02:00",
            "date_modified": "2026-09-16T00:00:00Z",
            "authors": [{"name": "E. Fenn"}, {"url": "https://x.example"}],
        }
    ],
}


def only(parsed: ParsedFeed) -> Entry:
    assert len(parsed.entries) == 1, parsed
    return parsed.entries[0]


def rss(*items: str, head: str = "") -> bytes:
    return f"<rss version='2.0'><channel><title>T</title>{head}{''.join(items)}</channel></rss>".encode()


def item(url: str = "https://a.example/1", **fields: str) -> str:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<item><link>{url}</link>{inner}</item>"


def test_rss() -> None:
    parsed = parse_feed(RSS.encode(), url="https://harbour.example/rss")
    assert parsed.to_json() == {
        "feed": {
            "title": "Harbour & Hinterland",
            "url": "https://harbour.example/home",
            "language": "en-GB",
            "format": "rss20",
            "interval": None,
            "skip_hours": (),
            "skip_days": (),
        },
        "entries": [
            {
                "id": "hh-1",
                "url": "https://harbour.example/news/1?utm_source=rss",
                "title": "Envoys meet again in Tallow Bay & agree on nothing",
                "published": "2026-09-15T07:30:00Z",
                "updated": None,
                "authors": ["Ada Quill", "Ben Roe"],
                "summary": "First words. More.",
            },
            {
                "id": None,
                "url": "https://harbour.example/news/2",
                "title": "AT&T and the R&D budget",
                "published": None,
                "updated": None,
                "authors": [],
                "summary": None,
            },
        ],
        "problems": [],
    }
    json.dumps(parsed.to_json())


def test_rdf() -> None:
    parsed = parse_feed(RDF.encode())
    assert (parsed.feed.format, parsed.feed.language, parsed.feed.url) == ("rss10", "fr", "https://desk.example/")
    entry = only(parsed)
    assert (entry.id, entry.title, entry.published) == ("https://desk.example/9", "Pacte signé", "2026-09-15T08:00:00Z")


def test_atom() -> None:
    parsed = parse_feed(ATOM.encode(), url="https://elsewhere.example/feed")
    assert (parsed.feed.title, parsed.feed.url, parsed.feed.language) == ("The Wire", "https://wire.example/", "en")
    assert parsed.feed.format == "atom10"
    entry = only(parsed)
    assert entry.id == "urn:uuid:60a76c80-d399-11d9-b93C-0003939e0af6"
    assert (entry.url, entry.title) == ("https://wire.example/a/ships.html", "Ten ships wait")
    assert (entry.published, entry.updated) == ("2026-09-15T03:30:00Z", "2026-09-15T04:00:00Z")
    assert (entry.authors, entry.summary) == (("C. Dell",), "They wait.")


def test_json_feed() -> None:
    parsed = parse_feed(json.dumps(JSON_FEED).encode())
    assert (parsed.feed.format, parsed.feed.title, parsed.feed.language) == ("json11", "Notes", "en")
    entry = only(parsed)
    assert (entry.id, entry.url, entry.summary) == ("17", "https://notes.example/17", "Narrow waters")
    assert (entry.published, entry.updated) == ("2026-09-15T08:00:00Z", "2026-09-16T00:00:00Z")
    assert entry.authors == ("E. Fenn",)


def test_json_feed_with_wrong_types_is_read_as_far_as_it_goes() -> None:
    odd = {
        "version": "https://jsonfeed.org/version/1",
        "title": 3,
        "items": ["x", {"id": None, "url": ["y"], "author": 1}],
    }
    parsed = parse_feed(json.dumps(odd).encode())
    assert parsed.feed.format == "json10"
    assert only(parsed) == Entry()
    assert parsed.problems == ("1 entry has no usable link.",)


SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://desk.example/1</loc><lastmod>2026-09-15</lastmod><news:news>
<news:publication><news:name>The Desk</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2026-09-14T08:00:00+02:00</news:publication_date><news:title>Pact &amp;amp; peace</news:title>
</news:news></url><url><loc>/2</loc></url></urlset>"""


def test_news_sitemaps() -> None:
    for body in (SITEMAP.encode(), gzip.compress(SITEMAP.encode())):
        parsed = parse_feed(body, url="https://desk.example/news.xml")
        assert (parsed.feed.title, parsed.feed.language, parsed.feed.format) == ("The Desk", "en", "sitemap")
        first, second = parsed.entries
        assert (first.url, first.title) == ("https://desk.example/1", "Pact & peace")
        assert (first.published, first.updated) == ("2026-09-14T06:00:00Z", "2026-09-15T00:00:00Z")
        assert second.url == "https://desk.example/2"
        assert parsed.problems == ()
    cut = parse_feed(SITEMAP[: SITEMAP.index("<news:title>")].encode())
    assert [entry.url for entry in cut.entries] == ["https://desk.example/1"]
    assert cut.problems == ("The sitemap is not well-formed XML; 1 entry was read.",)


def test_an_index_of_sitemaps_says_what_to_add_instead() -> None:
    parsed = parse_feed(b"<sitemapindex><sitemap><loc>https://desk.example/news.xml</loc></sitemap></sitemapindex>")
    assert parsed.feed.format == "sitemapindex"
    assert parsed.problems == (
        "This is an index of 1 sitemap, not a list of articles; add https://desk.example/news.xml.",
    )


@pytest.mark.parametrize(
    ("head", "minutes"),
    [
        ("<ttl>30</ttl>", 30),
        ("<ttl>0</ttl>", None),
        ("<ttl>often</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 30),
        ("<sy:updatePeriod> daily </sy:updatePeriod>", 1440),
        ("", None),
    ],
)
def test_how_often_a_feed_asks_to_be_polled(head: str, minutes: int | None) -> None:
    body = rss(item(), head=head).replace(b"<rss", b"<rss xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'", 1)
    assert parse_feed(body).feed.interval == minutes


@pytest.mark.parametrize(
    ("head", "hours", "days"),
    [
        ("<skipHours><hour>0</hour><hour> 23 </hour></skipHours>", (0, 23), ()),
        ("<skipHours><hour>24</hour><hour>25</hour><hour>-1</hour></skipHours>", (0,), ()),
        ("<skipDays><day>Sunday</day><day>saturday</day><day>Someday</day></skipDays>", (), ("saturday", "sunday")),
        ("<skipHours><hour>3</hour>", (), ()),
        ("", (), ()),
    ],
)
def test_when_a_feed_asks_not_to_be_polled(head: str, hours: tuple[int, ...], days: tuple[str, ...]) -> None:
    feed = parse_feed(rss(item(), head=head)).feed
    assert (feed.skip_hours, feed.skip_days) == (hours, days)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "The feed is empty."),
        (b" \n\t ", "The feed is empty."),
        (b"\xef\xbb\xbf", "The feed is empty."),
        (
            b"<!DOCTYPE html><html><head><title>Not found</title></head><body>404</body></html>",
            "This is a web page (HTML), not a feed.",
        ),
        (b"Service unavailable", "This is not a feed."),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "This is not a feed."),
        (b'{"error": 1}', "This is JSON, but not a JSON Feed."),
        (
            b'{"version": "https://jsonfeed.org',
            "This is broken JSON (Unterminated string starting at: line 1 column 13 (char 12)).",
        ),
        (b"<rss version='2.0'><channel><title>T</title></channel></rss>", "The feed holds no entries."),
    ],
)
def test_what_is_no_feed_is_told_in_a_sentence(body: bytes, problem: str) -> None:
    parsed = parse_feed(body)
    assert parsed.entries == ()
    assert parsed.problems == (problem,)


def test_a_truncated_feed_keeps_what_was_whole() -> None:
    items = "".join(item(f"https://a.example/{n}", title=f"Title {n}") for n in range(1, 9))
    whole = rss(items)
    cut = whole[: whole.index(b"Title 8") + 4]
    parsed = parse_feed(cut)
    assert [entry.url for entry in parsed.entries] == [f"https://a.example/{n}" for n in range(1, 9)]
    assert parsed.entries[-1].title is None
    assert parsed.problems == ("The feed ends before its closing tag; 8 entries were read.",)


def test_a_link_that_was_cut_off_is_no_link() -> None:
    whole = rss(item("https://a.example/first"), item("https://a.example/second-story"))
    parsed = parse_feed(whole[: whole.index(b"second") + 3])
    assert [entry.url for entry in parsed.entries if entry.url] == ["https://a.example/first"]


def test_broken_xml_is_read_all_the_same() -> None:
    parsed = parse_feed(rss(item(title="Bread & butter <b>talks"), item("https://a.example/2", title="x")))
    assert [entry.url for entry in parsed.entries] == ["https://a.example/1", "https://a.example/2"]
    assert parsed.entries[0].title == "Bread & butter talks"
    assert "not well-formed" in parsed.problems[0]


def test_two_entries_with_one_address_are_one() -> None:
    body = rss(
        item("https://a.example/x?utm_source=a", guid="1", title="First"),
        item("https://A.example:443/x#c", guid="2", title="Second"),
        item("https://a.example/y", title="Other"),
    )
    parsed = parse_feed(body)
    assert [entry.title for entry in parsed.entries] == ["First", "Other"]
    assert parsed.problems == ("1 entry repeats an earlier entry's address or id.",)


def test_links_that_lead_nowhere_are_left_out_and_told() -> None:
    body = rss(
        *(
            f"<item><title>{n}</title><link>{link}</link></item>"
            for n, link in enumerate(("javascript:alert(1)", "ftp://a.example/", "http://", "http://[bad/", ""))
        )
    )
    parsed = parse_feed(body)
    assert [entry.url for entry in parsed.entries] == [None] * 5
    assert parsed.problems == ("5 entries have no usable link.",)


def test_credentials_in_links_are_cut() -> None:
    entry = only(parse_feed(rss(item("https://me:pa55@a.example/1"))))
    assert entry.url == "https://a.example/1"


def test_a_guid_that_is_an_address_stands_in_for_a_link() -> None:
    assert only(parse_feed(rss("<item><guid>https://a.example/g</guid></item>"))).url == "https://a.example/g"
    entry = only(parse_feed(rss('<item><guid isPermaLink="false">tag:a,1</guid></item>')))
    assert (entry.url, entry.id) == (None, "tag:a,1")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tue, 15 Sep 2026 09:30:00 GMT", "2026-09-15T09:30:00Z"),
        ("Tue, 15 Sep 2026 09:30 EST", "2026-09-15T14:30:00Z"),
        ("2026-09-15", "2026-09-15T00:00:00Z"),
        ("2026-09-15T09:30:00.123456+05:30", "2026-09-15T04:00:00Z"),
        ("15 Sep 2026 09:30:00 -0700", "2026-09-15T16:30:00Z"),
        ("Mon, 99 Sep 2026 09:30:00 GMT", None),
        ("0000-00-00T00:00:00Z", None),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_utc_or_null(written: str, read: str | None) -> None:
    assert only(parse_feed(rss(item(pubDate=written)))).published == read


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("<![CDATA[Talks <b>resume</b> &amp; stall]]>", "Talks resume & stall"),
        ("Caf&amp;eacute; &amp;#8211; closed", "Café – closed"),
        ("Rates &lt; 5% &gt; 3%", "Rates < 5% > 3%"),
        ("A&#x1b;[31mred&#x1b;[0m alert", "Ared alert"),
        ("Left&#8238;right&#8203; done", "Leftright done"),
        ("  many \n\n  spaces\t ", "many spaces"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Safe", "Safe"),
        ("&lt;![CDATA[Twice wrapped]]&gt;", "Twice wrapped"),
    ],
)
def test_titles_are_plain_text(title: str, read: str) -> None:
    assert only(parse_feed(rss(item(title=title)))).title == read


def test_encodings_that_lie() -> None:
    text = "<?xml version='1.0' encoding='{}'?>" + rss(item(title="Škoda’s café")).decode()
    for declared, real, told in (
        ("iso-8859-1", "utf-8", "The feed says that it is encoded as iso-8859-1, but it is utf-8."),
        ("windows-1252", "utf-8", "The feed says that it is encoded as windows-1252, but it is utf-8."),
        ("utf-8", "windows-1252", "The feed says that it is encoded as utf-8, but it is windows-1252."),
        ("no-such-thing", "utf-8", "The feed says that it is encoded as no-such-thing, but it is utf-8."),
        ("punycode", "utf-8", "The feed says that it is encoded as punycode, but it is utf-8."),
        ("zip", "utf-8", "The feed says that it is encoded as zip, but it is utf-8."),
    ):
        parsed = parse_feed(text.format(declared).encode(real))
        assert only(parsed).title == "Škoda’s café"
        assert parsed.problems == (told,)
    for declared in ("utf-8", "windows-1252", "utf-16", "utf-32", "utf-7"):
        assert only(parse_feed(text.format(declared).encode(declared))).title == "Škoda’s café"
    assert parse_feed(text.format("windows-1252").encode("windows-1252")).problems == ()
    assert parse_feed(text.format("windows-1252").encode("windows-1252"), content_type="text/xml").problems == ()


def test_the_charset_of_the_header_counts_before_the_declaration() -> None:
    body = "<?xml version='1.0' encoding='iso-8859-2'?>" + rss(item(title="Мир")).decode()
    parsed = parse_feed(body.encode("koi8-r"), content_type="application/rss+xml; charset=KOI8-R")
    assert only(parsed).title == "Мир"
    assert parsed.problems == ()


def test_a_feed_cut_within_a_character_stays_utf8() -> None:
    body = rss(item(title="Переговоры отложены"), item("https://a.example/2", title="Мир")).rsplit("М".encode(), 1)[0]
    parsed = parse_feed(body + "М".encode()[:1])
    assert parsed.entries[0].title == "Переговоры отложены"
    assert any("not valid utf-8" in problem for problem in parsed.problems)


def test_no_file_and_no_address_is_opened(tmp_path: Any) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the-secret-words")
    body = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>' + rss(item(title="&x;")).decode()
    assert "the-secret-words" not in json.dumps(parse_feed(body.encode()).to_json())
    assert parse_feed(str(secret).encode()).problems == ("This is not a feed.",)


def test_entities_that_a_feed_declares_are_expanded_within_bounds() -> None:
    small = '<!DOCTYPE rss [<!ENTITY co "Quill Press">]>' + rss(item(title="&co; sold")).decode()
    assert only(parse_feed(small.encode())).title == "Quill Press sold"
    big = f'<!DOCTYPE rss [<!ENTITY x "{"y" * 50_000}">]>' + rss(item(title="&x;" * 50_000)).decode()
    assert_bounded(big.encode())


def assert_bounded(body: bytes, seconds: float = 2.0) -> None:
    started = time.process_time()
    parse_feed(body)
    assert time.process_time() - started < seconds


PROLOGS = [
    '<!-- <a> --><!DOCTYPE rss [<!ENTITY x "{}">]>',
    '<?pi?><!DOCTYPE rss [ <!ENTITY y "n"> <!ENTITY x "{}">]>',
    '<!DOCTYPE rss [<!ENTITY x\n"{}"\n>\n]>',
    "<!DOCTYPE rss [<!ENTITY x '{}'>]>",
    '<!DOCTYPE rss [<!ENTITY % p "z"><!ENTITY x "{}">]>',
]


def expanding(prolog: str) -> bytes:
    return (prolog.format("y" * 50_000) + rss(item(title="&x;" * 40_000)).decode()).encode()


@pytest.mark.parametrize("prolog", PROLOGS)
def test_declarations_that_hide_are_not_expanded(prolog: str) -> None:
    assert_bounded(expanding(prolog))


def test_hostile_feeds_take_no_memory() -> None:
    """In a process of its own, where nothing else has allocated before (kilobytes of resident memory, Linux)."""
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, __file__], cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, check=True
    )
    assert int(done.stdout) < 64_000


HEAD = b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>'
HOSTILE = {
    "deep": HEAD + b"<a>" * 20_000,
    "attributes": HEAD + b"<a " + b" ".join(b'a%d="1"' % n for n in range(20_000)) + b"/></channel></rss>",
    "namespaces": HEAD + b"".join(b'<a%d:b xmlns:a%d="http://%d/"/>' % (n, n, n) for n in range(3_000)),
    "categories": HEAD
    + b"<item>"
    + b"".join(b"<category>c%d</category>" % n for n in range(6_000))
    + b"</item></channel></rss>",
    "keywords": HEAD
    + b"<item><itunes:keywords>"
    + b",".join(b"k%d" % n for n in range(50_000))
    + b"</itunes:keywords></item>",
    "author": HEAD + b"<item><author>" + b"a." * 100_000 + b"</author></item></channel></rss>",
    "base": b'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://a/'
    + b"b/" * 50_000
    + b'">'
    + b'<entry><link href="../x"/></entry>' * 2_000
    + b"</feed>",
    "unclosed": HEAD + b"<" * 50_000,
    "comments": HEAD + b"<!--" * 100_000,
    "markup in title": HEAD + b"<item><title>" + b"&lt;div&gt;" * 20_000 + b"</title></item></channel></rss>",
    "doctype": b"<!DOCTYPE " * 50_000 + b"<rss>",
    "json": b"[" * 500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_feeds_cost_little(name: str) -> None:
    assert_bounded(HOSTILE[name])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([RSS, RDF, ATOM, json.dumps(JSON_FEED)]), st.data())
def test_nothing_raises(noise: bytes, feed: str, data: Any) -> None:
    parse_feed(noise)
    whole = feed.encode()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    for body in (whole[:start], whole[:start] + noise + whole[end:], whole[:start] + whole[end:]):
        parsed = parse_feed(
            body, url="https://a.example/", content_type=data.draw(st.sampled_from([None, "text/html"]))
        )
        json.dumps(parsed.to_json()).encode()
        assert parse_feed(body, url="https://a.example/") == parse_feed(body, url="https://a.example/")


if __name__ == "__main__":
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for hostile in (*map(expanding, PROLOGS), *HOSTILE.values()):
        parse_feed(hostile)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
