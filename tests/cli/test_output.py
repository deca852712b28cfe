"""The formats, and what happens in each to text that means harm."""

import csv
import io
import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.output import TABLE_ROWS, Format, Sink, write
from cli.text import csv_cell, json_text, markdown_cell, one_line, several_lines
from tests.cli.conftest import HOSTILE, Courant

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]")
nasty = st.text(
    st.characters(codec="utf-8") | st.sampled_from("\x1b\x9b\x07[]|`*_<\\\n\r\t=+-@＝\u202e\u2028\u0085'\",")
)


def _written(format_: Format, table: pa.Table, notes: list[str] | None = None, *, terminal: bool = False) -> bytes:
    sink = io.BytesIO()
    write(Sink(format_, sink, terminal), table.to_reader(), (notes if notes is not None else []).append)
    return sink.getvalue()


@given(nasty)
def test_nothing_that_steers_a_terminal_is_left_in_a_line(text: str) -> None:
    assert not STEERING.search(one_line(text))
    assert "\n" not in one_line(text)
    assert not STEERING.search(several_lines(text))


@given(nasty)
def test_a_line_without_harm_stays(text: str) -> None:
    clean = one_line(text)
    assert one_line(clean) == clean


def test_escape_sequences_go_whole() -> None:
    assert one_line("a\x1b[31mb\x1b]8;;https://evil.example\x07c\x1b[2Jd\x1bcE\x1bP1;2q\x1b\\f") == "abcdEf"
    assert one_line("“Peace\x9d, he said, \x1b]0;and") == "“Peace, he said, 0;and"


@given(nasty)
def test_a_csv_cell_is_no_formula(text: str) -> None:
    cell = csv_cell(text)
    assert not cell.startswith(("=", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert not cell.startswith(("+", "-")) or float(cell) is not None
    assert csv_cell(cell) == cell


@given(st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_left_alone_in_csv(number: float) -> None:
    table = pa.table({"n": [number], "as_text": [str(number)]})
    row = next(csv.DictReader(io.StringIO(_written(Format.csv, table).decode())))
    assert row == {"n": str(number), "as_text": str(number)}


@given(st.lists(nasty, min_size=1, max_size=4))
def test_csv_gives_back_what_was_written(texts: list[str]) -> None:
    written = _written(Format.csv, pa.table({"text": texts})).decode()
    rows = list(csv.reader(io.StringIO(written, newline="")))
    assert rows[1:] == [[csv_cell(text)] for text in texts]


@given(st.lists(nasty, max_size=4))
def test_json_is_lossless_and_steers_nothing(texts: list[str]) -> None:
    table = pa.table({"text": pa.array(texts, pa.string())})
    for format_ in (Format.json, Format.jsonl):
        written = _written(format_, table).decode()
        lines = (
            json.loads(written) if format_ is Format.json else [json.loads(one) for one in written.split("\n") if one]
        )
        assert [row["text"] for row in lines] == texts
        assert not STEERING.search(written)


def test_half_a_surrogate_pair_is_still_json() -> None:
    assert json_text(json.dumps("\ud83d x", ensure_ascii=False)) == '"\\ud83d x"'


@given(nasty)
def test_a_markdown_row_has_as_many_cells_as_columns(text: str) -> None:
    written = _written(Format.markdown, pa.table({"a": [text], "b": ["end"]})).decode()
    header, _, row = written.removesuffix("\n").split("\n")
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == len(re.findall(r"\|", header)) == 3
    assert not STEERING.search(row)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`<\[]", markdown_cell(text))


def test_values_of_every_kind() -> None:
    import duckdb

    query = """SELECT 1::TINYINT AS small, 12345678901234567890::HUGEINT AS huge, 1.50::DECIMAL(5,2) AS price,
        'nan'::DOUBLE AS nan, true AS yes, DATE '2026-09-14' AS day, TIMESTAMPTZ '2026-09-14 10:00:00+02' AS moment,
        TIMESTAMP '2026-09-14 10:00:00' AS local, TIME '10:00' AS clock, INTERVAL '14 months 2 days 3.5 seconds'
        AS span, [1, 2] AS list, {'a': [DATE '2026-09-14']} AS struct, MAP {'k': 1} AS map, 'ab'::BLOB AS bytes,
        NULL AS nothing, TIMESTAMP_NS '2026-09-14 10:00:00.123456789' AS fine, 1 AS yes"""
    with duckdb.connect() as con:
        table = con.execute(query).to_arrow_table()
    assert json.loads(_written(Format.json, table)) == [
        {
            "small": 1,
            "huge": 12345678901234567890,
            "price": 1.5,
            "nan": None,
            "yes": True,
            "day": "2026-09-14",
            "moment": "2026-09-14T08:00:00Z",
            "local": "2026-09-14T10:00:00",
            "clock": "10:00:00",
            "span": "P14M2DT3.5S",
            "list": [1, 2],
            "struct": {"a": ["2026-09-14"]},
            "map": {"k": 1},
            "bytes": "6162",
            "nothing": None,
            "fine": "2026-09-14T10:00:00.123456",
            "yes_1": 1,
        }
    ]
    row = next(csv.DictReader(io.StringIO(_written(Format.csv, table).decode())))
    assert (row["yes"], row["nothing"], row["struct"], row["price"]) == ("true", "", '{"a": ["2026-09-14"]}', "1.50")
    back = pq.read_table(io.BytesIO(_written(Format.parquet, table)))
    assert back.num_rows == 1
    assert back.schema.field("moment").type == pa.timestamp("us", tz="UTC") or back.schema.field("moment").type.tz
    assert back["span"].to_pylist() == ["P14M2DT3.5S"]


def test_no_rows_are_still_whole_documents() -> None:
    table = pa.table({"a": pa.array([], pa.string())})
    assert json.loads(_written(Format.json, table)) == []
    assert _written(Format.jsonl, table) == b""
    assert _written(Format.csv, table) == b"a\n"
    assert pq.read_table(io.BytesIO(_written(Format.parquet, table))).num_rows == 0
    assert _written(Format.markdown, table) == b"| a |\n| --- |\n"


def test_a_table_says_how_much_it_leaves_out() -> None:
    notes: list[str] = []
    written = _written(Format.table, pa.table({"n": list(range(TABLE_ROWS + 5))}), notes).decode()
    assert written.endswith(f"\n{TABLE_ROWS - 1}\n")
    assert notes == ["5 more rows are not shown: --format csv, jsonl or parquet has all"]


def test_short_columns_are_not_broken_and_too_many_are_shown_by_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    long = "word " * 40
    narrow = _written(Format.table, pa.table({"type": ["attack_carried_out"], "quote": [long]})).decode()
    assert "attack_carried_out   word word" in narrow
    assert max(map(len, narrow.splitlines())) <= 60
    by_record = _written(Format.table, pa.table({f"column_{n}": ["x" * 20] for n in range(5)})).decode()
    assert by_record.startswith("── 1 ──\ncolumn_0  xxx")


def test_colours_only_on_a_terminal() -> None:
    table = pa.table({"a": ["x"]})
    assert b"\x1b" not in _written(Format.table, table)


def test_hostile_text_in_every_format_of_the_command(courant: Courant, log: Path) -> None:
    query = ("sql", "SELECT title FROM articles WHERE url LIKE '%hostile'", "--log", log)
    as_table, as_markdown = courant(*query, "-f", "table").text, courant(*query, "-f", "markdown").text
    for shown in (as_table, as_markdown):
        assert not STEERING.search(shown.replace("\n", ""))
        assert "red" in shown
        assert "pwned" not in shown
    assert "\\| red" in as_markdown
    assert courant(*query, "-f", "csv").text.startswith("title\n\"'=2+5 | red")
    assert json.loads(courant(*query, "--json").data) == [{"title": HOSTILE}]
    assert pq.read_table(io.BytesIO(courant(*query, "-f", "parquet").data)).to_pylist() == [{"title": HOSTILE}]


def test_output_file_is_whole_or_not_there(courant: Courant, log: Path, tmp_path: Path) -> None:
    made = courant("sql", "FROM feeds", "--log", log, "-o", "feeds.parquet")
    assert (made.code, made.data) == (0, b"")
    assert pq.read_table(tmp_path / "feeds.parquet").num_rows == 3
    (tmp_path / "kept.csv").write_text("as it was")
    failed = courant("sql", "SELECT error('late') FROM range(3)", "--log", log, "-o", "kept.csv")
    assert failed.code == 2
    assert (tmp_path / "kept.csv").read_text() == "as it was"
    assert sorted(f.name for f in tmp_path.iterdir()) == ["feeds.parquet", "kept.csv"]
    assert courant("sql", "SELECT 1 AS a", "--log", log, "-o", "nowhere/x.csv").code == 2
