"""Manners and prudence towards a host: how many requests at a time, how far apart, and when to leave it alone."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

SHORT_WAIT = 5.0
"""Seconds that a request waits for a host that asked for a pause; for a longer one it fails and comes back later."""
DOWN_FOR = 60.0
"""Seconds that a host which failed again and again is not asked."""


@dataclass(slots=True)
class _Host:
    slots: asyncio.Semaphore
    delay: float
    free_at: float = 0.0
    wait_until: float = 0.0
    failures: int = 0
    down_until: float = 0.0


class UnavailableError(Exception):
    """The host is to be left alone for `seconds`, because it asked for that (`asked`) or because it keeps failing."""

    def __init__(self, seconds: float, *, asked: bool) -> None:
        super().__init__(f"to be left alone for {seconds:.0f} s")
        self.seconds = seconds
        self.asked = asked


@dataclass(slots=True)
class Hosts:
    """The state of all hosts within one pass."""

    per_host: int
    delay: float
    max_delay: float
    max_failures: int
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _hosts: dict[str, _Host] = field(default_factory=dict)

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Wait for a polite moment and hold one of the host's slots. Raises UnavailableError."""
        host = self._host(name)
        self._check(host)
        async with host.slots:
            self._check(host)
            start = max(self.now(), host.free_at, host.wait_until)
            host.free_at = start + host.delay
            if (wait := start - self.now()) > 0:
                await self.sleep(wait)
                self._check(host)
            yield

    def set_crawl_delay(self, name: str, seconds: float) -> None:
        """What robots.txt asks for, as far as the configuration goes along."""
        host = self._host(name)
        host.delay = max(self.delay, min(seconds, self.max_delay))
        host.free_at = max(host.free_at, self.now() + host.delay)

    def asked_to_wait(self, name: str, seconds: float) -> None:
        """The host answered 429 or 503."""
        host = self._host(name)
        host.wait_until = max(host.wait_until, self.now() + seconds)

    def answered(self, name: str) -> None:
        """The host answered, whatever it said: it is up."""
        host = self._host(name)
        host.failures, host.down_until = 0, 0.0

    def failed(self, name: str) -> None:
        """The host could not be reached, or hung."""
        host = self._host(name)
        host.failures += 1
        if host.failures >= self.max_failures:
            host.down_until = self.now() + DOWN_FOR

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            self._hosts[name] = _Host(asyncio.Semaphore(self.per_host), self.delay)
        return self._hosts[name]

    def _check(self, host: _Host) -> None:
        if (left := host.wait_until - self.now()) > SHORT_WAIT:
            raise UnavailableError(left, asked=True)
        if (left := host.down_until - self.now()) > 0:
            raise UnavailableError(left, asked=False)
