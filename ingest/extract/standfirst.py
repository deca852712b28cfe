"""The standfirst: the sentence or two under a headline that extractors drop with the header around it."""

import re

from ingest.extract.measure import HEADINGS, PROSE, leads_away
from ingest.extract.page import Page, names_of, text_of
from ingest.extract.words import key, line

SHORTEST, LONGEST = 40, 600
"""Code points that a standfirst has."""
_NEAR = 80
"""Elements after the main heading among which it is looked for."""
_NAMED = re.compile(
    r"(?<![a-z])(?:stand-?first|dek|deck|sub-?title|sub-?head(?:line)?|sub-?heading|summary|lede|lead|intro(?:duction)?|vorspann|chap[oô]|excerpt|"
    r"entradilla|bajada|sommario|ingress|perex|abstract)(?![a-z])"
)
_TAGS = frozenset(("p", "h2", "h3", "h4", "div", "span", "strong", "em", "li"))
_BLOCKS = frozenset(
    ("div", "p", "ul", "ol", "table", "section", "article", "figure", "h1", "h2", "h3", "h4", "form", "header")
)


def standfirst(page: Page) -> str | None:
    """The text near the main heading that the page gives as its description, or whose class says what it is.

    Read before the tree is cut. Teasers have summaries too, so that a class is believed only above the first paragraph
    and the first linked heading. None where there is no heading, or nothing under it that is whole.
    """
    stated = {
        key(text)
        for text in (page.meta("og:description", "description"), text_of(page.article.get("description")))
        if text
    }
    near = [e for e in page.under_heading if e.tag in _TAGS][:_NEAR]
    begun = False
    for element in near:
        begun = begun or (
            element.tag in HEADINGS and any(map(leads_away, (*element.iter("a"), *element.iterancestors("a"))))
        )
        if any(child.tag in _BLOCKS for child in element):
            continue
        text = line("".join(element.itertext()))
        if not SHORTEST <= len(text) <= LONGEST or text.endswith(("...", "…")):
            continue
        if key(text) in stated or (not begun and _NAMED.search(names_of(element))):
            return text
        begun = begun or (element.tag == "p" and len(text) >= PROSE)
    return None


def with_standfirst(text: str, first: str | None) -> str:
    """`text` with the standfirst before it, unless it says so already."""
    if not first or not text or key(first)[:80] in key(text[: 3 * LONGEST]):
        return text
    return f"{first}\n{text}"
