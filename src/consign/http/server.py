"""The web server as a part of this process: started on a socket of ours, stopped when we say so."""

import asyncio
import contextlib
import resource
import socket
from collections.abc import Iterator
from functools import partial

import uvicorn
from litestar.types import ASGIApp
from msgspec.structs import replace

from consign.http.addresses import Addresses
from consign.http.connections import BoundedProtocol, ConnectionLimits, Connections

BACKLOG = 2048
LOOKED_OVER_EVERY_TICKS = 10
OTHER_FILES = 512
"""How many files and sockets a process keeps for all but its clients."""


class WebServer:
    """Serves an application on one socket; signals are the process's business, not the server's."""

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        port: int,
        *,
        drain_timeout_s: float,
        limits: ConnectionLimits | None = None,
        addresses: Addresses | None = None,
    ) -> None:
        self._socket = _listening(host, port)
        bounds = limits or ConnectionLimits()
        bounds = replace(bounds, connections=min(bounds.connections, _connections_possible(bounds.connections)))
        connections = Connections(bounds, addresses or Addresses())
        self._server = _Server(
            uvicorn.Config(
                app,
                http=partial(BoundedProtocol, among=connections),  # type: ignore[arg-type] # what makes one will do
                loop="none",
                ws="none",
                lifespan="off",
                interface="asgi3",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                log_level="error",
                timeout_keep_alive=bounds.keep_alive_s,
                timeout_graceful_shutdown=max(1, int(drain_timeout_s)),
                backlog=BACKLOG,
            ),
            connections,
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


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()
        self._connections = connections

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    async def on_tick(self, counter: int) -> bool:
        """Do what is to be done every tenth of a second."""
        if counter % LOOKED_OVER_EVERY_TICKS == 0:
            self._connections.look_over(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _connections_possible(wanted: int) -> int:
    """Return how many connections may be open; the process is allowed more files where it may allow itself more."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed < wanted + OTHER_FILES:
        allowed = min(most, wanted + OTHER_FILES) if most != resource.RLIM_INFINITY else wanted + OTHER_FILES
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    return max(1, allowed - OTHER_FILES)


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
