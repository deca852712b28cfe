import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from ingest.backfill import backfill
from ingest.pipeline import append
from ingest.settings import Settings
from ingest.spool import Spool
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


def test_what_a_killed_writer_had_committed_is_in_the_views_after_the_next_run(tmp_path: Path) -> None:
    archive = tmp_path / "texts.jsonl"
    archive.write_text(json.dumps({"url": "https://a.example/1", "title": "The ferry", "text": "It runs again."}))
    settings = Settings(log=tmp_path / "log", coder="none", workers=1)
    Log.create(settings.log).close()
    made = Settings(log=tmp_path / "made", coder="none", workers=1)
    Log.create(made.log).close()
    backfill(made, [archive], clock=lambda: NOW, run_id="first")
    done = made.log / "spool" / "done"
    for stage in ("collected", "read"):
        [file] = done.glob(f"*.{stage}.arrow")
        target = settings.log / "spool" / stage / "first.0001.try1.arrow"
        target.parent.mkdir()
        file.replace(target)
    spool = Spool(settings.log / "spool")
    # As a writer leaves it that was killed between its commit and its catching up.
    log = Log.open(settings.log)
    log.append(pa.concat_tables([spool.collected("first.0001.try1"), spool.read("first.0001.try1")]))
    spool.done("first.0001.try1")
    log.close()
    with connect(settings.log) as con:
        assert con.execute("SELECT count(*) FROM articles").fetchone() == (0,)
    assert append(settings, run_id="second", clock=lambda: NOW).by_type == {}
    with connect(settings.log) as con:
        assert con.execute("SELECT title FROM articles").fetchall() == [("The ferry",)]
