"""`courant log upgrade`: bring a log of an older layout to this program's. Nothing else changes tables or views.

Events are never rewritten: a layout is tables, projections and views alone. A copy of the catalog is made first; the
marker that names the layout is written last, so that an upgrade that was cut short is simply run again.
"""

from collections.abc import Callable
from pathlib import Path

import duckdb

from warehouse import layout, postgres, projections, state
from warehouse.attach import ALIAS, attach, first_line
from warehouse.catalog_copy import copy_catalog
from warehouse.errors import LayoutError, LogError
from warehouse.location import LAYOUT, Location
from warehouse.lock import writer_lock

OLDEST = 1


def upgrade(path: str | Path) -> tuple[int, int]:
    """Upgrade the log at `path`; its layout before and now. Raises LogNotFoundError, LayoutError, LogError."""
    location = Location.find(path)
    with writer_lock(location, purpose="upgrade"):
        found, log_id = location.read_marker()
        if found == LAYOUT:
            return found, found
        if found > LAYOUT:
            raise LayoutError(f"the log at {location.root} has layout {found}, newer than {LAYOUT}: upgrade Courant")
        if found < OLDEST:
            raise LayoutError(f"the log at {location.root} has layout {found}, which no version of Courant had")
        if location.catalog.in_postgres:
            held = postgres.registered(location.catalog)
            if held is not None and held.layout == LAYOUT:
                # Another machine has upgraded the log: here, only the folder's marker is older.
                location.write_marker(log_id)
                return found, LAYOUT
        copy_catalog(location, f"before-layout-{LAYOUT}")
        con = attach(location, read_only=False)
        try:
            con.execute("BEGIN")
            for step in range(found, LAYOUT):
                STEPS[step](con)
            _new_state(con)
            layout.create_views(con)
            state.forget(con)
            [(head,)] = con.execute("SELECT coalesce(max(position), 0) FROM event_log").fetchall()
            state.catch_up(con, head)
            con.execute("COMMIT")
            layout.prime(con)
            # Nothing is inlined from layout 2 on: what is, goes into files while nobody reads.
            con.execute(f"CALL ducklake_flush_inlined_data('{ALIAS}')")
        except duckdb.Error as error:
            raise LogError(f"the upgrade of {location.root} failed and changed nothing: {first_line(error)}") from error
        finally:
            con.close()
        if location.catalog.in_postgres:
            postgres.set_layout(location.catalog, LAYOUT)
        location.write_marker(log_id)
        return found, LAYOUT


def _from_1(con: duckdb.DuckDBPyConnection) -> None:
    """Articles and world events as tables with a checkpoint; followers."""
    con.execute("CREATE TABLE IF NOT EXISTS proj.checkpoint (name VARCHAR NOT NULL, position BIGINT NOT NULL)")
    con.execute("DELETE FROM proj.checkpoint WHERE name = 'state'")
    con.execute("INSERT INTO proj.checkpoint VALUES ('state', 0)")
    con.execute(
        "CREATE TABLE IF NOT EXISTS proj.followers"
        " (name VARCHAR NOT NULL, log_id UUID NOT NULL, position BIGINT NOT NULL, event_id UUID)"
    )


def _from_2(con: duckdb.DuckDBPyConnection) -> None:
    """Links between reports of one happening."""
    _new_projection(con, "links")


def _from_3(con: duckdb.DuckDBPyConnection) -> None:
    """A feed's latest poll whole, and hosts in trouble; the list of publishers, and whose articles are."""
    new = ("feed_state", "host_state", "publishers")
    for name in new:
        _new_projection(con, name)
    projections.rebuild(con, names=new)


def _new_projection(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """The empty table of a projection, in place of one of older columns or of an upgrade that was cut short."""
    con.execute(f"DROP TABLE IF EXISTS proj.{name}")
    con.execute(projections.section(name, "table"))


def _new_state(con: duckdb.DuckDBPyConnection) -> None:
    """The tables of the current state with today's columns, empty."""
    for name in ("articles", "world_events", "sources"):
        con.execute(f"DROP TABLE IF EXISTS proj.{name}")
    layout.create_state(con)


STEPS: dict[int, Callable[[duckdb.DuckDBPyConnection], None]] = {1: _from_1, 2: _from_2, 3: _from_3}
