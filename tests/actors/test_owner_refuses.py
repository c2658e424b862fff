"""What an owner cannot do is said to whoever forwarded the command: each reason is reached for itself."""

import asyncio

import pytest

from consign.actors import gateway as gateways
from consign.actors.gateway import CommandServer, Gateway, GatewayLimits, SliceMap
from consign.actors.node import NodeLimits
from consign.actors.ports import Business, Reply, Unavailable
from consign.adapters.memory.command_transport import MemoryBroker, MemoryCommandTransport
from consign.adapters.memory.log import MemoryLog
from consign.adapters.memory.ownership import MemoryOwnership
from consign.domain.business import CONSIGN
from tests.actors.test_node import ME, Hosting, hosting
from tests.support.engine import engine, issued
from tests.support.eventually import eventually
from tests.support.toy_business import Add, ToyBusiness

ONE = Add("a", 1)


async def forwarded(
    process: Hosting, command: Add = ONE, *, business: Business | None = None, in_flight_max: int = 10
) -> Reply:
    """Have the process decide a command of an organization of its own, which another process forwards to it."""
    await process.found("acme")
    store, broker, toys = MemoryOwnership(), MemoryBroker(), ToyBusiness()
    await store.join(ME, ttl_s=60)
    epochs = await store.claim(ME, (await store.view()).slices)
    server = CommandServer(
        node=process.node,
        holdings=process.holdings,
        transport=MemoryCommandTransport(broker),
        business=business or toys,
        in_flight_max=in_flight_max,
    )
    await server.took(epochs)
    front = Gateway(
        node=None,
        slice_map=SliceMap(store),
        transport=MemoryCommandTransport(broker),
        business=toys,
        limits=GatewayLimits(timeout_s=0.3, attempt_timeout_s=0.1),
    )
    return await front.submit(issued("acme", command))


def refused_for(reply: Reply, reason: str) -> None:
    assert isinstance(reply, Unavailable), reply
    assert (reply.reason, reply.detail[-1]) == (reason, ".")
    assert reply.retry_after_s > 0


async def test_an_owner_with_too_many_commands_under_way_is_busy() -> None:
    async with hosting() as process:
        refused_for(await forwarded(process, in_flight_max=0), "owner_busy")


async def test_an_owner_of_another_version_does_not_understand() -> None:
    async with hosting() as process:
        refused_for(await forwarded(process, business=CONSIGN), "not_understood")


async def test_an_owner_whose_log_does_not_answer_is_silent() -> None:
    async with hosting() as process:
        process.log.stuck = True
        refused_for(await forwarded(process), "owner_silent")


async def test_a_defect_of_the_owner_is_said_to_be_one() -> None:
    async with hosting() as process:
        refused_for(await forwarded(process, Add("b", 1)), "internal_error")


async def test_an_answer_that_is_too_large_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateways, "OWNER_REPLY_BYTES_MAX", 10)
    async with hosting() as process:
        refused_for(await forwarded(process), "answer_too_large")


async def test_a_process_that_may_serve_no_more_organizations_says_so() -> None:
    async with hosting(NodeLimits(hosts_max=0)) as process:
        refused_for(await forwarded(process), "node_full")


async def test_while_nobody_knows_who_owns_what_it_is_said() -> None:
    store = MemoryOwnership()
    store.down = True
    transport = MemoryCommandTransport(MemoryBroker())
    front = Gateway(node=None, slice_map=SliceMap(store), transport=transport, business=ToyBusiness())
    refused_for(await front.submit(issued("acme", ONE)), "log_unavailable")


async def test_what_is_queued_when_a_process_stops_is_answered() -> None:
    async with engine(MemoryLog()) as process:
        await process.adopt("acme")
        (appending, *_) = process.running
        appending.cancel()
        await asyncio.wait([appending])
        asked = asyncio.create_task(process.submit("acme", ONE))
        await eventually(lambda: process.journal._ready)
        stopping = asyncio.create_task(process.journal.run())
        await asyncio.sleep(0)
        stopping.cancel()
        refused_for(await asked, "stopping")
