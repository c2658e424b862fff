"""Timers are data: whoever owns the slice when they are due fires them, once, whatever happened meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from consign.actors.ownership import SLICES
from consign.actors.ports import TIMER_ACCOUNT, Accepted, Head
from tests.support.cluster import Database
from tests.support.engine import issued
from tests.support.eventually import eventually
from tests.support.owner import Owner, owner_process, owning
from tests.support.toy_business import Add, AddLater, ToyBusiness

ACME, OTHER = "acme", "other"


def soon(after_s: float = 0.0) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=after_s)


def later(counter: str, amount: int, after_s: float = 0.0) -> AddLater:
    return AddLater(counter, amount, uuid4(), soon(after_s))


async def counted(owner: Owner, organization: str, counter: str = "a") -> int:
    """Ask the owner, by a command that changes nothing."""
    reply = await owner.gateway.submit(issued(organization, Add(counter, 0)))
    assert isinstance(reply, Accepted), reply
    answer: dict[str, int] = msgspec.json.decode(reply.answer)
    return answer["total"]


async def position(owner: Owner, organization: str) -> int:
    head = await owner.log.head(organization)
    assert isinstance(head, Head)
    return head.position


async def rows(database: Database, organization: str) -> int:
    connection = await asyncpg.connect(database.url)
    try:
        found: int = await connection.fetchval(
            "SELECT count(*) FROM consign.timers WHERE organization_id = $1", organization
        )
    finally:
        await connection.close()
    return found


async def becomes[**Asked](
    wanted: int, ask: Callable[Asked, Awaitable[int]], *where: Asked.args, **named: Asked.kwargs
) -> None:
    async def it_is() -> bool:
        return await ask(*where, **named) == wanted

    await eventually(it_is)


async def put_row(database: Database, organization: str, timer_id: UUID, command: bytes) -> None:
    connection = await asyncpg.connect(database.url)
    try:
        await connection.execute(
            "INSERT INTO consign.timers (organization_id, timer_id, due_at, command) VALUES ($1, $2, now(), $3)",
            organization,
            timer_id,
            command,
        )
    finally:
        await connection.close()


async def test_a_timer_fires_once_under_an_account_of_its_own_and_clears_its_row(
    database: Database, nats_url: str
) -> None:
    async with owning(Owner(database.writer_url, nats_url)) as owner:
        await owner.found(ACME)
        command = later("a", 5, after_s=0.3)
        assert isinstance(await owner.gateway.submit(issued(ACME, command)), Accepted)
        assert await counted(owner, ACME) == 0
        await becomes(5, counted, owner, ACME)
        (event,) = await owner.log.read(ACME, 0, 10)
        assert (event.command_id, event.account_id, event.role) == (command.timer_id, TIMER_ACCOUNT, "system")
        assert await rows(database, ACME) == 0


async def test_many_timers_of_many_organizations_all_fire(database: Database, nats_url: str) -> None:
    async with owning(Owner(database.writer_url, nats_url)) as owner:
        organizations = [f"organization-{number}" for number in range(5)]
        await owner.found(*organizations)
        await asyncio.gather(
            *(
                owner.gateway.submit(issued(organization, later("a", 1)))
                for organization in organizations
                for _ in range(100)
            )
        )
        for organization in organizations:
            await becomes(100, counted, owner, organization)


async def test_a_timer_set_before_a_restart_wakes_its_sleeping_organization(database: Database, nats_url: str) -> None:
    async with owning(Owner(database.writer_url, nats_url)) as owner:
        await owner.found(ACME)
        await owner.gateway.submit(issued(ACME, later("a", 5, after_s=0.5)))
    async with owning(Owner(database.writer_url, nats_url)) as restarted:
        assert not restarted.node.hosted()
        await becomes(1, position, restarted, ACME)
        assert await rows(database, ACME) == 0


@pytest.mark.fault
async def test_a_timer_fires_once_although_its_owner_was_killed_before(database: Database, nats_url: str) -> None:
    organizations = [f"organization-{number}" for number in range(8)]
    async with owning(Owner(database.writer_url, nats_url)) as survivor:
        await survivor.found(*organizations)
        async with owner_process(database.writer_url, nats_url) as victim:
            await eventually(lambda: not all(survivor.owns(name) for name in organizations))
            for organization in organizations:
                await survivor.gateway.submit(issued(organization, later("a", 5, after_s=1.0)))
            await victim.kill()
        await eventually(lambda: len(survivor.holdings.slices()) == SLICES)
        for organization in organizations:
            await becomes(1, position, survivor, organization)
            await becomes(0, rows, database, organization)
            assert await counted(survivor, organization) == 5


async def test_a_timer_that_is_refused_is_parked_and_holds_up_no_other(database: Database, nats_url: str) -> None:
    async with owning(Owner(database.writer_url, nats_url)) as owner:
        await owner.found(ACME)
        await owner.gateway.submit(issued(ACME, later("a", -5)))
        await owner.gateway.submit(issued(ACME, later("a", 3)))
        await becomes(3, counted, owner, ACME)
        await becomes(0, rows, database, ACME)


async def test_a_timer_that_nobody_here_understands_stays_and_holds_up_no_other(
    database: Database, nats_url: str
) -> None:
    async with owning(Owner(database.writer_url, nats_url)) as owner:
        await owner.found(ACME, OTHER)
        await put_row(database, ACME, uuid4(), b'{"type":"of-a-newer-version"}')
        await put_row(database, ACME, uuid4(), ToyBusiness().encode_command(Add("a", 3)))
        await becomes(3, counted, owner, ACME)
        await owner.gateway.submit(issued(OTHER, later("a", 1)))
        await becomes(1, counted, owner, OTHER)
        assert await rows(database, ACME) == 1


async def test_a_row_whose_command_was_decided_before_is_cleared(database: Database, nats_url: str) -> None:
    async with owning(Owner(database.writer_url, nats_url)) as owner:
        await owner.found(ACME)
        command = later("a", 5)
        await owner.gateway.submit(issued(ACME, command))
        await becomes(5, counted, owner, ACME)
        await put_row(database, ACME, command.timer_id, ToyBusiness().encode_command(Add("a", 5)))
        await becomes(0, rows, database, ACME)
        assert await counted(owner, ACME) == 5
