"""The organizations of a process: adopted once, put to sleep, and no organization's trouble is another's."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from uuid_utils.compat import uuid7

from consign.actors.host import OrganizationHost
from consign.actors.journal import Journal
from consign.actors.node import Node, NodeLimits
from consign.actors.ownership import SLICES, Identity, slice_of
from consign.actors.ownership_lease import Holdings, Lease, monotonic_s
from consign.actors.ports import Accepted, CommandKey, CommandRecord, Head, Unavailable
from consign.adapters.memory.log import MemoryLog
from consign.domain.recorded import StreamName
from consign.service.owning import utc_now
from tests.support.engine import issued
from tests.support.eventually import eventually
from tests.support.toy_business import Add, ToyBusiness

ME = Identity.new(UUID(int=1))
EPOCH = 1


class Brittle(ToyBusiness):
    """Cannot name the actors of counter `b`."""

    def needs(self, command: Any, states: Mapping[StreamName, int]) -> tuple[StreamName, ...]:
        if command.counter == "b":
            raise LookupError(command.counter)
        return super().needs(command, states)


class WatchedLog(MemoryLog):
    """Counts adoptions, and looks nothing up while it is `stuck`."""

    def __init__(self) -> None:
        super().__init__()
        self.adoptions = 0
        self.stuck = False
        self.asked = asyncio.Event()

    async def find_commands(self, keys: Sequence[CommandKey]) -> Mapping[CommandKey, CommandRecord]:
        if self.stuck:
            self.asked.set()
            await asyncio.Event().wait()
        return await super().find_commands(keys)

    async def adopt(self, organization_id: str, slice_number: int, owner: UUID, slice_epoch: int) -> Head | None:
        self.adoptions += 1
        await asyncio.sleep(0)
        return await super().adopt(organization_id, slice_number, owner, slice_epoch)


class Hosting:
    def __init__(self, limits: NodeLimits | None = None) -> None:
        self.log = WatchedLog()
        self.journal = Journal(self.log, utc_now)
        self.lease = Lease()
        self.lease.renew(monotonic_s() + 600)
        self.holdings = Holdings(self.lease)
        self.holdings.reviewed(self.lease.lapses)
        self.holdings.add(dict.fromkeys(range(SLICES), EPOCH))
        self.node = Node(me=ME, holdings=self.holdings, log=self.log, host_of=self._host_of, limits=limits)

    def _host_of(self, head: Head) -> OrganizationHost:
        return OrganizationHost(head, self.journal, Brittle(), self.log, utc_now, uuid7)

    async def found(self, *organizations: str) -> None:
        for organization in organizations:
            await self.log.found(organization, slice_of(organization), uuid4())

    async def accepts(self, organization: str) -> bool:
        return isinstance(await self.node.submit(issued(organization, Add("a", 1))), Accepted)


@asynccontextmanager
async def hosting(limits: NodeLimits | None = None) -> AsyncIterator[Hosting]:
    running = Hosting(limits)
    async with asyncio.TaskGroup() as tasks:
        parts = [tasks.create_task(part.run()) for part in (running.journal, running.node)]
        await asyncio.sleep(0)
        yield running
        for part in parts:
            part.cancel()


async def test_an_organization_is_adopted_once_however_many_ask_at_first() -> None:
    async with hosting() as process:
        await process.found("acme")
        assert all(await asyncio.gather(*(process.accepts("acme") for _ in range(20))))
        assert process.log.adoptions == 1


async def test_a_defect_is_raised_to_its_caller_and_the_organization_goes_on() -> None:
    async with hosting() as process:
        await process.found("acme")
        assert await process.accepts("acme")
        with pytest.raises(LookupError):
            await process.node.submit(issued("acme", Add("b", 1)))
        assert await process.accepts("acme")


async def test_a_slice_that_is_drained_is_answered_for_no_more() -> None:
    async with hosting() as process:
        await process.found("acme")
        assert await process.accepts("acme")
        process.holdings.remove(slice_of("acme"))
        await process.node.draining([slice_of("acme")])
        reply = await process.node.submit(issued("acme", Add("a", 1)))
        assert isinstance(reply, Unavailable)
        assert reply.reason == "not_owner"
        assert not process.node.hosted()


async def test_who_was_unused_longest_makes_room_for_another() -> None:
    async with hosting(NodeLimits(hosts_max=2)) as process:
        await process.found("one", "two", "three")
        for organization in ("one", "two", "one", "three"):
            assert await process.accepts(organization)
        assert sorted(process.node.hosted()) == ["one", "three"]


async def test_an_idle_organization_is_put_to_sleep_and_wakes_again() -> None:
    async with hosting(NodeLimits(host_idle_s=0.0, housekeeping_s=0.02)) as process:
        await process.found("acme")
        assert await process.accepts("acme")
        await eventually(lambda: not process.node.hosted())
        assert await process.accepts("acme")


async def test_whoever_waits_for_a_host_that_is_cut_off_is_answered() -> None:
    async with hosting() as process:
        await process.found("acme")
        assert await process.accepts("acme")
        process.log.stuck = True
        waiting = [asyncio.create_task(process.node.submit(issued("acme", Add("a", 1)))) for _ in range(5)]
        await process.log.asked.wait()
        for hosted in process.node._hosted.values():
            assert hosted.task is not None
            hosted.task.cancel()
        async with asyncio.timeout(10):
            replies = await asyncio.gather(*waiting)
        assert all(isinstance(reply, Unavailable) for reply in replies)
