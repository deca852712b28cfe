"""A made-up web, one a number: feeds that fail, move and repeat each other, pages that fail at first, an archive."""

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from ingest.captures.values import READY_TYPE, ReadyText
from ingest.code.article import Article
from ingest.code.coder import CoderInfo, Coding
from ingest.fetch.outcomes import Failure, NotModified, Outcome, Request, Response
from schemas.digests import digest
from schemas.world import CallHeld, Mention, Participant, Span, WorldEvent

START = datetime(2026, 9, 14, 12, tzinfo=UTC)
LATER = timedelta(minutes=40)
"""When the feeds' later entries can be seen; from then on the world stays as it is."""
_CALLS = ("Arland called Borduria", "Borduria called Calvania", "Dorne called Grand Fenwick", "Hav called Arland")
"""Few, so that several articles tell of the same one."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a URL leads to. The first answer of a page that comes `late` is 503; one that is `gone` always answers 404.

    Its `article` is served as a ready text, so that no time goes into extraction; of one that is `unreadable` the first
    attempt to code it raises.
    """

    url: str
    article: ReadyText
    late: bool = False
    gone: bool = False
    redirected: bool = False
    unreadable: bool = False

    @property
    def body(self) -> bytes:
        """The bytes under which a backfill keeps a ready text: so that both ways give the same capture."""
        return json.dumps(asdict(self.article), ensure_ascii=False, sort_keys=True).encode()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed whose first `fails` answers are 500, and its entries: the URL that each leads to, and since when."""

    url: str
    entries: tuple[tuple[str, datetime], ...]
    fails: int = 0
    moved: bool = False
    etag: bool = False

    @property
    def new_url(self) -> str:
        """Where it is, if it has moved."""
        return f"{self.url}/new"


@dataclass(frozen=True, slots=True)
class World:
    """Feeds, pages by URL, and an archive of JSON lines that overlaps with the pages."""

    number: int
    feeds: tuple[Feed, ...]
    pages: MappingProxyType[str, Page]
    archive: str

    @classmethod
    def build(cls, number: int) -> "World":
        chance = random.Random(f"world {number}")
        pages = {page.url: page for page in (_page(chance, n) for n in range(chance.randint(3, 5)))}
        if chance.random() < 0.5:  # the same article under a second URL, its text grown since
            first = next(iter(pages.values()))
            longer = ReadyText(
                first.article.url,
                first.article.title,
                f"{first.article.text} Dorne called Hav again.",
                first.article.published,
            )
            pages[f"{first.url}/amp"] = Page(f"{first.url}/amp", longer)
        feeds = tuple(_feed(chance, n, pages) for n in range(2))
        return cls(number, feeds, MappingProxyType(pages), _archive(chance, pages))

    def opml(self) -> str:
        outlines = "".join(f"<outline type='rss' xmlUrl='{feed.url}'/>" for feed in self.feeds)
        return f"<opml version='2.0'><head/><body>{outlines}<outline type='rss' xmlUrl='mailto:desk'/></body></opml>"

    def write(self, folder: Path) -> None:
        """The feeds file and the archive."""
        (folder / "feeds.opml").write_text(self.opml())
        (folder / "archive.jsonl").write_text(self.archive)


def _page(chance: random.Random, number: int) -> Page:
    url = f"https://paper.example/{number}"
    kind = chance.choice(("plain", "plain", "plain", "late", "gone", "moved", "unreadable"))
    return Page(
        url,
        _article(chance, url),
        late=kind == "late",
        gone=kind == "gone",
        redirected=kind == "moved",
        unreadable=kind == "unreadable",
    )


def _article(chance: random.Random, url: str) -> ReadyText:
    calls = chance.sample(_CALLS, chance.randint(0, 3))
    if calls and chance.random() < 0.3:
        calls.append(calls[0])  # told twice in the same words: two events that differ in their place alone
    text = "The weather was fair. " + "".join(f"{call} on Monday. " for call in calls) + f"So says {url}."
    return ReadyText(url, f"Calls of the day ({len(calls)})", text, "2026-09-14T08:00:00+02:00")


def _feed(chance: random.Random, number: int, pages: dict[str, Page]) -> Feed:
    mine = [page for n, page in enumerate(pages.values()) if n % 2 == number or chance.random() < 0.4]
    chance.shuffle(mine)
    # What takes two attempts is there from the beginning, so that most seeds need but one pass to recover.
    entries = tuple(
        (page.url, START if page.late or page.unreadable else START + LATER * chance.choice((0, 0, 0, 1)))
        for page in mine
    )
    return Feed(
        f"https://feeds.example/{number}",
        entries,
        fails=chance.choice((0, 0, 0, 1)),
        moved=chance.random() < 0.3,
        etag=chance.random() < 0.5,
    )


def _archive(chance: random.Random, pages: dict[str, Page]) -> str:
    # An archive knows no redirects: the same bytes told with other circumstances would be a conflict, by design.
    live = [page.article for url, page in pages.items() if not page.redirected and page.article.url == url]
    articles = [article for article in live if chance.random() < 0.6]
    articles += [_article(chance, f"https://old.example/{number}") for number in range(chance.randint(1, 3))]
    chance.shuffle(articles)
    lines = [json.dumps(asdict(article)) for article in articles]
    lines.insert(chance.randrange(len(lines)), '{"url": "https://old.example/no-text"')
    lines.append(lines[0])
    return "\n".join(lines)


class Clock:
    """Moves on by a millisecond each time it is asked."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


class Web:
    """The network: answers by what `world` says and by how often it was asked before.

    `reached` is called before each answer. Which of several requests is answered first is up to `chance`.
    """

    def __init__(self, world: World, clock: Clock, chance: random.Random, reached: Callable[[], None]) -> None:
        self._world, self._clock, self._chance, self._reached = world, clock, chance, reached
        self._asked: Counter[str] = Counter()

    async def __aenter__(self) -> "Web":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def fetch(self, request: Request) -> Outcome:
        for _ in range(self._chance.randint(0, 2)):
            await asyncio.sleep(0)
        self._reached()
        self._asked[request.url] += 1
        feed = next(
            (f for f in self._world.feeds if request.url == f.url or (f.moved and request.url == f.new_url)), None
        )
        return self._feed(feed, request) if feed else self._page(request)

    def _feed(self, feed: Feed, request: Request) -> Outcome:
        if self._asked[feed.url] + self._asked[feed.new_url] <= feed.fails:
            return self._failed(request.url, 500, retryable=True)
        links = [url for url, since in feed.entries if since <= self._clock.now]
        items = "".join(f"<item><title>On {url}</title><link>{url}?utm_source=f</link></item>" for url in links)
        items += "<item><title>No link</title></item>" + (items[: items.find("</item>") + 7] if items else "")
        body = f"<rss version='2.0'><channel><title>{feed.url}</title>{items}</channel></rss>".encode()
        etag = f'"{digest(body)[-8:]}"' if feed.etag else None
        redirects = ((301, feed.new_url),) if feed.moved and request.url == feed.url else ()
        final = redirects[-1][1] if redirects else request.url
        if etag and request.etag == etag:
            return NotModified(request.url, final, redirects, self._clock(), etag)
        return self._answer(request.url, final, body, "application/rss+xml", redirects, {"etag": etag} if etag else {})

    def _page(self, request: Request) -> Outcome:
        page = self._world.pages.get(request.url)
        if page is None or page.gone:
            return self._failed(request.url, 404)
        if page.late and self._asked[page.url] == 1:
            return self._failed(page.url, 503, retryable=True)
        redirects = ((302, f"{page.url}/full"),) if page.redirected else ()
        final = redirects[-1][1] if redirects else page.url
        return self._answer(page.url, final, page.body, READY_TYPE, redirects, {})

    def _answer(
        self,
        url: str,
        final_url: str,
        body: bytes,
        content_type: str,
        redirects: tuple[tuple[int, str], ...],
        headers: dict[str, str],
    ) -> Response:
        said = {"content-type": content_type, **headers}
        return Response(
            requested_url=url,
            final_url=final_url,
            redirects=redirects,
            status=200,
            headers=said,
            body=body,
            content_type=content_type,
            fetched_at=self._clock(),
            http_version="1.1",
            wire_headers=tuple(said.items()),
        )

    def _failed(self, url: str, status: int, *, retryable: bool = False) -> Failure:
        return Failure(url, f"http_{status}", f"It answered {status}.", self._clock(), retryable, status)


class CallCoder:
    """A coder of one rule, "A called B", and as unreliable as the world's pages say."""

    info = CoderInfo("calls", "1", "", "", "")
    languages = frozenset({"en"})

    def __init__(self, world: World) -> None:
        self._unread = {page.article.url for page in world.pages.values() if page.unreadable}

    def code(self, article: Article) -> Coding:
        if article.url in self._unread:
            self._unread.remove(article.url)
            raise RuntimeError("this page is not for the hasty")
        found = re.finditer(r"([A-Z]\w+(?: [A-Z]\w+)?) called ([A-Z]\w+(?: [A-Z]\w+)?)", article.text)
        return Coding(article.id, tuple(map(_call, found)), self.info)


def _call(found: re.Match[str]) -> WorldEvent:
    return CallHeld(
        evidence=Mention(field="text", start=found.start(), end=found.end(), quote=found.group()),
        participants=tuple(
            Participant(
                name=found.group(n),
                kind="country",
                code=found.group(n)[:3].upper(),
                role="party",
                name_at=Span(field="text", start=found.start(n), end=found.end(n)),
            )
            for n in (1, 2)
        ),
    )
