"""`courant feeds health`: how each feed and publisher fares, and which are unlike themselves."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.app import tell
from cli.options import FormatOption, JsonOption, LogOption, OutputOption, chosen_format
from cli.output import Format, sink, to_rows, write, write_object
from cli.text import one_line
from cli.values import json_value
from ingest.settings import Settings

if TYPE_CHECKING:
    from ingest.sources.histories import Health


class By(StrEnum):
    """Whose rows are shown."""

    feed = "feed"
    publisher = "publisher"


def health(
    by: Annotated[By, typer.Option(help="A row a feed, or a row a publisher.")] = By.feed,
    log: LogOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Tell how feeds and publishers fare, and warn of those that are unlike themselves.

    Held against its fourteen days before: polls that fail, pages without an article, silence, number of entries.
    JSON has feeds, publishers and warnings; all other formats have a row each. Warnings go to standard error too.

    \b
    Examples:
      courant feeds health
      courant feeds health --by publisher --format csv
    """
    import pyarrow as pa

    from ingest.sources.histories import healths
    from warehouse.attach import connect

    with connect(Settings.load(log=log).log) as con:
        found = healths(con)
    feeds, publishers = ([_row(one) for one in some] for some in (found.feeds, found.publishers))
    with sink(chosen_format(format_, as_json, output), output) as out:
        if out.format in (Format.json, Format.jsonl):
            said = {"until": found.until, "feeds": feeds, "publishers": publishers, "warnings": list(found.warnings)}
            write_object(out, json_value(said))
        else:
            rows = feeds if by is By.feed else publishers
            rows = [_short(row) for row in rows] if out.format is Format.table else [_flat(row) for row in rows]
            if rows:
                write(out, to_rows(rows, pa.Table.from_pylist(rows).schema), tell)
    for warning in found.warnings:
        tell(f"warning: {warning}")


def _row(one: "Health") -> dict[str, Any]:
    from ingest.sources.health import share

    history = one.history
    last, whole = history.last, history.whole
    return {
        "name": one.title or history.name,
        "url": history.name if one.title != history.name else None,
        "publisher": one.publisher,
        "feeds": one.feeds,
        "last_polled_at": one.last_polled_at,
        "last_success_at": one.last_success_at,
        "failures_in_a_row": one.failures_in_a_row,
        "error_rate": _rounded(share(last.failed, last.polls)),
        "error_rate_before": _rounded(share(whole.failed - last.failed, whole.polls - last.polls)),
        "empty_rate": _rounded(share(last.empty, last.read)),
        "empty_rate_before": _rounded(share(whole.empty - last.empty, whole.read - last.read)),
        "silent_hours": _rounded(history.silence),
        "longest_silence_hours": _rounded(history.longest_silence),
        "entries_last_day": last.entries,
        "entries_a_day": history.a_day("entries"),
        "articles_a_day": history.a_day("articles"),
        "events_a_day": history.a_day("events"),
        "signs": [notice.sign for notice in one.notices],
    }


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "signs": " ".join(row["signs"])}


def _short(row: dict[str, Any]) -> dict[str, Any]:
    success: datetime | None = row["last_success_at"]
    return {
        "name": one_line(row["name"]),
        "last good": f"{success:%m-%d %H:%M}" if success else "never",
        "failed": _percent(row["error_rate"]),
        "empty": _percent(row["empty_rate"]),
        "silent h": f"{row['silent_hours']:.0f}" if row["silent_hours"] is not None else "",
        "entries": row["entries_last_day"],
        "a day": row["entries_a_day"],
        "articles a day": row["articles_a_day"],
        "events a day": row["events_a_day"],
        "unlike itself": " ".join(row["signs"]),
    }


def _percent(rate: float | None) -> str:
    return f"{rate:.0%}" if rate is not None else ""


def _rounded(value: float | None) -> float | None:
    return round(value, 3) if value is not None else None
