"""A health check of a service: `python docker/health.py URL [PART]`; exit code 0 where it, or that part, is healthy."""

import json
import sys
import urllib.request


def main(url: str, *parts: str) -> int:
    """Ask `url`, which answers `{"<part>": {"status": "healthy"}}`; no part given, its answering is enough."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            said = json.load(answer) if parts else {}
    except (OSError, ValueError) as error:
        print(f"{url}: {error}", file=sys.stderr)
        return 1
    ill = [part for part in parts if said.get(part, {}).get("status") != "healthy"]
    print(f"{', '.join(ill)}: not healthy" if ill else "healthy")
    return 1 if ill else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
