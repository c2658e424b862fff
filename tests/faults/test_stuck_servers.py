"""Servers that neither answer nor refuse: tills are told so in bounded time, and a process ends when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import psutil
import pytest

from consign.local.servers import LocalServers
from tests.e2e.live_sale import some_id
from tests.e2e.selling import selling
from tests.e2e.service_process import private_site
from tests.support.cluster import create_database

pytestmark = pytest.mark.fault

ANSWERED_WITHIN_S = 25.0


@asynccontextmanager
async def stuck(pid: int) -> AsyncIterator[None]:
    """Stop a server and its children: connections stay open and say nothing, new ones are accepted by nobody."""
    server = psutil.Process(pid)
    server.suspend()
    stopped = [server, *server.children()]
    for process in stopped[1:]:
        process.suspend()
    try:
        yield
    finally:
        for process in stopped:
            process.resume()


@pytest.mark.proof
async def test_with_postgres_stuck_tills_are_told_in_time_and_go_on_afterwards(own_servers: LocalServers) -> None:
    database = await create_database(own_servers.postgres_url)
    async with private_site(own_servers, database) as running:
        service = await running.started()
        async with selling(running) as load:
            await load.grow(30)
            till = load.tills[0]
            scan = f"{till.path}/baskets/{some_id(till.chance)}/scan"
            async with stuck(own_servers.postgres.pid):
                response = await till.caller.once(
                    "POST",
                    scan,
                    json={"tag": load.sale.kept_back[0]},
                    headers={"Idempotency-Key": some_id(till.chance)},
                    timeout=ANSWERED_WITHIN_S,
                )
                assert (response.status_code, response.json()["retryable"]) == (503, True)
                async with asyncio.timeout(ANSWERED_WITHIN_S):
                    ready = await till.caller.once("GET", "/ready", timeout=ANSWERED_WITHIN_S)
                assert ready.status_code == httpx.codes.SERVICE_UNAVAILABLE
            await load.grow(30)
            assert service.alive


@pytest.mark.parametrize("what", ["postgres", "nats"])
@pytest.mark.parametrize("way", ["gone", "stuck"])
async def test_a_process_ends_in_time_although_a_server_does_not_answer(
    own_servers: LocalServers, what: str, way: str
) -> None:
    database = await create_database(own_servers.postgres_url)
    server = own_servers.postgres if what == "postgres" else own_servers.nats
    async with private_site(own_servers, database) as running:
        service = await running.started()
        async with selling(running, tills=2) as load:
            await load.grow(20)
        if way == "gone":
            await server.kill()
            assert await service.stop() == 0
        else:
            async with stuck(server.pid):
                assert await service.stop() == 0


@pytest.mark.proof
async def test_who_is_cut_off_by_an_ending_process_is_told_to_come_back(own_servers: LocalServers) -> None:
    database = await create_database(own_servers.postgres_url)
    async with private_site(own_servers, database) as running:
        service = await running.started(drain_timeout_s="1")
        async with selling(running) as load:
            await load.grow(20)
            async with stuck(own_servers.postgres.pid):
                await load.last(10, at_most_s=1.0)
                await service.stop()
            await service.start()
            await load.grow(20)
