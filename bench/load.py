"""The load, in a process of its own: keep-alive connections that each send their next request once answered.

It reads one plan a line from standard input and writes one outcome a line to standard output. The client is as small
as it can be, because it shares the machine with what it measures; it is the same for every contestant.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from typing import cast

import msgspec
from msgspec import Struct
from uuid_utils import uuid7

_HEAD_END = b"\r\n\r\n"
_OK = b"HTTP/1.1 200"
_LENGTH = b"content-length:"
_POSITION = b'"position":'


class Call(Struct, frozen=True):
    """One request; its latency is kept under `label`.

    Without a body it is a query that asks for what the connection's last command wrote, and its latency counts from
    the moment that command was sent.
    """

    label: str
    path: str
    body: str | None = None


class Plan(Struct, frozen=True):
    """What each connection sends, in order; with `duration_s` again and again, whole, until it is over.

    With `pace_s` a connection begins no more often than that, as people do; without, as soon as it is answered.
    """

    host: str
    port: int
    token: str
    connections: tuple[tuple[Call, ...], ...]
    duration_s: float | None = None
    pace_s: float = 0.0


class Outcome(Struct, frozen=True):
    """Seconds from the first request to the last answer, and every latency in milliseconds."""

    elapsed_s: float
    latencies_ms: dict[str, list[float]]
    refused: dict[str, int]

    @property
    def answered(self) -> int:
        """How many requests were answered as wished."""
        return sum(len(latencies) for latencies in self.latencies_ms.values())

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return self.answered / self.elapsed_s


class _Connection(asyncio.Protocol):
    def __init__(self, plan: Plan, calls: tuple[Call, ...], latencies_ms: dict[str, list[float]]) -> None:
        self._calls = calls
        self._next: Iterator[Call] = iter(())
        common = f" HTTP/1.1\r\nHost: {plan.host}\r\nAuthorization: Bearer {plan.token}\r\n"
        self._head = f"{common}Content-Type: application/json\r\nIdempotency-Key: "
        self._query_head = f"{common}X-Consign-After: "
        self._latencies_ms = latencies_ms
        self._repeats_until_s: float | None = None
        self._pace_s = plan.pace_s
        self._began_s = 0.0
        self._received = b""
        self._label = ""
        self._sent_s = 0.0
        self._position = b""
        self._transport: asyncio.Transport | None = None
        self.refused: dict[str, int] = {}
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # the fast loop's transports do not say so themselves

    def begin(self, repeats_until_s: float | None) -> None:
        """Send the first request."""
        self._repeats_until_s = repeats_until_s
        self._again()

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        end = received.find(_HEAD_END)
        if end < 0:
            self._received = received
            return
        head = received[:end].lower()
        at = head.index(_LENGTH) + len(_LENGTH)
        length = int(head[at:].split(b"\r\n", 1)[0])
        if len(received) < end + len(_HEAD_END) + length:
            self._received = received
            return
        self._received = b""
        now_s = time.perf_counter()
        if received.startswith(_OK):
            self._latencies_ms[self._label].append((now_s - self._sent_s) * 1000)
            self._position = received[end:].partition(_POSITION)[2].partition(b",")[0]
        else:
            problem = received[end + len(_HEAD_END) :].decode()
            self.refused[problem] = self.refused.get(problem, 0) + 1
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the service closed the connection"))

    def close(self) -> None:
        """Close the connection."""
        assert self._transport is not None
        self._transport.close()

    def _again(self) -> None:
        self._began_s = time.perf_counter()
        self._next = iter(self._calls)
        self._send()

    def _send(self) -> None:
        call = next(self._next, None)
        if call is None:
            now_s = time.perf_counter()
            if self._repeats_until_s is None or now_s >= self._repeats_until_s:
                self.done.set_result(None)
            elif now_s < self._began_s + self._pace_s:
                asyncio.get_running_loop().call_later(self._began_s + self._pace_s - now_s, self._again)
            else:
                self._again()
            return
        self._label = call.label
        assert self._transport is not None
        if call.body is None:
            request = f"GET {call.path}{self._query_head}{self._position.decode()}\r\n\r\n"
        else:
            length = len(call.body)
            request = f"POST {call.path}{self._head}{uuid7()}\r\nContent-Length: {length}\r\n\r\n{call.body}"
            self._sent_s = time.perf_counter()
        self._transport.write(request.encode())


async def run(plan: Plan) -> Outcome:
    """Carry the plan out; raises ConnectionError when the service closes a connection."""
    loop = asyncio.get_running_loop()
    latencies_ms: dict[str, list[float]] = {call.label: [] for calls in plan.connections for call in calls}
    connections = []
    for calls in plan.connections:
        _, connection = await loop.create_connection(
            lambda calls=calls: _Connection(plan, calls, latencies_ms),  # type: ignore[misc]
            plan.host,
            plan.port,
        )
        connections.append(connection)
    started_s = time.perf_counter()
    until_s = None if plan.duration_s is None else started_s + plan.duration_s
    for number, connection in enumerate(connections):
        loop.call_later(number / len(connections) * plan.pace_s, connection.begin, until_s)
    await asyncio.gather(*(connection.done for connection in connections))
    elapsed_s = time.perf_counter() - started_s
    refused: dict[str, int] = {}
    for connection in connections:
        connection.close()
        for problem, count in connection.refused.items():
            refused[problem] = refused.get(problem, 0) + count
    return Outcome(elapsed_s, latencies_ms, refused)


def main() -> None:
    """Serve plans until standard input ends."""
    import uvloop  # noqa: PLC0415 - only the child needs it

    decode = msgspec.json.Decoder(Plan).decode
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for line in sys.stdin.buffer:
            outcome = runner.run(run(decode(line)))
            sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
