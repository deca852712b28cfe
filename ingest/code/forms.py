"""Inflection: from the base form of an English word to all its forms, so that text can be looked up in a table.

The frames name words by base form. Generating their forms once is cheaper than lemmatising every token of every
article, and lets the gate and the frames use one and the same table. Generation is generous (both `planed` and
`planned`): a form that nobody writes costs nothing.
"""

from collections.abc import Iterable

IRREGULAR_VERBS: dict[str, str] = {
    "be": "is are am was were been being",
    "become": "became become",
    "begin": "began begun",
    "break": "broke broken",
    "bring": "brought",
    "build": "built",
    "buy": "bought",
    "catch": "caught",
    "choose": "chose chosen",
    "come": "came come",
    "cut": "cut",
    "deal": "dealt",
    "do": "did done does",
    "draw": "drew drawn",
    "drive": "drove driven",
    "fall": "fell fallen",
    "fight": "fought",
    "find": "found",
    "fly": "flew flown",
    "forbid": "forbade forbidden",
    "free": "freed freeing frees",
    "get": "got gotten",
    "give": "gave given",
    "go": "went gone goes",
    "have": "has had having",
    "hear": "heard",
    "hit": "hit",
    "hold": "held",
    "keep": "kept",
    "know": "knew known",
    "lay": "laid",
    "lead": "led",
    "leave": "left",
    "let": "let",
    "lift": "lifted",
    "lose": "lost",
    "make": "made",
    "mean": "meant",
    "meet": "met",
    "overtake": "overtook overtaken",
    "overrun": "overran overrun",
    "pay": "paid",
    "put": "put",
    "quit": "quit",
    "rebuild": "rebuilt",
    "retake": "retook retaken",
    "ride": "rode ridden",
    "rise": "rose risen",
    "run": "ran run",
    "say": "said",
    "see": "saw seen",
    "seek": "sought",
    "send": "sent",
    "set": "set",
    "shed": "shed",
    "shell": "shelled",
    "shoot": "shot",
    "shut": "shut",
    "sit": "sat",
    "speak": "spoke spoken",
    "spread": "spread",
    "stand": "stood",
    "strike": "struck stricken",
    "swear": "swore sworn",
    "sweep": "swept",
    "take": "took taken",
    "tear": "tore torn",
    "tell": "told",
    "think": "thought",
    "throw": "threw thrown",
    "undertake": "undertook undertaken",
    "unwind": "unwound",
    "bear": "bore borne",
    "bind": "bound",
    "eat": "ate eaten",
    "feed": "fed",
    "feel": "felt",
    "foresee": "foresaw foreseen",
    "forget": "forgot forgotten",
    "freeze": "froze frozen",
    "grow": "grew grown",
    "hide": "hid hidden",
    "hurt": "hurt",
    "lend": "lent",
    "lie": "lied lying",
    "mislead": "misled",
    "overthrow": "overthrew overthrown",
    "read": "read",
    "redraw": "redrew redrawn",
    "ring": "rang rung",
    "sell": "sold",
    "shake": "shook shaken",
    "sink": "sank sunk",
    "spend": "spent",
    "steal": "stole stolen",
    "stick": "stuck",
    "teach": "taught",
    "uphold": "upheld",
    "win": "won",
    "withstand": "withstood",
    "withdraw": "withdrew withdrawn",
    "withhold": "withheld",
    "write": "wrote written",
}
IRREGULAR_NOUNS: dict[str, str] = {"person": "people persons", "man": "men", "woman": "women", "child": "children"}
_VOWELS = set("aeiou")


def verb_forms(base: str) -> frozenset[str]:
    """Every form of the verb `base`, lower case."""
    forms = {base}
    if base in IRREGULAR_VERBS:
        forms.update(IRREGULAR_VERBS[base].split())
    stems = [base]
    if base.endswith("e") and not base.endswith(("ee", "oe", "ye")):
        forms.add(base + "d")
        stems = [base[:-1]]
        forms.add(base + "s")
    elif base.endswith("e"):
        forms.update({base + "d", base + "s"})
    elif base.endswith("y") and len(base) > 1 and base[-2] not in _VOWELS:
        forms.update({base[:-1] + "ied", base[:-1] + "ies"})
    else:
        forms.add(base + ("es" if base.endswith(("s", "x", "z", "ch", "sh", "o")) else "s"))
        forms.add(base + "ed")
        if len(base) > 2 and base[-1] not in _VOWELS | set("wxy") and base[-2] in _VOWELS and base[-3] not in _VOWELS:
            forms.update({base + base[-1] + "ed", base + base[-1] + "ing"})
        if base.endswith("p") and base[-2] in _VOWELS:
            forms.update({base + "ped", base + "ping"})
    forms.update(stem + "ing" for stem in stems)
    return frozenset(forms)


def noun_forms(base: str) -> frozenset[str]:
    """Singular and plural of the noun `base`, lower case. A base that is a plural ("talks") has only that form."""
    if base in IRREGULAR_NOUNS:
        return frozenset({base, *IRREGULAR_NOUNS[base].split()})
    if base.endswith("s") and not base.endswith(("ss", "us", "is")):
        return frozenset({base})
    if base.endswith("y") and len(base) > 1 and base[-2] not in _VOWELS:
        return frozenset({base, base[:-1] + "ies"})
    return frozenset({base, base + ("es" if base.endswith(("s", "x", "z", "ch", "sh")) else "s")})


class Lookup:
    """From forms to base forms, for verbs and nouns apart."""

    def __init__(self, verbs: Iterable[str], nouns: Iterable[str]) -> None:
        self._verbs = {form: verb for verb in sorted(verbs, reverse=True) for form in verb_forms(verb)}
        self._nouns = {form: noun for noun in sorted(nouns, reverse=True) for form in noun_forms(noun)}

    def verb(self, word: str) -> str:
        """The base of the verb form `word` (lower case), or `word` itself."""
        return self._verbs.get(word, word)

    def noun(self, word: str) -> str:
        """The base of the noun form `word` (lower case), or `word` itself."""
        return self._nouns.get(word, word)
