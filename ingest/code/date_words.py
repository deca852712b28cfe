"""Find the words of a sentence that say when: days, months, weekdays, "last week", "10 days later", "recently".

Only what the words say is read here; `ingest.code.dates.resolve` makes dates of it.
"""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class DateMention:
    """Words that say when, at code points `start` to `end` of the sentence, leading preposition included.

    `kind` is day, month, year, weekday, word (today, overnight), period (last week), ago, ahead (in two days), nth (on
    the 20th), range, season, anchored (10 days later, the same day) or vague (recently). `role` is "deadline" after by,
    until and before, "start" after since and from, "time" else. Of the other fields only those the kind needs are set:
    `which` is last, this or next (of anchored: later, earlier or same), `part` early, mid, late, earlier or later.
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
    end_year: int | None = None
    weekday: int | None = None
    end_weekday: int | None = None
    count: int | None = None
    unit: str | None = None
    which: str | None = None
    part: str | None = None


_MONTHS = {name: n for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name: n for n, name in enumerate(calendar.month_abbr) if name} | {"Sept": 9}
_WEEKDAYS = {name: n for n, name in enumerate(calendar.day_name)}
_COUNT_WORDS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_NUMBERS = {word: n for n, word in enumerate(re.findall(r"\w+", _COUNT_WORDS), 1)}
_NUMBERS |= {"a": 1, "an": 1, "twenty": 20, "thirty": 30}

_MONTH = "(?:" + "|".join(calendar.month_name[1:]) + r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\d%]|[,.:]\d)"
_YEAR = r"(?:19|20)\d\d(?![\d%]|,\d|\.\d)"
_WEEKDAY = "(?:" + "|".join(calendar.day_name) + ")"
_PART_OF_DAY = r"(?:[ -](?:early |late )?(?:morning|afternoon|evening|night|noon))?"
_COUNT = r"(?:\d{1,3}|(?i:" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + "))"
_UNIT = r"(?P<unit>hour|day|night|week|fortnight|month|year|decade)s?\b"
_TO = r"(?:\s?[-–—]\s?|\s(?:to|through|until|till|and)\s)"
_OWN = r"(?:['’]s)?"
_OF_YEAR = rf"(?:,?\s(?:of\s)?(?P<year>{_YEAR}))?"
_MONTH_ENDS = rf"(?![a-z]){_OF_YEAR}"
_LED_BY_WEEKDAY = rf"(?:{_WEEKDAY}{_PART_OF_DAY},?\s)?"

_NOT_A_NAME = "".join(rf"(?<!\b{word} )" for word in ("Good", "Black", "Bloody", "Ash", "Palm", "Easter", "Super"))

_PATTERNS: dict[str, str] = {
    "iso": r"(?<![\d-])(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])(?!\d)",
    "range_day_first": (rf"(?<!\d)(?P<day>{_DAY}){_TO}(?P<end_day>{_DAY})\s(?:of\s)?(?P<month>{_MONTH}){_MONTH_ENDS}"),
    "range_month_first": (
        rf"\b(?P<month>{_MONTH})\s(?P<day>{_DAY})(?:\s?[-–—]\s?|\s(?:to|through|until)\s)"
        rf"(?:(?P<end_month>{_MONTH})\s)?(?P<end_day>{_DAY}){_OF_YEAR}"
    ),
    "range_months": (
        rf"(?<!\d)(?P<day>{_DAY})\s(?P<month>{_MONTH}){_TO}(?P<end_day>{_DAY})\s"
        rf"(?P<end_month>{_MONTH}){_MONTH_ENDS}"
    ),
    "month_day": rf"{_LED_BY_WEEKDAY}\b(?P<month>{_MONTH})\s(?:the\s)?(?P<day>{_DAY}){_OF_YEAR}{_OWN}",
    "day_month": (
        rf"{_LED_BY_WEEKDAY}(?:the\s)?(?<![\d.,$€£])(?P<day>{_DAY})\s(?:of\s)?"
        rf"(?P<month>{_MONTH}){_MONTH_ENDS}{_OWN}"
    ),
    "nth": (
        r"the (?P<day>(?:3[01]|[12]\d|[1-9])(?:st|nd|rd|th))"
        r"(?=[,.;]|$| of (?:this|the) month)(?: of (?:this|the) month)?"
    ),
    "holiday": (
        r"\b(?P<holiday>Christmas(?: Day| Eve)?|Boxing Day|New Year['’]s (?:Day|Eve)|May Day|Valentine['’]s Day)"
        rf"(?:,?\s(?P<year>{_YEAR}))?\b"
    ),
    "weekdays": rf"\b(?P<weekday>{_WEEKDAY})(?:\s?[-–—]\s?|\s(?:to|through|until)\s)(?P<end_weekday>{_WEEKDAY})\b",
    "days_running": rf"\b(?P<weekday>{_WEEKDAY})\sand\s(?:on\s)?(?P<end_weekday>{_WEEKDAY})\b",
    "months": rf"(?<=\b[Ii]n\s)(?P<month>{_MONTH})\sand\s(?:in\s)?(?P<end_month>{_MONTH}){_MONTH_ENDS}(?!\s\d)",
    "months_between": (
        rf"\b(?i:between|from)\s(?P<month>{_MONTH})\s(?:and|to|until)\s(?P<end_month>{_MONTH}){_MONTH_ENDS}(?!\s\d)"
    ),
    "years": rf"(?<=\b[Ii]n\s)(?P<year>{_YEAR})\sand\s(?:in\s)?(?P<end_year>{_YEAR})\b",
    "years_between": rf"\b(?i:between|from)\s(?P<year>{_YEAR})\s(?:and|to|until)\s(?P<end_year>{_YEAR})\b",
    "weekday": (
        r"(?:(?P<which>(?i:last|next|this past|this coming|this|the coming|coming|the following|the previous))\s)?"
        rf"{_NOT_A_NAME}\b(?P<weekday>{_WEEKDAY})(?![a-z])(?:\s(?P<week>last|this|next|of last|of this|of next) week)?"
        rf"{_PART_OF_DAY}{_OWN}"
    ),
    "season": (
        r"\b(?P<which>(?i:last|this|next|the|in))\s(?P<season>spring|summer|autumn|fall|winter)\b"
        rf"(?:\s(?:of\s)?(?P<year>{_YEAR}))?{_OWN}"
    ),
    "period": (
        r"\b(?P<which>(?i:last|this|next|the past|the last|the coming|the previous|the next|past|coming))\s"
        rf"(?P<unit>weekend|week|month|year)\b{_OWN}"
    ),
    "this_period": r"(?<=of )the (?P<unit>week|month|year)\b",
    "weekend": rf"(?P<unit>\bthe weekend)\b{_OWN}",
    "word": (
        r"\b(?P<word>(?i:the day before yesterday|the day after tomorrow|yesterday|today|tonight|tomorrow|overnight|"
        rf"last night|this morning|this afternoon|this evening)){_PART_OF_DAY}\b{_OWN}"
    ),
    "ago": (
        r"(?:\b(?i:just|about|around|some|nearly|almost|more than|over) )?"
        rf"(?<!half )\b(?P<count>{_COUNT}|(?i:a couple of|several|a few|many))\s{_UNIT} ago\b"
    ),
    "anchored_count": (
        rf"(?<!\bfor )\b(?P<count>{_COUNT}|(?i:a few|several))\s{_UNIT} "
        r"(?P<way>later|earlier|afterwards|prior|after|before)\b"
    ),
    "anchored": (
        r"\b(?P<way>(?i:the|that)\s(?i:very\s)?(?i:same|previous|next|following|preceding)|(?i:that|next|same))\s"
        r"(?P<unit>day|night|week|month|year|evening|morning|afternoon)\b"
    ),
    "anchored_day": (
        r"\bthe (?P<unit>day|night|evening|week|month|year) (?P<way>before|after|prior)\b(?! yesterday| tomorrow)"
    ),
    "that_day": (
        r"\b(?P<way>(?i:earlier|later) (?:in |on )?(?:the|that) day"
        r"|(?i:in the|that) (?:early |late )?(?:morning|afternoon|evening)"
        r"|(?i:at noon|around noon|at dawn|at dusk))\b(?! of\b|,? on\b|,? " + _WEEKDAY + r")"
    ),
    "eve": r"\b(?P<way>(?i:on the eve))\b(?! of\b)",
    "ahead": (
        r"\b(?i:in|within)\s(?:just |about |around |the next )?"
        rf"(?P<count>{_COUNT})\s{_UNIT}(?:['’]? time)?(?=[\s,.;]|$)"
    ),
    "month": (
        rf"(?:\b(?P<which>(?i:last|this|next))\s)?\b(?P<month>{_MONTH})"
        rf"(?:,?\s(?:of\s)?(?P<year>{_YEAR})|\s(?:of\s)?(?P<of>last|this|next) year)?{_OWN}(?!\w)"
    ),
    "year": (
        rf"(?<![\d.,$€£])(?<!\d-)\b(?P<year>{_YEAR})(?!-\w|\s(?:people|soldiers|troops|prisoners|civilians|men|women|children|"
        r"others|kilomet|miles|met))(?:['’]s)?\b"
    ),
    "vague": (
        r"\b(?P<vague>(?i:(?:in|over|during) (?:the )?(?:recent|past|last|coming|next) (?:few |several |\w+ )?"
        r"(?:hours|days|weeks|months|years|decades)|in the (?:near|not too distant) future|recently|recent|soon|"
        r"shortly|immediately|currently|at present|now|"
        r"earlier(?! (?:this|on|in|today|last|that)\b)|these days|within (?:hours|days|weeks|months)|"
        r"(?:hours|days|weeks|months) (?:later|earlier|after|before)|for (?:days|weeks|months|years)|lately))\b"
    ),
}
_COMPILED = [(kind, re.compile(pattern)) for kind, pattern in _PATTERNS.items()]
_GATE = re.compile(
    r"\d|day\b|days\b|[Tt]onight|[Oo]vernight|tomorrow|week|month|year|[Nn]ight|ago\b|[Rr]ecent|[Ss]oon|[Nn]ow\b|"
    r"shortly|[Ii]mmediately|[Cc]urrently|[Ee]arlier|lately|at present|future|[Ll]ater|hours|Christmas|spring|"
    r"\beve\b|noon|dawn|dusk|summer|autumn|fall|winter|morning|evening|afternoon|" + _MONTH
)
_DATELINE = re.compile(
    rf"\s*[A-Z][A-Z.'’/ -]*[A-Z](?:,\s[A-Z][\w.' -]{{2,30}})?,\s(?:{_MONTH}\s{_DAY}|{_DAY}\s{_MONTH})(?:,?\s{_YEAR})?"
    r"[.,:]?\s*(?:/[A-Za-z-]+/|\([^)\n]{2,40}\)|[-–—])"
)
_KINDS = {"anchored_day": "anchored", "that_day": "anchored", "eve": "anchored"}
_KINDS |= {"iso": "day", "month_day": "day", "day_month": "day", "weekend": "period", "anchored_count": "anchored"}
_KINDS |= {"range_day_first": "range", "range_month_first": "range", "range_months": "range"}
_KINDS |= dict.fromkeys(("days_running", "months", "months_between", "years", "years_between"), "range")
_KINDS |= {"weekdays": "range", "holiday": "day", "this_period": "period"}
_PREPOSITIONS = frozenset(
    {
        "on",
        "in",
        "at",
        "since",
        "from",
        "until",
        "till",
        "by",
        "before",
        "after",
        "during",
        "for",
        "through",
        "throughout",
    }
    | {"over", "between", "within", "to", "of"}
)
_WHEN = re.compile(r",? when\b")
"""Tells what happened on the day before it: "since Friday, when the town fell"."""
_STAGES = {"early": "early", "mid": "mid", "late": "late", "earlier": "earlier", "later": "later"}
_STAGE_NOUNS = {"start": "early", "beginning": "early", "middle": "mid", "end": "late", "first half": "early"}
_STAGE_NOUNS |= {"second half": "late", "last days": "late", "first days": "early"}
_ROLES = {"by": "deadline", "until": "deadline", "till": "deadline", "before": "deadline", "to": "deadline"}
_ROLES |= {"since": "start", "from": "start"}
_ADVERBS = frozenset({"ahead", "vague", "word", "anchored", "anchored_count", "anchored_day", "that_day", "eve", "ago"})
_BEFORE_ADVERBS = frozenset({"by", "until", "since", "before", "from"})
_ALSO_WORDS = frozenset({3, 5})
"""March and May, which are words as well: months only with a preposition, a stage or a year."""
_BEFORE_MONTHS = frozenset(
    {"in", "since", "until", "by", "from", "before", "after", "during", "of", "through", "between", "to"}
)
_HOLIDAYS = {"Christmas": ("12", "25"), "Christmas Day": ("12", "25"), "Christmas Eve": ("12", "24")}
_HOLIDAYS |= {"Boxing Day": ("12", "26"), "New Year's Day": ("1", "1"), "New Year's Eve": ("12", "31")}
_HOLIDAYS |= {"May Day": ("5", "1"), "Valentine's Day": ("2", "14")}
_NAMED_DAYS = {
    (10, 7): (2023, re.compile(r"Hamas|Israel|Gaza|massacre|hostages|attack")),
    (9, 11): (2001, re.compile(r"terror|al[- ]Qa|Twin Towers|World Trade|attacks")),
    (1, 6): (2021, re.compile(r"Capitol|insurrection|riot")),
}
"""Days that are names of what happened on them, so that the year is left out for years after."""


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
        free_from = found[-1].end if found else 0
        if match.start() >= free_from and (mention := _mention(sentence, kind, match, free_from)) is not None:
            found.append(mention)
    return found


def find_dateline(text: str) -> DateMention | None:
    """The date in the dateline that opens an agency's text ("PARIS, June 3 (Agency) - "); None where there is none.

    What the opening paragraphs report as said without a day of its own was said on that day.
    """
    dateline = _DATELINE.match(text)
    if dateline is None:
        return None
    dates = [mention for mention in find_dates(text[: dateline.end()]) if mention.kind == "day"]
    return dates[-1] if dates else None


def _mention(sentence: str, kind: str, match: re.Match[str], free_from: int) -> DateMention | None:
    groups = {key: value for key, value in match.groupdict().items() if value is not None}
    start, preposition, part = _lead(sentence, match.start(), free_from)
    if kind == "season" and groups["which"] in ("the", "in") and groups["season"] == "fall" and "year" not in groups:
        return None
    if (kind == "month" and not _is_month(groups, preposition, part)) or (
        kind == "year" and preposition is None and part is None and not _is_year(sentence, match)
    ):
        return None
    if kind == "days_running" and (_WEEKDAYS[groups["end_weekday"]] - _WEEKDAYS[groups["weekday"]]) % 7 != 1:
        return None
    if kind in _ADVERBS and preposition not in _BEFORE_ADVERBS:
        start, preposition = match.start(), None
    if kind == "holiday":
        groups["month"], groups["day"] = _HOLIDAYS[groups["holiday"].replace("’", "'")]
    role = (
        _ROLES.get(preposition or "", "time")
        if part not in ("earlier", "later")
        and _KINDS.get(kind) != "range"
        and not (preposition == "since" and _WHEN.match(sentence, match.end()))
        else "time"
    )
    mention = DateMention(
        start,
        match.end(),
        sentence[start : match.end()],
        _KINDS.get(kind, kind),
        preposition=preposition,
        role=role,
        year=_digits(groups.get("year")),
        month=_month(groups.get("month")),
        day=_digits(groups.get("day")),
        end_month=_month(groups.get("end_month")),
        end_day=_digits(groups.get("end_day")),
        end_year=_digits(groups.get("end_year")),
        weekday=_WEEKDAYS.get(groups.get("weekday", "")),
        end_weekday=_WEEKDAYS.get(groups.get("end_weekday", "")),
        count=_count(groups.get("count")),
        unit=groups.get("unit", "").removeprefix("the ") or ("day" if kind in ("that_day", "eve") else None),
        which=_which(kind, groups),
        part=part,
    )
    return _named(mention, sentence)


def _lead(sentence: str, start: int, free_from: int) -> tuple[int, str | None, str | None]:
    """Where the words begin with the preposition and the stage before them ("at the end of May", "late on Friday")."""
    words = [
        (m.start(), m[0]) for m in re.finditer(r"[A-Za-z]+(?=[ -])|\S", sentence[max(free_from, start - 40) : start])
    ]
    offset = max(free_from, start - 40)
    preposition: str | None = None
    part: str | None = None
    at = len(words)

    def word(n: int) -> str:
        return words[n - 1][1].lower() if n > 0 else ""

    if word(at) in _PREPOSITIONS:
        preposition, at = word(at), at - 1
    elif word(at) == "the" and word(at - 1) in _PREPOSITIONS:
        preposition, at = word(at - 1), at - 2
    if word(at) == "-" and word(at - 1) in _STAGES:
        at -= 1
    for size in (1, 2):
        stage = " ".join(word(n) for n in range(at - size + 1, at + 1))
        if preposition == "of" and stage in _STAGE_NOUNS:
            part, preposition, at = _STAGE_NOUNS[stage], None, at - size
            break
    if part is None and word(at) in _STAGES:
        part, at = _STAGES[word(at)], at - 1
        at -= word(at) == "very"
    if part is not None:
        outer = at - (word(at) == "the")
        if word(outer) in _PREPOSITIONS:
            preposition, at = word(outer), outer - 1
        elif outer < at:
            at = outer
    if preposition is None and part is None:
        return start, None, None
    return offset + words[at][0], preposition, part


def _is_month(groups: Mapping[str, str], preposition: str | None, part: str | None) -> bool:
    if len(groups) > 1 or part in ("early", "mid", "late"):
        return True
    return _month(groups["month"]) not in _ALSO_WORDS or preposition in _BEFORE_MONTHS


def _is_year(sentence: str, match: re.Match[str]) -> bool:
    """Whether a bare number is a year: one that qualifies a noun ("the 2015 deal") or has an owner's s."""
    return match.end() == match.start() + 4 and re.match(r"['’]s|\s[a-z]", sentence[match.end() :]) is not None


def _digits(text: str | None) -> int | None:
    return int(re.sub(r"\D", "", text)) if text else None


def _month(name: str | None) -> int | None:
    if name is None:
        return None
    return int(name) if name.isdigit() else _MONTHS[name.rstrip(".")]


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) if text.isdigit() else _NUMBERS.get(text.lower())


_WHICH = dict.fromkeys(("last", "this past", "past", "the past", "the last", "the previous", "of last"), "last")
_WHICH |= dict.fromkeys(("next", "this coming", "the coming", "coming", "the next", "of next"), "next")
_WHICH |= {"this": "this", "of this": "this", "the following": "following"}


def _which(kind: str, groups: Mapping[str, str]) -> str | None:
    """Which one of its kind is meant, in one word or two: "last", "last week", "summer last", "same"."""
    if kind == "season":
        return f"{groups['season']} {groups['which'].lower()}"
    if kind == "word":
        return groups["word"].lower()
    if kind == "weekend":
        return "the"
    if kind == "this_period":
        return "this"
    if kind in ("that_day", "eve"):
        return "same" if kind == "that_day" else "earlier"
    if way := groups.get("way", "").lower().rpartition(" ")[2]:
        earlier = way in ("earlier", "before", "prior", "previous", "preceding")
        return "same" if way in ("same", "that") else "earlier" if earlier else "later"
    if week := groups.get("week"):
        return f"{_WHICH[week]} week"
    word = (groups.get("which") or groups.get("of") or "").lower()
    return _WHICH.get(word)


def _named(mention: DateMention, sentence: str) -> DateMention:
    if mention.kind == "day" and mention.year is None:
        year, context = _NAMED_DAYS.get((mention.month or 0, mention.day or 0), (None, None))
        if context is not None and context.search(sentence):
            return replace(mention, year=year, which="named")
    return mention
