"""Which parts of a text are the article: the foot of the page, teasers of other articles and captions are not.

Extraction usually cuts these off; where it does not (and in raw page text), headlines of other articles would be coded
as this one's events. The signs are those of language and layout, not of any site: lines too short and unpunctuated to
be prose, teasers that break off in an ellipsis, the standing words of comment forms, share bars and subscription boxes.
"""

import re
from dataclasses import dataclass

_CUE = re.compile(
    r"""(?ix)^\W*(?:
      leave \s a \s (?:reply|comment) | (?:post|add|write|submit) \s a \s comment | \d*\s*comments? (?:\s\(\d+\))?
    | join \s the \s (?:conversation|discussion)
    | (?:share|tweet|print|email|e-mail|save) (?:\s (?:this|post|article|story|on|via))*
      (?:\s (?:post|article|story|facebook|twitter|x|whatsapp|linkedin))? \s*:?
    | (?:sign \s up|subscribe|newsletters?|already \s a \s subscriber|log \s in|sign \s in|register|follow \s us
        |download \s (?:our|the) \s app) \b .{0,80}
    | (?:more|also|read|see|watch|recommended|related|trending|popular|latest|top|most|you \s (?:may|might))
      (?:\s (?:also|like|this|read|viewed|popular|more|on|in|from|for|you|stories|story|news|articles?|posts?|topics?
        |content|coverage|headlines|related|recommended|interested|be|shared|commented|the|author))* \s*:?
    | (?:tags?|topics?|filed \s under|categories|keywords) \s* (?::.*)?
    | (?:about \s the \s author|editors?'?\s picks?|what \s to \s read \s next|up \s next|don'?t \s miss|advertisement
        |sponsored .{0,30}|promoted .{0,30}|spot_?img.*)
    | (?:©|copyright \b|all \s rights \s reserved|terms \s of \s (?:use|service)|privacy \s policy) .*
    | please \s (?:enter|log|sign|enable|subscribe) \b .*
    )\W*$"""
)
_INLINE_TEASER = re.compile(
    r"(?ix)^\W*(?:related|read\s(?:more|also|next)|see\salso|also\sread|more\s(?:on\sthis|from|coverage)|watch|listen"
    r"|recommended)\s*(?::|\||—|–|>)\s*\S"
)
_PROSE_END = re.compile(r"[.!?][\"”’')\]]*$")
_ELLIPSIS = re.compile(r"(?:\.\.\.|…|\[\.\.\.\]|\[…\])[\"”’')\]]*$")
_LINE = re.compile(r"[^\n\r]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text: its code points, and what it looks like."""

    start: int
    end: int
    text: str

    @property
    def is_cue(self) -> bool:
        """A standing phrase of page furniture."""
        return len(self.text) <= 120 and bool(_CUE.match(self.text))

    @property
    def is_teaser(self) -> bool:
        """It breaks off in an ellipsis, or says that it points to another story."""
        return bool(_ELLIPSIS.search(self.text)) or (len(self.text) < 200 and bool(_INLINE_TEASER.match(self.text)))

    @property
    def is_prose(self) -> bool:
        """It ends as a sentence ends, and is long enough to be one."""
        return bool(_PROSE_END.search(self.text)) and not self.is_teaser and len(self.text.split()) >= 8


def body_lines(text: str) -> list[tuple[int, int]]:
    """The code-point ranges of the lines of `text` that belong to the article itself, in order.

    A text in one piece has no layout to judge by and is returned whole.
    """
    lines = [
        Line(m.start() + len(m[0]) - len(m[0].lstrip()), m.start() + len(m[0].rstrip()), m[0].strip())
        for m in _LINE.finditer(text)
        if m[0].strip()
    ]
    if len(lines) < 2:
        return [(line.start, line.end) for line in lines]
    kept = lines[: _foot(lines)]
    found: list[tuple[int, int]] = []
    for i, line in enumerate(kept):
        headline_of_teaser = not line.is_prose and i + 1 < len(kept) and bool(_ELLIPSIS.search(kept[i + 1].text))
        if not (line.is_cue or line.is_teaser or headline_of_teaser):
            found.append((line.start, line.end))
    return found


def _foot(lines: list[Line]) -> int:
    """The number of the first line of the page foot; `len(lines)` where there is none."""
    prose_before = 0
    for i, line in enumerate(lines):
        rest = lines[i + 1 :]
        if line.is_cue and prose_before and sum(r.is_prose for r in rest) <= 0.34 * len(rest):
            return i
        prose_before += line.is_prose
    # No cue: a closing run of headlines and broken-off teasers.
    last = max((i for i, line in enumerate(lines) if line.is_prose), default=len(lines) - 1)
    tail = lines[last + 1 :]
    return last + 1 if len(tail) >= 2 and last + 1 < len(lines) else len(lines)
