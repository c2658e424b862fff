"""A live sale with tills that sell while something happens to the service, and the proof afterwards."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.e2e.answers import Answers
from tests.e2e.busy_till import BusyTill
from tests.e2e.live_sale import go_live, organizer
from tests.e2e.proof import prove
from tests.e2e.service_process import Site, random_seed
from tests.e2e.settling import settle
from tests.e2e.till import Load, Till

ACME = "acme"


def items_for(times: int) -> int:
    """Return how many things to offer, so that some are left to sell while so many faults happen one after another."""
    return 120 * times


@asynccontextmanager
async def selling(
    site: Site,
    *,
    organization: str = ACME,
    tills: int = 4,
    items: int = 120,
    seed: int | None = None,
    audited: bool = False,
    settled: bool = False,
    busy: bool = False,
) -> AsyncIterator[Load]:
    """Sell at several tills for as long as the context is open, then close them by count and prove everything.

    With `settled` the sale is settled and paid out before that; `busy` tills do more than sell.

    The tills ask any process of the site, as it comes. The same seed brings the same shoppers.
    """
    seed = seed or random_seed()
    print(f"CONSIGN_SEED={seed}")  # noqa: T201 - shown where a test fails
    answers, chance = Answers(), random.Random(seed)
    async with organizer(site.urls, organization, answers, chance) as caller:
        sale = await go_live(caller, organization, items=items)
    made = BusyTill if busy else Till
    staffed = [made(f"T{number}", sale, site.urls, answers, seed) for number in range(1, tills + 1)]
    for till in staffed:
        if isinstance(till, BusyTill):
            till.tellers = [each for each in staffed if isinstance(each, BusyTill)]
    load = Load(sale, answers, staffed)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(load.run())
        yield load
        load.close()
    if settled:
        async with organizer(site.urls, organization, answers, chance) as caller:
            await settle(caller, sale)
    print(answers.retryable, len(answers.heard))  # noqa: T201
    await prove(site, organization, answers.heard, audited=audited)
