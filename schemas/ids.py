"""Identities: UUIDv5 (RFC 9562, section 5.5) over documented natural keys.

A retry, a second run, a backfill of the same page and a live run give the same ids, because no key holds a port, a
credential, a run or a clock. Each event model says its own natural key (`natural_key`); a golden test pins them all.
"""

import json
import re
import unicodedata
from uuid import UUID, uuid5

NAMESPACE = UUID("6f1f2d2e-8a3b-5c55-9d0e-2f6c1c0a7b11")
"""Every id of every log is made under this namespace. Changing it would change every id."""


def natural_id(kind: str, *key: str | int) -> UUID:
    """The id of what `kind` and `key` name. The key is a JSON array, so that no part can run into the next."""
    return uuid5(NAMESPACE, json.dumps([kind, *key], ensure_ascii=False, separators=(",", ":")))


def feed_id(url: str) -> UUID:
    """A feed is its cleaned URL."""
    return natural_id("feed", url)


def article_id(url: str) -> UUID:
    """An article is its canonical URL, as cleaned: a function of the final URL and the page alone."""
    return natural_id("article", url)


def claim_id(article: UUID, type_: str, sentence: str, ordinal: int) -> UUID:
    """What an article claims, the same across coder versions: `sentence` is the evidence's whole sentence."""
    return natural_id("claim", str(article), type_, normal_words(sentence), ordinal)


def normal_words(text: str) -> str:
    """NFKC, case folded, words only: what is left of a sentence when typography changes."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", folded))
