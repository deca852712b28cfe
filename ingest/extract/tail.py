"""An article's lines without what no markup gave away: its opening above the first paragraph, furniture, its foot."""

import re
from collections.abc import Collection, Sequence

from ingest.extract.phrases import BIOGRAPHY, CREDIT, FOOT_HEADING, FURNITURE, OPENING, OTHERS_HEADING, POINTER
from ingest.extract.timestamps import read_timestamp
from ingest.extract.words import key

MAX_FOOT = 0.5
"""Share of the text that a foot may be. What is longer under such a heading is the article going on."""
PROSE_IN_FOOT = 0.15
"""Share of the text that may be whole sentences of some length under a foot heading that is cut with all that
follows."""
_SENTENCE_END = re.compile(r"[.!?。！？؟।…][\"”’»')\]]*$")
_LIFE = re.compile(r",? (?:is|was|has been|covers|writes|reports|works|joined|studied|lives)\b", re.IGNORECASE)
_STATEMENT_END = re.compile(r"[.。।][\"”’»')\]]*$")
_CUT_SHORT = ("...", "…")
_LAST = 5
"""Lines at the end among which credits and biographies are looked for."""
_FIRST = 6
"""Lines at the beginning among which the title, byline and date are looked for."""
_LABEL = 40
"""Code points up to which a line over the byline can be a section or a menu entry."""
_SLUG = re.compile(r"\s?[/|\\•·]\s?|\d")
"""What parts the pieces of an agency's slug: `WORLD / URGENT / AB12`."""
_REPEATED = 60
"""Code points from which a line that stands twice in one article is a copy for another screen size."""


def is_foot_heading(text: str) -> bool:
    """Whether a short text heads something that is not the article: `Related stories`, `Leave a reply`."""
    if not 0 < len(text) <= 80 or _STATEMENT_END.search(text):
        return False
    plain = text.replace("’", "'")
    return bool(FOOT_HEADING.match(plain) or OTHERS_HEADING.match(plain)) and not POINTER.match(text)


def clean_lines(lines: Sequence[str], titles: Collection[str] = (), names: Collection[str] = ()) -> tuple[str, ...]:
    """The paragraphs that are the article's own.

    `titles`: every wording of the headline; `names`: authors. A heading such as `Related stories` at the end takes
    all that follows; in mid-text only the short lines under it that are no sentences.
    """
    kept = [text for text in _once(lines) if not _is_furniture(text)]
    return tuple(_without_credits(_without_foot(_without_opening(kept, titles, names)), names))


def _once(lines: Sequence[str]) -> list[str]:
    seen: set[str] = set()
    out = []
    for text in lines:
        if len(text) >= _REPEATED:
            if text in seen:
                continue
            seen.add(text)
        out.append(text)
    return out


def _is_furniture(text: str) -> bool:
    if len(text) <= 3 and not any(c.isalpha() for c in text):
        return True
    if is_foot_heading(text):
        return False  # it tells what the lines under it are, and goes with them
    return len(text) <= 500 and bool(FURNITURE.match(text) or (POINTER.match(text) and not _STATEMENT_END.search(text)))


def _without_opening(lines: list[str], titles: Collection[str], names: Collection[str]) -> list[str]:
    own = {key(t) for t in titles}
    writers = {key(n) for n in names}
    for index, text in enumerate(lines[:_FIRST]):
        if key(text) in own:
            # What stands over the title is a kicker or a section, unless it is a paragraph.
            if all(len(t) < 60 or OPENING.match(t) for t in lines[:index]):
                lines = lines[index + 1 :]
            else:
                lines = [*lines[:index], *lines[index + 1 :]]
            break
    start = 0
    for index, text in enumerate(lines[: min(_FIRST, len(lines) - 1)]):
        if _is_opening(text, writers):
            start = index + 1
        elif len(text) > _LABEL or _SENTENCE_END.search(text):
            break
    return lines[start:]


def _is_opening(text: str, writers: Collection[str]) -> bool:
    """Whether a line is a byline, a date, a reading time: what stands over it is then no paragraph either."""
    if len(text) > 120 or _SENTENCE_END.search(text):
        return False
    if len(text) <= _LABEL and text.isupper() and _SLUG.search(text):
        return True
    dated = len(text) <= 60 and read_timestamp(text) is not None
    return bool(OPENING.match(text)) or dated or key(text) in writers


def _without_foot(lines: list[str]) -> list[str]:
    total = sum(map(len, lines))
    left = total
    out: list[str] = []
    index = 0
    while index < len(lines):
        text = lines[index]
        left -= len(text)
        index += 1
        if not (out and is_foot_heading(text)):
            out.append(text)
            continue
        goes_on = OTHERS_HEADING.match(text) and index < len(lines) and not _is_teaser(lines[index])
        if not goes_on and _is_foot(lines[index:], left, total):
            break
        while not FURNITURE.match(text) and index < len(lines) and _is_teaser(lines[index]):
            left -= len(lines[index])
            index += 1
    while len(out) > 1 and (is_foot_heading(out[-1]) or (out[-1].endswith(_CUT_SHORT) and len(out[-1]) < 160)):
        out.pop()
    return out


def _without_credits(lines: list[str], names: Collection[str]) -> list[str]:
    writers = {key(n) for n in names}
    end = len(lines)
    first = max(1, end - _LAST)
    last = [text for text in lines[first:] if not (len(text) <= 600 and _is_credit(text, names, writers))]
    return [*lines[:first], *last]


def _is_credit(text: str, names: Collection[str], writers: Collection[str]) -> bool:
    if CREDIT.match(text) or BIOGRAPHY.match(text) or key(text) in writers:
        return True
    about = next((text[len(name) :] for name in names if " " in name and text.startswith(name)), "")
    return bool(_LIFE.match(about))


def _is_foot(rest: Sequence[str], length: int, total: int) -> bool:
    prose = sum(len(t) for t in rest if len(t) >= 160 and _SENTENCE_END.search(t) and not t.endswith(_CUT_SHORT))
    return length <= MAX_FOOT * total and prose <= PROSE_IN_FOOT * total


def _is_teaser(text: str) -> bool:
    return len(text) < 140 and (not _SENTENCE_END.search(text) or text.endswith(_CUT_SHORT))
