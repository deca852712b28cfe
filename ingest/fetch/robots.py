"""robots.txt by RFC 9309: parsed by protego, decided here, kept for one pass."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from ingest.fetch.outcomes import Failure

MAX_BYTES = 500 * 1024
"""RFC 9309, section 2.5: what must be read at the least, and all that is read here."""
MAX_REDIRECTS = 5

_LINE_END = re.compile(r"\r\n|\r|\n")
_KEY_VALUE = re.compile(r"([^:]{1,40}):(.*)")
_KEY_SPACE_VALUE = re.compile(r"(\S{1,40})\s+(\S.*)")
_TOKEN = re.compile(r"[A-Za-z_-]+")
_CONTROLS = re.compile(r"[\0-\x1f\x7f\x85\u2028\u2029]")
_SPELLINGS = {
    "user-agent": "user-agent",
    "useragent": "user-agent",
    "user agent": "user-agent",
    "allow": "allow",
    "disallow": "disallow",
    "dissallow": "disallow",
    "dissalow": "disallow",
    "disalow": "disallow",
    "diasllow": "disallow",
    "disallaw": "disallow",
    "crawl-delay": "crawl-delay",
    "crawldelay": "crawl-delay",
    "crawl delay": "crawl-delay",
}


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
    return Rules(product, parse_robots(answer.body, product))


def parse_robots(body: bytes, product: str) -> Protego:
    """The rules for one product, out of any bytes. Lines that mean nothing are passed over.

    Which lines apply is decided here, by RFC 9309, section 2.2: groups of the same product are one, a product is named
    in full, other records end no group, and the groups of `*` apply where none names the product. protego then
    matches paths; left to itself it takes a group `cour` for one of `courant`, and ends a group at unknown lines.
    """
    text = body[:MAX_BYTES].decode("utf-8-sig", "replace")
    own: list[str] = []
    common: list[str] = []
    named = False
    agents: set[str] = set()
    latest: set[str] = set()
    in_rules, after_agent = False, False
    for line in _LINE_END.split(text):
        key, value = _record(line)
        if key == "user-agent":
            if in_rules:
                agents, in_rules = set(), False
            agent = _agent(value)
            agents.add(agent)
            latest = latest | {agent} if after_agent else {agent}
            named = named or agent == product.lower()
        elif key in ("allow", "disallow", "crawl-delay"):
            # Crawl-delay is no rule of the standard: it ends no group, and means just the agents named before it.
            in_rules = in_rules or key != "crawl-delay"
            for agent, rules in ((product.lower(), own), ("*", common)):
                if agent in (latest if key == "crawl-delay" else agents):
                    rules.append(f"{key}: {value}")
        if key:
            after_agent = key == "user-agent"
    return Protego.parse("\n".join(["User-agent: *", *(own if named else common)]))


def _record(line: str) -> tuple[str, str]:
    """Key and value of a line, the key in its usual spelling; empty where it has none.

    Like Google's parser, this takes white space for a forgotten colon, and some common misspellings.
    """
    line = line.partition("#")[0].strip()
    match = _KEY_VALUE.match(line) or _KEY_SPACE_VALUE.match(line)
    if match is None:
        return "", ""
    # What other lines of the file mean must not hang on what a value holds.
    return _SPELLINGS.get(match[1].strip().lower(), ""), _CONTROLS.sub("", match[2]).strip()


def _agent(value: str) -> str:
    """The product token of a user-agent line, in lower case: `Courant/2.0 (news)` names `courant`."""
    if value.startswith("*") and not value[1:2].strip():
        return "*"
    match = _TOKEN.match(value)
    return match[0].lower() if match else ""


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
