"""How a clause tells its happening: done, to come, wished, refused; denied, conditional; and said by whom.

The tense of the verb and everything above it decide together: "wants to meet", "agreed to meet", "said they had met"
and
"denied that they met" differ in nothing but what governs "meet". The walk goes from the trigger up to the root and
stops at the first governor that settles the matter.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ingest.code.forms import Lookup
from ingest.code.tree import Tree

_TIMETABLE = frozenset(
    ["tomorrow", "next", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "later"]
)
_SUBJUNCTIVE = frozenset(
    {"insist", "demand", "urge", "propose", "request", "recommend", "suggest", "require", "ask", "order", "plead"}
)
_DAYS = frozenset(
    re.findall(
        r"\w+",
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august"
        " september october november december week month",
    )
)
Time = Literal["held", "planned", "possible", "needed"]


@dataclass(frozen=True, slots=True)
class Telling:
    """How something is told.

    `speakers` are heads of the noun phrases that say it, nearest first; `why` names the word that decided, for
    `explain`.
    """

    time: Time = "held"
    negated: bool = False
    denied: bool = False
    doubtful: bool = False
    conditional: bool = False
    would: bool = False
    speakers: tuple[int, ...] = ()
    governors: tuple[int, ...] = ()
    why: str = ""
    weak: bool = False


def _is_day(word: str) -> bool:
    return word.isdigit() or word in _DAYS


class VerbFactuality:
    """Tells how the verbs of a tree are told, by the word classes of the frames."""

    def __init__(self, words: Mapping[str, frozenset[str]], lookup: Lookup) -> None:
        self._words = words
        self._lookup = lookup

    def has(self, kind: str, word: str) -> bool:
        """Whether the word class `kind` holds `word`."""
        return word in self._words[kind]

    def of_verb(self, tree: Tree, verb: int, headline: bool = False) -> Telling:
        """How the clause of `verb` is told. In a headline the present is the past and "to" is the future."""
        telling = self._own(tree, verb, headline)
        return self._climb(tree, verb, telling, headline)

    def _own(self, tree: Tree, verb: int, headline: bool) -> Telling:
        auxiliaries = tree.auxiliaries(verb)
        token = tree[verb]
        negated = self.is_negated(tree, verb)
        time: Time = "held"
        why = "tense"
        would = False
        for aux in auxiliaries:
            if aux in self._words["future_modals"] or (aux == "'s" and token.tag == "VB"):
                time, why = "planned", aux
            elif aux in self._words["possible_modals"]:
                time, why, would = "possible", aux, aux == "would"
            elif aux in ("should", "must", "ought"):
                time, why = "needed", aux
        if token.tag in ("VB", "VBN") and "to" in auxiliaries and time == "held":
            time, why = (
                ("planned", "to") if headline and token.dep in ("ROOT", "conj", "ccomp") else ("possible", "infinitive")
            )
        if time == "held" and token.tag in ("VBG",) and any(a in ("is", "are", "'re", "'s") for a in auxiliaries):
            why = "progressive"
        if token.tag in ("VBZ", "VBP") and not auxiliaries and token.dep == "relcl" and not headline:
            why = "habit"
        if (
            token.tag in ("VBZ", "VBP")
            and not auxiliaries
            and self._lookup.verb(token.lower) not in self._words["report"]
            and any(tree[k].lower in _TIMETABLE for c in tree.kids[verb] for k in (c, *tree.kids[c]) if k > verb)
        ):
            time, why = "planned", "present, of a day to come"
        if token.tag == "VB" and not auxiliaries and token.dep == "ROOT" and not headline:
            time, why = "possible", "imperative"
        return Telling(time=time, negated=negated, why=why, would=would)

    def is_negated(self, tree: Tree, verb: int) -> bool:
        """Whether a negation stands at the verb, its auxiliaries, its subject or its object."""
        for k in tree.children(verb):
            token = tree[k]
            if token.dep == "neg" or (
                token.lower in ("never", "no", "cannot", "neither") and token.dep in ("advmod", "det", "preconj")
            ):
                return True
            if token.dep == "prep" and token.lower in ("by", "under", "in", "at") and token.i < verb:
                phrase = {tree[j].lower for j in tree.subtree(k)}
                if "no" in phrase and phrase & {"means", "circumstances", "way", "point", "event", "case"}:
                    return True
            if token.dep in ("nsubj", "dobj", "nsubjpass", "attr") and any(
                tree[d].lower in ("no", "neither", "none", "nobody") for d in (k, *tree.children(k, "det"))
            ):
                return True
        return False

    def _climb(self, tree: Tree, start: int, telling: Telling, headline: bool) -> Telling:
        at = start
        seen = {start}
        while True:
            token = tree[at]
            above = token.head
            if above == at or above in seen:
                return self._mood(tree, at, telling)
            seen.add(above)
            governor = tree[above]
            lemma = self._lookup.verb(governor.lower)
            dep = token.dep
            if dep == "dep" and governor.is_verb and token.tag == "VBD":
                at = above
                continue
            if dep == "conj" and not governor.is_verb:
                at = above
                continue
            if dep == "conj" and any(tree[k].lower == "that" for k in tree.children(at, "mark")):
                # "said he wanted it and that the two would meet": a clause of the verb of saying above
                saying = next(
                    (a for a in tree.ancestors(at) if self._lookup.verb(tree[a].lower) in self._words["report"]), None
                )
                if saying is not None and tree[saying].is_verb:
                    telling, settled = self._under(
                        tree, at, saying, self._lookup.verb(tree[saying].lower), telling, headline
                    )
                    if settled:
                        return telling
                    at = saying
                    continue
            if dep == "conj" and token.tag == "VBD" and governor.tag in ("VB", "VBG"):
                told = next((a for a in tree.ancestors(above) if tree[a].tag == "VBD"), None)
                if told is not None and told not in seen:
                    at = told
                    continue
            if dep == "conj":
                telling = self._shared(tree, at, above, telling)
                at = above
                continue
            if dep == "advcl":
                telling = self._adverbial(tree, at, telling)
                if telling.time in ("possible",) and telling.conditional:
                    return telling
                beside = tree[min(tree.subtree(at))].i - 1
                if (
                    "to" in tree.auxiliaries(at)
                    and governor.tag == "VB"
                    and governor.dep == "xcomp"
                    and beside >= 0
                    and tree[beside].lower in ("and", ",")
                ):
                    # "agreed to exchange prisoners, and to continue the talks"
                    return replace(self.of_verb(tree, above, headline), negated=telling.negated)
                if (
                    "to" in tree.auxiliaries(at)
                    and token.tag in ("VB", "VBN")
                    and governor.is_verb
                    and lemma not in self._words["commit_adjectives"]
                ) and telling.time == "held":
                    if lemma in self._words["commit"] and not tree.children(above, "xcomp"):
                        telling, settled = self._under(tree, at, above, lemma, telling, headline)
                        if settled:
                            return telling
                        return self._speakers_above(tree, above, telling)  # "agreed in March to restore"
                    if at != start and self._lookup.verb(token.lower) in self._words["report"]:
                        return self._speakers_above(tree, above, telling)  # "took to X to announce that"
                    return replace(telling, time="possible", why=f"purpose of {governor.text!r}")
                at = above
                if not governor.is_verb:
                    continue
                return self._speakers_above(tree, above, telling)
            if dep in ("ccomp", "xcomp", "csubj", "parataxis") or (
                dep == "dep" and governor.is_verb and not tree[at].tag.startswith("VBD")
            ):
                telling, settled = self._under(tree, at, above, lemma, telling, headline)
                if settled:
                    return telling
                at = above
                continue
            if dep in ("acl", "relcl"):
                if dep == "acl" and "to" in tree.auxiliaries(at) and _is_day(governor.lower):
                    clause = tree.clause_verb(above)  # "agreed in March to restore": of the verb, not of the month
                    if clause is not None and clause not in seen:
                        telling, settled = self._under(
                            tree, at, clause, self._lookup.verb(tree[clause].lower), telling, headline
                        )
                        if settled:
                            return telling
                        at = clause
                        continue
                if dep == "acl" and "to" in tree.auxiliaries(at) and token.tag == "VB":
                    noun = self._lookup.noun(governor.lower)
                    if self._is_undone(tree, above):
                        return replace(telling, time="possible", negated=True, why=f"{governor.text!r}")
                    if any(
                        tree[k].lower in ("first", "last", "only", "latest")
                        for k in tree.children(above, "amod", "det")
                    ):
                        clause = tree.clause_verb(above)
                        return replace(
                            telling,
                            time=self._own(tree, clause, headline).time if clause is not None else "held",
                            why="first to",
                        )
                    time: Time = "planned" if noun in self._words["commit_nouns"] else "possible"
                    return replace(
                        telling, time=time, why=f"{governor.text!r} to", governors=(*telling.governors, above)
                    )
                if dep == "acl" and not tree.children(at, "aux", "mark") and token.tag in ("VBN", "VBG"):
                    return self._speakers_above(tree, above, telling)
                return self._speakers_above(tree, above, telling)
            if dep == "pcomp":
                return self._gerund(tree, at, above, telling, headline)
            if dep in (
                "prep",
                "agent",
                "pobj",
                "dobj",
                "nsubj",
                "nsubjpass",
                "attr",
                "appos",
                "compound",
                "amod",
                "dative",
                "oprd",
                "npadvmod",
                "nmod",
            ):
                return self._speakers_above(tree, above, telling)
            at = above

    def _mood(self, tree: Tree, root: int, telling: Telling) -> Telling:
        return telling

    def _shared(self, tree: Tree, at: int, first: int, telling: Telling) -> Telling:
        """A coordinated verb without subject shares the modal of the first: "will meet and sign".

        A bare form beside a past tense goes with that verb's infinitive instead: "agreed to exchange prisoners and
        continue the talks".
        """
        if (
            tree[at].tag in ("VB", "VBP")
            and tree[first].tag in ("VBD", "VBN")
            and not tree.children(at, "nsubj", "nsubjpass", "aux", "auxpass")
        ):
            for k in tree.children(first, "xcomp", "ccomp"):
                if tree[k].tag == "VB" and k < at:
                    beside = self.of_verb(tree, k)
                    return replace(telling, time=beside.time, why=beside.why, negated=telling.negated or beside.negated)
        if tree.children(at, "nsubj", "nsubjpass", "aux", "auxpass") or tree[at].tag not in ("VB",):
            return telling
        shared = self._own(tree, first, False)
        return replace(telling, time=shared.time, why=shared.why, negated=telling.negated, would=shared.would)

    def _adverbial(self, tree: Tree, at: int, telling: Telling) -> Telling:
        marks = [tree[k].lower for k in tree.children(at, "mark", "advmod")]
        if any(m in self._words["conditional_marks"] for m in marks):
            return replace(telling, time="possible", conditional=True, why="if")
        if any(m in ("while", "once", "when", "as") for m in marks) and telling.time == "held":
            main = self._own(tree, tree[at].head, False)
            if main.time in ("planned", "possible"):
                return replace(telling, time="possible", why="within what is only to come")
        if (
            any(m in self._words["future_marks"] for m in marks)
            and telling.time == "held"
            and tree[at].tag in ("VBZ", "VBP", "VB")
        ):
            return replace(telling, time="planned", why="before")
        return telling

    def _under(
        self, tree: Tree, at: int, above: int, lemma: str, telling: Telling, headline: bool
    ) -> tuple[Telling, bool]:
        """What a governing verb makes of its clause, and whether that settles the matter."""
        telling = replace(telling, governors=(*telling.governors, above))
        token = tree[at]
        infinitive = (token.tag in ("VB", "VBN") and "to" in tree.auxiliaries(at)) or token.dep == "xcomp"
        negated_governor = self.is_negated(tree, above)
        own = self._own(tree, above, headline)
        if (
            lemma in _SUBJUNCTIVE
            and token.tag in ("VB", "VBP")
            and not tree.auxiliaries(at)
            and tree[above].tag in ("VBD", "VBN", "VBG")
        ):
            return replace(telling, time="possible", why=f"{tree[above].text!r} that"), True
        if lemma in self._words["deny"] and not infinitive:
            return replace(telling, denied=True, speakers=(*telling.speakers, *tree.subjects(above))), False
        if infinitive:
            adjective = tree[above].lower
            if (
                lemma in self._words["carry"]
                and not (lemma in ("have",) and "to" in tree.auxiliaries(at))
                and not self._be_to(tree, above)
            ):
                return replace(telling, time=own.time, negated=telling.negated or negated_governor, why=own.why), False
            if lemma in ("have", "need") and "to" in tree.auxiliaries(at):
                return replace(telling, time="needed", why=f"{tree[above].text!r} to"), False
            if (
                lemma in self._words["commit"]
                or adjective in self._words["commit_adjectives"]
                or self._be_to(tree, above)
                or (lemma == "go" and tree[above].tag == "VBG")
            ):
                time2: Time = "planned" if own.time in ("held", "planned") else own.time
                return replace(
                    telling, time=time2, why=f"{tree[above].text!r} to", negated=telling.negated or negated_governor
                ), own.time != "held"
            if lemma in self._words["report"] and (tree.is_passive(above)):
                return replace(telling, doubtful=True, why=f"{tree[above].text!r} to"), False
            return replace(telling, time="possible", why=f"{tree[above].text!r} to"), True
        if lemma in self._words["report"] or lemma in self._words["commit"] or tree[above].is_verb:
            marks = [tree[k].lower for k in tree.children(at, "mark")]
            if any(m in ("if", "whether") for m in marks):
                return replace(telling, time="possible", conditional="if" in marks, why=marks[0]), True
            if lemma in self._words["wish"] and lemma not in self._words["report"]:
                return replace(telling, time="possible", why=f"{tree[above].text!r} that"), True
            if (
                telling.would
                and telling.time == "possible"
                and not telling.conditional
                and tree[above].tag in ("VBD", "VBN")
                and (lemma in self._words["report"] or lemma in ("vow", "promise", "pledge", "threaten", "swear"))
            ):
                telling = replace(telling, time="planned", would=False, why="would, reported")
            if lemma in ("expect", "hope", "think", "believe", "suggest", "suspect", "fear") and telling.time != "held":
                telling = replace(telling, doubtful=True)
            if telling.time == "needed" and lemma in self._words["commit"]:
                telling = replace(telling, time="planned", why=f"{tree[above].text!r} that")
            speakers = tree.subjects(above) if lemma in self._words["report"] or lemma in self._words["commit"] else []
            doubtful = telling.doubtful or lemma in self._words["doubt"]
            conditional = telling.conditional
            return replace(
                telling, speakers=(*telling.speakers, *speakers), doubtful=doubtful, conditional=conditional
            ), False
        return telling, False

    def _be_to(self, tree: Tree, above: int) -> bool:
        """ "is to meet", "is due to meet", "is set to": a copula with an infinitive."""
        return self._lookup.verb(tree[above].lower) == "be"

    def _gerund(self, tree: Tree, at: int, prep: int, telling: Telling, headline: bool) -> Telling:
        word = tree[prep].lower
        above = tree[prep].head
        governor = tree[above]
        if (
            word in ("after", "following", "by", "since", "in", "with", "upon", "while", "when", "from", "despite")
            and governor.is_verb
        ):
            lemma = self._lookup.verb(governor.lower)
            if (
                lemma in self._words["wish"]
                and word in ("by", "from", "in", "with")
                and lemma in ("prevent", "stop", "block", "avoid")
            ):
                return replace(telling, time="possible", why=f"{governor.text!r} {word}")
            if lemma in ("charge", "accuse", "suspect"):
                return replace(telling, time="possible", why=f"{governor.text!r} {word}")
            own = self.of_verb(tree, above, headline)
            if word in ("after", "following", "since", "upon", "despite"):
                return replace(
                    telling, time="held" if own.time == "held" else "possible", speakers=own.speakers, why=word
                )
            return replace(
                telling,
                time=own.time,
                negated=own.negated or telling.negated,
                speakers=own.speakers,
                denied=own.denied,
                why=word,
            )
        if word in ("for", "over", "of") and self._lookup.verb(governor.lower) in self._words["judging"]:
            own = self.of_verb(tree, above, headline)
            return replace(telling, time=own.time, speakers=own.speakers, why=f"{governor.text!r} {word}")
        if word in ("before", "until", "ahead") and governor.is_verb:
            own = self.of_verb(tree, above, headline)
            return replace(telling, time="held" if own.time == "held" else own.time, speakers=own.speakers, why=word)
        if governor.is_noun and self._is_undone(tree, above):
            return replace(telling, time="possible", negated=True, why=f"{governor.text!r}")
        if self._lookup.noun(governor.lower) in self._words["commit_nouns"] and word in ("on", "of", "for", "to"):
            return replace(
                telling, time="planned", why=f"{governor.text!r} {word}", governors=(*telling.governors, above)
            )
        return replace(telling, time="possible", why=f"{governor.text!r} {word}", governors=(*telling.governors, above))

    def _is_undone(self, tree: Tree, noun: int) -> bool:
        """ "no plan to", "cancelled plans to", "rejected a decision to"."""
        if any(tree[k].lower in ("no", "neither") for k in tree.children(noun, "det")):
            return True
        above = tree[noun].head
        if tree[noun].dep in ("dobj", "nsubjpass") and tree[above].is_verb:
            return self.is_negated(tree, above) or self._lookup.verb(tree[above].lower) in self._words["undo"]
        return False

    def _speakers_above(self, tree: Tree, at: int, telling: Telling) -> Telling:
        """The reporting verbs above `at` add their speakers, and their doubt, whatever stands between."""
        found = list(telling.speakers)
        denied, doubtful = telling.denied, telling.doubtful
        current = at
        for above in tree.ancestors(at):
            if tree[current].dep in ("ccomp", "parataxis") and tree[above].is_verb:
                lemma = self._lookup.verb(tree[above].lower)
                if lemma in self._words["report"]:
                    found.extend(tree.subjects(above))
                    doubtful = doubtful or lemma in self._words["doubt"]
                denied = denied or lemma == "deny"
            current = above
        return replace(telling, speakers=tuple(found), denied=denied, doubtful=doubtful)
