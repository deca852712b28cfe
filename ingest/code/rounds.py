"""Rounds told one after the other in one sentence: "in Muscat on April 12 and 26, and in Rome on April 19".

Each date is a happening of its own. The list is read off the words between the dates: nothing but places, ordinals and
words for rounds may stand there.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.code.dates import DateMention

_WORD = (
    r"and|then|again|also|while|the|a|an|by|of|in|at|on|for|with|to|was|were|has|had|been|being|held|hosted|taking|took|place|occurred"
    r"|convened|followed|met|parties|sides|they|returned|moved|gathered|its|capital|city|first|second|third|fourth|fifth|sixth|seventh"
    r"|last|latest|next|another|previous|prior|earlier|subsequent|one|two|three|four|five|six|ones|more|further|respectively|both|all|under|mediation|mediated|indirect|direct|rounds?|sessions?|meetings?|talks|negotiations|consultations|discussions|(?-i:[A-Z])[\w'’.-]*"
)
_BETWEEN = re.compile(rf"(?:[\s,;:()&–—-]|\b(?:{_WORD})\b)+", re.IGNORECASE)
_DAY = r"\d{1,2}(?![\d:%]|\.\d|\s+(?!and\b|in\b|at\b)[a-z])"
_MORE_DAYS = re.compile(rf"(?:\s*,\s*{_DAY})+(?:,?\s+and\s+\d{{1,2}}(?![\d:%]|\.\d|\s+[a-z]))?|,?\s+and\s+{_DAY}")
_MEANT = re.compile(r"\b(?:scheduled|planned|set|due|expected|slated|postponed|rescheduled)\b[^,;]{0,25}$")
_NUMBER = re.compile(r"\d{1,2}")


def listed(text: str, dates: Sequence[DateMention], chosen: DateMention) -> list[DateMention]:
    """The other dates of the list that `chosen` stands in, in the order of the words; empty where it stands alone."""
    days = [d for d in dates if d.kind == "day"]
    if chosen not in days:
        return []
    at = days.index(chosen)
    run = [chosen]
    days = [d for d in days if d is chosen or not _MEANT.search(text[: d.start])]
    at = days.index(chosen)
    for following in days[at + 1 :]:
        if not _joined(text, run[-1], following):
            break
        run.append(following)
    for before in reversed(days[:at]):
        if not _joined(text, before, run[0]):
            break
        run.insert(0, before)
    return [d for day in run for d in (day, *_bare_days(text, day)) if d is not chosen]


def _joined(text: str, left: DateMention, right: DateMention) -> bool:
    between = _MORE_DAYS.sub("", text[left.end : right.start], count=1)
    return len(between.split()) <= 16 and _BETWEEN.fullmatch(between) is not None


def _bare_days(text: str, day: DateMention) -> list[DateMention]:
    """ "April 12, 19 and 26": the days that follow a month's first."""
    more = _MORE_DAYS.match(text, day.end) if day.words[-1:].isdigit() and day.day else None
    if more is None:
        return []
    return [
        replace(day, day=int(number[0]), start=number.start(), end=number.end(), words=number[0])
        for number in _NUMBER.finditer(text, more.start(), more.end())
        if 1 <= int(number[0]) <= 31
    ]
