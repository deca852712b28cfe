"""What the log tells of hosts: which of them do not answer, since how many passes, and which asked for a pause.

Only hosts in trouble have a row: one that answers is forgotten, as soon as the pause that it asked for is over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

Tells = Literal["answered", "trouble", "nothing"]

_TROUBLE = frozenset({"dns", "connect", "tls", "timeout", "reset", "robots_unavailable"})
# Not asked at all, or an answer that broke off: neither shows whether the host is up.
_NOTHING = frozenset(
    {
        *("bad_url", "address_refused", "robots_disallowed", "host_not_allowed"),
        *("host_down", "host_asked_to_wait", "truncated", "bad_http"),
    }
)


@dataclass(frozen=True, slots=True)
class HostState:
    """A row of `proj.host_state`.

    `passes` is in how many runs in a row the host gave trouble, the latest being `run_id`; `since` and `last_at` are
    when it first and last did. `wait_until` (ISO 8601) is until when it asked to be left alone.
    """

    host: str
    position: int
    passes: int = 0
    run_id: str | None = None
    since: datetime | None = None
    last_at: datetime | None = None
    reason: str | None = None
    message: str | None = None
    wait_until: str | None = None


@dataclass(frozen=True, slots=True)
class HostNews:
    """What an event says of a host: how it fared with it, in which run, and until when it wants to be left alone."""

    host: str
    position: int
    tells: Tells
    at: datetime
    run_id: str
    reason: str | None = None
    message: str | None = None
    wait_until: str | None = None


def tells(reason: str | None, status: int | None) -> Tells:
    """What the outcome of one request says of the host; `reason` is a code of `Failure`, or None for an answer."""
    if reason is None:
        return "answered"
    if reason in _TROUBLE or (reason.startswith("http_") and (status or 0) >= 500):
        return "trouble"
    return "nothing" if reason in _NOTHING or reason == "http_429" else "answered"


def after(known: Mapping[str, HostState], news: Iterable[HostNews]) -> dict[str, HostState]:
    """The hosts in trouble after `news`, which come in the order of positions."""
    hosts = dict(known)
    for told in news:
        state = _after(hosts.get(told.host) or HostState(told.host, told.position), told)
        if state.passes == 0 and not _waits(state, told.at):
            hosts.pop(told.host, None)
        elif state != hosts.get(told.host):
            hosts[told.host] = state
    return hosts


def _after(state: HostState, told: HostNews) -> HostState:
    wait = max((moment for moment in (state.wait_until, told.wait_until) if moment), key=_moment, default=None)
    if told.tells == "answered":
        return HostState(told.host, told.position, wait_until=wait)
    if told.tells == "nothing":
        return replace(state, position=told.position, wait_until=wait) if wait != state.wait_until else state
    return HostState(
        told.host,
        told.position,
        passes=state.passes + (told.run_id != state.run_id),
        run_id=told.run_id,
        since=state.since or told.at,
        last_at=told.at,
        reason=told.reason,
        message=told.message,
        wait_until=wait,
    )


def _waits(state: HostState, at: datetime) -> bool:
    return state.wait_until is not None and _moment(state.wait_until) > at


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
