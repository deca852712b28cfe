"""The stages as filters: `feed parse`, `extract` and `code`, each usable and testable by itself.

The JSON that they write is public: later versions may add keys, never change these.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, cast

import typer

from cli.app import tell
from cli.errors import DONE, FOUND_WRONG, UsageError
from cli.options import FormatOption, JsonOption, OutputOption, chosen_format
from cli.output import Format, Sink, sink, to_rows, write, write_object
from ingest.settings import Settings

if TYPE_CHECKING:
    from ingest.code.article import Article
    from ingest.code.coder import Coder

_ENTRY_COLUMNS = ("id", "url", "title", "published", "updated", "authors", "summary")
_EVENT_COLUMNS = (
    *("id", "type", "modality", "occurred_on", "who", "place", "scope", "attributed_to", "background", "confidence"),
    *("field", "start", "end", "quote"),
)

InputArgument = Annotated[
    Path | None, typer.Argument(metavar="[FILE|-]", help="File to read; - or nothing for standard input.")
]
"""Where a filter reads from."""


def feed_parse(
    file: InputArgument = None,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where it came from: relative links are resolved against it."),
    ] = None,
    content_type: Annotated[
        str | None, typer.Option(metavar="TYPE", help="The Content-Type header that came with it.")
    ] = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Read a feed: bytes in, one JSON object out.

    RSS, RDF, Atom and JSON Feed are read.

    \b
    {"feed": {"title", "url", "language", "format"},
     "entries": [{"id", "url", "title", "published", "updated", "authors", "summary"}], "problems": []}
    Whatever the bytes are, there is an answer: what is wrong with them stands in `problems`, a sentence each. The
    formats other than JSON write the entries alone.

    \b
    Example:
      curl -s https://feeds.bbci.co.uk/news/world/rss.xml | courant feed parse | jq '.entries[].title'
    """
    from ingest.feeds.parse import parse_feed

    with _input(file) as source:
        parsed = parse_feed(source.read(), url=url, content_type=content_type)
    said = parsed.to_json()
    with sink(chosen_format(format_, as_json, output, default=Format.json), output) as out:
        if out.format in (Format.json, Format.jsonl):
            write_object(out, said)
        else:
            _write_records(out, said["entries"], _ENTRY_COLUMNS)
            for problem in parsed.problems:
                tell(problem)


def extract(
    file: InputArgument = None,
    url: Annotated[
        str, typer.Option(metavar="URL", help="The page's address: with the bytes, all that the result depends on.")
    ] = ...,  # type: ignore[assignment]
    published: Annotated[
        str | None,
        typer.Option(metavar="ISO", help="A date (ISO 8601) that is used only where the page has none."),
    ] = None,
    content_type: Annotated[
        str | None, typer.Option(metavar="TYPE", help="The Content-Type header that came with it.")
    ] = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Read a page: HTML in, one JSON object out.

    \b
    {"url", "canonical_url", "title", "text", "authors", "language", "published_on", "published_from", "site_name",
     "problems", …}
    A page without an article still has an answer: `skip_reason` says why.

    \b
    Example:
      courant extract page.html --url https://news.example/2026/09/truce | jq -r .text
    """
    from ingest.extract import extract as read_page

    if published is not None:
        check_iso(published)
    with _input(file) as source:
        html = source.read()
    try:
        page = read_page(html, url=url, content_type=content_type, published=published)
    except ValueError as error:
        raise UsageError(f"--url: {error}") from None
    said = page.to_json()
    with sink(chosen_format(format_, as_json, output, default=Format.json), output) as out:
        if out.format in (Format.json, Format.jsonl):
            write_object(out, said)
        else:
            _write_records(out, [said], tuple(said))


def code(
    file: InputArgument = None,
    coder: Annotated[str, typer.Option(metavar="NAME", help="Which coder reads; others come as packages.")] = "frames",
    explained: Annotated[
        bool, typer.Option("--explain", help="Tell for each article, on standard error, what fired and what did not.")
    ] = False,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Code articles: JSON lines in, events out.

    A line for each article, in order.

    \b
    In:   {"id", "title", "text", "published", "url"}
    Out:  {"id", "events": [{"type", "modality", "participants", "occurred_on", "evidence", …}], "coder": {…},
           "skipped": null}
    `start` and `end` are code points into `title` or `text` (`field`); `quote` is what stands there. A line that is
    no article is told of with its number and left out; then the exit code is 1. The formats other than JSON
    write an event a row, with its main parts.

    \b
    Example:
      courant code articles.jsonl | jq -c '.events[] | [.type, .evidence.quote]'
    """
    from ingest.code.coder import load_coder

    settings = Settings.load()
    try:
        reader = load_coder(coder, settings.frames, settings.actors)
    except (LookupError, ValueError) as error:
        raise UsageError(str(error.args[0])) from None
    explain = _explainer(reader) if explained else None
    bad = 0

    def codings(source: BinaryIO) -> Iterator[Mapping[str, Any]]:
        nonlocal bad
        for number, line in enumerate(source, start=1):
            if not line.strip():
                continue
            try:
                article = _article(line)
                coding = reader.code(article).to_json()
            except Exception as error:  # noqa: BLE001 - one article, whatever is in it, must not stop the others
                bad += 1
                tell(f"line {number}: {error}; left out")
                continue
            if explain is not None:
                print(explain(article), file=sys.stderr)
            yield coding

    with (
        _input(file) as source,
        sink(chosen_format(format_, as_json, output, default=Format.jsonl), output) as out,
    ):
        _write_codings(out, codings(source))
    raise typer.Exit(FOUND_WRONG if bad else DONE)


@contextmanager
def _input(file: Path | None) -> Iterator[BinaryIO]:
    """The bytes to read. Raises UsageError where the file cannot be opened, or nothing is given at a terminal."""
    if file is None and sys.stdin.isatty():
        raise UsageError("there is nothing to read: name a file, or - to type it in")
    if file is None or file == Path("-"):
        yield cast(BinaryIO, sys.stdin.buffer)
        return
    try:
        source = file.open("rb")
    except OSError as error:
        raise UsageError(f"cannot read {file} ({error.strerror}): name another file, or - for standard input") from None
    with source:
        yield source


def _article(line: bytes) -> "Article":
    from ingest.code.lines import read_article

    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 (byte {error.start})") from None
    article = read_article(text)
    for field in (article.id, article.title, article.text):
        if any("\ud800" <= character <= "\udfff" for character in field):
            raise ValueError("half of a surrogate pair in it, which is no character")
    return article


def check_iso(text: str) -> None:
    """Raises UsageError for what is no date."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--published {text!r} is not ISO 8601: write 2026-09-14 or 2026-09-14T08:30:00Z") from None


def _write_codings(out: Sink, codings: Iterator[Mapping[str, Any]]) -> None:
    if out.format is Format.jsonl:
        for coding in codings:
            write_object(out, coding)
    elif out.format is Format.json:
        before = "["
        for coding in codings:
            out.text(f"{before}\n")
            write_object(out, coding)
            before = ","
        out.text("[]\n" if before == "[" else "]\n")
    else:
        events = (_event_row(coding["id"], event) for coding in codings for event in coding["events"])
        _write_records(out, list(events), _EVENT_COLUMNS)


def _event_row(article: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """An event on one row: the names without the rest of the participants, the place's name, the quote."""
    names = ", ".join(str(one["name"]) for one in event["participants"])
    place = event["place"]["name"] if event["place"] else None
    return {**event, **event["evidence"], "id": article, "who": names, "place": place}


def _write_records(out: Sink, records: list[dict[str, Any]], names: tuple[str, ...]) -> None:
    """Records as rows of text; what is nested stands as JSON."""
    import pyarrow as pa

    flat = [{name: _cell(record.get(name)) for name in names} for record in records]
    write(out, to_rows(flat, pa.schema([(name, pa.string()) for name in names])), tell)


def _cell(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _explainer(coder: "Coder") -> Callable[["Article"], str]:
    """Raises UsageError where the coder shows nothing of how it reads."""
    from cli.explain import explanation

    read = getattr(coder, "read", None)
    if read is None:
        raise UsageError(f"the coder {coder.info.name} does not explain itself: leave out --explain")
    return lambda article: explanation(article, read(article))
