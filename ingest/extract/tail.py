"""What is left after an article's last paragraph, cut from its text: the foot that no markup gave away."""

import re
from collections.abc import Sequence

from ingest.extract.clutter import is_foot_heading

_SENTENCE_END = re.compile(r"[.!?。！？؟।…][\"”’»')\]]*$")
_FURNITURE = re.compile(
    r"^\W*(?:please enter (?:your|a valid) .{0,60}|your (?:email|e-mail) address will not be published.{0,60}|required fields are marked.{0,10}|"
    r"save my name,? .{0,120}|notify me of .{0,60}|(?:log|sign) ?in to (?:comment|reply|leave a comment).{0,30}|you must be logged in.{0,40}|"
    r"(?:click|tap) here to .{0,80}|(?:subscribe|sign up) (?:to|for) .{0,120}|(?:follow|like|join) us on .{0,100}|follow .{0,60} on (?:twitter|x|facebook|instagram|telegram|whatsapp).{0,60}|"
    r"(?:advertisement|advertising|anzeige|publicité|publicidad|werbung|annonse|reklama)|(?:copy|print|email|save|share|tweet|facebook|twitter|whatsapp|telegram|linkedin|reddit|pinterest)(?: (?:link|this|article))?|"
    r"copyright\b.{0,160}|©.{0,160}|\(c\) \d{4}.{0,120}|all rights reserved.{0,40}|alle rechte vorbehalten.{0,40}|"
    r"we use cookies.{0,200}|this (?:site|website) uses cookies.{0,200}|by (?:clicking|continuing|signing|subscribing|submitting) .{0,200}|"
    r"\d+ (?:comments?|shares?|min(?:ute)?s? read)|(?:no|view|show|hide|load(?: more)?) comments?|"
    r"(?:read|see|show|load|view) (?:more|full story|the full (?:story|article)|all).{0,20}|continue reading.{0,40}|"
    r"(?:get|download) (?:the|our) .{0,40} app.{0,60}|have (?:a|any) (?:tip|story|news tip|question).{0,120}|"
    r"(?:spot_img)+|back to top|skip to .{0,30}|javascript .{0,100}|loading\.*)\W*$",
    re.IGNORECASE,
)
MAX_FOOT = 0.4
"""Share of the text that a foot may be. What is longer under such a heading is the article going on."""


def without_foot(lines: Sequence[str]) -> tuple[str, ...]:
    """The paragraphs of an article without furniture lines, and without what follows a foot heading at its end.

    A heading such as `Related stories` in mid-text takes only the short lines directly under it that are no sentences.
    """
    kept = [text for text in lines if not _FURNITURE.match(text)]
    total = sum(map(len, kept))
    out: list[str] = []
    left = total
    index = 0
    while index < len(kept):
        text = kept[index]
        if out and is_foot_heading(text):
            rest = kept[index + 1 :]
            if _is_foot(rest, left - len(text), total):
                break
            index += 1
            while index < len(kept) and _is_teaser(kept[index]):
                index += 1
            left = sum(map(len, kept[index:]))
            continue
        out.append(text)
        left -= len(text)
        index += 1
    return tuple(out)


def _is_foot(rest: Sequence[str], length: int, total: int) -> bool:
    prose = sum(
        len(text)
        for text in rest
        if len(text) >= 160 and _SENTENCE_END.search(text) and not text.endswith(("...", "…"))
    )
    return length <= MAX_FOOT * total and prose <= 0.15 * total


def _is_teaser(text: str) -> bool:
    return len(text) < 140 and (not _SENTENCE_END.search(text) or text.endswith(("...", "…")))
