"""The engine on a real Postgres whose connection, or process, breaks at the worst moment."""

import asyncio
from uuid import uuid4

import pytest

from consign.actors.ports import Accepted, LogError, Unavailable
from consign.adapters.postgres.log import PostgresLog
from consign.local.servers import LocalServers
from tests.actors.test_engine import all_events, assert_gapless_and_chained
from tests.adapters.test_log_contract import give_every_slice_to_the_owner
from tests.support.cluster import Database, create_database
from tests.support.engine import Engine, engine
from tests.support.eventually import eventually
from tests.support.proxy import proxy_before
from tests.support.toy_business import Add

pytestmark = pytest.mark.fault

LIMIT_S = 20


async def test_a_commit_whose_answer_was_swallowed_is_done_once_and_answered_as_done(database: Database) -> None:
    await give_every_slice_to_the_owner(database)
    async with proxy_before(database.writer_url) as proxy:
        log = PostgresLog(proxy.url(database.writer_url))
        async with engine(log) as running:
            await running.adopt("acme")
            await running.submit("acme", Add("a", 1))

            proxy.swallow_answers_to = b'"total":6'
            asked = asyncio.create_task(running.submit("acme", Add("a", 5)))
            await asyncio.wait_for(proxy.swallowed.wait(), LIMIT_S)
            assert not asked.done()
            proxy.cut()

            assert await asyncio.wait_for(asked, LIMIT_S) == Accepted(2, b'{"total":6}')
            assert await running.submit("acme", Add("a", 1)) == Accepted(3, b'{"total":7}')
            assert_gapless_and_chained(await all_events(log))
        await log.close()


async def test_a_commit_that_arrives_after_its_connection_was_lost_is_fenced(database: Database) -> None:
    await give_every_slice_to_the_owner(database)
    async with proxy_before(database.writer_url) as proxy:
        log = PostgresLog(proxy.url(database.writer_url))
        async with engine(log) as running:
            await running.adopt("acme")
            await running.submit("acme", Add("a", 1))

            proxy.hold_requests_with = b'"total":6'
            asked = asyncio.create_task(running.submit("acme", Add("a", 5)))
            await asyncio.wait_for(proxy.holding.wait(), LIMIT_S)
            proxy.hold_requests_with = None
            proxy.cut()
            assert await asyncio.wait_for(asked, LIMIT_S) == Accepted(2, b'{"total":6}')

            await proxy.release_held()
            assert await running.submit("acme", Add("a", 1)) == Accepted(3, b'{"total":7}')
            events = await all_events(log)
            assert len(events) == 3
            assert_gapless_and_chained(events)
        await log.close()


@pytest.mark.parametrize("way", ["stop", "kill"])
async def test_postgres_goes_away_under_load_and_comes_back(own_servers: LocalServers, way: str) -> None:
    database = await create_database(own_servers.postgres_url)
    await give_every_slice_to_the_owner(database)
    log = PostgresLog(database.writer_url)
    async with engine(log) as running:
        await running.adopt("acme")
        acknowledged: list[int] = []
        clients = [asyncio.create_task(_add_again_and_again(running, acknowledged)) for _ in range(8)]
        await eventually(lambda: len(acknowledged) >= 50)

        await (own_servers.postgres.stop("immediate") if way == "stop" else own_servers.postgres.kill())
        before = len(acknowledged)
        await own_servers.postgres.start()
        await eventually(lambda: len(acknowledged) >= before + 50, within_s=30)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

        events = await all_events(log)
        assert_gapless_and_chained(events)
        by_position = {event.commit_position for event in events}
        assert set(acknowledged) <= by_position, "an acknowledged command is lost"
        commands = [event.command_id for event in events]
        assert len(commands) == len(set(commands)), "a command was applied twice"
    await log.close()


async def _add_again_and_again(running: Engine, acknowledged: list[int]) -> None:
    while True:
        key = uuid4()
        while True:
            if running.hosts["acme"].lost.is_set():
                await _adopt_when_possible(running)
            reply = await running.submit("acme", Add("a", 1), key=key)
            if isinstance(reply, Accepted):
                acknowledged.append(reply.position)
                break
            assert isinstance(reply, Unavailable)
            await asyncio.sleep(0.01)


_adopting = asyncio.Lock()


async def _adopt_when_possible(running: Engine) -> None:
    async with _adopting:
        while running.hosts["acme"].lost.is_set():
            try:
                await running.adopt("acme")
            except LogError:  # the server is away; the test's own time limit ends this
                await asyncio.sleep(0.05)
