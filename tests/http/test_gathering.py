"""An answer leaves in one piece, and nothing that was written stays behind."""

import asyncio

from consign.http.gathering import KEPT_MAX_BYTES, GatheringTransport

HEAD, BODY, MORE = b"HTTP/1.1 200 OK\r\n\r\n", b"{}", b"more"


class Wire(asyncio.Transport):
    """Keeps what is sent, call by call."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    def close(self) -> None:
        self.sent.append(b"closed")


async def test_head_and_body_leave_together_when_the_turn_is_over() -> None:
    wire = Wire()
    transport = GatheringTransport(wire)
    transport.write(HEAD)
    transport.write(BODY)
    assert wire.sent == []
    await asyncio.sleep(0)
    assert wire.sent == [HEAD + BODY]


async def test_each_turn_sends_its_own() -> None:
    wire = Wire()
    transport = GatheringTransport(wire)
    for piece in (HEAD, BODY, MORE):
        transport.write(piece)
        await asyncio.sleep(0)
    assert wire.sent == [HEAD, BODY, MORE]


async def test_what_grows_large_does_not_wait() -> None:
    wire = Wire()
    transport = GatheringTransport(wire)
    part = b"x" * KEPT_MAX_BYTES
    for piece in (HEAD, part, BODY):
        transport.write(piece)
    assert wire.sent == [HEAD + part]
    await asyncio.sleep(0)
    assert wire.sent == [HEAD + part, BODY]


async def test_closing_sends_first_what_was_written() -> None:
    wire = Wire()
    transport = GatheringTransport(wire)
    transport.write(HEAD)
    transport.close()
    await asyncio.sleep(0)
    assert wire.sent == [HEAD, b"closed"]
