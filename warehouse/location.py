"""Where a log lies: one folder, and a small file in it that says what it is.

<log>/courant-log.json   this file: layout version, id of the log, its catalog, where its data lie
<log>/catalog.sqlite     the DuckLake catalog, unless it is in PostgreSQL
<log>/data/              its Parquet files, unless they are elsewhere (`base`): another folder, or S3
<log>/catalog-copies/    copies of the catalog, beside the data
<log>/captures/          WARC files, by year and month
<log>/spool/             what is on its way into the log
<log>/index/             the id index: derived, made again when lost
<log>/writer.lock        the writer lock of a SQLite catalog; writer.json says who holds it
"""

import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from warehouse import files
from warehouse.catalog import IN_SQLITE, Catalog
from warehouse.errors import LayoutError, LogError, LogNotFoundError, LogNotWritableError

LAYOUT = 4
"""The layout that this program reads and writes. Only `courant log upgrade` changes a log's layout."""

MARKER = "courant-log.json"


@dataclass(frozen=True, slots=True)
class Location:
    """Paths of one log. `elsewhere` is where its data lie when they do not lie in its folder."""

    root: Path
    catalog: Catalog = IN_SQLITE
    elsewhere: str = ""

    @classmethod
    def find(cls, path: str | Path) -> Self:
        """The log in the folder `path`, as its marker says. Raises LogNotFoundError, LayoutError."""
        root = Path(path).resolve()
        marker = _read_marker(root)
        return cls(root, Catalog.kept(str(marker["catalog"])), str(marker.get("data") or ""))

    @property
    def marker(self) -> Path:
        return self.root / MARKER

    @property
    def catalog_file(self) -> Path:
        """The SQLite catalog: a file that a log with its catalog in PostgreSQL does not have."""
        return self.root / "catalog.sqlite"

    @property
    def base(self) -> str:
        """Address of the folder that holds data and copies of the catalog."""
        return self.elsewhere or str(self.root)

    @property
    def data(self) -> str:
        """Address of the folder of Parquet files."""
        return f"{self.base}/data"

    @property
    def copies(self) -> str:
        """Address of the folder of copies of the catalog."""
        return f"{self.base}/catalog-copies"

    @property
    def captures(self) -> Path:
        return self.root / "captures"

    @property
    def spool(self) -> Path:
        return self.root / "spool"

    @property
    def index(self) -> Path:
        """The id index. COURANT_INDEX puts it on the machine's own disk, where several machines share the folder."""
        if own := os.environ.get("COURANT_INDEX"):
            return Path(own) / f"index-{zlib.crc32(str(self.root).encode()):08x}"
        return self.root / "index"

    @property
    def lock(self) -> Path:
        return self.root / "writer.lock"

    def require_writable(self) -> None:
        """Raises LogNotWritableError where this user may not write what a run writes: asked at its start."""
        paths = [self.root, self.captures, self.spool, self.catalog_file, self.index]
        for path in paths if files.in_s3(self.data) else [*paths, Path(self.data)]:
            if path.exists() and not os.access(path, os.W_OK):
                raise LogNotWritableError(
                    f"cannot write to {path}: check its owner and permissions, or take another log with --log"
                )

    def write_marker(self, log_id: UUID) -> None:
        """Say that the folder holds a log of this layout: the last step of making or upgrading one."""
        said = {"layout": LAYOUT, "log_id": str(log_id), "catalog": self.catalog.name}
        if self.elsewhere:
            said["data"] = self.elsewhere
        part = self.marker.with_suffix(".part")
        part.write_text(json.dumps(said) + "\n")
        part.replace(self.marker)

    def check(self) -> UUID:
        """The id of the log here.

        Raises LogNotFoundError where there is none, LayoutError where its layout is not this program's.
        """
        layout, log_id = self.read_marker()
        self.check_layout(layout)
        return log_id

    def check_layout(self, layout: int) -> None:
        """Raises LayoutError where `layout` is not this program's."""
        if layout > LAYOUT:
            raise LayoutError(
                f"the log at {self.root} has layout {layout}, this Courant reads {LAYOUT}: upgrade Courant"
            )
        if layout < LAYOUT:
            raise LayoutError(
                f"the log at {self.root} has layout {layout}, this Courant reads {LAYOUT}: run `courant log upgrade`"
            )

    def read_marker(self) -> tuple[int, UUID]:
        """Layout and id of the log here. Raises LogNotFoundError, LayoutError."""
        marker = _read_marker(self.root)
        return int(marker["layout"]), UUID(marker["log_id"])


def _read_marker(root: Path) -> dict[str, Any]:
    """What the marker in `root` says, checked to be what a marker says. Raises LogNotFoundError, LayoutError."""
    file = root / MARKER
    try:
        marker: dict[str, Any] = json.loads(file.read_text())
        int(marker["layout"]), UUID(marker["log_id"]), Catalog.parse(marker["catalog"])
        return marker
    except FileNotFoundError:
        raise LogNotFoundError(
            f"no event log at {root}: `courant init` makes one, --log or COURANT_LOG names another"
        ) from None
    except OSError as error:
        raise LogNotFoundError(f"cannot read the log at {root}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, LogError):
        raise LayoutError(f"{file} is damaged: restore it with `courant log restore`") from None
