"""robots.txt by RFC 9309: parsed by protego, decided here, kept for one pass."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from ingest.fetch.outcomes import Failure

MAX_BYTES = 500 * 1024
"""RFC 9309, section 2.5: what must be read at the least, and all that is read here."""
MAX_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class RobotsAnswer:
    """What became of the request for a robots.txt: an HTTP status, or None and why there was no answer."""

    status: int | None
    body: bytes = b""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What one site allows one product. `reachable` is False where its robots.txt could not be had: then nothing is
    allowed for now (RFC 9309, section 2.3.1.4), and `failure` says what kept it away."""

    product: str
    protego: Protego | None = None
    reachable: bool = True
    failure: Failure | None = None

    def allows(self, url: str) -> bool:
        if not self.reachable:
            return False
        return self.protego is None or bool(self.protego.can_fetch(url, self.product))

    @property
    def crawl_delay(self) -> float | None:
        """Seconds between requests, where the site asks for a pause."""
        delay = self.protego.crawl_delay(self.product) if self.protego is not None else None
        return float(delay) if delay is not None and delay >= 0 else None


def rules_from(answer: RobotsAnswer, product: str) -> Rules:
    """RFC 9309, section 2.3.1: 2xx is obeyed, 4xx allows all, 5xx and silence allow nothing for now."""
    if answer.status is None or answer.status >= 500:
        return Rules(product, reachable=False, failure=answer.failure)
    if not 200 <= answer.status < 300:
        return Rules(product)
    return Rules(product, parse_robots(answer.body))


def parse_robots(body: bytes) -> Protego:
    """Rules out of any bytes; lines that mean nothing are passed over."""
    return Protego.parse(body[:MAX_BYTES].decode("utf-8-sig", "replace"))


class Robots:
    """The rules of every site asked in one pass; each robots.txt is requested once."""

    def __init__(self, product: str, get: Callable[[str], Awaitable[RobotsAnswer]]) -> None:
        self._product = product
        self._get = get
        self._rules: dict[str, asyncio.Task[Rules]] = {}

    async def rules(self, url: str) -> Rules:
        """The rules for a URL's site (scheme, host and port). Never raises, whatever the site does."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = asyncio.create_task(self._load(f"{site}/robots.txt"))
        # A caller that gives up must not take the answer away from the others that wait for it.
        return await asyncio.shield(self._rules[site])

    async def _load(self, url: str) -> Rules:
        return rules_from(await self._get(url), self._product)

    async def close(self) -> None:
        for task in self._rules.values():
            task.cancel()
        await asyncio.gather(*self._rules.values(), return_exceptions=True)
