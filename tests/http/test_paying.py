"""Paying step by step over the whole service: tenders, a card provider that answers, late money, and all of it back."""

from typing import Any

from tests.papers.reading import texts
from tests.support.shop import Shop, new_id, problem


async def begun(shop: Shop, tag: str) -> str:
    basket = new_id()
    await shop.client.done(shop.basket(basket, "scan"), {"tag": tag})
    return basket


def cash(amount_minor: int) -> dict[str, Any]:
    return {"tenders": [{"tender": new_id(), "kind": "cash", "amount_minor": amount_minor}]}


async def balances(shop: Shop, position: int) -> dict[str, int]:
    books = (await shop.client.get("/books", sale=shop.sale, after_position=position)).json()["sales"][0]
    assert books["sum_minor"] == 0
    accounts = ("suspense", "provider", "voucher")
    found = {each["account"]: each["balance_minor"] for each in books["accounts"]}
    return {account: found[account] for account in accounts if found.get(account)}


async def x_report(shop: Shop, position: int) -> str:
    answer = await shop.client.get(f"/sessions/{shop.session}/report.pdf", after_position=position)
    assert answer.status_code == 200, answer.text
    return " ".join(" ".join(texts(answer.content)).split())


async def test_a_basket_is_paid_by_cash_and_by_a_provider_that_a_machine_speaks_for(shop: Shop) -> None:
    client, basket, payment = shop.client, await begun(shop, shop.tags[2]), new_id()
    machine = client.token_of("sumup-adapter", {client.organization: ("integrator",)})
    await client.done(shop.basket(basket, "take-tenders"), cash(50))
    asked = await client.done(shop.basket(basket, "request-payment"), {"payment": payment, "provider": "sumup"})
    assert (asked["due_minor"], asked["waiting_minor"], asked["receipt"]) == (150, 150, None)
    problem(await client.post(shop.basket(basket, "scan"), {"tag": shop.tags[3]}), 409, "basket_paying")
    row = (await client.get(f"/baskets/{basket}", after_position=asked["position"])).json()
    assert (row["status"], row["total_minor"], row["taken"][0]["amount_minor"]) == ("paying", 200, 50)
    assert [(each["payment"], each["status"]) for each in row["payments"]] == [(payment, "requested")]
    assert await balances(shop, asked["position"]) == {"suspense": -50}
    assert "Taken, not paid up yet 0.50 Expected 100.50" in await x_report(shop, asked["position"])

    answered = f"/sessions/{shop.session}/payments/{payment}/approve"
    paid = await client.done(answered, {"reference": "TX-1"}, token=machine)
    again = await client.done(answered, {"reference": "TX-1"}, token=machine)
    number = paid["receipt"]["receipt"]
    assert (paid["status"], again["status"]) == ("approved", "approved")
    assert (paid["receipt_number"], again["receipt_number"], again["receipt"]) == (number, number, None)
    found = await client.get(f"/sales/{shop.sale}/payments/{payment}", after_position=paid["position"], token=machine)
    assert (found.json()["receipt"], found.json()["reference"]) == (number, "TX-1")
    receipt = (await client.get(f"/sales/{shop.sale}/receipts/{number}", after_position=paid["position"])).json()
    assert [(each["kind"], each["amount_minor"]) for each in receipt["tenders"]] == [("cash", 50), ("provider", 150)]
    till = (await client.get(f"/sessions/{shop.session}", after_position=paid["position"])).json()["figures"]
    assert (till["cash_minor"], till["provider_minor"], till.get("taken_cash_minor", 0)) == (50, 150, 0)
    assert await balances(shop, paid["position"]) == {"provider": 150}
    assert "Cash 0.50 Card 0.00 Card via provider 1.50" in await x_report(shop, paid["position"])
    slip = await client.get(f"/sales/{shop.sale}/receipts/{number}/paper.pdf", after_position=paid["position"])
    assert "Card via provider 1.50 TX-1" in " ".join(" ".join(texts(slip.content)).split())

    part = {"tender": "provider", "reason": "a stain", "lines": [{"tag": shop.tags[2], "amount_minor": 150}]}
    refund = await client.done(f"/sessions/{shop.session}/receipts/{number}/refund", part)
    assert await balances(shop, refund["position"]) == {"suspense": -150, "provider": 150}


async def test_money_that_comes_late_is_listed_until_the_provider_has_given_it_back(shop: Shop) -> None:
    client, basket, payment = shop.client, await begun(shop, shop.tags[2]), new_id()
    await client.done(shop.basket(basket, "take-tenders"), cash(50))
    await client.done(shop.basket(basket, "request-payment"), {"payment": payment, "provider": "sumup"})
    cancelled = await client.done(shop.basket(basket, "cancel-paying"), {"reason": "takes too long"})
    assert (cancelled["cash_back_minor"], cancelled["provider_back_minor"]) == (50, 0)
    row = (await client.get(f"/baskets/{basket}", after_position=cancelled["position"])).json()
    assert (row["status"], row["taken"], row["payments"]) == ("open", [], [])

    cashier = client.token_of("somebody-else", {client.organization: ("cashier",)})
    answered = f"/sessions/{shop.session}/payments/{payment}/approve"
    problem(await client.post(answered, {"reference": "TX-1"}, token=cashier), 403, "not_your_session")
    late = await client.done(answered, {"reference": "TX-1"})
    assert (late["receipt"], late["owed_minor"]) == (None, 150)
    owing = (await client.get("/payments", sale=shop.sale, owes="true", after_position=late["position"])).json()[
        "items"
    ]
    assert [(each["payment"], each["late"], each["next_step"]) for each in owing] == [(payment, True, "give_back")]
    assert await balances(shop, late["position"]) == {"suspense": -150, "provider": 150}

    recorded = f"/sales/{shop.sale}/payments/{payment}/record-refund"
    problem(await client.post(recorded, {"amount_minor": 151, "reference": "RF-1"}), 422, "refund_too_high")
    back = await client.done(recorded, {"amount_minor": 150, "reference": "RF-1"})
    assert (back["owed_minor"], back["given_back_minor"]) == (0, 150)
    assert await balances(shop, back["position"]) == {}
    assert (await client.get("/payments", owes="true", after_position=back["position"])).json()["items"] == []
