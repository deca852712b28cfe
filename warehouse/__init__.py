"""The event log on DuckDB: open, append, read.

`connect(path)` gives a read-only DuckDB connection with every view; `Log` is the log itself, for writers.
"""

from warehouse.attach import connect
from warehouse.errors import LogError
from warehouse.log import AppendReport, Log

__all__ = ["AppendReport", "Log", "LogError", "connect"]
