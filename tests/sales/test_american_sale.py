"""A consignment sale as they are held in the state of New York, from registration to the last cheque.

Consignors keep 60 to 70 % by tier, sales tax comes on top, the last day is half price for what its consignor marked,
a promise to help that was broken costs its rate, and cheques begin at ten dollars.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.service_process import site
from tests.sales.closing_of_accounts import agreed
from tests.sales.market import SEEDS, Desk, Document, Market, market
from tests.support.cluster import Database

NEW_YORK = ZoneInfo("America/New_York")
HALF = "Half-price day"
TERMS = "2026-fall"

pytestmark = pytest.mark.slow


def last_change(zone: ZoneInfo, now: datetime) -> datetime:
    """Return the last hour before the clocks changed for the last time."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    offset = hour.astimezone(zone).utcoffset()
    while hour.astimezone(zone).utcoffset() == offset:
        hour -= timedelta(hours=1)
    return hour


def on_the_wall(instant: datetime) -> str:
    return instant.astimezone(NEW_YORK).replace(tzinfo=None).isoformat(timespec="seconds")


def settings(now: datetime) -> Document:
    """Return the rules. Half price began before the clocks changed.

    Two more windows would be open now if the other season's offset were applied to them: at the end of the one and at
    the beginning of the other.
    """
    soon, before = timedelta(minutes=30), last_change(NEW_YORK, now)
    return {
        "commission": {
            "default": {"rate_ppm": 400_000},
            "by_tier": {
                "crew": {"rate_ppm": 300_000},
                "helper": {"rate_ppm": 350_000},
                "broken": {"rate_ppm": 450_000},
            },
        },
        "categories": [
            {"code": "toys", "name": "Toys"},
            {"code": "clothes", "name": "Clothing under $110", "tax": {"rate_ppm": 0, "included": False}},
        ],
        "price_step_minor": 25,
        "tax": {"rate_ppm": 88_750, "included": False},
        "fee_minor": 1250,
        "fee_covers_lists": 1,
        "extra_list_fee_minor": 425,
        "discount_step_minor": 25,
        "discount_limits_ppm": {"cashier": 200_000},
        "discount_windows": [
            {
                "name": HALF,
                "rate_ppm": 500_000,
                "begins": on_the_wall(before - timedelta(hours=12)),
                "ends": on_the_wall(now + timedelta(days=1)),
            },
            {
                "name": "Over already",
                "rate_ppm": 900_000,
                "begins": on_the_wall(now - timedelta(days=2)),
                "ends": on_the_wall(now - soon),
            },
            {
                "name": "Yet to come",
                "rate_ppm": 900_000,
                "begins": on_the_wall(now + soon),
                "ends": on_the_wall(now + timedelta(days=2)),
            },
        ],
        "shifts": {
            "tiers": [{"minutes": 120, "tier": "helper"}, {"minutes": 300, "tier": "crew"}],
            "broken_tier": "broken",
        },
        "terms_version": TERMS,
        "participation": {"terms_required": True},
        "settlement": {"minimum_minor": 1000, "fees_minor": {"cheque": 75}, "reissue_fee_minor": 500},
    }


PEOPLE = 9
CREW, HELPER, BROKEN, MUCH, SMALL, UNSOLD = 1, 2, 3, 7, 8, 9
"""Who works on the crew, who helped, who broke their promise, who brings much, sells little, and sells nothing."""


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_sale_in_new_york_comes_to_the_cent_for_every_consignor(
    database: Database, nats_urls: tuple[str, str], seed: int
) -> None:
    async with site(database, *nats_urls) as running:
        await running.started()
        async with market(running, "new-york", settings(datetime.now(UTC)), seed=seed) as sale:
            await register(sale)
            tags = await bring(sale)
            await sell(sale, tags)
            await work(sale)
            await sale.enter("pick_up", "settlement")
            await agreed(sale)
            await lose(sale)
            await agreed(sale)
            await settle_with_provider(sale)
            frozen = await sale.of_sale("/settlement/freeze", {})
            reckoned = await agreed(sale)
            assert frozen["net_minor"] == sum(share.net_minor for share in reckoned.shares.values())
            await find_again(sale)
            await pay_by_cheque(sale)
            await agreed(sale)
            await carry_on(sale)
            await sale.prove()


async def register(sale: Market) -> None:
    """Everybody registers by themselves; three promise to help, one of whom does not come."""
    await sale.plan("Fall sale", currency="USD", time_zone="America/New_York")
    await sale.enter("registration")
    for number in range(1, PEOPLE + 1):
        assert await sale.take_part(f"consignor-{number}", terms_version=TERMS) == number
    await promise(sale)
    paid = {"reference": "transfer 117", "amount_minor": 1250}
    for number in (CREW, SMALL):
        await sale.say(f"{sale.person_path(number)}/record-fee-payment", paid)
    await sale.say(f"{sale.person_path(HELPER)}/waive-fee", {"reason": "brings the tables"})


async def promise(sale: Market) -> None:
    """Three promise work, each for a shift that has begun by now: the desk writes them down."""
    begins = datetime.now(UTC) - timedelta(minutes=1)
    for shift, minutes, numbers in (("floor", 300, (CREW, BROKEN)), ("door", 120, (HELPER,))):
        ends = begins + timedelta(minutes=minutes)
        times = {"begins_at": begins.isoformat(), "ends_at": ends.isoformat()}
        await sale.of_sale(f"/shifts/{shift}/plan", {"task": shift, "capacity": len(numbers), **times})
        for number in numbers:
            await sale.of_sale(f"/shifts/{shift}/take", {"participation": sale.people[number]})


async def work(sale: Market) -> None:
    """Two keep their promise; the third does not come, which changes the rate of all that was sold already."""
    await agreed(sale)
    promised = {row["number"]: row["tier"] for row in await sale.rows("/participations")}
    assert (promised[CREW], promised[HELPER], promised[BROKEN]) == ("crew", "helper", "crew")
    await sale.of_sale("/shifts/floor/record-work", {"consignor": CREW, "minutes": 300})
    await sale.of_sale("/shifts/door/record-work", {"consignor": HELPER, "minutes": 150})
    missed = await sale.of_sale("/shifts/floor/record-no-show", {"consignor": BROKEN})
    assert (missed["tier"], missed["broken"]) == ("broken", True)


async def lose(sale: Market) -> None:
    """Two things are nowhere to be found: their consignors get what a sale would have brought them."""
    gone = [row["tag"] for row in await sale.rows("/items", status="on_floor", consignor=UNSOLD)][:2]
    await sale.of_sale("/miss-items", {"tags": gone})
    await sale.of_sale("/lose-items", {"tags": gone, "reason": "not on any rack"})


async def find_again(sale: Market) -> None:
    """One of them turns up after the statements: a supplement takes back what was given for it."""
    (found, *_) = [row["tag"] for row in await sale.rows("/items", status="lost")]
    await sale.of_sale("/find-items", {"tags": [found]})
    assert (await sale.of_sale("/settlement/issue-supplements", {"reason": "it turned up"}))["issued"] == 1
    other = [row["tag"] for row in await sale.rows("/items", status="lost")]
    await sale.of_sale("/find-items", {"tags": other})
    await sale.of_sale("/settlement/issue-supplements", {"reason": "so did the other one"})
    await agreed(sale)


async def buy_lists(sale: Market) -> None:
    """The fee covers one list; who brings much has two more, which come off the proceeds."""
    third = {"consignor": MUCH, "category": "toys", "description": "Swing", "price_minor": 900, "list_number": 3}
    (error,) = (await sale.of_sale("/import-items", {"rows": [third]}))["errors"]
    assert error["reason"] == "quota_exceeded"
    by = await sale.person(f"consignor-{MUCH}", "consignor")
    bought = await sale.say(f"{sale.person_path(MUCH)}/buy-lists", {"lists": 2}, by=by)
    assert (bought["bought_lists"], bought["charged_minor"]) == (2, 850)


async def bring(sale: Market) -> dict[int, list[str]]:
    """Everybody lists and brings; return the tags by consignor. One thing is refused, another comes unannounced."""
    brought: dict[int, list[str]] = {}
    await buy_lists(sale)
    for number in range(1, PEOPLE + 1):
        rows = [
            {
                "consignor": number,
                "category": sale.chance.choice(["toys", "clothes"]),
                "description": f"Thing {index}",
                "price_minor": 25 * sale.chance.randint(10, 120),
                "reduce": sale.chance.random() < 0.5,
                "list_number": 1 + (index // 3 if number == MUCH else 0),
            }
            for index in range(1 if number == SMALL else 8)
        ]
        if number == SMALL:
            rows[0] |= {"price_minor": 1175, "reduce": False}
        brought[number] = await sale.offer(rows)
    await sale.enter("drop_off")
    await sale.of_sale(f"/items/{brought[CREW].pop()}/refuse", {"reason": "stained"})
    for number in range(1, PEOPLE + 1):
        await sale.of_sale("/check-in-consignor", {"consignor": number})
    await sale.enter("live")
    return brought


async def sell(sale: Market, brought: dict[int, list[str]]) -> None:
    """Two tills sell three quarters of everything, with all that goes wrong on such a day."""
    things = [tag for number, tags in brought.items() if number not in (SMALL, UNSOLD) for tag in tags]
    sale.chance.shuffle(things)
    first, second = await sale.desk("K1", 20_000), await sale.desk("K2", 15_000)
    await first.receive_fee(4, "cash")
    await second.receive_fee(5, "card")
    await first.sell(*brought[SMALL])
    receipts: list[tuple[Desk, Document, list[str], bool]] = []
    while len(things) > 14:
        desk = sale.chance.choice([first, second])
        bought = [things.pop() for _ in range(sale.chance.randint(1, 5))]
        card = sale.chance.random() < 0.4
        receipts.append((desk, await desk.sell(*bought, card=card), bought, card))
    await haggle(sale, first, things)
    await pay_by_provider(sale, second, things)
    assert await second.refused(f"{second.basket()}/scan", {"tag": receipts[0][2][0]}) == "already_sold"
    for desk, paid, bought, card in receipts[::5]:
        tender = "card" if card else "cash"
        await desk.refund(paid["receipt"], {"tag": bought[0], "amount_minor": 101}, tender=tender)
        await desk.refund(paid["receipt"], {"tag": bought[-1]}, tender=tender)
    desk, paid, bought, _ = receipts[1]
    await desk.void(paid["receipt"])
    await desk.sell(*bought)
    await first.move_cash(-5000, "to the safe")
    await first.close()
    await second.close(missing_minor=25)


async def haggle(sale: Market, desk: Desk, things: list[str]) -> None:
    """A cashier takes something off a line, an organizer more of another, and a helper pays less for all of it."""
    organizer = await sale.organizer()
    tags = [things.pop() for _ in range(4)]
    basket = await desk.scanned(*tags)
    torn = {"tag": tags[0], "discount": {"rate_ppm": 50_000}, "reason": "a button is missing"}
    await desk.do(f"{basket}/discount-line", torn)
    too_much = {**torn, "discount": {"rate_ppm": 300_000}}
    assert await desk.refused(f"{basket}/discount-line", too_much) == "discount_needs_role"
    last = {"tag": tags[1], "price_minor": 100, "reason": "the last one of its kind"}
    await desk.do(f"{basket}/override-price", last, by=organizer)
    helper = {"discount": {"rate_ppm": 100_000}, "reason": "a helper buys"}
    total_minor = (await desk.do(f"{basket}/discount", helper))["total_minor"]
    await desk.pay(basket, ("card", total_minor // 3), ("cash", total_minor))


async def pay_by_provider(sale: Market, desk: Desk, things: list[str]) -> None:
    """Shoppers pay with their phones beside some cash; one leaves in the middle, and is charged all the same."""
    tags = [things.pop() for _ in range(3)]
    basket = await desk.scanned(*tags)
    await desk.take_cash(basket, 500)
    payment = await desk.ask_provider(basket)
    assert await desk.refused(f"{basket}/scan", {"tag": things[0]}) == "basket_paying"
    paid = await desk.do(f"{payment}/approve", {"reference": "TX-1"})
    receipt = paid["receipt"]["receipt"]
    back = await desk.refund(receipt, {"tag": tags[0], "amount_minor": 25}, tender="provider")
    given_back = {"amount_minor": back["amount_minor"], "reference": "RF-1"}
    await sale.of_sale(f"{payment}/record-refund", given_back)

    wrong = await desk.scanned(things.pop())
    declined = await desk.ask_provider(wrong)
    await desk.do(f"{declined}/decline", {"reason": "no funds"})
    second_try = await desk.ask_provider(wrong)
    paid = await desk.do(f"{second_try}/approve", {"reference": "TX-2"})
    voided = await desk.void(paid["receipt"]["receipt"])
    assert voided["provider_back_minor"] == paid["amount_minor"]

    left = await desk.scanned(things[0], things[1])
    await desk.take_cash(left, 300)
    late = await desk.ask_provider(left)
    assert await desk.refused("/close", {"counted_minor": desk.drawer_minor}) == "basket_paying"
    assert (await desk.cancel_paying(left))["cash_back_minor"] == 300
    await desk.do(f"{left}/abandon", {})
    assert (await desk.do(f"{late}/approve", {"reference": "TX-3"}))["owed_minor"] > 0
    owing = {row["reference"] for row in await sale.rows("/payments", owes="true")}
    assert owing == {"TX-2", "TX-3"}


async def settle_with_provider(sale: Market) -> None:
    """Nothing is settled while a provider has shoppers' money, until somebody records that it was given back."""
    assert await sale.refused(f"/sales/{sale.sale}/settlement/freeze", {}) == "settlement_blocked"
    for row in await sale.rows("/payments", owes="true"):
        given_back = {"amount_minor": row["owed_minor"], "reference": f"RF-{row['reference']}"}
        await sale.of_sale(f"/payments/{row['payment']}/record-refund", given_back)
    await agreed(sale)


async def pay_by_cheque(sale: Market) -> None:
    """Write cheques to whoever is owed ten dollars; one gets lost and is written again."""
    payouts = {row["consignor"]: row for row in await sale.rows("/payouts")}
    carried: Counter[int] = Counter()
    for row in await sale.rows("/payouts", status="carried"):
        carried[row["consignor"]] += row["amount_minor"]
    assert (carried[SMALL], carried[UNSOLD]) == (705, -1250)
    for number, participation in sale.people.items():
        details = {"sale": sale.sale, "details": {"name": f"Consignor {number}"}}
        await sale.say(f"/participations/{participation}/change-payout-details", details)
    batch = await write_cheques(sale, 1001)
    await sale.of_sale(f"/payouts/{payouts[CREW]['payout']}/return", {"reason": "moved away"})
    await sale.of_sale(f"/payout-batches/{batch}/confirm", {})
    await sale.of_sale(f"/payouts/{payouts[CREW]['payout']}/reissue", {})
    again = await write_cheques(sale, 2001)
    await sale.of_sale(f"/payout-batches/{again}/confirm", {})
    written = {row["consignor"]: row for row in await sale.rows("/payouts", status="paid")}
    assert written[CREW]["fee_minor"] == 575
    assert written[CREW]["cheque"] == 2001


async def write_cheques(sale: Market, first: int) -> str:
    prepared = await sale.of_sale("/payouts/prepare", {"method": "cheque", "first_cheque": first})
    (batch,) = prepared["batches"]
    number: str = batch["batch"]
    cheques = await sale.download(f"/sales/{sale.sale}/payout-batches/{number}/file")
    assert str(first) in cheques.text
    await sale.of_sale(f"/payout-batches/{number}/send", {})
    return number


async def carry_on(sale: Market) -> None:
    """The sale is closed; what was too little for a cheque counts in the next one."""
    await sale.enter("closed")
    earlier, people = sale.sale, dict(sale.people)
    sale.begin_another()
    await sale.of_sale("/plan", {"name": "Spring sale", "settings": sale.settings})
    await sale.enter("registration")
    for number in (SMALL, UNSOLD):
        again = await sale.take_part(f"consignor-{number}", terms_version=TERMS)
        body = {
            "participation": sale.people[again],
            "from_sale": earlier,
            "from_participation": people[number],
        }
        brought = await sale.of_sale("/settlement/bring-forward", body)
        assert brought["amount_minor"] == {SMALL: 705, UNSOLD: -1250}[number]
        assert await sale.refused(f"/sales/{sale.sale}/settlement/bring-forward", body) == "nothing_carried"
