"""Links as feeds give them: relative, padded, with credentials, or no links at all."""

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

_SPACE = re.compile(r"[\t\r\n]+")


def absolute_link(link: object, base: str | None = None) -> str | None:
    """An absolute http(s) URL without credentials, or None for whatever cannot be one.

    Only what must change does: tracking parameters, fragment and spelling stay as published.
    """
    if not isinstance(link, str):
        return None
    # Browsers drop line ends inside a URL and quote spaces (WHATWG URL, section 4.4); feeds rely on both.
    text = _SPACE.sub("", link.strip()).replace(" ", "%20")
    if not text or any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in text):
        return None
    try:
        joined = urljoin(base, text) if base else text
        parts = urlsplit(joined)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return None
        parts.port  # noqa: B018 - raises for a port that is no number
        _, at, host = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=host)) if at else joined
    except ValueError:
        return None
