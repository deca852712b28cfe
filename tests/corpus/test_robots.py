"""A thousand robots.txt of real sites: none raises, none takes long, and what they say of `*` is what protego reads."""

import time
import zipfile
from pathlib import Path

import pytest
from protego import Protego

from ingest.fetch.robots import RobotsAnswer, rules_from

ROOT = Path(__file__).parents[2]
ROBOTS = ROOT.parent / "shared" / "corpus" / "robots" / "robots-1000.zip"
pytestmark = pytest.mark.skipif(not ROBOTS.is_file(), reason=f"the robots.txt corpus is not at {ROBOTS}")
PATHS = (
    "/",
    "/news/1",
    "/news/2026/09/14/story.html?utm_source=x",
    "/search?q=x",
    "/wp-admin/",
    "/a%20b/ツ",
    "/index.php",
)


def bodies() -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(ROBOTS) as archive:
        return [(name, archive.read(name)) for name in sorted(archive.namelist()) if not name.endswith("/")]


def test_no_robots_txt_raises_or_takes_long() -> None:
    found = bodies()
    assert len(found) == 1000
    for name, body in found:
        started = time.process_time()
        rules = rules_from(RobotsAnswer(200, body), "courant")
        for path in PATHS:
            rules.allows(f"https://site.example{path}")
        assert rules.crawl_delay is None or rules.crawl_delay >= 0
        assert time.process_time() - started < 1, name


def test_what_protego_reads_of_them_we_read() -> None:
    """None of these files has a group that protego would end too early, or a product that is the start of another."""
    different = []
    for name, body in bodies():
        plain = Protego.parse(body.decode("utf-8-sig", "replace"))
        ours = rules_from(RobotsAnswer(200, body), "courant")
        if any(
            ours.allows(f"https://site.example{path}") != plain.can_fetch(f"https://site.example{path}", "courant")
            for path in PATHS
        ):
            different.append(name)
    assert different == []
