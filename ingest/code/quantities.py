"""Find what a sentence counts: people killed, injured, captured, released, troops sent, money pledged, with bounds.

"at least 12" is a minimum, "up to 300" a maximum, "12 to 15" both; "about 40" is vague, so is "dozens", which is at
least two dozen ("several" and "scores" are vague without a bound). A number counts only together with what it counts; percentages, dates,
ages, distances and ordinal numbers are nothing.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QuantityMention:
    """What is counted in the words at code points `start` to `end`.

    `what` is killed, injured, missing, captured, released, exchanged, displaced, arrested, troops, amount, weapons,
    aircraft, trucks or tonnes (of goods). `unit` is people, an ISO 4217 currency, drones, missiles, trucks, tonnes … A bound that
    the words leave open is None; `vague` says that the words give no exact number ("about", "dozens").
    """

    start: int
    end: int
    what: str
    min: float | None
    max: float | None
    unit: str | None
    vague: bool


@dataclass(frozen=True, slots=True)
class Bounds:
    min: float | None
    max: float | None
    vague: bool


_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: n for n, word in enumerate(_ONES)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "bn": 1e9,
    "m": 1e6,
    "mn": 1e6,
    "k": 1e3,
}
_CROWDS = {"a couple of": 2, "dozens of": 24, "hundreds of": 200, "thousands of": 2000}
_CROWDS |= {
    "tens of thousands of": 20_000,
    "hundreds of thousands of": 200_000,
    "millions of": 2e6,
    "a dozen": 12,
    "half a dozen": 6,
}
_CROWDS |= {"two dozen": 24, "three dozen": 36, "several hundred": 200, "several thousand": 2000}

_SMALL = "|".join(sorted((*_ONES[1:], *_TENS), key=len, reverse=True))
_WORD_NUMBER = rf"(?:(?:{_SMALL}|an?)(?:[ -](?:{_SMALL}))?(?:[ -](?:hundred|thousand|million|billion)(?:(?: and)?[ -](?:{_SMALL})(?:-(?:{_SMALL}))?)?)+|(?:{_SMALL})(?:-(?:{_SMALL}))?)"
_DIGITS = r"\d{1,3}(?:[,  ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALE = r"(?:[ -]?(?:hundred|thousand|million|billion|trillion|bn|mn)\b|(?<=\d)[mk]\b)"
_NUMBER = rf"(?:(?:{_DIGITS}){_SCALE}?|{_WORD_NUMBER})"
_CROWD = (
    r"(?:(?:hundreds|tens) of thousands|hundreds|thousands|dozens|scores|millions|several (?:hundred|thousand|dozen)|(?:half a|two|three|a) dozen|"
    r"a couple|several|a few|a number)(?: of)?"
)
_MOST = r"up to|as many as|no more than|at most|fewer than|less than|under"
_LEAST = r"at least|more than|over|no fewer than|not less than|no less than|upwards of|in excess of|well over|some of the|above"
_ABOUT = r"about|around|some|roughly|approximately|nearly|almost|an estimated|estimated|close to|just over|just under"
_AMOUNT = (
    rf"(?:(?P<most>{_MOST})\s|(?P<least>{_LEAST})\s|(?P<about>{_ABOUT})\s|between\s|(?:another|all|the|a further|the first|additional|other)\s){{0,2}}"
    rf"(?:(?P<low>{_NUMBER})(?:\s?(?:to|or|and|-|–)\s?(?P<high>{_NUMBER}))?|(?P<crowd>{_CROWD}))(?![\w%]|\.\d)"
)
_QUANTIFIED = re.compile(rf"(?<![\w$€£.,]){_AMOUNT}", re.IGNORECASE)

_PEOPLE = (
    r"people|persons?|civilians?|children|child|women|woman|men|man|soldiers?|servicemen|service members|troops|fighters|militants|terrorists|insurgents|"
    r"rebels|policemen|police officers|officers|medics|aid workers|journalists|workers|residents|Palestinians|Israelis|Ukrainians|Russians|"
    r"Syrians|Lebanese|Iranians|Americans|Afghans|Iraqis|Yemenis|Sudanese|Indians|Pakistanis|pilgrims|tourists|passengers|students|protesters|demonstrators|"
    r"worshippers|migrants|refugees|victims|others|of them|members|peacekeepers|personnel|villagers|patients|staff|hostages|captives|prisoners|"
    r"detainees|inmates|bodies|Israeli hostages|prisoners of war|POWs|nationals|citizens|suspects|activists|opponents"
)
_ADJECTIVES = r"(?:[\w'’-]+\s){0,3}?"
_DEAD = r"(?:killed|dead|slain|massacred|died|deaths|fatalities|martyred|lost their lives)"
_HURT = r"(?:injured|wounded|hurt|injuries|maimed|hospitalised|hospitalized)"
_CURRENCIES = {"$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "a$": "AUD", "c$": "CAD"}
_CURRENCY_WORDS = {
    "dollars": "USD",
    "us dollars": "USD",
    "u.s. dollars": "USD",
    "euros": "EUR",
    "euro": "EUR",
    "pounds": "GBP",
    "yuan": "CNY",
    "yen": "JPY",
}
_CURRENCY_WORDS |= {
    "rubles": "RUB",
    "roubles": "RUB",
    "rupees": "INR",
    "hryvnias": "UAH",
    "riyals": "SAR",
    "shekels": "ILS",
    "lira": "TRY",
}

_MONEY = re.compile(
    rf"(?P<lead>(?:{_MOST}|{_LEAST}|{_ABOUT})\s)?(?:(?P<sign>(?:US|A|C)?\$|€|£|¥|₹)\s?(?P<low>{_DIGITS})(?:(?:\s?(?:to|-|–)\s?)(?:\$|€|£)?(?P<high>{_DIGITS}))?"
    rf"(?P<scale>[ -]?(?:hundred|thousand|million|billion|trillion|bn|mn|m|k)\b)?"
    rf"|(?P<number>{_NUMBER})\s(?P<name>(?:US |U\.S\. )?dollars|euros?|pounds|yuan|yen|rubles|roubles|rupees|hryvnias|riyals|shekels|lira)\b)",
    re.IGNORECASE,
)
_THINGS = {
    "troops": (
        r"troops|soldiers|forces|servicemen|service members|personnel|reservists|marines|paratroopers|mercenaries",
        "people",
    ),
    "trucks": (r"trucks|lorries|truckloads|aid trucks", "trucks"),
    "weapons": (
        r"missiles|rockets|drones|UAVs|bombs|shells|ballistic missiles|cruise missiles|projectiles|munitions|interceptors",
        "",
    ),
    "aircraft": (r"aircraft|fighter jets|jets|warplanes|planes|helicopters|bombers", "aircraft"),
    "tonnes": (r"tonnes|tons|metric tons|metric tonnes", "tonnes"),
}
_BY_VERB: tuple[tuple[str, str], ...] = (
    ("killed", r"kill(?:s|ed|ing)?|claim(?:s|ed|ing) the lives of|massacr(?:ed|ing)|left|leaving|leaves"),
    ("injured", r"injur(?:es|ed|ing)|wound(?:s|ed|ing)|hurt(?:s|ing)?|left|leaving"),
    ("captured", r"captur(?:es|ed|ing)|taking|took|taken|abduct(?:s|ed|ing)|kidnap(?:s|ped|ping)|seiz(?:ed|ing)"),
    (
        "released",
        r"releas(?:e|es|ed|ing)|fre(?:e|es|ed|eing)|return(?:s|ed|ing)?|hand(?:s|ed|ing)? over|repatriat(?:e|es|ed|ing)|pardon(?:s|ed|ing)",
    ),
    ("exchanged", r"exchang(?:e|es|ed|ing)|swap(?:s|ped|ping)?"),
    ("arrested", r"arrest(?:s|ed|ing)|detain(?:s|ed|ing)|charg(?:ed|ing)"),
    ("displaced", r"displac(?:es|ed|ing)|uproot(?:ed|ing)"),
)
_AFTER_NOUN: tuple[tuple[str, str], ...] = (
    ("killed", rf"(?:(?:were|was|have been|had been|has been|are|reported|confirmed|also)\s){{0,3}}(?:{_DEAD})"),
    (
        "injured",
        rf"(?:(?:were|was|have been|had been|has been|are|reported|others|more|also|left)\s){{0,3}}(?:{_HURT})",
    ),
    ("missing", r"(?:(?:were|was|are|is|remain|remained|still|reported|others)\s){0,3}(?:missing|unaccounted for)"),
    (
        "captured",
        r"(?:(?:were|was|have been|had been|are|being)\s){0,3}(?:captured|abducted|kidnapped|taken hostage|taken captive|taken prisoner|held captive|dragged into captivity|seized)",
    ),
    (
        "released",
        r"(?:(?:were|was|have been|had been|will be|would be|to be|are)\s){0,3}(?:released|freed|returned|handed over|repatriated)",
    ),
    ("exchanged", r"(?:(?:were|was|have been|had been|will be|would be|to be|each)\s){0,3}(?:exchanged|swapped)"),
    ("arrested", r"(?:(?:were|was|have been|had been|are)\s){0,3}(?:arrested|detained|charged)"),
    (
        "displaced",
        r"(?:(?:were|was|have been|had been|are|internally)\s){0,3}(?:displaced|forced to flee|uprooted|fled)",
    ),
)
_VERB_BEFORE = [(what, re.compile(rf"\b(?:{verbs})\s$", re.IGNORECASE)) for what, verbs in _BY_VERB]
_AFTER = [
    (what, re.compile(rf"\s(?:{_ADJECTIVES}(?:{_PEOPLE})\s(?:[\w-]+\s)?)?(?:{verbs})\b", re.IGNORECASE))
    for what, verbs in _AFTER_NOUN
]
_PEOPLE_AFTER = re.compile(rf"\s{_ADJECTIVES}(?P<noun>{_PEOPLE})\b", re.IGNORECASE)
_THING_AFTER = [
    (what, unit, re.compile(rf"\s{_ADJECTIVES}(?P<noun>{nouns})\b", re.IGNORECASE))
    for what, (nouns, unit) in _THINGS.items()
]
_TOLL = re.compile(
    r"\b(?:death toll|number of (?:dead|deaths|people killed)|toll)\b[^.;]{0,40}?\b(?:to|at|of|reached|passed|is|was|stood at|surpassed)\s$",
    re.IGNORECASE,
)
_FOR = re.compile(r"\s?(?:-for-|\sfor\s)(?:\d)")
_HELD = re.compile(
    r"\b(?P<noun>hostages|prisoners|captives|detainees|inmates|prisoners of war|POWs|bodies)\b", re.IGNORECASE
)
_SWAP_NEAR = re.compile(r"\b(?:exchang\w+|swap\w*)\b", re.IGNORECASE)
_FREE_NEAR = re.compile(
    r"\b(?:releas\w+|free[ds]?|freeing|hand(?:ed|ing)? over|return\w*|repatriat\w+)\b", re.IGNORECASE
)
_NO = re.compile(
    r"(?:\bage(?:d|s)?|\baged between|\bNo\.|\bchapter|\barticle|\bresolution|\bGroup of|\bday|\bpage)\s$",
    re.IGNORECASE,
)
_DATE_AFTER = re.compile(
    r"\s(?:January|February|March|April|May|June|July|August|September|October|November|December|years?|days?|months?|weeks?|hours?|minutes?|percent|per cent|km|kilomet|miles?|metres|meters|points?|times|rounds?|o'clock|[ap]\.?m\b)"
)


def find_quantities(sentence: str) -> list[QuantityMention]:
    """Everything counted in `sentence`, in order. Offsets are code points into it; the words are number and noun."""
    if not re.search(
        r"\d|\b(?:dozen|hundred|thousand|million|score|several|few|couple|" + _SMALL + r")", sentence, re.IGNORECASE
    ):
        return []
    found = [_money(match) for match in _MONEY.finditer(sentence)]
    for match in _QUANTIFIED.finditer(sentence):
        if any(match.start() < money.end and money.start < match.end() for money in found):
            continue
        mention = _counted(sentence, match)
        if mention is not None:
            found.append(mention)
    found += [
        mention
        for mention in _swaps(sentence)
        if not any(m.what == "exchanged" and m.start <= mention.start < m.end for m in found)
    ]
    return sorted(found, key=lambda mention: (mention.start, mention.end, mention.what))


def _money(match: re.Match[str]) -> QuantityMention:
    lead = (match["lead"] or "").strip().lower()
    if match["sign"]:
        factor = _SCALES.get((match["scale"] or "").strip(" -").lower(), 1)
        low, high = _number(match["low"]) * factor, _number(match["high"]) * factor if match["high"] else None
        unit = _CURRENCIES.get(match["sign"].lower())
    else:
        low, high, unit = _number(match["number"]), None, _CURRENCY_WORDS.get(match["name"].lower())
    bounds = _bounds(lead, low, high)
    return QuantityMention(match.start(), match.end(), "amount", bounds.min, bounds.max, unit, bounds.vague)


def _counted(sentence: str, match: re.Match[str]) -> QuantityMention | None:
    before, after = sentence[: match.start()], sentence[match.end() :]
    if _NO.search(before) or _DATE_AFTER.match(after):
        return None
    bounds = _amount(match)
    if bounds is None:
        return None
    what, length, unit = _what(sentence, before, after)
    if what is None:
        return None
    return QuantityMention(match.start(), match.end() + length, what, bounds.min, bounds.max, unit, bounds.vague)


def _what(sentence: str, before: str, after: str) -> tuple[str | None, int, str | None]:
    """What is counted, how many code points of `after` belong to it, and the unit."""
    people = _PEOPLE_AFTER.match(after)
    for what, pattern in _AFTER:
        if hit := pattern.match(after):
            return what, hit.end(), "people"
    for what, pattern in _VERB_BEFORE:
        if pattern.search(before):
            if what in ("captured", "released", "exchanged", "arrested", "displaced") and not people:
                continue
            if before.rstrip().lower().endswith(("left", "leaving", "leaves")):
                continue
            return what, people.end() if people else 0, "people"
    if _TOLL.search(before):
        return "killed", people.end() if people else 0, "people"
    if people and _HELD.search(people["noun"]):
        if _SWAP_NEAR.search(sentence):
            return "exchanged", people.end(), "people"
        if _FREE_NEAR.search(sentence):
            return "released", people.end(), "people"
        return "captured", people.end(), "people"
    for what, unit, pattern in _THING_AFTER:
        if hit := pattern.match(after):
            return what, hit.end(), unit or hit["noun"].lower().split()[-1]
    return None, 0, None


def _swaps(sentence: str) -> list[QuantityMention]:
    """ "1,000 for 1,000": so many on each side."""
    return [
        QuantityMention(match.start(), match.end(), "exchanged", _number(match[1]), _number(match[1]), "people", False)
        for match in re.finditer(
            r"(?<![\w$€£,.])(\d{1,3}(?:,\d{3})*|\d+)[- ]for[- ](\d{1,3}(?:,\d{3})*|\d+)(?![\w%]|,\d)", sentence
        )
    ]


def _amount(match: re.Match[str]) -> Bounds | None:
    lead = " ".join(match[group].lower() for group in ("most", "least", "about") if match[group])
    if match["crowd"]:
        crowd = " ".join(match["crowd"].lower().split())
        least = _CROWDS.get(crowd) or _CROWDS.get(crowd + " of") or _CROWDS.get(crowd.removesuffix(" of"))
        return Bounds(None if match["most"] else least, None, True)
    low = _number(match["low"])
    high = _number(match["high"]) if match["high"] else None
    if high is not None and high < low:
        high = None
    return _bounds(lead, low, high)


def _bounds(lead: str, low: float, high: float | None) -> Bounds:
    if high is not None:
        return Bounds(low, high, False)
    if re.search(rf"\b(?:{_MOST})\b", lead):
        return Bounds(None, low, False)
    if re.search(rf"\b(?:{_LEAST})\b", lead):
        return Bounds(low, None, False)
    return Bounds(low, low, bool(lead))


def _number(words: str) -> float:
    """The value of digits with or without a scale ("1.5 million", "2,300") or of English number words."""
    text = words.lower().replace(",", "").replace(" ", "").replace(" ", "") if words[0].isdigit() else words.lower()
    digits = re.match(r"(\d+(?:\.\d+)?)\s*-?([a-z]*)", text)
    if digits:
        return float(digits[1]) * _SCALES.get(digits[2], 1)
    total, part = 0.0, 0.0
    for word in re.split(r"[ -]", text):
        if word in _WORDS:
            part += _WORDS[word]
        elif word in ("a", "an"):
            part += 1
        elif word == "hundred":
            part = (part or 1) * 100
        elif word in _SCALES:
            total += (part or 1) * _SCALES[word]
            part = 0.0
    return total + part
