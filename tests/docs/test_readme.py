"""What README tells a newcomer to type is typed here."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest import pipeline
from ingest.settings import Settings
from samples import newsroom
from warehouse import Log

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
LINES = [line.partition("  #")[0].strip() for block in BLOCKS for line in block.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as after `make run`, with the files that the filters' examples name."""
    root = tmp_path_factory.mktemp("readme")
    log = root / ".courant" / "sample-log"
    Log.create(log).close()
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "courant").symlink_to(Path(sys.executable).parent / "courant")
    samples = Path(newsroom.__file__).parent
    with newsroom.serve(port=0) as server:
        pipeline.run(
            Settings(log=log, feeds=samples / "feeds.opml", overrides={newsroom.DOMAIN: ("127.0.0.1", server.port)}),
            clock=lambda: datetime(2026, 10, 1, tzinfo=UTC),
        )
    (root / "feed.xml").write_bytes((samples / "site" / "feeds" / "world.xml").read_bytes())
    (root / "page.html").write_bytes((samples / "site" / "pages" / "truce-at-sea.html").read_bytes())
    (root / "articles.jsonl").write_text(
        '{"id": "1", "title": "Oslo and Bern speak", "text": "Nothing else.", "published": null}\n'
    )
    return root


def typed(folder: Path, line: str) -> str:
    done = subprocess.run(
        shlex.split(line), cwd=folder, capture_output=True, text=True, timeout=110, check=False,
        env={**os.environ, "PATH": f"{folder / '.venv' / 'bin'}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, f"{line}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("line", [line for line in LINES if " sql " in line])
def test_the_five_questions_have_answers(folder: Path, line: str) -> None:
    assert typed(folder, f"{line} --json").strip() not in ("", "[]")


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("courant ")])
def test_the_stages_are_filters(folder: Path, line: str) -> None:
    assert typed(folder, line).startswith("{")


def test_a_desk_of_ones_own(folder: Path) -> None:
    start = next(n for n, line in enumerate(LINES) if "courant init" in line)
    typed(folder, LINES[start])
    desk = folder / "my-desk"
    assert LINES[start + 1] == "cd my-desk"
    (desk / "feeds.opml").write_text("<opml version='2.0'><head/><body/></opml>")
    for line in LINES[start + 2 : start + 4]:
        typed(desk, line)


def test_make_knows_the_targets_that_readme_names() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"`?make ([a-z-]+)", (ROOT / "README.md").read_text())) - {"on", "does"}
    assert {"run", "test", "up", "help"} <= named
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in named), named


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    assert [f.name for f in fields(Settings) if f"`{f.name}`" not in text and f"`[{f.name}]`" not in text] == []


def test_files_that_readme_names_are_there() -> None:
    text = (ROOT / "README.md").read_text()
    named = set(re.findall(r"`((?:docs|ingest|feeds|samples)/[\w./-]*)`", text)) | {"feeds/world.opml"}
    assert [name for name in named if not (ROOT / name).exists()] == []
