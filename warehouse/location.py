"""Where a log lies: one folder, and a small file in it that says what it is.

<log>/courant-log.json   this file: layout version, id of the log
<log>/catalog.sqlite     the DuckLake catalog
<log>/data/              its Parquet files
<log>/captures/          WARC files, by year and month
<log>/spool/             what is on its way into the log
<log>/index/             the id index: derived, made again when lost
<log>/writer.lock        the writer lock; writer.json says who holds it
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from warehouse.errors import LayoutError, LogNotFoundError, LogNotWritableError

LAYOUT = 3
"""The layout that this program reads and writes. Only `courant log upgrade` changes a log's layout."""

MARKER = "courant-log.json"


@dataclass(frozen=True, slots=True)
class Location:
    """Paths of one log."""

    root: Path

    @property
    def marker(self) -> Path:
        return self.root / MARKER

    @property
    def catalog(self) -> Path:
        return self.root / "catalog.sqlite"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def captures(self) -> Path:
        return self.root / "captures"

    @property
    def spool(self) -> Path:
        return self.root / "spool"

    @property
    def index(self) -> Path:
        return self.root / "index"

    @property
    def lock(self) -> Path:
        return self.root / "writer.lock"

    def require_writable(self) -> None:
        """Raises LogNotWritableError where this user may not write what a run writes: asked at its start."""
        for path in (self.root, self.data, self.captures, self.spool, self.catalog, self.index):
            if path.exists() and not os.access(path, os.W_OK):
                raise LogNotWritableError(
                    f"cannot write to {path}: check its owner and permissions, or take another log with --log"
                )

    def write_marker(self, log_id: UUID) -> None:
        """Say that the folder holds a log of this layout: the last step of making or upgrading one."""
        part = self.marker.with_suffix(".part")
        part.write_text(json.dumps({"layout": LAYOUT, "log_id": str(log_id), "catalog": "sqlite"}) + "\n")
        part.replace(self.marker)

    def check(self) -> UUID:
        """The id of the log here.

        Raises LogNotFoundError where there is none, LayoutError where its layout is not this program's.
        """
        layout, log_id = self.read_marker()
        if layout > LAYOUT:
            raise LayoutError(
                f"the log at {self.root} has layout {layout}, this Courant reads {LAYOUT}: upgrade Courant"
            )
        if layout < LAYOUT:
            raise LayoutError(
                f"the log at {self.root} has layout {layout}, this Courant reads {LAYOUT}: run `courant log upgrade`"
            )
        return log_id

    def read_marker(self) -> tuple[int, UUID]:
        """Layout and id of the log here. Raises LogNotFoundError, LayoutError."""
        try:
            marker = json.loads(self.marker.read_text())
            return int(marker["layout"]), UUID(marker["log_id"])
        except FileNotFoundError:
            raise LogNotFoundError(
                f"no event log at {self.root}: `courant init` makes one, --log or COURANT_LOG names another"
            ) from None
        except OSError as error:
            raise LogNotFoundError(f"cannot read the log at {self.root}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise LayoutError(f"{self.marker} is damaged: restore it with `courant log restore`") from None
