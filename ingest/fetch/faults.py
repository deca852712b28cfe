"""What went wrong on the wire, as a reason code and a sentence; and the small readings of headers and URLs."""

import re
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import quote, urlsplit, urlunsplit

import aiohttp

from ingest.fetch.addresses import AddressRefusedError
from ingest.fetch.config import FetchConfig
from ingest.fetch.decoding import BadCodingError, TooLargeError
from ingest.fetch.hosts import UnavailableError
from schemas.urls import shown

MAX_RETRY_AFTER = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Fault:
    """`counts_against_host` is whether it tells of a host that is down, rather than of one bad answer."""

    reason: str
    message: str
    retryable: bool = True
    counts_against_host: bool = False


def of(error: Exception, host: str, config: FetchConfig) -> Fault:
    """The fault that an exception of aiohttp, of the network or of decoding stands for."""
    cause = getattr(error, "os_error", None) or error.__cause__ or error
    if isinstance(cause, AddressRefusedError) or isinstance(error, AddressRefusedError):
        return Fault("address_refused", f"{cause}: not asked.", retryable=False)
    if isinstance(error, TooLargeError):
        return Fault("too_large", f"{host}: {error}.", retryable=False)
    if isinstance(error, BadCodingError):
        return Fault("bad_encoding", f"{host}: {error}.")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Fault("dns", f"The name {host} has no address.", counts_against_host=True)
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError) or isinstance(cause, ssl.SSLError):
        return Fault("tls", f"No secure connection to {host} ({_short(cause)}).", counts_against_host=True)
    if isinstance(error, TimeoutError | aiohttp.ServerTimeoutError):
        message = f"{host} did not answer in full within {config.total_timeout:g} s."
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return Fault("connect", f"{host} did not take a connection in time.", counts_against_host=True)
        return Fault("timeout", message, counts_against_host=True)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Fault("connect", f"{host} takes no connection ({_short(cause)}).", counts_against_host=True)
    if isinstance(error, aiohttp.ClientPayloadError):
        return Fault("truncated", f"{host} broke off in the middle of its answer.")
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError | ConnectionError):
        return Fault("reset", f"{host} closed the connection without an answer.", counts_against_host=True)
    if isinstance(error, aiohttp.InvalidURL):
        return Fault("bad_url", f"{host} cannot be asked: the URL is not valid.", retryable=False)
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientError):
        return Fault("bad_http", f"{host} answered with something that is not HTTP.")
    if isinstance(error, ValueError):
        return Fault("bad_http", f"{host} could not be asked ({_short(error)}).", retryable=False)
    return Fault("connect", f"{host} could not be reached ({_short(error)}).", counts_against_host=True)


def of_unavailable(host: str, unavailable: UnavailableError) -> tuple[str, str]:
    """Reason and sentence for a host that is left alone within a pass."""
    if unavailable.asked:
        return "host_asked_to_wait", f"{host} asked for a pause; it is left alone for {unavailable.seconds:.0f} s."
    return "host_down", f"{host} failed again and again; it is left alone for {unavailable.seconds:.0f} s."


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds until a Retry-After (RFC 9110, section 10.2.3: seconds or a date), at most a week; None if unreadable."""
    if value is None:
        return None
    text = value.strip()
    if re.fullmatch(r"\d{1,10}", text):
        return min(float(text), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), MAX_RETRY_AFTER)


def spoken_status(status: int) -> str:
    """`404 (Not Found)`."""
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


def wire_url(url: str) -> str:
    """A URL as it goes over the wire: as given, without credentials and fragment, all that is not ASCII encoded.

    Parameters stay, tokens included: a server that redirects to `?token=…` wants to see it. Raises ValueError.
    """
    parts = urlsplit(url.strip())
    _, _, host = parts.netloc.rpartition("@")
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._[]|")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]|")
    if parts.port == {"http": 80, "https": 443}.get(parts.scheme.lower()):
        host = host.rpartition(":")[0]
    return urlunsplit((parts.scheme.lower(), host.lower(), path, query, ""))


def _short(error: object) -> str:
    text = " ".join(shown(str(getattr(error, "strerror", None) or error or type(error).__name__)).split())
    return text[:120] or type(error).__name__
