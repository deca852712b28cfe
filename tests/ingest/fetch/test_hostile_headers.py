"""What may not go out with a request, and what may come with an answer: headers, cookies, addresses."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.fetch.addresses import Overrides
from ingest.fetch.client import Fetcher
from ingest.fetch.config import FetchConfig
from ingest.fetch.outcomes import Failure, NotModified, Outcome, Request, Response

NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
CONFIG = FetchConfig(
    "editor@newsroom.example",
    total_timeout=2.0,
    connect_timeout=1.0,
    read_timeout=1.0,
    allow_private=frozenset({"::1"}),
)


def run(do: Callable[[Any, Fetcher], Awaitable[Any]], replies: dict[str, Any], serve: Any) -> Any:
    """With a server that answers for all of example, and a fetcher that finds it."""

    async def main() -> Any:
        async with serve(replies) as server:
            overrides = Overrides({"example": ("127.0.0.1", server.port, "http")})
            async with Fetcher(CONFIG, overrides, clock=lambda: NOON) as fetcher:
                return await do(server, fetcher)

    return asyncio.run(main())


def raw(*headers: bytes, status: bytes = b"200 OK", body: bytes = b"x") -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"HTTP/1.1 " + status + b"\r\nContent-Length: %d\r\n" % len(body) + lines + b"\r\n" + body


def test_headers_of_a_feeds_own_go_to_its_own_host_alone(serve: Any, respond: Any) -> None:
    replies = {
        "/feed": respond(302, b"", {"Location": "/here"}),
        "/here": respond(302, b"", {"Location": "https://other.example/there"}),
        "/there": respond(302, b"", {"Location": "http://news.example/clear"}),
        "*": respond(200, "x"),
    }

    async def do(server: Any, fetcher: Fetcher) -> None:
        request = Request("https://news.example/feed", headers={"X-Key": "s3cret"})
        outcome = await fetcher.fetch(request)
        assert isinstance(outcome, Response)
        sent = {(asked.path, asked.headers["host"]): asked.headers.get("x-key") for asked in server.asked}
        assert sent["/feed", "news.example"] == sent["/here", "news.example"] == "s3cret"
        assert sent["/there", "other.example"] is None
        assert sent["/clear", "news.example"] is None, "what goes over TLS does not follow into the clear"
        assert sent["/robots.txt", "news.example"] is None
        assert "s3cret" not in repr((request, outcome))

    run(do, replies, serve)


def test_only_allowed_hosts_are_asked_also_after_redirects(serve: Any, respond: Any) -> None:
    replies = {"/out": respond(301, b"", {"Location": "https://ads.example/x"}), "*": respond(200, "x")}

    async def do(server: Any, fetcher: Fetcher) -> None:
        async def ask(url: str) -> Outcome:
            return await fetcher.fetch(Request(url, allow_hosts=("news.example",)))

        assert isinstance(await ask("https://news.example/"), Response)
        assert isinstance(await ask("https://www.news.example/"), Response)
        for url in ("https://news.example/out", "https://ads.example/", "https://badnews.example/"):
            refused = await ask(url)
            assert isinstance(refused, Failure)
            assert (refused.reason, refused.retryable) == ("host_not_allowed", False)
        assert {asked.headers["host"] for asked in server.asked} == {"news.example", "www.news.example"}

    run(do, replies, serve)


def test_cookies_are_neither_kept_nor_sent(serve: Any, respond: Any) -> None:
    replies = {"/a": respond(302, b"", {"Location": "/b", "Set-Cookie": "id=7; Path=/"}), "*": respond(200, "x")}

    async def do(server: Any, fetcher: Fetcher) -> None:
        for path in ("a", "b", "a"):
            assert isinstance(await fetcher.fetch(Request(f"https://news.example/{path}")), Response)
        assert all("cookie" not in asked.headers for asked in server.asked)

    run(do, replies, serve)


@pytest.mark.parametrize(
    "etag", [b'"\xff\xfe"', b'W/"\xc3\xa9"', b'"a\tb"', b'"' + b"e" * 8000 + b'"', b'"\x7f\x1b[31m"', b'"a"; x=1']
)
def test_a_validator_comes_back_as_it_came_or_not_at_all(serve: Any, etag: bytes) -> None:
    replies = {"*": raw(b"ETag: " + etag, b"Last-Modified: " + etag, b"Content-Type: text/html; charset=" + etag)}

    async def do(server: Any, fetcher: Fetcher) -> None:
        first = await fetcher.fetch(Request("https://news.example/"))
        assert isinstance(first, Response)
        for value in (first.etag, first.last_modified, first.content_type, *first.headers.values()):
            assert value is None or value.encode(), "all that is kept can be written down"
        again = Request("https://news.example/", etag=first.etag, last_modified=first.last_modified)
        assert isinstance(await fetcher.fetch(again), Response)
        for name in ("if-none-match", "if-modified-since"):
            sent = server.asked[-1].headers.get(name)
            assert sent is None or sent.encode("latin-1") == etag

    run(do, replies, serve)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (b"/\x01", None),
        (b"/caf\xc3\xa9", None),
        (b"/caf\xff", None),
        (b"/%0d%0aEvil:%201", None),
        (b"https://me:s3cret@news.example/", None),
        (b"https://[::1", "bad_redirect"),
        (b"https://\xff.example/", None),
        (b"/" + b"a" * 10_000, None),
    ],
)
def test_a_redirect_injects_nothing(serve: Any, respond: Any, location: bytes, reason: str | None) -> None:
    replies = {"/from": raw(b"Location: " + location, status=b"302 Found"), "*": respond(200, "x")}

    async def do(server: Any, fetcher: Fetcher) -> None:
        outcome = await fetcher.fetch(Request("https://news.example/from"))
        found = outcome.reason if isinstance(outcome, Failure) else None
        assert found == reason, outcome
        assert repr(outcome).isprintable()
        assert "s3cret" not in repr(outcome)
        for url in [url for _, url in outcome.redirects]:
            assert url.isascii()
        for asked in server.asked:
            assert "evil" not in asked.headers
            assert "authorization" not in asked.headers

    run(do, replies, serve)


def test_headers_that_never_end_and_headers_that_drip(serve: Any) -> None:
    async def endless(_asked: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: " + b"y" * 60_000)
            await writer.drain()

    async def drip(_asked: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(1000):
            writer.write(b"X-%d: 1\r\n" % number)
            await writer.drain()
            await asyncio.sleep(0.1)

    async def do(_server: Any, fetcher: Fetcher) -> None:
        outcomes = await asyncio.gather(
            *(fetcher.fetch(Request(f"https://{path}.example/{path}")) for path in ("endless", "drip"))
        )
        assert [outcome.reason for outcome in outcomes if isinstance(outcome, Failure)] == ["bad_http", "timeout"]

    run(do, {"/endless": endless, "/drip": drip}, serve)


def test_a_host_of_ipv6(serve: Any, respond: Any) -> None:
    async def main() -> None:
        try:
            listening = serve({"/old": respond(301, b"", {"Location": "/new"}), "*": respond(200, "x")}, address="::1")
            async with listening as server:
                async with Fetcher(CONFIG, clock=lambda: NOON) as fetcher:
                    outcome = await fetcher.fetch(Request(f"http://[::1]:{server.port}/old"))
                assert isinstance(outcome, Response)
                assert outcome.final_url == outcome.moved_to == f"http://[::1]:{server.port}/new"
                assert {asked.headers["host"] for asked in server.asked} == {f"[::1]:{server.port}"}
                assert server.paths() == ["/robots.txt", "/old", "/new"]
        except OSError:
            pytest.skip("this machine has no IPv6 on loopback")

    asyncio.run(main())


@pytest.mark.parametrize(
    "host", ["[::1]", "[::ffff:127.0.0.1]", "[fe80::1]", "[fe80::1%25eth0]", "[fd00::1]", "[64:ff9b::7f00:1]", "[::]"]
)
def test_addresses_of_ipv6_that_are_not_public_are_not_asked(host: str) -> None:
    async def main() -> Outcome:
        async with Fetcher(FetchConfig("editor@newsroom.example"), clock=lambda: NOON) as fetcher:
            return await fetcher.fetch(Request(f"http://{host}/"))

    outcome = asyncio.run(main())
    assert isinstance(outcome, Failure)
    assert outcome.reason in ("address_refused", "bad_url")


def test_a_304_carries_its_headers_for_the_cache(serve: Any, respond: Any) -> None:
    async def do(_server: Any, fetcher: Fetcher) -> None:
        outcome = await fetcher.fetch(Request("https://news.example/", etag='"1"'))
        assert isinstance(outcome, NotModified)
        assert outcome.headers["cache-control"] == "max-age=60"

    run(do, {"*": respond(304, b"", {"Cache-Control": "max-age=60"})}, serve)
