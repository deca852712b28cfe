"""Every way that a fetch can end, over real sockets on loopback."""

import asyncio
import gzip
import itertools
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import brotli
import pytest

from ingest.fetch.addresses import Overrides
from ingest.fetch.client import Fetcher
from ingest.fetch.config import FetchConfig
from ingest.fetch.outcomes import FEED_ACCEPT, PAGE_TYPES, Failure, NotModified, Outcome, Request, Response

NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)


def config(**changes: Any) -> FetchConfig:
    settings: dict[str, Any] = {
        "contact": "editor@newsroom.example",
        "total_timeout": 2.0,
        "connect_timeout": 1.0,
        "read_timeout": 1.0,
        "allow_private": frozenset({"127.0.0.0/8"}),
    }
    return FetchConfig(**{**settings, **changes})


def run(do: Callable[[Any], Awaitable[Any]], replies: dict[str, Any], serve: Any) -> Any:
    async def main() -> Any:
        async with serve(replies) as server:
            return await do(server)

    return asyncio.run(main())


def fetch(
    path: str, replies: dict[str, Any], serve: Any, settings: FetchConfig | None = None, **request: Any
) -> Outcome:
    async def do(server: Any) -> Outcome:
        async with Fetcher(settings or config(), clock=lambda: NOON) as fetcher:
            return await fetcher.fetch(Request(server.url + path, **request))

    outcome: Outcome = run(do, replies, serve)
    return outcome


def failed(outcome: Outcome, reason: str) -> Failure:
    assert isinstance(outcome, Failure), outcome
    assert outcome.reason == reason, outcome
    assert outcome.message.endswith(".")
    assert outcome.message.count("\n") == 0
    assert outcome.fetched_at == NOON
    return outcome


def test_a_page_comes_with_all_that_is_to_be_kept_of_it(serve: Any, respond: Any) -> None:
    page = respond(
        200, "<p>Grüße</p>", {"ETag": '"a1"', "Last-Modified": "Mon, 14 Sep 2026 08:00:00 GMT", "X-Two": "1"}
    )

    async def do(server: Any) -> None:
        async with Fetcher(config(), clock=lambda: NOON) as fetcher:
            secret = {"Authorization": "Bearer 1234"}
            outcome = await fetcher.fetch(Request(f"{server.url}/a?id=7&utm_source=feed#top", headers=secret))
        assert isinstance(outcome, Response)
        sent = {name.lower(): value for name, value in outcome.request_headers}
        assert sent.keys() == {"user-agent", "accept", "accept-encoding"}, "no secret is kept"
        assert sent["user-agent"] == "courant/0.1 (+mailto:editor@newsroom.example)"
        assert outcome.body == "<p>Grüße</p>".encode()
        assert outcome.requested_url == outcome.final_url == f"{server.url}/a?id=7"
        assert (outcome.status, outcome.http_version, outcome.redirects) == (200, "1.1", ())
        assert (outcome.etag, outcome.last_modified) == ('"a1"', "Mon, 14 Sep 2026 08:00:00 GMT")
        assert outcome.content_type == "text/html; charset=utf-8"
        assert ("X-Two", "1") in outcome.wire_headers
        assert outcome.headers["x-two"] == "1"
        assert outcome.fetched_at == NOON
        asked = server.asked[-1]
        assert asked.headers["user-agent"] == "courant/0.1 (+mailto:editor@newsroom.example)"
        assert "cookie" not in asked.headers
        assert "#" not in asked.path

    run(do, {"*": page}, serve)


def test_an_unchanged_feed_is_not_sent_again(serve: Any, respond: Any) -> None:
    async def conditional(asked: Any, writer: asyncio.StreamWriter) -> None:
        known = asked.headers.get("if-none-match") == '"7"' and "if-modified-since" in asked.headers
        writer.write(respond(304, b"", {"ETag": '"8"'}) if known else respond(200, "<rss/>"))
        await writer.drain()

    outcome = fetch(
        "/feed",
        {"/feed": conditional},
        serve,
        etag='"7"',
        last_modified="Mon, 14 Sep 2026 08:00:00 GMT",
        accept=FEED_ACCEPT,
    )
    assert isinstance(outcome, NotModified)
    assert outcome.etag == '"8"'
    assert outcome.last_modified == "Mon, 14 Sep 2026 08:00:00 GMT"
    assert outcome.fetched_at == NOON


@pytest.mark.parametrize("validator", ["a\r\nX-Evil: 1", "\x00", "e" * 5000])
def test_a_validator_that_no_header_can_hold_is_left_out(serve: Any, respond: Any, validator: str) -> None:
    outcome = fetch("/", {"/": respond(200, "x")}, serve, etag=validator, last_modified=validator)
    assert isinstance(outcome, Response)


def test_a_304_that_nobody_asked_for_is_a_failure(serve: Any, respond: Any) -> None:
    failed(fetch("/", {"/": respond(304)}, serve), "http_304")


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(400, False), (401, False), (403, False), (404, False), (410, False), (429, True), (500, True), (503, True)],
)
def test_errors_of_the_server(serve: Any, respond: Any, status: int, retryable: bool) -> None:
    failure = failed(fetch("/", {"/": respond(status)}, serve), f"http_{status}")
    assert failure.status == status
    assert failure.retryable is retryable
    assert str(status) in failure.message


@pytest.mark.parametrize(
    ("value", "seconds"), [("120", 120.0), ("Mon, 14 Sep 2026 12:05:00 GMT", 300.0), ("soon", None), ("-5", None)]
)
def test_retry_after_in_seconds_or_as_a_date(serve: Any, respond: Any, value: str, seconds: float | None) -> None:
    failure = failed(fetch("/", {"/": respond(503, b"", {"Retry-After": value})}, serve), "http_503")
    assert failure.retry_after == seconds


def test_a_host_that_asked_for_a_pause_is_left_alone(serve: Any, respond: Any) -> None:
    async def do(server: Any) -> None:
        async with Fetcher(config(), clock=lambda: NOON) as fetcher:
            failed(await fetcher.fetch(Request(f"{server.url}/a")), "http_429")
            later = failed(await fetcher.fetch(Request(f"{server.url}/b")), "host_asked_to_wait")
        assert later.retryable
        assert later.retry_after == pytest.approx(3600, abs=5)
        assert "/b" not in server.paths()

    run(do, {"*": respond(429, b"", {"Retry-After": "3600"})}, serve)


def test_redirects_are_followed_and_recorded(serve: Any, respond: Any) -> None:
    replies = {
        "/old": respond(301, b"", {"Location": "/newer"}),
        "/newer": respond(308, b"", {"Location": "//127.0.0.1:{port}/new"}),
    }

    async def do(server: Any) -> None:
        server.replies["/newer"] = respond(308, b"", {"Location": f"{server.url}/tmp"})
        server.replies["/tmp"] = respond(302, b"", {"Location": "new?token=s3cret#part"})
        server.replies["/new?token=s3cret"] = respond(200, "here")
        async with Fetcher(config(), clock=lambda: NOON) as fetcher:
            outcome = await fetcher.fetch(Request(f"{server.url}/old"))
        assert isinstance(outcome, Response)
        assert outcome.body == b"here"
        assert outcome.requested_url == f"{server.url}/old"
        assert outcome.final_url == f"{server.url}/new"
        assert outcome.redirects == (
            (301, f"{server.url}/newer"),
            (308, f"{server.url}/tmp"),
            (302, f"{server.url}/new"),
        )
        assert outcome.moved_to == f"{server.url}/tmp"
        assert "s3cret" not in repr(outcome)

    run(do, replies, serve)


def test_redirect_circles_and_chains_end(serve: Any, respond: Any) -> None:
    circle = {"/a": respond(302, b"", {"Location": "/b"}), "/b": respond(302, b"", {"Location": "/a"})}
    failed(fetch("/a", circle, serve), "redirect_loop")
    chain = {f"/{n}": respond(302, b"", {"Location": f"/{n + 1}"}) for n in range(20)}
    failure = failed(fetch("/0", chain, serve), "too_many_redirects")
    assert len(failure.redirects) == 6


@pytest.mark.parametrize(
    "location",
    ["ftp://files.example/", "javascript:alert(1)", "http://[::bad/", "http://a b.example/", "file:///etc/passwd"],
)
def test_redirects_to_what_is_no_web_page(serve: Any, respond: Any, location: str) -> None:
    failed(fetch("/", {"/": respond(302, b"", {"Location": location})}, serve), "bad_redirect")


def test_a_redirect_without_a_place(serve: Any, respond: Any) -> None:
    failed(fetch("/", {"/": respond(302)}, serve), "bad_redirect")


@pytest.mark.parametrize(
    "url", ["", "news", "ftp://a.example/", "http://", "http://a.example:99999/", "http://a.example/\r\nX: 1"]
)
def test_what_is_no_url(url: str) -> None:
    async def main() -> Outcome:
        async with Fetcher(config(), clock=lambda: NOON) as fetcher:
            return await fetcher.fetch(Request(url))

    failed(asyncio.run(main()), "bad_url")


def test_credentials_never_leave_and_never_show(serve: Any, respond: Any) -> None:
    async def do(server: Any) -> None:
        async with Fetcher(config(), clock=lambda: NOON) as fetcher:
            outcome = await fetcher.fetch(Request(f"http://user:pa55@127.0.0.1:{server.port}/"))
        assert isinstance(outcome, Response)
        assert "pa55" not in repr(outcome)
        assert "authorization" not in server.asked[-1].headers

    run(do, {"*": respond(200, "x")}, serve)


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("br", brotli.compress),
        ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
        ("identity", bytes),
    ],
)
def test_content_codings(serve: Any, respond: Any, coding: str, pack: Callable[[bytes], bytes]) -> None:
    text = b"Both delegations left without a word. " * 50
    outcome = fetch("/", {"/": respond(200, pack(text), {"Content-Encoding": coding})}, serve)
    assert isinstance(outcome, Response)
    assert outcome.body == text


def test_bodies_beyond_the_limit_are_not_read(serve: Any, respond: Any) -> None:
    settings = config(max_bytes=10_000)
    failed(fetch("/", {"/": respond(200, b"x" * 10_001)}, serve, settings), "too_large")
    bomb = gzip.compress(b"\0" * 5_000_000)
    failed(fetch("/", {"/": respond(200, bomb, {"Content-Encoding": "gzip"})}, serve, settings), "too_large")
    bomb = brotli.compress(b"\0" * 5_000_000)
    failed(fetch("/", {"/": respond(200, bomb, {"Content-Encoding": "br"})}, serve, settings), "too_large")
    assert isinstance(fetch("/", {"/": respond(200, b"x" * 10_001)}, serve, settings, max_bytes=20_000), Response)


def test_a_body_without_end(serve: Any) -> None:
    async def endless(_asked: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    failed(fetch("/", {"/": endless}, serve, config(max_bytes=1_000_000)), "too_large")


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"not gzip at all"),
        ("br", b"\xff" * 20),
        ("rot13", b"uryyb"),
        ("gzip", gzip.compress(b"a" * 999, mtime=0)[:-9]),
    ],
)
def test_bodies_in_no_coding(serve: Any, respond: Any, coding: str, body: bytes) -> None:
    failed(fetch("/", {"/": respond(200, body, {"Content-Encoding": coding})}, serve), "bad_encoding")


def test_a_type_that_is_of_no_use_is_not_downloaded(serve: Any, respond: Any) -> None:
    pdf = respond(200, b"%PDF", {"Content-Type": "application/pdf"}, length=500_000_000)
    failure = failed(fetch("/", {"/": pdf}, serve, types=PAGE_TYPES), "wrong_type")
    assert "application/pdf" in failure.message
    assert not failure.retryable


def test_hosts_that_hang_drip_reset_break_off_and_talk_garbage(serve: Any) -> None:
    async def hang(_asked: Any, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async def drip(_asked: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Type: text/html\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def reset(_asked: Any, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def break_off(_asked: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Type: text/html\r\n\r\nhalf")
        await writer.drain()

    async def garbage(_asked: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(range(256)) * 4)
        await writer.drain()

    async def do(server: Any) -> None:
        async with Fetcher(
            config(total_timeout=1.0, read_timeout=0.4, host_failures=99, per_host=9), clock=lambda: NOON
        ) as fetcher:
            started = asyncio.get_running_loop().time()
            paths = ["hang", "drip", "reset", "break", "garbage"]
            outcomes = await asyncio.gather(*(fetcher.fetch(Request(f"{server.url}/{path}")) for path in paths))
            assert asyncio.get_running_loop().time() - started < 1.8
        reasons = ["timeout", "timeout", "reset", "truncated", "bad_http"]
        for outcome, reason in zip(outcomes, reasons, strict=True):
            assert failed(outcome, reason).retryable

    replies = {"/hang": hang, "/drip": drip, "/reset": reset, "/break": break_off, "/garbage": garbage}
    run(do, replies, serve)


def test_a_port_that_takes_no_connection_and_a_name_without_address() -> None:
    def lookup(host: str, _port: int, _family: int) -> list[tuple[int, str]]:
        raise OSError(f"no {host}")

    async def main() -> tuple[Outcome, Outcome]:
        async with Fetcher(config(), clock=lambda: NOON, lookup=lookup) as fetcher:
            return (
                await fetcher.fetch(Request("http://127.0.0.1:1/")),
                await fetcher.fetch(Request("http://nowhere.example/")),
            )

    closed, nameless = asyncio.run(main())
    assert failed(closed, "connect").retryable
    assert "nowhere.example" in failed(nameless, "dns").message


def test_a_host_that_is_down_is_not_tried_forever() -> None:
    async def main() -> list[Outcome]:
        async with Fetcher(config(host_failures=2, robots=False), clock=lambda: NOON) as fetcher:
            return [await fetcher.fetch(Request(f"http://127.0.0.1:1/{n}")) for n in range(3)]

    outcomes = asyncio.run(main())
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, Failure)] == [
        "connect",
        "connect",
        "host_down",
    ]


def test_robots_txt_is_obeyed_and_asked_once(serve: Any, respond: Any) -> None:
    rules = respond(
        200, "User-agent: *\nDisallow: /\n\nUser-agent: courant\nDisallow: /private/\n", {"Content-Type": "text/plain"}
    )

    async def do(server: Any) -> None:
        async with Fetcher(config(), clock=lambda: NOON) as fetcher:
            requests = [Request(f"{server.url}/{path}") for path in ("a", "private/b", "c")]
            a, b, c = await asyncio.gather(*map(fetcher.fetch, requests))
            by_hand = await fetcher.fetch(Request(f"{server.url}/private/b", robots=False))
        assert isinstance(a, Response)
        assert isinstance(c, Response)
        assert not failed(b, "robots_disallowed").retryable
        assert isinstance(by_hand, Response)
        assert server.paths().count("/robots.txt") == 1

    run(do, {"/robots.txt": rules, "*": respond(200, "x")}, serve)


@pytest.mark.parametrize(("status", "allowed"), [(404, True), (403, True), (410, True), (500, False), (503, False)])
def test_robots_txt_that_is_missing_allows_and_one_that_fails_does_not(
    serve: Any, respond: Any, status: int, allowed: bool
) -> None:
    outcome = fetch("/", {"/robots.txt": respond(status), "/": respond(200, "x")}, serve)
    if allowed:
        assert isinstance(outcome, Response)
    elif status == 503:
        assert failed(outcome, "robots_unavailable").retryable
    else:
        assert failed(outcome, "robots_unavailable").retryable


def test_robots_txt_beyond_its_limit_counts_as_far_as_it_was_read(serve: Any, respond: Any) -> None:
    filler = "# " + "x" * 1000 + "\n"
    early = "User-agent: *\nDisallow: /early\n" + filler * 600 + "Disallow: /late\n"
    replies = {"/robots.txt": respond(200, early), "*": respond(200, "x")}
    failed(fetch("/early", replies, serve), "robots_disallowed")
    assert isinstance(fetch("/late", replies, serve), Response)


def test_robots_txt_is_followed_through_redirects(serve: Any, respond: Any) -> None:
    replies = {
        "/robots.txt": respond(301, b"", {"Location": "/rules"}),
        "/rules": respond(200, "User-agent: *\nDisallow: /\n"),
        "*": respond(200, "x"),
    }
    failed(fetch("/page", replies, serve), "robots_disallowed")
    replies["/rules"] = respond(301, b"", {"Location": "/robots.txt"})
    assert isinstance(fetch("/page", replies, serve), Response)


def test_a_named_host_is_served_from_loopback(serve: Any, respond: Any) -> None:
    async def do(server: Any) -> None:
        overrides = Overrides({"newsroom.example": ("127.0.0.1", server.port, "http")})
        plain = FetchConfig("editor@newsroom.example")  # no address is allowed: the override is
        async with Fetcher(plain, overrides, clock=lambda: NOON) as fetcher:
            outcome = await fetcher.fetch(Request("https://newsroom.example/old"))
            other = await fetcher.fetch(Request(f"{server.url}/old"))
        assert isinstance(outcome, Response)
        assert outcome.final_url == "https://newsroom.example/new?x=1"
        assert outcome.redirects == ((301, "https://newsroom.example/new?x=1"),)
        assert str(server.port) not in repr(outcome)
        assert {asked.headers["host"] for asked in server.asked} == {"newsroom.example"}
        failed(other, "address_refused")

    replies = {"/old": respond(301, b"", {"Location": "https://newsroom.example/new?x=1"}), "*": respond(200, "x")}
    run(do, replies, serve)


def test_environment_proxies_are_ignored(serve: Any, respond: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert isinstance(fetch("/", {"/": respond(200, "x")}, serve), Response)


def test_requests_to_one_host_keep_their_distance(serve: Any, respond: Any) -> None:
    times: list[float] = []

    async def timed(_asked: Any, writer: asyncio.StreamWriter) -> None:
        times.append(asyncio.get_running_loop().time())
        writer.write(respond(200, "x"))
        await writer.drain()

    async def do(server: Any) -> None:
        async with Fetcher(config(host_delay=0.05, robots=False)) as fetcher:
            await asyncio.gather(*(fetcher.fetch(Request(f"{server.url}/{n}")) for n in range(4)))

    run(do, {"*": timed}, serve)
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(gaps) == 3
    assert min(gaps) > 0.04


def test_a_fetcher_that_is_not_open_says_so() -> None:
    with pytest.raises(RuntimeError, match="not open"):
        asyncio.run(Fetcher(config()).fetch(Request("http://127.0.0.1/")))


@pytest.mark.parametrize("changes", [{"contact": "me"}, {"contact": ""}, {"product": "a b"}, {"max_bytes": 0}])
def test_settings_that_cannot_be_meant(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        config(**changes)


def test_a_host_without_a_secure_connection() -> None:
    async def plain(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async def main() -> Outcome:
        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Fetcher(config(robots=False), clock=lambda: NOON) as fetcher:
            return await fetcher.fetch(Request(f"https://127.0.0.1:{port}/"))

    assert failed(asyncio.run(main()), "tls").retryable
