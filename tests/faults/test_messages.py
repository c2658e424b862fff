"""Messages of the internal stream come twice, late, out of order or not at all: read models and the copy stay right."""

import random

import pytest

from consign.local.servers import LocalServers
from tests.e2e.proof import audit
from tests.e2e.selling import items_for, selling
from tests.e2e.service_process import private_site
from tests.simulation.mishaps import Stage, messages_lost, messages_repeated_out_of_order
from tests.support.cluster import create_database

pytestmark = pytest.mark.fault

TIMES = [2, pytest.param(30, marks=pytest.mark.proof)]


@pytest.mark.parametrize("times", TIMES)
async def test_duplicate_reordered_and_missing_messages_change_nothing(own_servers: LocalServers, times: int) -> None:
    database = await create_database(own_servers.postgres_url)
    async with private_site(own_servers, database) as running:
        await running.started()
        await running.started()
        stage = Stage(own_servers, running, random.Random(times))
        async with selling(running, items=items_for(times), audited=True) as load:
            for _ in range(times):
                await load.grow(30)
                async with messages_repeated_out_of_order(stage), messages_lost(stage):
                    await load.grow(20)
        repaired = await audit(running)
        assert (repaired.missing, repaired.damaged) == (0, 0), "the first audit mended everything"


async def test_both_processes_relay_and_the_stream_holds_every_event_once_it_is_read(
    own_servers: LocalServers,
) -> None:
    database = await create_database(own_servers.postgres_url)
    async with private_site(own_servers, database) as running:
        await running.started()
        second = await running.started()
        async with selling(running) as load:
            await load.grow(30)
            # The slices move away and come back: what one relay sent, the other sweeps again.
            assert await second.stop() == 0
            await load.grow(20)
            await second.start()
            await load.grow(30)
