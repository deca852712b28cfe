"""The current state of articles and events, kept in `proj.articles` and `proj.world_events`.

A catch-up finds which articles the events since the last one touched, and reads those again from their events, all in
one commit: so the two tables are always the state at one whole commit, whose last position `proj.checkpoint` names.
One SQL text says what the state is (`sql/state`): catch-up, rebuild and any past state (`world_events_as_of`) run it.
"""

from dataclasses import dataclass
from importlib.resources import files
from string import Template

import duckdb

from schemas.world import EVENT_TYPES

_FILES = files("warehouse") / "sql" / "state"
CHUNK = 20_000
"""Articles read at a time: bounds the memory of a catch-up."""


@dataclass(frozen=True, slots=True)
class Source:
    """Names of the relations that the state is read from."""

    log: str
    shots: str
    texts: str
    articles: str
    ranks: str = "proj.best_ranks"


WHOLE = Source("event_log", "event_log", "texts", "proj.articles")
THEN = Source("part", "shots", "words", "then_articles", ranks="ranks")
CHUNKED = Source("log_part", "shots_part", "texts_part", "articles_part")


def select(name: str, source: Source) -> str:
    """The SELECT that says what `articles` or `world_events` are, read from `source`."""
    world_types = ", ".join(f"'{type_}'" for type_ in EVENT_TYPES)
    return Template((_FILES / f"{name}.sql").read_text(encoding="utf-8")).substitute(
        log=source.log,
        shots=source.shots,
        texts=source.texts,
        articles=source.articles,
        ranks=source.ranks,
        world_types=world_types,
    )


def selects() -> dict[str, str]:
    """What view files may name as `$articles_then` and `$world_events_then`."""
    return {f"{name}_then": select(name, THEN) for name in ("articles", "world_events")}


def create(con: duckdb.DuckDBPyConnection) -> None:
    """The empty tables, and the view of ranks that they need."""
    con.execute(
        "CREATE OR REPLACE VIEW proj.best_ranks AS SELECT coder, max(rank) AS rank FROM proj.coder_ranks GROUP BY coder"
    )
    for name in ("articles", "world_events"):
        con.execute(f"CREATE TABLE proj.{name} AS SELECT * FROM ({select(name, WHOLE)}) LIMIT 0")


def position(con: duckdb.DuckDBPyConnection) -> int:
    """The last position that the state takes in."""
    return int(con.execute("SELECT position FROM proj.checkpoint WHERE name = 'state'").fetchall()[0][0])


def catch_up(con: duckdb.DuckDBPyConnection, head: int, *, chunk: int = CHUNK) -> int:
    """Take in the events up to `head`, inside the caller's transaction; how many articles were read again."""
    after = position(con)
    if after >= head:
        return 0
    con.execute(
        "CREATE OR REPLACE TEMP TABLE touched AS SELECT article_id, min(position) AS position FROM event_log"
        " WHERE position > ? AND article_id IS NOT NULL GROUP BY article_id",
        [after],
    )
    # A coder activated after it has coded changes what is current in all its articles.
    con.execute(
        "INSERT INTO touched SELECT DISTINCT article_id, 0 FROM event_log"
        " WHERE type = 'coding_completed' AND position <= ? AND (payload->>'coder') IN"
        " (SELECT payload->>'coder' FROM event_log WHERE position > ? AND type = 'coder_activated')",
        [after, after],
    )
    count = refresh(con, chunk=chunk)
    con.execute("UPDATE proj.checkpoint SET position = ? WHERE name = 'state'", [head])
    return count


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """Empty the state, so that the next catch-up makes it from nothing."""
    con.execute("DELETE FROM proj.articles")
    con.execute("DELETE FROM proj.world_events")
    con.execute("UPDATE proj.checkpoint SET position = 0 WHERE name = 'state'")


def refresh(con: duckdb.DuckDBPyConnection, *, chunk: int = CHUNK) -> int:
    """Read the articles in the temporary table `touched` again: new ones from `position` on, known ones whole."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE queue AS SELECT article_id, position, known,"
        " (row_number() OVER (ORDER BY known, position, article_id) - 1) // ? AS part FROM ("
        " SELECT t.article_id, min(t.position) AS position, bool_or(a.article_id IS NOT NULL) AS known"
        " FROM touched t LEFT JOIN proj.articles a USING (article_id) GROUP BY t.article_id)",
        [chunk],
    )
    parts = con.execute(
        "SELECT part, count(*), bool_or(known), min(position) FROM queue GROUP BY part ORDER BY part"
    ).fetchall()
    for part, _, known, start in parts:
        con.execute("CREATE OR REPLACE TEMP TABLE touched_part AS SELECT article_id FROM queue WHERE part = ?", [part])
        _load_part(con, 0 if known else start)
        if known:
            for name in ("articles", "world_events"):
                con.execute(f"DELETE FROM proj.{name} WHERE article_id IN (SELECT article_id FROM touched_part)")
        con.execute(f"CREATE OR REPLACE TEMP TABLE articles_part AS {select('articles', CHUNKED)}")
        con.execute("INSERT INTO proj.articles SELECT * FROM articles_part ORDER BY position")
        con.execute(
            f"INSERT INTO proj.world_events SELECT * FROM ({select('world_events', CHUNKED)})"
            " ORDER BY event_date, type, position"
        )
    return sum(count for _, count, _, _ in parts)


def _load_part(con: duckdb.DuckDBPyConnection, start: int) -> None:
    """The events, captures and texts of the touched articles, as temporary tables. Their events stand from `start` on.

    Most captures and texts came in the same commit as the article: they are looked for there first, and only what is
    missing is looked for in the whole log.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE log_part AS SELECT * FROM event_log"
        " WHERE position >= ? AND article_id IN (SELECT article_id FROM touched_part)",
        [start],
    )
    [(commit,)] = con.execute("SELECT coalesce(min(commit_id), 0) FROM log_part").fetchall()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE wanted AS SELECT DISTINCT causation_id AS event_id FROM log_part"
        " WHERE type = 'article_extracted' AND causation_id IS NOT NULL"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE shots_part AS SELECT event_id, observed_at, detail FROM event_log LIMIT 0"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE digests AS SELECT DISTINCT"
        " unnest([payload->>'title_digest', payload->>'text_digest', payload->>'authors_digest']) AS digest"
        " FROM log_part WHERE type = 'article_extracted'"
    )
    con.execute("CREATE OR REPLACE TEMP TABLE texts_part AS SELECT digest, text FROM texts LIMIT 0")
    for bound in (commit, 0):
        con.execute(
            "INSERT INTO shots_part SELECT event_id, observed_at, detail FROM event_log WHERE position >= ?"
            " AND type = 'page_captured' AND event_id IN (SELECT event_id FROM wanted)",
            [bound],
        )
        con.execute("DELETE FROM wanted WHERE event_id IN (SELECT event_id FROM shots_part)")
        con.execute(
            "INSERT INTO texts_part SELECT digest, text FROM texts WHERE position >= ?"
            " AND digest IN (SELECT digest FROM digests)",
            [bound],
        )
        con.execute("DELETE FROM digests WHERE digest IS NULL OR digest IN (SELECT digest FROM texts_part)")
