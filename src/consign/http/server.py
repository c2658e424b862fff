"""The web server as a part of this process: started on a socket of ours, stopped when we say so."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from litestar.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from consign.http.gathering import GatheringTransport

BACKLOG = 2048
KEEP_ALIVE_S = 30


class WebServer:
    """Serves an application on one socket; signals are the process's business, not the server's."""

    def __init__(self, app: ASGIApp, host: str, port: int, *, drain_timeout_s: float) -> None:
        self._socket = _listening(host, port)
        self._server = _Server(
            uvicorn.Config(
                app,
                http=_Protocol,
                loop="none",
                ws="none",
                lifespan="off",
                interface="asgi3",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=max(1, int(drain_timeout_s)),
                backlog=BACKLOG,
            )
        )

    @property
    def port(self) -> int:
        """The port it listens on, also where 0 asked for any."""
        port: int = self._socket.getsockname()[1]
        return port

    async def run(self) -> None:
        """Serve until `stop`, then answer what was begun, and return."""
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            self._socket.close()

    async def started(self) -> None:
        """Return once connections are accepted."""
        await self._server.is_up.wait()

    def stop(self) -> None:
        """Accept nothing more."""
        self._server.should_exit = True


class _Protocol(HttpToolsProtocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(GatheringTransport(transport))


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener
