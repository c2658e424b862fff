"""Long work is done in bites: whoever else the process serves has a turn in between."""

import asyncio
from collections.abc import Generator
from uuid import UUID, uuid4

import pytest

from consign.actors.bites import PARTS_MAX, SLICES_MAX, Bites, bitten
from consign.actors.chain import GENESIS
from consign.actors.host import HostLimits
from consign.actors.ports import Accepted
from consign.actors.runner_lane import Lane
from consign.actors.runner_ports import Checkpoint
from consign.actors.runner_window import Batch, Entry
from consign.adapters.memory.log import MemoryLog
from consign.adapters.memory.projection_store import MemoryProjectionStore
from tests.support.at_once import at_once
from tests.support.engine import Engine, engine
from tests.support.others import others
from tests.support.toy_business import Add, ToyBusiness, counter_stream
from tests.support.toy_projection import COUNTERS

LONG = 10_000
"""More events or commands than any bite takes."""


async def decided(running: Engine, commands: int) -> None:
    for _ in range(0, commands, 1000):
        await asyncio.gather(*(running.submit("acme", Add("a", 1)) for _ in range(1000)))


async def test_others_have_their_turn_after_every_so_many_parts() -> None:
    async with others() as them:
        bites = Bites()
        for _ in range(5 * PARTS_MAX):
            await bites.pause()
    assert them.turns >= 5


async def test_pure_work_is_carried_out_slice_by_slice_to_its_result() -> None:
    def counted_up() -> Generator[None, None, int]:
        for _ in range(5 * SLICES_MAX):
            yield
        return 7

    async with others() as them:
        assert await bitten(counted_up()) == 7
    assert them.turns >= 5


async def test_what_pure_work_raises_is_raised() -> None:
    def broken() -> Generator[None, None, int]:
        yield
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await bitten(broken())


async def test_an_actor_with_a_long_history_wakes_in_bites() -> None:
    log = MemoryLog()
    async with engine(log) as running:
        await running.adopt("acme")
        await decided(running, LONG)
    async with engine(log) as running:
        await running.adopt("acme")
        async with others() as them:
            assert await running.submit("acme", Add("a", 0)) == Accepted(LONG, b'{"total":%d}' % LONG)
    assert them.turns >= LONG // PARTS_MAX


async def test_a_turn_of_many_commands_lets_others_in_between_them() -> None:
    async with engine(MemoryLog(), limits=HostLimits(bite_commands_max=1)) as running, asyncio.TaskGroup() as tasks:
        await running.adopt("acme")
        asked = [tasks.create_task(running.submit("acme", Add("a", 1))) for _ in range(200)]
        async with others() as them:
            await asyncio.wait(asked)
    assert them.turns >= 200


async def test_a_repetition_in_the_same_turn_is_recognised_although_the_first_is_durable_by_then() -> None:
    log, key = MemoryLog(), uuid4()
    async with engine(log, limits=HostLimits(bite_commands_max=1)) as running:
        await running.adopt("acme")
        first, *between, again = await asyncio.gather(
            running.submit("acme", Add("a", 5), key=key),
            *(running.submit("acme", Add("b", 1)) for _ in range(20)),
            running.submit("acme", Add("a", 5), key=key),
        )
    assert (first, again) == (Accepted(1, b'{"total":5}'), Accepted(1, b'{"total":5}', repeated=True))
    assert len(await log.read("acme", 0, 100)) == 1 + len(between)


async def test_a_snapshot_holds_one_moment_although_commands_are_decided_while_it_is_written() -> None:
    writing, decided = asyncio.Event(), asyncio.Event()

    class Slow(ToyBusiness):
        def encode_state(self, stream: str, state: int) -> Generator[None, None, bytes]:
            writing.set()
            while not decided.is_set():
                yield
            return (yield from super().encode_state(stream, state))

    log = MemoryLog()
    async with engine(log, business=Slow(), limits=HostLimits(snapshot_after_events=10)) as running:
        host = await running.adopt("acme")
        for _ in range(10):
            await running.submit("acme", Add("a", 1))
        resting = asyncio.create_task(host.rest())
        await writing.wait()
        assert await running.submit("acme", Add("a", 1)) == Accepted(11, b'{"total":11}')
        decided.set()
        await resting

        snapshot = await log.load_snapshot("acme", counter_stream("a"), 1, host.head.log_id)
        assert snapshot is not None
        assert (snapshot.version, snapshot.position) == (10, 10)
        assert at_once(Slow().decode_state(snapshot.stream, snapshot.state)) == 10


async def test_a_read_model_folds_a_large_batch_in_bites() -> None:
    log = MemoryLog()
    async with engine(log) as running:
        await running.adopt("acme")
        await decided(running, LONG)
    business, store = ToyBusiness(), MemoryProjectionStore()
    events = await log.read("acme", 0, LONG)
    beginning = Checkpoint("acme", "counters", 1, 0, True, "running", 0, UUID(int=1), GENESIS)
    lane = Lane(COUNTERS, await store.begin(beginning), store)
    async with others() as them:
        plan = await lane.plan(Batch(UUID(int=1), GENESIS, [Entry(event, business.decode_event) for event in events]))
    assert plan.step is not None
    assert plan.step.after.position == LONG
    assert them.turns >= LONG // PARTS_MAX
