"""The sample newsroom holds together: stories, pages, feeds, site map, golden events and the server."""

import http.client
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from samples import build
from samples.newsroom import Answer, Newsroom, Serving, main, serve
from samples.stories import Story, StoryError, gold_line, load_stories, locate
from schemas.urls import clean_url
from schemas.world import EVENT_TYPES

SAMPLES = Path(build.__file__).parent
SITE: dict[str, dict[str, Any]] = json.loads((SAMPLES / "site.json").read_text("utf-8"))
STORIES = load_stories()
GOLD = [json.loads(line) for line in (SAMPLES / "gold.jsonl").read_text("utf-8").splitlines()]
NEWSROOM = Newsroom.load()
CONFIG = yaml.safe_load((SAMPLES / "newsroom.yaml").read_text("utf-8"))
FEEDS = [feed for feed in CONFIG["feeds"] if "entries" in feed]
FAULTS = {fault["url"]: fault["is"] for fault in CONFIG["faults"]}
ROLES = {"party", "actor", "target", "mediator", "host", "beneficiary"}
EDTF_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?|-W\d\d)?")
# Names of formats, not addresses of pages.
NAMESPACES = (
    "http://www.w3.org/",
    "http://purl.org/",
    "http://search.yahoo.com/mrss/",
    "https://ogp.me/ns",
    "https://schema.org",
)


def entries(feed: dict[str, Any]) -> list[Any]:
    parsed = feedparser.parse((SAMPLES / "site" / feed["file"]).read_bytes(), sanitize_html=False)
    return list(parsed.entries)


def links(feed: dict[str, Any]) -> list[str]:
    return [urljoin(feed["url"], entry.link) for entry in entries(feed)]


# --- what is built agrees with what was written ---


def test_the_built_files_are_those_of_the_stories() -> None:
    files = build.built()
    on_disk = {p.relative_to(SAMPLES).as_posix() for p in (SAMPLES / "site").rglob("*") if p.is_file()}
    assert on_disk == {name for name in files if name.startswith("site/")}
    stale = [name for name, body in files.items() if (SAMPLES / name).read_bytes() != body]
    assert stale == [], "run `python -m samples.build`"


def test_the_site_map_names_files_that_exist_and_every_page_is_named() -> None:
    named = {entry["file"] for entry in SITE.values() if "file" in entry}
    assert all((SAMPLES / "site" / file).is_file() for file in named)
    on_disk = {p.relative_to(SAMPLES / "site").as_posix() for p in (SAMPLES / "site").rglob("*") if p.is_file()}
    assert named == on_disk


def test_every_address_is_one_of_the_newsroom() -> None:
    for url in SITE:
        assert clean_url(url) == url
        host = urlsplit(url).hostname or ""
        assert host == "newsroom.example" or host.endswith(".newsroom.example")
        assert f"https://{host}/robots.txt" in SITE


def test_no_file_points_at_a_real_host() -> None:
    addresses = re.compile(rb"(?:https?:)?//[A-Za-z0-9.-]+\.[a-z]{2,}[^\s\"'<>]*")
    for path in (SAMPLES / "site").rglob("*"):
        for found in addresses.findall(path.read_bytes()) if path.is_file() else ():
            address = found.decode()
            host = urlsplit(address).hostname or ""
            assert address.startswith(NAMESPACES) or host == "newsroom.example" or host.endswith(".newsroom.example")


def test_there_are_pages_of_many_shapes_and_a_third_hold_no_event() -> None:
    shapes = Counter(story.shape for story in STORIES.values())
    assert len(STORIES) >= 32
    assert len(shapes) >= 6
    assert min(shapes.values()) >= 2
    assert sum(not story.events for story in STORIES.values()) * 3 >= len(STORIES)


def test_pages_are_as_heavy_as_their_clutter_makes_them() -> None:
    for story in STORIES.values():
        size = len((SAMPLES / "site" / SITE[story.url]["file"]).read_bytes())
        assert 2_000 <= size <= 12_000, story.id


def test_the_month_is_covered_and_its_middle_is_busy() -> None:
    days = Counter(story.published[:10] for story in STORIES.values() if story.published)
    assert min(days) == "2026-09-01"
    assert max(days) == "2026-09-30"
    assert len(days) >= 20
    assert all(days[day] >= 3 for day in ("2026-09-14", "2026-09-15", "2026-09-16"))


@pytest.mark.parametrize("story", STORIES.values(), ids=lambda story: story.id)
def test_a_page_shows_its_text_in_the_encoding_that_it_declares(story: Story) -> None:
    answer = NEWSROOM.answer(story.url)
    encoding = answer.headers["Content-Type"].partition("charset=")[2]
    source = answer.body.decode(encoding)
    declared = re.search(r"charset=[\"']?([\w-]+)", source, re.IGNORECASE)
    assert declared is not None
    assert declared[1].lower() == encoding
    shown = " ".join(html.document_fromstring(source).text_content().split())
    for paragraph in story.paragraphs:
        assert paragraph in shown
    assert story.title in shown


def test_pages_without_a_date_have_none_anywhere() -> None:
    undated = [story for story in STORIES.values() if story.published is None]
    assert len(undated) >= 3
    for story in undated:
        answer = NEWSROOM.answer(story.url)
        assert b"2026" not in answer.body
        assert "Last-Modified" not in answer.headers


def test_an_amp_page_names_its_ordinary_form_and_a_syndicated_page_itself() -> None:
    canonical = re.compile(r'<link rel="canonical" href="([^"]+)">')
    for story in STORIES.values():
        found = canonical.search(NEWSROOM.answer(story.url).body.decode("latin-1"))
        if story.shape == "amp":
            assert found is not None
            assert story.copy_of is not None
            assert found[1] == STORIES[story.copy_of].url == story.canonical
        if story.shape == "syndicated":
            assert found is not None
            assert found[1] == story.url


def test_the_foot_of_a_page_tells_other_stories() -> None:
    eventful = {story.title: story for story in STORIES.values() if story.events}
    for story in STORIES.values():
        encoding = build.ENCODINGS.get(story.shape, "utf-8")
        shown = html.document_fromstring(NEWSROOM.answer(story.url).body.decode(encoding)).text_content()
        foreign = [title for title in eventful if title != story.title and title in shown]
        assert len(foreign) >= 4, story.id


# --- feeds ---


@pytest.mark.parametrize("feed", [f for f in FEEDS if f["group"] != "Faulty"], ids=lambda feed: feed["file"])
def test_a_good_feed_lists_what_was_written_with_links_that_resolve(feed: dict[str, Any]) -> None:
    body = (SAMPLES / "site" / feed["file"]).read_bytes()
    ElementTree.fromstring(body)
    assert len(links(feed)) == len(feed["entries"])
    for link in links(feed):
        status = NEWSROOM.answer(link).status
        assert status == 200 or FAULTS.get(link) == "redirect" or link.endswith("/withdrawn/")


def test_feeds_come_in_three_formats_and_at_least_six_are_good() -> None:
    good = [feed for feed in FEEDS if feed["group"] != "Faulty"]
    assert len(good) >= 6
    versions = {feedparser.parse((SAMPLES / "site" / feed["file"]).read_bytes()).version for feed in good}
    assert versions == {"rss20", "rss10", "atom10"}


def test_every_story_is_reached_from_a_feed() -> None:
    reached = set()
    for link in (link for feed in FEEDS for link in links(feed)):
        answer = NEWSROOM.answer(link)
        reached.add(clean_url(answer.headers.get("Location", link)))
    missing = {story.id for story in STORIES.values() if story.url not in reached}
    assert missing == set()


def test_faulty_feeds_are_faulty_in_the_way_that_they_say() -> None:
    by_url = {feed["url"]: feed for feed in CONFIG["feeds"]}
    mislabelled = NEWSROOM.answer("https://courier.newsroom.example/feeds/economy.xml").body
    assert b'encoding="UTF-8"' in mislabelled
    with pytest.raises(UnicodeDecodeError):
        mislabelled.decode("utf-8")
    assert "’" in mislabelled.decode("windows-1252")
    torn = NEWSROOM.answer("https://courier.newsroom.example/feeds/evening.xml").body
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(torn)
    assert torn.count(b"</item>") >= 1
    assert NEWSROOM.answer("https://newsroom.example/feeds/empty.xml").body == b""
    assert b"<html" in NEWSROOM.answer("https://newsroom.example/feeds/moved-house.xml").body
    assert NEWSROOM.answer("https://newsroom.example/feeds/gone.xml").status == 404
    with pytest.raises(ValueError):
        clean_url("newsroom, second floor")
    assert "newsroom, second floor" in by_url


def test_the_feeds_list_names_every_feed() -> None:
    outlines = ElementTree.parse(SAMPLES / "feeds.opml").iter("outline")
    assert [o.get("xmlUrl") for o in outlines if o.get("xmlUrl")] == [
        feed["url"]
        for group in dict.fromkeys(f["group"] for f in CONFIG["feeds"])
        for feed in CONFIG["feeds"]
        if feed["group"] == group
    ]


def test_links_come_doubled_within_a_feed_and_over_two_feeds() -> None:
    listed = [Counter(links(feed)) for feed in FEEDS]
    assert any(count > 1 for feed in listed for count in feed.values())
    over = Counter(link for feed in listed for link in feed)
    assert max(over.values()) >= 2


def test_links_carry_tracking_parameters_redirects_and_relative_paths() -> None:
    raw = [entry.link for feed in FEEDS for entry in entries(feed)]
    assert any("utm_source=" in link for link in raw)
    assert any(link.startswith("/") for link in raw)
    moved = NEWSROOM.answer("https://go.newsroom.example/7f3a")
    assert moved.status == 301
    assert NEWSROOM.answer(moved.headers["Location"]).status == 200


def test_pages_that_are_no_articles() -> None:
    pdf = NEWSROOM.answer("https://newsroom.example/files/2026/09/tide-tables.pdf")
    assert (pdf.headers["Content-Type"], pdf.body[:5]) == ("application/pdf", b"%PDF-")
    assert NEWSROOM.answer("https://newsroom.example/world/2026/09/15/a-page-that-came-out-empty/") == Answer(
        200, {"Content-Type": "text/html; charset=utf-8", "ETag": '"e3b0c44298fc1c149afb"'}, b""
    )
    assert b"<p>" not in NEWSROOM.answer("https://newsroom.example/gallery/2026/09/16/lobster-boats/").body
    assert NEWSROOM.answer("https://newsroom.example/world/").body.count(b"<h2>") >= 10
    assert b"Disallow: /private/" in NEWSROOM.answer("https://newsroom.example/robots.txt").body


# --- golden events ---


def test_gold_has_a_line_a_page() -> None:
    assert [line["id"] for line in GOLD] == list(STORIES)
    assert [gold_line(story) for story in STORIES.values()] == GOLD


@pytest.mark.parametrize("line", GOLD, ids=lambda line: line["id"])
def test_golden_quotes_stand_verbatim_and_fields_are_of_the_catalogue(line: dict[str, Any]) -> None:
    for event in line["events"]:
        assert event["type"] in EVENT_TYPES
        assert event["modality"] in ("asserted", "unconfirmed", "conditional", "denied")
        assert event["evidence"] == event["mentions"][0]
        assert event["participants"]
        for mention in event["mentions"]:
            assert line[mention["field"]][mention["start"] : mention["end"]] == mention["quote"]
            assert 0 < len(mention["quote"]) <= 300
            assert "\n" not in mention["quote"]
        for participant in event["participants"]:
            assert participant["role"] in ROLES
            assert participant["name"] in line["text"] or participant["name"] in line["title"]
        for words in (event["date_words"], event["place"], event["attributed_to"]):
            assert words is None or words in line["text"]
        assert event["occurred_on"] is None or EDTF_DAY.fullmatch(event["occurred_on"])


def test_golden_events_of_one_article_are_not_told_twice() -> None:
    for line in GOLD:
        keys = [(e["type"], e["evidence"]["field"], e["evidence"]["start"]) for e in line["events"]]
        assert len(keys) == len(set(keys)), line["id"]


def test_undated_articles_date_nothing_by_relative_words() -> None:
    for line in GOLD:
        if line["published"] is None:
            assert all(event["occurred_on"] is None for event in line["events"])


def test_what_is_recalled_from_long_ago_is_background_and_nothing_else_is() -> None:
    for line in GOLD:
        for event in line["events"]:
            old = bool(event["occurred_on"] and event["occurred_on"][:7] < "2026-08")
            assert event["background"] == old, line["id"]


def test_core_types_are_well_covered() -> None:
    told = {event["type"] for line in GOLD for event in line["events"]}
    core = {name for name, cls in EVENT_TYPES.items() if cls.spec.core}
    assert core <= told


def story_of(text: str, title: str = "A title") -> Story:
    return Story("s", "wordpress", "https://newsroom.example/s", title, None, tuple(text.splitlines()))


def test_a_quote_is_found_where_it_stands() -> None:
    story = story_of("One thing.\nAnother — thing happened.", "Thing happens")
    assert locate("Another — thing", story) == {"field": "text", "start": 11, "end": 26, "quote": "Another — thing"}
    assert locate("title: Thing", story)["field"] == "title"


@pytest.mark.parametrize(
    ("quote", "why"),
    [
        ("nowhere", "stands 0 times"),
        ("thing", "stands 2 times"),
        ("A thing. Then a thing.", "longer than a sentence"),
        ("x" * 301, "longer than a sentence or 300"),
    ],
)
def test_a_quote_that_is_not_there_once_or_runs_on_is_refused(quote: str, why: str) -> None:
    story = story_of("A thing. Then a thing.\n" + "x" * 301)
    with pytest.raises(StoryError, match=why):
        locate(quote, story)


def test_an_event_whose_participant_nobody_wrote_is_refused() -> None:
    event = {"type": "call_held", "who": ["Nobody | USA | party"], "quotes": ["One thing"]}
    story = Story("s", "amp", "https://newsroom.example/s", "T", None, ("One thing.",), events=(event,))
    with pytest.raises(StoryError, match="'Nobody'"):
        gold_line(story)


def test_an_event_with_an_unknown_key_is_refused() -> None:
    event = {"type": "call_held", "who": [], "quotes": ["One thing"], "when": "now"}
    story = Story("s", "amp", "https://newsroom.example/s", "T", None, ("One thing.",), events=(event,))
    with pytest.raises(StoryError, match="when"):
        gold_line(story)


# --- answers ---


@given(
    st.sampled_from(sorted(NEWSROOM.answers)),
    st.sampled_from(["https", "http"]),
    st.sampled_from(["", ":8080", ":443"]),
    st.sampled_from(["", "#comments"]),
    st.sampled_from(["", "?utm_source=feed", "?fbclid=x&utm_medium=y"]),
)
def test_scheme_port_fragment_and_tracking_make_no_difference(
    url: str, scheme: str, port: str, fragment: str, query: str
) -> None:
    parts = urlsplit(url)
    other = f"{scheme}://{(parts.hostname or '').upper()}{port}{parts.path}{query}{fragment}"
    assert NEWSROOM.answer(other) == NEWSROOM.answer(url)


def test_what_the_site_map_does_not_name_is_404() -> None:
    assert NEWSROOM.answer("https://newsroom.example/world/2026/09/14/withdrawn/").status == 404
    assert NEWSROOM.answer("https://elsewhere.example/world/").status == 404


ARTICLE = "https://courier.newsroom.example/world/2026/09/16/colombia-and-nicaragua-agree-to-truce-at-sea"


@pytest.mark.parametrize("wanted", ["{etag}", "W/{etag}", '"other", {etag}', "*"])
def test_a_known_page_is_304_without_a_body(wanted: str) -> None:
    etag = NEWSROOM.answer(ARTICLE).headers["ETag"]
    answer = NEWSROOM.answer(ARTICLE, {"if-none-match": wanted.format(etag=etag)})
    assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", etag)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": "Wed, 16 Sep 2026 23:30:00 GMT"}, 304),
        ({"If-Modified-Since": "Wed, 16 Sep 2026 23:29:59 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": "Wed, 30 Sep 2026 23:30:00 GMT"}, 200),
    ],
)
def test_conditional_requests_follow_their_order(headers: dict[str, str], status: int) -> None:
    assert NEWSROOM.answer(ARTICLE, headers).status == status


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "site.json").write_text('{"https://newsroom.example/": {"file": "gone.html", "status": 200}}')
    with pytest.raises(FileNotFoundError, match=r"gone\.html"):
        Newsroom.load(tmp_path)


# --- the server ---


@pytest.fixture
def serving() -> Iterator[Serving]:
    with serve() as running:
        yield running


def fetch(
    serving: Serving, host: str, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(serving.host, serving.port, timeout=5)
    connection.request(method, path, headers={"Host": host, **headers})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), body


def test_the_server_answers_by_host_and_path(serving: Serving) -> None:
    parts = urlsplit(ARTICLE)
    status, headers, body = fetch(serving, f"{parts.hostname}:{serving.port}", parts.path)
    expected = NEWSROOM.answer(ARTICLE)
    assert (status, body) == (200, expected.body)
    assert headers["ETag"] == expected.headers["ETag"]
    assert fetch(serving, "wire.newsroom.example", parts.path)[0] == 404
    assert fetch(serving, parts.hostname or "", parts.path, **{"If-None-Match": headers["ETag"]})[::2] == (304, b"")


def test_the_server_takes_a_whole_address_on_the_request_line(serving: Serving) -> None:
    assert fetch(serving, "127.0.0.1", ARTICLE)[0] == 200


def test_a_head_request_brings_headers_alone(serving: Serving) -> None:
    status, headers, body = fetch(serving, "newsroom.example", "/feeds/world.xml", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == len(NEWSROOM.answer("https://newsroom.example/feeds/world.xml").body)


def test_redirects_and_faults_go_over_the_wire_as_they_are(serving: Serving) -> None:
    status, headers, _ = fetch(serving, "go.newsroom.example", "/7f3a")
    assert (status, headers["Location"][:25]) == (301, "https://newsroom.example/")
    assert fetch(serving, "newsroom.example", "/feeds/empty.xml")[::2] == (200, b"")
    assert fetch(serving, "[", "/")[0] == 400


def test_one_connection_serves_many_requests(serving: Serving) -> None:
    connection = http.client.HTTPConnection(serving.host, serving.port, timeout=5)
    for path in ("/robots.txt", "/nothing", "/feeds/world.xml"):
        connection.request("GET", path, headers={"Host": "newsroom.example"})
        connection.getresponse().read()
    connection.close()


def test_closing_ends_every_thread_though_a_client_keeps_its_connection() -> None:
    before = threading.active_count()
    running = serve()
    connection = http.client.HTTPConnection(running.host, running.port, timeout=5)
    connection.request("GET", "/robots.txt", headers={"Host": "newsroom.example"})
    connection.getresponse().read()
    running.close()
    running.close()
    connection.close()
    assert threading.active_count() == before
    with serve(port=running.port) as again:
        assert again.port == running.port


def test_a_port_that_is_taken_is_said_in_one_line(serving: Serving, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--port", str(serving.port)])
    assert ended.value.code == 2
    assert "choose another one" in capsys.readouterr().err
