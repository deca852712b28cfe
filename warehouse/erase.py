"""Erasure: a text is withdrawn for good, and everywhere; the log says that it was, and nothing else of it.

Positions, ids and counts stay: the log holds no prose, only digests and places. What goes, physically: the text, the
words cut out of it in `proj.articles` and `proj.world_events`, the captured page in its WARC file, copies of both in
the spool, old snapshots and their files, what the catalog's statistics and its older copies held, and the published
copies. Readers whose transactions are open meanwhile may lose their files: an erasure does not wait for them.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pyarrow as pa

from schemas.digests import digest
from schemas.envelope import Event, Origin
from schemas.facts import ContentErased
from schemas.urls import clean_url
from warehouse import files, postgres, state
from warehouse.catalog_copy import copy_catalog
from warehouse.compact import compact_table
from warehouse.erasure_list import add_erasures, read_erasures
from warehouse.errors import LogError
from warehouse.location import Location
from warehouse.lock import writer_lock
from warehouse.log import Log
from warehouse.publish import publish, published_copies
from warehouse.upkeep import upkeep
from warehouse.warc_blank import blank_record, is_blank

Reason = Literal["law", "rights", "retention", "request", "mistake"]
PRODUCER = "courant-erase/1"
_PROSE_TABLES = ("main.texts", "proj.articles", "proj.world_events")


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be erased: digests of texts, and captures (digest of the body, WARC file, offset, length)."""

    texts: tuple[str, ...]
    captures: tuple[tuple[str, str | None, int, int], ...]

    @property
    def digests(self) -> set[str]:
        return {*self.texts, *(capture[0] for capture in self.captures)}


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """How much was erased: texts, captured pages, spool files rewritten, published copies made again."""

    texts: int
    captures: int
    spool_files: int
    published: int


def find_url(log: Log, url: str) -> Target:
    """Everything that the log holds of a page, by requested, final or canonical URL.

    Raises LogError for one that it does not know.
    """
    try:
        cleaned = clean_url(url)
    except ValueError as error:
        raise LogError(f"{url} is no page's URL ({error})") from None
    target = _find(log, "u = ?", cleaned)
    if not target.digests:
        raise LogError(f"the log holds nothing of {cleaned}: the view articles has the URLs")
    return target


def find_host(log: Log, host: str) -> Target:
    """Everything that the log holds of a host's pages, its subdomains' not. Raises LogError for one unknown."""
    name = (urlsplit(host).hostname or host).lower()
    target = _find(log, "split_part(split_part(split_part(u, '://', 2), '/', 1), ':', 1) = ?", name)
    if not target.digests:
        raise LogError(f"the log holds nothing of the host {name}")
    return target


def find_text(log: Log, text_digest: str) -> Target:
    """One text, wherever it stands. Raises LogError for one unknown."""
    if not log.query("SELECT 1 FROM texts WHERE digest = ?", [text_digest]):
        raise LogError(f"the log holds no text {text_digest}: the view extractions has the digests")
    return Target((text_digest,), ())


def find_returned(log: Log) -> Target:
    """What the list of erasures names and the log holds all the same: after a restore of an older backup."""
    erased = pa.table({"digest": pa.array(sorted(read_erasures(log.location.base)), pa.string())})
    con = log.reader()
    con.register("erased", erased)
    texts = con.execute("SELECT digest FROM texts WHERE digest IN (SELECT digest FROM erased)").fetchall()
    shots = con.execute(
        "SELECT payload->>'digest', detail->'capture'->>'warc', (detail->'capture'->>'offset')::BIGINT,"
        " (detail->'capture'->>'length')::BIGINT FROM event_log WHERE type = 'page_captured'"
        " AND (detail->'capture'->>'warc') IS NOT NULL AND (payload->>'digest') IN (SELECT digest FROM erased)"
    ).fetchall()
    con.unregister("erased")
    captures = [shot for shot in shots if not is_blank(log.location.captures / shot[1], shot[2], shot[3])]
    return Target(tuple(sorted(digest for (digest,) in texts)), tuple(sorted(captures)))


def find_older(log: Log, before: datetime) -> Target:
    """Everything captured before a moment: retention by age. An article that was captured again since is kept."""
    old = "SELECT payload->>'url' FROM event_log WHERE type = 'page_captured' GROUP BY 1 HAVING max(observed_at) < ?"
    return _find(log, f"u IN ({old})", before)


def erase(log: Log, target: Target, *, reason: Reason, now: datetime, run_id: str) -> ErasureReport:
    """Erase `target`; it can be run again, and does then what is still to be done. Raises LogError."""
    if not target.digests:
        return ErasureReport(0, 0, 0, 0)
    location = log.location
    # First the list and the log: from then on nothing takes the content in again, whatever happens to the rest.
    with writer_lock(location, purpose="erase: list"):
        add_erasures(location.base, target.digests)
    kinds: dict[str, Literal["text", "capture"]] = dict.fromkeys(target.texts, "text")
    kinds |= {capture[0]: "capture" for capture in target.captures}
    facts = [ContentErased(what=kind, digest=name, reason=reason) for name, kind in sorted(kinds.items())]
    log.append([Event.of_fact(fact, Origin(now, run_id, PRODUCER)) for fact in facts])
    log.catch_up()
    _erase_texts(log, target.texts)
    for _, warc, offset, length in target.captures:
        if warc is not None:
            blank_record(location.captures / warc, offset, length)
    spooled = sum(_clean_spool_file(file, set(target.texts)) for file in sorted(location.spool.rglob("*.arrow")))
    _purge(log)
    published = published_copies(location)
    for file, with_texts in published.items():
        if file.exists():
            publish(location.root, file, now=now, with_texts=with_texts)
    return ErasureReport(len(target.texts), len(target.captures), spooled, len(published))


def _find(log: Log, condition: str, value: object) -> Target:
    """Texts and captures of the pages whose URL `u` meets the condition."""
    shots = log.query(
        "SELECT event_id, payload->>'digest', detail->'capture'->>'warc', (detail->'capture'->>'offset')::BIGINT,"
        " (detail->'capture'->>'length')::BIGINT FROM (SELECT *, unnest([payload->>'url', payload->>'final_url']) AS u"
        f" FROM event_log WHERE type = 'page_captured') WHERE {condition}",
        [value],
    )
    ids = [row[0] for row in shots]
    texts = log.query(
        "SELECT DISTINCT unnest([payload->>'title_digest', payload->>'text_digest', payload->>'authors_digest']) FROM"
        " (SELECT *, payload->>'canonical_url' AS u FROM event_log WHERE type = 'article_extracted')"
        f" WHERE causation_id IN (SELECT unnest(?::UUID[])) OR {condition}"
        " UNION SELECT payload->>'title_digest' FROM"
        " (SELECT *, payload->>'url' AS u FROM event_log WHERE type = 'article_discovered')"
        f" WHERE {condition}",
        [ids, value, value],
    )
    captures = {(row[1], row[2], row[3] or 0, row[4] or 0) for row in shots}
    return Target(tuple(sorted({row[0] for row in texts if row[0]})), tuple(sorted(captures, key=str)))


def _erase_texts(log: Log, digests: Sequence[str]) -> None:
    with log.writing("erase") as con:
        con.execute("CREATE OR REPLACE TEMP TABLE gone AS SELECT unnest(?::VARCHAR[]) AS digest", [list(digests)])
        con.execute("DELETE FROM texts WHERE digest IN (SELECT digest FROM gone)")
        con.execute(
            "CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT article_id, 0 AS position, 0 AS last"
            " FROM event_log WHERE type = 'article_extracted'"
            " AND ((payload->>'title_digest') IN (SELECT digest FROM gone)"
            " OR (payload->>'text_digest') IN (SELECT digest FROM gone)"
            " OR (payload->>'authors_digest') IN (SELECT digest FROM gone))"
            " UNION SELECT article_id, 0, 0 FROM proj.articles WHERE feed_title_digest IN (SELECT digest FROM gone)"
        )
        state.refresh(con)


def _purge(log: Log) -> None:
    """Rewrite what held the words, let every old snapshot and file go, and clear the catalog's own memory of them."""
    with log.writing("erase: rewrite", transaction=False) as con:
        for table in _PROSE_TABLES:
            compact_table(con, table, whole=True)
    log.close()
    report = upkeep(log.location.root, grace=timedelta(0))
    if report.failed:
        raise LogError(f"erased from the log, but old files remain ({report.failed[0].error}): run the erasure again")
    _scrub_catalog(log.location)
    files.remove(files.find(log.location.copies))
    copy_catalog(log.location)


_SCRUB = """UPDATE {table} SET min_value = NULL, max_value = NULL WHERE (table_id, column_id) IN
    (SELECT c.table_id, c.column_id FROM ducklake_column c JOIN ducklake_table t USING (table_id)
    JOIN ducklake_schema s USING (schema_id) WHERE c.column_type = 'varchar'
    AND (s.schema_name, t.table_name) IN (VALUES ('main', 'texts'), ('proj', 'articles'), ('proj', 'world_events')))"""
_STATISTICS = ("ducklake_table_column_stats", "ducklake_file_column_stats")


def _scrub_catalog(location: Location) -> None:
    """The catalog keeps the least and the greatest value of each column, whole texts among them, also when deleted."""
    if location.catalog.in_postgres:
        with postgres.session(location.catalog) as cursor:
            cursor.execute(f'SET search_path = "{location.catalog.schema}"')
            for table in _STATISTICS:
                cursor.execute(_SCRUB.format(table=table))
        postgres.rewrite(location.catalog, _STATISTICS)
        return
    with closing(sqlite3.connect(location.catalog_file, timeout=30, isolation_level=None)) as con:
        con.execute("PRAGMA secure_delete = ON")
        for table in _STATISTICS:
            con.execute(_SCRUB.format(table=table))
        con.execute("VACUUM")
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _clean_spool_file(file: Path, gone: set[str]) -> bool:
    """Take erased texts out of a spool file; whether it held any."""
    with pa.memory_map(str(file)) as source, pa.ipc.open_file(source) as reader:
        table = reader.read_all()
        kept = [_without(texts, gone) for texts in table["texts"].to_pylist()]
        if kept == table["texts"].to_pylist():
            return False
        column = table.schema.get_field_index("texts")
        cleaned = table.set_column(column, table.schema.field(column), pa.array(kept, table.schema.field(column).type))
        part = file.with_name(f"{file.name}.part")
        with pa.ipc.new_file(str(part), table.schema) as writer:
            # A fresh copy of every buffer: a slice would carry the old bytes along.
            writer.write_table(pa.Table.from_pylist(cleaned.to_pylist(), schema=table.schema))
    part.replace(file)
    return True


def _without(texts: Iterable[str] | None, gone: set[str]) -> list[str] | None:
    return None if texts is None else [text for text in texts if digest(text) not in gone]
