"""Near-duplicates: which articles carry one text. Agency copy on ten sites is ten articles and one source.

MinHash finds candidates (128 permutations over three-word runs), exact containment decides, and only what was published
within `WINDOW` of each other is compared. An article is a copy of the earliest one that fits.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

import pyarrow as pa
from rensa import RMinHash, RMinHashLSH

from ingest.link.copies import CONTAINED, SHINGLE, shingles
from schemas.facts import ArticleCopied
from warehouse.log import Log

WINDOW = timedelta(days=3)
PERMUTATIONS = 128
BANDS = 64
"""Bands of two rows: of texts that share 30 % of their runs, 99.8 % come to be compared."""
LIKE = 0.2
"""Estimated share of common runs below which no text is looked at."""
SHORTEST = 30
"""Runs that a text must have: of a few lines too many are alike."""
_SEED = 42


@dataclass(frozen=True, slots=True)
class Text:
    """An article's current text: when it was published (else captured), its digest, and the words."""

    article_id: UUID
    at: datetime
    digest: str
    text: str


def near_copies(
    days: Iterable[Sequence[Text]], is_news: Callable[[UUID], bool] = lambda article: True
) -> Iterator[ArticleCopied]:
    """The copies among texts that come day by day, oldest day first; only pairs with an article that `is_news`."""
    window = _Window()
    for day in days:
        for one in sorted(day, key=lambda text: (text.at, text.article_id)):
            original = window.take(one)
            if original is None:
                continue
            found, share = original
            if is_news(one.article_id) or is_news(found.article_id):
                yield ArticleCopied(
                    article_id=one.article_id,
                    copy_of=found.article_id,
                    containment=round(share, 3),
                    text_digest=one.digest,
                    original_digest=found.digest,
                )


def find_copies(log: Log, articles: Set[UUID] | None) -> Iterator[ArticleCopied]:
    """The copies that these articles are or have (None: all articles) among those of the days around theirs."""
    con = log.reader()
    day = "coalesce(published_on, captured_at::DATE, recorded_at::DATE)"
    if articles is None:
        days = [d for (d,) in log.query(f"SELECT DISTINCT {day} FROM proj.articles ORDER BY 1")]
    else:
        con.register("news_articles", pa.table({"id": pa.array(sorted(map(str, articles)), pa.string())}))
        rows = con.execute(
            f"SELECT DISTINCT {day} FROM proj.articles WHERE article_id IN (SELECT id::UUID FROM news_articles)"
        ).fetchall()
        con.unregister("news_articles")
        days = sorted({d + timedelta(days=n) for (d,) in rows for n in range(-WINDOW.days, WINDOW.days + 1)})
    yield from near_copies(_days(log, days, day), lambda article: articles is None or article in articles)


def _days(log: Log, days: Sequence[date], day: str) -> Iterator[list[Text]]:
    for one in days:
        rows = log.query(
            "SELECT a.article_id, coalesce(try_cast(a.published AS TIMESTAMPTZ), a.captured_at, a.recorded_at),"
            " a.text_digest, t.text FROM proj.articles a JOIN texts t ON t.digest = a.text_digest"
            f" WHERE {day} = ?",
            [one],
        )
        yield [Text(*row) for row in rows]


@dataclass(slots=True)
class _Window:
    """The texts of the last days, oldest first, and where to look for one that is like another."""

    texts: dict[int, Text] = field(default_factory=dict)
    hashes: dict[int, RMinHash] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)
    lsh: RMinHashLSH = field(default_factory=lambda: RMinHashLSH(LIKE, PERMUTATIONS, BANDS))
    count: int = 0

    def take(self, one: Text) -> tuple[Text, float] | None:
        """Take in a text; the earliest of which it is a copy, and how much of the shorter the longer holds."""
        self._forget_before(one.at - WINDOW)
        runs = shingles(one.text)
        if len(runs) < SHORTEST:
            return None
        mine = _min_hash(one.text)
        candidates = {n for n in self.lsh.query(mine) if mine.jaccard(self.hashes[n]) >= LIKE}
        if (twin := self.same.get(one.digest)) is not None:
            candidates.add(twin)
        self.count += 1
        self.texts[self.count], self.hashes[self.count] = one, mine
        self.same.setdefault(one.digest, self.count)
        self.lsh.insert(self.count, mine)
        for number in sorted(candidates):
            other = shingles(self.texts[number].text)
            share = len(runs & other) / min(len(runs), len(other))
            if share >= CONTAINED:
                return self.texts[number], share
        return None

    def _forget_before(self, moment: datetime) -> None:
        while self.texts:
            number, text = next(iter(self.texts.items()))
            if text.at >= moment:
                return
            del self.texts[number]
            del self.hashes[number]
            self.lsh.remove(number)
            if self.same.get(text.digest) == number:
                del self.same[text.digest]


def _min_hash(text: str) -> RMinHash:
    words = re.findall(r"\w+", text.casefold())
    made = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    made.update([" ".join(words[n : n + SHINGLE]) for n in range(len(words) - SHINGLE + 1)])
    return made
