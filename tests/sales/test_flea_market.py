"""A flea market in a currency without minor units: tax in the prices, coins of ten, a surcharge, things without a tag.

Some leave to charity what they sell, some what they do not sell, and one comes late. One till loses the server
half-way, sells on, and comes back with what contradicts what the others did meanwhile.
"""

from collections import Counter
from typing import Any

import pytest

from tests.e2e.live_sale import some_id
from tests.e2e.service_process import site
from tests.sales.away import Away
from tests.sales.closing_of_accounts import agreed
from tests.sales.market import SEEDS, Desk, Document, Market, market
from tests.support.cluster import Database

SETTINGS: Document = {
    "commission": {
        "default": {"rate_ppm": 150_000, "minimum_minor": 30},
        "by_category": {"crafts": {"rate_ppm": 85_000, "fixed_minor": 20}},
        "basis": "item",
        "tax_rate_ppm": 100_000,
    },
    "categories": [
        {"code": "clothes", "name": "Clothes"},
        {"code": "snacks", "name": "Snacks", "tax": {"rate_ppm": 80_000, "included": True}},
        {"code": "crafts", "name": "Crafts of private people", "tax": {"rate_ppm": 0, "included": True}},
    ],
    "tax": {"rate_ppm": 100_000, "included": True},
    "cash_rounding_minor": 10,
    "surcharge": {"rate_ppm": 30_000, "fixed_minor": 7, "refundable": False},
    "fee_minor": 305,
    "floor": {"lost": "in_full", "late_fee_minor": 215},
    "settlement": {
        "minimum_minor": 500,
        "below_minimum": "charity",
        "negative": "bear",
        "fees_minor": {"cash": 55},
        "reissue_fee_minor": 110,
        "charity": "Akai Hane",
    },
}
PEOPLE = 6
SHARING, FLAGGING, LATE = 2, 3, 4
"""Who leaves a share of everything to charity, who what flagged things bring, and who comes late."""
SMALL, UNSOLD = 5, 6
"""Who sells one small thing, and who sells nothing and owes the fee."""

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_flea_market_in_yen_comes_to_the_yen_though_a_till_was_away(
    database: Database, nats_urls: tuple[str, str], seed: int
) -> None:
    async with site(database, *nats_urls) as running:
        await running.started()
        async with market(running, "nomi-no-ichi", SETTINGS, seed=seed) as sale:
            tags = await bring(sale)
            first, second = await sale.desk("K1", 30_000), await sale.desk("K2", 30_000)
            away = await sale.desk_away("K3", 10_000)
            await first.receive_fee(1, "cash")
            await first.receive_fee(LATE, "cash", "late")
            await sell(sale, [first, second], tags)
            await redeem(sale, first, second, tags)
            lines = await type_in(second, tags)
            await come_back(sale, first, away, tags)
            late = [tags.pop() for _ in range(2)]
            await close(sale, first, second, away, late)
            await find_owners(sale, lines, tags)
            await settle(sale, away, late)
            await give_away(sale)
            await pay_out(sale)
            await hand_on(sale)
            await agreed(sale)
            await sale.enter("closed")
            await sale.prove()


async def bring(sale: Market) -> list[str]:
    """Everybody registers, lists and brings; return the tags that shoppers may take, in the order they take them."""
    await sale.plan("Nomi no ichi", currency="JPY", time_zone="Asia/Tokyo")
    await sale.enter("registration")
    for number in range(1, PEOPLE + 1):
        assert await sale.take_part(f"consignor-{number}") == number
    rows = [
        {
            "consignor": sale.chance.randint(1, SMALL - 1),
            "category": sale.chance.choice(["clothes", "snacks", "crafts"]),
            "description": f"Thing {index}",
            "price_minor": sale.chance.randint(101, 4999),
            "donate": sale.chance.random() < 0.4,
        }
        for index in range(60)
    ]
    tags = await sale.offer(rows)
    small = await sale.offer([{"consignor": SMALL, "category": "crafts", "description": "Box", "price_minor": 700}])
    await sale.enter("drop_off")
    late = [tag for tag in tags if sale.offers[tag]["consignor"] == LATE]
    await sale.of_sale("/check-in-items", {"tags": [tag for tag in tags + small if tag not in late]})
    await sale.enter("live")
    await sale.of_sale("/check-in-items", {"tags": late})
    sale.came_late.add(LATE)
    await sale.pledge(SHARING, f"consignor-{SHARING}", 333_333)
    await sale.pledge(FLAGGING, f"consignor-{FLAGGING}", 500_000, of="flagged")
    await sale.pledge(UNSOLD, f"consignor-{UNSOLD}", 1_000_000)
    return tags[:41] + small


async def sell(sale: Market, desks: list[Desk], tags: list[str]) -> None:
    """Sell about half, in cash and by card; a thing comes back, and something is taken off another afterwards."""
    bought: list[tuple[Desk, Document, list[str]]] = []
    while len(tags) > 19:
        desk = sale.chance.choice(desks)
        taken = [tags.pop() for _ in range(sale.chance.randint(1, 3))]
        bought.append((desk, await desk.sell(*taken, card=sale.chance.random() < 0.3), taken))
    organizer = await sale.organizer()
    for desk, paid, taken in bought[::3]:
        await desk.refund(paid["receipt"], {"tag": taken[0], "amount_minor": 37}, by=organizer)
        await desk.refund(paid["receipt"], {"tag": taken[0]}, returned_to="consignor", by=organizer)
    wrong = await desks[0].sell(tags[-1])
    await desks[0].void(wrong["receipt"])


async def redeem(sale: Market, first: Desk, second: Desk, tags: list[str]) -> None:
    """Sell a voucher, give another for nothing, and use both elsewhere, one of them in part; carry coins over."""
    sold = await first.sell_voucher(90_000)
    granted = await sale.of_sale("/vouchers/grant", {"amount_minor": 55, "reason": "a torn sleeve"})
    sale.vouchers_granted_minor += 55
    basket = second.basket()
    total_minor = (await second.do(f"{basket}/scan", {"tag": tags.pop()}))["total_minor"]
    tenders = [
        {"kind": "voucher", "amount_minor": 55, "reference": granted["voucher"]},
        {"kind": "voucher", "amount_minor": total_minor - 55 - 20, "reference": sold},
        {"kind": "cash", "amount_minor": 20},
    ]
    paid = await second.do(f"{basket}/pay", {"tenders": tenders})
    assert (paid["total_minor"], paid["change_minor"]) == (total_minor, 0)
    second.drawer_minor += 20
    again = {"tenders": [{**tenders[0], "amount_minor": 1}, {"kind": "cash", "amount_minor": 10_000}]}
    other = await second.scanned(tags[-1])
    assert await second.refused(f"{other}/pay", again) == "voucher_too_low"
    await second.do(f"{other}/abandon")
    await first.send_cash(second, 5_000)


async def type_in(desk: Desk, tags: list[str]) -> list[str]:
    """Sell three things whose tags nobody can read, beside one whose tag can be; return the lines' ids."""
    lines = [some_id(desk.market.chance) for _ in range(3)]
    basket = await desk.scanned(tags.pop())
    total_minor = 0
    for line, price_minor in zip(lines, (1_230, 333, 81), strict=True):
        typed: dict[str, Any] = {
            "line": line,
            "price_minor": price_minor,
            "description": "no tag",
            "category": "crafts",
        }
        total_minor = (await desk.do(f"{basket}/add-manual-line", typed))["total_minor"]
    await desk.pay(basket, ("card", total_minor // 2), ("cash", total_minor))
    return lines


async def come_back(sale: Market, other: Desk, desk: Desk, tags: list[str]) -> None:
    """K3 sells without the server what K1 sells too, asks less for another thing, and undoes a receipt."""
    away = Away(desk)
    twice, cheaper, undone = tags.pop(), tags.pop(), tags.pop()
    away.sell(tags.pop(), tags.pop(), tags.pop())
    away.sell(twice)
    away.sell(cheaper, asked={cheaper: sale.offers[cheaper]["price_minor"] - 1})
    away.sell(undone)
    away.void()
    by_hand = away.sell_by_hand(515, "a paper lantern")
    online = await other.sell(twice)

    received = await away.upload(opened_at=sale_opened(away), float_minor=desk.float_minor)

    assert [len(each.get("conflicts", ())) for each in received] == [0, 1, 1, 0, 0]
    found = {row["kind"]: row for row in await sale.rows("/conflicts", status="open")}
    assert set(found) == {"sold_twice", "price_differs"}
    assert found["sold_twice"]["other_receipt"] == online["receipt"]
    await agreed(sale)
    accept = f"/conflicts/{found['price_differs']['conflict']}/accept"
    await sale.of_sale(accept, {"reason": "an old catalogue"})
    await desk.refund("K3-2", {"tag": found["sold_twice"]["line"]}, by=await sale.organizer())
    await sale.of_sale(f"/manual-lines/{by_hand}/credit", {"consignor": 2})
    assert not await sale.rows("/conflicts", status="open")
    await desk.sell(undone)


def sale_opened(away: Away) -> str:
    occurred: str = away.sales[0]["occurred_at"]
    return occurred


async def close(sale: Market, first: Desk, second: Desk, desk: Desk, late: list[str]) -> None:
    """Close all tills by count. K3's drawer holds the money of a sale that nobody has heard of."""
    away = Away(desk, counter=6)
    away.sell(*late)
    await first.close()
    await second.close(missing_minor=50)
    unseen_minor = away.sales[0]["total_minor"] + away.sales[0]["rounding_minor"]
    await desk.close(unseen_minor=unseen_minor)
    desk.late = away.sales


async def find_owners(sale: Market, lines: list[str], tags: list[str]) -> None:
    """Match one line to its thing, credit another, and give up on the third: it may not stay open."""
    await sale.enter("pick_up", "settlement")
    assert await sale.refused(f"/sales/{sale.sale}/settlement/freeze", {}) == "settlement_blocked"
    await agreed(sale)
    await sale.of_sale(f"/manual-lines/{lines[0]}/match", {"tag": tags.pop()})
    await sale.of_sale(f"/manual-lines/{lines[1]}/credit", {"consignor": 3})
    await sale.of_sale(f"/manual-lines/{lines[2]}/keep", {"reason": "nobody missed it"})


async def settle(sale: Market, desk: Desk, late: list[str]) -> None:
    """Freeze without K3's late sale; it comes in supplements, for a session and a settlement that were closed."""
    assert await sale.refused(f"/sales/{sale.sale}/settlement/freeze", {}) == "settlement_blocked"
    unsynced = {"kind": "unsynced_till", "name": desk.name}
    await sale.of_sale("/settlement/freeze", {"accepted": [unsynced], "reason": "nobody finds it"})
    await agreed(sale)
    away = Away(desk, counter=7)
    away.sales = desk.late
    (received,) = await away.upload()
    for conflict in received["conflicts"]:
        await sale.of_sale(f"/conflicts/{conflict}/accept", {"reason": "the till was found late"})
    supplements = await sale.of_sale("/settlement/issue-supplements", {"reason": "a till was late"})
    assert supplements["issued"] == len({sale.offers[tag]["consignor"] for tag in late})
    await agreed(sale)


async def give_away(sale: Market) -> None:
    """Everybody fetches what did not sell; what they flagged stays, and is given away."""
    unsold = (await agreed(sale)).unsold
    for number in range(1, PEOPLE + 1):
        await sale.of_sale("/collect-consignor", {"consignor": number})
    given = await sale.of_sale("/donate-rest", {})
    assert set(given["tags"]) == {tag for tag in unsold if sale.offers[tag]["donate"]}
    wanted = Counter([sale.offers[tag]["consignor"] for tag in given["tags"]])
    told = await sale.ask(f"/sales/{sale.sale}/reports/donations", by="consignor", having="donated")
    assert {row["key"]["consignor"]: row["figures"]["donated"]["value"] for row in told["rows"]} == wanted
    home = {row["tag"] for row in await sale.rows("/items", status="collected")}
    assert unsold - home == set(given["tags"])


async def hand_on(sale: Market) -> None:
    """The charity gets what was left to it and what was given up for it, once."""
    left_minor = sum(share.donated_minor for share in (await agreed(sale)).shares.values())
    assert left_minor > 0
    given_up_minor = sum(row["amount_minor"] for row in await sale.rows("/payouts", status="forfeited"))
    paid = await sale.of_sale("/settlement/pay-charity", {"reference": "transfer 1"})
    assert (paid["paid_minor"], paid["owed_minor"]) == (left_minor + given_up_minor, 0)
    sale.handed_on_minor = paid["paid_minor"]
    assert await sale.refused(f"/sales/{sale.sale}/settlement/pay-charity", {"reference": "2"}) == "nothing_to_pay"


async def pay_out(sale: Market) -> None:
    """Everybody fetches their money at a till, once; one does not come and leaves it for the next time."""
    desk = await sale.desk("K9", 500_000)
    due = await sale.rows("/payouts", status="due")
    assert {row["consignor"] for row in due} == {1, 2, 3, 4}
    given = {row["consignor"]: row for row in await sale.rows("/payouts", status="forfeited")}
    assert set(given) <= {SMALL}
    for row in due[1:]:
        await desk.pay_out(row["payout"])
        assert await desk.refused("/pay-out", {"payout": row["payout"]}) == "wrong_payout_status"
    left = f"/payouts/{due[0]['payout']}"
    await sale.of_sale(f"{left}/leave", {"reason": "never came"})
    await sale.of_sale(f"{left}/carry", {"reason": "asked for it"})
    await desk.close()
