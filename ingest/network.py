"""What the settings say to the fetcher."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import SettingsError
from ingest.fetch.addresses import Overrides
from ingest.fetch.config import FetchConfig
from ingest.plan import Chunk
from ingest.settings import Settings

_SAMPLE_CONTACT = "https://newsroom.example/about"


def fetch_config(settings: Settings, work: Chunk) -> FetchConfig:
    """The fetcher's configuration for a chunk.

    Raises SettingsError where a real host would be asked and no contact is set, or where a value cannot be meant.
    """
    contact = settings.contact
    if not contact:
        if host := next(_real_hosts(settings, work), None):
            raise SettingsError(
                f"no contact is set, and {host} should know whom to turn to: set `contact` in courant.toml"
                " or COURANT_CONTACT to a mail address or a web page"
            )
        contact = _SAMPLE_CONTACT
    try:
        said: dict[str, Any] = {k: frozenset(v) if isinstance(v, list) else v for k, v in settings.fetch.items()}
        return FetchConfig(contact=contact, **said)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"the settings under [fetch] or the contact are wrong: {error}") from None


def overrides(settings: Settings) -> Overrides:
    """Hosts that are answered on loopback, over plain HTTP: the sample newsroom."""
    return Overrides({host: (address, port, "http") for host, (address, port) in settings.overrides.items()})


def _real_hosts(settings: Settings, work: Chunk) -> Iterator[str]:
    for url in (*(f.url for f in work.feeds if not f.problem), *(p.url for p in work.pages)):
        host = (urlsplit(url).hostname or "").lower()
        if host and overrides(settings).target(host) is None:
            yield host
