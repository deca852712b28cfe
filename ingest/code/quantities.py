"""Find what a sentence counts: people killed, injured, captured, released, troops sent, money pledged, with bounds.

"at least 12" is a minimum, "up to 300" a maximum, "12 to 15" both; "about 40" is vague, so is "dozens", which is at
least two dozen ("several" and "scores" are vague without a bound). A number counts only together with what it counts;
percentages, dates, ages, distances and ordinal numbers are nothing.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QuantityMention:
    """What is counted in the words at code points `start` to `end`.

    `what` is killed, injured, missing, captured, released, exchanged, displaced, arrested, troops, amount, weapons,
    aircraft, trucks or tonnes (of goods). `unit` is people, an ISO 4217 currency, drones, missiles, trucks, tonnes … A
    bound that the words leave open is None; `vague` says that they give no exact number ("about", "dozens").
    """

    start: int
    end: int
    what: str
    min: float | None
    max: float | None
    unit: str | None
    vague: bool


@dataclass(frozen=True, slots=True)
class _Bounds:
    min: float | None
    max: float | None
    vague: bool


# --- numbers ---

_ONES = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
)
_TENS = re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety")
_WORDS = {word: n for n, word in enumerate(_ONES)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SCALES |= {"k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9}
_CROWDS = {
    "dozens": 24,
    "hundreds": 200,
    "thousands": 2000,
    "tens of thousands": 20_000,
    "a couple": 2,
    "millions": 2e6,
}
_CROWDS |= {"hundreds of thousands": 200_000, "several dozen": 24, "several hundred": 200, "several thousand": 2000}
_EXACT_CROWDS = {"a dozen": 12, "half a dozen": 6, "two dozen": 24, "three dozen": 36}

_SMALL = "|".join(sorted((*_ONES[1:], *_TENS), key=len, reverse=True))
_HUNDREDS = "hundred|thousand|million|billion"
_WORD_NUMBER = (
    rf"(?:(?:{_SMALL}|an?)(?:[ -](?:{_SMALL}))?[ -](?:{_HUNDREDS})(?:[ -](?:{_HUNDREDS}))?"
    rf"(?:(?: and)?[ -](?:{_SMALL})(?:-(?:{_SMALL}))?(?:[ -](?:{_HUNDREDS}))?)*|(?:{_SMALL})(?:-(?:{_SMALL}))?)"
)
_DIGITS = r"\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALE = r"(?:[ -]?(?:hundred|thousand|million|billion|trillion|bn|mn)\b|(?<=\d)[mk]\b)"
_NUMBER = rf"(?:(?:{_DIGITS}){_SCALE}?|{_WORD_NUMBER})"
_CROWD = (
    r"(?:(?:hundreds|tens) of thousands|hundreds|thousands|dozens|scores|millions|several (?:hundred|thousand|dozen)|"
    r"(?:half a|two|three|a) dozen|a couple|several|a few|a number)"
)
_MOST = r"up to|as many as|no more than|at most|fewer than|less than|under"
_LEAST = (
    r"at least|more than|well over|over|no fewer than|not less than|no less than|upwards of|in excess of|above|"
    r"a minimum of"
)
_ABOUT = (
    r"about|around|some|roughly|approximately|nearly|almost|an estimated|estimated|close to|just over|just under|"
    r"an additional|another|a further"
)
_BOUND = rf"(?P<most>{_MOST})|(?P<least>{_LEAST})|(?P<about>{_ABOUT})|(?P<between>between)|all|the|the first|other"
_UP_TO = rf"(?:(?:\sto\s|\sor\s|\s?[-–]\s?|(?(between)\sand\s|(?!)))(?P<high>{_NUMBER}))?"
_QUANTIFIED = re.compile(
    rf"(?<![\w$€£.,/])(?:(?:{_BOUND})\s){{0,2}}"
    rf"(?:(?P<crowd>{_CROWD})(?:\sof)?|(?P<low>{_NUMBER}){_UP_TO})(?![\w%]|[.,]\d|-[a-z])",
    re.IGNORECASE,
)

# --- what is counted ---

_PEOPLE = (
    r"people|persons?|civilians?|children|child|women|woman|men|man|soldiers?|servicemen|service members|troops|"
    r"fighters|militants|terrorists|insurgents|gunmen|rebels|policemen|police officers|officers|medics|aid workers|"
    r"journalists|workers|residents|pilgrims|tourists|passengers|students|protesters|demonstrators|worshippers|migrants|"
    r"refugees|victims|others|of them|members|peacekeepers|personnel|villagers|patients|staff|hostages|captives|"
    r"prisoners of war|prisoners|detainees|inmates|bodies|POWs|nationals|citizens|suspects|activists|opponents|"
    r"Palestinians|Israelis|Ukrainians|Russians|Syrians|Lebanese|Iranians|Americans|Afghans|Iraqis|Yemenis|Sudanese|"
    r"Indians|Pakistanis|Kurds|Armenians|Azerbaijanis|Turks|Houthis"
)
_QUALIFIED = (
    r"(?:of (?:its|their|the|our|his|them) )?(?:(?!(?:and|or|in|on|of|to|by|from|at|for|with|as)\b)[\w'’-]+\s){0,3}?"
)
_BE = (
    r"(?:(?:were|was|have been|had been|has been|are|is|being|reported|confirmed|also|each|feared|will be|would be|"
    r"to be|remain|remained|still|went)\s)"
)
_NOT_PEOPLE = (
    r"missiles|rockets|drones|bombs|shells|jets|planes|helicopters|trucks|lorries|tanks|vehicles|ships|vessels|boats|"
    r"villages|towns|cities|settlements|areas|houses|homes|buildings|documents|reports|texts|details|years|days|tonnes|tons"
)
_ANYBODY = rf"(?:{_PEOPLE}|(?!(?:{_NOT_PEOPLE})\b)[a-z-]{{3,}}s)"
_INCLUDING = r"(?:,? (?:including|among them|most of them|mostly) [^,.;]{1,40},)?"
_DONE = {
    "killed": r"killed|dead|slain|massacred|died|deaths|fatalities|martyred|lost their lives",
    "injured": r"injured|wounded|hurt|injuries|maimed|hospitali[sz]ed",
    "missing": r"missing|unaccounted for",
    "captured": (
        r"captured|abducted|kidnapped|taken hostage|taken captive|taken prisoner|held captive|dragged into captivity"
    ),
    "released": r"released|freed|returned|handed over|repatriated",
    "exchanged": r"exchanged|swapped",
    "arrested": r"arrested|detained",
    "displaced": r"displaced|forced to flee|uprooted|fled",
}
_DOING = {
    "killed": r"kill(?:s|ed|ing)|claim(?:s|ed|ing) the lives of|massacr(?:ed|ing)",
    "injured": r"injur(?:es|ed|ing)|wound(?:s|ed|ing)|hurting",
    "captured": r"captur(?:es|ed|ing)|taking|took|abduct(?:s|ed|ing)|kidnap(?:s|ped|ping)",
    "released": (
        r"releas(?:e|es|ed|ing)|fre(?:e|es|ed|eing)|return(?:s|ed|ing)?|hand(?:s|ed|ing)? over|"
        r"repatriat(?:e|es|ed|ing)|pardon(?:s|ed|ing)"
    ),
    "exchanged": r"exchang(?:e|es|ed|ing)|swap(?:s|ped|ping)?",
    "arrested": r"arrest(?:s|ed|ing)|detain(?:s|ed|ing)",
    "displaced": r"displac(?:es|ed|ing)|uproot(?:ed|ing)",
}
_ALONE = frozenset({"killed", "injured"})
"""What a number counts after its verb even without a noun: "killing 12", "wounding at least 30"."""
_THINGS = {
    "troops": (
        r"troops|soldiers|forces|servicemen|service members|personnel|reservists|marines|paratroopers|mercenaries"
    ),
    "trucks": r"trucks|lorries|truckloads",
    "weapons": r"missiles|rockets|drones|UAVs|bombs|shells|projectiles|munitions|interceptors",
    "aircraft": r"aircraft|jets|warplanes|planes|helicopters|bombers",
    "tonnes": r"tonnes|tons",
}
_UNITS = {"troops": "people", "trucks": "trucks", "aircraft": "aircraft", "tonnes": "tonnes"}
_AFTER = {
    what: re.compile(
        rf"\s(?:{_QUALIFIED}{_ANYBODY}{_INCLUDING}\s(?:[\w-]+ly\s)?)?{_BE}{{0,3}}(?:{words})\b", re.IGNORECASE
    )
    for what, words in _DONE.items()
}
_BEFORE = {what: re.compile(rf"\b(?:{words})\s$", re.IGNORECASE) for what, words in _DOING.items()}
_PEOPLE_AFTER = re.compile(rf"\s{_QUALIFIED}(?P<noun>{_PEOPLE})\b", re.IGNORECASE)
_THING_AFTER = {
    what: re.compile(rf"\s{_QUALIFIED}(?P<noun>{nouns})\b", re.IGNORECASE) for what, nouns in _THINGS.items()
}
_TOLL = re.compile(
    r"\b(?:death toll|toll|number of (?:dead|deaths|people killed))\b[^.;]{0,40}?"
    r"\b(?:to|at|of|reached|passed|is|was|surpassed|exceeded)\s$",
    re.IGNORECASE,
)
_HELD = re.compile(r"hostages|prisoners|captives|detainees|inmates|POWs|bodies", re.IGNORECASE)
_SWAP = re.compile(r"\b(?:exchang\w+|swap\w*)\b", re.IGNORECASE)
_FREE = re.compile(r"\b(?:releas\w+|free[ds]?|freeing|hand(?:ed|ing)? over|return\w*|repatriat\w+)\b", re.IGNORECASE)
_NOT_COUNTING = re.compile(
    r"\b(?:aged?|ages|No\.|chapter|article|resolution|Group of|day|page|phase)\s$", re.IGNORECASE
)
_MEASURE = re.compile(
    r"[\s-](?:January|February|March|April|May|June|July|August|September|October|November|December|years?|days?|months?|"
    r"weeks?|hours?|minutes?|percent|per cent|km|kilomet|miles?|met(?:er|re)s|points?|times|rounds?|o'clock|[ap]\.?m\b)"
)
_GATE = re.compile(rf"\d|\b(?:dozen|hundred|thousand|million|scores|several|few|couple|{_SMALL})", re.IGNORECASE)

# --- money ---

_SIGNS = {"$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "a$": "AUD", "c$": "CAD"}
_NAMES = {"dollars": "USD", "us dollars": "USD", "u.s. dollars": "USD", "euros": "EUR", "euro": "EUR", "pounds": "GBP"}
_NAMES |= {"yuan": "CNY", "yen": "JPY", "rubles": "RUB", "roubles": "RUB", "rupees": "INR", "hryvnias": "UAH"}
_NAMES |= {"riyals": "SAR", "shekels": "ILS", "lira": "TRY"}
_MONEY = re.compile(
    rf"(?:(?P<lead>{_MOST}|{_LEAST}|{_ABOUT})\s)?"
    rf"(?:(?P<sign>(?:US|A|C)?\$|€|£|¥|₹)\s?(?P<low>{_DIGITS})(?:\s?(?:to|-|–)\s?(?:\$|€|£)?(?P<high>{_DIGITS}))?"
    r"(?P<scale>[ -]?(?:hundred|thousand|million|billion|trillion|bn|mn|m|k)\b)?"
    rf"|(?P<number>{_NUMBER})\s(?P<name>(?:US |U\.S\. )?dollars|euros?|pounds|yuan|yen|rubles|roubles|rupees|hryvnias|"
    r"riyals|shekels|lira)\b)",
    re.IGNORECASE,
)
_SWAPPED = re.compile(r"(?<![\w$€£,.])(\d{1,3}(?:,\d{3})*|\d+)[- ]for[- ](?:\d{1,3}(?:,\d{3})*|\d+)(?![\w%]|,\d)")


def find_quantities(sentence: str) -> list[QuantityMention]:
    """Everything counted in `sentence`, in order. Offsets are code points into it; the words are number and noun."""
    if not _GATE.search(sentence):
        return []
    found = [_money(match) for match in _MONEY.finditer(sentence)]
    found += [
        QuantityMention(match.start(), match.end(), "exchanged", number, number, "people", False)
        for match in _SWAPPED.finditer(sentence)
        for number in [_number(match[1])]
    ]
    for match in _QUANTIFIED.finditer(sentence):
        mention = _counted(sentence, match)
        if mention and not any(mention.start < other.end and other.start < mention.end for other in found):
            found.append(mention)
    return sorted(found, key=lambda mention: (mention.start, mention.end, mention.what))


def _money(match: re.Match[str]) -> QuantityMention:
    if match["sign"]:
        factor = _SCALES.get((match["scale"] or "").strip(" -").lower(), 1)
        low = _number(match["low"]) * factor
        high = _number(match["high"]) * factor if match["high"] else None
        unit = _SIGNS.get(match["sign"].lower())
    else:
        low, high, unit = _number(match["number"]), None, _NAMES.get(match["name"].lower())
    bounds = _bounds((match["lead"] or "").lower(), low, high if high is not None and high >= low else None)
    return QuantityMention(match.start(), match.end(), "amount", bounds.min, bounds.max, unit, bounds.vague)


def _counted(sentence: str, match: re.Match[str]) -> QuantityMention | None:
    before = sentence[max(0, match.start() - 80) : match.start()]
    one_of = match[0].lower() == "one" and sentence.startswith(" of ", match.end())
    if one_of or _NOT_COUNTING.search(before) or _MEASURE.match(sentence, match.end()):
        return None
    counted = _what(sentence, before, match.end())
    if counted is None:
        return None
    what, end, unit = counted
    bounds = _amount(match)
    return QuantityMention(match.start(), end, what, bounds.min, bounds.max, unit, bounds.vague)


def _what(sentence: str, before: str, end: int) -> tuple[str, int, str] | None:
    """What is counted, where its words end, and the unit; None where nothing is that we count."""
    for what, pattern in _AFTER.items():
        if hit := pattern.match(sentence, end):
            return what, hit.end(), "people"
    people = _PEOPLE_AFTER.match(sentence, end)
    until = people.end() if people else end
    for what, pattern in _BEFORE.items():
        if pattern.search(before) and (people or what in _ALONE):
            return what, until, "people"
    if _TOLL.search(before):
        return "killed", until, "people"
    if people and _HELD.search(people["noun"]):
        what = "exchanged" if _SWAP.search(sentence) else "released" if _FREE.search(sentence) else "captured"
        return what, until, "people"
    for what, pattern in _THING_AFTER.items():
        if hit := pattern.match(sentence, end):
            return what, hit.end(), _UNITS.get(what) or hit["noun"].lower()
    return None


def _amount(match: re.Match[str]) -> _Bounds:
    if match["crowd"]:
        crowd = " ".join(match["crowd"].lower().split())
        if crowd in _EXACT_CROWDS:
            number = float(_EXACT_CROWDS[crowd])
            return _Bounds(number, None if match["least"] else number, True)
        return _Bounds(None if match["most"] else _CROWDS.get(crowd), None, True)
    lead = " ".join(match[group].lower() for group in ("most", "least", "about") if match[group])
    low = _number(match["low"])
    high = _number(match["high"]) if match["high"] else None
    return _bounds(lead, low, high if high is not None and high >= low else None)


def _bounds(lead: str, low: float, high: float | None) -> _Bounds:
    if high is not None:
        return _Bounds(low, high, False)
    if re.search(rf"\b(?:{_MOST})\b", lead) and not lead.endswith("just under"):
        return _Bounds(None, low, False)
    if re.search(rf"\b(?:{_LEAST})\b", lead) and not lead.endswith("just over"):
        return _Bounds(low, None, False)
    return _Bounds(low, low, lead not in ("", "an additional", "another", "a further"))


def _number(words: str) -> float:
    """The value of digits with or without a scale ("1.5 million", "2,300") or of English number words."""
    if words[0].isdigit():
        digits = re.match(r"(\d+(?:\.\d+)?)[\s-]*([a-z]*)", re.sub(r"[,\u00a0\u202f]", "", words.lower()))
        assert digits is not None
        return float(digits[1]) * _SCALES.get(digits[2], 1)
    total, part = 0.0, 0.0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word == "hundred":
            part = (part or 1) * 100
        elif word in _SCALES:
            total, part = total + (part or 1) * _SCALES[word], 0.0
        else:
            part += 1 if word in ("a", "an") else _WORDS.get(word, 0)
    return total + part
