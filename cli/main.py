"""`courant`: the commands, put together. Whatever is heavy is imported inside the command that needs it."""

import sys

from cli import (
    again,
    capture,
    care,
    decide,
    erase,
    events,
    feeds,
    frames,
    health,
    init,
    log,
    publish,
    publishers,
    runs,
    schema,
    sql,
    stages,
    status,
    upkeep,
    version,
    why,
)
from cli.app import CourantGroup, new_group

HELP = """Courant: from news feeds to typed, quotable events in a DuckDB log.

\b
Start:      courant init my-desk --contact desk@example.org
            cd my-desk && courant run
Ask:        courant events --type truce_agreed --since 2026-09-01
            courant sql "SELECT event_date, quote FROM calls_held"
Look after: courant status

Data goes to standard output, words to standard error. Exit codes: 0 done; 1 done, but something was found wrong;
2 not done, with the cause and the way out on one line; 130 stopped by Ctrl-C.
"""

app = new_group(HELP, name="courant", cls=CourantGroup)
app.command("init")(init.init)
app.command("run")(runs.run)
app.command("backfill")(runs.backfill)
app.command("reextract")(again.reextract)
app.command("refetch")(again.refetch)
app.command("link")(runs.link)
app.command("events")(events.events)
app.command("sql")(sql.sql)
app.command("status")(status.status)
app.command("why")(why.why)
app.command("upkeep")(upkeep.upkeep)
app.command("publish")(publish.publish)
app.command("export")(publish.export)
app.command("retract")(decide.retract)
app.command("correct")(decide.correct)
app.command("same")(decide.same)
app.command("apart")(decide.apart)
app.command("erase")(erase.erase)

feed_group = new_group("Feeds as a filter: what a feed says.")
feed_group.command("parse")(stages.feed_parse)
app.add_typer(feed_group, name="feed")

feeds_group = new_group("The list of feeds: add, remove, check, exchange with feed readers.")
feeds_group.command("list")(feeds.list_feeds)
feeds_group.command("add")(feeds.add)
feeds_group.command("remove")(feeds.remove)
feeds_group.command("import")(feeds.import_feeds)
feeds_group.command("export")(feeds.export_feeds)
feeds_group.command("check")(feeds.check)
feeds_group.command("health")(health.health)
app.add_typer(feeds_group, name="feeds")

publishers_group = new_group("Who publishes at which host: country, ownership, group.")
publishers_group.command("list")(publishers.list_all)
publishers_group.command("find")(publishers.find)
publishers_group.command("check")(publishers.check)
publishers_group.command("update")(publishers.update)
app.add_typer(publishers_group, name="publishers")
app.command("extract")(stages.extract)
app.command("code")(stages.code)

frames_group = new_group("The coder's frames, tried on sentences.")
frames_group.command("test")(frames.run_examples)
frames_group.command("try")(frames.try_sentence)
app.add_typer(frames_group, name="frames")

capture_group = new_group("Captured pages: shown as they came, indexed, and deleted when told to.")
capture_group.command("show")(capture.show)
capture_group.command("list")(capture.list_captures)
capture_group.command("index")(capture.index)
capture_group.command("prune")(capture.prune)
app.add_typer(capture_group, name="capture")

log_group = new_group("The event log itself.")
log_group.command("create")(log.create)
log_group.command("lock")(log.lock)
log_group.command("tail")(care.tail)
log_group.command("verify")(care.verify)
log_group.command("backup")(care.backup)
log_group.command("restore")(care.restore)
log_group.command("recover")(care.recover)
log_group.command("upgrade")(care.upgrade)
log_group.command("rebuild")(care.rebuild)
app.add_typer(log_group, name="log")

schema_group = new_group("The JSON Schemas of everything that stands in the log.")
schema_group.command("export")(schema.export)
app.add_typer(schema_group, name="schema")
app.command("version")(version.version)


def main() -> None:
    """The console script. Leaves with the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    app(prog_name="courant")


if __name__ == "__main__":
    main()
