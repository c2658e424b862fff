"""A loopback TCP proxy that can swallow answers, hold requests back and cut connections."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit


class Proxy:
    """Sits before one server. Its switches pick single requests by bytes that they contain."""

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        self.swallow_answers_to: bytes | None = None
        """The server answers a request with these bytes, and nothing from then on reaches that client."""
        self.swallowed = asyncio.Event()
        self.hold_requests_with: bytes | None = None
        """A request with these bytes is kept; `release_held` sends it to the server."""
        self.holding = asyncio.Event()
        self._swallowing: set[asyncio.StreamWriter] = set()
        self._server_address = (host, port)
        self._held: list[tuple[asyncio.StreamWriter, bytes]] = []
        self._clients: set[asyncio.StreamWriter] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def url(self, url: str) -> str:
        """Return the server's url, through this proxy."""
        parts = urlsplit(url)
        user = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{self.port}"))

    def cut(self) -> None:
        """Break every connection towards the clients; the server's side stays open."""
        for client in list(self._clients):
            client.transport.abort()
        self._clients.clear()

    async def release_held(self) -> None:
        """Send what was held back to the server, as if the network had only been slow."""
        for server, data in self._held:
            server.write(data)
            await server.drain()
        self._held.clear()

    async def serve(self, client_reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        server_reader, server = await asyncio.open_connection(*self._server_address)
        self._clients.add(client)
        self._writers |= {client, server}
        for work in (self._requests(client_reader, server), self._answers(server_reader, client, server)):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _requests(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while data := await _read(reader):
            if self.hold_requests_with is not None and self.hold_requests_with in data:
                self._held.append((server, data))
                self.holding.set()
                return
            if self.swallow_answers_to is not None and self.swallow_answers_to in data:
                self._swallowing.add(server)
            server.write(data)
            await server.drain()
        server.close()

    async def _answers(
        self, reader: asyncio.StreamReader, client: asyncio.StreamWriter, server: asyncio.StreamWriter
    ) -> None:
        while data := await _read(reader):
            if server in self._swallowing:
                self.swallowed.set()
                continue
            if not client.transport.is_closing():
                client.write(data)
        client.close()
        server.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(65536)
    except ConnectionError:
        return b""


@asynccontextmanager
async def proxy_before(url: str) -> AsyncIterator[Proxy]:
    """Run a proxy before the server of `url`."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    proxy = Proxy(parts.hostname, parts.port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        await proxy.close()
        server.close()
        await server.wait_closed()
