"""`kill -9` of the service while tills sell: nothing acknowledged is lost, nothing is applied twice."""

import pytest

from tests.e2e.proof import check_published
from tests.e2e.selling import ACME, items_for, selling
from tests.e2e.service_process import site
from tests.faults.owners import moved_from, owner_of
from tests.support.cluster import Database
from tests.support.eventually import eventually

pytestmark = pytest.mark.fault

TIMES = [1, pytest.param(25, marks=pytest.mark.proof)]


@pytest.mark.parametrize("times", TIMES)
async def test_the_only_process_is_killed_under_load_and_started_again(
    database: Database, nats_urls: tuple[str, str], times: int
) -> None:
    async with site(database, *nats_urls) as running:
        service = await running.started()
        async with selling(running, items=items_for(times)) as load:
            for _ in range(times):
                await load.grow(60)
                await service.kill()
                await load.feel("ConnectError", "ReadError", "RemoteProtocolError")
                await service.start()
            await load.grow(60)
        await check_published(running, ACME)


@pytest.mark.parametrize("times", TIMES)
async def test_the_owner_is_killed_and_the_other_process_takes_over(
    database: Database, nats_urls: tuple[str, str], times: int
) -> None:
    async with site(database, *nats_urls) as running:
        await running.started()
        await running.started()
        async with selling(running, items=items_for(times)) as load:
            for _ in range(times):
                await load.grow(60)
                owner = await eventually(lambda: owner_of(running, ACME))
                assert owner is not None
                await owner.kill()
                await moved_from(running, owner, ACME)
                await load.grow(60)
                await owner.start()
            await load.grow(60)
        await check_published(running, ACME)
