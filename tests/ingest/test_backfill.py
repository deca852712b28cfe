import json
from datetime import UTC, datetime
from pathlib import Path

from ingest.backfill import backfill
from ingest.settings import Settings
from warehouse import Log, connect

NOW = datetime(2026, 10, 1, tzinfo=UTC)


def test_a_record_that_is_no_text_costs_the_others_nothing(tmp_path: Path) -> None:
    lines = [
        {
            "url": "https://a.example/1",
            "title": "The ferry",
            "text": "The ferry runs again.",
            "published": "2026-09-14",
        },
        {"url": "https://a.example/2", "title": "\ud800", "text": "Half a pair.", "published": "2026-09-14"},
        {"url": "https://a.example/3", "title": "The crane", "text": "The crane is mended.", "published": "2026-09-15"},
    ]
    archive = tmp_path / "texts.jsonl"
    archive.write_text("\n".join(map(json.dumps, lines)))
    log = tmp_path / "log"
    Log.create(log).close()
    settings = Settings(log=log, coder="none", workers=1)
    first = backfill(settings, [archive], clock=lambda: NOW, run_id="first")
    assert (first.taken, first.rejected) == (2, 1)
    again = backfill(settings, [archive], clock=lambda: NOW, run_id="again")
    assert again.appended.added == 0
    with connect(log) as con:
        assert con.execute("SELECT title FROM articles ORDER BY title").fetchall() == [("The crane",), ("The ferry",)]
        assert con.execute("SELECT count(*) FROM event_log WHERE type = 'record_rejected'").fetchone() == (1,)
