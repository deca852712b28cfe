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
        "WITH pages AS (SELECT $1 AS url UNION SELECT url FROM captures WHERE final_url = $1 UNION"
        " SELECT detail->>'url' FROM event_log WHERE type = 'article_extracted' AND (payload->>'canonical_url') = $1),"
        " feeds AS (SELECT observed_at, payload->>'url' AS url, payload->>'final_url' AS final_url,"
        " (payload->>'http_status')::INTEGER AS http_status, NULL, NULL, payload->>'body_digest',"
        " detail->'capture'->>'warc' AS warc, (detail->'capture'->>'offset')::BIGINT, position"
        " FROM event_log WHERE type = 'feed_polled')"
        " SELECT * EXCLUDE (position) FROM ("
        "  SELECT captured_at, url, final_url, http_status, content_type, bytes, digest, warc,"
        "  coalesce(warc_offset, 0), kept, position FROM captures WHERE url IN (SELECT url FROM pages)"
        "  UNION ALL"
        "  SELECT * EXCLUDE (position), CASE WHEN warc IN (SELECT payload->>'warc' FROM event_log"
        "   WHERE type = 'captures_pruned') THEN 'pruned' ELSE 'yes' END, position"
        "  FROM feeds WHERE warc IS NOT NULL AND $1 IN (url, final_url))"
        " ORDER BY captured_at DESC, position DESC",
        [url],
    ).fetchall()
    return [FoundCapture(*row) for row in rows]
