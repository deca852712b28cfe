"""What a frame needs of a sentence before it fires: enough known parties, an armed attacker, a refusal that is one
..."""

from ingest.code.cast import Cast
from ingest.code.discourse import Party
from ingest.code.factuality import Telling
from ingest.code.frameset import Frame, Frames
from ingest.code.roles import RoleFinder
from ingest.code.sentences import Sentence
from ingest.code.topics import Hit, TopicFinder
from ingest.code.tree import Tree

_TIMES_OF_DAY = frozenset({"morning", "evening", "night", "afternoon", "day", "weekend"}) | {
    f"{day}day" for day in ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
}


class Needs:
    """Checks the `needs` of frames."""

    def __init__(self, frames: Frames, roles: RoleFinder, topics: TopicFinder) -> None:
        self._words = frames.words
        self._lookup = frames.lookup
        self._roles = roles
        self._topics = topics

    def missing(
        self,
        frame: Frame,
        parties: list[tuple[Party, str]],
        sentence: Sentence,
        tree: Tree,
        cast: Cast,
        i: int,
        telling: Telling,
        hit: Hit | None,
    ) -> str:
        """What the frame needs and the sentence lacks."""
        acting = [(p, r) for p, r in parties if p.acts]
        armed = bool(frame.needs & {"armed", "harmful"})
        if not acting and frame.roles and "none" not in frame.needs and not (armed and self._armed_subject(tree, i)):
            return next((n for n in ("party2", "party", "actor", "someone") if n in frame.needs), "known actor")
        roles = {r for _, r in acting}
        hit_is_captive = hit is not None and "captive" in self._topics.own(
            tree, hit.head, lambda c: cast.is_actor(sentence, tree, c)
        )
        place_known = hit is not None and (
            hit.topic == "territory"
            or (
                tree[hit.head].tag in ("NNP", "NNPS")
                and not any(p.kind == "person" for p in cast.parties(sentence, tree, hit.head, expand=False))
            )
        )
        for need in sorted(frame.needs):
            if need in ("none",):
                continue
            if need == "someone" and not acting:
                return need
            if need in ("actor", "target", "party", "beneficiary") and need not in roles:
                return need
            if need == "actor_or_host" and not roles & {"actor", "host", "party"}:
                return need
            if need == "party2" and sum(r == "party" for _, r in acting) < 2:
                return need
            if need == "two_people" and sum(p.kind == "person" or p.official for p, r in acting if r == "party") < 2:
                return need
            if need == "people" and not any(p.kind == "person" or p.official for p, r in acting):
                return need
            if need == "traveller" and not any(
                p.kind == "person" or p.official or "delegation" in p.name.lower() for p, r in acting if r == "actor"
            ):
                return need
            if (
                need == "delegations"
                and not any(w in p.name.lower() for p, _ in acting for w in ("delegation", "negotiat", "represent"))
                and not any(
                    self._lookup.noun(tree[k].lower)
                    in ("side", "party", "delegation", "negotiator", "team", "mediator", "delegate")
                    for k in (*tree.children(i, "nsubj", "dobj"), *(k for p, k in tree.obliques(i) if p == "with"))
                )
            ):
                return need
            if need == "refusing" and not (
                telling.time in ("planned", "possible")
                or any(tree[k].lower in ("to",) for k in tree.children(i, "aux"))
            ):
                return need
            if need == "opposed" and not {p.key for p, r in acting if r == "actor"}.isdisjoint(
                p.key for p, r in acting if r == "target"
            ):
                return need
            if need == "opposed" and {p.key for p, r in acting if r == "actor"} == set():
                return need
            if need == "armed" and not self._armed(tree, i, acting, sentence):
                return need
            if need == "harmful" and not self._harmful(tree, i):
                return need
            if need == "fighters" and not any(p.kind != "person" for p, r in acting if r == "actor"):
                return need
            if need == "captive_target" and not (
                hit_is_captive
                or (hit is not None and tree[hit.head].tag == "NNPS")
                or any(r == "target" and p.kind == "person" for p, r in parties)
            ):
                return need
            if need == "somewhere_or_arms" and not (place_known or (hit is not None and hit.topic == "arms")):
                return need
            if need == "somewhere" and not place_known:
                return need
            if need == "known_party" and not acting:
                return need
            if need == "not_in_person" and sum(p.kind == "person" or p.official for p, _ in acting) >= 2:
                return need
            if need == "intransitive" and set(tree.children(i, "dobj")) - ({hit.head} if hit else set()):
                return need
            if need == "main_clause" and tree[i].dep not in ("ROOT", "ccomp", "conj", "parataxis"):
                return need
            if need == "said_clause" and tree[i].dep not in ("ROOT", "ccomp", "conj", "parataxis"):
                return need
            if need == "at_place" and not any(
                prep in ("in", "at") and tree[k].tag == "NNP" and not self._lookup.verb(tree[k].lower).endswith("day")
                for prep, k in tree.obliques(i)
            ):
                return need
            if need == "nothing_called" and (
                tree.children(i, "oprd", "xcomp", "ccomp", "acomp", "attr", "prt")
                or any(tree[k].lower not in _TIMES_OF_DAY for _, k in tree.obliques(i))
            ):
                return need
            if need == "org_target" and not any(r == "target" and p.kind == "org" for p, r in acting):
                return need
            if need == "passive_or_subject" and not (
                tree.is_passive(i) or (hit is not None and hit.head in [*tree.children(i, "nsubj"), *(hit.path or ())])
            ):
                return need
            if need == "no_condition" and any(t.lower in ("if", "unless", "until", "once") for t in tree.tokens):
                return need
            if need == "resolute" and telling.why in ("can", "could", "may", "might"):
                return need
            if need == "told_of_itself" and tree[i].dep == "advcl":
                return need
            if need == "passive" and not (tree[i].is_verb and tree.is_passive(i)):
                return need
            if need == "person_target" and not any(r == "target" and p.kind == "person" for p, r in parties):
                return need
            if need == "after_captives" and not cast.follows_captives(sentence):
                return need
            if need == "after_talks" and not cast.follows_talks(sentence):
                return need
            if need == "truce_talked" and not cast.speaks_of_truce:
                return need
            if need == "open_target" and not any(r == "target" for _, r in parties):
                return need
        return ""

    def _armed(self, tree: Tree, i: int, acting: list[tuple[Party, str]], sentence: Sentence) -> bool:
        """Whether the attack is one by arms: an armed actor, or an armed subject and somebody known who is hit."""
        if any(r == "actor" and p.kind != "person" for p, r in acting):
            return True
        return self._armed_subject(tree, i)

    def _armed_subject(self, tree: Tree, i: int) -> bool:
        """Whether whoever attacks is named by arms alone: gunmen, drones, shelling; or the attack is a noun of arms."""
        if tree[i].is_noun:
            return True
        words = {self._lookup.noun(tree[j].lower) for k in self._roles.subjects(tree, i, []) for j in tree.phrase(k)}
        words |= {tree[j].lower for k in self._roles.subjects(tree, i, []) for j in tree.phrase(k)}
        return bool(words & self._words["armed"])

    def _harmful(self, tree: Tree, i: int) -> bool:
        """Whether a strike is told with what it did: it is the subject of killing, hitting, wounding."""
        token = tree[tree.first_conjunct(i)]
        if token.dep in ("nsubj", "pobj") and tree[token.head].is_verb and token.dep == "nsubj":
            return self._lookup.verb(tree[token.head].lower) in self._words["harm"]
        if token.dep == "pobj":
            verb = tree.clause_verb(token.head)
            return (
                verb is not None
                and tree[token.head].lower in ("in", "by", "after", "during")
                and self._lookup.verb(tree[verb].lower) in self._words["harm"]
            )
        return any(self._lookup.verb(tree[k].lower) in self._words["harm"] for k in tree.children(i, "acl", "relcl"))
