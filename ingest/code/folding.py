"""Fold a text for look-up, code point by code point, so that offsets into the folded text are offsets into the text."""

import sys
import unicodedata
from functools import cache

_PLAIN = {
    **dict.fromkeys("‘’‚‛ʻʼʾʿˈ`´′", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‐‑‒–—−", "-"),
    **dict.fromkeys("\u00a0\u2009\u202f\u2007\u2002\u2003\u200a\t", " "),
    **dict(zip("øØłŁđĐıðəƏ", "oOlLdDidaA", strict=True)),
}


@cache
def _table() -> dict[int, str]:
    table = {ord(char): plain for char, plain in _PLAIN.items()}
    for point in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = "".join(c for c in unicodedata.normalize("NFKD", chr(point)) if not unicodedata.combining(c))
        if len(base) == 1 and base.isascii() and base.isalpha():
            table.setdefault(point, sys.intern(base))
    return table


def fold(text: str) -> str:
    """`text` without accents and typographic variants of quotes, dashes and spaces. Its length never changes."""
    return text if text.isascii() else text.translate(_table())
