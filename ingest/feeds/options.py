"""What the feeds file says about one feed beside its address: attributes of its outline.

interval="60"            minutes between two polls, at least
language="en"            shown, and never an input to anything
header-X-Key="…"         a header of its own that goes with each poll, to the feed's own host alone
allowHosts="a.example"   its pages are fetched from these hosts, and hosts below them, only
resumed="2026-09-14…"    when the operator asked for a feed again that had gone for good (410)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from schemas.urls import clean_url, host_of

INTERVAL = "interval"
LANGUAGE = "language"
ALLOW_HOSTS = "allowHosts"
RESUMED = "resumed"
HEADER = "header-"
"""Begins the name of an attribute that holds a request header."""
LONGEST_INTERVAL = 24 * 60

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,3998}[\x21-\x7e])?")
# What the fetcher says itself, or what shapes the connection rather than the request (RFC 9110, section 7.6.1).
_OURS = frozenset(
    {
        *("host", "content-length", "content-type", "connection", "keep-alive", "transfer-encoding", "te", "trailer"),
        *("upgrade", "expect", "via", "forwarded", "max-forwards", "http2-settings", "user-agent", "accept-encoding"),
        *("if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range"),
    }
)


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """A feed's own settings. `interval` is in minutes; `headers` are secrets, and stand in no message and no log."""

    interval: int | None = None
    language: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    allow_hosts: tuple[str, ...] = ()
    resumed: datetime | None = None


def options_of(settings: Mapping[str, str]) -> FeedOptions:
    """Out of an outline's attributes. Raises ValueError that names the attribute, and never a header's value."""
    said = {name.lower(): value for name, value in settings.items()}
    headers = {name[len(HEADER) :]: value for name, value in settings.items() if name.lower().startswith(HEADER)}
    for name, value in headers.items():
        check_header(name, value)
    return FeedOptions(
        interval=checked_interval(said[INTERVAL]) if said.get(INTERVAL) else None,
        language=said.get(LANGUAGE) or None,
        headers=MappingProxyType(headers),
        allow_hosts=tuple(checked_host(host) for host in said.get(ALLOW_HOSTS.lower(), "").replace(",", " ").split()),
        resumed=_moment(said[RESUMED]) if said.get(RESUMED) else None,
    )


def check_header(name: str, value: str) -> None:
    """Raises ValueError for a header that cannot be sent, or that is not the feeds file's to set."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a header: letters, digits and '-' make one")
    if name.lower() in _OURS or name.lower().startswith(("proxy-", "sec-")):
        raise ValueError(f"the header {name} is not for the feeds file: the fetcher sets it itself")
    if not _VALUE.fullmatch(value):
        raise ValueError(
            f"the value of the header {name} must be one line of printable ASCII, without spaces around it"
        )


def checked_interval(text: str) -> int:
    """Minutes. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 0 < int(text) <= LONGEST_INTERVAL:
        raise ValueError(f"the interval must be minutes from 1 to {LONGEST_INTERVAL} (a day), not {text!r}")
    return int(text)


def checked_host(text: str) -> str:
    """A host's name as it stands in a cleaned URL. Raises ValueError."""
    if re.search(r"[/@?#\s]", text) or not text:
        raise ValueError(f"{text!r} is no host: write a name such as news.example")
    try:
        return host_of(clean_url(f"https://{text}/"))
    except ValueError:
        raise ValueError(f"{text!r} is no host: write a name such as news.example") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"resumed must be a time with its zone, such as 2026-09-14T12:00:00+00:00, not {text!r}")
    return moment
