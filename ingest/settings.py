"""Settings: `courant.toml`, then COURANT_* variables, then what the caller says; the later wins.

contact = "mailto:desk@example.org"   # named by the user agent, needed for real feeds
log = "courant-log"                   # paths are relative to this file
feeds = "feeds.opml"
interval = 15                         # minutes between two polls of a feed, at least
max_interval = 360                    # and at most, of one that has been quiet
coder = "frames"
frames = "my-frames"                  # folders of your own that add to the built-in coder's data
actors = "my-actors"
publishers = "my-publishers.csv"      # rows that add to the list of publishers

[fetch]                               # fields of ingest.fetch.FetchConfig
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from ingest.errors import SettingsError

CONFIG_NAME = "courant.toml"
_NUMBERS: dict[str, type[int] | type[float]] = {
    "interval": int,
    "max_interval": int,
    "workers": int,
    "page_timeout": float,
    "chunk_feeds": int,
    "chunk_pages": int,
    "max_attempts": int,
    "max_pages": int,
    "spool_keep_days": int,
}
_PATHS = ("log", "feeds", "frames", "actors", "publishers")


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a run depends on, but the clock and the network.

    `interval` and `max_interval` in minutes, `page_timeout` in seconds a page's reading may take, `chunk_feeds` and
    `chunk_pages` how many go into one task, `max_attempts` how often a page is tried, `max_pages` how many pending ones
    a pass takes up. `frames` and `actors` are folders that add to the built-in coder's data, `publishers` is a CSV file
    that adds to the list of publishers. With `obey_reservations` no page is kept or read whose publisher reserves that.
    `overrides` maps a host to the loopback address and port that answer for it
    (the sample newsroom).
    """

    log: Path = Path("courant-log")
    feeds: Path = Path("feeds.opml")
    contact: str | None = None
    coder: str = "frames"
    frames: Path | None = None
    actors: Path | None = None
    publishers: Path | None = None
    interval: int = 15
    max_interval: int = 360
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    page_timeout: float = 30.0
    chunk_feeds: int = 40
    chunk_pages: int = 300
    max_attempts: int = 4
    max_pages: int = 5000
    spool_keep_days: int = 7
    obey_reservations: bool = True
    overrides: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    fetch: Mapping[str, Any] = field(default_factory=dict)

    @property
    def product(self) -> str:
        """The name by which robots.txt files and robots directives know this program."""
        return str(self.fetch.get("product", "courant"))

    @classmethod
    def load(
        cls,
        config: Path | None = None,
        *,
        log: Path | None = None,
        feeds: Path | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> Self:
        """Read `config` (else COURANT_CONFIG, else the nearest courant.toml upwards, else none).

        Raises SettingsError.
        """
        file = config or (Path(environ["COURANT_CONFIG"]) if environ.get("COURANT_CONFIG") else find_config(Path.cwd()))
        said = _read(file) if file else {}
        base = file.parent if file else Path.cwd()
        values: dict[str, Any] = {}
        for name in cls.__dataclass_fields__:
            from_file = said.pop(name, None)
            value = environ.get(f"COURANT_{name.upper()}") or from_file
            if value is not None:
                values[name] = value
        if said:
            raise SettingsError(f"{file} holds an unknown setting: {', '.join(sorted(said))}; see docs/settings.md")
        for name, number in _NUMBERS.items():
            if name in values:
                values[name] = _number(name, values[name], number)
        given = {"log": log, "feeds": feeds}
        for name in _PATHS:
            if (path := given.get(name)) is not None:
                values[name] = Path(path)
            elif name in values:
                from_environ = bool(environ.get(f"COURANT_{name.upper()}"))
                values[name] = (Path.cwd() if from_environ else base) / str(values[name])
        if "obey_reservations" in values:
            values["obey_reservations"] = _truth("obey_reservations", values["obey_reservations"])
        if isinstance(values.get("overrides"), str | dict):
            values["overrides"] = _overrides(values["overrides"])
        return replace(cls(), **values)


def find_config(folder: Path) -> Path | None:
    """The nearest courant.toml in `folder` or above."""
    return next((f / CONFIG_NAME for f in (folder, *folder.parents) if (f / CONFIG_NAME).is_file()), None)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read {file} ({error.strerror}): `courant init` writes a new one") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not valid TOML ({error}): mend that line") from None


def _number(name: str, value: Any, kind: type[int] | type[float]) -> int | float:
    try:
        number = kind(value)
    except (TypeError, ValueError):
        raise SettingsError(f"the setting {name} must be a number, not {value!r}") from None
    if number <= 0:
        raise SettingsError(f"the setting {name} must be greater than 0, not {value!r}")
    return number


def _truth(name: str, value: Any) -> bool:
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if (truth := known.get(str(value).lower())) is None:
        raise SettingsError(f"the setting {name} must be true or false, not {value!r}")
    return truth


def _overrides(said: str | dict[str, str]) -> dict[str, tuple[str, int]]:
    """`host=address:port` pairs, comma-separated in a variable, a table in the file."""
    pairs = said.items() if isinstance(said, dict) else [tuple(p.split("=", 1)) for p in said.split(",") if p]
    try:
        return {host: (where.rsplit(":", 1)[0], int(where.rsplit(":", 1)[1])) for host, where in pairs}
    except (ValueError, IndexError, TypeError):
        raise SettingsError(f"overrides are written host=address:port, not {said!r}") from None
