"""Publishers by host: the list that comes with the program, and the rows that a desk adds.

The list (`publishers.csv`) states common knowledge: who publishes at a host, from which country, in whose hands. What
is not known is left empty. A host that is not listed belongs to the longest listed host that it ends with.
"""

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from ingest.errors import SettingsError
from schemas.digests import digest
from schemas.facts import Publisher

COLUMNS = ("host", "name", "country", "language", "ownership", "group")
_NEEDED = ("host", "name")
_SCHEME = re.compile(r"^[a-z]+://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Publishers:
    """A list of publishers, ordered by host, and sentences about rows that could not be used."""

    rows: tuple[Publisher, ...]
    problems: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Names the list: equal rows have equal digests."""
        return digest(json.dumps([row.model_dump(mode="json") for row in self.rows], ensure_ascii=False))

    def of(self, host: str) -> Publisher | None:
        """The publisher of `host`: of the longest listed host that it is, or is a subdomain of."""
        by_host = {row.host: row for row in self.rows}
        return next((by_host[name] for name in suffixes(host) if name in by_host), None)


def suffixes(host: str) -> Iterable[str]:
    """`host` and the hosts above it, the longest first: `a.b.example`, `b.example`, `example`."""
    labels = host.lower().rstrip(".").split(".")
    return (".".join(labels[n:]) for n in range(len(labels)))


def load(own: Path | None = None) -> Publishers:
    """The list of the program, with the rows of the file `own` added to it; these win.

    Raises SettingsError where `own` cannot be read or has no such columns.
    """
    shipped = parse((files("ingest.sources") / "publishers.csv").read_text(encoding="utf-8"), "publishers.csv")
    if own is None:
        return shipped
    added = read(own)
    by_host: Mapping[str, Publisher] = {row.host: row for row in (*shipped.rows, *added.rows)}
    return Publishers(tuple(by_host[host] for host in sorted(by_host)), (*shipped.problems, *added.problems))


def read(file: Path) -> Publishers:
    """The publishers of one CSV file. Raises SettingsError where it cannot be read or has no such columns."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(
            f"cannot read {file} ({error.strerror}): mend `publishers` in courant.toml, or leave it out"
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not UTF-8: save it as CSV in UTF-8") from None
    return parse(text, str(file))


def parse(text: str, name: str) -> Publishers:
    """The publishers of a CSV text with a header; `name` is what problems call it.

    A row that cannot be used is named with its line and left out. Of two rows for a host the last one stands.
    Raises SettingsError where the columns `host` and `name` are missing, or others stand there.
    """
    lines = csv.reader(text.splitlines())
    header = [column.strip().lower() for column in next(lines, [])]
    if not set(_NEEDED) <= set(header) or not set(header) <= set(COLUMNS):
        raise SettingsError(f"{name} must begin with the line {','.join(COLUMNS)}, not {','.join(header) or 'nothing'}")
    found: dict[str, Publisher] = {}
    problems = []
    for values in lines:
        if not any(value.strip() for value in values):
            continue
        try:
            row = _row(header, values)
        except ValueError as error:
            problems.append(f"{name}, line {lines.line_num}: {_said(error)}")
            continue
        if row.host in found:
            problems.append(f"{name}, line {lines.line_num}: {row.host} is listed twice, this line stands")
        found[row.host] = row
    return Publishers(tuple(found[host] for host in sorted(found)), tuple(problems))


def _row(header: list[str], values: list[str]) -> Publisher:
    if len(values) != len(header):
        raise ValueError(f"{len(values)} values in place of {len(header)}")
    said = {column: value.strip() or None for column, value in zip(header, values, strict=True)}
    host = _SCHEME.sub("", (said["host"] or "").lower()).partition("/")[0].removeprefix("www.")
    return Publisher.model_validate({**said, "host": host})


def _said(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"{'.'.join(map(str, one['loc']))} {one['input']!r} cannot be ({one['msg'].removeprefix('Value error, ')})"
        for one in error.errors()
    )
