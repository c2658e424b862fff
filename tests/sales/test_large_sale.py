"""A sale as large as they come: every till sells at once, a third of everything goes, and everybody is settled with."""

import asyncio
from typing import NamedTuple

import pytest

from tests.e2e.service_process import site
from tests.sales.closing_of_accounts import agreed
from tests.sales.market import Desk, Document, Market, market
from tests.support.cluster import Database

SETTINGS: Document = {
    "commission": {
        "default": {"rate_ppm": 200_000},
        "by_tier": {"helper": {"rate_ppm": 125_000}},
        "by_category": {"books": {"rate_ppm": 333_333, "fixed_minor": 7}},
    },
    "categories": [{"code": "toys", "name": "Toys"}, {"code": "books", "name": "Books"}],
    "tax": {"rate_ppm": 55_000, "included": True},
    "cash_rounding_minor": 5,
    "fee_minor": 300,
    "settlement": {"minimum_minor": 500, "fees_minor": {"cheque": 40}},
}
OF_LINES_TAKEN_TO_TWO_TILLS = 0.03
OF_RECEIPTS_REFUNDED = 0.05


class Size(NamedTuple):
    consignors: int
    items: int
    tills: int


SMALL, LARGE = Size(30, 600, 5), Size(1_000, 50_000, 15)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("size", [SMALL, pytest.param(LARGE, marks=pytest.mark.proof)])
async def test_a_large_sale_comes_to_the_cent_for_every_consignor(
    database: Database, nats_urls: tuple[str, str], size: Size
) -> None:
    async with site(database, *nats_urls) as running:
        await running.started()
        async with market(running, "large", SETTINGS) as sale:
            tags = await bring(sale, size)
            await sell(sale, size, tags)
            await sale.enter("pick_up", "settlement")
            await agreed(sale)
            frozen = await sale.of_sale("/settlement/freeze", {})
            assert frozen["statements"] == size.consignors
            await pay_out(sale, size)
            await agreed(sale)
            await sale.enter("closed")
            await sale.prove()


async def bring(sale: Market, size: Size) -> list[str]:
    await sale.plan("Large", currency="EUR", time_zone="Europe/Berlin")
    await sale.enter("registration")
    people = [
        {"number": number, "profile": {"name": f"Person {number}"}, **({"tier": "helper"} if number % 4 == 0 else {})}
        for number in range(1, size.consignors + 1)
    ]
    for begin in range(0, len(people), 500):
        answer = await sale.of_sale("/import-consignors", {"rows": people[begin : begin + 500]})
        sale.people.update((row["number"], row["participation"]) for row in answer["registered"])
    rows = [
        {
            "consignor": index % size.consignors + 1,
            "category": "books" if sale.chance.random() < 0.2 else "toys",
            "description": f"Thing {index}",
            "price_minor": sale.chance.randint(50, 4999),
        }
        for index in range(size.items)
    ]
    tags = await sale.offer(rows)
    await sale.enter("drop_off")
    for begin in range(0, len(tags), 500):
        await sale.of_sale("/check-in-items", {"tags": tags[begin : begin + 500]})
    await sale.enter("live")
    return tags


async def sell(sale: Market, size: Size, tags: list[str]) -> None:
    """Every till takes what shoppers carry to it until a third is sold; some carry the same thing to two tills."""
    desks = [await sale.desk(f"K{number}", 20_000) for number in range(1, size.tills + 1)]
    wanted = sale.chance.sample(tags, size.items // 3)
    async with asyncio.TaskGroup() as hall:
        for desk in desks:
            hall.create_task(serve(desk, wanted))
    for desk in desks:
        await desk.close()


async def serve(desk: Desk, wanted: list[str]) -> None:
    chance = desk.market.chance
    while wanted:
        bought = [wanted.pop() for _ in range(min(len(wanted), chance.randint(1, 9)))]
        if chance.random() < OF_LINES_TAKEN_TO_TWO_TILLS:
            bought[0] = chance.choice(list(desk.market.offers))
        basket, taken, total_minor = desk.basket(), list[str](), 0
        for tag in bought:
            answer = await desk.try_to(f"{basket}/scan", {"tag": tag})
            if answer is not None:
                taken.append(tag)
                total_minor = answer["total_minor"]
        if not taken:
            continue
        tender = "card" if chance.random() < 0.35 else "cash"
        paid = await desk.pay(basket, (tender, total_minor if tender == "card" else total_minor + 1000))
        if chance.random() < OF_RECEIPTS_REFUNDED:
            await desk.refund(paid["receipt"], {"tag": taken[0]}, tender=tender)


async def pay_out(sale: Market, size: Size) -> None:
    """Write a cheque to everybody who is owed enough for one."""
    for number, participation in sale.people.items():
        details = {"sale": sale.sale, "details": {"name": f"Person {number}"}}
        await sale.say(f"/participations/{participation}/change-payout-details", details)
    prepared = await sale.of_sale("/payouts/prepare", {"method": "cheque", "first_cheque": 1})
    for batch in prepared["batches"]:
        path = f"/payout-batches/{batch['batch']}"
        await sale.of_sale(f"{path}/send", {})
        await sale.of_sale(f"{path}/confirm", {})
    assert not await sale.rows("/payouts", status="due")
    assert sum(batch["count"] for batch in prepared["batches"]) > size.consignors // 2
