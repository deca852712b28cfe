"""Find the words of a sentence that say when, and resolve them against the day of publication.

`find_dates` reads words alone; `resolve` computes EDTF (ISO 8601-2:2019, in the Library of Congress profile) from a
mention, the publication timestamp as written and the tense of what is dated: "on Saturday" is the last one in a report
and the coming one in an announcement. Relative words resolve in the timestamp's own UTC offset. Weeks are ISO weeks
(`2025-W20`), seasons EDTF's (`2025-21` is spring, `2025-24` the winter that begins in December 2025).
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

Tense = Literal["past", "future", "present"]
Basis = Literal["explicit", "relative", "unknown"]


@dataclass(frozen=True, slots=True)
class DateMention:
    """Words that say when, at code points `start` to `end` of the sentence, leading preposition included.

    `kind` is day, month, year, weekday, word (today, overnight), period (last week), ago, ahead (in two days), nth (on
    the 20th), range, season, anchored (10 days later, the same day) or vague (recently). `role` is "deadline" after by,
    until and before, "start" after since and from, "time" else. Of the other fields only those the kind needs are set:
    `which` is last, this or next (of anchored: later, earlier or same), `part` early, mid or late.
    """

    start: int
    end: int
    words: str
    kind: str
    preposition: str | None = None
    role: str = "time"
    year: int | None = None
    month: int | None = None
    day: int | None = None
    end_month: int | None = None
    end_day: int | None = None
    weekday: int | None = None
    count: int | None = None
    unit: str | None = None
    which: str | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """An EDTF date or interval, or None where the words say too little, and what it rests on."""

    edtf: str | None
    basis: Basis


_UNKNOWN = Resolved(None, "unknown")
_MONTHS = {name: n for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name: n for n, name in enumerate(calendar.month_abbr) if name} | {"Sept": 9}
_WEEKDAYS = {name: n for n, name in enumerate(calendar.day_name)}
_SEASONS = {"spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24}
_NUMBERS = {
    word: n
    for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
    )
} | {"a": 1, "an": 1, "twenty": 20, "thirty": 30}

_MONTH = "(?:" + "|".join(calendar.month_name[1:]) + r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\d%]|[,.:]\d)"
_YEAR = r"(?:19|20)\d\d(?![\d%]|,\d|\.\d)"
_WEEKDAY = "(?:" + "|".join(calendar.day_name) + ")"
_PART_OF_DAY = r"(?:[ -](?:early |late )?(?:morning|afternoon|evening|night|noon))?"
_COUNT = (
    r"(?:\d{1,3}|(?i:" + "|".join(word for word in sorted(_NUMBERS, key=len, reverse=True) if word != "zero") + "))"
)
_UNIT = r"(?P<unit>hour|day|night|week|fortnight|month|year|decade)s?\b"
_TO = r"(?:\s?[-–—]\s?|\s(?:to|through|until|till|and)\s)"
_OWN = r"(?:['’]s)?"

_PATTERNS: dict[str, str] = {
    "iso": rf"(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])(?!\d)",
    "range_day_first": rf"(?P<day>{_DAY}){_TO}(?P<end_day>{_DAY})\s(?:of\s)?(?P<month>{_MONTH})(?:,?\s(?P<year>{_YEAR}))?",
    "range_month_first": rf"(?P<month>{_MONTH})\s(?P<day>{_DAY})(?:\s?[-–—]\s?|\s(?:to|through|until)\s)(?:(?P<end_month>{_MONTH})\s)?(?P<end_day>{_DAY})(?:,?\s(?P<year>{_YEAR}))?",
    "range_months": rf"(?P<day>{_DAY})\s(?P<month>{_MONTH}){_TO}(?P<end_day>{_DAY})\s(?P<end_month>{_MONTH})(?:,?\s(?P<year>{_YEAR}))?",
    "month_day": rf"(?:{_WEEKDAY}{_PART_OF_DAY},?\s)?(?P<month>{_MONTH})\s(?:the\s)?(?P<day>{_DAY})(?:,?\s(?:of\s)?(?P<year>{_YEAR}))?{_OWN}",
    "day_month": rf"(?:{_WEEKDAY}{_PART_OF_DAY},?\s)?(?:the\s)?(?P<day>{_DAY})\s(?:of\s)?(?P<month>{_MONTH})(?:,?\s(?P<year>{_YEAR}))?{_OWN}",
    "nth": r"the (?P<day>(?:3[01]|[12]\d|[1-9])(?:st|nd|rd|th))(?=[,.;]|$| of (?:this|the) month)(?: of (?:this|the) month)?",
    "weekday": rf"(?:(?P<which>(?i:last|next|this past|this coming|this|the coming|coming|the following|the previous))\s)?(?P<weekday>{_WEEKDAY})(?:\s(?P<week>last|this|next|of last|of this|of next) week)?{_PART_OF_DAY}{_OWN}",
    "season": rf"(?P<which>(?i:last|this|next|the|in))\s(?P<season>spring|summer|autumn|fall|winter)(?:\s(?:of\s)?(?P<year>{_YEAR}))?{_OWN}",
    "period": rf"(?P<which>(?i:last|this|next|the past|the last|the coming|the previous|the next|past|coming))\s(?P<unit>weekend|week|month|year)\b{_OWN}",
    "weekend": rf"(?P<unit>the weekend)\b{_OWN}",
    "word": rf"\b(?P<word>(?i:the day before yesterday|the day after tomorrow|yesterday|today|tonight|tomorrow|overnight|last night|this morning|this afternoon|this evening)){_PART_OF_DAY}\b{_OWN}",
    "ago": rf"(?:(?i:just|about|around|some|nearly|almost|more than|over) )?(?P<count>{_COUNT}|(?i:a couple of|several|a few|many))\s{_UNIT} ago\b",
    "anchored_count": rf"(?P<count>{_COUNT}|(?i:a few|several))\s{_UNIT} (?P<way>later|earlier|afterwards|prior|after|before)\b",
    "anchored": r"(?P<way>(?i:the|that)\s(?i:very\s)?(?i:same|previous|next|following|preceding)|(?i:that|next|same))\s(?P<unit>day|night|week|month|year|evening)\b",
    "ahead": rf"(?i:in|within)\s(?:just |about |around |the next )?(?P<count>{_COUNT})\s{_UNIT}(?:['’]? time)?(?=[\s,.;]|$)",
    "month": rf"(?:(?P<which>(?i:last|this|next))\s)?\b(?P<month>{_MONTH})(?:,?\s(?:of\s)?(?P<year>{_YEAR})|\s(?:of\s)?(?P<of>last|this|next) year)?{_OWN}(?!\w)",
    "year": rf"(?<![\d.,$€£-])\b(?P<year>{_YEAR})(?!-\w|\s(?:people|soldiers|troops|prisoners|civilians|men|women|children|others|kilomet|miles|met))(?:['’]s)?\b",
    "vague": r"\b(?P<vague>(?i:in (?:the )?(?:recent|past|last|coming|next) (?:few )?(?:hours|days|weeks|months|years|decades)|in the (?:near|not too distant) future|recently|recent|soon|shortly|immediately|currently|at present|now|earlier|these days|for (?:days|weeks|months|years)|lately))\b",
}
_COMPILED = [(kind, re.compile(pattern)) for kind, pattern in _PATTERNS.items()]
_GATE = re.compile(
    r"\d|day\b|days\b|[Tt]o-?night|[Oo]vernight|tomorrow|week|month|year|[Nn]ight|ago\b|[Rr]ecent|[Ss]oon|[Nn]ow\b|shortly|"
    r"[Ii]mmediately|[Cc]urrently|[Ee]arlier|lately|at present|future|[Ll]ater|spring|summer|autumn|fall|winter|morning|evening|afternoon|"
    + _MONTH
)
_LEAD = re.compile(
    r"(?:(?P<prep>\b(?i:on|in|at|since|from|until|till|by|before|after|during|for|through|throughout|as of|over|between|within|to|of))\s)?"
    r"(?:the\s)?"
    r"(?:(?P<part>\b(?i:very early|very late|early|mid|late|earlier|later|end of|start of|beginning of|middle of|first half of|second half of|last days of))"
    r"(?:\s|-)(?:(?P<inner>on|in|at|to)\s)?(?:the\s)?)?$"
)
_PARTS = {
    "early": "early",
    "very early": "early",
    "start of": "early",
    "beginning of": "early",
    "first half of": "early",
}
_PARTS |= {"mid": "mid", "middle of": "mid", "late": "late", "very late": "late", "end of": "late"}
_PARTS |= {"second half of": "late", "last days of": "late", "earlier": "earlier", "later": "later"}
_ROLES = {"by": "deadline", "until": "deadline", "till": "deadline", "before": "deadline", "to": "deadline"}
_ROLES |= {"since": "start", "from": "start", "as of": "start"}
_NEEDS_PREPOSITION = frozenset({3, 5})
_MONTH_PREPOSITIONS = frozenset(
    {"in", "since", "until", "by", "from", "before", "after", "during", "of", "through", "between"}
)


def find_dates(sentence: str, published: str | None = None) -> list[DateMention]:
    """Every mention of a time in `sentence`, in order and not overlapping. `published` is not needed to find them.

    Offsets are code points into `sentence`; `sentence[m.start:m.end] == m.words` always holds.
    """
    if not _GATE.search(sentence):
        return []
    matches = [
        (match.start(), -match.end(), rank, kind, match)
        for rank, (kind, pattern) in enumerate(_COMPILED)
        for match in pattern.finditer(sentence)
    ]
    found: list[DateMention] = []
    for _, _, _, kind, match in sorted(matches, key=lambda item: item[:3]):
        if found and match.start() < found[-1].end:
            continue
        mention = _mention(sentence, kind, match)
        if mention is not None and (not found or mention.end > found[-1].end):
            found.append(
                mention if not found or mention.start >= found[-1].end else _cut(mention, found[-1].end, sentence)
            )
    return found


def _cut(mention: DateMention, start: int, sentence: str) -> DateMention:
    words = sentence[start : mention.end]
    start += len(words) - len(words.lstrip())
    return replace(mention, start=start, words=sentence[start : mention.end])


def _mention(sentence: str, kind: str, match: re.Match[str]) -> DateMention | None:
    groups = {key: value for key, value in match.groupdict().items() if value is not None}
    lead = _LEAD.search(sentence[: match.start()])
    prep = lead["prep"].lower() if lead and lead["prep"] else None
    part = _PARTS[lead["part"].lower()] if lead and lead["part"] else None
    start = lead.start() if lead and (prep or part) else match.start()
    if kind == "month" and not _is_month(groups, prep, part):
        return None
    if kind == "year" and prep is None and part is None and not re.match(r"['’]s|\s[a-z]", sentence[match.end() :]):
        return None
    if kind in ("ahead", "vague", "word", "anchored", "anchored_count", "ago") and prep not in (
        None,
        "by",
        "until",
        "since",
        "before",
        "from",
    ):
        start, prep = match.start(), None
    if kind == "vague" and part is None:
        start = match.start()
    inner = lead["inner"] if lead and lead["part"] else None
    values: dict[str, object] = {"kind": _KINDS.get(kind, kind)}
    for key in ("year", "day", "end_day"):
        if key in groups:
            values[key] = int(re.sub(r"\D", "", groups[key]))
    for key in ("month", "end_month"):
        if key in groups:
            values[key] = _MONTHS[groups[key].rstrip(".")]
    if "weekday" in groups:
        values["weekday"] = _WEEKDAYS[groups["weekday"]]
    if "count" in groups:
        word = groups["count"].lower()
        values["count"] = int(word) if word.isdigit() else _NUMBERS.get(word)
    if "unit" in groups:
        values["unit"] = groups["unit"].removeprefix("the ")
    values["which"] = _which(kind, groups)
    role = _ROLES.get(prep or "", "time") if part not in ("earlier", "later") else "time"
    return DateMention(
        start,
        match.end(),
        sentence[start : match.end()],
        preposition=prep or inner,
        role=role,
        part=part,
        **values,  # type: ignore[arg-type]
    )


_KINDS = {
    "iso": "day",
    "month_day": "day",
    "day_month": "day",
    "range_day_first": "range",
    "range_month_first": "range",
}
_KINDS |= {"range_months": "range", "weekend": "period", "anchored_count": "anchored"}


def _is_month(groups: dict[str, str], prep: str | None, part: str | None) -> bool:
    if len(groups) > 1 or part in ("early", "mid", "late"):
        return True
    if _MONTHS[groups["month"].rstrip(".")] in _NEEDS_PREPOSITION:
        return prep in _MONTH_PREPOSITIONS
    return True


def _which(kind: str, groups: dict[str, str]) -> str | None:
    if kind == "season":
        return groups["season"] + " " + groups["which"].lower()
    if kind == "word":
        return groups["word"].lower()
    if kind == "weekend":
        return "the"
    if "way" in groups:
        way = groups["way"].lower().split()[-1]
        if way in ("same", "that"):
            return "same"
        return "earlier" if way in ("earlier", "before", "prior", "previous", "preceding") else "later"
    if "week" in groups:
        return groups["week"].removeprefix("of ") + " week"
    word = groups.get("which") or groups.get("of")
    if word is None:
        return None
    plain = word.lower()
    for name, words in _WHICH.items():
        if plain in words:
            return name
    return plain


_WHICH = {
    "last": ("last", "this past", "past", "the past", "the last", "the previous"),
    "next": ("next", "this coming", "the coming", "coming", "the next"),
    "this": ("this",),
    "following": ("the following",),
}


def published_date(published: str | None) -> date | None:
    """The calendar day of a publication timestamp in its own UTC offset; None where there is none that can be read."""
    match = re.match(r"\s*(\d{4})-?(\d\d)-?(\d\d)(?!\d)", published or "")
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def resolve(mention: DateMention, published: str | None, tense: Tense, anchor: str | None = None) -> Resolved:
    """The EDTF date that a mention means, seen from the day of publication.

    `tense` is that of the dated verb and decides what the words leave open: a weekday or a day without a year is never
    after publication in the past tense, and never before it in the future tense. `anchor` is the EDTF day of the
    happening that "10 days later" or "the same day" counts from. Unresolved are: vague words, relative words without a
    publication date, dates that do not exist.
    """
    handler = _HANDLERS.get(mention.kind)
    if handler is None:
        return _UNKNOWN
    today = published_date(published)
    if mention.kind == "anchored":
        return _anchored(mention, anchor)
    try:
        edtf = handler(mention, today, tense)
    except (ValueError, OverflowError):
        return _UNKNOWN
    if edtf is None:
        return _UNKNOWN
    return Resolved(
        edtf, "explicit" if mention.kind in ("day", "range", "year", "month") and mention.which is None else "relative"
    )


def _day(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    if mention.year is not None:
        return date(mention.year, mention.month or 1, mention.day or 1).isoformat()
    chosen = _without_year(mention.month or 1, mention.day or 1, today, tense)
    return chosen.isoformat() if chosen else None


def _without_year(month: int, day: int, today: date | None, tense: Tense) -> date | None:
    if today is None:
        return None
    around = list(_in_years(month, day, range(today.year - 8, today.year + 9)))
    if tense == "past":
        return max((d for d in around if d <= today), default=None)
    if tense == "future":
        return min((d for d in around if d >= today), default=None)
    return min(around, key=lambda d: (abs((d - today).days), d), default=None)


def _in_years(month: int, day: int, years: range) -> Iterator[date]:
    for year in years:
        if day <= calendar.monthrange(year, month)[1]:
            yield date(year, month, day)


def _range(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    month = mention.month or 1
    end_month = mention.end_month or month
    if mention.year is not None:
        last = date(mention.year, end_month, mention.end_day or 1)
        first = date(mention.year - (end_month < month), month, mention.day or 1)
    else:
        chosen = _without_year(month, mention.day or 1, today, tense)
        if chosen is None:
            return None
        first, last = chosen, date(chosen.year + (end_month < month), end_month, mention.end_day or 1)
    return f"{first.isoformat()}/{last.isoformat()}" if first < last else None


def _month(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    month = mention.month or 1
    if mention.year is not None:
        return f"{mention.year:04d}-{month:02d}"
    if today is None:
        return None
    year = today.year
    of_year = mention.words.lower().endswith("year")
    if of_year:
        year += {"last": -1, "next": 1}.get(mention.which or "", 0)
    elif mention.which == "last":
        year -= month >= today.month
    elif mention.which == "next":
        year += month <= today.month
    elif mention.which is None and tense == "past":
        year -= month > today.month
    elif mention.which is None and tense == "future":
        year += month < today.month
    elif mention.which is None:
        distance = month - today.month
        year += -1 if distance > 6 else 1 if distance < -6 else 0
    return f"{year:04d}-{month:02d}"


def _year(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    return f"{mention.year:04d}"


def _nth(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    if today is None:
        return None
    near = [_months_on(today, n) for n in (-2, -1, 0, 1, 2)]
    days = [date(y, m, mention.day or 1) for y, m in near if (mention.day or 1) <= calendar.monthrange(y, m)[1]]
    if tense == "future":
        return min(d for d in days if d >= today).isoformat()
    if tense == "past":
        return max(d for d in days if d <= today).isoformat()
    return min(days, key=lambda d: (abs((d - today).days), d)).isoformat()


def _weekday(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    if today is None or mention.weekday is None:
        return None
    monday = today - timedelta(days=today.weekday())
    ahead = (mention.weekday - today.weekday()) % 7
    back = (today.weekday() - mention.weekday) % 7
    which = mention.which or ""
    if which.endswith(" week"):
        weeks = {"last week": -1, "this week": 0, "next week": 1}[which]
        return (monday + timedelta(weeks=weeks, days=mention.weekday)).isoformat()
    if which == "last":
        return (today - timedelta(days=back or 7)).isoformat()
    if which == "next":
        coming = today + timedelta(days=ahead or 7)
        same_week = coming - monday < timedelta(days=7)
        return (coming + timedelta(days=7 if same_week and mention.words.lower().startswith("next") else 0)).isoformat()
    if which == "this":
        return (monday + timedelta(days=mention.weekday)).isoformat()
    if which == "following":
        return None
    return (today + timedelta(days=ahead) if tense == "future" else today - timedelta(days=back)).isoformat()


def _word(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    if today is None:
        return None
    shifts = {
        "the day before yesterday": -2,
        "yesterday": -1,
        "last night": -1,
        "tomorrow": 1,
        "the day after tomorrow": 2,
    }
    return (today + timedelta(days=shifts.get(mention.which or "", 0))).isoformat()


def _period(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    if today is None:
        return None
    shift = {"last": -1, "this": 0, "next": 1}.get(mention.which or "")
    if mention.unit == "weekend":
        at_weekend = today.weekday() >= 5
        if mention.which == "the":
            shift = -1 if tense != "future" and not at_weekend else 0
        elif mention.which == "next" and not at_weekend:
            shift = 0
        return _week(today + timedelta(weeks=shift or 0))
    if shift is None:
        return None
    if mention.unit == "week":
        return _week(today + timedelta(weeks=shift))
    if mention.words.lower().rpartition(" ")[0].endswith(("past", "coming")):
        return None
    if mention.unit == "month":
        return "{:04d}-{:02d}".format(*_months_on(today, shift))
    return f"{today.year + shift:04d}"


def _season(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    season, _, which = (mention.which or "").partition(" ")
    code = _SEASONS[season]
    if mention.year is not None:
        return f"{mention.year:04d}-{code}"
    if today is None or which in ("the", "in"):
        return None
    first = {21: 3, 22: 6, 23: 9, 24: 12}[code]
    starts = [date(today.year + n, first, 1) for n in (-2, -1, 0, 1, 2)]
    if which == "next":
        return f"{min(s for s in starts if s > today).year:04d}-{code}"
    if which == "this":
        return f"{today.year - (code == 24 and today.month < 3):04d}-{code}"
    ended = [s for s in starts if _month_index(today) > _month_index(s) + 2]
    return f"{max(ended).year:04d}-{code}"


def _ago(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    return _shifted(today, mention.unit, -mention.count) if today and mention.count is not None else None


def _ahead(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    if tense != "future" or today is None or mention.count is None:
        return None
    return _shifted(today, mention.unit, mention.count)


def _anchored(mention: DateMention, anchor: str | None) -> Resolved:
    """Counted from the day of another happening; by the precision of what is counted, as in `_shifted`."""
    day = published_date(anchor) if anchor and re.fullmatch(r"\d{4}-\d\d-\d\d", anchor) else None
    count = (
        mention.count
        if mention.count is not None
        else (None if "few" in mention.words or "several" in mention.words else 1)
    )
    if day is None or count is None:
        return _UNKNOWN
    sign = {"later": 1, "earlier": -1, "same": 0}[mention.which or "same"]
    edtf = _shifted(day, mention.unit, sign * count)
    return Resolved(edtf, "relative") if edtf else _UNKNOWN


def _shifted(day: date, unit: str | None, count: int) -> str | None:
    """`day` moved by `count` units, as precise as the unit: a day for hours and days, else the week, month or year."""
    if unit in ("day", "night", "evening"):
        return (day + timedelta(days=count)).isoformat()
    if unit == "hour":
        return day.isoformat() if abs(count) < 24 else (day + timedelta(hours=count)).isoformat()
    if unit in ("week", "fortnight"):
        return _week(day + timedelta(weeks=count * (2 if unit == "fortnight" else 1)))
    if unit == "month":
        return "{:04d}-{:02d}".format(*_months_on(day, count))
    return f"{day.year + count:04d}" if unit == "year" else None


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def _months_on(day: date, count: int) -> tuple[int, int]:
    year, month = divmod(_month_index(day) + count, 12)
    return year, month + 1


def _month_index(day: date) -> int:
    return day.year * 12 + day.month - 1


_HANDLERS: dict[str, Callable[[DateMention, date | None, Tense], str | None]] = {
    "day": _day,
    "range": _range,
    "month": _month,
    "year": _year,
    "nth": _nth,
    "weekday": _weekday,
    "word": _word,
    "period": _period,
    "season": _season,
    "ago": _ago,
    "ahead": _ahead,
    "anchored": lambda mention, today, tense: None,
}
