"""What a gateway may rely on when it asks an owner: the same promises in memory and over NATS."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from consign.actors.gateway import CommandTransport, NoAnswer, NobodyServes, TransportDown
from consign.adapters.memory.command_transport import MemoryBroker, MemoryCommandTransport
from consign.adapters.nats.command_transport import NatsCommandTransport
from consign.adapters.nats.connection import NatsConnection
from tests.support.eventually import eventually

SLICE, EPOCH = 5, 3
SOON_S, LATE_S = 5.0, 0.1


class Pair:
    def __init__(self, owner: CommandTransport, asker: CommandTransport) -> None:
        self.owner = owner
        self.asker = asker

    async def ask(self, epoch: int = EPOCH, *, payload: bytes = b"?", timeout_s: float = SOON_S) -> bytes:
        return await self.asker.request(SLICE, epoch, payload, timeout_s)

    async def answers(self, epoch: int = EPOCH) -> bool:
        """Tell whether the broker knows of the owner yet: it hears of it in its own time."""
        try:
            await self.ask(epoch)
        except NobodyServes:
            return False
        return True


@asynccontextmanager
async def over_nats(url: str, name: str) -> AsyncIterator[NatsCommandTransport]:
    connection = NatsConnection(url, name=name)
    transport = NatsCommandTransport(connection)
    tasks = [asyncio.create_task(connection.run()), asyncio.create_task(transport.run())]
    try:
        await connection.wait_connected(SOON_S)
        yield transport
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture(params=["memory", "nats"])
def url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "memory":
        return None
    nats_url: str = request.getfixturevalue("nats_url")
    return nats_url


@pytest.fixture
async def pair(url: str | None) -> AsyncIterator[Pair]:
    if url is None:
        broker = MemoryBroker()
        yield Pair(MemoryCommandTransport(broker), MemoryCommandTransport(broker))
        return
    async with AsyncExitStack() as stack:
        owner = await stack.enter_async_context(over_nats(url, "owner"))
        yield Pair(owner, await stack.enter_async_context(over_nats(url, "asker")))


async def echo(payload: bytes) -> bytes:
    return b"heard " + payload


async def other(_: bytes) -> bytes:
    return b"another"


async def silent(_: bytes) -> bytes:
    await asyncio.Event().wait()
    return b""


async def test_the_owner_answers_what_it_is_asked(pair: Pair) -> None:
    await pair.owner.serve(SLICE, EPOCH, echo)
    await eventually(pair.answers)
    assert await pair.ask(payload=b"one") == b"heard one"


async def test_a_slow_answer_holds_up_no_other(pair: Pair) -> None:
    first = asyncio.Event()

    async def slow_at_first(payload: bytes) -> bytes:
        if payload == b"slow":
            await first.wait()
        first.set()
        return payload

    await pair.owner.serve(SLICE, EPOCH, slow_at_first)
    await eventually(pair.answers)
    first.clear()
    slow = asyncio.create_task(pair.ask(payload=b"slow"))
    assert await pair.ask(payload=b"quick") == b"quick"
    assert await slow == b"slow"


async def test_that_nobody_serves_is_said_at_once(pair: Pair) -> None:
    with pytest.raises(NobodyServes):
        await pair.ask()


async def test_an_epoch_that_is_over_is_answered_by_nobody(pair: Pair) -> None:
    await pair.owner.serve(SLICE, EPOCH, echo)
    await eventually(pair.answers)
    await pair.owner.serve(SLICE, EPOCH + 1, other)
    await eventually(lambda: pair.answers(EPOCH + 1))
    assert await pair.ask(EPOCH + 1) == b"another"
    with pytest.raises(NobodyServes):
        await pair.ask(EPOCH)


async def test_a_slice_that_is_withdrawn_is_answered_by_nobody(pair: Pair) -> None:
    await pair.owner.serve(SLICE, EPOCH, echo)
    await eventually(pair.answers)
    await pair.owner.withdraw([SLICE, SLICE + 1])
    with pytest.raises(NobodyServes):
        await pair.ask()


async def test_an_owner_that_is_silent_is_waited_for_only_so_long(pair: Pair) -> None:
    await pair.owner.serve(SLICE, EPOCH, echo)
    await eventually(pair.answers)
    await pair.owner.withdraw([SLICE])
    await pair.owner.serve(SLICE, EPOCH, silent)
    with pytest.raises((NoAnswer, NobodyServes)):
        await pair.ask(timeout_s=LATE_S)


async def test_without_a_broker_nothing_is_sent() -> None:
    broker = MemoryBroker()
    broker.down = True
    with pytest.raises(TransportDown):
        await MemoryCommandTransport(broker).request(SLICE, EPOCH, b"?", SOON_S)
    never_connected = NatsConnection("nats://user:secret@127.0.0.1:1", name="never")
    with pytest.raises(TransportDown):
        await NatsCommandTransport(never_connected).request(SLICE, EPOCH, b"?", SOON_S)
