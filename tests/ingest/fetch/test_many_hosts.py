"""Two hundred hosts in one pass, a third of them with faults: the good ones take no longer for it."""

import asyncio
import time
from typing import Any

import pytest

from ingest.fetch.client import Fetcher
from ingest.fetch.config import FetchConfig
from ingest.fetch.outcomes import Failure, Outcome, Request, Response

HOSTS = 200
CONFIG = FetchConfig(
    "editor@newsroom.example",
    total_timeout=3.0,
    connect_timeout=2.0,
    read_timeout=2.0,
    allow_private=frozenset({"127.0.0.0/8"}),
)


async def hang(_asked: Any, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def drip(_asked: Any, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.1)


async def reset(_asked: Any, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def garbage(_asked: Any, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")


@pytest.mark.slow
def test_hosts_with_faults_delay_nobody(serve: Any, respond: Any) -> None:
    """Each host is an address of its own on loopback (127.0.1.x), as each has its own slots, robots.txt and state."""
    good = respond(200, "<p>fine</p>")
    kinds: list[tuple[Any, str]] = [
        (hang, "timeout"),
        (drip, "timeout"),
        (reset, "reset"),
        (garbage, "bad_http"),
        (respond(302, b"", {"Location": "/page"}), "redirect_loop"),
        (respond(503, b"", {"Retry-After": "60"}), "http_503"),
    ]

    async def poll(addresses: list[str], port: int) -> tuple[dict[str, Outcome], dict[str, float]]:
        taken: dict[str, float] = {}
        started = time.perf_counter()

        async def one(fetcher: Fetcher, address: str) -> Outcome:
            outcome = await fetcher.fetch(Request(f"http://{address}:{port}/page"))
            taken[address] = time.perf_counter() - started
            return outcome

        async with Fetcher(CONFIG) as fetcher:
            outcomes = await asyncio.gather(*(one(fetcher, address) for address in addresses))
        return dict(zip(addresses, outcomes, strict=True)), taken

    async def main() -> None:
        async with serve({}, address="0.0.0.0") as server:
            addresses = [f"127.0.1.{number + 1}" for number in range(HOSTS)]
            faulty = {
                address: kinds[number // 3 % len(kinds)] for number, address in enumerate(addresses) if number % 3 == 0
            }

            async def by_host(asked: Any, writer: asyncio.StreamWriter) -> None:
                answer = faulty.get(asked.headers["host"].partition(":")[0], (good, ""))[0]
                if callable(answer):
                    await answer(asked, writer)
                else:
                    writer.write(answer)
                    await writer.drain()

            server.replies["/page"] = by_host
            sound = [address for address in addresses if address not in faulty]
            _, alone = await poll(sound, server.port)
            outcomes, together = await poll(addresses, server.port)
        assert all(isinstance(outcomes[address], Response) for address in sound)
        for address, (_, reason) in faulty.items():
            outcome = outcomes[address]
            assert isinstance(outcome, Failure)
            assert outcome.reason == reason, (address, outcome)
        slowest_alone, slowest_together = max(alone[a] for a in sound), max(together[a] for a in sound)
        assert slowest_together < slowest_alone * 2 + 0.5, (slowest_alone, slowest_together)
        assert max(together.values()) < 8

    asyncio.run(main())
