"""An owner that stands still, by SIGSTOP or in its own event loop, loses its organizations and says nothing stale."""

import asyncio
import signal

import pytest

from tests.e2e.live_sale import some_id
from tests.e2e.selling import ACME, items_for, selling
from tests.e2e.service_process import SERVE_WEDGEABLE, site
from tests.e2e.till import Till
from tests.faults.owners import moved_from, owner_of
from tests.support.cluster import Database
from tests.support.eventually import eventually

pytestmark = pytest.mark.fault

TIMES = [1, pytest.param(10, marks=pytest.mark.proof)]


@pytest.mark.parametrize("times", TIMES)
async def test_an_owner_frozen_under_load_is_replaced_and_wakes_as_an_honest_front(
    database: Database, nats_urls: tuple[str, str], times: int
) -> None:
    async with site(database, *nats_urls) as running:
        await running.started()
        await running.started()
        async with selling(running, items=items_for(times)) as load:
            for _ in range(times):
                await load.grow(40)
                owner = await eventually(lambda: owner_of(running, ACME))  # between two owners there is none
                assert owner is not None
                owner.freeze()
                await moved_from(running, owner, ACME)
                await load.grow(40)
                owner.thaw()
                await owner.serving()
            await load.grow(40)


async def test_who_waits_at_a_frozen_owner_is_not_told_of_its_old_memory(
    database: Database, nats_urls: tuple[str, str]
) -> None:
    async with site(database, *nats_urls) as running:
        await running.started()
        await running.started()
        async with selling(running, tills=2) as load:
            await load.grow(20)
            owner = await eventually(lambda: owner_of(running, ACME))  # between two owners there is none
            assert owner is not None
            thing, basket = load.sale.kept_back[0], some_id(load.tills[0].chance)
            owner.freeze()
            asked = asyncio.create_task(
                load.tills[0].caller.once(
                    "POST",
                    f"{load.tills[0].path}/baskets/{basket}/scan",
                    address=owner.url,
                    json={"tag": thing},
                    headers={"Idempotency-Key": some_id(load.tills[0].chance)},
                    timeout=60.0,
                )
            )
            heir = await moved_from(running, owner, ACME)
            # Sold elsewhere while the first owner sleeps: by its memory the thing is free.
            other = Till("X1", load.sale, [heir.url], load.answers, 1)
            async with other.caller:
                await other.open()
                await other.sell(thing)
            owner.thaw()
            response = await asked
            problem = response.json()
            assert problem["reason"] == "already_sold" or (response.status_code == 503 and problem["retryable"])


@pytest.mark.parametrize("times", TIMES)
async def test_a_process_whose_event_loop_is_wedged_loses_its_organizations(
    database: Database, nats_urls: tuple[str, str], times: int
) -> None:
    async with site(database, *nats_urls) as running:
        await running.started(program=SERVE_WEDGEABLE, wedge_s="6")
        await running.started(program=SERVE_WEDGEABLE, wedge_s="6")
        async with selling(running, items=items_for(times)) as load:
            for _ in range(times):
                await load.grow(40)
                owner = await eventually(lambda: owner_of(running, ACME))
                assert owner is not None
                owner.send(signal.SIGUSR1)
                await moved_from(running, owner, ACME)
                await load.grow(40)
                await owner.serving()
            await load.grow(40)
