"""`courant erase`: withdraw texts for good."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from cli.app import tell
from cli.errors import UsageError
from cli.options import LogOption, log_path


class Reason(StrEnum):
    """Codes that the log keeps; nothing personal."""

    law = "law"
    rights = "rights"
    retention = "retention"
    request = "request"
    mistake = "mistake"


def erase(
    reason: Annotated[Reason, typer.Option("--reason", help="Why: the code is all that the log keeps.")],
    url: Annotated[str | None, typer.Argument(metavar="[URL]", help="Page whose texts and captures are to go.")] = None,
    host: Annotated[str | None, typer.Option("--host", help="Every page of this host.")] = None,
    text_digest: Annotated[str | None, typer.Option("--text-digest", help="One text, as in `extractions`.")] = None,
    older_than: Annotated[
        int | None, typer.Option("--older-than", metavar="DAYS", min=1, help="What was last captured before then.")
    ] = None,
    log: LogOption = None,
) -> None:
    """Withdraw texts and captured pages, physically and everywhere; the log says only that it was done.

    Positions, ids and counts stay. Readers with an open transaction may have to begin again.

    \b
    Examples:
      courant erase https://news.example/2026/09/story --reason request
      courant erase --older-than 3650 --reason retention
    """
    from warehouse.erase import erase as run
    from warehouse.erase import find_host, find_older, find_text, find_url
    from warehouse.log import Log

    if sum(given is not None for given in (url, host, text_digest, older_than)) != 1:
        raise UsageError("name one thing to erase: a URL, --host, --text-digest or --older-than")
    now = datetime.now(UTC)
    with Log.open(log_path(log)) as opened:
        if url is not None:
            target = find_url(opened, url)
        elif host is not None:
            target = find_host(opened, host)
        elif text_digest is not None:
            target = find_text(opened, text_digest)
        else:
            target = find_older(opened, now - timedelta(days=older_than or 0))
        done = run(opened, target, reason=reason.value, now=now, run_id=f"erase-{now:%Y%m%dT%H%M%SZ}")
    tell(f"{done.texts} texts and {done.captures} captured pages were erased; backups made before still hold them")
