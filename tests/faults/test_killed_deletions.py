"""`kill -9` in the middle of deletions of accounts, each at another step: all of them are whole after the restart."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import httpx
import pytest

from consign.http.identity.development import DevelopmentIdentity
from consign.http.persons import subject_of
from tests.e2e.log_checks import check_log
from tests.e2e.service_process import SERVE, TOKEN_KEY, ServiceProcess, Site, site
from tests.e2e.stored import Stored, administer, decoded, read_stored
from tests.faults.deletion_halting_service import POINTS
from tests.http.identity.test_signing_in import Person, bearer
from tests.personal.canary import EVERYTHING, Search, person
from tests.support.cluster import Database
from tests.support.eventually import eventually
from tests.support.shop import Client

pytestmark = pytest.mark.fault

HALTING = ("-m", "tests.faults.deletion_halting_service")
PEOPLE = [person(number) for number in range(len(POINTS))]
NEIGHBOUR = person(len(POINTS))
"""Somebody who deletes nothing, in an organization of their own."""


class Fair(NamedTuple):
    """The people's organizations, and the neighbour's."""

    clients: Sequence[Client]
    accounts: Sequence[str]
    tokens: Sequence[str]


async def client_of(process: ServiceProcess, opened: AsyncExitStack) -> Client:
    return await opened.enter_async_context(Client(process.url, DevelopmentIdentity(TOKEN_KEY.encode())))


async def signed_in(client: Client, running: Site, address: str) -> dict[str, Any]:
    somebody = Person(client, running.directory / running.processes[0].name / "outbox")
    somebody.address = address
    return await somebody.signed_in()


async def everybody_there(running: Site, clients: Sequence[Client]) -> Fair:
    """Let the people say who they are in two organizations, and the neighbour in a third one."""
    *both, apart = clients
    tokens = [await signed_in(apart, running, each.email) for each in (*PEOPLE, NEIGHBOUR)]
    accounts = [each["account"] for each in tokens]
    everybody = list(zip(accounts, (*PEOPLE, NEIGHBOUR), strict=True))
    for client, members in ((both[0], everybody[:-1]), (both[1], everybody[:-1]), (apart, everybody[-1:])):
        assert (await client.found()).status_code == httpx.codes.OK
        said: dict[str, Any] = {}
        for account, each in members:
            await client.done(f"/memberships/{account}/grant-roles", {"roles": ["consignor"]})
            said = await client.done(f"/consignors/{account}/change-profile", {"profile": each.profile})
        for listed in ("/memberships", "/consignors"):
            await client.get(listed, after_position=said["position"])
    return Fair(clients, accounts[:-1], [each["access_token"] for each in tokens[:-1]])


async def all_stand_still(process: ServiceProcess, running: Site, fair: Fair) -> None:
    """Begin all deletions, let each reach its step, and kill the process."""
    http = fair.clients[0].http
    deletions = []
    for number, (account, token) in enumerate(zip(fair.accounts, fair.tokens, strict=True), 1):
        body = {"account": account, "forget": True}
        request = http.post("/api/v1/identity/delete-account", json=body, headers=bearer(token))
        deletions.append(asyncio.create_task(request))

        def stands_still(number: int = number) -> bool:
            assert not any(each.done() for each in deletions), [each.result().text for each in deletions if each.done()]
            return sum("deletion_stands_still" in line for line in running.log_lines()) == number

        await eventually(stands_still, within_s=20)
    await process.kill()
    answers = await asyncio.gather(*deletions, return_exceptions=True)
    assert all(isinstance(answer, httpx.TransportError) for answer in answers)


def deeds(stored: Stored, kind: str) -> list[str]:
    """Return the streams in which events of this kind were recorded."""
    return sorted(event.stream for event, _ in decoded(stored) if event.type == kind)


async def found_of(running: Site, database: Database) -> set[str]:
    """Return where anything lies that the people said of themselves."""
    search = Search(EVERYTHING)
    await search.look_at_tables(database)
    search.look_at_files(running.directory)
    return search.found


async def test_every_deletion_that_was_killed_somewhere_is_whole_after_the_restart_and_touches_nobody_else(
    database: Database, nats_urls: tuple[str, str]
) -> None:
    async with site(database, *nats_urls) as running, AsyncExitStack() as opened:
        process = await running.started(program=HALTING)
        clients = [await client_of(process, opened) for _ in range(3)]
        fair = await everybody_there(running, clients)
        neighbours = await read_stored(database, clients[-1].organization)
        await all_stand_still(process, running, fair)
        intentions = "SELECT account_id FROM identity.deletions"
        assert len(await administer(database, intentions)) == len(POINTS)

        process._program = SERVE
        await process.start()

        async def done() -> bool:
            return not await administer(database, intentions)

        await eventually(done, within_s=80)
        (kept,) = (running.directory / process.name / "outbox").iterdir()
        assert NEIGHBOUR.email.encode() in kept.read_bytes()
        kept.unlink()
        assert await found_of(running, database) == set()
        await check_logs(database, fair)
        assert (await read_stored(database, clients[-1].organization)).events == neighbours.events


async def check_logs(database: Database, fair: Fair) -> None:
    streams = sorted(f"account-{account}" for account in fair.accounts)
    keys = "SELECT subject_id FROM consign.subject_keys WHERE organization_id = $1 AND wrapped_key IS NOT NULL"
    people = {subject_of("", account) for account in fair.accounts}
    for organization in ("platform", *(client.organization for client in fair.clients[:-1])):
        stored = await read_stored(database, organization)
        check_log(stored)
        assert not people & {str(row["subject_id"]) for row in await administer(database, keys, organization)}
        if organization == "platform":
            assert deeds(stored, "account-forgotten") == streams
        else:
            assert deeds(stored, "person-forgotten") == streams
            assert len(deeds(stored, "membership-ended")) == len(streams)
