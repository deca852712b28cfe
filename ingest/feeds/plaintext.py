"""Plain text out of what feeds put into titles, summaries and names. Feeds are hostile input: no markup survives."""

import html
import re
import unicodedata

from lxml import etree

_BLOCKS = re.compile(
    r"address|article|aside|blockquote|br|d[dlt]|div|fig(?:ure|caption)|foot(?:er)?|h[1-6r]|header|li|main|nav|ol|p|pre|"
    r"section|table|t[dhr]|tbody|tfoot|thead|ul"
)
# Not what browsers show instead of a picture or a film: left unclosed, it would swallow the text behind it.
_HIDDEN = re.compile(r"head|script|style|svg|template|title")
# Zero-width joiners carry meaning in Persian and Indic scripts; all other invisible controls only serve to deceive.
_KEPT_FORMATS = frozenset("\u200c\u200d")
_MARKUP = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|br|center|cite|code|del|div|em|font|h[1-6]|hr|i|img|ins|kbd|li|mark|ol|p|pre|q|s|"
    r"script|small|span|strike|strong|style|sub|sup|table|td|tr|tt|u|ul|var|wbr)(?:\s[^<>]*)?/?>"
    r"|<!\[CDATA\[|&(?:\#\d{1,7}|\#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});",
    re.IGNORECASE,
)
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_LONGEST = 2_000_000


def one_line(text: str) -> str:
    """Control and invisible characters out, lone surrogates replaced, every run of white space one space."""
    text = _ANSI.sub("", text)
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if category == "Cs":
            kept.append("\ufffd")
        elif char.isspace() or category == "Zs":
            kept.append(" ")
        elif category not in ("Cc", "Cf") or char in _KEPT_FORMATS:
            kept.append(char)
    return " ".join("".join(kept).split())


def looks_like_markup(text: str) -> bool:
    """Whether a text that is declared plain holds HTML tags or character references all the same."""
    return _MARKUP.search(text) is not None


def plain_text(markup: str) -> str:
    """The words of an HTML fragment on one line: blocks apart, scripts and styles gone, entities resolved.

    Never raises. Markup beyond two million characters is cut off: no summary is that long.
    """
    markup = _CDATA.sub(r"\1", markup[:_LONGEST])
    if "<" not in markup:
        return one_line(html.unescape(markup) if "&" in markup else markup)
    parser = etree.HTMLParser(target=_Words(), no_network=True)
    try:
        # A NUL ends the text for libxml2, a lone surrogate cannot be encoded for it.
        parser.feed(
            "<div>" + markup.replace("\0", " ").encode("utf-16", "surrogatepass").decode("utf-16", "replace") + "</div>"
        )
        words: str = parser.close()
    except etree.LxmlError:
        return one_line(html.unescape(re.sub(r"<[^<>]*>", " ", markup)))
    return one_line(words)


class _Words:
    """A parser target that keeps what a reader would see."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._hidden = 0

    def start(self, tag: str, _attributes: object) -> None:
        if _HIDDEN.fullmatch(tag):
            self._hidden += 1
        elif _BLOCKS.fullmatch(tag):
            self._pieces.append("\n")

    def end(self, tag: str) -> None:
        if _HIDDEN.fullmatch(tag):
            self._hidden = max(0, self._hidden - 1)
        elif _BLOCKS.fullmatch(tag):
            self._pieces.append("\n")

    def data(self, text: str) -> None:
        if not self._hidden:
            self._pieces.append(text)

    def comment(self, _text: str) -> None:
        pass

    def close(self) -> str:
        return "".join(self._pieces)
