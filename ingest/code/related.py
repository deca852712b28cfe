"""What was agreed, planned or said at a call, a meeting, talks or a visit that the article tells too.

An act belongs to the contact that its sentence tells or takes up ("during the call"), or else to the one told right
before it, where those who act took part in that. A contact that the act came before belongs to nothing.
"""

import re
from collections.abc import Sequence

from ingest.code.article import Article
from ingest.code.merge import Happening, Telling
from ingest.code.sentences import Sentence

CONTACTS = frozenset({"call_held", "meeting_held", "talks_held", "visit_made"})
ACTS = frozenset(
    {
        *("truce_proposed", "truce_accepted", "truce_agreed", "truce_declared", "truce_rejected", "truce_extended"),
        *("proposal_made", "proposal_rejected", "agreement_reached", "agreement_signed"),
        *("call_planned", "meeting_planned", "visit_planned", "talks_planned", "talks_proposed", "talks_rejected"),
        *("release_planned", "prisoners_exchanged", "sanctions_lifted", "sanctions_threatened", "relations_restored"),
        *("aid_pledged", "demand_made", "demand_rejected", "threat_made", "accusation_made"),
    }
)
"""What can be done at a contact."""
_NOT_YET = re.compile(r"\b(?:ahead of|before|prior to|despite|without|instead of|until)\b[^,.;:]{0,60}$", re.IGNORECASE)


def related(article: Article, sentences: Sequence[Sentence], happenings: Sequence[Happening]) -> dict[int, int]:
    """For the numbers of acts, the number of the contact that each belongs to."""
    found = {}
    contacts = [
        (n, h)
        for n, h in enumerate(happenings)
        if h.best.type in CONTACTS and h.best.modality in ("asserted", "unconfirmed")
    ]
    for number, act in enumerate(happenings):
        if act.best.type not in ACTS:
            continue
        fitting = [
            (rank, n) for n, contact in contacts if (rank := _rank(article, sentences, act, contact)) is not None
        ]
        if fitting:
            found[number] = max(fitting, key=lambda f: (f[0], -f[1]))[1]
    return found


def _rank(
    article: Article, sentences: Sequence[Sentence], act: Happening, contact: Happening
) -> tuple[bool, int, bool] | None:
    """How near the two are, the nearest greatest; None where the act does not belong to the contact."""
    who, there = act.best.keys("actor", "party", "target"), contact.best.keys("party", "actor", "target", "host")
    shared = who & there
    if (who and not shared) or not _same_day(act.best, contact.best):
        return None
    own = {t.sentence for t in act.tellings}
    beside = [t for t in contact.tellings if t.sentence in own]
    if any(_comes_before(article, t) for t in beside):
        return None
    if beside:
        return (True, len(shared), contact.best.when is None)
    before = {t.sentence for t in contact.tellings}
    first = act.best.sentence
    if first - 1 not in before or not who or not who <= there:
        return None
    here, last = sentences[first], sentences[first - 1]
    if here.field != last.field or here.paragraph > last.paragraph + 1:
        return None
    return (False, len(shared), contact.best.when is None)


def _same_day(act: Telling, contact: Telling) -> bool:
    """Whether nothing speaks against it: something planned is dated by its own day, not by that of the planning."""
    if act.type.endswith("_planned") or act.when is None or contact.when is None:
        return True
    return not act.when.edtf or not contact.when.edtf or act.when.edtf == contact.when.edtf


def _comes_before(article: Article, contact: Telling) -> bool:
    """Whether the words say that the contact was still to come, or did not count: "ahead of the call"."""
    source, start = article.field(contact.field), contact.trigger[0]
    return bool(_NOT_YET.search(source[max(0, start - 80) : start]))
