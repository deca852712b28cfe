"""Finding the captures of a page or feed in the log, by any of its addresses."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb


@dataclass(frozen=True, slots=True)
class FoundCapture:
    """A capture: when and from where it was answered, and where it lies. Of a feed's, no size is known.

    `kept` is `yes`, or why not: `erased`, `pruned`, `never`.
    """

    captured_at: datetime
    url: str
    final_url: str
    http_status: int | None
    content_type: str | None
    bytes: int | None
    digest: str | None
    warc: str | None
    offset: int
    kept: str

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "captured_at": self.captured_at.isoformat()}


def find_captures(con: duckdb.DuckDBPyConnection, url: str) -> list[FoundCapture]:
    """The captures of a page by its requested, final or canonical URL (cleaned), or of a feed, the newest first."""
    rows = con.execute(
        "WITH pages AS (SELECT $1 AS url UNION SELECT payload->>'url' FROM event_log WHERE type = 'page_captured'"
        " AND (payload->>'final_url') = $1 UNION SELECT detail->>'url' FROM event_log"
        " WHERE type = 'article_extracted' AND (payload->>'canonical_url') = $1 AND (detail->>'url') IS NOT NULL),"
        " gone AS (SELECT payload->>'digest' AS digest FROM event_log WHERE type = 'content_erased'),"
        " pruned AS (SELECT payload->>'warc' AS warc FROM event_log WHERE type = 'captures_pruned'),"
        " shots AS (SELECT *, payload->>'digest' AS digest FROM event_log WHERE type = 'page_captured'"
        "  AND stream IN (SELECT 'page:' || url FROM pages)"
        "  UNION ALL SELECT *, payload->>'body_digest' FROM event_log WHERE type = 'feed_polled'"
        "  AND $1 IN (payload->>'url', payload->>'final_url') AND (detail->'capture'->>'warc') IS NOT NULL)"
        " SELECT observed_at, payload->>'url', coalesce(payload->>'final_url', payload->>'url'),"
        " (payload->>'http_status')::INTEGER, payload->>'content_type', (payload->>'bytes')::BIGINT, digest,"
        " detail->'capture'->>'warc', coalesce((detail->'capture'->>'offset')::BIGINT, 0),"
        " CASE WHEN digest IN (SELECT digest FROM gone) THEN 'erased'"
        "  WHEN (detail->'capture'->>'warc') IN (SELECT warc FROM pruned) THEN 'pruned'"
        "  WHEN (detail->'capture'->>'warc') IS NULL THEN 'never' ELSE 'yes' END"
        " FROM shots ORDER BY observed_at DESC, position DESC",
        [url],
    ).fetchall()
    return [FoundCapture(*row) for row in rows]
