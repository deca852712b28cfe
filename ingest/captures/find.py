"""Finding the captures of a page in the log, by any of its addresses."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb


@dataclass(frozen=True, slots=True)
class FoundCapture:
    """A capture: when and from where it was answered, and where it lies. `kept` is `yes`, or why not."""

    captured_at: datetime
    url: str
    final_url: str
    http_status: int
    content_type: str | None
    bytes: int
    digest: str
    warc: str | None
    offset: int
    kept: str

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "captured_at": self.captured_at.isoformat()}


def find_captures(con: duckdb.DuckDBPyConnection, url: str) -> list[FoundCapture]:
    """The captures of a page by its requested, final or canonical URL (cleaned), the newest first."""
    rows = con.execute(
        "WITH pages AS (SELECT $1 AS url UNION SELECT payload->>'url' FROM event_log WHERE type = 'page_captured'"
        " AND (payload->>'final_url') = $1 UNION SELECT detail->>'url' FROM event_log"
        " WHERE type = 'article_extracted' AND (payload->>'canonical_url') = $1 AND (detail->>'url') IS NOT NULL),"
        " gone AS (SELECT payload->>'digest' AS digest FROM event_log WHERE type = 'content_erased'),"
        " pruned AS (SELECT payload->>'warc' AS warc FROM event_log WHERE type = 'captures_pruned')"
        " SELECT observed_at, payload->>'url', payload->>'final_url', (payload->>'http_status')::INTEGER,"
        " payload->>'content_type', (payload->>'bytes')::BIGINT, payload->>'digest', detail->'capture'->>'warc',"
        " coalesce((detail->'capture'->>'offset')::BIGINT, 0),"
        " CASE WHEN (payload->>'digest') IN (SELECT digest FROM gone) THEN 'erased'"
        "  WHEN (detail->'capture'->>'warc') IN (SELECT warc FROM pruned) THEN 'pruned'"
        "  WHEN (detail->'capture'->>'warc') IS NULL THEN 'never kept' ELSE 'yes' END"
        " FROM event_log WHERE type = 'page_captured' AND stream IN (SELECT 'page:' || url FROM pages)"
        " ORDER BY observed_at DESC, position DESC",
        [url],
    ).fetchall()
    return [FoundCapture(*row) for row in rows]
