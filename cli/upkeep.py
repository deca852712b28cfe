"""`courant upkeep`: what keeps the log quick: big files, old snapshots gone, a copy of the catalog."""

from datetime import timedelta
from typing import Annotated

import typer

from cli.app import tell
from cli.errors import FOUND_WRONG
from cli.options import FormatOption, JsonOption, LogOption, OutputOption, chosen_format, log_path
from cli.output import Format, sink, to_rows, write, write_object


def upkeep(
    log: LogOption = None,
    grace: Annotated[
        float, typer.Option("--grace", metavar="HOURS", min=0, help="Spare what is younger: readers may still need it.")
    ] = 24.0,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Keep the log quick: make small files big, let old snapshots and files go, copy the catalog.

    It runs beside readers and takes turns with writers, and may be stopped at any time. A step that fails does no harm
    and is named; the exit code is then 1.

    \b
    Example:
      courant upkeep --json
    """
    import pyarrow as pa

    from warehouse.upkeep import upkeep as run

    report = run(log_path(log), grace=timedelta(hours=grace), progress=lambda step: tell(f"{step} …"))
    with sink(chosen_format(format_, as_json, output), output) as out:
        if out.format is Format.json:
            write_object(out, report.to_json())
        else:
            fields = [("step", pa.string()), ("done", pa.int64()), ("seconds", pa.float64())]
            fields += [("note", pa.string()), ("error", pa.string())]
            rows = [{**step, "seconds": round(step["seconds"], 2)} for step in report.to_json()["steps"]]
            write(out, to_rows(rows, pa.schema(fields)))
    if report.failed:
        raise typer.Exit(FOUND_WRONG)
