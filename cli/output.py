"""Data on its way out, in any of the six formats: one grammar for every command.

Rows come as Arrow batches and are written as they come, so that a large result needs little memory; only a table and
Markdown are gathered first, a table up to `TABLE_ROWS` rows.
"""

import csv
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TextIO, cast

from cli.errors import UsageError
from cli.text import csv_cell, json_text, markdown_cell, one_line
from cli.values import json_document, json_value, plain

if TYPE_CHECKING:
    import pyarrow as pa

TABLE_ROWS = 200
"""Rows that a table shows at most; the other formats write all."""
PLAIN_WIDTH = 160
"""Characters to a line of a table that does not go to a terminal; the variable COLUMNS says otherwise."""
_STIFF = 24
"""Columns up to this width are shown whole, wider ones are folded, to this width at the least."""
_GAP = 3


class Format(StrEnum):
    """How data is written."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"
    markdown = "markdown"


@dataclass(frozen=True, slots=True)
class Sink:
    """Where data goes, and how."""

    format: Format
    binary: BinaryIO
    terminal: bool

    def text(self, chunk: str) -> None:
        self.binary.write(chunk.encode("utf-8", "backslashreplace"))


@contextmanager
def sink(format_: Format, output: Path | None = None) -> Iterator[Sink]:
    """Standard output, or the file `output`, which is put in place when it is whole.

    Raises UsageError where the file cannot be written, or where Parquet would go to a terminal.
    """
    if output is not None:
        with _whole_file(output) as file:
            yield Sink(format_, file, terminal=False)
        return
    terminal = sys.stdout.isatty()
    if format_ is Format.parquet and terminal:
        raise UsageError("Parquet is not for a terminal: add -o FILE, or send the output into a file")
    sys.stdout.flush()
    yield Sink(format_, cast(BinaryIO, sys.stdout.buffer), terminal)
    sys.stdout.buffer.flush()


def write(out: Sink, rows: "pa.RecordBatchReader", note: Callable[[str], None] = lambda words: None) -> None:
    """Write all rows. `note` is told what the data cannot say: rows that a table does not show."""
    if out.format is Format.table:
        _write_table(out, rows, note)
    else:
        _WRITERS[out.format](out, rows)


def write_object(out: Sink, value: Mapping[str, Any]) -> None:
    """Write one JSON object: spread over lines on a terminal, else on one."""
    spread = out.terminal and out.format is Format.json
    out.text(json_text(json.dumps(value, ensure_ascii=False, indent=2 if spread else None)) + "\n")


def to_rows(records: Iterable[Mapping[str, Any]], schema: "pa.Schema") -> "pa.RecordBatchReader":
    """Records as Arrow rows of `schema`; keys that it does not name are left out."""
    import pyarrow as pa

    return pa.Table.from_pylist([dict(record) for record in records], schema=schema).to_reader()


def width(terminal: bool) -> int:
    """Characters to a line: the terminal's, or the variable COLUMNS, or `PLAIN_WIDTH`."""
    return shutil.get_terminal_size((80 if terminal else PLAIN_WIDTH, 24)).columns


def _write_json(out: Sink, rows: "pa.RecordBatchReader") -> None:
    before = "["
    for record in _records(rows):
        out.text(f"{before}\n{_json(record)}")
        before = ","
    out.text("[]\n" if before == "[" else "\n]\n")


def _write_jsonl(out: Sink, rows: "pa.RecordBatchReader") -> None:
    for record in _records(rows):
        out.text(f"{_json(record)}\n")


def _json(record: Mapping[str, Any]) -> str:
    return json_text(json.dumps(record, ensure_ascii=False, allow_nan=False))


def _records(rows: "pa.RecordBatchReader") -> Iterator[dict[str, Any]]:
    names = _unique(rows.schema.names)
    to_json = [json_document if _is_json(field) else json_value for field in rows.schema]
    for values in _values(rows):
        yield {name: turn(value) for name, turn, value in zip(names, to_json, values, strict=True)}


def _write_csv(out: Sink, rows: "pa.RecordBatchReader") -> None:
    writer = csv.writer(cast(TextIO, _Lines(out.text)), lineterminator="\n")
    writer.writerow([csv_cell(name) for name in _unique(rows.schema.names)])
    writer.writerows([_csv_value(value) for value in values] for values in _values(rows))


def _csv_value(value: object) -> object:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value
    return csv_cell(plain(value))


@dataclass(frozen=True, slots=True)
class _Lines:
    """What a `csv.writer` writes to."""

    write: Callable[[str], None]


def _write_parquet(out: Sink, rows: "pa.RecordBatchReader") -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Parquet knows no calendar interval, and a column's name must be its own.
    schema = pa.schema(
        [
            pa.field(name, pa.string() if pa.types.is_interval(field.type) else field.type, metadata=field.metadata)
            for field, name in zip(rows.schema, _unique(rows.schema.names), strict=True)
        ]
    )
    with pq.ParquetWriter(out.binary, schema, compression="zstd") as writer:
        for batch in rows:
            columns = [
                pa.array([plain(value) or None for value in column.to_pylist()], pa.string())
                if pa.types.is_interval(column.type)
                else column
                for column in batch.columns
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))


def _write_markdown(out: Sink, rows: "pa.RecordBatchReader") -> None:
    names = _unique(rows.schema.names)
    out.text(f"| {' | '.join(markdown_cell(name) for name in names)} |\n|{' --- |' * len(names)}\n")
    for values in _values(rows):
        out.text(f"| {' | '.join(markdown_cell(plain(value)) for value in values)} |\n")


def _write_table(out: Sink, rows: "pa.RecordBatchReader", note: Callable[[str], None]) -> None:
    names = [one_line(name) for name in _unique(rows.schema.names)]
    shown: list[list[str]] = []
    more = 0
    for values in _values(rows):
        if len(shown) < TABLE_ROWS:
            shown.append([one_line(plain(value)) for value in values])
        else:
            more += 1
    widths = _widths(names, shown)
    if sum(min(one, _STIFF) + _GAP for one in widths) > width(out.terminal) + _GAP:
        out.text(_by_record(names, shown))
    else:
        out.text(_as_table(names, shown, widths, [_is_number(field) for field in rows.schema], out.terminal))
    if more:
        note(f"{more} more {'row is' if more == 1 else 'rows are'} not shown: --format csv, jsonl or parquet has all")


def _widths(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """What each column needs, in cells of a terminal: a Chinese character takes two."""
    from rich.cells import cell_len

    return [max(map(cell_len, (name, *column))) for name, *column in zip(names, *rows, strict=True)]


def _as_table(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    numbers: Sequence[bool],
    terminal: bool,
) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for name, needed, is_number in zip(names, widths, numbers, strict=True):
        justify: Literal["left", "right"] = "right" if is_number else "left"
        table.add_column(Text(name), justify=justify, overflow="fold", min_width=min(needed, _STIFF))
    for row in rows:
        table.add_row(*(Text(value) for value in row))
    page = io.StringIO()
    Console(file=page, width=width(terminal), force_terminal=terminal, legacy_windows=False).print(table)
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def _by_record(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A record a paragraph: for rows that are too wide for a table."""
    indent = max(map(len, names), default=0)
    paragraphs = []
    for number, row in enumerate(rows, start=1):
        lines = (f"{name:>{indent}}  {value}".rstrip() for name, value in zip(names, row, strict=True))
        paragraphs.append("\n".join((f"── {number} ──", *lines)) + "\n")
    return "".join(paragraphs)


_WRITERS: Mapping[Format, Callable[[Sink, Any], None]] = {
    Format.json: _write_json,
    Format.jsonl: _write_jsonl,
    Format.csv: _write_csv,
    Format.parquet: _write_parquet,
    Format.markdown: _write_markdown,
}


def _values(rows: "pa.RecordBatchReader") -> Iterator[tuple[object, ...]]:
    """Row by row, as Python values."""
    import pyarrow as pa

    for batch in rows:
        columns = [
            # Python's times end at microseconds.
            (
                column.cast(pa.timestamp("us", column.type.tz), safe=False) if _is_nano(column.type) else column
            ).to_pylist()
            for column in batch.columns
        ]
        yield from zip(*columns, strict=True)


def _is_nano(type_: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_timestamp(type_)) and type_.unit == "ns"


def _is_number(field: "pa.Field") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(field.type) or pa.types.is_floating(field.type) or pa.types.is_decimal(field.type))


def _is_json(field: "pa.Field") -> bool:
    from warehouse.query import JSON_FIELD

    return bool(field.metadata) and JSON_FIELD.items() <= field.metadata.items()


def _unique(names: Sequence[str]) -> list[str]:
    """Every name once: a second `a` is `a_1`, as DuckDB has it."""
    taken: dict[str, None] = {}
    for name in names:
        number, candidate = 0, name
        while candidate in taken:
            number += 1
            candidate = f"{name}_{number}"
        taken[candidate] = None
    return list(taken)


@contextmanager
def _whole_file(target: Path) -> Iterator[BinaryIO]:
    """A file that takes `target`'s place at the end, or leaves it untouched."""
    try:
        part = tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=f".{target.name}.", delete=False)  # noqa: SIM115
    except OSError as error:
        raise UsageError(f"cannot write {target} ({error.strerror}): name another file with -o") from None
    temporary = Path(part.name)
    try:
        with part:
            yield cast(BinaryIO, part)
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        else:
            temporary.chmod(0o644)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
