"""A web server that answers for every domain: what somebody would put there who holds it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, cast


class Put(NamedTuple):
    """An answer at the challenge's address."""

    content: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


class ChallengeServer(ThreadingHTTPServer):
    """`held` says what stands at which domain; `asked` what was asked for, by Host and path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.held: dict[str, Put] = {}
        self.asked: list[tuple[str, str]] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = cast(ChallengeServer, self.server)
        host = self.headers["Host"]
        server.asked.append((host, self.path))
        put = server.held.get(host, Put(b"", 404))
        self.send_response(put.status)
        for name, value in put.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(put.content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def challenge_server() -> Iterator[ChallengeServer]:
    """Lend a running server."""
    server = ChallengeServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
