"""`courant schema …`: the JSON Schemas of what stands in the log."""

from pathlib import Path
from typing import Annotated

import typer

from cli.app import tell
from cli.errors import DONE, FOUND_WRONG, UsageError


def export(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="Where the files go. Default: schemas/json, which the project keeps."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 where a file is missing or out of date.")
    ] = False,
) -> None:
    """Write the JSON Schemas of all types.

    A file (draft 2020-12) for each type of event and its version. Those that changed, or with --check would
    change, are listed on standard output.

    \b
    Examples:
      courant schema export my-schemas
      courant schema export --check
    """
    from schemas import export as exporting

    target = folder or exporting.FOLDER
    if check:
        wanted = {target / name: schema for name, schema in exporting.schemas().items()}
        changed = [file for file, schema in wanted.items() if not _is_current(file, schema)]
    else:
        try:
            changed = exporting.export(target)
        except OSError as error:
            raise UsageError(f"cannot write to {target} ({error.strerror}): name another folder") from None
    for file in changed:
        typer.echo(str(file))
    total = len(exporting.schemas())
    if check and changed:
        tell(f"{len(changed)} of {total} schemas are missing or out of date: `courant schema export` writes them")
    else:
        tell(f"{total} schemas, {'all up to date' if check else f'{len(changed)} written'}")
    raise typer.Exit(FOUND_WRONG if check and changed else DONE)


def _is_current(file: Path, schema: dict[str, object]) -> bool:
    from schemas.export import text_of

    try:
        return file.read_text(encoding="utf-8") == text_of(schema)
    except (OSError, UnicodeDecodeError):
        return False
