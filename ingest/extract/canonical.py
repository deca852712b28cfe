"""The URL that a page gives as its own: `rel=canonical` (RFC 6596), `og:url`, the page's AMP twin; and which of these
to refuse."""

from urllib.parse import urljoin, urlsplit

from courlan import extract_domain

from ingest.extract.page import Page, node_urls
from schemas.urls import clean_url, host_of, shown

# Mirrors that serve other sites' pages under their own name: a canonical link out of them is the rule.
_MIRRORS = ("cdn.ampproject.org", "bing-amp.com", "google.com", "feedproxy.google.com", "feedburner.com")


def canonical_url(page: Page) -> tuple[str, tuple[str, ...]]:
    """The page's canonical URL, cleaned, and a sentence for each declaration that was refused.

    A declaration is believed only about the page's own site, and of a mirror such as an AMP cache. One that points to a
    home page is refused, since whole sites have been built with one canonical link in
    their template: every article would become the same one. Without a usable declaration it is the page's own URL.
    """
    own = clean_url(page.url)
    problems: list[str] = []
    for name, declared in _declared(page):
        try:
            url = clean_url(urljoin(page.base, declared))
        except ValueError as error:
            problems.append(f"The page's {name} was refused: {error}.")
            continue
        if _is_root(url) and url != own:
            whose = "home page" if _site(url) == _site(own) else "home page of another site"
            problems.append(f"The page's {name} was refused: it points to the {whose} ({shown(url)}).")
            continue
        if _site(url) != _site(own) and not host_of(own).endswith(_MIRRORS):
            # Whoever names another's page as his own would otherwise publish revisions of it. A syndicated copy stays
            # an article of its own.
            problems.append(f"The page's {name} was not followed: it names one of another site ({shown(url)}).")
            continue
        return url, tuple(problems)
    return own, tuple(problems)


def _declared(page: Page) -> list[tuple[str, str]]:
    links = [
        href
        for link in page.tree.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split() and (href := (link.get("href") or "").strip())
    ]
    return [
        *(("canonical link", href) for href in links),
        *(("og:url", url) for url in page.metas.get("og:url", ())[:1]),
        *(("JSON-LD URL", url) for url in node_urls(page.article) if url.startswith("http")),
    ]


def _is_root(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def _site(url: str) -> str:
    """The registrable domain, or the host where there is none (an address, a name of one label)."""
    return extract_domain(url, fast=True) or host_of(url)
