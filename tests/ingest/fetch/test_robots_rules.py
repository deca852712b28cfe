"""RFC 9309 case by case, and what Google's parser adds to it (google/robotstxt is the reference implementation)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetch.robots import MAX_BYTES, RobotsAnswer, Rules, parse_robots, rules_from

SITE = "https://press.example"


def rules(text: str | bytes, product: str = "FooBot") -> Rules:
    return rules_from(RobotsAnswer(200, text.encode() if isinstance(text, str) else text), product)


def check(text: str | bytes, product: str = "FooBot", *, yes: str = "", no: str = "") -> None:
    """Paths, split by spaces, that the rules allow and that they do not."""
    found = rules(text, product)
    assert {path: found.allows(SITE + path) for path in yes.split()} == dict.fromkeys(yes.split(), True)
    assert {path: found.allows(SITE + path) for path in no.split()} == dict.fromkeys(no.split(), False)


def group(*lines: str, agent: str = "FooBot") -> str:
    return "\n".join([f"User-agent: {agent}", *lines])


def test_nothing_forbids_nothing() -> None:
    check("", yes="/ /x")
    check("hello\n\0\n:::\nno rules here: at all", yes="/ /x")
    check("Disallow: /\nAllow: /y", yes="/ /x")  # rules outside any group


def test_lines_are_read_whatever_their_case_colon_and_end() -> None:
    for text in (
        "USER-AGENT: foobot\nDISALLOW: /x",
        "user-agent:foobot\ndisallow:/x",
        "  User-Agent : FOOBOT  \n\tDisallow\t: /x  ",
        "user-agent FooBot\ndisallow /x",
        "User-agent: FooBot\rDisallow: /x\r",
        "User-agent: FooBot\r\nDisallow: /x\r\n",
        "\ufeffUser-agent: FooBot\nDisallow: /x",
        "User-agent: FooBot # the bot\nDisallow: /x # not this",
        "User-agent: FooBot\nDisalow: /x",
    ):
        check(text, no="/x /x/y", yes="/y")
    check("foo: FooBot\nbar: /x", yes="/x")


def test_groups_of_one_product_are_one_and_rules_between_belong_to_the_group_before() -> None:
    text = """allow: /outside/
user-agent: FooBot
disallow: /
allow: /a/
user-agent: BarBot
disallow: /
allow: /b/


allow: /c/
user-agent: BazBot

user-agent: FooBot
allow: /d/
disallow: /"""
    check(text, "FooBot", yes="/a/1 /d/1", no="/b/1 /c/1 /outside/")
    check(text, "BarBot", yes="/b/1 /c/1", no="/a/1 /d/1 /outside/")
    check(text, "BazBot", yes="/d/1", no="/a/1 /outside/")


@pytest.mark.parametrize(
    "line", ["Sitemap: https://press.example/map.xml", "Host: press.example", "Unknown: x", "Crawl-delay: 3"]
)
def test_other_records_end_no_group(line: str) -> None:
    text = f"User-agent: BarBot\n{line}\nUser-agent: *\nDisallow: /x"
    check(text, "FooBot", no="/x", yes="/y")
    check(text, "BarBot", no="/x", yes="/y")


def test_a_product_is_named_in_full_and_in_any_case() -> None:
    text = "User-agent: *\nDisallow: /all\n\nUser-agent: Cour\nDisallow: /cour\n\n"
    text += "User-agent: COURANT/2.1 (news)\nDisallow: /own"
    check(text, "courant", no="/own", yes="/all /cour")
    check(text, "courant-news", no="/all", yes="/own /cour")
    check(text, "cour", no="/cour", yes="/own /all")
    check(group("Disallow: /x", agent="FooBot Images"), no="/x")


def test_the_group_of_the_product_counts_alone_and_that_of_all_only_without_one() -> None:
    text = "User-agent: *\nDisallow: /x\n\nUser-agent: FooBot\nDisallow: /y\n\nUser-agent: *\nDisallow: /z"
    check(text, "FooBot", no="/y", yes="/x /z")
    check(text, "Other", no="/x /z", yes="/y")
    check("User-agent: *\nDisallow: /\n\nUser-agent: FooBot\n", "FooBot", yes="/x")
    check("User-agent: FooBot\nDisallow: /", "Other", yes="/x")
    check("User-agent: *\nUser-agent: BarBot\nDisallow: /x", "FooBot", no="/x")


def test_paths_are_case_sensitive() -> None:
    check(group("Disallow: /x/"), no="/x/y", yes="/X/y")


def test_the_longest_match_wins_and_allow_wins_a_tie() -> None:
    check(group("disallow: /x/page.html", "allow: /x/"), no="/x/page.html", yes="/x/")
    check(group("allow: /x/page.html", "disallow: /x/"), yes="/x/page.html", no="/x/")
    check(group("disallow: ", "allow: "), yes="/x")
    check(group("disallow: /", "allow: /"), yes="/x")
    check(group("disallow: /x", "allow: /x/"), no="/x", yes="/x/")
    check(group("allow: /page", "disallow: /*.html"), no="/page.html", yes="/page")
    check(group("allow: /x/page.", "disallow: /*.html"), yes="/x/page.html", no="/x/y.html")
    check(group("allow: /p", "disallow: /"), yes="/page")
    check(group("allow: /$", "disallow: /"), yes="/", no="/page.html")


def test_wildcards_and_ends() -> None:
    check(
        group("disallow: /", "allow: /fish"),
        yes="/fish /fish.html /fish/salmon.html /fishheads /fish?id=1",
        no="/Fish /catfish /?id=fish",
    )
    check(
        group("disallow: /", "allow: /fish*"), yes="/fish /fish.html /fish/salmon.html", no="/Fish /catfish /?id=fish"
    )
    check(group("disallow: /", "allow: /fish/"), yes="/fish/ /fish/?id=1 /fish/salmon", no="/fish /fish.html /Fish/x")
    check(
        group("disallow: /", "allow: /*.php"),
        yes="/f.php /a/f.php /a/f.php?x /a/b.php.c /i?f=f.php/",
        no="/php/ /i?php /w.PHP",
    )
    check(group("disallow: /", "allow: /*.php$"), yes="/f.php /a/f.php", no="/f.php?x /f.php/ /f.php5 /php/ /w.PHP")
    check(group("disallow: /", "allow: /fish*.php"), yes="/fish.php /fishheads/cat.php?x", no="/Fish.PHP")
    check(group("disallow: /foo/bar$", "allow: /foo/bar/qux"), no="/foo/bar", yes="/foo/bar/ /foo/bar/baz /foo/bar/qux")
    check(group("disallow: /*/private*/x$"), no="/a/privates/x /a/b/private/c/x", yes="/private/x /a/private/x/y")


def test_percent_encoding_is_one_spelling() -> None:
    check(group("disallow: /", "allow: /foo/bar/ツ"), yes="/foo/bar/%E3%83%84 /foo/bar/%e3%83%84")
    check(group("disallow: /", "allow: /foo/bar/%E3%83%84"), yes="/foo/bar/ツ")
    check(group("disallow: /", "allow: /foo/bar/%62%61%7A"), yes="/foo/bar/baz")
    check(group("disallow: /", "allow: /a?q=t&b=http://foo.bar?tar&par"), yes="/a?q=t&b=http://foo.bar?tar&par")
    check(group("disallow: /a%2Fb"), yes="/a/b", no="/a%2fb")
    check(group("disallow: /a%3cd.html"), no="/a%3Cd.html /a%3cd.html")


def test_comments_end_a_value() -> None:
    check(group("# Disallow: /", "Disallow: /foo/quz#qux", "Allow: /"), no="/foo/quz", yes="/foo/bar")


def test_index_html_allows_its_folder() -> None:
    check(group("Allow: /open/index.html", "Disallow: /"), yes="/open/ /open/index.html", no="/open/index.htm /other")


def test_robots_txt_itself_may_always_be_asked() -> None:
    check(group("Disallow: /"), yes="/robots.txt")


def test_more_than_the_limit_is_not_read() -> None:
    filler = "#" * 1023 + "\n"
    text = group("Disallow: /early") + "\n" + filler * (MAX_BYTES // 1024) + "Disallow: /late\n"
    check(text, no="/early", yes="/late")


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 10", 10.0),
        ("User-agent: FooBot\nCrawl-delay: 0.5\n\nUser-agent: *\nCrawl-delay: 9", 0.5),
        ("User-agent: FooBot\nDisallow: /x\n\nUser-agent: *\nCrawl-delay: 9", None),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: -1", None),
        ("User-agent: *\nCrawl-delay: nan", None),
        ("User-agent: *\nCrawl-delay: inf", None),
        ("Crawl-delay: 3", None),
    ],
)
def test_crawl_delay(text: str, delay: float | None) -> None:
    assert rules(text).crawl_delay == delay


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 451, 304, 302])
def test_a_robots_txt_that_is_not_there_allows_all(status: int) -> None:
    assert rules_from(RobotsAnswer(status, b"User-agent: *\nDisallow: /"), "FooBot").allows(SITE + "/x")


@pytest.mark.parametrize("status", [500, 502, 503, 599, None])
def test_a_robots_txt_that_cannot_be_had_allows_nothing_for_now(status: int | None) -> None:
    assert not rules_from(RobotsAnswer(status), "FooBot").allows(SITE + "/x")


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read(body: bytes) -> None:
    found = parse_robots(b"User-agent: *\n" + body, "FooBot")
    found.can_fetch(SITE + "/x", "FooBot")
    found.crawl_delay("FooBot")


@given(
    st.lists(
        st.sampled_from(["Allow: /a", "Disallow: /a", "Disallow: /", "Allow: /a/b", "Disallow: /*b$", "X: y"]),
        max_size=6,
    )
)
def test_the_order_of_rules_in_a_group_is_of_no_consequence(lines: list[str]) -> None:
    forward, backward = rules(group(*lines)), rules(group(*reversed(lines)))
    for path in ("/", "/a", "/a/b", "/c/b", "/ab"):
        assert forward.allows(SITE + path) == backward.allows(SITE + path)
