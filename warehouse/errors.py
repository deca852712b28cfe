"""Everything that can be wrong with a log, in one tree. Each message is one line: the cause, then the way out."""


class LogError(Exception):
    """Base of all errors of the log."""


class LogNotFoundError(LogError):
    """There is no log at the path."""


class LogExistsError(LogError):
    """There is one already, or something else stands in its place."""


class LogNotWritableError(LogError):
    """The folder cannot be written, or the disk is full."""


class LayoutError(LogError):
    """The log was made by a newer or older layout than this program's."""


class LogBusyError(LogError):
    """Another writer held the lock for longer than the caller would wait."""


class CommitConflictError(LogError):
    """Somebody else committed since this transaction began, so that it was not: it is to be run again."""


class QueryRefusedError(LogError):
    """The statement is not one that an analyst may run."""


class FollowerError(LogError):
    """A follower asked for what cannot be, or its checkpoint does not belong to this log."""
