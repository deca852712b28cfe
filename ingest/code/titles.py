"""Which person an article means by an office alone: "the prime minister", "the envoy", "the emir", "the kingdom"."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from ingest.code.actors import ActorMention, Lexicon

_BEFORE, _AFTER = 100, 70
"""Code points around a name in which its title stands."""
_SAME_OFFICE: Mapping[str, str] = {
    "premier": "prime minister",
    "pm": "prime minister",
    "chancellor": "prime minister",
    "defense minister": "defence minister",
    "defense secretary": "defence minister",
    "defence secretary": "defence minister",
    "secretary of state": "foreign minister",
    "foreign secretary": "foreign minister",
    "king": "monarch",
    "emir": "monarch",
    "sultan": "monarch",
}
_KINGDOMS = frozenset(
    {
        "SAU",
        "GBR",
        "JOR",
        "MAR",
        "BHR",
        "ESP",
        "NLD",
        "BEL",
        "NOR",
        "SWE",
        "DNK",
        "THA",
        "KHM",
        "BTN",
        "LSO",
        "SWZ",
        "TON",
    }
)
_REALMS: Mapping[str, frozenset[str]] = {
    "kingdom": _KINGDOMS,
    "king": _KINGDOMS,
    "crown prince": frozenset({"SAU", "KWT", "BHR", "JOR", "ARE"}),
    "emirate": frozenset({"QAT", "KWT", "ARE"}),
    "emir": frozenset({"QAT", "KWT"}),
    "sultanate": frozenset({"OMN", "BRN"}),
    "sultan": frozenset({"OMN", "BRN"}),
    "pope": frozenset({"VAT"}),
    "pontiff": frozenset({"VAT"}),
    "chancellor": frozenset({"DEU", "AUT"}),
    "taoiseach": frozenset({"IRL"}),
    "supreme leader": frozenset({"IRN", "PRK"}),
}
"""Codes of the states that have what the word means."""


def realms(phrase: str) -> frozenset[str]:
    """The states whose ruler, head or form an office or a kind of state can mean; empty where any may."""
    return _REALMS.get(phrase, frozenset())


class Titles:
    """The offices of the persons whom a text names: those written with the names, and those that the lexicon knows."""

    def __init__(self, lexicon: Lexicon, text: str, mentions: Iterable[ActorMention], day: date | None) -> None:
        self._lexicon, self._day = lexicon, day
        self._before: dict[str, list[str]] = {}
        self._after: dict[str, list[str]] = {}
        for m in mentions:
            if m.actor.kind == "person" and m.actor.actor_id:
                before = text[max(0, m.start - _BEFORE) : m.start].lower()
                self._before.setdefault(m.actor.actor_id, []).append(before)
                self._after.setdefault(m.actor.actor_id, []).append(text[m.end : m.end + _AFTER].lower())

    def fits(self, mention: ActorMention, phrase: str) -> bool:
        """Whether a person holds the office that `phrase` names in lower case ("foreign minister", "envoy")."""
        key = mention.actor.actor_id or ""
        written = rf"(?:^|[^\w-]){re.escape(phrase)}"
        behind_it = r"(?: (?:of|to|for|at) [\w’'-]+(?: [\w’'-]+){0,7})?,? (?:mr\.? |mrs\.? |ms\.? |dr\.? )?$"
        if any(re.search(written + behind_it, words) for words in self._before.get(key, ())):
            return True
        behind = rf"^, (?:the |an? |its |his )?(?:[\w'’.-]+ ){{0,4}}{re.escape(phrase)}\b"
        if any(re.match(behind, words) for words in self._after.get(key, ())):
            return True
        office = _SAME_OFFICE.get(phrase, phrase)
        holder = self._lexicon.holder(mention.actor.code, office, self._day) if mention.actor.code else None
        return holder is not None and holder.actor_id == key
