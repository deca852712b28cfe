"""What is asked of the web, and how it can end. Every URL in an outcome is cleaned: no credentials, no tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

FEED_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
PAGE_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain"})

Redirects = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A GET.

    `etag` and `last_modified` are the values that the server sent last time; with them the answer may be NotModified.
    `types` are the media types that are of use (empty: all); a response of another type is not downloaded. `max_bytes`
    overrides the configured limit. `robots` is False only for what a person has asked for by hand. `headers` go to the
    URL's own host alone, whatever it redirects to. `allow_hosts` are the only hosts that may be asked, each with the
    hosts below it (empty: all).
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None
    accept: str = PAGE_ACCEPT
    types: frozenset[str] = frozenset()
    max_bytes: int | None = None
    robots: bool = True
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    allow_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """A 2xx answer.

    `redirects` are the hops before it: the status that each answered with, and the URL that it led to. `headers` have
    lower-case names, repeated ones joined by comma; `wire_headers` are as they came. `body` is decoded (no content or
    transfer coding). `content_type` is the whole header value. `http_version` is `1.0` or `1.1`. `request_headers` are
    those that were sent, without what a feed's own settings added: that may be a secret.
    """

    requested_url: str
    final_url: str
    redirects: Redirects
    status: int
    headers: Mapping[str, str]
    body: bytes
    content_type: str | None
    fetched_at: datetime
    http_version: str
    wire_headers: tuple[tuple[str, str], ...]
    request_headers: tuple[tuple[str, str], ...] = ()

    @property
    def etag(self) -> str | None:
        return self.headers.get("etag")

    @property
    def last_modified(self) -> str | None:
        return self.headers.get("last-modified")

    @property
    def moved_to(self) -> str | None:
        """Where the resource has moved for good: the end of the permanent redirects that the chain starts with."""
        return _moved_to(self.redirects)


@dataclass(frozen=True, slots=True)
class NotModified:
    """A 304: what was fetched last time still stands. `etag` and `last_modified` may be newer than those sent."""

    requested_url: str
    final_url: str
    redirects: Redirects
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    request_headers: tuple[tuple[str, str], ...] = ()

    @property
    def moved_to(self) -> str | None:
        return _moved_to(self.redirects)


@dataclass(frozen=True, slots=True)
class Failure:
    """No usable answer.

    `reason` is one of: bad_url, address_refused, robots_disallowed, robots_unavailable, dns, connect, tls, timeout,
    reset, truncated, bad_http, bad_encoding, wrong_type, too_large, redirect_loop, too_many_redirects, bad_redirect,
    host_not_allowed, host_down, host_asked_to_wait, or `http_` and the status. `message` says it in a sentence.
    `retry_after` is in seconds, where the server named a time. `retryable` is whether the same request may well succeed
    later. `asked` is False where the host was left alone, for what had become of other requests.
    """

    requested_url: str
    reason: str
    message: str
    fetched_at: datetime
    retryable: bool
    status: int | None = None
    retry_after: float | None = None
    redirects: Redirects = ()
    asked: bool = True

    @property
    def moved_to(self) -> str | None:
        return _moved_to(self.redirects)


Outcome = Response | NotModified | Failure


def _moved_to(redirects: Redirects) -> str | None:
    moved = None
    for status, url in redirects:
        if status not in (301, 308):
            break
        moved = url
    return moved
