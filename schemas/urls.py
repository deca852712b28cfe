"""One spelling a URL, so that the same page has the same id from whichever link it was reached.

What is cut never selects another page: the fragment, campaign and click ids, credentials and tokens. The order of the
remaining parameters is kept, since some sites read them by position.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote_to_bytes, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"^(utm_.*|mtm_.*|pk_.*|piwik_.*|matomo_.*|at_(medium|campaign|custom.*|link.*|format|ptr.*|bbc.*)|"
    r"fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|twclid|yclid|ysclid|igshid|igsh|mc_cid|mc_eid|_hsenc|_hsmi|"
    r"mkt_tok|ncid|cmpid|cmp|wt[_.].*|ns_.*|xtor|sr_share|share_id|smid|smtyp|taid|guccounter|guce_.*|_ga|_gl|"
    r"spm|scm|spref|echobox|ref_src|ref_url|cvid|ocid|feature_id|sfnsn|wickedid|_openstat)$",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"^(access_?token|auth|auth_?token|api_?key|apikey|token|password|passwd|pwd|secret|sig|signature|session_?id|"
    r"phpsessid|jsessionid|sid|x-amz-.*|x-goog-.*)$",
    re.IGNORECASE,
)
_JSESSION = re.compile(r";jsessionid=[^/?#;]*", re.IGNORECASE)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


def clean_url(url: str) -> str:
    """The canonical spelling of an absolute http(s) URL, by RFC 3986 section 6.2.2 and 6.2.3.

    Lower-case scheme and host (IDNA), no default port, no credentials, no fragment, no tracking or secret parameters,
    dot segments resolved, percent-encoding normalised. Idempotent.

    Raises ValueError, with a reason a person understands, for anything that is not such a URL.
    """
    text = url.strip()
    if not text:
        raise ValueError("the URL is empty")
    if any(ord(c) < 0x20 or ord(c) == 0x7F for c in text):
        raise ValueError(f"the URL holds control characters: {shown(text)}")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"not a URL ({error}): {shown(text)}") from None
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https"):
        raise ValueError(f"not an http or https URL: {shown(text)}")
    host = _clean_host(parts.hostname or "", text)
    default = {"http": 80, "https": 443}[scheme]
    netloc = host if port in (None, default) else f"{host}:{port}"
    path = _JSESSION.sub("", _normal_percent(_without_dots(parts.path or "/"), "/:@!$&'()*+,;="))
    query = "&".join(
        _normal_percent(pair, "/:@!$'()*+,;=?")
        for pair in parts.query.split("&")
        if pair and not _is_noise(pair.partition("=")[0])
    )
    return urlunsplit((scheme, netloc, path, query, ""))


def shown(url: str) -> str:
    """A URL as it may be printed or logged: credentials and secrets masked, no control characters, at most 200 long."""
    text = "".join(c if c.isprintable() else "�" for c in url)
    text = re.sub(r"(?<=//)[^/?#@\s]*@", "", text)
    text = re.sub(
        r"([?&;])([^=&#]+)=([^&#]*)",
        lambda m: f"{m[1]}{m[2]}=…" if _SECRET.match(m[2]) else m[0],
        text,
    )
    return text if len(text) <= 200 else text[:199] + "…"


def host_of(url: str) -> str:
    """The host of a cleaned URL, without port."""
    return (urlsplit(url).hostname or "").lower()


def same_site(url: str, first: str) -> bool:
    """Whether `url` lies on the host and port of `first`, and is no less safe from eavesdropping."""
    there, here = urlsplit(url), urlsplit(first)
    return there.netloc == here.netloc and (there.scheme == here.scheme or there.scheme == "https")


def is_within(host: str, names: Iterable[str]) -> bool:
    """Whether a host is one of `names`, or lies below one: `www.news.example` lies below `news.example`."""
    return any(host == name or host.endswith(f".{name}") for name in names)


def _is_noise(name: str) -> bool:
    plain = unquote_to_bytes(name).decode("utf-8", "replace")
    return bool(_TRACKING.match(plain) or _SECRET.match(plain))


def _clean_host(host: str, url: str) -> str:
    if not host:
        raise ValueError(f"the URL names no host: {shown(url)}")
    if ":" in host:
        return f"[{host.lower()}]"
    host = host.rstrip(".").lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise ValueError(f"the host is not a valid name: {shown(url)}") from None
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise ValueError(f"the host is not a valid name: {shown(url)}")
    return host


def _without_dots(path: str) -> str:
    """Dot segments resolved, by RFC 3986 section 5.2.4."""
    out: list[str] = []
    segments = path.split("/")
    for segment in segments[1:]:
        if segment == "..":
            if out:
                out.pop()
        elif segment != ".":
            out.append(segment)
    if segments[-1] in (".", ".."):
        out.append("")
    return "/" + "/".join(out)


def _normal_percent(text: str, safe: str) -> str:
    """Percent-encoding in one spelling: upper-case hex, unreserved characters bare, all else encoded as UTF-8."""
    out = []
    for piece in re.split(r"(%[0-9A-Fa-f]{2})", text):
        if len(piece) == 3 and piece[0] == "%":
            char = chr(int(piece[1:], 16))
            out.append(char if char in _UNRESERVED else piece.upper())
        else:
            out.append(quote(piece, safe=safe + "~"))
    return "".join(out)
