"""Which language an article is in: what the page declares, checked against its text."""

import re
from functools import lru_cache
from typing import NamedTuple

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from ingest.extract.page import Page

SAMPLE = 400
"""Code points of text that are looked at, from the middle on where the text is longer: openings hold names and
places."""
MIN_TEXT = 120
"""Below this the detector is not asked to overrule a declaration."""
SURE = 0.8
"""Confidence from which the detector overrules a declaration."""
_CODE = re.compile(r"^\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_-]*)?\s*$")
_ALIASES = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "cz": "cs",
    "gr": "el",
    "ua": "uk",
    "jp": "ja",
    "kr": "ko",
    "cn": "zh",
    "dk": "da",
}
# What the detector cannot be trusted to tell apart: there the declaration stands.
_KIN = (
    {"no", "nb", "nn", "da"}, {"hr", "sr", "bs", "sh", "me", "sl"}, {"id", "ms", "jv"}, {"cs", "sk"},
    {"zu", "xh", "ss", "nr"}, {"pt", "gl"}, {"es", "ca", "gl", "an"}, {"fa", "ps", "prs"}, {"hi", "mr", "ne"},
    {"bg", "mk"}, {"de", "lb", "nds"}, {"af", "nl", "fy"}, {"ar", "arz", "ur"}, {"ru", "be", "uk"}, {"fil", "tl"},
)  # fmt: skip


class Language(NamedTuple):
    """A language: ISO 639 code (two letters where there are two), or None.

    `confidence` (0 to 1) is the detector's that the text is in it: low where it would rather say another one; None
    where it was not asked or does not know the language. `problem` is a sentence where page and text disagree.
    """

    code: str | None
    confidence: float | None = None
    problem: str | None = None


def language(page: Page, text: str) -> Language:
    """The language of a page's text. No code where nothing is declared and the text is too short or mixed to tell."""
    declared = _declared(page)
    if not text.strip():
        return Language(declared)
    ranked = _detector().rank(_sample(text))
    [code, confidence], shares = ranked[0], {code: round(float(share), 3) for code, share in ranked}
    if declared is None:
        sure = confidence >= SURE or (len(text) >= MIN_TEXT and confidence >= 0.5)
        return Language(code, shares[code]) if sure else Language(None)
    if code == declared or len(text) < MIN_TEXT or confidence < SURE or _kin(code, declared):
        return Language(declared, shares.get(declared))
    return Language(code, shares[code], f"The page says its language is {declared}, but its text is in {code}.")


def _sample(text: str) -> str:
    start = max(0, (len(text) - SAMPLE) // 2) if len(text) > 2 * SAMPLE else 0
    return text[start : start + SAMPLE]


def _declared(page: Page) -> str | None:
    root = page.tree if page.tree.tag == "html" else page.tree.getroottree().getroot()
    body = page.tree.find(".//body")
    candidates = (
        root.get("lang") or root.get("xml:lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang"),
        body.get("lang") if body is not None else None,
        page.meta("og:locale", "content-language", "language", "dc.language", "inlanguage"),
        page.article.get("inLanguage"),
    )
    for value in candidates:
        if isinstance(value, str) and (match := _CODE.match(value.partition(",")[0])):
            code = match[1].lower()
            return _ALIASES.get(code, code)
    return None


def _kin(a: str, b: str) -> bool:
    return any(a in group and b in group for group in _KIN)


@lru_cache(maxsize=1)
def _detector() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
