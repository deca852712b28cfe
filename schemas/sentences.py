"""A sentence splitter for identities. It is part of `claim_id`, so it never changes; a coder may split as it likes."""

import re

_END = re.compile(r"[.!?][\"”’')\]]*\s+(?=[\"“‘'(\[]?[A-Z0-9])|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gen|Lt|Col|Gov|St|No|vs|Prof|Sgt|Maj|Capt|Rev|Hon)|\b[A-Z])\.$"
)


def sentence_around(text: str, start: int, end: int) -> str:
    """The whole sentence(s) of `text` that hold the code points from `start` to `end`, stripped."""
    left, right = 0, len(text)
    for match in _END.finditer(text):
        if "\n" not in match[0] and _ABBREVIATION.search(text, max(0, match.start() - 6), match.start() + 1):
            continue
        if match.end() <= start:
            left = match.end()
        elif match.start() >= end - 1:
            right = match.end()
            break
    return text[left:right].strip()
