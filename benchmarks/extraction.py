"""Pages per CPU-second of `ingest.extract.extract`, as a ratio to trafilatura's default with metadata.

usage: python benchmarks/extraction.py [DIR…] [--rounds N] [--min-ratio X]

A DIR holds `*.html` or `*.html.gz`, UTF-8, with a `gold.json` above it or beside it for the URLs where there is one.
Without DIR the pages of `tests/ingest/extract/pages` are read. Both extractors run over the same pages in the same
process, page after page in turn, so that a busy machine slows both; the figure is the median ratio of the rounds.
Exit code 1 below `--min-ratio`.
"""

import argparse
import gzip
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


def main() -> int:
    """Measure, print one line of figures, and say by the exit code whether the ratio holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[ROOT / "tests/ingest/extract/pages"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--min-ratio", type=float, default=0.0)
    options = parser.parse_args()

    import trafilatura

    from ingest.extract import extract

    pages = [page for folder in options.folders for page in _pages(folder)]
    if not pages:
        parser.error(f"no pages in {', '.join(map(str, options.folders))}")

    def ours(html: str, url: str) -> None:
        extract(html, url=url)

    def default(html: str, url: str) -> None:
        trafilatura.extract(html, url=url, with_metadata=True)

    for html, url in pages:  # models and word lists are loaded once a process
        ours(html, url)
        default(html, url)
    rounds = [_round(pages, ours, default) for _ in range(options.rounds)]
    ratio = statistics.median(b / a for a, b in rounds)
    speed = [len(pages) / statistics.median(spent[i] for spent in rounds) for i in (0, 1)]
    print(
        f"pages {len(pages)}  rounds {len(rounds)}  pages per CPU-second: ours {speed[0]:.1f}, "
        f"trafilatura default with metadata {speed[1]:.1f}  ratio {ratio:.2f} "
        f"({min(b / a for a, b in rounds):.2f} to {max(b / a for a, b in rounds):.2f})"
    )
    return int(ratio < options.min_ratio)


def _round(pages: list[tuple[str, str]], *extractors: Callable[[str, str], None]) -> tuple[float, ...]:
    """CPU seconds of each extractor over all pages."""
    spent = [0.0] * len(extractors)
    for html, url in pages:
        for index, extractor in enumerate(extractors):
            start = time.process_time()
            extractor(html, url)
            spent[index] += time.process_time() - start
    return tuple(spent)


def _pages(folder: Path) -> list[tuple[str, str]]:
    gold_file = next((f for f in (folder / "gold.json", folder.parent / "gold.json") if f.is_file()), None)
    gold = json.loads(gold_file.read_text(encoding="utf-8")) if gold_file else {}
    html_folder = folder / "html" if (folder / "html").is_dir() else folder
    pages = []
    for file in sorted(html_folder.glob("*.html*")):
        raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        url = gold.get(file.name.split(".html")[0], {}).get("url")
        pages.append((raw.decode("utf-8", "replace"), url or f"https://news.example/{file.stem}"))
    return pages


if __name__ == "__main__":
    sys.exit(main())
