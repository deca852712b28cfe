"""Learn from an article whom its names mean: "Badr al-Busaidi, Oman's foreign minister" makes al-Busaidi Omani there.

Learnt are surnames of persons named in full, persons whom a title ties to a state, organisation or group, and acronyms
that the article spells out. What is learnt holds in that article alone.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from ingest.code.actors import Actor, ActorMention, is_sent_there
from ingest.code.folding import fold

_GIVEN = r"[A-Z][\w'-]*[a-z][\w'-]*"
_PARTICLE = r"(?:al|el|bin|ben|ibn|bint|abu|de|da|di|del|della|van|von|der|den|la|le|du|dos|das|ter|zu|ul|ur)"
_ARABIC = rf"(?:al|el|ul|an|as|ash|ar|az|ad)-{_GIVEN}"
_NAME = (
    rf"(?:{_GIVEN}|[A-Z]\.|{_ARABIC})"
    rf"(?: (?:(?:{_PARTICLE}|Al|El|De|Van|Von|Bin|Abu|Le|La|Di) ){{0,2}}(?:{_GIVEN}|[A-Z]\.|{_ARABIC})){{1,4}}"
)
_RANK_LIST = """
    deputy vice first senior chief top special former acting interim new then outgoing incoming main lead
    permanent presidential presidency assistant under second prime foreign interior defence defense finance health
    energy oil trade commerce economy justice culture transport agriculture environment education information
    labor labour home national security military army state government ministry political humanitarian peace
    nuclear crown supreme opposition party parliament parliamentary hostage climate human rights affairs relations
    policy press media negotiating navy air force intelligence council bank central ballistic revolutionary guard
    guards general lieutenant major brigadier rear admiral real armed forces border coast police atomic agency
    regional union digital development social refugee aid relief for of the and & to un external internal cabinet
    white house kremlin representative ambassador minister-designate
"""
_RANKS = "|".join(word for word in _RANK_LIST.split())
_HEADS = "|".join(
    line.strip()
    for line in r"""
    president
    vice-president
    vice president
    prime minister
    premier
    chancellor
    minister
    secretary
    secretary of state
    leader
    chief
    king
    queen
    emir
    sultan
    prince
    princess
    envoy
    ambassador
    representative
    negotiator
    spokes\w+
    official
    diplomat
    commander
    general
    adviser
    advisor
    aide
    commissioner
    coordinator
    lawmaker
    senator
    governor
    mayor
    speaker
    head
    director
    chairman
    chairwoman
    chair
    rapporteur
    delegate
    mp
    fm
    pm
    politician
    independent expert
    special expert
    ayatollah
    rebel leader
    militant
    fighter
    foreign secretary
    secretary-general
    secretary general
    undersecretary
    under secretary
    under-secretary
    undersecretary-general
    under-secretary-general
    judge
    prosecutor
    activist
    opposition figure
    warlord
    boss
    counterpart
    attorney general
    general secretary
    consul
    captain
    colonel
    lieutenant
    major
    admiral
    deputy
    figure
    veteran
    cleric
    strongman
    ruler
    president-elect
    foreign minister
    defen[cs]e minister
    """.strip().splitlines()
)
_TITLE = (
    rf"(?:(?:{_RANKS})(?:[ -]|'s ))*(?:{_HEADS})"
    rf"(?:[ -](?:for|of|on|to|in charge of) (?:the )?(?!{_PARTICLE})[A-Za-z][\w. -]{{1,50}}?)?"
)
_MISTER = (
    r"(?:(?:Mr|Ms|Mrs|Dr|Sayyid|Sheikh|Sayyed|Prince|Sir|Lord|Brigadier|Brig|Major|Maj|Lieutenant|Lt|Rear|Vice|Colonel|Col|"
    r"Captain|Capt|General|Gen|Admiral|Adm)\.? )*"
)
_TITLE_THEN_NAME = re.compile(rf"(?:'s?)?,? (?P<title>(?i:{_TITLE})),? {_MISTER}(?P<name>{_NAME})")
_TITLE_AFTER_STATE = re.compile(rf"(?:'s?)? (?i:{_TITLE})\b")
_STATE_OF = re.compile(rf"(?:'s?)?,? (?i:{_TITLE}), (?P<name>{_NAME})(?=,|\.|;| and| who|$)")
_NAME_AFTER_TITLE = re.compile(rf",? {_MISTER}(?P<name>{_NAME})(?=\W|$)")
_WHOLE_TITLE = re.compile(rf"(?i:{_TITLE})")
_LAST_TITLE = re.compile(rf"\b(?i:{_HEADS})$")
_WORD = re.compile(r"\S+")
_NAME_WORD = re.compile(rf"{_GIVEN}|[A-Z]\.|{_ARABIC}|{_PARTICLE}")
_ARTICLES = frozenset({"the", "a", "an"})
_RANK_WORDS = frozenset(_RANK_LIST.split()) | {"is", "was", "who", "as", "then", "one", "of"}
_CAPITAL_HEADS = frozenset(
    {"President", "Minister", "Chancellor", "King", "Emir", "Prince", "Premier", "Secretary", "Ambassador", "Chief"}
) | {"Leader", "Speaker", "Queen", "Sultan"}
_ANOTHER_NAME = re.compile(rf" (?:{_NAME_WORD.pattern}) {_GIVEN}")
_HONORIFIC = re.compile(
    r"^(?:President|King|Queen|Pope|Sultan|Sheikh|Emir|Crown Prince|Prince|Ayatollah|Mullah|Cardinal|Lord|Sir) "
)
_SPELT_OUT = re.compile(r" \((?:the )?['\"]?(?P<short>[A-Z][A-Za-z&-]{1,9}[A-Z+]|[A-Z]{2,10})['\"]?\)")
_BODY = re.compile(
    r"(?<![\w-])(?P<name>(?:[A-Z][\w'-]+ )(?:(?:[A-Z][\w'-]+|of|for|the|and|al-[A-Z]\w+) ){0,6}"
    r"(?:Committee|Council|Commission|Coalition|Movement|Front|Army|Forces|Party|Congress|Group|Organi[sz]ation|Union|"
    r"Alliance|Brigades?|Authority|Assembly|Agency|Network|Command|League)) \((?P<short>[A-Z]{2,8})\)"
)
_NOT_GIVEN = frozenset(
    re.findall(
        r"\w+",
        """
        The A An In On At By But And For From With After Before When While As Since Monday Tuesday Wednesday Thursday
        Friday Saturday Sunday January February March April May June July August September October November December
        United Nations European Union State Foreign Prime Minister President Ministry Affairs Secretary Council Security
        National Defense Defence Army Party Republic Office Department House White Supreme Court General Assembly Former
        According Group Forces Front Committee Commission North South East West New Middle Black Red Sea Gulf Strip Bank
        City Islamic Holy Great Central
        """,
    )
)
_GROUP_HEADS = frozenset({"Front", "Movement", "Army", "Alliance", "Coalition", "Brigade", "Union"})
_GROUP_KIND = (
    r"(?:rebel|armed|militant|insurgent|separatist|guerrilla|jihadist|Islamist|paramilitary|secessionist)"
    r" (?:group|movement|militia|faction|army|force|alliance|organi[sz]ation|outfit)"
)
_GROUP_INTRODUCED = re.compile(
    r"(?:[Tt]he )?(?P<name>[A-Z][\w'-]+(?: (?:(?:of|for|the|and) )*[A-Z][\w'-]+){1,4}),"
    rf" (?:an?|the) (?:\w+ ){{0,2}}{_GROUP_KIND}\b"
    rf"|{_GROUP_KIND},? (?:called |known as |named )?(?:the )?(?P<after>[A-Z][\w'-]+(?: [A-Z][\w'-]+){{1,4}})"
)
_SURNAME_FIRST = frozenset({"CHN", "PRK", "KOR", "TWN", "HKG", "KHM"})
_NAMED = frozenset({"person", "institution", "org", "group"})
_SECTORS = {"commander": "MIL", "general": "MIL", "army": "MIL", "military": "MIL", "admiral": "MIL", "colonel": "MIL"}
_SECTORS |= {"lawmaker": "LEG", "senator": "LEG", "speaker": "LEG", "mp": "LEG", "judge": "JUD", "prosecutor": "JUD"}
_SECTORS |= {"opposition": "OPP", "activist": "OPP", "rebel": "REB", "militant": "REB"}


def learn(text: str, mentions: Sequence[ActorMention], on: date | None = None) -> dict[str, Actor]:
    """Names that mean somebody in this article: of persons, in full and by surname, and acronyms.

    `mentions` are what `Lexicon.find` found in `text`. A surname that two persons of the article bear is left out, so
    is every name that is a mention already. The result does not depend on the order of `mentions`.
    """
    folded = fold(text)
    taught: dict[str, Actor] = {}
    for mention in sorted(mentions, key=lambda mention: mention.start):
        for (start, end), actor in _persons(folded, mention):
            if not any(m.form in _NAMED and m.start < end and start < m.end for m in mentions):
                taught.setdefault(folded[start:end], actor)
        spelt = _SPELT_OUT.match(folded, mention.end)
        if spelt and mention.form in ("org", "group", "institution", "name") and _abbreviates(spelt["short"], mention):
            taught.setdefault(spelt["short"], mention.actor)
    for match in _BODY.finditer(folded):
        name = match["name"].removeprefix("The ")
        if not any(m.form in _NAMED and m.start < match.end("name") and match.start("name") < m.end for m in mentions):
            body = Actor(None, "group", match["short"], None, name)
            taught.setdefault(name, body)
            taught.setdefault(match["short"], body)
    for match in _GROUP_INTRODUCED.finditer(folded):
        which = "name" if match["name"] else "after"
        name = match[which].removeprefix("The ")
        if not any(m.form in _NAMED and m.start < match.end(which) and match.start(which) < m.end for m in mentions):
            group = Actor(None, "group", name, "REB", name)
            taught.setdefault(name, group)
            last = name.split(" ")[-1]
            if last in _GROUP_HEADS:
                taught.setdefault(f"the {last}", group)
    for code, half in (("PRK", "the North"), ("KOR", "the South")):
        state = next((m.actor for m in mentions if m.actor.code == code and m.actor.kind == "country"), None)
        if state is not None and any(m.actor.code == ("KOR" if code == "PRK" else "PRK") for m in mentions):
            taught.setdefault(half, state)
    return {**_surnames(mentions, taught), **taught}


def _abbreviates(short: str, mention: ActorMention) -> bool:
    """Whether every letter of an acronym begins a word of the name: IDF for Israel Defense Forces."""
    initials = {word[0].upper() for word in re.findall(r"\w+", fold(mention.name))}
    return " " in mention.name and {letter for letter in short.upper() if letter.isalpha()} <= initials


def _persons(folded: str, mention: ActorMention) -> Iterable[tuple[tuple[int, int], Actor]]:
    """Persons whom a title next to the mention of a state, organisation or group ties to it."""
    if mention.actor.code is None or mention.compound or (mention.form == "person" and not mention.possessive):
        return
    match = _TITLE_THEN_NAME.match(folded, mention.end) or _STATE_OF.match(folded, mention.end)
    if match is None and mention.form == "institution":
        match = _NAME_AFTER_TITLE.match(folded, mention.end) if _ends_in_title(mention.name) else None
    if match and not is_sent_there(mention, match.groupdict().get("title") or ""):
        title = folded[mention.start : match.start("name")]
        yield from _person(folded, match.start("name"), match.end("name"), mention.actor, title)
    if mention.form == "person":
        return
    if (found := _named_before(folded, mention)) is not None:
        start, end, title = found
        yield from _person(folded, start, end, mention.actor, title)


def _named_before(folded: str, mention: ActorMention) -> tuple[int, int, str] | None:
    """The person and title of "X, the Y of State", "President X of State" and "X, State's Y"; None for none."""
    words = [(match.start(), match[0]) for match in _WORD.finditer(folded, max(0, mention.start - 160), mention.start)]
    at = len(words)
    while at and words[at - 1][1].lower() in _ARTICLES:
        at -= 1
    if at and words[at - 1][1] in ("of", "for", "to", "from"):
        return _before_of(folded, words[: at - 1])
    titled = _TITLE_AFTER_STATE.match(folded, mention.end)
    if not titled and not (mention.form == "institution" and _ends_in_title(mention.name)):
        return None
    if _ANOTHER_NAME.match(folded, titled.end() if titled else mention.end):
        return None
    while at and words[at - 1][1].lower().rstrip("'s") in _RANK_WORDS:
        at -= 1
    if not at or not words[at - 1][1].endswith(","):
        return None
    span = _name_ending(words[:at])
    return (*span, folded[mention.start : mention.end + 40]) if span else None


def _before_of(folded: str, words: list[tuple[int, str]]) -> tuple[int, int, str] | None:
    if span := _name_ending(words):
        first = next(n for n, (start, _) in enumerate(words) if start == span[0])
        return (*span, words[first - 1][1]) if first and words[first - 1][1] in _CAPITAL_HEADS else None
    for at in range(len(words) - 1, max(0, len(words) - 10), -1):
        if words[at - 1][1].endswith(","):
            title = folded[words[at][0] : words[-1][0] + len(words[-1][1])].removeprefix("the ").removeprefix("a ")
            span = _name_ending(words[:at])
            return (*span, title) if span and _WHOLE_TITLE.fullmatch(title) else None
    return None


def _name_ending(words: list[tuple[int, str]]) -> tuple[int, int] | None:
    """Where the personal name of two words or more lies that `words` end in."""
    last = at = len(words)
    while at:
        word = words[at - 1][1]
        if (at != last and word.endswith(",")) or not _NAME_WORD.fullmatch(word.rstrip(",")):
            break
        at -= 1
    while at < last and not _begins_name(words[at][1]):
        at += 1
    return (words[at][0], words[-1][0] + len(words[-1][1].rstrip(","))) if last - at >= 2 else None


def _begins_name(word: str) -> bool:
    return word not in _NOT_GIVEN and word not in _CAPITAL_HEADS and (word[0].isupper() or word[:2] in ("al", "el"))


def _person(folded: str, start: int, end: int, owner: Actor, title: str) -> Iterable[tuple[tuple[int, int], Actor]]:
    name = folded[start:end]
    while name and name.split(" ")[0] in _NOT_GIVEN:
        start += len(name.split(" ")[0]) + 1
        name = folded[start:end]
    name = name.removesuffix("'s").rstrip(".,'")
    if " " not in name or any(word in _NOT_GIVEN for word in name.split(" ")):
        return
    words = re.findall(r"[a-z]+", title.lower())
    sector = next((_SECTORS[word] for word in reversed(words) if word in _SECTORS), owner.sector)
    yield (start, start + len(name)), Actor(None, "person", owner.code, sector, name)


def _ends_in_title(words: str) -> bool:
    return _LAST_TITLE.search(words.partition(" of ")[0]) is not None


def _surnames(mentions: Iterable[ActorMention], taught: dict[str, Actor]) -> dict[str, Actor]:
    """What the persons of the article are called after their first, full mention; ambiguous ones left out.

    A short name that the tables give goes before one that is only derived: Kim is Kim Jong Un, his sister or not.
    """
    given: dict[str, dict[tuple[str | None, str], Actor]] = {}
    derived: dict[str, dict[tuple[str | None, str], Actor]] = {}
    persons = [(actor.label, name, actor) for name, actor in taught.items() if actor.kind == "person"]
    for mention in mentions:
        if mention.form == "person":
            persons.append((mention.actor.label, fold(mention.name), mention.actor))
            for name in mention.short if " " in mention.name else ():
                given.setdefault(fold(name), {})[mention.actor.actor_id, mention.actor.label] = mention.actor
    for label, written, actor in persons:
        for name in {*_short_names(fold(label), actor.code), *_short_names(written, actor.code)}:
            derived.setdefault(name, {})[actor.actor_id, actor.label] = actor
    return {name: next(iter(who.values())) for name, who in sorted({**derived, **given}.items()) if len(who) == 1}


def _short_names(name: str, code: str | None) -> Iterable[str]:
    words = _HONORIFIC.sub("", name).split(" ")
    if len(words) < 2 or not words[-1][:1].isalpha():
        return
    if code in _SURNAME_FIRST and len(words) in (2, 3):
        yield words[0]
        return
    first = len(words) - 1
    while first > 1 and re.fullmatch(_PARTICLE, words[first - 1].lower()):
        first -= 1
    surname = " ".join(words[first:])
    if len(surname) < 3 or re.fullmatch(r"[IVX]+|Jr\.?|Sr\.?", surname):
        return
    yield surname
    bare = re.sub(r"^(?:al|el|Al|El)-", "", surname)
    if bare != surname:
        yield bare
        yield "Al-" + bare
        yield "al-" + bare
    if words[first][:1].islower():
        yield surname[:1].upper() + surname[1:]
