"""CPU a request: the fetcher against bare aiohttp, over 200 hosts on loopback that answer at once.

usage: python benchmarks/fetching.py [--requests N] [--rounds N]

The server runs in a process of its own, so that only the client's CPU is counted. Both ask the same pages, gzipped, of
27 KB each; the fetcher checks addresses, robots.txt and sizes, keeps its manners, and reads the body whole, as
aiohttp does here. The figure of each is the best of its rounds.
"""

import argparse
import asyncio
import gzip
import multiprocessing
import resource
import sys
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import aiohttp

from ingest.fetch.client import Fetcher
from ingest.fetch.config import FetchConfig
from ingest.fetch.outcomes import Request, Response

HOSTS = 200
PAGE = gzip.compress((b"<p>" + bytes(range(32, 127)) * 4 + b"</p>\n") * 70)


def serve(ready: Connection) -> None:
    """Answer every request with the page, until killed."""
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(
        PAGE
    )
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    class Answer(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport
            self.seen = b""

        def data_received(self, data: bytes) -> None:
            self.seen += data
            while b"\r\n\r\n" in self.seen:
                head, _, self.seen = self.seen.partition(b"\r\n\r\n")
                assert isinstance(self.transport, asyncio.Transport)
                self.transport.write(missing if head.startswith(b"GET /robots.txt") else page + PAGE)

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Answer, "0.0.0.0", 0, backlog=1000)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def seconds() -> float:
    """CPU seconds of this process, its threads included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def bare(urls: list[str]) -> float:
    started = seconds()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=500)) as session:

        async def one(url: str) -> int:
            async with session.get(url) as answer:
                return len(await answer.read())

        sizes = await asyncio.gather(*map(one, urls))
    assert len(set(sizes)) == 1
    return seconds() - started


async def ours(urls: list[str]) -> float:
    config = FetchConfig("bench@newsroom.example", allow_private=frozenset({"127.0.0.0/8"}), per_host=100)
    started = seconds()
    async with Fetcher(config) as fetcher:
        outcomes = await asyncio.gather(*(fetcher.fetch(Request(url)) for url in urls))
    assert all(isinstance(outcome, Response) for outcome in outcomes)
    return seconds() - started


def main() -> None:
    """Measure and print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    port = here.recv()
    urls = [f"http://127.0.1.{number % HOSTS + 1}:{port}/{number}" for number in range(options.requests)]
    figures: dict[str, float] = {}
    try:
        for _ in range(options.rounds):
            for name, client in (("aiohttp", bare), ("fetcher", ours)):
                spent = asyncio.run(client(urls)) / options.requests * 1000
                figures[name] = min(figures.get(name, spent), spent)
    finally:
        server.terminate()
    ratio = figures["fetcher"] / figures["aiohttp"]
    print(f"aiohttp {figures['aiohttp']:.3f} ms, fetcher {figures['fetcher']:.3f} ms CPU a request: {ratio:.2f} times")


if __name__ == "__main__":
    main()
