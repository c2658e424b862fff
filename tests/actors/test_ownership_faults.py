"""Owners that are killed, frozen, wedged and restarted; what was accepted stays, and nothing is decided twice."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec
import pytest

from consign.actors.gateway import Gateway, GatewayLimits, NoAnswer, NobodyServes
from consign.actors.gateway_messages import decode_reply, encode_issued
from consign.actors.ownership import SLICES, Identity, NodeSuperseded, OwnershipUnavailable, slice_of
from consign.actors.ports import Accepted, Issued, Reply, Unavailable
from consign.adapters.nats.command_transport import NatsCommandTransport
from consign.adapters.postgres.ownership import PostgresHeartbeat
from consign.local.servers import LocalServers
from tests.support.cluster import Database, create_database
from tests.support.engine import issued
from tests.support.eventually import eventually
from tests.support.owner import BRISK, Front, Owner, fronting, owner_process, owning
from tests.support.toy_business import Add, ToyBusiness

pytestmark = pytest.mark.fault

ACME = "acme"
NODE = UUID(int=77)
ORGANIZATIONS = [f"organization-{number}" for number in range(16)]
LONG_LIVED = msgspec.structs.replace(BRISK, ttl_s=600.0)
PATIENT = GatewayLimits(timeout_s=15.0, attempt_timeout_s=0.5)


def total(reply: Reply) -> int:
    assert isinstance(reply, Accepted), reply
    answer: dict[str, int] = msgspec.json.decode(reply.answer)
    return answer["total"]


class CutOff(PostgresHeartbeat):
    """A heartbeat whose way to the database can be cut."""

    cut = False

    async def beat(self, me: Identity, ttl_s: float) -> bool:
        if self.cut:
            raise OwnershipUnavailable("cut off")
        return await super().beat(me, ttl_s)


class Load:
    """Commands that come again until they are decided; `check` then knows what every answer must have been."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._enough = asyncio.Event()
        self.decided: list[tuple[str, int]] = []

    async def run(self, organization: str) -> None:
        while not self._enough.is_set():
            command = issued(organization, Add("a", 1))
            self.decided.append((organization, total(await self._insist(command))))

    async def _insist(self, command: Issued) -> Reply:
        reply = await self._gateway.submit(command)
        while isinstance(reply, Unavailable):
            reply = await self._gateway.submit(command)
        return reply

    async def grow(self, by: int = 100) -> None:
        target = len(self.decided) + by
        await eventually(lambda: len(self.decided) >= target, within_s=20)

    def finish(self) -> None:
        self._enough.set()

    def check(self) -> None:
        for organization in ORGANIZATIONS:
            totals = sorted(total for name, total in self.decided if name == organization)
            assert totals == list(range(1, len(totals) + 1))


async def test_a_killed_owners_organizations_are_served_by_the_other(database: Database, nats_url: str) -> None:
    async with (
        owning(Owner(database.writer_url, nats_url)) as survivor,
        owner_process(database.writer_url, nats_url) as victim,
        fronting(Front(database.writer_url, nats_url, PATIENT)) as front,
    ):
        await survivor.found(*ORGANIZATIONS)
        await eventually(lambda: len(survivor.holdings.slices()) < SLICES)
        load = Load(front.gateway)
        async with asyncio.TaskGroup() as tasks:
            for organization in ORGANIZATIONS:
                tasks.create_task(load.run(organization))
            await load.grow()
            await eventually(lambda: {survivor.owns(organization) for organization in ORGANIZATIONS} == {True, False})
            await victim.kill()
            await eventually(lambda: len(survivor.holdings.slices()) == SLICES)
            await load.grow()
            load.finish()
        load.check()


async def test_two_processes_drain_to_each_other_when_one_leaves(database: Database, nats_url: str) -> None:
    async with (
        owner_process(database.writer_url, nats_url) as first,
        fronting(Front(database.writer_url, nats_url, PATIENT)) as front,
        owning(Owner(database.writer_url, nats_url)) as second,
    ):
        await second.found(*ORGANIZATIONS)
        load = Load(front.gateway)
        async with asyncio.TaskGroup() as tasks:
            for organization in ORGANIZATIONS:
                tasks.create_task(load.run(organization))
            await load.grow()
            assert await first.leave() == 0
            await eventually(lambda: len(second.holdings.slices()) == SLICES)
            await load.grow()
            load.finish()
        load.check()


async def test_a_node_restarted_after_a_kill_serves_at_once(database: Database, nats_url: str) -> None:
    killed = Owner(database.writer_url, nats_url, node_id=NODE, settings=LONG_LIVED)
    async with asyncio.TaskGroup() as tasks:
        killed.start(tasks)
        await killed.keeper.settled(10)
        await killed.found(ACME)
        assert total(await killed.gateway.submit(issued(ACME, Add("a", 1)))) == 1
        await killed.close()
    # The dead incarnation's lease would last for ten minutes.
    async with owning(Owner(database.writer_url, nats_url, node_id=NODE, settings=LONG_LIVED)) as restarted:
        assert len(restarted.holdings.slices()) == SLICES
        assert total(await restarted.gateway.submit(issued(ACME, Add("a", 1)))) == 2


async def test_a_second_process_under_the_same_id_ends_the_first(database: Database, nats_url: str) -> None:
    first = Owner(database.writer_url, nats_url, node_id=NODE)
    running = asyncio.create_task(first.keeper.run())
    await first.keeper.settled(10)
    async with owning(Owner(database.writer_url, nats_url, node_id=NODE)) as second:
        with pytest.RaisesGroup(NodeSuperseded):
            await running
        assert not first.holdings.slices()
        assert len(second.holdings.slices()) == SLICES
    await first.close()


async def test_a_frozen_owner_that_wakes_tells_nothing_of_before(database: Database, nats_url: str) -> None:
    async with (
        owner_process(database.writer_url, nats_url) as frozen,
        fronting(Front(database.writer_url, nats_url, PATIENT)) as front,
    ):
        heir = Owner(database.writer_url, nats_url)
        await heir.found(ACME)
        assert total(await front.gateway.submit(issued(ACME, Add("a", 5)))) == 5
        slice_number = slice_of(ACME)
        old_epoch = (await front.store.view()).slices[slice_number].epoch
        frozen.process.send_signal(signal.SIGSTOP)
        async with owning(heir):
            await eventually(lambda: len(heir.holdings.slices()) == SLICES)
            assert total(await front.gateway.submit(issued(ACME, Add("a", -3)))) == 2
            # Asked under the old epoch: when it wakes, this lies before it. By its memory the counter holds 5.
            question = encode_issued(issued(ACME, Add("a", -4)), ToyBusiness())
            asking = asyncio.create_task(
                NatsCommandTransport(front.nats).request(slice_number, old_epoch, question, timeout_s=10.0)
            )
            await front.nats.client().flush()
            frozen.process.send_signal(signal.SIGCONT)
            try:
                reply = decode_reply(await asking).reply
            except (NobodyServes, NoAnswer) as silence:
                reply = Unavailable("not_owner", repr(silence))
            assert isinstance(reply, Unavailable)
            assert reply.reason == "not_owner"
            assert total(await front.gateway.submit(issued(ACME, Add("a", 0)))) == 2


class Wedge:
    """An owner on an event loop of its own, which a test may wedge."""

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop) -> None:
        self.owner = owner
        self._loop = loop
        self._unwedged = threading.Event()

    def wedge(self) -> None:
        self._loop.call_soon_threadsafe(self._unwedged.wait)

    def unwedge(self) -> None:
        self._unwedged.set()


@contextmanager
def in_a_thread(database_url: str, nats_url: str) -> Iterator[Wedge]:
    started = threading.Event()
    found: list[tuple[Wedge, Callable[[], object]]] = []

    async def run() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        async with owning(Owner(database_url, nats_url)) as owner:
            found.append((Wedge(owner, loop), lambda: loop.call_soon_threadsafe(stop.set)))
            started.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    assert started.wait(15)
    wedge, stop = found[0]
    try:
        yield wedge
    finally:
        wedge.unwedge()
        stop()
        thread.join(15)


async def test_an_owner_whose_loop_is_wedged_loses_its_slices(database: Database, nats_url: str) -> None:
    async with fronting(Front(database.writer_url, nats_url, PATIENT)) as front:
        with in_a_thread(database.writer_url, nats_url) as wedge:
            heir = Owner(database.writer_url, nats_url)
            await heir.found(ACME)
            assert total(await front.gateway.submit(issued(ACME, Add("a", 1)))) == 1
            wedge.wedge()
            async with owning(heir):
                await eventually(lambda: len(heir.holdings.slices()) == SLICES)
                assert not wedge.owner.holdings.slices()
                assert total(await front.gateway.submit(issued(ACME, Add("a", 1)))) == 2
                wedge.unwedge()
                await eventually(wedge.owner.holdings.slices, within_s=15)
                assert total(await front.gateway.submit(issued(ACME, Add("a", 1)))) == 3


async def test_an_owner_cut_off_from_the_database_answers_no_more_and_comes_back(
    database: Database, nats_url: str
) -> None:
    heartbeat = CutOff(database.writer_url)
    async with owning(Owner(database.writer_url, nats_url, heartbeat=heartbeat)) as owner:
        await owner.found(ACME)
        heartbeat.cut = True
        await eventually(lambda: not owner.holdings.slices())
        reply = await owner.node.submit(issued(ACME, Add("a", 1)))
        assert isinstance(reply, Unavailable)
        assert reply.reason == "not_owner"
        heartbeat.cut = False
        await eventually(lambda: len(owner.holdings.slices()) == SLICES)
        assert total(await owner.gateway.submit(issued(ACME, Add("a", 1)))) == 1


async def test_an_owner_outlives_its_database_being_stopped_and_started(own_servers: LocalServers) -> None:
    database = await create_database(own_servers.postgres_url)
    async with owning(Owner(database.writer_url, own_servers.nats_url)) as owner:
        await owner.found(*ORGANIZATIONS)
        load = Load(owner.gateway)
        async with asyncio.TaskGroup() as tasks:
            for organization in ORGANIZATIONS:
                tasks.create_task(load.run(organization))
            await load.grow()
            await own_servers.postgres.stop()
            await eventually(lambda: not owner.holdings.slices())
            await own_servers.postgres.start()
            await load.grow()
            load.finish()
        load.check()
