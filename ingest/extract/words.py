"""Text as it is stored: NFC, one space between words, nothing invisible."""

import re
import unicodedata
from html import unescape

# Soft hyphens and zero-width marks cut words in two for every later stage; the zero-width joiners U+200C and U+200D
# stay, because Persian and Indic spelling needs them. Lone surrogates cannot be stored; bidi overrides can fake what
# is read.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_NOT_LETTERS = re.compile(r"[\W_]+")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")


def line(text: str) -> str:
    """`text` in NFC on one line: white space runs made one space, controls and invisible characters out."""
    cleaned = _CONTROL.sub("", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", " ".join(cleaned.split()))


def plain(text: str) -> str:
    """One line of metadata: character references resolved (also doubled ones) and tags out."""
    for _ in range(2):
        if "&" not in text:
            break
        text = unescape(text)
    return line(_TAG.sub("", text) if "<" in text else text)


def key(text: str) -> str:
    """Letters and digits of `text`, case folded: what two spellings of one headline or name have in common."""
    return _NOT_LETTERS.sub("", text.casefold())
