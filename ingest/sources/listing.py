"""The list of publishers goes into the log: said anew whenever it differs from what the log says."""

from datetime import datetime

from ingest.sources.publishers import Publishers
from schemas.envelope import Event, Origin
from schemas.facts import PublishersListed
from warehouse.log import AppendReport, Log

PRODUCER = "courant-publishers/1"


def list_publishers(log: Log, publishers: Publishers, *, now: datetime, run_id: str) -> AppendReport | None:
    """Append the list where the log has another one or none; None where it says the same. Raises LogError."""
    found = log.query("SELECT listing_id, digest FROM proj.publishers LIMIT 1")
    before, known = found[0] if found else (None, None)
    if known == publishers.digest or not publishers.rows:
        return None
    fact = PublishersListed(after=before, digest=publishers.digest, publishers=publishers.rows)
    return log.append([Event.of_fact(fact, Origin(now, run_id, PRODUCER))])
