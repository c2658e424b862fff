"""The clothing and toy bourse whose regulations the demo holds, from the first registration to the SEPA file.

Fees are due by a deadline, lists have quotas, lots are one item, what the regulations refuse is refused, and whoever
brings a neighbour pays less commission.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consign.demo.brought import as_row, items
from consign.demo.rules import sale_settings, share_sold
from tests.e2e.live_sale import some_id
from tests.e2e.service_process import site
from tests.sales.closing_of_accounts import agreed
from tests.sales.market import SEEDS, Desk, Document, Market, market
from tests.support.cluster import Database
from tests.support.eventually import eventually

DEBTOR = {"name": "ALPE", "iban": "FR1420041010050500013M02606", "bic": "PSSTFRPPXXX"}
IBAN = "DE75512108001245126199"
POINTS_PPM = 15_000
PEOPLE, ITEMS = 10, 150
FRIEND, NEIGHBOUR = 1, 2
"""Who brought whom."""
LATE, FORGETFUL = PEOPLE + 1, PEOPLE + 2
"""Who pays at the desk after the deadline, and who does not pay at all."""

pytestmark = pytest.mark.slow


def settings() -> dict[str, Any]:
    rules = sale_settings()
    return {
        **rules,
        "participation": {
            "fee_policy": "prepaid",
            "fee_due_days": 14,
            "terms_required": True,
            "referral": {"reward": "commission_points", "points_ppm": POINTS_PPM},
        },
        "floor": {"refusal_reasons": ["stained", "torn"], "other_reasons": False, "lost": "nothing"},
        "settlement": {"debtor": DEBTOR, "fees_minor": {"sepa": 20}},
    }


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_bourse_comes_to_the_cent_by_its_regulations(
    database: Database, nats_urls: tuple[str, str], seed: int
) -> None:
    async with site(database, *nats_urls) as running:
        await running.started()
        async with market(running, "alpe", settings(), seed=seed) as sale:
            await register(sale)
            await choose_slots(sale)
            await miss_the_deadline(sale)
            tags = await bring(sale, seed)
            left = await sell(sale, tags)
            await sale.enter("pick_up")
            await fetch(sale, left)
            await sale.enter("settlement")
            await give_away(sale)
            reckoned = await agreed(sale)
            assert reckoned.shares[FORGETFUL].net_minor == 0
            await sale.of_sale("/settlement/freeze", {})
            await agreed(sale)
            await transfer(sale)
            await agreed(sale)
            await sale.enter("closed")
            await sale.prove()


async def register(sale: Market) -> None:
    """People register and pay; the one who brought a neighbour is rewarded as soon as that one has paid."""
    terms = sale.settings["terms_version"]
    await sale.plan("Bourse", currency="EUR", time_zone="Europe/Paris")
    await sale.enter("registration")
    assert await sale.refused(f"/sales/{sale.sale}/change-phase", {"phase": "live"}) == "wrong_phase"
    assert await sale.take_part("agathe", terms_version=terms) == FRIEND
    code = (await sale.ask(sale.person_path(FRIEND)))["referral_code"]
    assert await sale.take_part("boris", terms_version=terms, referral_code=code) == NEIGHBOUR
    for number in range(3, PEOPLE + 1):
        assert await sale.take_part(f"consignor-{number}", terms_version=terms) == number
    for number in range(1, PEOPLE + 1):
        paid = {"reference": f"transfer {number}", "amount_minor": 500}
        await sale.say(f"{sale.person_path(number)}/record-fee-payment", paid)

    async def is_rewarded() -> bool:
        row: Document = await sale.ask(sale.person_path(FRIEND))
        return bool(row["points_off_ppm"] == POINTS_PPM)

    await eventually(is_rewarded)


async def choose_slots(sale: Market) -> None:
    """Everybody but one brings their things in the morning, which is then full: the last one is told what is free."""
    day = datetime.now(UTC) + timedelta(days=3)
    for slot, hours in (("morning", 0), ("evening", 9)):
        begins = day + timedelta(hours=hours)
        times = {"begins_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=3)).isoformat()}
        await sale.of_sale(f"/slots/{slot}/plan", {"kind": "drop_off", "capacity": PEOPLE - 1, **times})
    names = ["agathe", "boris", *(f"consignor-{number}" for number in range(3, PEOPLE + 1))]
    for number, name in enumerate(names, 1):
        body, by = {"participation": sale.people[number]}, await sale.person(name, "consignor")
        if number == PEOPLE:
            assert await sale.refused(f"/sales/{sale.sale}/slots/morning/choose", body, by=by) == "slot_full"
        slot = "evening" if number == PEOPLE else "morning"
        await sale.say(f"/sales/{sale.sale}/slots/{slot}/choose", body, by=by)


async def miss_the_deadline(sale: Market) -> None:
    """Two leave, come back on condition that they pay at once, and do not: each loses the place by itself."""
    for number in (LATE, FORGETFUL):
        assert await sale.take_part(f"consignor-{number}", terms_version=sale.settings["terms_version"]) == number
        await sale.say(f"{sale.person_path(number)}/withdraw", {"reason": "moving house"})
        soon = datetime.now(UTC) + timedelta(milliseconds=500)
        await sale.say(f"{sale.person_path(number)}/reopen", {"fee_due_at": soon.isoformat()})

    async def have_lost_their_places() -> bool:
        ended = await sale.rows("/participations", status="ended")
        return {row["number"]: row["ended_because"] for row in ended} == dict.fromkeys((LATE, FORGETFUL), "fee_unpaid")

    await eventually(have_lost_their_places)


async def bring(sale: Market, seed: int) -> list[str]:
    """List what the regulations allow, be told row by row what they do not, and check it in."""
    tags = await sale.offer([as_row(item, row) for row, item in enumerate(items(PEOPLE, ITEMS, seed))])
    good = {"consignor": NEIGHBOUR, "description": "Doudou", "price_minor": 300, "list_number": 1}
    lot = {**good, "category": "bodysuit", "size": "3 months", "brand": "Colibri"}
    wrong = [
        {**lot, "pieces": 4},
        {**lot, "pieces": 2, "size": ""},
        {**lot, "description": "Car seat", "pieces": 1},
        {**lot, "price_minor": 320},
        {**lot, "price_minor": 50},
        {**lot, "list_number": 3},
        {**lot, "consignor": FORGETFUL},
    ]
    told = await sale.of_sale("/import-items", {"rows": wrong})
    assert [(error["row"], error["reason"]) for error in told["errors"]] == [
        (0, "lot_invalid"),
        (1, "lot_invalid"),
        (2, "not_accepted"),
        (3, "price_step"),
        (4, "price_too_low"),
        (5, "quota_exceeded"),
        (6, "participation_ended"),
    ]
    await sale.enter("drop_off")
    refused = tags.pop()
    ugly = f"/sales/{sale.sale}/items/{refused}/refuse"
    assert await sale.refused(ugly, {"reason": "ugly"}) == "reason_not_listed"
    await sale.of_sale(f"/items/{refused}/refuse", {"reason": "stained"})
    unseen = tags[-1]
    await sale.of_sale("/check-in-items", {"tags": [tag for tag in tags if tag != unseen]})
    await sale.enter("live")
    return [unseen, *(tag for tag in tags if tag != unseen)]


async def sell(sale: Market, tags: list[str]) -> list[str]:
    """Three tills sell what the real bourses sold of what was brought; return what nobody wanted at first."""
    desks = [await sale.desk(name, 10_000) for name in ("K1", "K2", "K3")]
    organizer = await sale.organizer()
    late = {"participation": sale.people[LATE], "means": "cash", "reopen": True}
    assert await desks[0].refused("/receive-fee", late) == "role_needed"
    await desks[0].do("/receive-fee", late, by=organizer)
    desks[0].drawer_minor += 500
    to_sell = round(len(tags) * share_sold())
    bought: list[tuple[Desk, Document, list[str], bool]] = []
    while to_sell > 0:
        desk = sale.chance.choice(desks)
        taken = [tags.pop(0) for _ in range(min(to_sell, sale.chance.randint(1, 5)))]
        to_sell -= len(taken)
        card = sale.chance.random() < 0.35
        bought.append((desk, await desk.sell(*taken, card=card), taken, card))
    assert "not_checked_in" in bought[0][1]["warnings"]
    for _, paid, taken, card in bought[1::4]:
        desk = sale.chance.choice(desks)
        tender = "card" if card else "cash"
        await desk.refund(paid["receipt"], {"tag": taken[0], "amount_minor": 33}, tender=tender)
        await desk.refund(paid["receipt"], {"tag": taken[-1]}, tender=tender)
    waiting = await desks[0].scanned(tags[0], tags[1])
    await desks[0].do(f"{waiting}/suspend", {"note": "fetches the purse"})
    recalled = await desks[1].do(f"{waiting}/recall")
    await desks[1].pay(waiting, ("cash", recalled["total_minor"]))
    left = await desks[2].scanned(tags[2])
    assert await desks[0].refused(f"{desks[0].basket()}/scan", {"tag": tags[2]}) == "held_elsewhere"
    await desks[2].do(f"{left}/abandon")
    for desk in desks:
        await desk.close()
    return tags[2:]


async def fetch(sale: Market, left: list[str]) -> None:
    """Count the shelves, which shows that something was taken, and let half of the people fetch what is theirs."""
    stolen, counted = left[0], f"/shelf-counts/{some_id(sale.chance)}"
    floor = [row["tag"] for row in await sale.rows("/items", status="on_floor")]
    assert set(floor) > set(left)
    seen = [tag for tag in floor if tag != stolen]
    answer = await sale.of_sale(f"{counted}/scan", {"area": "the whole hall", "tags": seen})
    assert (answer["seen"], answer["expected"]) == (len(floor) - 1, len(floor))
    assert (await sale.of_sale(f"{counted}/apply", {}))["missing"] == [stolen]
    await sale.of_sale("/lose-items", {"tags": [stolen], "reason": "not on any shelf"})
    for number in range(1, PEOPLE // 2 + 1):
        home = await sale.of_sale("/collect-consignor", {"consignor": number})
        assert {sale.offers[tag]["consignor"] for tag in home["tags"]} <= {number}


async def give_away(sale: Market) -> None:
    """What nobody fetched goes to charity: afterwards nothing is left on the floor."""
    rest = await sale.of_sale("/donate-rest", {})
    assert rest["remaining"] == 0
    assert {sale.offers[tag]["consignor"] for tag in rest["tags"]} == set(range(PEOPLE // 2 + 1, PEOPLE + 1))
    ends = Counter([row["status"] for row in await sale.rows("/items")])
    assert set(ends) - {"refused"} == {"sold", "collected", "donated", "lost"}
    assert ends["donated"] == len(rest["tags"])


async def transfer(sale: Market) -> None:
    """Pay everybody by one file for the bank, which is the same every time; who has no account fetches the money."""
    due = {row["consignor"]: row for row in await sale.rows("/payouts", status="due")}
    for number in due:
        if number != NEIGHBOUR:
            details = {"sale": sale.sale, "details": {"name": f"Person {number}", "iban": IBAN}}
            await sale.say(f"{sale.person_path(number)}/change-payout-details", details)
    prepared = await sale.of_sale("/payouts/prepare", {"method": "sepa", "execute_on": "2026-12-01"})
    (batch,) = prepared["batches"]
    path = f"/sales/{sale.sale}/payout-batches/{batch['batch']}"
    file = await sale.download(f"{path}/file")
    assert file.text.count(IBAN) == batch["count"] == len(due) - (NEIGHBOUR in due)
    assert (await sale.download(f"{path}/file")).content == file.content
    await sale.say(f"{path}/send", {})
    await sale.say(f"{path}/confirm", {})
    if NEIGHBOUR in due:
        safe = await sale.desk("K9", 100_000)
        await safe.pay_out(due[NEIGHBOUR]["payout"])
        await safe.close()
