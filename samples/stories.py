"""The stories of the sample newsroom, as written by hand in `stories/*.yaml`, and their events with places in the text.

A story is read once and checked: every quote, name and date word must stand in its title or text, so that a slip of
the pen is found when the samples are built, not when a coder is scored against them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
MAX_QUOTE = 300
_POST = re.compile(r"##\s*(?P<time>\d\d:\d\d)\s+(?P<heading>.+)")
_SENTENCE_END = re.compile(r"[.!?][\"”’')]*\s+(?=[\"“‘'(]?[A-Z0-9])|\n+")
# What ends in a full stop and ends no sentence.
_ABBREVIATION = re.compile(r"\b(Mr|Mrs|Ms|Dr|Gen|Col|St|No|U\.S|U\.N)\.$")


class StoryError(ValueError):
    """A story that contradicts itself. Names the story and what to mend."""


@dataclass(frozen=True)
class Post:
    """One post of a live blog: the time as shown, its heading and its paragraphs."""

    time: str
    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Story:
    """One page: where it stands, how it looks, what it says, and what happens in it."""

    id: str
    shape: str
    url: str
    title: str
    published: str | None
    lines: tuple[str, ...]
    kind: str = "topical"
    section: str = "World"
    author: str | None = None
    summary: str = ""
    caption: str = ""
    copy_of: str | None = None
    canonical: str | None = None
    events: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @cached_property
    def text(self) -> str:
        """The body as a good extractor gives it: paragraphs and a live blog's headings, one a line."""
        return "\n".join(m["heading"] if (m := _POST.fullmatch(line)) else line for line in self.lines)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(self.text.split("\n"))

    @property
    def posts(self) -> tuple[Post, ...]:
        """A live blog's posts in the order of the text (newest first)."""
        posts: list[tuple[str, str, list[str]]] = []
        for line in self.lines:
            if found := _POST.fullmatch(line):
                posts.append((found["time"], found["heading"], []))
            elif posts:
                posts[-1][2].append(line)
        return tuple(Post(time, heading, tuple(paragraphs)) for time, heading, paragraphs in posts)

    @property
    def when(self) -> datetime | None:
        """The publication time, at midnight where the page gives a day alone."""
        return datetime.fromisoformat(self.published) if self.published else None


def load_stories(folder: Path = HERE / "stories") -> dict[str, Story]:
    """All stories by id. A copy takes title, text and events from the story it copies. Raises StoryError."""
    raw: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text("utf-8")):
            if entry["id"] in raw:
                raise StoryError(f"{path.name}: two stories are called {entry['id']}")
            raw[entry["id"]] = entry
    return {id_: _story(entry, raw) for id_, entry in raw.items()}


def _story(entry: Mapping[str, Any], raw: Mapping[str, Mapping[str, Any]]) -> Story:
    source = raw[entry["copy_of"]] if entry.get("copy_of") else entry
    merged = {"caption": source.get("caption", ""), "kind": source.get("kind", "topical"), **entry}
    lines = tuple(line.strip() for line in source["text"].splitlines() if line.strip())
    return Story(
        **{k: v for k, v in merged.items() if k not in ("text", "events", "title")},
        title=entry.get("title", source["title"]),
        lines=lines,
        events=tuple(entry.get("events", source.get("events") or ())),
    )


def gold_line(story: Story) -> dict[str, Any]:
    """The story as a line of `gold.jsonl`. Raises StoryError where an event quotes what does not stand there."""
    return {
        "id": story.id,
        "kind": story.kind,
        "source": f"sample newsroom, {story.shape}",
        "url": story.canonical or story.url,
        "title": story.title,
        "text": story.text,
        "published": story.published,
        "events": [_event(event, story) for event in story.events],
    }


def _event(event: Mapping[str, Any], story: Story) -> dict[str, Any]:
    known = {"type", "who", "date", "words", "place", "scope", "by", "modality", "background", "optional", "quotes"}
    if extra := set(event) - known:
        raise StoryError(f"{story.id}: {event['type']} has unknown keys {sorted(extra)}")
    participants = [_participant(who, story) for who in event["who"]]
    for words in (event.get("words"), event.get("place"), event.get("by")):
        if words and words not in story.title and words not in story.text:
            raise StoryError(f"{story.id}: {words!r} stands neither in the title nor in the text")
    mentions = [locate(quote, story) for quote in event["quotes"]]
    return {
        "type": event["type"],
        "modality": event.get("modality", "asserted"),
        "participants": participants,
        "occurred_on": event.get("date"),
        "date_words": event.get("words"),
        "place": event.get("place"),
        "scope": event.get("scope"),
        "attributed_to": event.get("by"),
        "background": event.get("background", False),
        "optional": event.get("optional", False),
        "evidence": mentions[0],
        "mentions": mentions,
    }


def _participant(who: str, story: Story) -> dict[str, str | None]:
    """From `name | code | role`; an empty code is null."""
    name, code, role = (part.strip() for part in who.split("|"))
    if name not in story.title and name not in story.text:
        raise StoryError(f"{story.id}: the participant {name!r} stands neither in the title nor in the text")
    return {"name": name, "code": code or None, "role": role}


def locate(quote: str, story: Story) -> dict[str, Any]:
    """Where `quote` stands: in the title where it begins with `title: `, else in the text.

    Raises StoryError unless it stands there exactly once, within one sentence, in at most 300 characters.
    """
    name = "title" if quote.startswith("title: ") else "text"
    words = quote.removeprefix("title: ")
    source = story.title if name == "title" else story.text
    if source.count(words) != 1:
        raise StoryError(f"{story.id}: stands {source.count(words)} times in the {name}, not once: {words!r}")
    if len(words) > MAX_QUOTE or len(list(sentences(words))) > 1:
        raise StoryError(f"{story.id}: longer than a sentence or {MAX_QUOTE} characters: {words!r}")
    start = source.index(words)
    return {"field": name, "start": start, "end": start + len(words), "quote": words}


def sentences(text: str) -> Iterable[str]:
    """The sentences of a text, roughly; abbreviations do not end one."""
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if not _ABBREVIATION.search(text[start : end.start() + 1]):
            yield text[start : end.end()].strip()
            start = end.end()
    if text[start:].strip():
        yield text[start:].strip()
