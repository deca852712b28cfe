"""How the fetcher behaves."""

import re
from dataclasses import dataclass

_CONTACT = re.compile(r"(?:mailto:)?[^@\s]+@[^@\s]+\.[^@\s]+|https?://\S+")

_OTHERS = re.compile(
    "google|bing|gpt|mozilla|chrome|safari|firefox|apple|yandex|baidu|duckduck|facebook", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class FetchConfig:
    """Limits and manners. Times are in seconds, sizes in bytes after decompression.

    `contact` (a mail address or a web page) goes into the user agent, so that a site's operator can reach whoever runs
    this. `product` is the name that robots.txt files know. `total_timeout` holds for one fetch with all its
    redirects, whatever the host does; time spent waiting for a polite moment does not count. `host_delay` is the
    pause between two requests to one host, `max_host_delay` the longest Crawl-delay that is obeyed (a site that
    wants more is asked no more often, only not waited for within one pass). `allow_private` lists host names,
    addresses and networks (`intranet.example`, `10.1.2.3`, `10.0.0.0/8`) that may be asked although their
    addresses are not public. `proxy` is used only if given here: environment variables are ignored.

    Raises ValueError for values that cannot be meant.
    """

    contact: str
    product: str = "courant"
    version: str = "0.1"
    total_timeout: float = 30.0
    connect_timeout: float = 10.0
    read_timeout: float = 15.0
    max_bytes: int = 10_000_000
    max_redirects: int = 5
    concurrency: int = 500
    per_host: int = 2
    host_delay: float = 0.0
    max_host_delay: float = 10.0
    host_failures: int = 3
    robots: bool = True
    allow_private: frozenset[str] = frozenset()
    proxy: str | None = None

    def __post_init__(self) -> None:
        if not _CONTACT.fullmatch(self.contact):
            raise ValueError(f"the contact must be a mail address or a web page, not {self.contact!r}")
        if not re.fullmatch(r"[A-Za-z_-]+", self.product):
            raise ValueError(f"the product name may hold letters, '-' and '_' only (RFC 9309), not {self.product!r}")
        if _OTHERS.search(self.product):
            raise ValueError(
                f"the product name may not pass for a search engine or a browser, as {self.product!r} does"
            )
        if min(self.total_timeout, self.connect_timeout, self.read_timeout, self.max_bytes) <= 0:
            raise ValueError("time and size limits must be positive")

    @property
    def user_agent(self) -> str:
        """`courant/0.1 (+mailto:news@example.org)`."""
        contact = f"mailto:{self.contact}" if "@" in self.contact and ":" not in self.contact else self.contact
        return f"{self.product}/{self.version} (+{contact})"
