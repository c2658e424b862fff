"""What a connection may do: how long it may take, how large a request's head may be, and how many there may be.

Nothing here costs a timer a request: each connection notes when it began what it is at, and all are looked over once a
second. What is too late then is answered where an answer can still be sent, and cut off where nobody reads.
"""

import asyncio
import re
import select
import sys
from collections import Counter
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from msgspec import Struct
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from consign.http.addresses import Addresses, is_this_machine, network_of
from consign.http.gathering import GatheringTransport
from consign.http.problems import PROBLEM_TYPE, Refusal, encode


class ConnectionLimits(Struct, frozen=True, kw_only=True):
    """Bounds of connections. `head` is the request line with all headers.

    A client has `head_s` to send a head, from its first byte (or from connecting), and `reading_s` to take what was
    sent to it. A handler has `handler_s` to begin its answer. Connections of this machine and of trusted proxies are
    many people's: they count in all, but not by address.
    """

    connections: int = 8_000
    connections_per_address: int = 1_000
    head_bytes: int = 32 * 1024
    headers: int = 100
    target_bytes: int = 8 * 1024
    head_s: float = 10.0
    handler_s: float = 120.0
    reading_s: float = 30.0
    keep_alive_s: int = 30


class Connections:
    """The connections of a server, counted; `look_over` is to be called about once a second."""

    def __init__(self, limits: ConnectionLimits, addresses: Addresses) -> None:
        self.limits = limits
        self._addresses = addresses
        self._open: set[BoundedProtocol] = set()
        self._by_address: Counter[str] = Counter()

    def admit(self, connection: "BoundedProtocol", peer: str) -> str | None:
        """Count a new connection and return under which address, or None where there are too many."""
        whose = "" if is_this_machine(peer) or self._addresses.trusts(peer) else network_of(peer)
        if len(self._open) >= self.limits.connections:
            return None
        if whose and self._by_address[whose] >= self.limits.connections_per_address:
            return None
        self._open.add(connection)
        self._by_address[whose] += 1
        return whose

    def forget(self, connection: "BoundedProtocol", whose: str) -> None:
        """Count a connection no more."""
        self._open.discard(connection)
        self._by_address[whose] -= 1
        if not self._by_address[whose]:
            del self._by_address[whose]

    def look_over(self, now_s: float) -> None:
        """End what takes too long."""
        for connection in tuple(self._open):
            connection.look_over(now_s)


class BoundedProtocol(HttpToolsProtocol):
    """A connection within limits. What is no HTTP is answered by a problem document too, and not logged one by one."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        among: Connections,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._among = among
        self._whose: str | None = None
        self._begun_in_bytes = 0
        self._head_bytes = 0
        self._received_bytes = 0
        self._beside_bytes = 0
        """What arrived since the last part of a body and belongs to none: extensions of chunks, and trailers."""
        self._head_since_s: float | None = None
        self._handled_since_s = 0.0
        self._stuck_since_s: float | None = None
        self._handling: asyncio.Task[None] | None = None
        self._hanging_up: select.poll | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin, unless there are too many."""
        super().connection_made(GatheringTransport(transport))
        self._head_since_s = self.loop.time()
        self._whose = self._among.admit(self, self.client[0] if self.client else "")
        if self._whose is None:
            later = {"Retry-After": "5"}
            self._end_with(Refusal("too_many_connections", "Too many connections are open.", headers=later))

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        if self._whose is not None:
            self._among.forget(self, self._whose)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that goes on and on is refused before its end."""
        if self.transport.is_closing():
            return
        self._received_bytes = len(data)
        if self._head_since_s is not None:
            self._head_bytes += len(data)
        else:
            self._beside_bytes += len(data)
        super().data_received(data)
        in_head_bytes = 0 if self._head_since_s is None else self._head_bytes
        if max(in_head_bytes, self._beside_bytes) > self._among.limits.head_bytes:
            self._end_with(_head_too_large(self._among.limits))

    def on_message_begin(self) -> None:
        """Note when a request began."""
        super().on_message_begin()
        self._begun_in_bytes, self._head_bytes, self._beside_bytes = self._received_bytes, 0, 0
        self._head_since_s = self.loop.time()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header. What stands behind a body is none (RFC 9110, 6.5.1): no proxy has looked at it."""
        if self._head_since_s is not None:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Let the request be handled if its head is within limits."""
        self._head_since_s = None
        if self.transport.is_closing():
            return
        limits = self._among.limits
        if len(self.url) > limits.target_bytes or len(self.headers) > limits.headers or self._is_head_too_large():
            self._end_with(_head_too_large(limits))
            return
        if not self.url.startswith(b"/") and self._names_two_hosts():
            self._end_with(Refusal("malformed_request", "The target and the header Host name different hosts."))
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, unless the request was refused by its head."""
        self._beside_bytes = 0
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of the request, unless it was refused by its head.

        Where whoever sent it has hung up, it is not begun: a process that stood still finds requests that were given up
        and asked elsewhere since, and what was refused there would be accepted here.
        """
        if self.transport.is_closing():
            return
        if self._has_hung_up():
            self.cycle.disconnected = True
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Note since when the client does not take what was sent."""
        self._stuck_since_s = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that it does again."""
        self._stuck_since_s = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self._end_with(Refusal("malformed_request", msg))

    def look_over(self, now_s: float) -> None:
        """End what takes too long."""
        limits = self._among.limits
        if self.transport.is_closing():
            # What is left to send to a closing connection waits for a client that may never read it.
            if self._stuck_since_s is None:
                self._stuck_since_s = now_s
        elif self._head_since_s is not None and now_s - self._head_since_s > limits.head_s:
            self._end_with(Refusal("request_timeout", "The request did not arrive in time."))
            return
        if self._stuck_since_s is not None and now_s - self._stuck_since_s > limits.reading_s:
            self.transport.abort()
            return
        handling = self._handling
        if handling is not None and now_s - self._handled_since_s > limits.handler_s:
            if not handling.done() and not self.cycle.response_started:
                self.cycle.scope["state"]["overdue"] = True
                handling.cancel()
            self._handling = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._handled_since_s = self.loop.time()
        self._handling = task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def _has_hung_up(self) -> bool:
        """Ask the kernel: the end of a connection is read after what was sent over it. Only Linux tells at once."""
        if sys.platform != "linux":
            return False
        if self._hanging_up is None:
            self._hanging_up = select.poll()
            self._hanging_up.register(self.transport.get_extra_info("socket").fileno(), select.POLLRDHUP)
        return bool(self._hanging_up.poll(0))

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: the request is answered as if it had asked for no other protocol."""

    def _names_two_hosts(self) -> bool:
        """Whether a target in absolute form (RFC 9112, 3.2.2) names another host than the header."""
        _, is_absolute, rest = self.url.partition(b"://")
        authority = re.split(rb"[/?#]", rest, maxsplit=1)[0]
        hosts = {value.lower() for name, value in self.headers if name == b"host"}
        return bool(is_absolute) and hosts != {authority.lower()}

    def _is_head_too_large(self) -> bool:
        """Add up the head only where as much as that arrived at all since it began."""
        limit_bytes = self._among.limits.head_bytes
        arrived_bytes = self._begun_in_bytes + self._head_bytes
        return arrived_bytes > limit_bytes and sum(map(_length, self.headers)) + len(self.url) > limit_bytes

    def _end_with(self, refusal: Refusal) -> None:
        """Answer what no handler has seen, and close; where an answer is under way it is cut off instead."""
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.abort()
            return
        self._head_since_s = None
        status, body = encode(refusal, "")
        headers = {
            "Content-Type": PROBLEM_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
            "X-Content-Type-Options": "nosniff",
            **refusal.headers,
        }
        lines = (f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *map(": ".join, headers.items()), "\r\n")
        self.transport.write("\r\n".join(lines).encode() + body)
        self.transport.close()


def _length(header: Iterable[bytes]) -> int:
    return sum(map(len, header))


def _head_too_large(limits: ConnectionLimits) -> Refusal:
    return Refusal(
        "head_too_large",
        f"A request may have {limits.headers} headers, an address of {limits.target_bytes} bytes, "
        f"and {limits.head_bytes} bytes of both.",
    )
