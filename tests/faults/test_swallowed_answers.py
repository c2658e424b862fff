"""The answer to a commit is lost on its way from Postgres to the service, while tills sell."""

import dataclasses

import pytest

from tests.e2e.selling import items_for, selling
from tests.e2e.service_process import site
from tests.support.cluster import Database
from tests.support.eventually import eventually
from tests.support.proxy import proxy_before

pytestmark = pytest.mark.fault

TIMES = [2, pytest.param(40, marks=pytest.mark.proof)]


@pytest.mark.parametrize("times", TIMES)
async def test_commits_whose_answers_are_swallowed_are_done_once(
    database: Database, nats_urls: tuple[str, str], times: int
) -> None:
    async with proxy_before(database.url) as proxy, site(database, *nats_urls) as running:
        running.database = dataclasses.replace(database, url=proxy.url(database.url))
        await running.started()
        running.database = database
        async with selling(running, items=items_for(times)) as load:
            for _ in range(times):
                await load.grow(30)
                proxy.swallowed.clear()
                proxy.swallow_answers_to = b"line-added"
                await eventually(proxy.swallowed.is_set, within_s=20)
                proxy.swallow_answers_to = None
                proxy.cut()
                await load.grow(30)
