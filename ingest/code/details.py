"""What an event says besides its type: when, where, what it covers, how much, in which words.

Each is looked for at the trigger's own place in the tree, not anywhere in the sentence.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ingest.code.article import TextField
from ingest.code.dates import DateMention, Resolved, find_dates, published_date, resolve
from ingest.code.discourse import Party
from ingest.code.forms import Lookup
from ingest.code.match import Match
from ingest.code.places import Gazetteer, PlaceMention
from ingest.code.quantities import QuantityMention, find_quantities
from ingest.code.sentences import Sentence
from ingest.code.tree import Tree
from schemas.dates import bounds
from schemas.world import MAX_QUOTE

BACKGROUND_DAYS = 30
_REPORTED_AS = frozenset({"reportedly", "allegedly", "apparently", "purportedly", "supposedly"})
_HELD_BY = frozenset(
    {
        *("starting", "beginning", "opening", "scheduled", "planned", "set", "due"),
        "held",
        "mediated",
        "brokered",
        "hosted",
        "facilitated",
        "sponsored",
        "convened",
        "signed",
        "reached",
        "chaired",
        "led",
    }
)
"""Participles that tell the happening of their noun itself: "talks mediated by Oman on Sunday"."""
_BREAKS = re.compile(r"[.!?][\"”’')]*\s+(?=[\"“‘'(]?[A-Z0-9])")
_RATHER_THAN_VAGUE = 50
"""Steps that "recently" stands behind words that name a day."""
_LEAD = 600
"""Code points of a text that count as its lead."""
_DONE_BY_SAYING = frozenset({"sanctions", "relations", "agreement", "aid", "truce", "captives"})
_PERFORMING = frozenset({"announce", "declare"})
"""Saying so is doing so: the day of the announcement is the day of what is announced."""
_WHERE = frozenset({"in", "at", "near", "outside", "across", "on", "around", "inside", "to", "into", "from", "over"})


_DAYS_OF_NEWS = frozenset({"weekday", "word"})
"""Kinds of date words that at the end of a sentence tell when something was said, whatever they stand next to."""
_WITHIN_A_DAY = re.compile(r"(?i)hours|immediately|shortly")
"""Vague words that lead away from no day: what came hours before is of the day that is told."""
_YEAR_IS_TOLD = 320
"""After how many days a day that is past is told with its year."""
_MEANT = frozenset({"was", "were", "had", "expected", "planned", "scheduled", "set"})
"""Past verbs whose day is that of what was to come: "a session was due on Monday"."""


@dataclass(frozen=True, slots=True)
class When:
    """The day of an event: EDTF or None, the words and where they stand in which field, and the basis."""

    edtf: str | None
    start: int
    end: int
    basis: Literal["explicit", "relative", "publication", "unknown"]
    field: TextField = "text"


def when(
    sentence: Sentence,
    tree: Tree,
    match: Match,
    dates: Sequence[DateMention],
    published: str | None,
    lookup: Lookup,
    reports: frozenset[str],
) -> tuple[When, DateMention] | None:
    """The date words that belong to the trigger: those nearest to it in the tree, not those of a verb of saying above
    it."""
    best: tuple[int, int] | None = None
    chosen: DateMention | None = None
    reported = False
    own = set(match.tokens)
    planned = match.telling.time == "planned" or match.type.endswith("_planned")
    for number, mention in enumerate(dates):
        inside = [t.i for t in tree.tokens if t.start < mention.end and t.end > mention.start]
        if not inside:
            continue
        at = next((i for i in inside if tree[i].head not in inside), inside[0])
        if _belongs_to_a_noun(tree, (at, inside[-1]), own, match.trigger):
            continue
        if mention.kind == "vague" and _WITHIN_A_DAY.search(mention.words):
            continue
        if _a_year_off(mention, published, "future" if planned else "past"):
            continue
        if mention.kind not in _DAYS_OF_NEWS and _of_the_charge(tree, at, match):
            continue
        past = _stands_at_a_past_verb(tree, at, match)
        if past and match.type.endswith("_planned"):
            continue
        cost, said = _distance(tree, at, own, match, lookup, reports, sentence.start < _LEAD)
        if cost is not None and mention.kind == "vague":
            cost += _RATHER_THAN_VAGUE
        if cost is not None and (best is None or (cost, number) < best):
            best, chosen, reported = (cost, number), mention, said or past
    if chosen is None:
        return None
    tense: Literal["past", "future", "present"] = "future" if planned and not reported else "past"
    return dated(sentence, chosen, published, tense), chosen


def _a_year_off(mention: DateMention, published: str | None, tense: Literal["past", "future"]) -> bool:
    """Whether a day without a year cannot be one of this tense, for of one almost a year away the year would be told:
    "agreed on May 16 to go on", told on May 21, is no day to come."""
    today = published_date(published)
    if mention.kind not in ("day", "range", "month") or mention.year is not None or today is None:
        return False
    told = bounds(resolve(mention, published, tense).edtf)
    return told is not None and abs(told[0] - today) > timedelta(days=_YEAR_IS_TOLD)


def _of_the_charge(tree: Tree, at: int, match: Match) -> bool:
    """Whether date words are of what somebody is charged with: "accused Iran of having lied in June"."""
    if match.type != "accusation_made" or not tree[match.trigger].is_verb or at < match.trigger:
        return False
    chain = list(tree.ancestors(at))
    above = chain[: chain.index(match.trigger)] if match.trigger in chain else []
    return any(tree[n].is_verb or tree[n].is_noun for n in above)


def _stands_at_a_past_verb(tree: Tree, at: int, match: Match) -> bool:
    """Whether date words stand at a past verb before what was decided: "agreed on Friday to reopen embassies"."""
    verb = next((i for i in tree.ancestors(at) if tree[i].is_verb), None)
    if verb is None or tree[verb].tag != "VBD" or tree[verb].lower in _MEANT:
        return False
    ahead = verb == match.trigger and any(i > at for i in match.tokens) and verb < at
    return ahead or verb not in match.tokens


def _belongs_to_a_noun(tree: Tree, tokens: tuple[int, int], own: set[int], trigger: int) -> bool:
    """Whether date words, given by their top and their last token, date another noun than the trigger's: "Saturday's
    explosion", "the war of 2008", and "tore up the 2015 accord"."""
    top, last = tokens
    if tree[top].lower == "of" and tree[tree[top].head].is_noun and tree[top].head not in own:
        return True
    return any(
        tree[k].dep in ("poss", "nummod", "compound", "nmod", "amod")
        and tree[k].head > last
        and (tree[k].head not in own or (tree[trigger].is_verb and tree[k].dep != "poss"))
        for k in (top, last)
    )


def dated(
    sentence: Sentence,
    mention: DateMention,
    published: str | None,
    tense: Literal["past", "future", "present"],
    anchor: str | None = None,
) -> When:
    """The day that date words of a sentence mean, told in this tense; `anchor` is the day that "a day earlier" counts
    from."""
    resolved: Resolved = resolve(mention, published, tense, anchor)
    start, end = sentence.start + mention.start, sentence.start + mention.end
    return When(resolved.edtf, start, end, resolved.basis, sentence.field)


def _distance(
    tree: Tree, at: int, own: set[int], match: Match, lookup: Lookup, reports: frozenset[str], lead: bool = False
) -> tuple[int | None, bool]:
    """Steps from the date up to the trigger or its clause, None where the words belong to something else; and whether
    they date the report."""
    chain = [at, *tree.ancestors(at)]
    for steps, node in enumerate(chain):
        if node in own:
            between = chain[1:steps]
            foreign = [
                n
                for n in between
                if tree[n].is_verb
                and (
                    tree[n].dep in ("relcl", "advcl", "ccomp", "acl")
                    or (tree[n].dep == "conj" and tree.children(n, "nsubj", "nsubjpass"))
                )
                and n not in own
                and not (not match.frame.speech and tree[n].dep == "acl" and tree[n].lower in _HELD_BY)
            ]
            return (None if foreign else steps), False
    # The date stands above or beside: at the verb that governs the trigger.
    up = [match.trigger, *tree.ancestors(match.trigger)]
    for steps, node in enumerate(chain):
        if node not in up:
            continue
        between = [n for n in chain[:steps] if tree[n].is_verb and n != at]
        if between:
            return None, False
        cost = 3 + steps + up.index(node)
        crossed = [n for n in up[1 : up.index(node) + 1] if tree[n].is_verb and lookup.verb(tree[n].lower) in reports]
        announcing = match.telling.why in ("will", "would, reported") and match.frame.family in (
            "sanctions",
            "aid",
            "truce",
            "captives",
        )
        # What a lead says that somebody said on Tuesday is Tuesday's news, where saying so makes it so.
        announcing = announcing or (lead and match.frame.family in _DONE_BY_SAYING and match.telling.time != "planned")
        performing = announcing or all(lookup.verb(tree[n].lower) in _PERFORMING for n in crossed)
        just_now = bool({"has", "have", "'s", "'ve"} & set(tree.auxiliaries(up[0]))) and match.telling.time == "held"
        if crossed and not (match.frame.speech or performing or just_now):
            return None, False
        dep = tree[match.trigger].dep
        if not crossed and tree[node].is_verb and dep in ("relcl",) and node != match.trigger:
            return None, False
        return cost, bool(crossed)
    return None, False


def is_background(edtf: str | None, published: str | None) -> bool:
    """Whether a date lies more than 30 days before publication, as a whole."""
    last = _last_day(edtf) if edtf else None
    try:
        day = date.fromisoformat((published or "")[:10])
    except ValueError:
        return False
    return last is not None and last < day - timedelta(days=BACKGROUND_DAYS)


def _last_day(edtf: str) -> date | None:
    text = edtf.split("/")[-1].rstrip("~?%")
    try:
        if "W" in text:
            year, week = text.split("-W")
            return date.fromisocalendar(int(year), int(week), 7)
        parts = [int(p) for p in text.split("-")]
        if len(parts) == 3:
            return date(*parts)
        if len(parts) == 2:
            return date(parts[0] + parts[1] // 12, parts[1] % 12 + 1, 1) - timedelta(days=1)
        return date(parts[0], 12, 31)
    except ValueError:
        return None


def where(sentence: Sentence, tree: Tree, match: Match, places: Sequence[PlaceMention]) -> PlaceMention | None:
    """The place phrase of the trigger itself: "in Oslo" at the trigger, its topic or the verb that it is object of."""
    nodes = list(match.tokens)
    top = match.trigger
    if (tree[top].is_noun and tree[tree[top].head].is_verb) or tree[top].dep == "pobj":
        nodes.append(tree[top].head)
    if match.frame.family == "force" and tree[top].is_verb:  # "struck a power station in Kharkiv"
        nodes += [*tree.objects(top), *tree.children(top, "nsubjpass")]
    named = [k for node in nodes for prep, k in tree.obliques(node) if prep in _WHERE]
    for n in (n for k in named for n in (k, *_named_within(tree, k))):
        for place in places:
            if place.start <= tree[n].start < place.end or place.start <= tree[n].end - 1 < place.end:
                return place
    if match.hit is not None and match.hit.topic == "place":
        k = match.hit.head
        for place in places:
            if place.start <= tree[k].start < place.end:
                return place
    for node in match.tokens:
        if tree[node].is_noun:
            for k in tree.children(node, "compound"):
                for place in places:
                    if (
                        place.start <= tree[k].start < place.end
                        and place.lat is not None
                        and place.country is not None
                        and tree[k].lower != place.country
                    ):
                        return place
    return None


def _named_within(tree: Tree, k: int) -> list[int]:
    """The names that a place phrase leads up to: "the port of Odesa", "the centre of Damascus", "the capital Sanaa"."""
    return [*(o for prep, o in tree.obliques(k) if prep == "of"), *tree.children(k, "appos", "compound")]


def says_too_little(match: Match, day: When | None, place: PlaceMention | None) -> bool:
    """Whether a match lacks what makes it an event: a journey within one's own country, talks of one side only, an
    attack of no one nowhere."""
    acting = {p.key for p, _ in match.parties if p.acts}
    if match.type.startswith("visit_"):
        home = {p.code for p, r in match.parties if r == "actor"}
        return place is not None and place.country is not None and place.country in home
    if match.type.startswith("talks_held") and len(acting) < 2 and not match.anaphoric:
        return day is None and place is None and not any(r == "mediator" for _, r in match.parties)
    if match.type == "attack_carried_out" and not acting:
        return place is None
    return False


def modality(tree: Tree, match: Match) -> Literal["asserted", "unconfirmed", "conditional", "denied"]:
    """How far the article stands behind the event."""
    telling = match.telling
    if match.frame.modality in ("conditional", "unconfirmed", "denied"):
        return match.frame.modality  # type: ignore[return-value]
    if telling.denied:
        return "denied"
    if telling.conditional or telling.would:
        return "conditional"
    if "accused" in match.frame.types and telling.time == "possible":
        return "unconfirmed"
    if telling.doubtful or any(tree[k].lower in _REPORTED_AS for k in tree.kids[match.trigger]):
        return "unconfirmed"
    return "asserted"


_SCOPES: Mapping[str, tuple[str, ...]] = {
    "full": ("full", "complete", "comprehensive", "total", "unconditional", "general", "all-out"),
    "energy": ("energy", "power", "electricity", "infrastructure"),
    "maritime": ("maritime", "naval", "sea", "shipping"),
    "partial": ("partial", "limited", "local"),
    "temporary": ("temporary", "interim"),
    "permanent": ("permanent", "lasting"),
    "humanitarian": ("humanitarian",),
    "nuclear": ("nuclear", "enrichment"),
    "technical level": ("technical-level", "technical", "expert-level"),
    "trade": ("trade", "tariff", "tariffs"),
    "military aid": ("military",),
}
_LENGTH = re.compile(
    r"(?i)\b(\d+|one|two|three|four|five|six|seven|ten|thirty|sixty)[- ](hour|day|week|month|year)s?(?:-long)?\b"
    r"|\b(month|week)-long\b"
)


def scope(sentence: Sentence, tree: Tree, match: Match) -> str | None:
    """What the event covers, from the modifiers of its topic and what it is aimed at: `energy`, `30 days`, `full`
    ..."""
    if match.frame.scope:
        return match.frame.scope
    nodes: set[int] = set()
    for i in match.tokens[1:] or match.tokens:
        if tree[i].is_noun:
            nodes.update(j for k in tree.children(i, "amod", "compound", "nmod", "nummod") for j in tree.subtree(k))
            for prep, k in tree.obliques(i):
                if prep in ("on", "of", "against", "about", "over", "for"):
                    nodes.update(tree.subtree(k))
        elif tree[i].is_verb:
            for k in tree.objects(i):
                nodes.update(tree.subtree(k))
    words = {tree[i].lower for i in nodes}
    for name, listed in _SCOPES.items():
        if words & set(listed):
            return name
    if nodes:
        start, end = min(tree[i].start for i in nodes), max(tree[i].end for i in nodes)
        length = _LENGTH.search(sentence.text, start, end)
        if length:
            return (
                f"1 {length[3]}" if length[3] else f"{length[1]} {length[2]}s" if length[1] != "1" else f"1 {length[2]}"
            )
    return None


def quote(sentence: Sentence, tree: Tree, match: Match) -> tuple[int, int]:
    """The evidence: the clause of the trigger, at most 300 characters, as a range of code points in the field."""
    verb = tree.clause_verb(match.trigger)
    root = verb if verb is not None else match.trigger
    nodes = set(match.tokens)
    for i in tree.subtree(root):
        nodes.add(i)
    start, end = min(tree[i].start for i in nodes), max(tree[i].end for i in nodes)
    if end - start > MAX_QUOTE:
        core = set(match.tokens)
        for i in match.tokens:
            core.update(tree.subtree(i) if tree[i].is_noun else tree.kids[i])
        start, end = min(tree[i].start for i in core), max(tree[i].end for i in core)
    if end - start > MAX_QUOTE:
        middle = tree[match.trigger].start
        ends = [t.end for t in tree.tokens if t.end - middle <= MAX_QUOTE // 2]
        starts = [t.start for t in tree.tokens if middle - t.start <= MAX_QUOTE // 2 - 1]
        start, end = max(start, min(starts)), min(end, max(ends))
    if len(_BREAKS.findall(sentence.text, start, end)) > 1:
        # "Mr. Xi and Mr. Putin": full stops that a rough reader may take for ends of sentences; keep to the core.
        at = tree[match.trigger].start
        breaks = [m.end() for m in _BREAKS.finditer(sentence.text, start, end)]
        left = [b for b in breaks if b <= at]
        right = [b for b in breaks if b > at]
        if len(left) > 1 or (left and len(right) > 0):
            start = left[-1] if right else left[-2]
        if len([b for b in right if b > start]) > 1:
            end = right[1]
    while end > start + 1 and sentence.text[end - 1] in " ,;:":
        end -= 1
    while start < end - 1 and sentence.text[start] in " ,;:":
        start += 1
    return sentence.start + start, sentence.start + end


def quantities(sentence: Sentence, tree: Tree, match: Match) -> list[QuantityMention]:
    """Counts that stand in the trigger's clause."""
    start, end = quote(sentence, tree, match)
    return [
        q for q in find_quantities(sentence.text) if q.start >= start - sentence.start and q.end <= end - sentence.start
    ]


def speaker(tree: Tree, match: Match, named: Sequence[Party]) -> Party | None:
    """Who says so, unless it is one of the event's own actors."""
    own = {p.key for p, _ in match.parties}
    return next((p for p in named if p.key not in own), None)


__all__ = [
    "Gazetteer",
    "When",
    "find_dates",
    "is_background",
    "modality",
    "quantities",
    "quote",
    "scope",
    "speaker",
    "when",
    "where",
]
