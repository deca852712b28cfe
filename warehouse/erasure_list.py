"""The list of what was erased, beside the log: digests alone, so that a restore of an older backup erases again.

The log itself says it too (`content_erased`), but a backup from before does not.
"""

import json
from collections.abc import Iterable
from pathlib import Path

ERASURES = "erasures.json"


def read_erasures(root: Path) -> set[str]:
    """Digests on the list in `root`; none where there is no readable list."""
    try:
        return set(json.loads((root / ERASURES).read_text()))
    except (OSError, ValueError):
        return set()


def add_erasures(root: Path, digests: Iterable[str]) -> None:
    part = root / f"{ERASURES}.part"
    part.write_text(json.dumps(sorted(read_erasures(root) | set(digests)), indent=0) + "\n")
    part.replace(root / ERASURES)
