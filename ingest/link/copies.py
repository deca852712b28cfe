"""Which articles carry the same text: agency copy counts as one source, however many sites run it."""

import re
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from uuid import UUID

from ingest.link.report import Report

CONTAINED = 0.7
"""Share of the shorter text's shingles that the longer one must hold."""
SHINGLE = 3
"""Words to a shingle."""
_SHORTEST = 20
"""Shingles that a text must have to be compared: of a few words too many are alike."""


def copies(reports: Sequence[Report], stored: Mapping[str, str]) -> dict[UUID, UUID]:
    """Claims of copies, and the claim of the earliest report with that text.

    `reports` are ordered, the first first; `stored` are texts by digest, of those that differ and are still there.
    """
    originals: list[Report] = []
    found: dict[UUID, UUID] = {}
    for one in reports:
        first = next((known for known in originals if _same_text(known, one, stored)), None)
        if first is None:
            originals.append(one)
        else:
            found[one.claim_id] = first.claim_id
    return found


def _same_text(a: Report, b: Report, stored: Mapping[str, str]) -> bool:
    if a.article_id == b.article_id:
        return True
    if a.text_digest is None or b.text_digest is None:
        return False
    if a.text_digest == b.text_digest:
        return True
    one, other = shingles(stored.get(a.text_digest, "")), shingles(stored.get(b.text_digest, ""))
    shorter = min(len(one), len(other))
    return shorter >= _SHORTEST and len(one & other) >= CONTAINED * shorter


@lru_cache(maxsize=4096)
def shingles(text: str) -> frozenset[int]:
    """Checksums (CRC-32) of each run of three words, without case and punctuation."""
    words = re.findall(r"\w+", text.casefold())
    runs = (" ".join(words[n : n + SHINGLE]) for n in range(len(words) - SHINGLE + 1))
    return frozenset(zlib.crc32(run.encode()) for run in runs)
