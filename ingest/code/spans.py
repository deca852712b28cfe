"""How long talks and the like went on: "after three days of talks", "a two-day round", "went into a third day"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from ingest.code.dates import find_dates, published_date, resolve
from ingest.code.details import When
from ingest.code.merge import Happening, Telling
from ingest.code.sentences import Sentence
from schemas.dates import bounds, precision

LASTING = frozenset({"talks_held", "meeting_held", "prisoners_exchanged"})
_NUMBERS = {n: i for i, n in enumerate(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 2)}
_ORDINALS = {n: i for i, n in enumerate(("second", "third", "fourth", "fifth", "sixth", "seventh"), 2)}
_COUNT = "|".join(_NUMBERS)
_NOUN = r"(?:talks|negotiations?|consultations?|discussions?|meetings?|summit|round|session|dialogue|exchange|swap)"
_QUALIFIED = rf"(?:[\w’'-]+ ){{0,4}}?{_NOUN}\b"
_LASTED = re.compile(
    rf"(?i)\b(?:(?P<count>{_COUNT})(?: days of {_QUALIFIED}|-day {_QUALIFIED}| days in {_NOUN})"
    rf"|{_NOUN}[^,;.]{{0,60}}? (?:over|for|lasted) (?P<over>{_COUNT}) days\b"
    rf"|(?:met|negotiated|talked|conferred) for (?P<verb>{_COUNT}) days\b"
    rf"|(?P<nth>{'|'.join(_ORDINALS)}) day of (?!the ){_QUALIFIED}"
    rf"|into (?:a|their|its) (?P<into>{'|'.join(_ORDINALS)}) day\b)"
)
_BEGINS = re.compile(
    r"(?i)\b(?:at|from|for) the (?:start|beginning|outset|opening) of $"
    r"|\b(?:begin|began|begun|open|opened|start|started)\b[^,;]{0,40}$"
)
_WEEKEND = re.compile(
    rf"(?i)\bweekend(?: of|['’]s)? {_QUALIFIED}|{_NOUN}[^,;.]{{0,40}} (?:at|over) the weekend\b|\bdays at the weekend\b"
)
_SINCE = re.compile(
    r"(?i)\b(?:have|has|had) (?:been )?"
    rf"(?:meeting|met|negotiating|negotiated|talking|talked|holding|held|in {_NOUN}|at the table)"
    r"[^,;.]{0,80}?(?= since )"
)
_NEAR = 60
"""How many code points a duration may stand from the word that tells the talks."""


def with_spans(
    happenings: Sequence[Happening], sentences: Sequence[Sentence], published: str | None, news: When | None
) -> list[Happening]:
    """The happenings; those whose length is told are dated from the first day to the last.

    The day that is told is the last, but the first of what began on it; where none is told, the last is that of the
    news.
    """
    return [_spanned(h, sentences, published, news) for h in happenings]


def _spanned(
    happening: Happening, sentences: Sequence[Sentence], published: str | None, news: When | None
) -> Happening:
    best = happening.best
    if best.type not in LASTING:
        return happening
    when = best.when if best.when is not None and best.when.edtf else news or _published(published)
    known = bounds(when.edtf) if when is not None else None
    if when is None or known is None or precision(when.edtf) not in ("day", "week"):
        return happening
    day = known[1]
    for telling in happening.tellings:
        if (since := _since(sentences[telling.sentence], published)) and since < day.isoformat():
            span = f"{since}/{day.isoformat()}"
            return Happening((replace(best, when=replace(when, edtf=span)), *happening.tellings[1:]))
        lasted = _lasted(telling, sentences[telling.sentence])
        if lasted is None:
            continue
        days, begins = lasted
        at_weekend = any(_WEEKEND.search(sentences[t.sentence].text) for t in happening.tellings)
        if days == 2 and at_weekend:
            day -= timedelta(days=(day.weekday() + 1) % 7)
        elif precision(when.edtf) == "week":
            continue
        first, last = (day, day + timedelta(days=days - 1)) if begins else (day - timedelta(days=days - 1), day)
        span = f"{first.isoformat()}/{last.isoformat()}"
        return Happening((replace(best, when=replace(when, edtf=span)), *happening.tellings[1:]))
    return happening


def _published(published: str | None) -> When | None:
    today = published_date(published)
    return When(today.isoformat(), 0, 0, "publication") if today else None


def _since(sentence: Sentence, published: str | None) -> str | None:
    """The day since which a sentence says that somebody has been meeting."""
    told = _SINCE.search(sentence.text)
    if told is None:
        return None
    days = (d for d in find_dates(sentence.text, published) if d.preposition == "since" and d.start >= told.end())
    first = next((d for d in days if d.start <= told.end() + 1), None)
    edtf = resolve(first, published, "past").edtf if first else None
    return edtf if precision(edtf) == "day" else None


def _lasted(telling: Telling, sentence: Sentence) -> tuple[int, bool] | None:
    """How many days the talks that a sentence tells went on, and whether the day told is the first of them."""
    start, end = telling.trigger[0] - sentence.start, telling.trigger[1] - sentence.start
    for match in _LASTED.finditer(sentence.text):
        if match.start() - end > _NEAR or start - match.end() > _NEAR:
            continue
        word = next(w for w in match.groups() if w).lower()
        before = sentence.text[: match.start()]
        return _NUMBERS.get(word) or _ORDINALS[word], _BEGINS.search(before) is not None
    return None
