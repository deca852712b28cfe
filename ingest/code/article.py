"""The coder's input: an article as the extraction leaves it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

TextField = Literal["title", "text"]


@dataclass(frozen=True, slots=True)
class Article:
    """An article to code.

    `published` is ISO 8601 (a date or a timestamp, whose UTC offset decides what "today" means) or None where unknown.
    `language` is an ISO 639-1 code where the caller knows it; otherwise the coder looks for itself.
    """

    id: str
    title: str
    text: str
    published: str | None
    url: str | None = None
    language: str | None = None

    def field(self, name: TextField) -> str:
        """The title or the text."""
        return self.title if name == "title" else self.text

    @property
    def day(self) -> date | None:
        """The day of publication in the publisher's own UTC offset; None where unknown or unreadable."""
        try:
            return date.fromisoformat((self.published or "")[:10])
        except ValueError:
            return None
