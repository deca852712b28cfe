"""Sentences with their places, ready for the parser: datelines, captions and shouted headlines taken off."""

import re
from dataclasses import dataclass
from typing import Literal

from ingest.code.article import Article, TextField
from ingest.code.body import body_lines

_END = re.compile(
    r"""[.!?][\"”’')\]]*\s+(?=[\"“‘'(\[]?[A-Z0-9À-Þ])   # the usual end
      | [.!?](?=[“‘][A-Z])                              # a quotation follows without a space
      | [.!?][”\"](?=[A-Z])
      | [.!?](?<=[a-z][.!?])(?=[A-Z][a-z])              # paragraphs joined without a space
      | ;\s+                                            # as independent as sentences are
    """,
    re.X,
)
_ABBREVIATION = re.compile(
    r"""(?:\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gen|Lt|Col|Gov|St|No|vs|Prof|Sgt|Maj|Capt|Rev|Hon|Adm|Amb|Brig|Cmdr|Supt|Pres|Sec|Dept
        |Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Inc|Ltd|Co|Corp|Jr|Sr|Ft|Mt|al|est|approx)|\b[A-Z]|\b[ap]\.m|\b[A-Z]\.[A-Z])\.$""",
    re.X,
)
_STARTER = re.compile(
    r"[\"“‘'(\[]?(?:The|A|An|In|On|At|But|And|It|He|She|They|We|This|That|His|Her|Their|Its|After|For|If|As|However)\b"
)
_DAY_OF_MONTH = r"\d{1,2}(?:st|nd|rd|th)?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DATE = rf"(?:{_MONTH}\s+{_DAY_OF_MONTH}|{_DAY_OF_MONTH}\s+{_MONTH})(?:,?\s+\d{{4}})?"
_CITY = r"(?=[A-ZÀ-Þ]{3})[A-ZÀ-Þ.'’-]{3,}(?:\ ?/?\ ?[A-ZÀ-Þ][A-ZÀ-Þ.'’-]+){0,3}"
_REGION = r"(?:,\s[A-ZÀ-Þ][\w.]+(?:\s(?:del?\s|of\s)?[A-ZÀ-Þ][\w.]+)?)"
_AGENCY = r"(?:/[^/\n]{2,30}/|\([A-Z][^)\n]{1,40}\)|,\s[A-Z]{2,6}\b)"
_DATELINE = re.compile(
    rf"""^(?:[A-ZÀ-Þ][\w'’./-]*[\ ,]+){{1,6}}
        (?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s+\d{{1,2}}(?:,\s*\d{{4}})?\s*[.,]?\s*
             (?:/[A-Z]+/\.|\([^)]{{2,40}}\))\s*(?:[-–—]+\s*)?
          |\([^)]{{2,40}}\)\s*[-–—]+\s*)
      | ^(?:[A-ZÀ-Þ][A-ZÀ-Þ.'’-]+[\ ,]*){{1,4}}(?:,\s[A-Z][\w.]+)?\s*(?:\([^)]{{2,40}}\))?\s*[–—-]{{1,2}}\s+(?=[A-Z“\"])
      | ^{_CITY}{_REGION}?(?:[.,]\s+{_DATE})?[.,]?\s*(?:{_AGENCY}\s*)?(?:[-–—]{{1,3}}\s*|[.:]\s+)(?=[A-ZÀ-Þ0-9“"‘'])
      | ^{_CITY}\s\([A-Z][^)\n]{{2,40}}\)\s+(?=[A-ZÀ-Þ“"‘'])
      | ^[A-ZÀ-Þ]\w+(?:\s[A-ZÀ-Þ]\w+){{0,2}}{_REGION}?,\s+{_DATE}\s*{_AGENCY}?\s*[-–—]{{1,3}}\s*(?=[A-ZÀ-Þ0-9“"‘'])""",
    re.X,
)
_CAPTION_CREDIT = re.compile(
    r"""(?ix)[(\[](?:photo|image|credit|picture|illustration|file|courtesy|ap\sphoto|ap/|afp|reuters/|getty
        |photo\scredit|via\s)[^)\]]{0,120}(?:\([^)]*\)[^)\]]{0,80})?[)\]]"""
)
_SHOUT = re.compile(r"(?:\b[A-Z][A-Z0-9'’.,:&-]*(?:\s+|$)){5,}")
_FURNITURE = re.compile(
    r"(?i)^\W*(?:click|tap|sign up|subscribe|read more|watch|listen|advertisement|already a subscriber|log in"
    r"|please (?:enable|log|sign)|to view this|thank you for|all rights reserved|copyright)\b"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the title or the text: code points from `start` to `end`; `text` is exactly what stands there."""

    field: TextField
    start: int
    end: int
    text: str
    paragraph: int


def dateline(text: str) -> tuple[int, int] | None:
    """Where the dateline of an agency's report stands ("YEREVAN, May 21. /AGENCY/."), if the text has one."""
    for start, end in body_lines(text):
        found = _DATELINE.match(text[start:end])
        if found:
            return start, start + found.end()
    return None


def split(article: Article) -> list[Sentence]:
    """The sentences of the title and of the article's own body, in reading order, captions and page furniture left
    out."""
    found: list[Sentence] = []
    if article.title.strip():
        start = len(article.title) - len(article.title.lstrip())
        end = len(article.title.rstrip())
        found.append(Sentence("title", start, end, article.title[start:end], -1))
    for number, (start, end) in enumerate(body_lines(article.text)):
        found.extend(_paragraph("text", article.text, start, end, number))
    return found


def _paragraph(field: Literal["title", "text"], text: str, start: int, end: int, number: int) -> list[Sentence]:
    found: list[Sentence] = []
    at = start
    dateline = _DATELINE.match(text[start:end])
    if dateline:
        at = start + dateline.end()
    for left, right in _bounds(text, at, end):
        for a, b in _without_captions(text, left, right):
            piece = text[a:b]
            a += len(piece) - len(piece.lstrip())
            piece = piece.strip()
            if len(piece) > 2 and not _FURNITURE.match(piece):
                found.append(Sentence(field, a, a + len(piece), piece, number))
    return found


def _bounds(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found, left = [], start
    for match in _END.finditer(text, start, end):
        before = text[max(left, match.start() - 10) : match.start() + 1]
        if text[match.start()] == "." and _ABBREVIATION.search(before):
            single = re.search(r"\b[A-Z]\.$|[ap]\.m\.$", before)
            if not (single and _STARTER.match(text, match.end())):
                continue
        found.append((left, match.end()))
        left = match.end()
    found.append((left, end))
    return [(a, b) for a, b in found if b > a]


def _without_captions(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The parts of a sentence that are neither a caption (all that stands before a photo credit) nor a shouted
    headline."""
    at = start
    for credit in _CAPTION_CREDIT.finditer(text, start, end):
        at = credit.end()
    found, left = [], at
    for shout in _SHOUT.finditer(text, at, end):
        found.append((left, shout.start()))
        left = shout.end()
    found.append((left, end))
    return [(a, b) for a, b in found if len(text[a:b].split()) > 1 or (a, b) == (start, end)]
