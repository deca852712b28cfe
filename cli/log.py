"""`courant log …`: the event log itself."""

from pathlib import Path
from typing import Annotated

import typer

from cli.app import tell
from cli.options import (
    CatalogOption,
    DataOption,
    FormatOption,
    JsonOption,
    LogOption,
    OutputOption,
    chosen_format,
    log_path,
    storage,
)
from cli.output import Format, sink, to_rows, write, write_object


def create(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder for the log; made where it is missing.")],
    catalog: CatalogOption = None,
    data: DataOption = None,
) -> None:
    """Make an empty event log. `courant init` makes one together with its settings.

    Where a catalog in PostgreSQL holds a log already, PATH becomes one more folder of that log: for another machine.

    \b
    Examples:
      courant log create /srv/news/log
      courant log create /srv/news/log --catalog postgresql://courant@db.example/news --data s3://news-bucket/log
    """
    from warehouse.log import Log

    with Log.create(path, **storage(catalog, data)) as log:
        said, head = log.location, log.head()
        tell(f"{'The' if head else 'An empty'} event log is at {said.root}")
        if said.catalog.in_postgres:
            tell(f"  catalog {said.catalog.name}, data {said.data}")


def lock(
    log: LogOption = None, format_: FormatOption = None, as_json: JsonOption = False, output: OutputOption = None
) -> None:
    """Tell who is writing to the log now. Readers never wait for it.

    \b
    Example:
      courant log lock --json
    """
    import pyarrow as pa

    from warehouse.location import Location
    from warehouse.lock import holder

    location = Location.find(log_path(log))
    location.check()
    note = holder(location)
    said = {name: (note or {}).get(name) for name in ("pid", "host", "purpose", "since")}
    state = {"held": note is not None, **said}
    with sink(chosen_format(format_, as_json, output), output) as out:
        if out.format in (Format.json, Format.jsonl):
            write_object(out, state)
        elif note is None and out.format is Format.table:
            out.text("Nobody is writing to the log.\n")
        else:
            words = [(name, pa.string()) for name in ("host", "purpose", "since")]
            fields = [("held", pa.bool_()), ("pid", pa.int64()), *words]
            write(out, to_rows([state], pa.schema(fields)))
