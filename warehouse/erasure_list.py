"""The list of what was erased, beside the data: digests alone, so that a restore of an older backup erases again.

The log itself says it too (`content_erased`), but a backup from before does not.
"""

import json
from collections.abc import Iterable

from warehouse import files

ERASURES = "erasures.json"


def read_erasures(base: str) -> set[str]:
    """Digests on the list in the folder `base`; none where there is no readable list."""
    try:
        return set(json.loads(files.read(f"{base}/{ERASURES}") or b"[]"))
    except (OSError, ValueError):
        return set()


def add_erasures(base: str, digests: Iterable[str]) -> None:
    """Put more digests on the list. Raises LogError, OSError."""
    listed = sorted(read_erasures(base) | set(digests))
    files.write(f"{base}/{ERASURES}", (json.dumps(listed, indent=0) + "\n").encode())
