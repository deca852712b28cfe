"""`courant code --explain`: what a coder read in an article, and why a trigger yielded nothing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cli.text import one_line
from ingest.code.proposals import PREFIX

if TYPE_CHECKING:
    from ingest.code.article import Article
    from ingest.code.coder import Reading
    from ingest.code.match import Trial
    from ingest.code.merge import Happening
    from ingest.code.tree import Tree


def explanation(article: "Article", reading: "Reading") -> str:
    """The reading told to a person: `+` before what fired, `-` before what did not, with the reason; at the end `=`
    before each event, `x` before what the judge leaves out."""
    return "\n".join(one_line(line) if line else "" for line in _lines(article, reading))


def _lines(article: "Article", reading: "Reading") -> Iterator[str]:
    yield f"== {article.id}: {article.title}"
    if reading.skipped:
        yield f"not coded: {reading.skipped}"
    elif not reading.parsed:
        yield "no sentence holds a word that an event is told with, or the article is about something else"
    for number, tree in reading.parsed:
        sentence = reading.sentences[number]
        yield f"{sentence.field} {sentence.start}-{sentence.end}: {sentence.text}"
        tried = [trial for n, trial in reading.trials if n == number]
        for trial in tried:
            yield _told(trial, tree)
        if not tried:
            yield "- no frame has a trigger here"
    for verdict in reading.verdicts:
        sign, why = ("=", "") if verdict.left_out is None else ("x", f", {verdict.left_out}")
        yield f"{sign} {_shown(verdict.happening)}: the judge gives it {verdict.likely:.2f}{why}"
    for happening in reading.happenings if not reading.verdicts else ():
        yield f"= {_shown(happening)}"


def _shown(happening: "Happening") -> str:
    best = happening.best
    mentions = f", told {len(happening.tellings)} times" if len(happening.tellings) > 1 else ""
    return f"{best.type} ({best.field} {best.start}-{best.end}{mentions})"


def _told(trial: "Trial", tree: "Tree") -> str:
    word = tree[trial.trigger].text
    if trial.match is None:
        return f'- "{word}" by {trial.frame.id}: {trial.reason}'
    who = ", ".join(f"{party.name} as {role}" for party, role in trial.match.parties) or "nobody named"
    why = f" ({trial.reason})" if trial.frame.id.startswith(PREFIX) else ""
    return f'+ "{word}" by {trial.frame.id}: {trial.match.type}, {who}{why}'
