"""In which manner a match tells its happening, as the `types` of frames name manners: held, planned, negated, agreed by
both sides, carried through a proposal ..."""

import re
from collections.abc import Mapping

from ingest.code.discourse import Party
from ingest.code.factuality import Telling
from ingest.code.forms import Lookup
from ingest.code.frameset import Frame
from ingest.code.topics import Hit
from ingest.code.tree import Tree

_SEVERAL = frozenset(
    re.findall(
        r"\w+",
        "we they both sides parties factions rivals foes neighbours neighbors leaders governments countries nations"
        " presidents ministers delegations armies generals",
    )
)
"""Subjects that do a mutual thing by themselves."""
_RESOLVED = frozenset({"'agreed' to", "'decided' to", "'voted' to", "'resolved' to"})
"""Below these a measure counts as taken."""


def is_imperative(tree: Tree, i: int) -> bool:
    """Whether a bare verb orders: it has no subject, no helper and no clause above that it depends on."""
    bare = tree[i].tag == "VB" and tree[i].dep in ("ROOT", "ccomp")
    return bare and not tree.children(i, "aux", "nsubj", "nsubjpass", "mark")


class Manners:
    """Decides the manner of a match, and with it the event type. It holds only the frames' word classes."""

    def __init__(self, words: Mapping[str, frozenset[str]], lookup: Lookup) -> None:
        self._words = words
        self._lookup = lookup

    def manner(
        self, frame: Frame, telling: Telling, hit: Hit | None, parties: list[tuple[Party, str]], tree: Tree, i: int
    ) -> tuple[str, str | None]:
        types = frame.types
        if telling.conditional and telling.why == "if":
            return "in an if-clause", None
        if telling.negated and telling.conditional:
            return "conditional", types.get("conditional")
        if "imperative" in types and is_imperative(tree, i):
            return "imperative", types["imperative"]
        if telling.negated and telling.time == "needed" and "needed" in types and "negated" not in types:
            return "needed", types["needed"]
        if telling.negated:
            return "negated", types.get("negated")
        modal = telling.why in ("will", "'ll", "shall", "would, reported", "wo") or "vow" in telling.why
        if telling.time == "planned" and "ultimatum" in types and modal and self._has_condition(tree, i):
            return "ultimatum", types["ultimatum"]
        if telling.time == "planned" and "resolved" in types and telling.why in _RESOLVED:
            return "resolved", types["resolved"]
        if telling.time == "planned":
            return "planned", types.get("planned")
        if (
            telling.time == "needed"
            and telling.why == "should"
            and "planned" in types
            and self._is_event_subject(tree, i, hit)
        ):
            return "planned", types["planned"]  # "the negotiations should open by August"
        if telling.time == "needed":
            return "needed", types.get("needed")
        if telling.time == "possible":
            if "accused" in types and any(
                self._lookup.verb(tree[g].lower) in ("accuse", "blame", "suspect")
                for g in (*telling.governors, tree[tree[i].head].head)
            ):
                return "accused", types["accused"]
            if "mooted" in types and (
                telling.why in ("could", "may", "might") or self._governor(tree, i) in self._words["mooting"]
            ):
                return "mooted", types["mooted"]
            if telling.conditional or telling.would:
                return "conditional", types.get("conditional")
            governor = self._governor(tree, i)
            if governor in ("refuse", "decline", "reject", "refused") and "refused" in types:
                return "refused", types["refused"]
            return "possible", types.get("possible")
        if (
            "carried" in types
            and hit is not None
            and any(
                self._lookup.noun(tree[p].lower) in ("proposal", "plan", "offer", "outline", "framework", "term")
                for p in hit.path
            )
        ):
            return "carried", types["carried"]
        together = tree[i].is_verb and any(tree[k].lower in _SEVERAL for k in tree.children(i, "nsubj"))
        if "mutual" in types and (together or len({p.key for p, r in parties if r in ("party", "actor")}) >= 2):
            return "mutual", types["mutual"]
        if "single" in types:
            return "single", types["single"]
        return "held", types.get("held")

    def _is_event_subject(self, tree: Tree, i: int, hit: Hit | None) -> bool:
        """Whether the happening itself is the subject of the trigger."""
        return hit is not None and tree[hit.head].is_noun and hit.head in tree.children(i, "nsubj", "nsubjpass")

    def _has_condition(self, tree: Tree, i: int) -> bool:
        """Whether an if-clause hangs on the verb, or on one that reports it."""
        chain = [i, *tree.ancestors(i)]
        return any(
            tree[m].lower in ("if", "unless")
            for v in chain
            for k in tree.children(v, "advcl")
            for m in tree.children(k, "mark")
        )

    def _governor(self, tree: Tree, i: int) -> str:
        return self._lookup.verb(tree[tree[i].head].lower)
