"""Any process takes any command: two owners, a front that owns nothing, real Postgres and NATS between them."""

import asyncio
from uuid import uuid4

import msgspec
import pytest

from consign.actors.gateway import FORWARDED_COMMAND_BYTES_MAX, GatewayLimits
from consign.actors.node import NOT_OWNER
from consign.actors.ownership import SLICES
from consign.actors.ports import Accepted, Issued, Refused, Reply, Unavailable
from consign.local.servers import LocalServers
from tests.support.cluster import Database, create_database
from tests.support.engine import issued
from tests.support.eventually import eventually
from tests.support.owner import Front, Owner, fronting, owning
from tests.support.toy_business import Add

ACME = "acme"
ORGANIZATIONS = [f"organization-{number}" for number in range(16)]


def total(reply: Reply) -> int:
    assert isinstance(reply, Accepted), reply
    answer: dict[str, int] = msgspec.json.decode(reply.answer)
    return answer["total"]


async def test_a_process_alone_owns_everything_and_decides_by_itself(database: Database, nats_url: str) -> None:
    async with owning(Owner(database.writer_url, nats_url)) as owner:
        await owner.found(ACME)
        assert len(owner.holdings.slices()) == SLICES
        assert total(await owner.gateway.submit(issued(ACME, Add("a", 2)))) == 2
        assert total(await owner.gateway.submit(issued(ACME, Add("a", 3)))) == 5


async def test_a_front_forwards_to_the_owner_and_brings_every_kind_of_reply(database: Database, nats_url: str) -> None:
    async with (
        owning(Owner(database.writer_url, nats_url)) as owner,
        fronting(Front(database.writer_url, nats_url)) as front,
    ):
        await owner.found(ACME)
        command = issued(ACME, Add("a", 2))
        accepted = await front.gateway.submit(command)
        assert accepted == Accepted(1, b'{"total":2}')
        assert await front.gateway.submit(command) == Accepted(1, b'{"total":2}', repeated=True)
        refused = await front.gateway.submit(issued(ACME, Add("a", -3)))
        assert refused == Refused("wrong_phase", "a holds only 2", 1)
        assert await front.gateway.submit(issued("nowhere", Add("a", 1))) == Refused(
            "unknown_organization", "There is no organization of this name.", 0
        )


async def test_of_two_owners_each_takes_commands_for_both(database: Database, nats_url: str) -> None:
    async with (
        owning(Owner(database.writer_url, nats_url)) as first,
        owning(Owner(database.writer_url, nats_url)) as second,
    ):
        await eventually(lambda: len(first.holdings.slices()) + len(second.holdings.slices()) == SLICES)
        await first.found(*ORGANIZATIONS)
        for organization in ORGANIZATIONS:
            assert total(await first.gateway.submit(issued(organization, Add("a", 1)))) == 1
            assert total(await second.gateway.submit(issued(organization, Add("a", 1)))) == 2
        assert {first.owns(organization) for organization in ORGANIZATIONS} == {True, False}


async def test_while_owners_come_and_go_no_command_is_lost_or_decided_twice(database: Database, nats_url: str) -> None:
    decided: dict[Issued, Reply] = {}
    enough = asyncio.Event()

    async def insist(front: Front, organization: str) -> None:
        while not enough.is_set():
            command = issued(organization, Add("a", 1))
            reply = await front.gateway.submit(command)
            while isinstance(reply, Unavailable):
                reply = await front.gateway.submit(command)
            decided[command] = reply

    def grown(by: int = 200) -> int:
        return len(decided) + by

    async with (
        owning(Owner(database.writer_url, nats_url)) as first,
        fronting(Front(database.writer_url, nats_url)) as front,
        asyncio.TaskGroup() as tasks,
    ):
        await first.found(*ORGANIZATIONS)
        for organization in ORGANIZATIONS:
            tasks.create_task(insist(front, organization))
        await eventually(lambda: len(decided) > 200)
        async with owning(Owner(database.writer_url, nats_url)) as second:
            await eventually(lambda: len(second.holdings.slices()) > SLICES / 4)
            target = grown()
            await eventually(lambda: len(decided) > target)
            assert second.node.hosted()
        await eventually(lambda: len(first.holdings.slices()) == SLICES)
        target = grown()
        await eventually(lambda: len(decided) > target)
        enough.set()
    for organization in ORGANIZATIONS:
        totals = [total(reply) for command, reply in decided.items() if command.organization_id == organization]
        assert sorted(totals) == list(range(1, len(totals) + 1))


async def test_without_any_owner_the_answer_is_try_again_and_comes_in_time(database: Database, nats_url: str) -> None:
    limits = GatewayLimits(timeout_s=0.3)
    async with fronting(Front(database.writer_url, nats_url, limits)) as front:
        reply = await front.gateway.submit(issued(ACME, Add("a", 1)))
    assert isinstance(reply, Unavailable)
    assert reply.reason == "not_owner"


async def test_what_was_asked_for_too_long_ago_is_forwarded_to_nobody(database: Database, nats_url: str) -> None:
    class StoodStill:
        """A node that owned the organization when it was asked, and knows later that it does not any more."""

        async def submit(self, issued: Issued) -> Reply:
            await asyncio.sleep(0.02)
            return Unavailable(NOT_OWNER, "It owns it no more.", 0.5)

    async with owning(Owner(database.writer_url, nats_url)) as owner:
        await owner.found(ACME)
        command = issued(ACME, Add("a", 2))
        for timeout_s, reached in ((0.01, False), (5.0, True)):
            async with fronting(Front(database.writer_url, nats_url, GatewayLimits(timeout_s=timeout_s))) as front:
                front.gateway._node = StoodStill()
                reply = await front.gateway.submit(command)
                assert isinstance(reply, Accepted) == reached, reply


async def test_a_command_too_large_to_be_forwarded_is_refused(database: Database, nats_url: str) -> None:
    async with fronting(Front(database.writer_url, nats_url)) as front:
        reply = await front.gateway.submit(issued(ACME, Add("a" * FORWARDED_COMMAND_BYTES_MAX, 1)))
    assert isinstance(reply, Refused)
    assert reply.reason == "payload_too_large"


@pytest.mark.fault
async def test_with_nats_down_owners_go_on_and_only_forwarding_says_try_again(own_servers: LocalServers) -> None:
    database = await create_database(own_servers.postgres_url)
    async with (
        owning(Owner(database.writer_url, own_servers.nats_url)) as owner,
        fronting(Front(database.writer_url, own_servers.nats_url)) as front,
    ):
        await owner.found(ACME)
        assert total(await front.gateway.submit(issued(ACME, Add("a", 1)))) == 1
        await own_servers.nats.stop()
        await eventually(lambda: not front.nats.is_connected)
        assert total(await owner.gateway.submit(issued(ACME, Add("a", 1)))) == 2
        reply = await front.gateway.submit(issued(ACME, Add("a", 1)))
        assert isinstance(reply, Unavailable)
        assert reply.reason == "forwarding_unavailable"
        await own_servers.nats.start()
        await eventually(lambda: front.nats.is_connected and owner.nats.is_connected)
        assert total(await front.gateway.submit(issued(ACME, Add("a", 1)))) == 3


@pytest.mark.fault
async def test_an_owner_that_starts_while_nats_is_down_is_reached_once_it_is_there(own_servers: LocalServers) -> None:
    database = await create_database(own_servers.postgres_url)
    await own_servers.nats.stop()
    owner = Owner(database.writer_url, own_servers.nats_url)
    async with asyncio.TaskGroup() as tasks:
        owner.start(tasks)
        await owner.keeper.settled(10)
        await owner.found(ACME)
        assert total(await owner.gateway.submit(issued(ACME, Add("a", 1)))) == 1
        await own_servers.nats.start()
        async with fronting(Front(database.writer_url, own_servers.nats_url)) as front:
            assert total(await front.gateway.submit(issued(ACME, Add("a", 1)))) == 2
        await owner.keeper.leave()
        await owner.close()


async def test_the_same_command_at_two_processes_at_once_is_decided_once(database: Database, nats_url: str) -> None:
    async with (
        owning(Owner(database.writer_url, nats_url)) as owner,
        fronting(Front(database.writer_url, nats_url)) as front,
    ):
        await owner.found(ACME)
        command = issued(ACME, Add("a", 1), key=uuid4())
        replies = await asyncio.gather(
            *(gate.submit(command) for gate in (owner.gateway, front.gateway) for _ in "123")
        )
        assert {total(reply) for reply in replies} == {1}
