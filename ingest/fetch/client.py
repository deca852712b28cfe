"""The fetcher: aiohttp for the wire; addresses, redirects, sizes, times, robots.txt and manners decided here.

Redirects are followed by hand, so that every hop is checked like the first. Cookies are off. Proxies are used only if
configured. A fetch ends within its time limit whatever the host does, and never raises for anything the host did.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from urllib.parse import urljoin, urlsplit

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from ingest.fetch import faults
from ingest.fetch.addresses import (
    AddressPolicy,
    CheckedResolver,
    Lookup,
    Overrides,
    host_address,
    system_lookup,
)
from ingest.fetch.config import FetchConfig
from ingest.fetch.decoding import ACCEPT_ENCODING, BadCodingError, Decoder, TooLargeError
from ingest.fetch.hosts import Hosts, UnavailableError
from ingest.fetch.outcomes import Failure, NotModified, Outcome, Redirects, Request, Response
from ingest.fetch.robots import MAX_BYTES, MAX_REDIRECTS, Robots, RobotsAnswer
from schemas.urls import clean_url, host_of, is_within, same_site, shown

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 527, 529, 530})
_DEFAULT_WAIT = 60.0
_OWN_HEADERS = frozenset({"user-agent", "accept", "accept-encoding", "if-none-match", "if-modified-since"})


def _now() -> datetime:
    return datetime.now(UTC)


class Fetcher:
    """Fetches for one pass: `async with Fetcher(config) as fetcher: outcome = await fetcher.fetch(Request(url))`.

    `resolver` sends named hosts elsewhere; `lookup` stands in for DNS; `clock` gives the time of an outcome (UTC).
    """

    def __init__(
        self,
        config: FetchConfig,
        resolver: Overrides | None = None,
        clock: Callable[[], datetime] = _now,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._config = config
        self._overrides = resolver or Overrides({})
        self._clock = clock
        self._lookup = lookup
        self._policy = AddressPolicy.allowing(config.allow_private)
        self._hosts = Hosts(config.per_host, config.host_delay, config.max_host_delay, config.host_failures)
        self._robots = Robots(config.product, self._get_robots)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Fetcher":
        resolver = CheckedResolver(self._policy, self._lookup)
        connector = aiohttp.TCPConnector(
            resolver=resolver, limit=self._config.concurrency, use_dns_cache=True, ttl_dns_cache=30
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self._config.connect_timeout, sock_read=self._config.read_timeout
            ),
            headers={"User-Agent": self._config.user_agent, "Accept-Encoding": ACCEPT_ENCODING},
            max_line_size=16_384,
            max_field_size=32_768,
        )
        self._resolver = resolver
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._robots.close()
        if self._session is not None:
            await self._session.close()
            await self._resolver.close()
            self._session = None

    async def fetch(self, request: Request) -> Outcome:
        """One GET with its redirects. Raises only RuntimeError, where the fetcher is not open."""
        if self._session is None:
            raise RuntimeError("the fetcher is not open: use `async with Fetcher(…)`")
        return await _Fetch(self, request).run()

    async def _get_robots(self, url: str) -> RobotsAnswer:
        """A robots.txt, by the same rules as a page, save that it is not subject to itself."""
        request = Request(url, accept="text/plain, */*;q=0.1", robots=False, max_bytes=MAX_BYTES)
        outcome = await _Fetch(self, request, max_redirects=MAX_REDIRECTS, cut=True).run()
        if isinstance(outcome, Response):
            return RobotsAnswer(outcome.status, outcome.body)
        if isinstance(outcome, Failure):
            if outcome.reason in ("too_many_redirects", "redirect_loop"):
                return RobotsAnswer(404)  # RFC 9309, section 2.3.1.2: may be taken for unavailable
            return RobotsAnswer(outcome.status, failure=outcome)
        return RobotsAnswer(None)


class _Fetch:
    """One request on its way: the hops so far, and the network time that is left."""

    def __init__(
        self, fetcher: Fetcher, request: Request, *, max_redirects: int | None = None, cut: bool = False
    ) -> None:
        self._fetcher = fetcher
        self._config = fetcher._config
        self._request = request
        self._max_redirects = self._config.max_redirects if max_redirects is None else max_redirects
        self._cut = cut
        self._redirects: Redirects = ()
        self._time_left = self._config.total_timeout

    async def run(self) -> Outcome:
        try:
            self._requested = self._here = clean_url(self._request.url)
        except ValueError as error:
            self._requested = shown(self._request.url)
            return self._failure("bad_url", f"{error}.")
        url = faults.wire_url(self._request.url)
        seen = {url}
        while True:
            answer = await self._hop(url)
            if not isinstance(answer, _Redirect):
                return answer
            if answer.location is None:
                return self._failure("bad_redirect", f"{shown(url)} redirects to nowhere.", status=answer.status)
            try:
                url = faults.wire_url(urljoin(url, answer.location))
                self._here = clean_url(url)
            except ValueError as error:
                return self._failure("bad_redirect", f"The redirect leads astray: {error}.", status=answer.status)
            self._redirects += ((answer.status, self._here),)
            if url in seen:
                return self._failure("redirect_loop", f"{self._requested} redirects in a circle.")
            if len(self._redirects) > self._max_redirects:
                message = f"{self._requested} redirects more than {self._max_redirects} times."
                return self._failure("too_many_redirects", message)
            seen.add(url)

    async def _hop(self, url: str) -> "Outcome | _Redirect":
        host = host_of(url)
        if self._request.allow_hosts and not is_within(host, self._request.allow_hosts):
            return self._failure("host_not_allowed", f"{host} is not among the hosts that may be asked for this page.")
        target = self._fetcher._overrides.target(host)
        if target is None and (refused := self._refusal(host)) is not None:
            return self._failure("address_refused", refused)
        if self._request.robots and self._config.robots and (refused_by := await self._robots_refusal(url, host)):
            return refused_by
        wire, headers = URL(url, encoded=True), self._headers(url)
        if target is not None:
            headers["Host"] = urlsplit(url).netloc
            wire = wire.with_scheme(target.scheme).with_host(target.address).with_port(target.port)
        hosts = self._fetcher._hosts
        try:
            async with hosts.turn(host):
                started = asyncio.get_running_loop().time()
                try:
                    async with asyncio.timeout(max(0.001, self._time_left)):
                        answer = await self._ask(wire, url, headers)
                except (aiohttp.ClientError, OSError, TimeoutError, ValueError, BadCodingError, TooLargeError) as error:
                    fault = faults.of(error, host, self._config)
                    if fault.counts_against_host:
                        hosts.failed(host)
                    return self._failure(fault.reason, fault.message, retryable=fault.retryable)
                finally:
                    self._time_left -= asyncio.get_running_loop().time() - started
        except UnavailableError as unavailable:
            reason, message = faults.of_unavailable(host, unavailable)
            return self._failure(reason, message, retryable=True, retry_after=unavailable.seconds, asked=False)
        hosts.answered(host)
        return answer

    def _refusal(self, host: str) -> str | None:
        """Literal addresses never pass through the resolver, so they are checked here."""
        address = host_address(host)
        if address is None:
            return None
        if (refusal := self._fetcher._policy.refusal(host, str(address))) is not None:
            return f"{refusal}: not asked."
        plain = str(address) == host.strip("[]").rstrip(".")
        return None if plain or ":" in host else f"{host} is an address in an odd spelling: not asked."

    async def _robots_refusal(self, url: str, host: str) -> Failure | None:
        rules = await self._fetcher._robots.rules(url)
        if rules.failure is not None and rules.failure.status is None and not rules.reachable:
            # What keeps robots.txt away (no such name, no connection, no time) keeps the page away as well.
            failure = rules.failure
            return self._failure(
                failure.reason,
                failure.message,
                retryable=failure.retryable,
                retry_after=failure.retry_after,
                asked=failure.asked,
            )
        if not rules.reachable:
            message = f"The robots.txt of {host} could not be read, so nothing is asked of it for now."
            wait = rules.failure.retry_after if rules.failure is not None else None
            return self._failure("robots_unavailable", message, retryable=True, retry_after=wait)
        if not rules.allows(url):
            return self._failure("robots_disallowed", f"The robots.txt of {host} disallows {shown(url)}.")
        if rules.crawl_delay:
            self._fetcher._hosts.set_crawl_delay(host, rules.crawl_delay)
        return None

    def _headers(self, url: str) -> dict[str, str]:
        headers = {"Accept": self._request.accept}
        if same_site(url, faults.wire_url(self._request.url)):
            headers |= self._request.headers
        for name, value in (
            ("If-None-Match", self._request.etag),
            ("If-Modified-Since", self._request.last_modified),
        ):
            # A value that no header can hold came from a broken log or a hostile server; one that was no text is not
            # what it was. Without it all is fetched.
            if value and value.isprintable() and "\ufffd" not in value and len(value) < 1000:
                headers[name] = value
        return headers

    async def _ask(self, wire: URL, url: str, headers: Mapping[str, str]) -> "Outcome | _Redirect":
        session = self._fetcher._session
        assert session is not None
        async with session.get(wire, headers=headers, allow_redirects=False, proxy=self._config.proxy) as answer:
            if answer.status in _REDIRECTS:
                return _Redirect(answer.status, _readable(answer.headers.get("Location"), "latin-1"))
            if answer.status == 304:
                return self._not_modified(answer, url)
            if not 200 <= answer.status < 300:
                return self._refused(answer.status, answer.headers, url)
            content_type = _readable(answer.headers.get("Content-Type"))
            media_type = (content_type or "").partition(";")[0].strip().lower()
            if self._request.types and media_type and media_type not in self._request.types:
                answer.close()
                return self._failure("wrong_type", f"{shown(url)} is {shown(media_type)}, which is of no use here.")
            body = await self._body(answer)
            version = answer.version
            return Response(
                requested_url=self._requested,
                final_url=self._here,
                redirects=self._redirects,
                status=answer.status,
                headers=_joined(answer.headers),
                body=body,
                content_type=content_type,
                fetched_at=self._fetcher._clock(),
                http_version=f"{version.major}.{version.minor}" if version else "1.1",
                wire_headers=tuple(
                    (name.decode("latin-1"), value.decode("utf-8", "replace")) for name, value in answer.raw_headers
                ),
                request_headers=_sent(answer),
            )

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        limit = self._request.max_bytes or self._config.max_bytes
        decoder = Decoder(",".join(answer.headers.getall("Content-Encoding", [])).split(","), limit, cut=self._cut)
        try:
            if not self._cut and not answer.headers.get("Content-Encoding") and (answer.content_length or 0) > limit:
                raise TooLargeError(f"the body is larger than {limit:,} bytes")
            async for piece in answer.content.iter_any():
                decoder.feed(piece)
                if decoder.full:
                    answer.close()
                    break
            return decoder.finish()
        except (TooLargeError, BadCodingError):
            answer.close()  # the rest must not be read to keep the connection
            raise

    def _not_modified(self, answer: aiohttp.ClientResponse, url: str) -> Outcome:
        headers = answer.headers
        if not (self._request.etag or self._request.last_modified):
            return self._failure(
                "http_304", f"{shown(url)} answered 304 though nothing was asked that way.", status=304
            )
        return NotModified(
            requested_url=self._requested,
            final_url=self._here,
            redirects=self._redirects,
            fetched_at=self._fetcher._clock(),
            etag=_readable(headers.get("ETag")) or self._request.etag,
            last_modified=_readable(headers.get("Last-Modified")) or self._request.last_modified,
            headers=_joined(headers),
            request_headers=_sent(answer),
        )

    def _refused(self, status: int, headers: CIMultiDictProxy[str], url: str) -> Failure:
        wait = faults.retry_after(headers.get("Retry-After"), self._fetcher._clock())
        if status in (429, 503):
            self._fetcher._hosts.asked_to_wait(host_of(url), _DEFAULT_WAIT if wait is None else wait)
        return self._failure(
            f"http_{status}",
            f"{shown(url)} answered {faults.spoken_status(status)}.",
            status=status,
            retryable=status in _RETRYABLE,
            retry_after=wait,
        )

    def _failure(
        self,
        reason: str,
        message: str,
        *,
        status: int | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
        asked: bool = True,
    ) -> Failure:
        return Failure(
            requested_url=self._requested,
            reason=reason,
            message=message,
            fetched_at=self._fetcher._clock(),
            retryable=retryable,
            status=status,
            retry_after=retry_after,
            redirects=self._redirects,
            asked=asked,
        )


class _Redirect:
    def __init__(self, status: int, location: str | None) -> None:
        self.status = status
        self.location = location


def _sent(answer: aiohttp.ClientResponse) -> tuple[tuple[str, str], ...]:
    """The headers of the request that are this program's own; Host is the URL's, wherever the request was sent."""
    return tuple((name, value) for name, value in answer.request_info.headers.items() if name.lower() in _OWN_HEADERS)


def _joined(headers: CIMultiDictProxy[str]) -> Mapping[str, str]:
    """Lower-case names, repeated ones joined by comma (RFC 9110, section 5.3)."""
    return MappingProxyType({name.lower(): _readable(", ".join(headers.getall(name))) or "" for name in headers})


def _readable(value: str | None, otherwise: str = "utf-8") -> str | None:
    """A header's value as text that can be written down: aiohttp hands on what is not UTF-8 as lone surrogates."""
    if value is None or value.isascii():
        return value
    content = value.encode("utf-8", "surrogateescape")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode(otherwise, "replace")
