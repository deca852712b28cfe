"""What the sample newsroom answers, as a value and as a small web server on the loopback address.

`python -m samples.newsroom --port 8080` serves it until Ctrl-C. The server goes by the Host header and the path alone,
so that a client whose resolver leads `newsroom.example` and its sub-domains here sees the newsroom under its own
addresses, whatever the port.
"""

import argparse
import json
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

HERE = Path(__file__).parent
DOMAIN = "newsroom.example"
NOT_FOUND = b"<!doctype html><html lang=en><title>404 Not Found</title><h1>Page not found</h1></html>\n"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: status code, header fields and the body's bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Newsroom:
    """Answers by URL. Holds every body in memory: the whole newsroom is under 1 MB."""

    answers: Mapping[str, Answer]

    @classmethod
    def load(cls, folder: Path = HERE) -> Self:
        """The newsroom that `site.json` in `folder` describes; its files lie under `folder/site`.

        Raises FileNotFoundError for a file that the map names and nobody wrote.
        """
        site: dict[str, dict[str, Any]] = json.loads((folder / "site.json").read_text("utf-8"))
        return cls({url: _stored(entry, folder / "site") for url, entry in site.items()})

    def answer(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """What a GET of `url` with these request headers brings.

        The scheme, a port, a fragment and query parameters that select nothing make no difference. An unchanged page
        (If-None-Match, else If-Modified-Since; RFC 9110 section 13.2.2) is 304 without a body; an unknown one is 404.
        """
        found = self._find(url)
        if found is None:
            return Answer(404, {"Content-Type": "text/html; charset=utf-8"}, NOT_FOUND)
        if found.status == 200 and _unchanged(found, {name.lower(): value for name, value in (headers or {}).items()}):
            kept = {name: value for name, value in found.headers.items() if name in ("ETag", "Last-Modified")}
            return Answer(304, kept, b"")
        return found

    def _find(self, url: str) -> Answer | None:
        parts = urlsplit(url)
        page = f"https://{(parts.hostname or '').lower()}{parts.path or '/'}"
        return self.answers.get(f"{page}?{parts.query}") or self.answers.get(page)


def _stored(entry: Mapping[str, Any], folder: Path) -> Answer:
    body = (folder / entry["file"]).read_bytes() if entry.get("file") else b""
    headers = {"Content-Type": entry["content_type"]} if entry.get("content_type") else {}
    headers |= entry.get("headers", {})
    if entry["status"] == 200:
        headers["ETag"] = f'"{sha256(body).hexdigest()[:20]}"'
    return Answer(entry["status"], headers, body)


def _unchanged(found: Answer, headers: Mapping[str, str]) -> bool:
    if "if-none-match" in headers:
        known = [tag.strip().removeprefix("W/") for tag in headers["if-none-match"].split(",")]
        return "*" in known or found.headers["ETag"] in known
    if "if-modified-since" in headers and "Last-Modified" in found.headers:
        try:
            since = parsedate_to_datetime(headers["if-modified-since"])
        except ValueError:
            return False
        return parsedate_to_datetime(found.headers["Last-Modified"]) <= since
    return False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "newsroom"
    sys_version = ""
    server: "_Server"

    def do_GET(self) -> None:
        self._send(with_body=True)

    def do_HEAD(self) -> None:
        self._send(with_body=False)

    def _send(self, *, with_body: bool) -> None:
        # A request line may carry the whole address (a proxy's form, RFC 9112 section 3.2.2): it wins over Host.
        target = self.path if "://" in self.path else f"https://{self.headers.get('Host', '')}{self.path}"
        try:
            answer = self.server.newsroom.answer(target, dict(self.headers.items()))
        except ValueError:
            answer = Answer(400, {"Content-Type": "text/plain; charset=utf-8"}, b"the Host header is no host\n")
        self.send_response(answer.status, HTTPStatus(answer.status).phrase)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if with_body:
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the client under test does the talking."""


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, address: tuple[str, int], newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep alive, so that their threads end too."""
        with self._guard:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # the client was faster

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle of an answer is no fault of the newsroom's."""


class Serving:
    """A newsroom being served: `host` and `port` say where. A context manager; leaving it frees the port."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self.host, self.port = str(server.server_address[0]), int(server.server_address[1])
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="newsroom")
        self._thread.start()

    def close(self) -> None:
        """Stop answering, hang up, and wait for every thread to end. Safe to call twice."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.hang_up()
            self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def serve(port: int = 0, host: str = "127.0.0.1", newsroom: Newsroom | None = None) -> Serving:
    """Serve the newsroom over plain HTTP in threads of its own; port 0 takes a free one.

    Raises OSError where the port is taken.
    """
    return Serving(_Server((host, port), newsroom or Newsroom.load()))


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m samples.newsroom", description="Serve the sample newsroom.")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free port")
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args(arguments)
    try:
        serving = serve(options.port, options.host)
    except OSError as error:
        parser.error(f"port {options.port} of {options.host} cannot be had ({error.strerror}): choose another one")
    with serving:
        print(f"The newsroom answers as {DOMAIN} on http://{serving.host}:{serving.port} (Ctrl-C stops it)", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
