"""`courant log …`: the event log itself."""

from pathlib import Path
from typing import Annotated

import typer

from cli.app import tell
from cli.options import FormatOption, JsonOption, LogOption, OutputOption, chosen_format, log_path
from cli.output import Format, sink, to_rows, write, write_object


def create(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder for the log; made where it is missing.")],
) -> None:
    """Make an empty event log. `courant init` makes one together with its settings.

    \b
    Example:
      courant log create /srv/news/log
    """
    from warehouse.log import Log

    with Log.create(path) as log:
        tell(f"An empty event log is at {log.location.root}")


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

    location = Location(log_path(log).resolve())
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
