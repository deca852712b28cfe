"""What the pipeline needs from outside the log's folder, beside the clock: the network, and readers of pages.

Both are made anew for each step. A program that reads pages in its own process, or from another source than the web,
gives its own.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from ingest.fetch.client import Fetcher
from ingest.network import fetch_config, overrides
from ingest.plan import Chunk
from ingest.poll import Fetches
from ingest.readers import CoderChoice, Readers, Reads
from ingest.settings import Settings

Clock = Callable[[], datetime]


def web(settings: Settings, work: Chunk, clock: Clock) -> AbstractAsyncContextManager[Fetches]:
    """The web, with the manners that the settings ask for. Raises SettingsError."""
    return Fetcher(fetch_config(settings, work), overrides(settings), clock)


def reader_processes(settings: Settings, run_id: str, clock: Clock) -> AbstractContextManager[Reads]:
    """Processes apart, with a time limit a page, so that a page that hangs or crashes costs only itself."""
    coder = CoderChoice(settings.coder, settings.frames, settings.actors)
    return Readers(coder, settings.workers, settings.page_timeout, run_id, clock)


@dataclass(frozen=True, slots=True)
class Outside:
    """How to reach the network for a chunk of a plan, and how to read captures for a run."""

    fetcher: Callable[[Settings, Chunk, Clock], AbstractAsyncContextManager[Fetches]] = web
    readers: Callable[[Settings, str, Clock], AbstractContextManager[Reads]] = reader_processes
