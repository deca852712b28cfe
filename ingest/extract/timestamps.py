"""A written date or time to ISO 8601, without a clock: nothing missing is filled in from today."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone

MIN_YEAR, MAX_YEAR = 1990, 2099
"""Years outside are placeholders (0001, 1970) or errors; a clock is not asked, so that a page gives the same date for
ever."""


def _folded(word: str) -> str:
    return unicodedata.normalize("NFC", word).casefold()


# Month names by their beginnings, in the languages whose news sites write months as words most often.
_MONTHS = (
    "jan gen ene янв січ oca sty led tamm leden janv",
    "feb fév fev févr фев лют şub lut únor helmi",
    "mar mär mrt maa mars maerz март бер bře brez maaliskuu",
    "apr avr abr апр кві nis kwi dub huhti",
    "may mai maj mag mei mayo май мая тра květ toukokuu",
    "jun juin giu июн чер haz cze kesä červen",
    "jul juil lug июл лип tem lip heinä červenec",
    "aug août aou ago авг сер ağu sie srp elo",
    "sep set сен вер eyl wrz zář syys",
    "oct okt ott out окт жов eki paź říj loka",
    "nov ноя лис kas lis marras",
    "dec dez déc dic дек гру ara gru pros joulu des",
)
_BY_PREFIX = sorted(
    ((prefix, number) for number, names in enumerate(_MONTHS, 1) for prefix in names.split()),
    key=lambda pair: -len(pair[0]),
)
# Prefixes that begin two months' names, settled by the whole word.
_WHOLE = {
    "mars": 3, "mai": 5, "mag": 5, "juin": 6, "juillet": 7, "lipca": 7, "listopada": 11, "listopadu": 11,
    "červen": 6, "června": 6, "července": 7, "červenec": 7, "marras": 11, "marraskuu": 11, "marraskuuta": 11,
    "maaliskuuta": 3, "listopad": 11, "липня": 7, "листопада": 11, "aralık": 12,
}  # fmt: skip
# Scripts whose months are whole words: Arabic (Egypt, Levant, Maghreb), Hebrew, Greek, Hindi, Bengali. Levantine
# names of two words (the first and second Tishrin and Kanun) stand beside their Egyptian ones on news sites and are
# read from those.
_OTHER_SCRIPTS = (
    "يناير جانفي ינואר בינואר ιανουαρίου जनवरी জানুয়ারি জানুয়ারী",
    "فبراير شباط فيفري פברואר בפברואר φεβρουαρίου फ़रवरी फरवरी ফেব্রুয়ারি ফেব্রুয়ারী",
    "مارس آذار מרץ במרץ μαρτίου मार्च মার্চ",
    "أبريل ابريل إبريل نيسان أفريل אפריל באפריל απριλίου अप्रैल এপ্রিল",
    "مايو أيار ماي מאי במאי μαΐου μαϊου मई মে",
    "يونيو حزيران جوان יוני ביוני ιουνίου जून জুন",
    "يوليو تموز جويلية יולי ביולי ιουλίου जुलाई জুলাই",
    "أغسطس اغسطس آب أوت אוגוסט באוגוסט αυγούστου अगस्त আগস্ট",
    "سبتمبر أيلول ספטמבר בספטמבר σεπτεμβρίου सितंबर सितम्बर সেপ্টেম্বর",
    "أكتوبر اكتوبر אוקטובר באוקטובר οκτωβρίου अक्टूबर अक्तूबर অক্টোবর",
    "نوفمبر נובמבר בנובמבר νοεμβρίου नवंबर नवम्बर নভেম্বর",
    "ديسمبر דצמבר בדצמבר δεκεμβρίου दिसंबर दिसम्बर ডিসেম্বর",
)
_WHOLE |= {_folded(name): month for month, names in enumerate(_OTHER_SCRIPTS, 1) for name in names.split()}
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420,
    "mdt": -360, "pst": -480, "pdt": -420, "bst": 60, "cet": 60, "cest": 120, "mez": 60, "mesz": 120, "eet": 120,
    "eest": 180, "msk": 180, "jst": 540, "kst": 540, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip
_TIME = (
    r"(?P<h>[01]?\d|2[0-3])[:.h](?P<mi>[0-5]\d)(?::(?P<s>[0-5]\d))?(?:[.,]\d{1,9})?"
    r"\s*(?P<ap>[ap]\.?m\b\.?|مساءً?|صباحًا?)?"
    r"\s*\(?(?P<z>Z\b|(?:UTC|GMT)?[+\-−][01]\d:?[0-5]\d|(?:UTC|GMT)?[+\-−]\d{1,2}(?!\d)|[A-Za-z]{2,4}\b)?"
)
_AT = re.compile(r"^[\sT,|•·–—\-]{0,4}(?:at|um|à|kl\.?|alle|a las|às|o|в|om)?\s{0,2}" + _TIME, re.IGNORECASE)
_BEFORE = re.compile(_TIME + r"[\s,|•·–—\-]{1,4}(?:on\s)?$", re.IGNORECASE)
_YMD = re.compile(
    r"(?<![\d/.-])(?P<y>(?:19|20)\d\d)(?P<sep>[-/.])(?P<m>0?[1-9]|1[0-2])(?P=sep)(?P<d>3[01]|[12]\d|0?[1-9])(?!\d)"
)
_COMPACT = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"
    r"(?:T?(?P<h>[01]\d|2[0-3])(?P<mi>[0-5]\d)(?P<s>[0-5]\d)?(?P<z>Z|[+-]\d\d:?\d\d)?)?(?!\d)"
)
_CJK = re.compile(
    r"(?P<y>(?:19|20)\d\d)\s?[年년]\s?(?P<m>1[0-2]|0?[1-9])\s?[月월]\s?(?P<d>3[01]|[12]\d|0?[1-9])\s?[日일]"
)
_DMY_WORD = re.compile(
    r"(?<!\d)(?P<d>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|er|º|\.)?[\s.\-/]{1,3}(?:of |de |d[’'])?"
    r"(?P<word>[^\s\d.,;:/()|\-]{2,14}(?:[\s/]{1,3}[\u0600-\u06ff]{2,10}){0,2})\.?,?[\s.\-/]{1,3}(?:de |del )?"
    r"(?P<y>(?:19|20)\d\d)(?!\d)"
)
_MDY_WORD = re.compile(
    r"(?P<word>[^\W\d_]{3,10})\.?\s{1,2}(?P<d>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?,?\s{1,2}(?P<y>(?:19|20)\d\d)(?!\d)"
)
_NUMERIC = re.compile(r"(?<![\d/.-])(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?P=sep)(?P<y>(?:19|20)\d\d)(?!\d)")
_EPOCH = re.compile(r"^\s*(\d{10})(\d{3})?\s*$")
_LONGEST = 300


def read_timestamp(text: str, *, month_first: bool = False) -> str | None:
    """The first full date in `text` as ISO 8601: `YYYY-MM-DD`, with `THH:MM:SS` and the UTC offset where they are
    written.

    `Z` and a named zone give an offset; midnight without an offset is a date without a time. `month_first` says how
    `03/04/2025` is read where both readings are dates. None where there is no full date between 1990 and 2099.
    """
    text = text.strip()[:_LONGEST]
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    if not any(c.isdigit() for c in text):
        return None
    if found := _EPOCH.match(text):
        moment = datetime.fromtimestamp(int(found[1]), UTC)
        if not MIN_YEAR <= moment.year <= MAX_YEAR:
            return None
        return _stamp(moment.date(), (moment.hour, moment.minute, moment.second), "Z")
    for pattern in (_YMD, _CJK, _DMY_WORD, _MDY_WORD, _NUMERIC):
        for match in pattern.finditer(text):
            if day := _date_of(match, month_first):
                time = _AT.match(text[match.end() :]) or _BEFORE.search(text[: match.start()])
                return _stamp(day, *_time_of(time)) if time else day.isoformat()
    compact = _COMPACT.search(text)
    if compact and (day := _date(compact["y"], compact["m"], compact["d"])):
        return _stamp(day, *_time_of(compact)) if compact["h"] else day.isoformat()
    return None


def instant(stamp: str) -> datetime | None:
    """The moment of an ISO timestamp that has an offset; None for a day or a local time."""
    moment = datetime.fromisoformat(stamp)
    return moment if moment.tzinfo else None


def _date_of(match: re.Match[str], month_first: bool) -> date | None:
    groups = match.groupdict()
    if "word" in groups:
        month = _month(groups["word"])
        return _date(groups["y"], month, groups["d"]) if month else None
    if "a" in groups:
        a, b = int(groups["a"]), int(groups["b"])
        day, month = (b, a) if (month_first and groups["sep"] != "." and a <= 12) or b > 12 else (a, b)
        return _date(groups["y"], month, day)
    return _date(groups["y"], groups["m"], groups["d"])


def _date(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        value = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return value if MIN_YEAR <= value.year <= MAX_YEAR else None


def _month(word: str) -> int | None:
    for part in re.split(r"[\s/]+", word):
        key = _folded(part)
        if number := _WHOLE.get(key) or next((n for prefix, n in _BY_PREFIX if key.startswith(prefix)), None):
            return number
    return None


def _time_of(match: re.Match[str]) -> tuple[tuple[int, int, int], str | None]:
    groups = match.groupdict()
    hour = int(groups["h"])
    if half := groups.get("ap"):
        hour = hour % 12 + (12 if half[0] in "pPم" else 0)
    return (hour, int(groups["mi"]), int(groups.get("s") or 0)), _offset(groups.get("z"))


def _offset(zone: str | None) -> str | None:
    if not zone:
        return None
    if zone.casefold() == "z":
        return "Z"
    if (minutes := _ZONES.get(zone.casefold())) is None:
        found = re.search(r"([+\-−])(\d{1,2}):?(\d{2})?$", zone)
        if not found:
            return None
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        minutes = minutes if found[1] == "+" else -minutes
    if not -12 * 60 <= minutes <= 14 * 60:
        return None
    text = datetime(2000, 1, 1, tzinfo=timezone(timedelta(minutes=minutes))).isoformat()
    return text[19:]


def _stamp(day: date, time: tuple[int, int, int], offset: str | None) -> str:
    if time == (0, 0, 0) and not offset:
        return day.isoformat()
    hour, minute, second = time
    return f"{day.isoformat()}T{hour:02}:{minute:02}:{second:02}{offset or ''}"
