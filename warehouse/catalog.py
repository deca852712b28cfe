"""Which catalog a log has: a SQLite file in its folder, or a schema of a PostgreSQL database.

A PostgreSQL catalog is named by a libpq connection URL, `postgresql://user@host:5432/database?schema=news`. A password
is never part of the name that is kept: it comes from where libpq looks for one (`~/.pgpass`, PGPASSWORD), or from the
variable COURANT_CATALOG, which holds the whole URL and goes before the kept one.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from warehouse.errors import LogError

SQLITE = "sqlite"
SCHEMA = "courant"
"""The schema of a PostgreSQL catalog whose URL names none."""

_SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_FORM = "postgresql://user@host:5432/database?schema=name"


@dataclass(frozen=True, slots=True)
class Catalog:
    """A log's catalog. `url` is empty for SQLite, and holds neither password nor schema."""

    url: str = ""
    schema: str = SCHEMA
    password: str | None = field(default=None, repr=False)

    @property
    def in_postgres(self) -> bool:
        return bool(self.url)

    @property
    def name(self) -> str:
        """How the catalog is called in the log's marker and in messages: `sqlite`, or the URL without its password."""
        if not self.url:
            return SQLITE
        return f"{self.url}{'&' if '?' in self.url else '?'}schema={self.schema}"

    @classmethod
    def parse(cls, text: str, *, schema: str = SCHEMA) -> Self:
        """The catalog called `text`; `schema` where it names none. Raises LogError for what is no name of one."""
        if text == SQLITE:
            return cls()
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise LogError(f"that is no address ({error}): {_FORM}") from None
        if parts.scheme not in ("postgresql", "postgres"):
            raise LogError(f"a catalog is `{SQLITE}` or {_FORM}")
        said = dict(parse_qsl(parts.query, keep_blank_values=True))
        schema = said.pop("schema", schema)
        if not _SCHEMA_NAME.fullmatch(schema):
            raise LogError(f"{schema!r} is no schema's name: lower-case letters, digits and _, as in {_FORM}")
        in_query = said.pop("password", None)
        user, at, hosts = parts.netloc.rpartition("@")
        user, _, password = user.partition(":")
        query = f"?{urlencode(said, quote_via=quote)}" if said else ""
        url = f"postgresql://{user}{at}{hosts}{parts.path}{query}"
        return cls(url, schema, in_query or unquote(password) or None)

    @classmethod
    def kept(cls, text: str, environ: Mapping[str, str] = os.environ) -> Self:
        """The catalog that a log's marker calls `text`, reached as COURANT_CATALOG says where that names one.

        Raises LogError.
        """
        found = cls.parse(text)
        said = environ.get("COURANT_CATALOG")
        if not found.in_postgres or not said or said == SQLITE:
            return found
        return cls.parse(said, schema=found.schema)


IN_SQLITE = Catalog()
"""The catalog of a log that says nothing else: a file in its folder."""
