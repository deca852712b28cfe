"""The day of what is told without a day of its own: told together with a dated act, in the headline of a dated lead,
or counted from a day named before ("the day before", "in the evening")."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from ingest.code.article import Article
from ingest.code.dates import DateMention, find_dates, published_date, resolve
from ingest.code.details import When, dated
from ingest.code.merge import SPEECH, Happening, Telling
from ingest.code.sentences import Sentence, dateline
from ingest.code.spans import LASTING, with_spans

DAY_KINDS = frozenset({"day", "weekday", "word"})
"""Kinds of date words that name one day."""
_ANNOUNCED = frozenset(
    {"sanctions_imposed", "sanctions_lifted", "sanctions_threatened", "relations_downgraded", "relations_restored"}
    | {"agreement_reached", "agreement_abandoned", "truce_accepted", "truce_rejected", "aid_suspended", "aid_pledged"}
    | {"talks_suspended", "proposal_rejected"}
)
_ANNOUNCED_TOGETHER = 2
"""Within how many sentences acts of one actor are of one announcement."""
_ACTS = frozenset(
    {"sanctions_imposed", "sanctions_lifted", "relations_downgraded", "relations_restored", "agreement_reached"}
    | {"agreement_signed", "agreement_abandoned", "truce_agreed", "truce_declared", "blockade_imposed"}
    | {"talks_suspended", "meeting_held", "call_held", "attack_carried_out", "territory_captured", "visit_made"}
    | {"prisoners_exchanged", "prisoners_released", "aid_delivered", "troops_withdrawn"}
    | {"aid_pledged"}
)
"""Types of acts that a report tells on with the day that its last sentence named."""
_TOLD_ON = 5
"""For how many sentences a report tells on with the day that it named last."""
_RECALLED = frozenset({"call_held"})
"""Of them what a report often recalls from another day: it is told on in the next sentence alone."""
_NEWS_DAYS = 3
"""For how many days after it an act is news."""
_LEAD = 2
"""How many sentences that name an actor are the lead of a text."""
_COUNTED_FROM = 4
"""In how many sentences before it the day is looked for that "a day earlier" counts from."""
_PART_OF_A_DAY = 1
"""The same for words that mean an hour of the day that the report is about."""
_IN_THE_DAY = re.compile(r"(?i)^(?:in the|at|around|on the eve|earlier|later)\b")
_CLAUSE = re.compile(r"\s+(?!(?:that|and|or|but|to|in|on|at|for|with|by|while|when|as|from|over)\b)[\w“\"‘']")
_OTHER_WAY = {"later": "earlier", "earlier": "later"}


def with_day_of_news(tellings: Sequence[Telling], article: Article) -> list[Telling]:
    """What one does in the sentences after a dated act of the day of the news belongs to the same announcement."""
    today = published_date(article.published)
    found: list[Telling] = []
    for telling in tellings:
        before = [
            t
            for t in found
            if t.when is not None
            and t.field == telling.field
            and 0 <= telling.sentence - t.sentence <= _ANNOUNCED_TOGETHER
            and _is_news(t.when.edtf, today, 1)
            and t.doers & telling.doers
        ]
        if telling.when is None and telling.type in _ANNOUNCED and before and not telling.anaphoric:
            telling = replace(telling, when=before[-1].when)
        found.append(telling)
    return found


def lead_of(sentences: Sequence[Sentence], names: Callable[[Sentence], object]) -> range:
    """The numbers of the sentences that make the lead of a text: as far as `names` has told of so many that name an
    actor."""
    text = [n for n, s in enumerate(sentences) if s.field == "text"]
    told = [n for n in text if names(sentences[n])][:_LEAD]
    return range(text[0], told[-1] + 1) if told else range(0)


def with_day_told_before(
    happenings: Sequence[Happening], sentences: Sequence[Sentence], article: Article, lead: range
) -> list[Happening]:
    """The happenings; those that no words date have the day of the news that their sentence or the one before it names.

    What the headline or the lead tells has the first day of the news that the lead names; where it names no day at all,
    acts of the lead are the news of the day of publication. `lead` is what `lead_of` gives.
    """
    today = published_date(article.published)
    if today is None or not any(_is_undated(h) or h.best.type in LASTING for h in happenings):
        return list(happenings)
    days = (_day_of_news(sentences[n], article, today) for n in lead)
    news = next((d for d in days if d is not None), None)
    dateless = not any(m.kind in DAY_KINDS for n in lead for m in find_dates(sentences[n].text, article.published))
    found = []
    for happening in happenings:
        best = happening.best
        day = None
        if _is_undated(happening):
            if best.type in _ACTS and best.modality == "asserted" and best.field == "text":
                back = 1 if best.type in _RECALLED else _TOLD_ON
                beside = [sentences[n] for n in range(best.sentence, max(-1, best.sentence - back - 1), -1)]
                named = (_day_of_news(s, article, today, last=True) for s in beside if s.field == "text")
                day = next((d for d in named if d is not None), None)
            if day is None and (best.sentence in lead or (best.field == "title" and best.type not in SPEECH)):
                day = news
            if dateless and best.type in _ACTS and best.modality == "asserted" and best.sentence in lead:
                day = When(today.isoformat(), 0, 0, "publication")
        if day is not None:
            happening = Happening((replace(best, when=day), *happening.tellings[1:]))
        found.append(happening)
    return with_spans(found, sentences, article.published, news)


def _is_undated(happening: Happening) -> bool:
    return happening.best.when is None and not happening.best.type.endswith("_planned")


def _day_of_news(sentence: Sentence, article: Article, today: date, last: bool = False) -> When | None:
    """The first (or last) day of the news that a sentence names."""
    days = [
        dated(sentence, m, article.published, "past")
        for m in find_dates(sentence.text, article.published)
        if m.kind in DAY_KINDS and m.role == "time"
    ]
    news = [d for d in days if _is_news(d.edtf, today, _NEWS_DAYS)]
    return news[-1 if last else 0] if news else None


def _is_news(edtf: str | None, today: date | None, days: int) -> bool:
    day = published_date(edtf) if edtf and len(edtf) == 10 else None
    return day is not None and today is not None and 0 <= (today - day).days <= days


def counted(
    article: Article, sentences: Sequence[Sentence], lead: range, n: int, mention: DateMention, trigger: int
) -> When | None:
    """The day that words such as "a day earlier" in sentence `n` give what is told at offset `trigger` of it; `lead` as
    `lead_of` gives it.

    "A day after X, Y": X was the day before that of Y; when Y was, these words alone do not say.
    """
    sentence = sentences[n]
    with_clause = mention.words.endswith((" after", " before")) and _CLAUSE.match(sentence.text, mention.end)
    if with_clause:
        if trigger < mention.start:
            return None
        mention = replace(mention, which=_OTHER_WAY.get(mention.which or "", mention.which))
    anchor = _day_before(article, sentences, n, mention, bool(with_clause)) or _day_of_report(article, sentences, lead)
    return dated(sentence, mention, article.published, "past", anchor)


def _day_before(
    article: Article, sentences: Sequence[Sentence], n: int, mention: DateMention, anywhere: bool
) -> str | None:
    """The day that was named last before words of sentence `n`, in it (with `anywhere` also behind them) or in those
    before; None where none was."""
    today = published_date(article.published)
    back = _PART_OF_A_DAY if _IN_THE_DAY.search(mention.words) else _COUNTED_FROM
    for number in range(n, max(-1, n - back - 1), -1):
        sentence = sentences[number]
        if sentence.field != sentences[n].field:
            break
        for other in reversed(find_dates(sentence.text, article.published)):
            before = number < n or other.end <= mention.start or (anywhere and other != mention)
            if anywhere and other.kind == "weekday" and not _is_news(_past(other, article), today, _NEWS_DAYS):
                continue  # "Two days after they agreed to meet on Tuesday": the Tuesday to come
            if other.kind in DAY_KINDS and before:
                return _past(other, article)
    return None


def _past(mention: DateMention, article: Article) -> str | None:
    return resolve(mention, article.published, "past").edtf


def _day_of_report(article: Article, sentences: Sequence[Sentence], lead: range) -> str | None:
    """The first day of the news that the lead names, else that of the dateline, else the day of publication."""
    today = published_date(article.published)
    if today is None:
        return None
    days = (_day_of_news(sentences[n], article, today) for n in lead)
    day = next((d for d in days if d is not None), None)
    if day is not None:
        return day.edtf
    line = dateline(article.text)
    written = [d for d in find_dates(article.text[line[0] : line[1]]) if d.day] if line else []
    return resolve(written[0], article.published, "past").edtf if written else today.isoformat()
