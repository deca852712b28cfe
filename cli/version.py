"""`courant version`."""

import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of

import typer

from cli.options import JsonOption
from cli.output import Format, sink, write_object

_PARTS = ("duckdb", "duckdb-extension-ducklake", "trafilatura", "spacy", "feedparser", "apache-airflow")


def version(as_json: JsonOption = False) -> None:
    """Tell which Courant this is.

    With --json also on which Python and libraries it runs.

    \b
    Example:
      courant version --json
    """
    own = _installed("courant") or "0 (not installed)"
    if not as_json:
        typer.echo(f"courant {own}")
        return
    with sink(Format.json) as out:
        parts = {name: _installed(name) for name in _PARTS}
        write_object(out, {"courant": own, "python": platform.python_version(), "libraries": parts})


def _installed(package: str) -> str | None:
    try:
        return version_of(package)
    except PackageNotFoundError:
        return None
