"""Servers on loopback that do what servers on the web do, faults included."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

Reply = bytes | Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Asked:
    """A request as a server saw it."""

    path: str
    headers: dict[str, str]


@dataclass
class Server:
    """A server that answers by path: a whole reply as bytes, or a function that does as it likes."""

    replies: dict[str, Reply]
    port: int = 0
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                asked = Asked(first.split(" ")[1], headers)
                self.asked.append(asked)
                chosen = self.replies.get(asked.path, self.replies.get("*", reply(404)))
                if callable(chosen):
                    await chosen(asked, writer)
                    break
                writer.write(chosen)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


def reply(
    status: int = 200, body: bytes | str = b"", headers: Mapping[str, str] | None = None, *, length: int | None = None
) -> bytes:
    """A whole HTTP/1.1 response."""
    content = body.encode() if isinstance(body, str) else body
    fields = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}
    fields["Content-Length"] = str(len(content) if length is None else length)
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + content


@asynccontextmanager
async def serving(replies: Mapping[str, Reply], *, address: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Server]:
    server = Server({"/robots.txt": reply(404), **replies})
    listener = await asyncio.start_server(server._answer, address, port)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


@pytest.fixture
def serve() -> Any:
    return serving


@pytest.fixture
def respond() -> Any:
    return reply
