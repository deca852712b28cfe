"""How a noun tells its happening: "last week's talks", "no call", "hopes of a summit", "before the talks resume"."""

from dataclasses import replace

from ingest.code.factuality import Telling, VerbFactuality
from ingest.code.tree import Tree


class Factuality(VerbFactuality):
    """Tells how verbs and nouns of a tree are told; a noun by its modifiers and by what governs it."""

    def of_noun(self, tree: Tree, noun: int, headline: bool = False) -> Telling:
        """How the happening that `noun` names is told. `weak` where it is only mentioned, with nothing told of it."""
        modifiers = self._modifiers(tree, noun)
        determiners = {tree[k].lower for k in tree.children(noun, "det")}
        if determiners & {"no", "neither"}:
            return Telling(time="possible", negated=True, why="no")
        if determiners & {"any", "every", "each", "either"} or modifiers & (
            self._words["possible_modifiers"] - {"such", "future"}
        ):
            return Telling(time="possible", why="any")
        telling = self._noun_in_clause(tree, noun, headline, modifiers)
        indefinite = not determiners & {"the", "this", "these", "those", "that"} and not tree.children(noun, "poss")
        if (
            telling.time == "held"
            and telling.weak
            and indefinite
            and not modifiers & self._words["held_modifiers"]
            and "weakdef" not in telling.why
        ):
            telling = replace(telling, weak=True)
        if telling.time == "possible" and modifiers & {"next", "upcoming", "forthcoming"} and "of" in telling.why:
            return Telling(time="planned", speakers=telling.speakers, why="the next one")
        if telling.time == "held" and modifiers & (
            self._words["planned_modifiers"] - {"new", "another", "more", "further", "additional", "immediate"}
        ):
            return replace(telling, time="planned", weak=False, why="modifier")
        if telling.time == "held" and telling.weak and modifiers & {"further", "new", "more", "another", "additional"}:
            return replace(telling, time="planned", why="modifier")
        return telling

    def _modifiers(self, tree: Tree, noun: int) -> set[str]:
        found = {tree[k].lower for k in tree.children(noun, "amod", "compound", "nmod", "nummod", "npadvmod", "advmod")}
        for p in tree.children(noun, "poss", "amod", "compound", "npadvmod"):
            found.update(tree[k].lower for k in tree.subtree(p))
        return found

    def _noun_in_clause(self, tree: Tree, noun: int, headline: bool, modifiers: set[str]) -> Telling:
        token = tree[tree.first_conjunct(noun)]
        dep = token.dep
        above = token.head
        governor = tree[above]
        verb = self._lookup.verb(governor.lower)
        if dep == "ROOT":
            return Telling(weak=True, why="no verb")
        if dep in (
            "nsubj",
            "nsubjpass",
            "dobj",
            "attr",
            "npadvmod",
            "dative",
            "oprd",
            "advcl",
            "dep",
            "ccomp",
            "conj",
        ) and (governor.is_verb or governor.tag == "MD"):
            telling = self.of_verb(tree, above, headline)
            if dep in ("nsubj", "nsubjpass"):
                settled = [
                    k
                    for k in tree.children(above, "acomp", "oprd")
                    if tree[k].lower in self._words["commit_adjectives"]
                ]
                if settled and telling.time == "held":
                    return replace(telling, time="planned", why=tree[settled[0]].text)
                if dep == "nsubj" and verb not in self._words["happen"]:
                    return Telling(
                        time="held", weak=True, speakers=telling.speakers, why=f"subject of {governor.text!r}"
                    )
                if (
                    dep == "nsubjpass"
                    and verb in self._words["commit"] | {"schedule", "plan", "announce"}
                    and telling.time == "held"
                ):
                    return replace(telling, time="planned", why=f"{governor.text!r}")
                if verb in (
                    "be",
                    "have",
                    "fail",
                    "yield",
                    "produce",
                    "remain",
                    "appear",
                    "show",
                    "stay",
                    "mark",
                    "cover",
                    "touch",
                    "revolve",
                    "center",
                    "focus",
                    "aim",
                    "deal",
                    "follow",
                    "bring",
                    "come",
                ):
                    return replace(telling, weak=telling.time == "held", negated=False)
                return telling
            if dep == "dobj" and verb in self._words["contain"] and verb not in self._words["doing"]:
                return Telling(time="possible", weak=True, why=f"object of {governor.text!r}")
            if dep == "dobj" and verb in self._words["doing"]:
                return telling
            if dep == "dobj" and verb in self._words["presuppose"]:
                return replace(telling, weak=telling.time == "held")
            if (
                dep == "dobj"
                and verb in self._words["commit"]
                and telling.time == "held"
                and verb in ("plan", "schedule", "arrange", "announce", "agree", "prepare")
            ):
                return replace(telling, time="planned", why=governor.text)
            if dep == "dobj" and verb in self._words["wish"]:
                return Telling(time="possible", why=f"object of {governor.text!r}")
            if dep == "attr":
                return replace(telling, weak=True)
            return (
                replace(telling, weak=True, why=f"object of {governor.text!r}") if telling.time == "held" else telling
            )
        if dep in ("pobj", "pcomp"):
            new = any(tree[k].lower in ("a", "an", "another") for k in tree.children(noun, "det"))
            return self._noun_after_preposition(tree, above, headline, new)
        if dep in ("compound", "poss", "amod", "nmod"):
            return Telling(weak=True, time="held", why="modifier")
        if dep == "appos":
            return replace(self._noun_in_clause(tree, above, headline, modifiers), weak=True)
        return Telling(weak=True, why=dep)

    def _called_home(self, tree: Tree, prep: int) -> bool:
        """Whether an envoy goes home "for consultations", which are with one's own government."""
        return any(tree[k].lower in ("consultation", "consultations") for k in tree.children(prep, "pobj"))

    def _noun_after_preposition(self, tree: Tree, prep: int, headline: bool, indefinite: bool = False) -> Telling:
        word = tree[prep].lower
        host = tree[prep].head
        while tree[host].tag in ("IN", "TO") and tree[host].head != host:
            word, host = tree[host].lower if tree[host].lower != "because" else word, tree[host].head
        governor = tree[host]
        if governor.is_verb or governor.tag in ("JJ", "RB", "MD"):
            clause = tree.clause_verb(host)
            telling = self.of_verb(tree, clause, headline) if clause is not None else Telling()
            lemma = self._lookup.verb(governor.lower)
            nearly = word == "of" and "ahead" in (tree[prep].lower, tree[tree[prep].head].lower)
            if (word in ("before", "ahead") or nearly) and indefinite and telling.time in ("held", "planned"):
                return replace(telling, time="planned", weak=False, why=f"{word} one that is new")
            if word in self._words["planned_prepositions"] or (
                word == "of" and "ahead" in (tree[prep].lower, tree[tree[prep].head].lower)
            ):
                return replace(telling, time="planned" if telling.time == "planned" else "held", weak=True, why=word)
            if word == "since":
                return Telling(time="possible", weak=True, why="since")
            if word in ("after", "following", "amid", "despite", "during", "throughout", "at", "in", "within"):
                if word in ("at", "in", "during") and telling.time != "held":
                    return replace(telling, weak=True)
                strong = word in ("after", "following", "during", "at", "in")
                return Telling(time="held", speakers=telling.speakers, weak=not strong, why=word)
            if lemma in self._words["doing"] and telling.time == "held":
                return telling
            if lemma == "commit" and word == "to":
                return Telling(time="possible", weak=True, speakers=telling.speakers, why=f"{governor.text!r} to")
            if lemma == "agree" and word in ("to", "on"):
                return replace(telling, time="planned" if telling.time == "held" else telling.time, why=governor.text)
            if word in ("for", "to", "toward", "towards", "without", "against", "about", "of", "into"):
                if (
                    word == "for"
                    and telling.time == "held"
                    and lemma in ("leave", "depart", "head", "fly", "travel", "go")
                ):
                    return replace(telling, time="planned", weak=False, why=f"{governor.text!r} for")
                if telling.time in ("held", "planned") and lemma in (
                    "send",
                    "dispatch",
                    "head",
                    "travel",
                    "fly",
                    "depart",
                ):
                    return replace(telling, time="planned", weak=False, why=f"{governor.text!r} {word}")
                if word == "for" and (
                    lemma in ("recall", "summon", "call", "withdraw") or self._called_home(tree, prep)
                ):
                    return Telling(time="possible", why="home for consultations")
                if word in ("for",) and lemma in (
                    "stop",
                    "land",
                    "gather",
                    "meet",
                    "arrive",
                    "travel",
                    "convene",
                    "fly",
                    "assemble",
                    "return",
                    "head",
                    "visit",
                ):
                    return replace(telling, weak=False)
                return Telling(
                    time="possible" if word not in ("about", "of") else "held",
                    weak=True,
                    speakers=telling.speakers,
                    why=f"{governor.text!r} {word}",
                )
            return replace(telling, weak=True)
        if governor.is_noun or governor.tag in ("CD", "DT", "PRP"):
            noun = self._lookup.noun(governor.lower)
            if word in ("before", "ahead") and indefinite:
                return Telling(time="planned", why=f"{word} one that is new")
            if word == "since":
                return Telling(time="possible", weak=True, why="since")
            if word in ("after", "following", "during", "at", "in", "despite", "amid", "throughout"):
                return Telling(time="held", weak=word not in ("after", "following", "during"), why=word)
            if word == "of" and noun in ("date", "time", "timing", "venue", "schedule", "location"):
                return Telling(time="planned", why=f"{governor.text!r} of")
            if word in ("on", "about", "between", "with", "from") or noun in self._words["presuppose_nouns"]:
                inherited = (
                    self.of_noun(tree, host, headline)
                    if noun
                    in (
                        "round",
                        "day",
                        "week",
                        "hour",
                        "series",
                        "session",
                        "phase",
                        "set",
                        "resumption",
                        "start",
                        "restart",
                        "continuation",
                    )
                    else None
                )
                if inherited is not None:
                    return inherited
                return Telling(time="held", weak=True, why=f"{governor.text!r} {word}")
            return Telling(time="possible", weak=True, why=f"{governor.text!r} {word}")
        return Telling(weak=True, why=word)
