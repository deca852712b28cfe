"""What a response reserves: whether a page may be kept and mined, as its publisher says in machine-readable form.

Read are the robots directives `noarchive`, `nocache`, `noai` and `noml` (X-Robots-Tag headers, `<meta name="robots">`),
as far as they speak to everybody or to this program by name, and the TDM Reservation Protocol (the header
`tdm-reservation`, and the meta element of that name, which goes before the header). Directives about search results
(noindex, nosnippet) and about pictures (noimageai) reserve nothing that is done here. /.well-known/tdmrep.json is not
asked for.
"""

import html
import re
from collections.abc import Iterable, Iterator

KEEPING = frozenset({"noarchive", "nocache"})
MINING = frozenset({"noai", "noml"})
TDM = "tdm-reservation"
_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
"""Directives that have a value after a colon: no user agents."""
_LOOKED_AT = 500_000
"""Bytes of a page within which its meta elements stand."""
_PARTS = re.compile(
    rb"<!--.*?-->|<script\b.*?</script|<style\b.*?</style|<meta\b(?P<meta>[^>]*)>", re.IGNORECASE | re.DOTALL
)
_ATTRIBUTE = re.compile(r"""([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


def reservations(headers: Iterable[tuple[str, str]], body: bytes, product: str) -> tuple[str, ...]:
    """What a response reserves, sorted: among `noarchive`, `nocache`, `noai`, `noml`, `tdm-reservation`.

    `product` is the name by which robots directives may speak to this program alone. Never raises.
    """
    said: set[str] = set()
    tdm = None
    for name, value in headers:
        if name.lower() == "x-robots-tag":
            said |= _for_us(value, product)
        elif name.lower() == TDM:
            tdm = value.strip()
    for name, content in _metas(body):
        if name in ("robots", product.lower()):
            said |= {word.strip() for word in content.lower().split(",")}
        elif name == TDM:
            tdm = content.strip()
    found = said & (KEEPING | MINING)
    return tuple(sorted(found | {TDM} if tdm == "1" else found))


def spoken(found: Iterable[str]) -> str:
    """A sentence for a person about a page that is left alone."""
    return (
        f"The publisher reserves its rights ({', '.join(found)}): the page is neither kept nor read. With its leave,"
        " `obey_reservations = false` in courant.toml."
    )


def _for_us(value: str, product: str) -> set[str]:
    """The directives of one header that speak to all, or to `product`: `otherbot: noarchive, noindex` are another's."""
    agent, found = "", set()
    for piece in value.lower().split(","):
        name, colon, rest = piece.partition(":")
        if colon and name.strip() not in _VALUED:
            agent, piece = name.strip(), rest
        if agent in ("", "*", product.lower()):
            found.add(piece.strip())
    return found


def _metas(body: bytes) -> Iterator[tuple[str, str]]:
    """Names (lower-case) and contents of a page's meta elements, without those in comments and scripts."""
    start = body[:_LOOKED_AT]
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = start.decode("utf-16", "replace").encode()
    for part in _PARTS.finditer(start):
        if part["meta"] is None:
            continue
        said = {
            match[1].lower(): html.unescape(match[2] or match[3] or match[4] or "")
            for match in _ATTRIBUTE.finditer(part["meta"].decode("latin-1"))
        }
        if (name := said.get("name", "").strip().lower()) and "content" in said:
            yield name, said["content"]
