"""An answer leaves in one piece, and nothing that was written stays behind."""

import asyncio

from consign.http.gathering import GatheringTransport

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


async def test_head_and_body_leave_together() -> None:
    wire = Wire()
    transport = GatheringTransport(wire)
    transport.write(HEAD)
    transport.write(BODY)
    assert wire.sent == [HEAD + BODY]
    await asyncio.sleep(0)
    assert wire.sent == [HEAD + BODY]


async def test_what_is_written_alone_leaves_when_the_turn_is_over() -> None:
    wire = Wire()
    transport = GatheringTransport(wire)
    transport.write(HEAD)
    assert wire.sent == []
    await asyncio.sleep(0)
    transport.write(MORE)
    await asyncio.sleep(0)
    assert wire.sent == [HEAD, MORE]


async def test_an_odd_piece_after_others_leaves_too() -> None:
    wire = Wire()
    transport = GatheringTransport(wire)
    for piece in (HEAD, BODY, MORE):
        transport.write(piece)
    await asyncio.sleep(0)
    assert wire.sent == [HEAD + BODY, MORE]


async def test_closing_sends_first_what_was_written() -> None:
    wire = Wire()
    transport = GatheringTransport(wire)
    transport.write(HEAD)
    transport.close()
    await asyncio.sleep(0)
    assert wire.sent == [HEAD, b"closed"]
