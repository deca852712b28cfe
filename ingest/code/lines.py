"""The coder as a filter over JSON lines, as `courant code` offers it."""

import json
from collections.abc import Iterable
from typing import Any, TextIO

from ingest.code.article import Article
from ingest.code.coder import Coder, load_coder

_REQUIRED = ("id", "text")


def read_article(line: str) -> Article:
    """An article from a line {"id", "title", "text", "published", "url"}. Raises `ValueError` saying what is wrong
    with it."""
    try:
        record: Any = json.loads(line)
    except json.JSONDecodeError as fault:
        raise ValueError(f"not JSON ({fault.msg} at column {fault.colno})") from fault
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 (bad input, not a bad call)
    missing = [key for key in _REQUIRED if not isinstance(record.get(key), str)]
    if missing:
        raise ValueError(f"{missing[0]!r} is missing or no string")
    texts = {
        key: value if isinstance(value := record.get(key), str) else None
        for key in ("title", "published", "url", "language")
    }
    return Article(
        record["id"], texts["title"] or "", record["text"], texts["published"], texts["url"], texts["language"]
    )


def code_lines(lines: Iterable[str], out: TextIO, problems: TextIO, coder: Coder | None = None) -> int:
    """Codes a line at a time. A bad line is reported with its number and costs nothing else; the exit code is then
    1."""
    coder = coder or load_coder()
    bad = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            article = read_article(line)
        except ValueError as fault:
            bad += 1
            print(f"line {number}: {fault}; left out", file=problems)
            continue
        print(json.dumps(coder.code(article).to_json(), ensure_ascii=False), file=out)
    return 1 if bad else 0
