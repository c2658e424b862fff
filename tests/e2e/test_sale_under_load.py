"""Several tills at once over HTTP; afterwards everything that was told, stored, folded and copied agrees."""

import pytest

from tests.e2e.proof import check_published
from tests.e2e.selling import ACME, selling
from tests.e2e.service_process import site
from tests.support.cluster import Database

SHORT = 300
LONG = pytest.param(20_000, marks=pytest.mark.proof)


@pytest.mark.parametrize("commands", [SHORT, LONG])
async def test_tills_that_sell_at_once_agree_with_log_books_read_models_and_stream(
    database: Database, nats_urls: tuple[str, str], commands: int
) -> None:
    async with site(database, *nats_urls) as running:
        service = await running.started()
        async with selling(running, items=commands // 3, settled=True) as load:
            await load.grow(commands, within_s=600)
        await check_published(running, ACME)
        assert await service.stop() == 0


@pytest.mark.parametrize("commands", [SHORT, LONG])
async def test_two_services_serve_one_organization_whichever_takes_the_request(
    database: Database, nats_urls: tuple[str, str], commands: int
) -> None:
    async with site(database, *nats_urls) as running:
        first, second = await running.started(), await running.started()
        async with selling(running, items=commands // 3, settled=True) as load:
            await load.grow(commands, within_s=600)
        await check_published(running, ACME)
        assert [await first.stop(), await second.stop()] == [0, 0]
