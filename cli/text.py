"""Text from outside, made harmless for where it goes.

A title can hold an escape sequence that rewrites a terminal, a link that runs against the reading direction, or a
formula that a spreadsheet would run. What is cut here is cut from what is shown, never from what is stored.
"""

import re

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\)"  # OSC, DCS, SOS, PM, APC: titles, links, the clipboard
    r"|\x1b[ -/]*[0-~]",  # two-character escapes, and strings that never end
    re.DOTALL,
)
"""ECMA-48 control sequences and strings, whole, so that no tail of them is left standing as text. The one-character
forms (C1) go by `_CONTROLS`, without what follows: in text they are most often a quotation mark, wrongly decoded."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the reading direction (Unicode UAX #9): what is shown is no longer what is stored."""
_SPACE = re.compile(r"[\t\r\n\u2028\u2029\u0085]+")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|])")
_JSON_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def one_line(text: str) -> str:
    """For a line on a terminal: no escape sequence, control character or line break in it."""
    return _SPACE.sub(" ", several_lines(text)).strip()


def several_lines(text: str) -> str:
    """For a terminal: line breaks and tabs stay, everything else that could steer it goes."""
    return _CONTROLS.sub("", _BIDI.sub("", _ESCAPES.sub("", _line_feeds(text))))


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def csv_cell(text: str) -> str:
    """For a CSV cell: controls cut, and an apostrophe before what a spreadsheet would take for a formula.

    After OWASP, "CSV Injection". A text that is a plain number is none and stays. Line breaks become line feeds.
    """
    clean = _CONTROLS.sub("", _ESCAPES.sub("", _line_feeds(text)))
    return f"'{clean}" if clean.startswith(_FORMULA) and not _NUMBER.fullmatch(clean) else clean


def markdown_cell(text: str) -> str:
    """For a cell of a Markdown table: one line, and no character of it marks anything up."""
    return _MARKDOWN.sub(r"\\\1", one_line(text))


def json_text(document: str) -> str:
    """A JSON document in which what could steer a terminal, or is no UTF-8, stands as an escape: the same values."""
    return _JSON_UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", document)
