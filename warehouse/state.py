"""The current state of articles and events, kept in `proj.articles` and `proj.world_events`.

A catch-up finds which articles the events since the last one touched, and reads those again from their events, all in
one commit: so the two tables are always the state at one whole commit, whose last position `proj.checkpoint` names.
One SQL text says what the state is (`sql/state`): catch-up, rebuild and any past state (`world_events_as_of`) run it.
Beside them `proj.sources` says of each host that articles come from whose it is, by the list of publishers.
"""

from dataclasses import dataclass
from importlib.resources import files
from string import Template

import duckdb
import pyarrow.compute as pc

from schemas.world import EVENT_TYPES

_FILES = files("warehouse") / "sql" / "state"
CHUNK = 65_000
"""Articles read at a time: bounds the memory of a catch-up (some 2 GB at six events an article)."""
_SHOT = "event_id, position, type, stream, observed_at, detail"
_LISTED = "position, type, stream, payload"
_UNLISTED = (
    "SELECT stream FROM shots_part c WHERE coalesce(c.detail->>'via', 'live') = 'live'"
    " AND NOT EXISTS (SELECT 1 FROM found_part f WHERE f.stream = c.stream AND f.position < c.position)"
)
"""Pages fetched live of which it is not known yet which feed had listed them."""
SLICE = 400_000
"""Events taken in at a time: after so many, another writer may have its turn."""


@dataclass(frozen=True, slots=True)
class Source:
    """Names of the relations that the state is read from."""

    log: str
    shots: str
    texts: str
    found: str
    articles: str
    ranks: str = "proj.best_ranks"


WHOLE = Source("event_log", "event_log", "texts", "event_log", "proj.articles")
THEN = Source("part", "shots", "words", "listed", "then_articles", ranks="ranks")
CHUNKED = Source("log_part", "shots_part", "texts_part", "found_part", "articles_part")


def select(name: str, source: Source) -> str:
    """The SELECT that says what `articles` or `world_events` are, read from `source`."""
    world_types = ", ".join(f"'{type_}'" for type_ in EVENT_TYPES)
    return Template((_FILES / f"{name}.sql").read_text(encoding="utf-8")).substitute(
        log=source.log,
        shots=source.shots,
        texts=source.texts,
        found=source.found,
        articles=source.articles,
        ranks=source.ranks,
        world_types=world_types,
        shape=(_FILES / "world_event.json").read_text(encoding="utf-8"),
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
    con.execute(f"CREATE TABLE proj.sources AS SELECT * FROM ({sources('proj.articles')}) LIMIT 0")


def sources(hosts: str) -> str:
    """The SELECT that says whose the hosts are that stand in the relation `hosts`."""
    text = Template((_FILES / "sources.sql").read_text(encoding="utf-8"))
    return text.substitute(hosts=f"(SELECT DISTINCT host FROM {hosts} WHERE host IS NOT NULL)")


def position(con: duckdb.DuckDBPyConnection) -> int:
    """The last position that the state takes in."""
    return int(con.execute("SELECT position FROM proj.checkpoint WHERE name = 'state'").fetchall()[0][0])


def next_stop(con: duckdb.DuckDBPyConnection, head: int, *, events: int = SLICE) -> int | None:
    """Up to where the next catch-up should go: the end of a commit some `events` on; None where all is taken in."""
    after = position(con)
    if after >= head:
        return None
    if head - after <= events:
        return head
    [(start,)] = con.execute("SELECT min(commit_id) FROM event_log WHERE commit_id > ?", [after + events]).fetchall()
    return start - 1 if start is not None else head


def catch_up(con: duckdb.DuckDBPyConnection, head: int, *, chunk: int = CHUNK) -> int:
    """Take in all events up to `head`, inside the caller's transaction; how many articles were read again."""
    count = 0
    while (stop := next_stop(con, head)) is not None:
        count += take_in(con, stop, chunk=chunk)
    return count


def take_in(con: duckdb.DuckDBPyConnection, upto: int, *, chunk: int = CHUNK) -> int:
    """Take in the events up to `upto`, the end of a commit, inside the caller's transaction; how many articles."""
    after = position(con)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE touched AS SELECT article_id, min(position) AS position, max(position) AS last"
        " FROM event_log WHERE position > ? AND position <= ? AND article_id IS NOT NULL GROUP BY article_id",
        [after, upto],
    )
    decided = con.execute(
        "SELECT DISTINCT type, payload->>'coder' AS coder FROM event_log"
        " WHERE position > ? AND position <= ? AND type IN ('coder_activated', 'publishers_listed')",
        [after, upto],
    ).to_arrow_table()
    # A coder activated after it has coded changes what is current in all its articles.
    coders = decided.filter(pc.equal(decided["type"], "coder_activated"))
    if coders.num_rows:
        con.register("activated", coders)
        con.execute(
            "INSERT INTO touched SELECT DISTINCT article_id, 0, 0 FROM event_log WHERE type = 'coding_completed'"
            " AND position <= ? AND (payload->>'coder') IN (SELECT coder FROM activated)",
            [after],
        )
        con.unregister("activated")
    count = refresh(con, upto=upto, chunk=chunk)
    if decided.num_rows > coders.num_rows:
        con.execute("DELETE FROM proj.sources")
        con.execute(f"INSERT INTO proj.sources SELECT * FROM ({sources('proj.articles')}) ORDER BY host")
    con.execute("UPDATE proj.checkpoint SET position = ? WHERE name = 'state'", [upto])
    return count


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """Empty the state, so that the next catch-up makes it from nothing."""
    con.execute("DELETE FROM proj.articles")
    con.execute("DELETE FROM proj.world_events")
    con.execute("DELETE FROM proj.sources")
    con.execute("UPDATE proj.checkpoint SET position = 0 WHERE name = 'state'")


def refresh(con: duckdb.DuckDBPyConnection, *, upto: int | None = None, chunk: int = CHUNK) -> int:
    """Read the articles in the temporary table `touched` again, as they are at position `upto` (the checkpoint's).

    Their new events stand from `position` to `last`: of an article not known yet, all its events do.
    """
    upto = position(con) if upto is None else upto
    con.execute(
        "CREATE OR REPLACE TEMP TABLE queue AS SELECT article_id, position, last, known,"
        " (row_number() OVER (ORDER BY known, position, article_id) - 1) // ? AS part FROM ("
        " SELECT t.article_id, min(t.position) AS position, max(t.last) AS last,"
        " bool_or(a.article_id IS NOT NULL) AS known"
        " FROM touched t LEFT JOIN proj.articles a USING (article_id) GROUP BY t.article_id)",
        [chunk],
    )
    parts = con.execute(
        "SELECT part, count(*), bool_or(known), min(position), max(last) FROM queue GROUP BY part ORDER BY part"
    ).fetchall()
    for part, _, known, first, last in parts:
        con.execute("CREATE OR REPLACE TEMP TABLE touched_part AS SELECT article_id FROM queue WHERE part = ?", [part])
        _load_part(con, 0 if known else first, upto if known else last)
        if known:
            for name in ("articles", "world_events"):
                con.execute(f"DELETE FROM proj.{name} WHERE article_id IN (SELECT article_id FROM touched_part)")
        con.execute(f"CREATE OR REPLACE TEMP TABLE articles_part AS {select('articles', CHUNKED)}")
        con.execute("INSERT INTO proj.articles SELECT * FROM articles_part ORDER BY position")
        con.execute(
            f"INSERT INTO proj.world_events SELECT * FROM ({select('world_events', CHUNKED)})"
            " ORDER BY event_date, type, position"
        )
        con.execute(
            "CREATE OR REPLACE TEMP TABLE new_hosts AS SELECT DISTINCT host FROM articles_part"
            " ANTI JOIN proj.sources USING (host)"
        )
        if con.execute("SELECT count(*) FROM new_hosts").fetchall() != [(0,)]:
            con.execute(f"INSERT INTO proj.sources SELECT * FROM ({sources('new_hosts')}) ORDER BY host")
    return sum(count for _, count, *_ in parts)


def _load_part(con: duckdb.DuckDBPyConnection, first: int, last: int) -> None:
    """The events, captures and texts of the touched articles, as temporary tables. Their events stand in that range.

    Most captures and texts came in the same commits as the articles: they are looked for there first, and only what is
    missing is looked for in the whole log.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE log_part AS SELECT * FROM event_log"
        " WHERE position >= ? AND position <= ? AND article_id IN (SELECT article_id FROM touched_part)",
        [first, last],
    )
    [(commit,)] = con.execute("SELECT coalesce(min(commit_id), 0) FROM log_part").fetchall()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE wanted AS SELECT DISTINCT causation_id AS event_id FROM log_part"
        " WHERE type = 'article_extracted' AND causation_id IS NOT NULL"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE shots_part AS SELECT {_SHOT} FROM event_log LIMIT 0")
    con.execute(f"CREATE OR REPLACE TEMP TABLE found_part AS SELECT {_LISTED} FROM event_log LIMIT 0")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE digests AS SELECT DISTINCT digest FROM (SELECT"
        " unnest([payload->>'title_digest', payload->>'text_digest', payload->>'authors_digest']) AS digest"
        " FROM log_part WHERE type = 'article_extracted') WHERE digest IS NOT NULL"
    )
    con.execute("CREATE OR REPLACE TEMP TABLE texts_part AS SELECT digest, text FROM texts LIMIT 0")
    for bound in (commit, 0):
        con.execute(
            f"INSERT INTO shots_part SELECT {_SHOT} FROM event_log WHERE position >= ?"
            " AND position <= ? AND type = 'page_captured' AND event_id IN (SELECT event_id FROM wanted)",
            [bound, last],
        )
        con.execute(
            f"INSERT INTO found_part SELECT {_LISTED} FROM event_log WHERE position >= ? AND position <= ?"
            f" AND type = 'article_discovered' AND stream IN ({_UNLISTED})",
            [bound, last],
        )
        con.execute(
            "INSERT INTO digests SELECT DISTINCT payload->>'title_digest' FROM found_part"
            " WHERE (payload->>'title_digest') NOT IN (SELECT digest FROM texts_part)"
        )
        con.execute(
            "INSERT INTO texts_part SELECT digest, text FROM texts WHERE position >= ? AND position <= ?"
            " AND digest IN (SELECT digest FROM digests) AND digest NOT IN (SELECT digest FROM texts_part)",
            [bound, last],
        )
        con.execute("DELETE FROM wanted WHERE event_id IN (SELECT event_id FROM shots_part)")
        con.execute("DELETE FROM digests WHERE digest IN (SELECT digest FROM texts_part)")
        [(missing,)] = con.execute(
            "SELECT (SELECT count(*) FROM wanted) + (SELECT count(*) FROM digests)"
            f" + (SELECT count(*) FROM ({_UNLISTED}))"
        ).fetchall()
        if not missing:
            break
