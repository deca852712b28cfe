"""`courant publish` and `courant export`: the log's views for others, without the log."""

from pathlib import Path
from typing import Annotated

import typer

from cli.app import tell
from cli.errors import UsageError
from cli.options import FormatOption, JsonOption, LogOption, OutputOption, chosen_format, log_path
from cli.output import sink, write


def publish(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The DuckDB file to write, put in place whole.")],
    log: LogOption = None,
    texts: Annotated[bool, typer.Option("--with-texts/--without-texts", help="With texts and quotes or not.")] = True,
) -> None:
    """Write all views into one plain DuckDB file, which opens anywhere without an extension.

    Whoever reads the old file meanwhile is not disturbed.

    \b
    Example:
      courant publish news.duckdb --without-texts
    """
    from datetime import UTC, datetime

    from warehouse.publish import publish as run

    done = run(log_path(log), file, now=datetime.now(UTC), with_texts=texts)
    tell(f"{done.rows['world_events']} events of {done.rows['articles']} articles are in {file}")


def export(
    view: Annotated[str, typer.Argument(metavar="VIEW", help="Name of a view, as SHOW TABLES lists them.")],
    log: LogOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Write a whole view into a file: Parquet, CSV or JSON lines.

    \b
    Example:
      courant export truces_agreed --format csv -o truces.csv
    """
    from warehouse.attach import connect

    with connect(log_path(log)) as con:
        names = {row[0] for row in con.execute('SELECT DISTINCT "view" FROM data_dictionary').fetchall()}
        if view not in names:
            raise UsageError(f'no view is called {view}: `courant sql "SHOW TABLES"` lists them')
        with sink(chosen_format(format_, as_json, output), output) as out:
            write(out, con.execute(f"SELECT * FROM {view}").to_arrow_reader(10_000), tell)
