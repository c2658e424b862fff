"""Postgres refuses something of one organization or one read model: only that waits, and it comes back by itself."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from consign.adapters.postgres.projection_tables import table_name
from consign.local.servers import LocalServers
from consign.projections.registry import projection_named
from tests.e2e.answers import Answers
from tests.e2e.live_sale import organizer
from tests.e2e.selling import ACME, items_for, selling
from tests.e2e.service_process import Site, private_site
from tests.e2e.stored import administer, read_model, read_stored
from tests.support.cluster import Database, create_database
from tests.support.eventually import eventually

pytestmark = pytest.mark.fault

TIMES = [1, pytest.param(12, marks=pytest.mark.proof)]
BELL = "bell"
REFUSE = f"""
CREATE FUNCTION consign.refuse_some() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.organization_id = '{ACME}' AND NEW.type = 'item-held' THEN
    RAISE 'nothing of this kind today';
  END IF;
  RETURN NEW;
END $$
"""


@asynccontextmanager
async def holds_refused(database: Database) -> AsyncIterator[None]:
    """Have Postgres refuse, of one organization, every event that holds a thing."""
    await administer(database, REFUSE)
    await administer(
        database,
        "CREATE TRIGGER refuse_some BEFORE INSERT ON consign.events "
        "FOR EACH ROW EXECUTE FUNCTION consign.refuse_some()",
    )
    yield
    await administer(database, "DROP FUNCTION consign.refuse_some CASCADE")


@pytest.mark.parametrize("times", TIMES)
async def test_one_organizations_bad_rows_hold_up_that_one_alone_and_nothing_is_lost(
    own_servers: LocalServers, times: int
) -> None:
    database = await create_database(own_servers.postgres_url)
    async with private_site(own_servers, database) as running:
        await running.started()
        async with (
            selling(running, organization=ACME, items=items_for(times)) as refused,
            selling(running, organization=BELL, items=items_for(times)) as other,
        ):
            for _ in range(times):
                await refused.grow(30)
                async with holds_refused(database):
                    await refused.feel("append_refused")
                    await other.grow(60)
                    await refused.feel("append_refused")
                await refused.grow(30)
            assert "append_refused" not in other.answers.retryable, "nobody at a till of the other one noticed"


async def test_a_read_model_whose_table_is_gone_says_so_while_the_others_move_on(own_servers: LocalServers) -> None:
    database = await create_database(own_servers.postgres_url)
    receipts = table_name(projection_named("receipts"), 0, "receipts")
    async with private_site(own_servers, database) as running:
        service = await running.started()
        async with (
            selling(running) as load,
            organizer(running.urls, ACME, Answers(), random.Random(1)) as caller,
            httpx.AsyncClient(base_url=service.url, trust_env=False) as client,
        ):
            await load.grow(40)
            await administer(database, f"ALTER TABLE consign.{receipts} RENAME TO elsewhere")
            await load.grow(60)
            position = (await read_stored(database, ACME)).head.position
            await eventually(lambda: _shows(running, "items", position))
            ready = (await client.get("/ready")).json()
            assert (ready["status"], ready["parts"]["read_models"]) == ("ok", "degraded: 1 failing")
            for headers in ({}, {"X-Consign-After": str(position)}):
                response = await caller.once("GET", f"{load.sale.path}/receipts", headers=headers)
                assert (response.status_code, response.json()["reason"]) == (503, "projection_stopped")
            await administer(database, f"ALTER TABLE consign.elsewhere RENAME TO {receipts}")
            await eventually(lambda: _shows(running, "receipts", position), within_s=30)
            await load.grow(20)


async def _shows(site: Site, name: str, position: int) -> bool:
    shown = await read_model(site.database, ACME, projection_named(name))
    return shown is not None and shown.checkpoint >= position
