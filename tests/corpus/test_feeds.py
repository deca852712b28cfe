"""What five other feed readers expect of their own test feeds, and what feedparser read of 54 real ones.

Their goldens speak of raw markup; ours is plain text. So texts are compared as plain text without white space,
addresses as cleaned, dates to the second. Only fields that we read are compared: title, link, id, dates, authors,
summary, language. `python tests/corpus/test_feeds.py` prints the figures and every miss that is not explained below.
"""

import ast
import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from ingest.feeds import dates
from ingest.feeds.entries import ParsedFeed
from ingest.feeds.parse import parse_feed
from ingest.feeds.plaintext import one_line, plain_text
from schemas.urls import clean_url

ROOT = Path(__file__).parents[2]
FEEDS = ROOT.parent / "shared" / "corpus" / "feeds"
pytestmark = pytest.mark.skipif(not FEEDS.is_dir(), reason=f"the feed corpus is not at {FEEDS}")

EXPLAINED: tuple[tuple[str, str, str], ...] = (
    (r"entry_title_text_plain_brackets\.xml", "entry 0 title", "plain text in angle brackets is a word, not a tag"),
    (r"headers_content_location-unsafe\.xml", "feed url", "an address that is no http address is no base for links"),
    (r"http_content_language\.xml", "feed language", "the HTTP header's language is not handed to the parser"),
    (
        r"xml_malicious_comment\.xml",
        "feed title",
        "an HTML comment that is never closed hides what follows, as in browsers",
    ),
    (r"rss_channel_item_author_naked_markup\.xml", "entry 0 authors", "tags inside <author> are no part of RSS"),
    (
        r"atom_relative\.xml|gulp-atom\.atom|rss_1\.0_example_1\.xml|4059f23db954f1b5",
        ".*(url|link)",
        "a relative link without base leads nowhere",
    ),
    (r"rss_1\.0_spec_2\.xml", "entry 0 authors", "the mail address beside the name is left out"),
    (r"rss_2\.0_ilgiornale\.xml", "entry 0 authors", "feed-rs put a word of its own for the name that is there"),
    (r"itunes-(category|keywords)\.rss", "entry 0 authors", "the author that itunes:author names counts as well"),
    (r"davidbau\.xml", "entry \\d+ summary", "U+FFFD that the feed holds, encoded twice; feedparser undoes it"),
    (r"kagi\.xml", "entry 22 summary", "a tag that the text writes about is a word, not a tag"),
    (r"osm\.xml", "entry \\d+ summary", "style sheets are no text"),
    (r"7ef13a42fa7e177a", "entries", "undeclared rss: prefixes, which feedparser cannot read"),
    (r"d4b7ab74da763119", "format|title|link|entries|first date", "a JSON Feed, which feedparser cannot read"),
)
"""Misses that are right as they are: file, field, and why."""


@dataclass(frozen=True)
class Check:
    """One field of one golden: what it says and what we read, both as compared."""

    source: str
    file: str
    field: str
    expected: object
    got: object

    @property
    def holds(self) -> bool:
        return self.expected == self.got


# What goldens say, as {"feed": {field: value}, "entries": [{field: value}]}; a field that is absent is not compared.
Golden = dict[str, Any]


def compared(source: str, file: str, golden: Golden, parsed: ParsedFeed) -> Iterator[Check]:
    ours = parsed.to_json()
    for field, value in golden.get("feed", {}).items():
        yield Check(source, file, f"feed {field}", meant(field, value), read(field, ours["feed"][field]))
    for number, entry in enumerate(golden.get("entries", [])):
        found = ours["entries"][number] if number < len(ours["entries"]) else {}
        for field, value in entry.items():
            got = found.get({"beginning": "summary"}.get(field, field))
            if field == "date":
                got = found.get("published") or found.get("updated")
            name = {"beginning": "summary"}.get(field, field)
            yield Check(source, file, f"entry {number} {name}", meant(field, value), read(field, got))


def meant(field: str, value: Any) -> object:
    """What a golden says, in our terms."""
    if field in ("title", "summary", "beginning"):
        return read(field, plain_text(str(value)))
    if field == "authors":
        return read(field, [plain_text(str(name)) for name in value])
    if field in ("published", "updated", "date"):
        text = re.sub(r"(:\d\d)\.\d+", r"\1", str(value))
        return text if re.fullmatch(r"[\d-]{10}T[\d:]{8}Z", text) else dates.from_text(value)
    return read(field, value)


def read(field: str, value: Any) -> object:
    """A value of ours, as it is compared."""
    if value is None:
        return None
    if field in ("title", "summary", "beginning"):
        text = "".join(value.split())
        return (text[:300] if field == "beginning" else text) or None
    if field == "authors":
        return tuple(sorted("".join(name.split()) for name in value if name))
    if field == "url":
        try:
            return clean_url(value)
        except ValueError:
            return value
    if field == "language":
        return str(value).replace("_", "-").lower()
    return one_line(str(value))


# feedparser: an expression over its own result in a comment of each file.

_PATHS: list[tuple[str, str]] = [
    (r"\['title'\]|\['title_detail'\]\['value'\]", "title"),
    (r"\['link'\]", "url"),
    (r"\['(?:id|guid)'\]", "id"),
    (r"\['(?:summary|description)'\]|\['summary_detail'\]\['value'\]|\['content'\]\[0\]\['value'\]", "summary"),
    (r"\['published(?:_parsed)?'\]", "published"),
    (r"\['(?:updated|modified|date)(?:_parsed)?'\]", "updated"),
    (r"\['author_detail'\]\['name'\]|\['authors'\]\[\d\]\['name'\]", "author"),
    (r"\['language'\]", "language"),
]


def feedparser_golden(document: str) -> Golden | None:
    match = re.search(r"Expect:\s*(.*?)\s*(?:-->|\n)", document)
    if match is None:
        return None
    tree = ast.parse(match[1], mode="eval").body
    golden: Golden = {"feed": {}, "entries": []}
    for part in tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]:
        if not isinstance(part, ast.Compare) or not isinstance(part.ops[0], ast.Eq):
            continue
        path = re.sub(r"\.(\w+)", r"['\1']", ast.unparse(part.left))
        where = re.match(r"(feed|entries\[(\d)\])", path)
        field = next((name for pattern, name in _PATHS if where and re.fullmatch(pattern, path[where.end() :])), None)
        if where is None or field is None or (where[2] is None and field not in ("title", "url", "language")):
            continue
        try:
            value = ast.literal_eval(part.comparators[0])
        except ValueError:
            continue  # two fields compared with each other
        if isinstance(value, tuple):
            value = dates.from_tuple(value)
        if where[2] is None:
            golden["feed"][field] = value
            continue
        while len(golden["entries"]) <= int(where[2]):
            golden["entries"].append({})
        entry = golden["entries"][int(where[2])]
        if field == "author":
            entry.setdefault("authors", []).append(value)
        else:
            entry[field] = value
    return golden if golden["feed"] or any(golden["entries"]) else None


def feedparser_checks() -> Iterator[Check]:
    for path in sorted((FEEDS / "feedparser").rglob("*.xml")):
        body = path.read_bytes()
        encoding = next(
            (name for name in ("utf-8", "utf-16", "utf-32", "latin-1") if "Expect" in _decoded(body, name)), ""
        )
        document = _decoded(body, encoding) if encoding else ""
        golden = feedparser_golden(document)
        if golden is None:
            continue
        header = {name.lower(): value for name, value in re.findall(r"Header:\s*([\w-]+):\s*(.*)", document)}
        url = urljoin("http://127.0.0.1:8097/", header.get("content-location", ""))
        parsed = parse_feed(body, url=url, content_type=header.get("content-type"))
        yield from compared("feedparser", path.name, golden, parsed)


def _decoded(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return ""


# The others: JSON beside each feed.


def gofeed_golden(document: dict[str, Any]) -> Golden:
    def fields(item: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
        return {ours: item[theirs] for theirs, ours in names.items() if isinstance(item.get(theirs), str)}

    def text(value: Any) -> Any:
        return value.get("value") if isinstance(value, dict) else value

    feed = fields(document, {"title": "title", "language": "language", "link": "url"})
    entries = []
    for item in document.get("items") or document.get("entries") or []:
        flat = {key: text(value) for key, value in item.items()}
        names = {
            "title": "title",
            "link": "url",
            "guid": "id",
            "id": "id",
            "published": "published",
            "updated": "updated",
        }
        entry = fields(flat, names)
        if summary := text(item.get("description")) or text(item.get("summary")) or text(item.get("content")):
            entry["summary"] = summary
        people = [person.get("name") or person.get("email") for person in item.get("authors") or []]
        if isinstance(item.get("author"), str):
            people = [item["author"]]
        if any(people):
            entry["authors"] = people
        if "url" not in entry and (link := _alternate(item.get("links"))):
            entry["url"] = link
        entries.append(entry)
    return {"feed": feed, "entries": entries}


def _alternate(links: Any) -> str | None:
    usable = [link for link in links or [] if isinstance(link, dict) and link.get("rel") in (None, "", "alternate")]
    return usable[0].get("href") if usable else None


def feed_rs_golden(document: dict[str, Any]) -> Golden:
    def content(value: Any) -> Any:
        return value.get("content") or value.get("body") if isinstance(value, dict) else value

    feed = {"title": content(document["title"]), "language": document["language"], "url": _alternate(document["links"])}
    entries = []
    for item in document["entries"]:
        entry = {
            "title": content(item["title"]),
            "url": _alternate(item["links"]),
            "published": item["published"],
            "updated": None if item["updated"] == item["published"] else item["updated"],
            "summary": content(item["summary"]) or content(item["content"]),
            "authors": [person["name"] for person in item["authors"]],
        }
        if not re.fullmatch(r"[0-9a-f-]{31,36}", item["id"]):  # feed-rs makes up an id where there is none
            entry["id"] = item["id"]
        entries.append({field: value for field, value in entry.items() if value})
    return {"feed": {field: value for field, value in feed.items() if value}, "entries": entries}


def rss_parser_golden(document: dict[str, Any]) -> Golden:
    names = {"title": "title", "link": "url", "language": "language"}
    feed = {ours: document["feed"][theirs] for theirs, ours in names.items() if document["feed"].get(theirs)}
    entries = []
    for item in document["feed"]["items"]:
        entry = {
            "title": item.get("title"),
            "url": item.get("link"),
            "id": item.get("guid") or item.get("id") or item.get("rdf:about"),
            "date": item.get("isoDate"),
            "summary": (item.get("summary") or item.get("content") or "").replace("EMPTY", ""),
            "authors": [item.get("creator") or item.get("author")],
        }
        entries.append({field: value for field, value in entry.items() if value and value != [None] and value != [""]})
    return {"feed": feed, "entries": entries}


def fastfeedparser_golden(document: dict[str, Any]) -> Golden:
    names = {"title": "title", "link": "url", "language": "language"}
    feed = {ours: document["feed"][theirs] for theirs, ours in names.items() if document["feed"].get(theirs)}
    entries = []
    for item in document["entries"]:
        entry = {
            "title": item.get("title"),
            "url": item.get("link"),
            "id": None if item.get("id") == item.get("link") else item.get("id"),
            "date": item.get("published"),
            "updated": item.get("updated"),
            "beginning": item.get("description"),
            "authors": [person.get("name") for person in item.get("authors", [])],
        }
        entries.append({field: value for field, value in entry.items() if value})
    return {"feed": feed, "entries": entries}


def json_checks() -> Iterator[Check]:
    sets = (
        ("gofeed", "gofeed/**/*.xml", ".json", gofeed_golden),
        ("feed-rs", "feed-rs/**/*.xml", ".serde.json", feed_rs_golden),
        ("feed-rs", "feed-rs/**/jsonfeed_spec_1.json", ".serde.json", feed_rs_golden),
        ("rss-parser", "rss-parser/input/*", ".json", rss_parser_golden),
        ("fastfeedparser", "fastfeedparser/*.xml", ".json", fastfeedparser_golden),
        ("fastfeedparser", "fastfeedparser/json_feed_sample.json", ".expected.json", fastfeedparser_golden),
    )
    for source, pattern, ending, golden in sets:
        for path in sorted(FEEDS.glob(pattern)):
            expected = path.with_name(path.name.rpartition(".")[0] + ending)
            if source == "rss-parser":
                expected = FEEDS / "rss-parser" / "output" / expected.name
            if expected.is_file():
                document = json.loads(expected.read_text("utf-8"))
                yield from compared(source, path.name, golden(document), parse_feed(path.read_bytes()))


def real_checks() -> Iterator[Check]:
    """The oracle's texts are cut short, and of dates it keeps the wall clock without the zone."""
    folder = FEEDS / "kagi_real_2026"
    for row in json.loads((folder / "manifest.json").read_text("utf-8")):
        body = gzip.decompress((folder / f"{row['id']}.feed.gz").read_bytes())
        parsed = parse_feed(body)
        first = parsed.listed[0] if parsed.listed else None
        title = one_line(parsed.feed.title or "")[: len(plain_text(row["title"]))]
        yield Check("kagi", row["id"], "format", row["version"] or None, parsed.feed.format)
        yield Check("kagi", row["id"], "title", plain_text(row["title"]), title)
        yield Check("kagi", row["id"], "link", row["link"], (parsed.feed.url or "")[: len(row["link"])])
        yield Check("kagi", row["id"], "entries", row["entries"], len(parsed.listed))
        if row["first_date"]:
            clock = _clock(row["first_date"])
            got = _clock((first and (first.published or first.updated)) or "")
            near = clock and got and abs(clock - got) <= timedelta(hours=14) and (clock - got).seconds % 900 == 0
            yield Check("kagi", row["id"], "first date", str(clock), str(clock if near else got))


def _clock(text: str) -> datetime | None:
    text = re.sub(r"^\w{3}, ", "", text)
    for pattern in ("%d %b %Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.strptime(text[:20].rstrip("Z.+-"), pattern)  # noqa: DTZ007 - the zone is what is missing
        except ValueError:
            continue
    return None


@cache
def all_checks() -> tuple[Check, ...]:
    return (*feedparser_checks(), *json_checks(), *real_checks())


def report() -> str:
    lines = []
    checks = all_checks()
    for source in dict.fromkeys(check.source for check in checks):
        mine = [check for check in checks if check.source == source]
        held = sum(check.holds for check in mine)
        lines.append(f"{source:15} {held:5} of {len(mine):5} fields ({held / len(mine):.2%})")
    missed = [check for check in checks if not check.holds]
    lines.append(
        f"{'all':15} {len(checks) - len(missed):5} of {len(checks):5} fields ({1 - len(missed) / len(checks):.2%})"
    )
    for check in missed:
        if explained(check) is None:
            lines.append(
                f"- {check.source} {check.file} {check.field}: {str(check.expected)[:90]!r} / {str(check.got)[:90]!r}"
            )
    reasons = Counter((check.source, explained(check)) for check in missed if explained(check))
    lines += [f"  {number:3} of {source}: {why}" for (source, why), number in reasons.items()]
    return "\n".join(lines)


def explained(check: Check) -> str | None:
    """Why a miss is none of ours, or None."""
    for file, field, why in EXPLAINED:
        if re.fullmatch(file, check.file) and re.fullmatch(field, check.field):
            return why
    return None


def test_at_least_99_of_100_fields_are_read_as_other_readers_read_them() -> None:
    checks = all_checks()
    assert len(checks) > 6_500
    assert sum(check.holds for check in checks) >= 0.99 * len(checks)


def test_every_miss_is_explained() -> None:
    assert [check for check in all_checks() if not check.holds and explained(check) is None] == []


def test_no_feed_takes_more_than_a_second_or_raises() -> None:
    for path in sorted(FEEDS.rglob("*")):
        if path.is_file():
            body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            started = time.process_time()
            json.dumps(parse_feed(body, url="https://feeds.example/x").to_json())
            assert time.process_time() - started < 1, path.name


def test_xml_bombs_are_bounded_and_open_nothing() -> None:
    """Entities that grow, and entities that lead to files and hosts."""
    bombs = sorted((FEEDS.parent / "xml-bombs").glob("*.xml"))
    assert bombs
    for path in bombs:
        body = path.read_bytes()
        wrapped = body.replace(b"<bomb>", b"<rss><channel><title>").replace(b"</bomb>", b"</title></channel></rss>")
        for document in (body, wrapped):
            started = time.process_time()
            said = json.dumps(parse_feed(document).to_json())
            assert time.process_time() - started < 2, path.name
            assert len(said) < 200_000, path.name


if __name__ == "__main__":
    sys.stdout.write(report() + "\n")
