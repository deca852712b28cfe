# ruff: noqa: E501 - SQL that reads better in long lines
"""A big made-up log for the benchmarks, written by SQL straight into the lake: news-like sizes, no real words.

Six events an article: captured, extracted, coded, three world events; 300 articles a commit, as a spool file brings. Deterministic: the numbers come from hashes.
"""

from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.attach import attach
from warehouse.layout import create
from warehouse.location import Location
from warehouse.log import EVENT_COLUMNS

CHUNK = 100_000
TYPES = ["call_held", "meeting_held", "truce_agreed", "attack_carried_out", "talks_planned", "sanctions_imposed"]
CODES = [f"{a}{b}{c}" for a in "ABCDE" for b in "LMNOP" for c in "XYZ"]


def build(path: Path, articles: int) -> Path:
    """A log of `articles` articles at `path` (6 events each), made where it is not there yet."""
    from uuid import UUID

    location = Location(path.resolve())
    if location.marker.exists():
        return path
    for folder in (Path(location.data), location.captures, location.spool):
        folder.mkdir(parents=True, exist_ok=True)
    create(location)
    con = attach(location, read_only=False)
    con.execute("CREATE TEMP TABLE codes AS SELECT ?::VARCHAR[] AS codes, ?::VARCHAR[] AS types", [CODES, TYPES])
    for start in range(0, articles, CHUNK):
        _chunk(con, start, min(start + CHUNK, articles))
    con.close()
    location.write_marker(UUID(int=7))
    return path


def batch(start: int, stop: int) -> pa.Table:
    """The events of articles `start` to `stop`, with their texts, as an append takes them."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute("CREATE TEMP TABLE codes AS SELECT ?::VARCHAR[] AS codes, ?::VARCHAR[] AS types", [CODES, TYPES])
    _make(con, start, stop)
    rows = con.execute(
        """SELECT event_id::VARCHAR AS event_id, stream, type, schema_version, observed_at, run_id, producer,
                  causation_id::VARCHAR AS causation_id, article_id::VARCHAR AS article_id, feed_id::VARCHAR AS feed_id,
                  event_date, actors, payload::VARCHAR AS payload, detail::VARCHAR AS detail,
                  CASE WHEN type = 'article_extracted' THEN [title, text] END AS texts
           FROM made_events e JOIN made_texts t USING (i) ORDER BY position"""
    ).to_arrow_table()
    return rows.cast(EVENT_COLUMNS)


def _chunk(con: duckdb.DuckDBPyConnection, start: int, stop: int) -> None:
    con.execute("BEGIN")
    _make(con, start, stop)
    con.execute("INSERT INTO event_log SELECT * EXCLUDE (i) FROM made_events ORDER BY position")
    con.execute(
        "INSERT INTO texts SELECT 'sha256:' || sha256(said), i // 300 * 1800 + 1, said"
        " FROM (SELECT i, unnest([title, text]) AS said FROM made_texts) ORDER BY 2"
    )
    con.execute("COMMIT")


def _make(con: duckdb.DuckDBPyConnection, start: int, stop: int) -> None:
    """The temporary tables `made_events` and `made_texts`, of articles `start` to `stop`."""
    con.execute(
        """CREATE OR REPLACE TEMP TABLE made AS
        SELECT i, k, i * 6 + k + 1 AS position, md5('article' || i)::UUID AS article_id,
               md5('event' || i || '-' || k)::UUID AS event_id, md5('event' || i || '-0')::UUID AS capture_id,
               md5('event' || i || '-1')::UUID AS extraction_id, md5('event' || i || '-2')::UUID AS coding_id,
               'https://' || (i % 400) || '.example/story/' || i AS url,
               DATE '2020-01-01' + (i // 400)::INTEGER % 2000 AS day,
               codes[1 + (hash(i * 7 + k) % len(codes))::INTEGER] AS code1, codes[1 + (hash(i * 11 + k + 5) % len(codes))::INTEGER] AS code2,
               types[1 + (hash(i * 13 + k) % len(types))::INTEGER] AS said,
               sha256('Headline number ' || i || ' of a made-up paper') AS title_digest,
               sha256(repeat('word ' || i || ' ', 300)) AS text_digest
        FROM range(?, ?) AS r(i), range(6) AS e(k), codes""",
        [start, stop],
    )
    con.execute(
        """CREATE OR REPLACE TEMP TABLE made_events AS
        SELECT i, position, i // 300 * 1800 + 1 AS commit_id, event_id, CASE WHEN k = 0 THEN 'page:' || url ELSE 'article:' || article_id END AS stream,
               CASE k WHEN 0 THEN 'page_captured' WHEN 1 THEN 'article_extracted' WHEN 2 THEN 'coding_completed' ELSE said END
                    AS type,
               1 AS schema_version, day::TIMESTAMPTZ AS recorded_at, day::TIMESTAMPTZ AS observed_at,
               'run-' || day AS run_id, 'bench/1' AS producer,
               CASE WHEN k = 1 THEN capture_id WHEN k >= 2 THEN extraction_id END AS causation_id,
               CASE WHEN k > 0 THEN article_id END AS article_id, NULL::UUID AS feed_id,
               CASE WHEN k > 2 THEN day END AS event_date, CASE WHEN k > 2 THEN [code1, code2] END AS actors,
               CASE k
               WHEN 0 THEN json_object('url', url, 'final_url', url, 'digest', 'sha256:' || title_digest, 'bytes', 40000,
                                       'http_status', 200, 'content_type', 'text/html')
               WHEN 1 THEN json_object('article_id', article_id, 'canonical_url', url, 'characters', 3000, 'kind', 'article',
                   'language', 'en', 'published_on', day::VARCHAR, 'published_from', 'meta', 'site_name', 'Paper ' || (i % 400),
                   'title_digest', 'sha256:' || title_digest, 'text_digest', 'sha256:' || text_digest, 'extractor', 'x/1')
               WHEN 2 THEN json_object('extraction_id', extraction_id, 'article_id', article_id, 'coder', 'c@1',
                   'coder_name', 'c', 'coder_version', '1', 'events', 3)
               ELSE json_object('claim_id', md5('claim' || i || '-' || k)::UUID, 'coding_id', coding_id, 'modality', 'asserted',
                   'background', false, 'confidence', 0.8, 'occurred_on', day::VARCHAR, 'occurred_from', day::VARCHAR,
                   'occurred_to', day::VARCHAR, 'date_precision', 'day', 'date_basis', 'relative',
                   'evidence', json_object('field', 'text', 'start', 20, 'end', 140), 'mentions', json_array(),
                   'quantities', json_array(),
                   'participants', json_array(
                       json_object('actor_id', 'country:' || code1, 'kind', 'country', 'code', code1, 'role', 'party',
                                   'name_at', json_object('field', 'text', 'start', 20, 'end', 32)),
                       json_object('actor_id', 'country:' || code2, 'kind', 'country', 'code', code2, 'role', 'party',
                                   'name_at', json_object('field', 'text', 'start', 40, 'end', 52)))) END AS payload,
               NULL::JSON AS detail
        FROM made ORDER BY position"""
    )
    con.execute(
        """CREATE OR REPLACE TEMP TABLE made_texts AS
        SELECT i, 'Headline number ' || i || ' of a made-up paper' AS title, repeat('word ' || i || ' ', 300) AS text
        FROM range(?, ?) AS r(i)""",
        [start, stop],
    )
