"""The whole story of one URL, from the log: where it was seen, what became of it, and what comes next."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb

from schemas.urls import host_of

_PAGE = "('article_discovered', 'page_captured', 'page_revisited', 'capture_failed', 'article_skipped')"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: its position in the log, when it was observed, the event's type, and a sentence."""

    position: int
    at: datetime
    type: str
    told: str


@dataclass(frozen=True, slots=True)
class Story:
    """What the log knows of a URL, oldest first, and in a sentence what comes next."""

    url: str
    steps: tuple[Step, ...]
    next: str

    def to_json(self) -> dict[str, Any]:
        steps = [{**asdict(step), "at": step.at.isoformat()} for step in self.steps]
        return {"url": self.url, "steps": steps, "next": self.next}


def story(con: duckdb.DuckDBPyConnection, url: str, *, max_attempts: int) -> Story:
    """The story of a page by its requested, final or canonical URL (cleaned), over a reader's connection."""
    _gather(con, url)
    rows = con.execute(
        "SELECT s.position, s.observed_at, s.type, s.payload::VARCHAR, s.detail::VARCHAR, f.url FROM story s"
        " LEFT JOIN proj.feed_state f USING (feed_id) ORDER BY s.position"
    ).fetchall()
    steps, codings = [], dict(_events_of_codings(con))
    pruned = {
        w for (w,) in con.execute("SELECT payload->>'warc' FROM event_log WHERE type = 'captures_pruned'").fetchall()
    }
    for position, at, type_, payload, detail, feed in rows:
        said = {**json.loads(payload), **json.loads(detail or "{}"), "feed": feed}
        said["pruned"] = (said.get("capture") or {}).get("warc") in pruned
        told = _TOLD[type_](said, codings.get(position, "no events"))
        steps.append(Step(position, at, type_, told))
    return Story(url, tuple(steps), _next(con, url, steps, rows, max_attempts))


def _gather(con: duckdb.DuckDBPyConnection, url: str) -> None:
    """All facts of the page and its article, as the temporary table `story`."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE pages AS SELECT $1::VARCHAR AS url UNION SELECT payload->>'url' FROM event_log"
        " WHERE type = 'page_captured' AND (payload->>'final_url') = $1 UNION SELECT detail->>'url' FROM event_log"
        " WHERE type = 'article_extracted' AND (detail->>'url') IS NOT NULL AND (payload->>'canonical_url') = $1",
        [url],
    )
    con.execute("CREATE OR REPLACE TEMP TABLE streams AS SELECT 'page:' || url AS stream FROM pages")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE story AS SELECT position, event_id, observed_at, type, payload, detail, feed_id"
        f" FROM event_log WHERE type IN {_PAGE} AND stream IN (SELECT stream FROM streams)"
    )
    con.execute(
        "INSERT INTO story SELECT position, event_id, observed_at, type, payload, detail, feed_id FROM event_log"
        " WHERE type = 'article_extracted' AND (causation_id IN (SELECT event_id FROM story)"
        " OR (payload->>'canonical_url') = ?)",
        [url],
    )
    con.execute(
        "INSERT INTO story SELECT position, event_id, observed_at, type, payload, detail, feed_id FROM event_log"
        " WHERE type = 'coding_completed' AND (payload->>'extraction_id')::UUID IN"
        " (SELECT event_id FROM story WHERE type = 'article_extracted')"
    )
    con.execute(
        "INSERT INTO story SELECT e.position, e.event_id, e.observed_at, e.type, e.payload,"
        " to_json({'original': a.url}), e.feed_id FROM event_log e"
        " LEFT JOIN proj.articles a ON a.article_id = (e.payload->>'copy_of')::UUID"
        " WHERE e.type = 'article_copied' AND e.article_id IN"
        " (SELECT (payload->>'article_id')::UUID FROM story WHERE type = 'article_extracted')"
    )
    con.execute(
        "INSERT INTO story SELECT position, event_id, observed_at, type, payload, detail, feed_id FROM event_log"
        " WHERE type = 'content_erased' AND (payload->>'digest') IN (SELECT unnest([payload->>'digest',"
        " payload->>'title_digest', payload->>'text_digest', payload->>'authors_digest']) FROM story)"
    )


def _events_of_codings(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, str]]:
    """Of each coding in `story`, by position: how many events of which types."""
    rows = con.execute(
        "SELECT s.position, e.type, count(*)"
        " FROM event_log e JOIN story s ON s.event_id = (e.payload->>'coding_id')::UUID"
        " WHERE s.type = 'coding_completed' AND e.type IN (SELECT type FROM event_types)"
        " AND e.position >= (SELECT min(position) FROM story) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    said: dict[int, list[str]] = {}
    for position, type_, count in rows:
        said.setdefault(position, []).append(f"{count} {type_}" if count > 1 else type_)
    for position, parts in said.items():
        yield position, ", ".join(parts)


def _next(
    con: duckdb.DuckDBPyConnection, url: str, steps: list[Step], rows: list[tuple[Any, ...]], max_attempts: int
) -> str:
    if not steps:
        return (
            "The log knows nothing of it: no feed has named it, and no archive held it."
            " `courant feeds check` tells whether the feeds answer, `courant backfill` brings pages in by hand."
        )
    pending = con.execute(
        "SELECT attempts, retry_at FROM proj.pending_pages WHERE url IN (SELECT url FROM pages)"
    ).fetchone()
    if pending is not None:
        attempts, retry_at = pending
        when = f"not before {retry_at}" if retry_at else "with the next run"
        return f"It will be fetched {when}: attempt {attempts + 1} of {max_attempts}.{_of_its_host(con)}"
    last = steps[-1]
    if last.type == "article_skipped" and json.loads(rows[-1][3]).get("retryable"):
        return "It will be read again from its capture, with the next run."
    if last.type == "capture_failed":
        return "It is given up: `courant backfill` can still bring the page in from elsewhere."
    if last.type == "article_discovered" and json.loads(rows[-1][3]).get("refused"):
        return "Nothing: no feed that names it may have it fetched (`allowHosts` in the feeds file)."
    if last.type == "content_erased":
        return "It stays erased: the same text is not taken in again."
    same = con.execute(
        "SELECT a.url FROM proj.articles a WHERE a.text_digest IN (SELECT payload->>'text_digest' FROM story"
        " WHERE type = 'article_extracted') AND a.url <> ? AND a.url NOT IN (SELECT url FROM pages) ORDER BY a.url",
        [url],
    ).fetchall()
    twins = f" The very same text stands at {', '.join(row[0] for row in same[:5])}." if same else ""
    return f"Nothing: what was to be done is done.{twins}"


def _of_its_host(con: duckdb.DuckDBPyConnection) -> str:
    """What keeps the page's host from being asked, where something does."""
    told = ""
    for (url,) in con.execute("SELECT url FROM pages").fetchall():
        row = con.execute(
            "SELECT host, passes, message, wait_until FROM proj.host_state WHERE host = ?", [host_of(url)]
        ).fetchone()
        if row is not None and row[1]:
            told = f" Its host {row[0]} has not answered since {row[1]} {'pass' if row[1] == 1 else 'passes'}: {row[2]}"
        elif row is not None:
            told = f" Its host {row[0]} asked to be left alone until {row[3]}."
    return told


def _discovered(said: Mapping[str, Any], _: str) -> str:
    dated = f", dated {said['published']}" if said.get("published") else ""
    refused = ", and not fetched for it: its host is not among those allowed" if said.get("refused") else ""
    return f"named by the feed {said['feed'] or said['feed_id']}{dated}{refused}"


def _captured(said: Mapping[str, Any], _: str) -> str:
    hops = "".join(f", {status} to {place}" for status, place in said.get("redirects", ()))
    kept = (said.get("capture") or {}).get("warc", "no WARC file")
    where = f"was kept in {kept}, since pruned" if said["pruned"] else f"kept in {kept}"
    return f"answered {said.get('http_status', 200)}, {said['bytes']:,} bytes{hops}, {where}"


def _failed(said: Mapping[str, Any], _: str) -> str:
    final = ", given up" if said.get("final") else ""
    return f"not fetched at attempt {said['attempt']}{final}: {said['reason']}, {said['message']}"


def _extracted(said: Mapping[str, Any], _: str) -> str:
    dated = f"published {said['published_on']} ({said['published_from']})" if said.get("published_on") else "no date"
    read = f"read as {said.get('kind', 'article')} of {said['characters']:,} characters"
    return f"{read}, {said.get('language') or 'no language'}, {dated}, canonical {said['canonical_url']}"


def _coded(said: Mapping[str, Any], events: str) -> str:
    return f"not coded: {said['skipped']}" if said.get("skipped") else f"coded by {said['coder_name']}: {events}"


def _revisited(said: Mapping[str, Any], _: str) -> str:
    came = {"changed": "it has changed", "unchanged": "it is as it was", "failed": f"not fetched: {said.get('reason')}"}
    return f"asked for again, for its feed dates an update {said['updated']}: {came[said['outcome']]}"


def _copied(said: Mapping[str, Any], _: str) -> str:
    return f"carries {said['containment']:.0%} of the text of {said['original'] or said['copy_of']}: one source with it"


_TOLD: dict[str, Callable[[Mapping[str, Any], str], str]] = {
    "article_discovered": _discovered,
    "page_captured": _captured,
    "capture_failed": _failed,
    "article_skipped": lambda said, _: f"no article in it: {said['reason']}, {said['message']}",
    "article_extracted": _extracted,
    "coding_completed": _coded,
    "article_copied": _copied,
    "page_revisited": _revisited,
    "content_erased": lambda said, _: f"its {said['what']} was erased ({said['reason']})",
}
