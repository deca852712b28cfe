"""Which encoding a feed is in, whatever it says.

The order is that of RFC 7303 (XML media types), section 3: byte order mark, charset of the HTTP header, XML
declaration, UTF-8. Beyond it: labels mean what browsers take them to mean (WHATWG Encoding, section 4.2: ISO-8859-1 is
windows-1252, GB2312 is GB18030 …), and text that is valid UTF-8 is UTF-8 even where it claims a one-byte encoding.
"""

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF8, "utf-8"),
)
# XML 1.0, appendix F: how "<?xm" or "<" looks in encodings that are no superset of ASCII.
_SNIFFED = (
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0<", "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
# Text codecs of Python that are no character encodings; some take square time.
_NEVER = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "mbcs", "oem"})
_ONE_BYTE = re.compile(r"ascii|iso8859|cp125|cp437|cp85|cp866|cp874|mac-|latin|koi8|tis-620|hp-roman")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
_DECLARED = re.compile(r"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:+-]{1,40})[\"']")
_DECLARATION = re.compile(r"^[\s\ufeff\0]*<\?xml\s[^>]{0,400}\?>|^[\s\ufeff\0]+")
_FORBIDDEN = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A document as text, without its XML declaration, and what was wrong with the encoding that it claims."""

    text: str
    problem: str | None = None


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Decode a document. Never raises: what no encoding explains becomes U+FFFD."""
    bom = next(((mark, name) for mark, name in _BOMS if body.startswith(mark)), None)
    if bom is not None:
        text = body[len(bom[0]) :].decode(bom[1], "replace")
        return Decoded(_readable(text))
    sniffed = next((name for start, name in _SNIFFED if body.startswith(start)), None)
    head = body[:1024].decode(sniffed or "latin-1", "replace")
    labels = [match[1] for match in (_CHARSET.search(content_type or ""), _DECLARED.match(head)) if match]
    if sniffed and sniffed.startswith("utf-"):
        labels = []  # a label that could be read tells nothing that the bytes do not
    claimed = [name for name in map(_codec, labels) if name]
    text, used, problem = _fitting(body, claimed, sniffed)
    if problem is None and labels and used not in claimed[:1]:
        problem = f"The feed says that it is encoded as {labels[0]}, but it is {_spoken(used)}."
    return Decoded(_readable(text), problem)


def _readable(text: str) -> str:
    """Without what keeps an XML parser from starting: the declaration, all before it, characters that XML forbids."""
    return _FORBIDDEN.sub("", _DECLARATION.sub("", text, count=1))


def _fitting(body: bytes, claimed: list[str], sniffed: str | None) -> tuple[str, str, str | None]:
    """The text, the encoding that gave it, and what is wrong with the bytes."""
    order = [*claimed, *([sniffed] if sniffed else []), "utf-8"]
    if claimed and _ONE_BYTE.search(claimed[0]) and not body.isascii():
        # Real text in a one-byte encoding is valid UTF-8 only by a chance that shrinks with every accented letter.
        order.insert(0, "utf-8")
    for name in dict.fromkeys(order):
        try:
            return body.decode(name), name, None
        except UnicodeDecodeError:
            continue
    if spoilt := _nearly_utf8(body):
        return spoilt, "utf-8", "The feed holds bytes that are not valid utf-8; they were replaced."
    return body.decode("cp1252", "replace"), "cp1252", None


def _nearly_utf8(body: bytes) -> str | None:
    """UTF-8 that was cut within a character or spliced carelessly, told from other encodings by its good characters."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return text if good > 4 * bad else None


def _codec(label: str) -> str | None:
    """Python's name of what a label means, or None for what is no character encoding."""
    try:
        name = codecs.lookup(label).name
        b"a".decode(name)  # LookupError as well for codecs that do not give text, such as zip
    except LookupError:
        return None
    except UnicodeError:
        pass
    return None if name in _NEVER else _MEANT.get(name, name)


def _spoken(name: str) -> str:
    return name.replace("cp125", "windows-125")
