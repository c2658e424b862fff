"""The lease: renewed by a thread of its own, only while the main loop moves, and never believed past its deadline."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from consign.actors.ownership import Identity, OwnershipSettings
from consign.actors.ownership_lease import HeartbeatThread, Holdings, Lease
from consign.adapters.memory.ownership import MemoryOwnership
from tests.support.eventually import eventually

QUICK = OwnershipSettings(ttl_s=0.3, beat_s=0.05, clock_margin_s=0.05)
ME = Identity.new(UUID(int=1))


class Beating:
    def __init__(self) -> None:
        self.ownership = MemoryOwnership()
        self.lease = Lease()
        self.holdings = Holdings(self.lease)
        self.thread = HeartbeatThread(ME, self.lease, self.ownership, QUICK)

    async def lives(self) -> bool:
        return ME.node_id in (await self.ownership.view()).nodes

    def moves_and_holds(self) -> bool:
        self.lease.tick()
        return self.lease.holds()

    def moves_and_holds_no_more(self) -> bool:
        self.lease.tick()
        return not self.lease.holds()


@pytest.fixture
async def beating() -> AsyncIterator[Beating]:
    beating = Beating()
    beating.thread.start()
    await eventually(beating.lease.holds)
    yield beating
    await beating.thread.stop()


async def test_while_the_loop_moves_the_lease_is_renewed_again_and_again(beating: Beating) -> None:
    for _ in range(3):
        before_s = beating.lease.valid_until_s

        def renewed(before_s: float = before_s) -> bool:
            return beating.moves_and_holds() and beating.lease.valid_until_s > before_s

        await eventually(renewed)


async def test_a_loop_that_stands_still_loses_its_node_although_the_thread_runs(beating: Beating) -> None:
    async def dead() -> bool:
        return not await beating.lives()

    await eventually(dead)
    assert not beating.lease.holds()
    await eventually(beating.moves_and_holds)
    assert await beating.lives()


async def test_without_the_database_the_node_stops_believing_in_itself(beating: Beating) -> None:
    beating.holdings.add({5: 1})
    beating.holdings.reviewed(beating.lease.lapses)
    assert beating.holdings.epoch(5) == 1
    beating.ownership.down = True
    await eventually(beating.moves_and_holds_no_more)
    assert beating.holdings.epoch(5) is None


async def test_after_a_lapse_nothing_is_answered_before_the_slices_were_looked_at(beating: Beating) -> None:
    beating.holdings.add({5: 1})
    beating.holdings.reviewed(beating.lease.lapses)
    beating.ownership.down = True
    await eventually(beating.moves_and_holds_no_more)
    beating.ownership.down = False
    await eventually(beating.moves_and_holds)
    assert beating.holdings.epoch(5) is None
    beating.holdings.reviewed(beating.lease.lapses)
    assert beating.holdings.epoch(5) == 1


async def test_a_superseded_node_holds_nothing_and_beats_no_more(beating: Beating) -> None:
    await beating.ownership.join(Identity.new(ME.node_id), QUICK.ttl_s)
    await eventually(beating.moves_and_holds_no_more)
    assert beating.lease.superseded
