"""Parties that an article names once for several of its events: who mediates, whom the sanctions are on.

A telling that leaves such a party out takes it from the rest of the article, where that leaves no choice.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.code.actors import ActorMention
from ingest.code.cast import Cast
from ingest.code.discourse import Party
from ingest.code.merge import Happening, Telling
from ingest.code.sentences import Sentence

_MEDIATED = frozenset({"talks_held", "talks_suspended"})
_BROKERED = frozenset(
    {
        "truce_agreed",
        "truce_extended",
        "prisoners_exchanged",
        "release_planned",
        "agreement_reached",
        "agreement_signed",
    }
    | {"relations_restored", "talks_planned"}
)
"""What others mediate too, but not whoever is said to mediate anywhere in the article."""
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
_TWO_SIDED = _MUTUAL | {
    *("call_held", "call_planned", "meeting_held", "meeting_planned", "talks_held", "talks_planned"),
    *("release_planned", "truce_violated"),
}
_GIVEN = frozenset({"aid_pledged", "aid_delivered"})
_VISITS = frozenset({"visit_made", "visit_planned"})
_SANCTIONS = frozenset({"sanctions_imposed", "sanctions_threatened", "sanctions_lifted"})
_ACT = re.compile(
    r"^ (?:the |this |these |that |those |\w+day['’]s )(?:\w+ ){0,2}"
    r"(attacks?|strikes?|air ?strikes?|raids?|bombings?|shelling|assault|killings?|sanctions|tariffs|duties|blockade"
    r"|closure|expulsions?|invasion|offensive|incursions?|bombardment)\b(?! (?:by|of|from|against|that|which)\b)"
)
_ACT_BEFORE = re.compile(
    r"\b(?:the|this|that) (?:\w+ )?(raid|attack|strike|bombing|shelling|assault|killing|blockade) $"
)
_DONE = {
    "sanctions": _SANCTIONS,
    "tariffs": _SANCTIONS,
    "duties": _SANCTIONS,
    "blockade": frozenset({"blockade_imposed"}),
    "closure": frozenset({"blockade_imposed"}),
    "expulsion": frozenset({"relations_downgraded"}),
    "": _ON_PLACES,
}
"""Acts that are condemned, and the types of the events that tell whose they are; the last takes all other words."""
_BY = re.compile(
    r"\b(?:mediat(?:ed|ion)|brokered|facilitated|go-betweens?|mediators?|intermediar(?:y|ies)|hosted|chaired|convened)"
    r"(?: (?:by|of|from|in the form of)|,| such as| including)? (?:the )?$"
    r"|\bunder (?:the )?(?:mediation|auspices) of (?:the )?$"
    r"|\b(?:talks|negotiations|mediation)(?: \w+){0,6},?(?: (?:which|that) (?:is|are|was|were))? led by (?:the )?$"
)
_MEDIATION = re.compile("ediat|auspices|led by|broker|host|chair|convene|go-between|intermediar|facilitated")
_MEDIATES = re.compile(
    r"^(?:['’]s)?(?:,? (?:which|who)(?: (?:is|are|has|have|had|was|were)(?: been)?)?| (?:is|are|has|have)(?: been)?)?"
    r"(?: (?:also|long|jointly|officials?|foreign minister|diplomats?))* ?-?"
    r"(?:mediates?|mediating|mediated|mediators?|mediation|brokers?|brokered|brokering"
    r"|acts? as (?:a )?(?:mediator|go-between)"
    r"|acting as (?:a )?(?:mediator|go-between)|(?:has |had |is |was )?(?:hosted|hosts|hosting|chaired|chairs)"
    r"(?: \w+){0,5} (?:talks|rounds?|negotiations?|delegations?)|, the (?:mediator|go-between))\b"
)
_AND = re.compile(r"^(?:,| and|, and) (?:the )?$")
_ON = re.compile(
    r"\b(?:sanctions|tariffs|embargo|duties|restrictions|levies)(?: \w+ed)?(?: \w+)? (?:against|on|from) (?:the )?$"
)


def with_sides(happening: Happening, cast: Cast) -> Happening:
    """What takes two, told of nobody, is between the two sides that the article is about, if it is about two."""
    best = happening.best
    sides = cast.sides() if best.type in _TWO_SIDED and not any(p.acts for p, _ in best.parties) else []
    if len(sides) != 2:
        return happening
    return Happening((replace(best, parties=tuple((p, "party") for p in sides)), *happening.tellings[1:]))


def completed(tellings: Sequence[Telling], sentences: Sequence[Sentence], cast: Cast) -> list[Telling]:
    """The tellings, with the mediators of their talks and the targets of their sanctions as far as the article names
    one and the same for all."""
    mediators = _mediators(sentences, cast)
    targets = _sanctioned(tellings, sentences, cast)
    tellings = [_with_sides_of_talks(_with_guests(t, tellings, cast), tellings, cast) for t in tellings]
    tellings = [_with_author(t, tellings, sentences) for t in tellings]
    found = [_with_place_owner(_with_target(_with_mediator(t, mediators), targets), cast) for t in tellings]
    found = [_with_receiver(_with_opponent(t, cast), cast) for t in found]
    return [_with_other_side(_with_attacker(t, cast), cast) for t in found]


def _with_guests(telling: Telling, tellings: Sequence[Telling], cast: Cast) -> Telling:
    """Talks of which only the host is named are those of the sides of the talks told nearest, else of the two sides of
    the article."""
    if not telling.type.startswith("talks_") or telling.anaphoric or not telling.keys("host"):
        return telling
    if telling.keys("party", "actor", "target"):
        return telling
    hosts = telling.keys()
    others = [t for t in tellings if t.type.startswith("talks_") and len(t.keys("party") - hosts) >= 2]
    nearest = min(others, key=lambda t: (abs(t.sentence - telling.sentence), t.start), default=None)
    sides = [p for p, r in nearest.parties if r == "party"] if nearest is not None else cast.sides()
    guests = [(replace(p, resolved=True), "party") for p in sides if p.key not in hosts]
    return replace(telling, parties=(*guests, *telling.parties)) if len(guests) >= 2 else telling


def _with_sides_of_talks(telling: Telling, tellings: Sequence[Telling], cast: Cast) -> Telling:
    """Talks for which the two sides of the article stand in are those of the talks told nearest before, or else first,
    with names."""
    sides = [p for p, r in telling.parties if r == "party"]
    if not telling.type.startswith("talks_") or len(sides) < 2 or not all(p.resolved for p in sides):
        return telling
    if {p.key for p in sides} != {p.key for p in cast.sides()}:
        return telling
    named = [t for t in tellings if t.type.startswith("talks_") and _names_sides(t) and t.field == "text"]
    before = [t for t in named if t.start < telling.start]
    if telling.field != "text" or not named:
        return telling
    other = before[-1] if before else named[0]
    taken = [(replace(p, resolved=True), r) for p, r in other.parties if r == "party"]
    known = {p.key for p, _ in taken}
    return replace(
        telling, parties=(*taken, *((p, r) for p, r in telling.parties if r != "party" and p.key not in known))
    )


def _names_sides(telling: Telling) -> bool:
    return len({p.key for p, r in telling.parties if r == "party" and p.acts and not p.resolved}) >= 2


def _with_author(telling: Telling, tellings: Sequence[Telling], sentences: Sequence[Sentence]) -> Telling:
    """Who condemns an attack or sanctions without saying whose condemns whoever the article says carried them out."""
    targets = [p for p, r in telling.parties if r == "target"]
    if telling.type != "accusation_made" or not all(p.resolved for p in targets):
        return telling
    sentence = sentences[telling.sentence]
    first, last = telling.trigger
    act = _ACT.match(sentence.text[last - sentence.start :])
    act = act or _ACT_BEFORE.search(sentence.text[: first - sentence.start])  # "the raid was an act of aggression"
    if act is None:
        return telling
    types = next(types for word, types in _DONE.items() if word in act[1])
    accusers = telling.keys("actor")
    told = [t for t in tellings if t.type in types and t.keys("actor") and not t.keys("actor") & accusers]
    told = [t for t in told if not t.proposed] or told
    if not told:
        return telling
    nearest = min(told, key=lambda t: (t.sentence > telling.sentence, abs(t.sentence - telling.sentence)))
    authors = [(replace(p, resolved=True), "target") for p, r in nearest.parties if r == "actor"]
    return replace(telling, parties=(*((p, r) for p, r in telling.parties if r != "target"), *authors))


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
            named, gives = _BY.search(before), _MEDIATES.match(after)
            if named or gives:
                helping = _joined(sentence, mentions, mention, after=named is not None, before=gives is not None)
                parties = [replace(cast.party(sentence.field, m), resolved=True) for m in helping]
                others = frozenset(cast.party(sentence.field, m).key for m in mentions) - {p.key for p in parties}
                found += [(number, others, party) for party in parties]
    return found


def _joined(
    sentence: Sentence, mentions: Sequence[ActorMention], one: ActorMention, after: bool, before: bool
) -> list[ActorMention]:
    """A mention and those that an "and" joins to it: "mediated by Qatar and Turkey", "Egypt and Qatar mediate"."""
    run = [one]
    for m in mentions:
        if after and _AND.match(sentence.text[run[-1].end - sentence.start : m.start - sentence.start]):
            run.append(m)
    for m in reversed(mentions):
        if before and _AND.match(sentence.text[m.end - sentence.start : run[0].start - sentence.start]):
            run.insert(0, m)
    return run


def _with_mediator(telling: Telling, mediators: Sequence[tuple[int, frozenset[str], Party]]) -> Telling:
    bound = telling.keys("party", "actor")
    if telling.type not in _MEDIATED | _BROKERED or len(bound) < 2:
        return telling
    parties = list(telling.parties)
    for number, others, party in mediators:
        near = number == telling.sentence
        if telling.type in _MEDIATED:
            near = abs(number - telling.sentence) <= 2 or bool(bound & others)
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
