"""Bytes of a page to text: which encoding, decided in the order that holds on real sites.

The WHATWG order (https://encoding.spec.whatwg.org/, HTML standard section 13.2.3) is byte order mark, HTTP, `<meta>`,
then detection. One departure: bytes that are valid UTF-8 beyond ASCII are read as UTF-8 whatever the page claims, since
text of another encoding is practically never valid UTF-8 by chance and a wrong default charset in the HTTP header is
common.
"""

import codecs
import re

from charset_normalizer import from_bytes

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]+)", re.I
)
_PRESCAN = 4096
# WHATWG: labels that browsers read as the superset actually in use.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "utf-16": "utf-16-le",
}
# A page whose `<meta>` can be read as ASCII is not UTF-16, whatever the meta says (HTML standard, 13.2.3.2).
_NOT_IN_META = ("utf-16", "utf-32")
# ASCII bytes carry other letters in these: the label must be believed.
_SEVEN_BIT = ("iso2022", "hz", "utf-7", "utf-16", "utf-32")
_DETECT = 20_000


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str | None]:
    """The text of `body`, and a sentence on what was wrong with its declared encoding, or None.

    `content_type` is the HTTP header. Never raises: what no encoding explains is read as windows-1252 with U+FFFD for
    the rest.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace"), None
    http = _codec(found[1]) if content_type and (found := _CHARSET.search(content_type)) else None
    meta = _declared_in(body)
    declared = http or meta
    if not (declared and declared.startswith(_SEVEN_BIT)):
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            wrong = declared and declared != "utf-8" and not body.isascii()
            return text, f"The page says it is {declared} but is UTF-8; it was read as UTF-8." if wrong else None
    for name in dict.fromkeys(filter(None, (http, meta))):
        try:
            return body.decode(name), None
        except UnicodeDecodeError:
            continue
    best = from_bytes(body[:_DETECT]).best()
    guess = _codec(best.encoding) if best else None
    if declared == "utf-8" and (not guess or guess.startswith("utf")):
        return body.decode("utf-8", "replace"), "The page has bytes that are not valid UTF-8; they are shown as U+FFFD."
    name = guess or declared or "cp1252"
    said = (
        f"The page's declared encoding ({declared}) does not fit its bytes"
        if declared
        else "The page declares no encoding"
    )
    return body.decode(name, "replace"), f"{said}; it was read as {name}."


def _declared_in(body: bytes) -> str | None:
    found = _META.search(body[:_PRESCAN])
    if not found:
        return None
    name = _codec((found[1] or found[2]).decode("ascii", "replace"))
    return "utf-8" if name and name.startswith(_NOT_IN_META) else name


def _codec(label: str) -> str | None:
    """The Python codec for a charset label, or None for a label that names no text encoding."""
    try:
        info = codecs.lookup(label.strip())
    except (LookupError, ValueError):
        return None
    if not info._is_text_encoding:
        return None
    return _SUPERSETS.get(info.name, info.name)
