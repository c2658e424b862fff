"""More commands than an organization can take: the rest is told when to come back; nothing is lost or done twice."""

import asyncio
import random
from functools import partial

import asyncpg
import httpx
import pytest

from consign.actors.host import HostLimits, OrganizationHost
from consign.service import owning, running_service
from consign.settings import settings_from
from tests.e2e.answers import Answers
from tests.e2e.live_sale import go_live, organizer, some_id
from tests.e2e.proof import prove
from tests.e2e.selling import ACME
from tests.e2e.service_process import environment_of, site
from tests.e2e.till import Till
from tests.support.cluster import Database

pytestmark = pytest.mark.fault

SMALL = HostLimits(mailbox_max=5, turn_commands_max=2, undurable_entries_max=4)
AT_ONCE = 40


async def test_a_full_mailbox_answers_503_and_when_to_come_back(
    database: Database, nats_urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owning, "OrganizationHost", partial(OrganizationHost, limits=SMALL))
    environment = environment_of(database, *nats_urls)
    answers, chance = Answers(), random.Random(1)
    async with site(database, *nats_urls) as place, running_service(settings_from(environment, port=0)) as service:
        async with organizer([service.url], ACME, answers, chance) as caller:
            sale = await go_live(caller, ACME, items=AT_ONCE + 5)
            till = Till("T1", sale, [service.url], answers, 1)
            async with till.caller:
                await till.open()
                keys = [some_id(chance) for _ in sale.tags]
                basket = f"{till.path}/baskets/{some_id(chance)}/scan"

                async def scan(tag: str, key: str) -> httpx.Response:
                    return await till.caller.once(
                        "POST", basket, json={"tag": tag}, headers={"Idempotency-Key": key}, timeout=30.0
                    )

                # While somebody holds the head, nothing becomes durable and the mailbox fills up.
                holder = await asyncpg.connect(database.url)
                async with holder.transaction():
                    await holder.execute("SELECT FROM consign.heads WHERE organization_id = $1 FOR UPDATE", ACME)
                    scans = [asyncio.create_task(scan(*each)) for each in zip(sale.tags, keys, strict=True)]
                    turned_away, _ = await asyncio.wait(scans, timeout=10, return_when=asyncio.FIRST_COMPLETED)
                    for early in turned_away:
                        assert early.result().status_code == 503
                        assert early.result().json()["reason"] == "mailbox_full"
                        assert int(early.result().headers["Retry-After"]) >= 1
                    assert turned_away
                await holder.close()
                responses = await asyncio.gather(*scans)
                assert {response.status_code for response in responses} == {200, 503}
                for tag, key in zip(sale.tags, keys, strict=True):
                    again = await scan(tag, key)
                    assert again.status_code == 200, again.text
                await till.caller.accepted(basket.removesuffix("/scan") + "/abandon")
                await till.close()
        await prove(place, ACME, answers.heard)
