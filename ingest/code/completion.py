"""Parties that an article names once for several of its events: who mediates, whom the sanctions are on.

A telling that leaves such a party out takes it from the rest of the article, where that leaves no choice.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.code.cast import Cast
from ingest.code.discourse import Party
from ingest.code.merge import Telling
from ingest.code.sentences import Sentence

_MEDIATED = frozenset({"talks_held", "talks_suspended"})
_AGAINST = frozenset(
    {"agreement_abandoned", "blockade_imposed", "aid_suspended", "threat_made", "demand_rejected", "proposal_rejected"}
    | {"proposal_made", "attack_carried_out", "territory_captured", "sanctions_imposed", "sanctions_threatened"}
    | {
        "sanctions_lifted",
        "truce_proposed",
        "truce_rejected",
        "talks_rejected",
        "talks_proposed",
        "relations_downgraded",
    }
)
_ON_PLACES = frozenset({"attack_carried_out", "territory_captured"})
_MUTUAL = frozenset(
    {
        "agreement_signed",
        "agreement_reached",
        "truce_agreed",
        "truce_extended",
        "talks_suspended",
        "prisoners_exchanged",
    }
    | {"truce_ended", "relations_restored"}
)
_GIVEN = frozenset({"aid_pledged", "aid_delivered"})
_VISITS = frozenset({"visit_made", "visit_planned"})
_SANCTIONS = frozenset({"sanctions_imposed", "sanctions_threatened", "sanctions_lifted"})
_BY = re.compile(
    r"\b(?:mediat(?:ed|ion)|brokered|facilitated|go-betweens?|mediators?|intermediar(?:y|ies)|hosted|chaired|convened)"
    r"(?: (?:by|of|from|in the form of)|,| such as| including)? (?:the )?$"
)
_MEDIATION = re.compile("ediat|broker|host|chair|convene|go-between|intermediar|facilitated")
_MEDIATES = re.compile(
    r"^(?:['’]s)?(?:,? (?:which|who)(?: (?:is|are|has|have|had|was|were)(?: been)?)?| (?:is|are|has|have)(?: been)?)?"
    r"(?: (?:also|long|jointly|officials?|foreign minister|diplomats?))* ?-?"
    r"(?:mediates?|mediating|mediated|mediators?|mediation|acts? as (?:a )?(?:mediator|go-between)"
    r"|acting as (?:a )?(?:mediator|go-between)|(?:has |had |is |was )?(?:hosted|hosts|hosting|chaired|chairs)"
    r"(?: \w+){0,5} (?:talks|rounds?|negotiations?|delegations?)|, the (?:mediator|go-between))\b"
)
_ON = re.compile(
    r"\b(?:sanctions|tariffs|embargo|duties|restrictions|levies)(?: \w+ed)?(?: \w+)? (?:against|on|from) (?:the )?$"
)


def completed(tellings: Sequence[Telling], sentences: Sequence[Sentence], cast: Cast) -> list[Telling]:
    """The tellings, with the mediators of their talks and the targets of their sanctions as far as the article names
    one and the same for all."""
    mediators = _mediators(sentences, cast)
    targets = _sanctioned(tellings, sentences, cast)
    found = [_with_place_owner(_with_target(_with_mediator(t, mediators), targets), cast) for t in tellings]
    found = [_with_receiver(_with_opponent(t, cast), cast) for t in found]
    return [_with_other_side(_with_attacker(t, cast), cast) for t in found]


def _with_receiver(telling: Telling, cast: Cast) -> Telling:
    """Aid for nobody named is for the state where it arrives, else for the one that the article is about."""
    if telling.type not in _GIVEN or telling.keys("target") or telling.keys("beneficiary") or telling.anaphoric:
        return telling
    named = telling.keys()
    country = telling.place[0].country if telling.place else None
    found = [cast.named(country)] if country else cast.most_named(named)
    others = [p for p in found if p is not None and p.key not in named]
    if len(others) != 1 or not named:
        return telling
    return replace(telling, parties=(*telling.parties, (others[0], "beneficiary")))


def _with_attacker(telling: Telling, cast: Cast) -> Telling:
    """An attack of nobody named on one of the two sides of an article is one of the other side."""
    struck = telling.keys("target")
    if telling.type != "attack_carried_out" or telling.keys("actor") or len(struck) != 1 or telling.anaphoric:
        return telling
    pair = cast.opponents(struck)
    other = [p for p in pair if p.key not in struck]
    if len(pair) != 2 or len(other) != 1:
        return telling
    return replace(telling, parties=(*telling.parties, (other[0], "actor")))


def _with_other_side(telling: Telling, cast: Cast) -> Telling:
    """What takes two, told of one of the two sides of an article, is between both."""
    named = {p.key for p, r in telling.parties if r == "party" and p.acts}
    if telling.type not in _MUTUAL or len(named) != 1 or len(telling.keys()) != 1 or telling.anaphoric:
        return telling
    pair = cast.opponents(named)
    other = [p for p in pair if p.key not in named]
    if len(pair) != 2 or len(other) != 1:
        return telling
    return replace(telling, parties=(*telling.parties, (other[0], "party")))


def _with_opponent(telling: Telling, cast: Cast) -> Telling:
    """What one of the two sides of an article does to nobody named, it does to the other."""
    doers = {p.key for p, r in telling.parties if r == "actor"}
    aimed = telling.keys("target") or telling.keys("beneficiary")
    if telling.type not in _AGAINST or aimed or len(doers) != 1 or telling.anaphoric:
        return telling
    pair = cast.opponents(doers)
    other = [p for p in pair if p.key not in doers]
    if len(pair) != 2 or len(other) != 1:
        return telling
    role = "beneficiary" if telling.type.startswith("aid_") else "target"
    return replace(telling, parties=(*telling.parties, (other[0], role)))


def _with_place_owner(telling: Telling, cast: Cast) -> Telling:
    """An attack on a place, or its capture, is one on the state that it lies in, and a visit one to it, unless the
    article names another."""
    visit = telling.type in _VISITS
    if telling.type not in _ON_PLACES and not visit:
        return telling
    if telling.keys("target") or telling.keys("host") or telling.place is None or telling.anaphoric:
        return telling
    place, shift = telling.place
    country, named = place.country, telling.keys()
    if country is None or country.lower() in named or (visit and not telling.keys("actor")):
        return telling
    holder = (cast.named("Hamas") if country == "PSE" and not visit else None) or cast.named(country)
    if holder is None:
        start, end = shift + place.start, shift + place.end
        holder = Party(place.name, telling.field, start, end, f"country:{country}", "country", country, None, True)
    if holder.key in named:
        return telling
    return replace(telling, parties=(*telling.parties, (holder, "target")))


def _mediators(sentences: Sequence[Sentence], cast: Cast) -> list[tuple[int, frozenset[str], Party]]:
    """Who is said to mediate, with the number of the sentence and the keys of everybody else named there."""
    found = []
    for number, sentence in enumerate(sentences):
        if sentence.field != "text" or not _MEDIATION.search(sentence.text):
            continue
        mentions = cast.in_sentence(sentence)
        for mention in mentions:
            before = sentence.text[: mention.start - sentence.start][-60:]
            after = sentence.text[mention.end - sentence.start :][:80]
            if _BY.search(before) or _MEDIATES.match(after):
                party = replace(cast.party(sentence.field, mention), resolved=True)
                others = frozenset(cast.party(sentence.field, m).key for m in mentions) - {party.key}
                found.append((number, others, party))
    return found


def _with_mediator(telling: Telling, mediators: Sequence[tuple[int, frozenset[str], Party]]) -> Telling:
    if telling.type not in _MEDIATED or len(telling.keys("party")) < 2:
        return telling
    parties = list(telling.parties)
    for number, others, party in mediators:
        near = abs(number - telling.sentence) <= 2 or telling.keys("party") & others
        if near and party.acts and party.key not in {p.key for p, _ in parties}:
            parties.append((party, "mediator"))
    return replace(telling, parties=tuple(parties))


def _sanctioned(tellings: Sequence[Telling], sentences: Sequence[Sentence], cast: Cast) -> dict[str, Party]:
    found: dict[str, Party] = {}
    times: dict[str, int] = {}
    for telling in tellings:
        if telling.type in _SANCTIONS:
            for party, role in telling.parties:
                if role == "target" and party.acts:
                    found.setdefault(party.key, replace(party, resolved=True))
                    times[party.key] = times.get(party.key, 0) + 1
    for sentence in sentences:
        for mention in cast.in_sentence(sentence):
            if _ON.search(sentence.text[: mention.start - sentence.start][-60:]):
                party = cast.party(sentence.field, mention, True)
                found.setdefault(party.key, party)
                times[party.key] = times.get(party.key, 0) + 1
    most = max(times.values(), default=0)
    return {key: party for key, party in found.items() if times[key] == most}


def _with_target(telling: Telling, targets: dict[str, Party]) -> Telling:
    if telling.type not in _SANCTIONS or telling.keys("target") or telling.anaphoric:
        return telling
    named = telling.keys()
    open_ones = [p for key, p in targets.items() if key not in named]
    if len(open_ones) != 1:
        return telling
    return replace(telling, parties=(*telling.parties, (open_ones[0], "target")))
