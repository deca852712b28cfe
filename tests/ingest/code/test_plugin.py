"""A coder from another package: found by its entry point, run in a reader process, and held to the same rules."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.backfill import backfill
from ingest.code.coder import load_coder
from ingest.settings import Settings
from warehouse import Log, connect

MODULE = '''
"""Codes the first word of an article as a call: with its words, without their place, or at the wrong one."""

from ingest.code.coder import CoderInfo, Coding
from schemas.world import CallHeld, Mention, Participant, Span


class Eager:
    info = CoderInfo("eager", "7", "", "", "")
    languages = frozenset({"en", "fr"})

    def code(self, article):
        end = article.text.index(" ")
        word, at = article.text[:end], Span(field="text", start=0, end=end)
        evidence = Mention(field="text", start=0, end=end, quote=word)
        good = Participant(name=word, kind="country", code="NOR", role="party", name_at=at)
        events = (
            CallHeld(evidence=evidence, participants=(good,)),
            CallHeld(evidence=Mention(field="text", start=0, end=end, quote="Elsewhere"), participants=(good,)),
            CallHeld(evidence=evidence, participants=(good.model_copy(update={"name": "Atlantis"}),)),
            CallHeld(evidence=evidence, participants=(good.model_copy(update={"name_at": None}),)),
            CallHeld(evidence=evidence, attributed_to="somebody"),
            CallHeld(evidence=Mention(field="text", start=0, end=301, quote=article.text[:301])),
            CallHeld(evidence=Mention(field="text", start=0, end=10**6, quote=None)),
        )
        return Coding(article.id, events, self.info)
'''
TEXTS = {
    "en": "Norland called Ostria on Monday, and the two spoke for an hour about ships and grain, an aide said. " * 5,
    "fr": "Le président de la Norlande a téléphoné lundi à son homologue, et ils ont parlé du blé pendant une heure. "
    * 5,
    "de": "Der Präsident von Norland hat am Montag mit seinem Kollegen telefoniert, und sie sprachen über Getreide. "
    * 5,
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution with the entry point `eager`, installed in a folder of its own."""
    site = tmp_path / "site"
    info = site / "courant_eager-7.dist-info"
    info.mkdir(parents=True)
    (site / "courant_eager.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: courant-eager\nVersion: 7\n")
    (info / "entry_points.txt").write_text("[courant.coders]\neager = courant_eager:Eager\n")
    monkeypatch.syspath_prepend(str(site))
    load_coder.cache_clear()
    yield
    load_coder.cache_clear()
    sys.modules.pop("courant_eager", None)


def pages(folder: Path) -> Path:
    folder.mkdir()
    for language, text in TEXTS.items():
        url = f"https://newsroom.example/{language}"
        (folder / f"{language}.html").write_text(
            f"<html lang='{language}'><head><title>Norland Ostria</title><link rel='canonical' href='{url}'></head>"
            f"<body><article><h1>Norland Ostria</h1><p>{text}</p></article></body></html>"
        )
    return folder


@pytest.mark.usefixtures("installed")
def test_an_unknown_coder_is_named_with_the_installed_ones() -> None:
    assert load_coder("eager").info.version == "7"
    with pytest.raises(LookupError, match="eager, frames"):
        load_coder("idle")


@pytest.mark.usefixtures("installed")
def test_its_events_are_verbatim_or_left_out_and_other_languages_skipped(tmp_path: Path) -> None:
    log = tmp_path / "log"
    Log.create(log).close()
    settings = Settings(log=log, coder="eager", workers=1)
    backfill(settings, [pages(tmp_path / "pages")], clock=lambda: datetime(2026, 9, 14, tzinfo=UTC))
    with connect(log) as con:
        told = con.execute(
            "SELECT a.language, c.coder_name, c.events, c.skipped FROM codings c JOIN articles a USING (article_id)"
            " ORDER BY 1"
        ).fetchall()
        quotes = con.execute("SELECT quote, participants[1].name FROM world_events ORDER BY 1").fetchall()
    assert told == [("de", "eager", 0, "language"), ("en", "eager", 1, None), ("fr", "eager", 1, None)]
    assert quotes == [("Le", "Le"), ("Norland", "Norland")]
