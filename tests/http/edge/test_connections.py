"""Clients that are slow, large or many, on real sockets: each is ended in its time, and others are answered."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from consign.http.addresses import Addresses
from consign.http.audit_records import AccessRecords
from consign.http.audit_refusals import Refusals
from consign.http.connections import ConnectionLimits, Connections
from consign.http.edge import Edge, EdgeLimits
from consign.http.limiting import Limiting
from consign.http.log_lines import no_request_lines
from consign.http.metrics import Metrics
from consign.http.rate_limits import RateLimits
from consign.http.server import WebServer
from tests.support.gateway import Gateway

ANSWER_LIMIT_S = 20.0
SHORT = ConnectionLimits(head_s=0.3, handler_s=0.3, reading_s=0.3, keep_alive_s=1)
POST = b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b"
GET = b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n"


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> tuple[int, bytes]:
        """Return status and body of the next answer."""
        async with asyncio.timeout(ANSWER_LIMIT_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
            headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
            return int(head.split(b" ")[1]), await self.reader.readexactly(int(headers[b"content-length"]))

    async def problem(self) -> tuple[int, str]:
        status, body = await self.answer()
        return status, json.loads(body)["reason"]

    async def ended(self) -> None:
        """Return once the server has closed the connection."""
        async with asyncio.timeout(ANSWER_LIMIT_S):
            try:
                while await self.reader.read(65536):
                    pass
            except ConnectionError:
                pass


class Served:
    def __init__(self, port: int, stack: AsyncExitStack) -> None:
        self._port, self._stack = port, stack
        self.cut_off = asyncio.Event()
        self.begun: list[str] = []
        self.heads: list[list[tuple[bytes, bytes]]] = []

    def send_and_hang_up(self, data: bytes) -> None:
        """Send all of it and be gone before the server reads any."""
        with socket.create_connection(("127.0.0.1", self._port)) as client:
            client.sendall(data)

    async def connect(self) -> Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._stack.callback(writer.close)
        return Connection(reader, writer)

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer at once, never, or without end, as the path says."""
        self.begun.append(scope["path"])
        self.heads.append(list(scope["headers"]))
        if scope["path"] == "/never":
            await asyncio.Event().wait()
        if scope["path"] == "/endless":
            await self._send_without_end(receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"here", "more_body": False})

    async def _send_without_end(self, receive: Any, send: Any) -> None:
        gone = asyncio.create_task(_disconnected(receive))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not gone.done():
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            await asyncio.sleep(0)
        self.cut_off.set()


async def _disconnected(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@asynccontextmanager
async def served(limits: ConnectionLimits = SHORT, edge: EdgeLimits | None = None) -> AsyncIterator[Served]:
    async with AsyncExitStack() as stack:
        found: list[Served] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await found[0].app(scope, receive, send)

        around = Edge(
            app,
            Metrics(),
            lines=no_request_lines(),
            limiting=Limiting(RateLimits()),
            refusals=Refusals(AccessRecords(Gateway())),
            limits=edge,
        )
        web = WebServer(around, "127.0.0.1", 0, drain_timeout_s=1, limits=limits)
        found.append(Served(web.port, stack))
        serving = asyncio.create_task(web.run())
        await web.started()
        try:
            yield found[0]
        finally:
            web.stop()
            await stack.aclose()
            await serving


async def test_a_head_that_does_not_come_is_waited_for_so_long() -> None:
    async with served() as server:
        silent, dripping, second = [await server.connect() for _ in range(3)]
        dripping.send(b"GET / HTTP/1.1\r\nHost:")
        second.send(GET % b"/")
        assert await second.answer() == (200, b"here")
        second.send(b"GET /")
        for each in (silent, dripping, second):
            assert await each.problem() == (408, "request_timeout")
            await each.ended()


async def test_a_connection_that_asks_nothing_more_is_closed() -> None:
    async with served() as server:
        connection = await server.connect()
        connection.send(GET % b"/")
        assert await connection.answer() == (200, b"here")
        await connection.ended()


async def test_a_body_that_does_not_come_is_waited_for_so_long() -> None:
    async with served(edge=EdgeLimits(body_timeout_s=0.2)) as server:
        connection = await server.connect()
        connection.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345")
        assert await connection.problem() == (408, "request_timeout")
        await connection.ended()


async def test_a_handler_that_never_ends_is_answered_for() -> None:
    async with served() as server:
        connection = await server.connect()
        connection.send(GET % b"/never")
        assert await connection.problem() == (503, "timed_out")


async def test_who_does_not_take_its_answer_is_cut_off() -> None:
    async with served() as server:
        connection = await server.connect()
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined] # a socket's transport can
        connection.send(GET % b"/endless")
        async with asyncio.timeout(ANSWER_LIMIT_S):
            await server.cut_off.wait()


async def test_who_takes_its_answer_slowly_but_steadily_is_not_cut_off() -> None:
    async with served() as server:
        connection = await server.connect()
        connection.send(GET % b"/endless")
        for _ in range(20):
            await asyncio.sleep(0.05)
            async with asyncio.timeout(ANSWER_LIMIT_S):
                await connection.reader.readexactly(1024 * 1024)
        assert not server.cut_off.is_set()


async def test_heads_are_bounded() -> None:
    long = b"a" * 9000
    for head in (
        b"GET /" + long + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-A: b\r\n" * 100 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: %b\r\n" % (each, long) for each in range(4)) + b"\r\n",
    ):
        async with served() as server:
            connection = await server.connect()
            connection.send(head)
            assert await connection.problem() == (431, "head_too_large")
            await connection.ended()


async def test_a_header_without_end_is_not_read_to_its_end() -> None:
    async with served(ConnectionLimits()) as server:
        connection = await server.connect()
        connection.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ")
        ended = asyncio.create_task(connection.ended())
        while not ended.done():
            connection.send(b"a" * 16384)
            await asyncio.sleep(0)
        await ended


PATIENT = EdgeLimits(body_timeout_s=10 * ANSWER_LIMIT_S)
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n"


async def test_what_stands_behind_a_body_is_no_header() -> None:
    """A proxy passes trailers on, and has looked for what clients may not say of themselves among the headers alone."""
    async with served() as server:
        connection = await server.connect()
        for trailer in (b"Authorization: Bearer a", b"X-Forwarded-For: 192.0.2.1", b"Host: b", b"Forwarded: for=a"):
            connection.send(CHUNKED + b"0\r\n" + trailer + b"\r\n\r\n")
            assert await connection.answer() == (200, b"here")
        assert server.heads == [[(b"host", b"a"), (b"transfer-encoding", b"chunked")]] * 4


@pytest.mark.parametrize(
    ("begun", "more"),
    [(b"0\r\nX-Long: ", b"a" * 16384), (b"0\r\n", b"X-A: b\r\n" * 2048), (b"4;long=", b"a" * 16384)],
    ids=["trailer", "trailers", "extension"],
)
async def test_what_stands_beside_a_body_is_not_read_without_end(begun: bytes, more: bytes) -> None:
    async with served(ConnectionLimits(), PATIENT) as server:
        connection = await server.connect()
        connection.send(CHUNKED + begun)
        ended = asyncio.create_task(connection.ended())
        while not ended.done():
            connection.send(more)
            await asyncio.sleep(0)
        await ended


async def test_after_a_large_body_the_next_head_is_measured_by_itself() -> None:
    async with served() as server:
        connection = await server.connect()
        body = b"b" * 40_000
        asked = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        connection.send(asked + asked + GET % b"/")
        assert [await connection.answer() for _ in range(3)] == [(200, b"here")] * 3


async def test_what_is_no_http_gets_a_problem_document() -> None:
    for nonsense in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"HELLO\r\n\r\n", b"GET http://[ HTTP/1.1\r\n\r\n"):
        async with served() as server:
            connection = await server.connect()
            connection.send(nonsense)
            assert await connection.problem() == (400, "malformed_request")
            await connection.ended()


async def test_connections_are_bounded_in_all_also_those_of_this_machine() -> None:
    limits = ConnectionLimits(connections=5, connections_per_address=2)
    async with served(limits) as server:
        assert await _first_refused(server) == 5


async def test_one_address_cannot_take_the_connections_of_all() -> None:
    connections = Connections(ConnectionLimits(connections=5, connections_per_address=2), Addresses(("10.0.0.0/8",)))

    def admitted(peer: str) -> bool:
        connection: Any = object()
        return connections.admit(connection, peer) is not None

    assert [admitted("203.0.113.9") for _ in range(3)] == [True, True, False]
    assert [admitted("10.0.0.1") for _ in range(4)] == [True, True, True, False]
    assert not admitted("203.0.113.10")


async def test_thousands_of_idle_connections_hinder_nobody() -> None:
    idle = 2_000
    async with served(ConnectionLimits(connections=idle + 1)) as server:
        held = []
        for _ in range(idle // 100):
            held += await asyncio.gather(*(server.connect() for _ in range(100)))
        connection = await server.connect()
        for _ in range(100):
            connection.send(GET % b"/")
            assert await connection.answer() == (200, b"here")
        one_too_many = await server.connect()
        assert await one_too_many.problem() == (503, "too_many_connections")
        held[0].writer.close()
        await held[0].ended()
        assert await _first_refused(server) == 1, "who goes makes room for one"


async def test_large_bodies_are_bounded_in_all() -> None:
    async with served(ConnectionLimits(), edge=EdgeLimits(bodies_max_bytes=200_000)) as server:
        first, second = [await server.connect() for _ in range(2)]
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n"
        first.send(head + b"b" * 150_000)
        await asyncio.sleep(0)
        second.send(head + b"b" * 150_000)
        answered = [asyncio.create_task(each.problem()) for each in (first, second)]
        done, _ = await asyncio.wait(answered, return_when=asyncio.FIRST_COMPLETED, timeout=ANSWER_LIMIT_S)
        assert done.pop().result() == (503, "bodies_held")
        for each in answered:
            each.cancel()
        third = await server.connect()
        third.send(GET % b"/")
        assert await third.answer() == (200, b"here")


async def test_a_body_that_is_packed_is_refused_unread() -> None:
    async with served() as server:
        connection = await server.connect()
        connection.send(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"
        )
        assert await connection.problem() == (415, "unsupported_media_type")


async def _first_refused(server: Served) -> int:
    """Connect until a connection is refused; return how many were not."""
    for admitted in range(100):
        connection = await server.connect()
        connection.send(GET % b"/")
        status, _ = await connection.answer()
        if status != 200:
            return admitted
    raise AssertionError("nobody was refused")


@pytest.mark.skipif(sys.platform != "linux", reason="NOT CHECKED: only Linux tells at once who has hung up")
@pytest.mark.parametrize("body", [b"", b"{}"])
async def test_what_somebody_asked_for_and_hung_up_is_not_begun(body: bytes) -> None:
    async with served() as server:
        server.send_and_hang_up(POST % (b"/given-up", len(body), body))
        waiting = await server.connect()
        waiting.send(POST % (b"/waited-for", 2, b"{}"))
        assert await waiting.answer() == (200, b"here")
        assert server.begun == ["/waited-for"]
