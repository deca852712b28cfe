"""What can stop a run as a whole. A bad feed, page or record never does: it becomes a fact in the log."""


class CourantError(Exception):
    """Base: one line that names the cause and the way out."""


class SettingsError(CourantError):
    """The configuration cannot be read or holds something impossible."""
