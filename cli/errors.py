"""What goes wrong on a command line, and the exit codes that say so."""

from ingest.errors import CourantError

DONE = 0
FOUND_WRONG = 1
"""Done, and something that was looked at is not as it should be: a check that failed, input lines left out."""
NOT_DONE = 2
"""Not done: wrong usage, or something around the command is not as it must be."""
INTERRUPTED = 130
"""Stopped by Ctrl-C: 128 and the number of SIGINT, as shells have it."""


class UsageError(CourantError):
    """The command cannot be carried out as given: one line with the cause and the way out."""
