"""Build the sample newsroom from its stories: pages, feeds, the site map, the feeds list and the golden events.

`python -m samples.build` writes them; what is built lies in the repository, and a test holds it to the stories. Pages
come from the templates, one per page shape; nothing here reads the clock, so the same stories give the same bytes.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import escape

from samples.stories import Story, gold_line, load_stories

HERE = Path(__file__).parent
BUILT = datetime.fromisoformat("2026-09-30T23:00:00+00:00")
"""The moment that the feeds say they were built at: the end of the newsroom's month."""
ENCODINGS = {"table": "windows-1252"}
FEED_TYPES = {"rss2": "application/rss+xml", "rdf": "application/rdf+xml", "atom": "application/atom+xml"}
FEED_TEMPLATES = {"rss2": "rss2.xml", "rdf": "rdf.xml", "atom": "atom.xml"}
ROBOTS = "User-agent: *\nDisallow: /private/\nDisallow: /*?share=\n"
PDF = (
    b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


@dataclass(frozen=True)
class Entry:
    """One entry of a feed, as the feed tells it."""

    link: str
    guid: str
    title: str
    summary: str
    author: str | None
    published: datetime | None
    html: str | None

    @property
    def iso(self) -> str | None:
        return self.published.isoformat() if self.published else None

    @property
    def rfc822(self) -> str | None:
        return format_datetime(self.published) if self.published else None


def built() -> dict[str, bytes]:
    """Every built file by its path inside `samples/`. Raises StoryError where a story contradicts itself."""
    stories = load_stories()
    newsroom = yaml.safe_load((HERE / "newsroom.yaml").read_text("utf-8"))
    files: dict[str, bytes] = {}
    site: dict[str, dict[str, Any]] = {}
    for number, story in enumerate(stories.values(), start=4101):
        encoding = ENCODINGS.get(story.shape, "utf-8")
        file = f"pages/{story.id}.html"
        files[f"site/{file}"] = _page(story, number, stories).encode(encoding)
        site[story.url] = _found(file, f"text/html; charset={encoding}", _modified(story))
    for feed in newsroom["feeds"]:
        if "file" in feed:
            files[f"site/{feed['file']}"] = _feed(feed, stories)
            type_ = feed.get("type") or FEED_TYPES[feed["format"]]
            charset = f"; charset={feed['charset']}" if feed.get("charset") else ""
            site[feed["url"]] = _found(feed["file"], f"{type_}{charset}", format_datetime(BUILT, usegmt=True))
    for fault in newsroom["faults"]:
        site[fault["url"]] = _fault(fault, files, stories, newsroom["feeds"])
    for host in sorted({_host(url) for url in site}):
        site[f"https://{host}/robots.txt"] = _found("robots.txt", "text/plain; charset=utf-8", None)
    files["site/robots.txt"] = ROBOTS.encode()
    files["site.json"] = _json(dict(sorted(site.items()))) + b"\n"
    files["feeds.opml"] = _opml(newsroom["feeds"])
    files["gold.jsonl"] = b"".join(_json(gold_line(story), indent=None) + b"\n" for story in stories.values())
    return files


def _page(story: Story, number: int, stories: Mapping[str, Story]) -> str:
    when = story.when
    return (
        _templates()
        .get_template(f"{story.shape}.html")
        .render(
            s=story,
            number=number,
            related=_foreign(story, stories, 4),
            recent=_foreign(story, stories, 7)[4:],
            original=stories[story.copy_of].url if story.copy_of else None,
            amp_url=next((s.url for s in stories.values() if s.shape == "amp" and s.canonical == story.url), None),
            day=f"{when:%Y-%m-%d}" if when else "",
            long_date=f"{when:%B} {when.day}, {when.year}" if when else "",
            weekday_date=f"{when:%A}, {when.day} {when:%B} {when.year}" if when else "",
            clock=f"{when:%H.%M}" if when else "",
        )
    )


def _foreign(story: Story, stories: Mapping[str, Story], count: int) -> list[Story]:
    """Other stories to tease beside this one: the most eventful of the others, going round from the story on.

    They are what a coder must not read: headlines of real happenings at the foot of a page about something else.
    """
    others = [s for s in stories.values() if s.events and s.text != story.text and not s.copy_of]
    if story.published is None:  # a page without any date has none in its links either
        others = [s for s in others if "/2026/" not in s.url]
    at = list(stories).index(story.id)
    turn = (at * 5) % len(others)
    return (others[turn:] + others[:turn])[:count]


def _feed(feed: Mapping[str, Any], stories: Mapping[str, Story]) -> bytes:
    if "bytes" in feed:
        return str(feed["bytes"]).encode()
    entries = [_entry(raw, stories, feed) for raw in feed["entries"]]
    name = FEED_TEMPLATES[feed["format"]]
    stamp = {"built": format_datetime(BUILT), "built_iso": BUILT.isoformat()}
    shown = {"declared": None, "full_text": False, "media": False, "enclosures": False, **feed}
    text = _templates().get_template(name).render(f=shown, entries=entries, **stamp)
    body = text.encode(feed.get("encoding", "utf-8"))
    return body[: int(len(body) * feed["cut"])] if "cut" in feed else body


def _entry(raw: str | Mapping[str, Any], stories: Mapping[str, Story], feed: Mapping[str, Any]) -> Entry:
    """An entry of a story (its id, or `id` with what the feed tells otherwise) or of a page that is none."""
    told: Mapping[str, Any] = {"id": raw} if isinstance(raw, str) else raw
    story = stories.get(told["id"]) if "id" in told else None
    if "id" in told and story is None:
        raise KeyError(f"{feed['url']} lists {told['id']}, which is no story")
    link = told.get("link") or (story.url if story else "")
    published = told.get("published") or (story.published if story else None)
    paragraphs = story.paragraphs if story else ()
    return Entry(
        link=link,
        guid=told.get("guid") or (story.url if story else link),
        title=told.get("title") or (story.title if story else ""),
        summary=told.get("summary") or (story.summary or story.paragraphs[0] if story else ""),
        author=story.author if story else None,
        published=datetime.fromisoformat(published) if published else None,
        html="".join(f"<p>{escape(p)}</p>" for p in paragraphs) if feed.get("full_text") and paragraphs else None,
    )


def _fault(
    fault: Mapping[str, Any], files: dict[str, bytes], stories: Mapping[str, Story], feeds: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The site map's entry of a page that is no article; its body, where it has one, goes to `files`."""
    match fault["is"]:
        case "redirect":
            return {"status": 301, "headers": {"Location": fault["to"]}}
        case "pdf":
            body, type_ = PDF, "application/pdf"
        case "empty":
            body, type_ = b"", "text/html; charset=utf-8"
        case "listing":
            host = _host(fault["url"])
            listed = [s for s in stories.values() if _host(s.url) == host]
            alternates = [
                {"type": FEED_TYPES[f["format"]], **f} for f in feeds if "format" in f and _host(f["home"]) == host
            ]
            page = _templates().get_template("listing.html")
            body = page.render(title=fault["title"], url=fault["url"], stories=listed, feeds=alternates).encode()
            type_ = "text/html; charset=utf-8"
        case "gallery":
            body = _templates().get_template("gallery.html").render(**fault).encode()
            type_ = "text/html; charset=utf-8"
        case "embargoed":
            body = f"<!doctype html><title>{fault['title']}</title><p>No robot should have come here.</p>".encode()
            type_ = "text/html; charset=utf-8"
        case other:
            raise ValueError(f"{fault['url']}: no such fault: {other}")
    files[f"site/{fault['file']}"] = body
    return _found(fault["file"], type_, None)


def _opml(feeds: Iterable[Mapping[str, Any]]) -> bytes:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for feed in feeds:
        groups.setdefault(feed["group"], []).append(feed)
    return _templates().get_template("feeds.opml").render(groups=groups.items()).encode()


def _found(file: str, type_: str, modified: str | None) -> dict[str, Any]:
    headers = {"Last-Modified": modified} if modified else {}
    return {"file": file, "status": 200, "content_type": type_, "headers": headers}


def _modified(story: Story) -> str | None:
    return (
        format_datetime(story.when.astimezone(BUILT.tzinfo), usegmt=True) if story.when and story.when.tzinfo else None
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _json(value: Any, indent: int | None = 1) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=indent).encode()


def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(["html", "xml", "opml"]),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


def main() -> int:
    """Write every built file, and remove pages and feeds that no story makes any more."""
    files = built()
    for old in (HERE / "site").rglob("*"):
        if old.is_file() and old.relative_to(HERE).as_posix() not in files:
            old.unlink()
    for name, body in files.items():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    print(f"{len(files)} files built")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
