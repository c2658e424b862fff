"""A hold that nobody pays for runs out by its timer, whichever process lives by then, and the thing is free again."""

import asyncio
import random

import pytest

from consign.domain.ledger.events import HoldsExpired
from tests.e2e.answers import Answers
from tests.e2e.live_sale import SETTINGS, go_live, organizer, some_id
from tests.e2e.proof import prove
from tests.e2e.selling import ACME
from tests.e2e.service_process import Site, site
from tests.e2e.stored import decoded, read_stored
from tests.e2e.till import Till
from tests.faults.owners import moved_from, owner_of
from tests.support.cluster import Database
from tests.support.eventually import eventually

pytestmark = pytest.mark.fault

SHORT_HOLDS = {**SETTINGS, "hold_duration_s": 10}


async def expired(site: Site) -> list[HoldsExpired]:
    stored = await read_stored(site.database, ACME)
    return [event for _, event in decoded(stored) if isinstance(event, HoldsExpired)]


@pytest.mark.parametrize("way", ["restart", pytest.param("takeover", marks=pytest.mark.proof)])
async def test_holds_run_out_once_over_a_kill(database: Database, nats_urls: tuple[str, str], way: str) -> None:
    answers, chance = Answers(), random.Random(1)
    async with site(database, *nats_urls) as running:
        await running.started()
        if way == "takeover":
            await running.started()
        async with organizer(running.urls, ACME, answers, chance) as caller:
            sale = await go_live(caller, ACME, items=20, settings=SHORT_HOLDS)
        first, second = (Till(name, sale, running.urls, answers, 1) for name in ("T1", "T2"))
        async with first.caller, second.caller:
            await first.open()
            await second.open()
            left = f"{first.path}/baskets/{some_id(chance)}"
            for tag in sale.kept_back[:2]:
                await first.caller.accepted(f"{left}/scan", {"tag": tag})
            owner = await eventually(lambda: owner_of(running, ACME))
            assert owner is not None
            await owner.kill()
            if way == "restart":
                await owner.start()
            else:
                await moved_from(running, owner, ACME)
            (found,) = await eventually(lambda: expired(running), within_s=30)
            assert sorted(found.tags) == sorted(sale.kept_back[:2])
            await second.sell(sale.kept_back[0])
            lost = await first.caller.command(f"{left}/pay", {"tenders": [{"kind": "cash", "amount_minor": 10_000}]})
            assert lost.reason == "line_lost"
            assert len(await expired(running)) == 1
            await first.caller.accepted(f"{left}/abandon")
            await asyncio.gather(first.close(), second.close())
        await prove(running, ACME, answers.heard)
