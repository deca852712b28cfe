"""feedparser's two parsers, held within bounds.

`feedparser.parse` has no limits: a megabyte of categories, of namespaces or of attributes in one tag keeps it busy for
minutes, and entities blow a hundred kilobytes up to hundreds of megabytes. This module runs the same two parsers over
the same bytes, strict first and lenient where the XML is broken, but counts what they do. The counts are of elements
and characters, never of time, so that the same bytes always give the same feed. What was read before a bound was hit,
or before a parser fell over, is kept.
"""

import io
import re
import xml.sax
import xml.sax.handler
import xml.sax.xmlreader
from dataclasses import dataclass
from typing import Any

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.sanitizer import replace_doctype
from feedparser.util import FeedParserDict

MAX_ELEMENTS = 100_000
MAX_LENIENT_BYTES = 2_000_000
"""Broken XML beyond this is not read: the lenient parser takes up to 3 s a megabyte on hostile input."""
MAX_ENTITY_BYTES = 100_000
_MAX_ATTRIBUTES = 100
_MAX_NAMESPACES = 100
_MAX_NAME = 1_000
_MAX_BASE = 2_000
_MAX_PROLOG = 65_536


@dataclass(frozen=True, slots=True)
class Reading:
    """What feedparser read, in its own dictionaries; `error` where the XML was broken, `cut` where a bound was hit."""

    feed: Any
    entries: list[Any]
    version: str
    error: Exception | None = None
    cut: bool = False


class _TooMuchError(Exception):
    pass


class _DtdError(xml.sax.SAXException):
    """A document type declaration that `replace_doctype` did not see, and whose entities it could not judge."""


class _NoDtd(xml.sax.handler.LexicalHandler):
    def startDTD(self, name: str, public_id: str | None, system_id: str | None) -> None:
        raise _DtdError(f"document type {name[:40]}")


class _Bounded:
    """Put before either parser: counts elements, and leaves out what we never read and what costs square time."""

    _elements = 0

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> Any:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise _TooMuchError
        if attrs:
            attrs = [
                (name, value)
                for name, value in attrs[:_MAX_ATTRIBUTES]
                if not (name.lower() in ("xml:base", "base") and len(value) > _MAX_BASE)
            ]
        return super().unknown_starttag(tag, attrs)  # type: ignore[misc]

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        if len(self.namespaces_in_use) < _MAX_NAMESPACES:  # type: ignore[attr-defined]
            super().track_namespace(prefix, uri)  # type: ignore[misc]

    def _add_tag(self, term: object, scheme: object, label: object) -> None:
        """Categories are compared with all before them, and nobody asks for them here."""
        self._get_context().setdefault("tags", [FeedParserDict(term="-")])  # type: ignore[attr-defined]

    def _start_media_description(self, attrs: dict[str, str]) -> None:
        """A caption: feedparser would put it in the place of the entry's own summary."""
        self.push("media_description", 1)  # type: ignore[attr-defined]

    def _end_media_description(self) -> None:
        self.pop("media_description")  # type: ignore[attr-defined]

    def _start_itunes_summary(self, attrs: dict[str, str]) -> None:
        self.push("itunes_summary", 1)  # type: ignore[attr-defined]

    def _end_itunes_summary(self) -> None:
        self.pop("itunes_summary")  # type: ignore[attr-defined]

    def _sync_author_detail(self, key: str = "author") -> None:
        name = dict.get(self._get_context(), key)  # type: ignore[attr-defined]
        if not isinstance(name, str) or len(name) <= _MAX_NAME:
            super()._sync_author_detail(key)  # type: ignore[misc]


class _Strict(_Bounded, StrictFeedParser):  # type: ignore[misc]
    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:
        if len(attrs) > _MAX_ATTRIBUTES:
            attrs = xml.sax.xmlreader.AttributesNSImpl({}, {})
        super().startElementNS(name, qname, attrs)


class _Lenient(_Bounded, LooseFeedParser):  # type: ignore[misc]
    pass


def read(text: str, *, url: str | None) -> Reading:
    """Run feedparser over a document without XML declaration. Never raises."""
    version, data, entities = replace_doctype(_with_declarations_on_lines(text).encode())
    if sum(len(value) * data.count(f"&{name};".encode()) for name, value in entities.items()) > MAX_ENTITY_BYTES:
        _, data, entities = replace_doctype(_without_entities(data))
    base = url or ""
    strict = _read_strictly(data, base, version, with_dtd=bool(entities))
    if strict.error is None or strict.cut:
        return strict
    lenient = _read_leniently(_without_rss_prefix(data), base, version, entities, strict.error)
    return strict if len(strict.entries) > len(lenient.entries) else lenient


def _read_strictly(data: bytes, base: str, version: str | None, *, with_dtd: bool) -> Reading:
    parser = _Strict(base, None, "utf-8")
    parser.resolve_relative_uris = parser.sanitize_html = False
    sax = xml.sax.make_parser()
    sax.setFeature(xml.sax.handler.feature_namespaces, True)
    sax.setFeature(xml.sax.handler.feature_external_ges, False)
    sax.setContentHandler(parser)
    sax.setErrorHandler(parser)
    if not with_dtd:
        sax.setProperty(xml.sax.handler.property_lexical_handler, _NoDtd())
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(data))
    cut, error = False, None
    try:
        sax.parse(source)
    except _TooMuchError:
        cut = True
    except Exception as fault:  # noqa: BLE001 - hostile input makes feedparser's handlers raise anything
        error = parser.exc or fault
    return Reading(parser.feeddata, parser.entries, version or parser.version, error, cut)


def _read_leniently(data: bytes, base: str, version: str | None, entities: dict[str, str], error: Exception) -> Reading:
    parser = _Lenient(base, None, "utf-8", entities)
    parser.resolve_relative_uris = parser.sanitize_html = False
    cut = len(data) > MAX_LENIENT_BYTES
    try:
        parser.feed(data[:MAX_LENIENT_BYTES].decode("utf-8", "replace"))
    except _TooMuchError:
        cut = True
    except Exception:  # noqa: BLE001 - as above; what broke the XML in the first place is the better reason
        pass
    return Reading(parser.feeddata, parser.entries, version or parser.version, error, cut)


def _with_declarations_on_lines(text: str) -> str:
    """`replace_doctype` sees a declaration only at the start of a line."""
    start = text.find("<!DOCTYPE", 0, _MAX_PROLOG)
    if start < 0:
        return text
    end = text.find(">", start)
    if (subset := text.find("[", start, end)) >= 0:
        end = text.find("]", subset)
    declarations = text[start:end].replace("<!ENTITY", "\n<!ENTITY")
    return f"{text[:start]}\n{declarations}{text[end:]}" if end > 0 else text


def _without_rss_prefix(data: bytes) -> bytes:
    """Some generators write `<rss:item>` without saying what `rss:` is."""
    return re.sub(rb"<(/?)rss:", rb"<\1", data) if b"<rss:channel" in data[:_MAX_PROLOG] else data


def _without_entities(data: bytes) -> bytes:
    """The document without the DOCTYPE that `replace_doctype` left: what its entities stood for is lost."""
    start, end = data.find(b"<!DOCTYPE feed ["), data.find(b"]>")
    return data[:start] + data[end + 2 :] if 0 <= start < end else data
