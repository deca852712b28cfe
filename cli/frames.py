"""`courant frames …`: the coder's frames tried on sentences, their own examples and yours."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.app import tell
from cli.errors import DONE, FOUND_WRONG, UsageError
from cli.options import FormatOption, JsonOption, OutputOption, chosen_format
from cli.output import Format, sink, to_rows, write, write_object
from ingest.settings import Settings

if TYPE_CHECKING:
    from ingest.code.coder import FramesCoder, Reading
    from ingest.code.explain import Reason

FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--frames", metavar="DIR", help="Folder of your own frames. Else `frames` in courant.toml.", show_default=False
    ),
]
_OUTCOME_COLUMNS = ("type", "text", "fault", "gap")
_TRIGGER_COLUMNS = ("word", "frame", "type", "roles", "reason", "start", "end")


def run_examples(
    folder: FolderOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Run the examples of all frames.

    Every sentence under `positive` must be coded as its type, with those named in `who`; none under `negative` may.
    What fails is listed, and the exit code is 1. Examples with a `gap` are known not to work yet: they are listed
    too, and do not fail.

    \b
    Examples:
      courant frames test
      courant frames test --frames my-frames
    """
    import pyarrow as pa

    from ingest.code.examples import examples, tried

    own, coder = _coder(folder)
    try:
        outcomes = list(tried(coder, examples(own)))
    except ValueError as error:
        raise UsageError(str(error)) from None
    wrong = [outcome for outcome in outcomes if outcome.fault is not None]
    rows = [
        {"type": o.example.type, "text": o.example.text, "fault": o.fault, "gap": o.example.gap}
        for o in sorted(wrong, key=lambda o: not o.failed)
    ]
    with sink(chosen_format(format_, as_json, output), output) as out:
        if rows or out.format is not Format.table:
            write(out, to_rows(rows, pa.schema([(name, pa.string()) for name in _OUTCOME_COLUMNS])), tell)
    failed = sum(outcome.failed for outcome in outcomes)
    tell(
        f"{len(outcomes):,} examples: {len(outcomes) - len(wrong):,} right, {failed:,} failed,"
        f" {len(wrong) - failed:,} known gaps"
    )
    closed = sum(outcome.fault is None and outcome.example.gap is not None for outcome in outcomes)
    if closed:
        tell(f"{closed:,} examples with a gap are right by now: take their `gap` away")
    raise typer.Exit(FOUND_WRONG if failed else DONE)


def try_sentence(
    sentence: Annotated[str, typer.Argument(metavar="SENTENCE", help="What an article might say.")],
    published: Annotated[
        str, typer.Option(metavar="ISO", help="The day of publication: relative dates and offices depend on it.")
    ] = "2026-01-15",
    folder: FolderOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Tell which frames fire in a sentence, on which words, and why the others do not.

    JSON is one object: "events" as `courant code` gives them, "triggers" with the word, its frame, the type or the
    reason why there is none, and "note" where nothing was parsed at all.

    \b
    Examples:
      courant frames try "Norway and Chile held talks in Oslo on Monday." --published 2026-05-01
      courant frames try "Chad may reject the truce." --json | jq -r '.triggers[].reason'
    """
    import pyarrow as pa

    from cli.stages import check_iso
    from ingest.code.article import Article
    from ingest.code.explain import explain

    check_iso(published)
    _, coder = _coder(folder)
    article = Article("try", "", sentence, published)
    triggers = [_trigger(reason) for reason in explain(article, coder)]
    note = _note(coder.read(article), triggers)
    events = coder.code(article).to_json()["events"]
    with sink(chosen_format(format_, as_json, output), output) as out:
        if out.format in (Format.json, Format.jsonl):
            write_object(out, {"events": events, "triggers": triggers, "note": note})
            return
        if triggers or out.format is not Format.table:
            rows = [{**trigger, "roles": _roles(trigger["roles"])} for trigger in triggers]
            kinds = {"start": pa.int64(), "end": pa.int64()}
            schema = pa.schema([(name, kinds.get(name, pa.string())) for name in _TRIGGER_COLUMNS])
            write(out, to_rows(rows, schema), tell)
    tell(note or f"coded: {', '.join(event['type'] for event in events) or 'nothing'}")


def _coder(folder: Path | None) -> "tuple[Path | None, FramesCoder]":
    """The user's folder of frames, and the built-in coder with it. Raises UsageError for a folder with a fault."""
    from ingest.code.coder import frames_coder

    settings = Settings.load()
    own = folder or settings.frames
    try:
        return own, frames_coder(own, settings.actors, scored=False)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _trigger(reason: "Reason") -> dict[str, Any]:
    return {
        "word": reason.word,
        "frame": reason.frame,
        "type": reason.type,
        "roles": [{"name": name, "role": role} for name, role in reason.roles],
        "reason": None if reason.type else reason.reason,
        "start": reason.start,
        "end": reason.end,
    }


def _roles(roles: list[dict[str, str]]) -> str:
    return ", ".join(f"{one['name']} as {one['role']}" for one in roles)


def _note(reading: "Reading", triggers: list[dict[str, Any]]) -> str | None:
    """Why there is nothing to tell of, where there is nothing."""
    if reading.skipped:
        return f"not coded: {reading.skipped}"
    if not reading.parsed:
        return "not parsed: no word that an event is told with, or nobody named who could take part in one"
    return None if triggers else "parsed, and no frame has a trigger here"
