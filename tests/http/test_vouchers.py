"""Vouchers over the whole service: sold, used in part, given back to, paid out and blocked, with the books beside."""

from typing import Any

from tests.support.shop import SETTINGS, Client, Shop, new_id, problem

WORTH_MINOR = 400
RULES = {"voucher_validity_days": 30, "voucher_cash_out_limits_minor": {"cashier": 100}}


async def with_rules(shop: Shop) -> None:
    settings = {**SETTINGS, "till": RULES}
    await shop.client.done(f"/sales/{shop.sale}/change-settings", {"settings": settings})


async def bought(shop: Shop) -> dict[str, Any]:
    said = {"amount_minor": WORTH_MINOR, "tenders": [{"kind": "cash", "amount_minor": 500}]}
    return await shop.client.done(f"/sessions/{shop.session}/sell-voucher", said)


def by_voucher(code: str, amount_minor: int, cash_minor: int = 0) -> dict[str, Any]:
    cash = [{"kind": "cash", "amount_minor": cash_minor}] if cash_minor else []
    return {"tenders": [{"kind": "voucher", "amount_minor": amount_minor, "reference": code}, *cash]}


async def paid_by_voucher(shop: Shop, tag: str, tenders: dict[str, Any]) -> dict[str, Any]:
    basket = new_id()
    await shop.client.done(shop.basket(basket, "scan"), {"tag": tag})
    return await shop.client.done(shop.basket(basket, "pay"), tenders)


async def voucher(shop: Shop, code: str, position: int) -> dict[str, Any]:
    answer = await shop.client.get(f"/sales/{shop.sale}/vouchers/{code}", after_position=position)
    assert answer.status_code == 200, answer.text
    row: dict[str, Any] = answer.json()
    return row


async def owed(shop: Shop, position: int) -> int:
    """Return what the books owe for vouchers; the books themselves come to zero."""
    books = (await shop.client.get("/books", sale=shop.sale, after_position=position)).json()["sales"][0]
    assert books["sum_minor"] == 0
    balances: dict[str, int] = {each["account"]: each["balance_minor"] for each in books["accounts"]}
    return -balances.get("voucher", 0)


async def test_a_voucher_is_sold_for_change_used_in_part_and_worth_the_rest(shop: Shop) -> None:
    await with_rules(shop)
    sold = await bought(shop)
    code = sold["voucher"]
    assert (sold["balance_minor"], sold["change_minor"], len(code)) == (WORTH_MINOR, 100, 12)
    assert sold["expires_at"] is not None
    assert await owed(shop, sold["position"]) == WORTH_MINOR

    shown = f"{code[:4]}-{code[4:8]}-{code[8:]}".lower()
    paid = await paid_by_voucher(shop, shop.tags[2], by_voucher(shown, 150, cash_minor=100))

    assert (paid["total_minor"], paid["change_minor"]) == (200, 50)
    row = await voucher(shop, code, paid["position"])
    assert (row["status"], row["issued_minor"], row["balance_minor"]) == ("good", WORTH_MINOR, 250)
    assert [(use["receipt"], use["amount_minor"]) for use in row["uses"]] == [(paid["receipt"], -150)]
    assert await owed(shop, paid["position"]) == 250


async def test_a_refund_goes_back_to_the_voucher_or_to_a_new_one_and_a_void_gives_it_all_back(shop: Shop) -> None:
    client, code = shop.client, (await bought(shop))["voucher"]
    first = await paid_by_voucher(shop, shop.tags[1], by_voucher(code, 150))
    refund = {"tender": "voucher", "reason": "does not fit", "reference": code}
    back = await client.done(f"/sessions/{shop.session}/receipts/{first['receipt']}/refund", refund)
    assert (back["amount_minor"], back["voucher"]) == (150, code)
    assert (await voucher(shop, code, back["position"]))["balance_minor"] == WORTH_MINOR

    second = await paid_by_voucher(shop, shop.tags[2], by_voucher(code, 200))
    voided = await client.done(f"/sessions/{shop.session}/receipts/{second['receipt']}/void", {"reason": "twice"})
    assert voided["voucher_back_minor"] == 200

    cash = await shop.sold(shop.tags[3])
    to_new = {"tender": "voucher", "reason": "does not fit"}
    new = await client.done(f"/sessions/{shop.session}/receipts/{cash['receipt']}/refund", to_new)
    assert new["voucher"] != code
    row = await voucher(shop, new["voucher"], new["position"])
    assert (row["origin"], row["receipt"], row["balance_minor"]) == ("refund", cash["receipt"], 250)
    assert await owed(shop, new["position"]) == WORTH_MINOR + 250


async def test_a_voucher_that_nobody_used_is_taken_back_and_then_worth_nothing(shop: Shop) -> None:
    client, code = shop.client, (await bought(shop))["voucher"]
    till = f"/sessions/{shop.session}"
    back = await client.done(f"{till}/take-voucher-back", {"voucher": code, "reason": "mistyped"})
    assert back["cash_back_minor"] == WORTH_MINOR
    assert (await voucher(shop, code, back["position"]))["status"] == "taken_back"
    assert await owed(shop, back["position"]) == 0
    refused = await client.post(f"{till}/take-voucher-back", {"voucher": code, "reason": "mistyped"})
    problem(refused, 409, "voucher_used")


async def test_what_a_voucher_cannot_do_is_refused_with_why(shop: Shop, client: Client) -> None:
    code = (await bought(shop))["voucher"]
    basket = new_id()
    await client.done(shop.basket(basket, "scan"), {"tag": shop.tags[5]})
    for typed, amount_minor, status, reason in (
        ("nonsense", 350, 422, "voucher_invalid"),
        (code[:-1] + ("2" if code[-1] != "2" else "3"), 350, 422, "voucher_invalid"),
        ("222222222222", 350, 404, "unknown_voucher"),
        (code, 401, 422, "voucher_exceeds_total"),
    ):
        answer = await client.post(shop.basket(basket, "pay"), by_voucher(typed, amount_minor))
        problem(answer, status, reason)
    assert (await client.post(shop.basket(basket, "pay"), by_voucher(code, 350))).status_code == 200
    other = new_id()
    await client.done(shop.basket(other, "scan"), {"tag": shop.tags[0]})
    problem(await client.post(shop.basket(other, "pay"), by_voucher(code, 100)), 409, "voucher_too_low")


async def test_a_small_rest_is_paid_out_by_a_cashier_and_a_large_one_by_an_organizer(
    shop: Shop, client: Client
) -> None:
    await with_rules(shop)
    cashier = client.token_of("anna", {client.organization: ("cashier",)})
    code = (await bought(shop))["voucher"]
    path = f"/sessions/{shop.session}/cash-out-voucher"
    problem(await client.post(path, {"voucher": code}, token=cashier), 403, "voucher_needs_role")
    await paid_by_voucher(shop, shop.tags[4], by_voucher(code, 300))

    out = await client.done(path, {"voucher": code}, token=cashier)

    assert (out["amount_minor"], out["cash_back_minor"]) == (100, 100)
    row = await voucher(shop, code, out["position"])
    assert (row["status"], row["balance_minor"], row["cashed_out_minor"]) == ("cashed_out", 0, 100)
    assert await owed(shop, out["position"]) == 0
    session = (await client.get(f"/sessions/{shop.session}", after_position=out["position"])).json()
    assert session["expected_minor"] == 10_000 + WORTH_MINOR - 100
    assert session["figures"]["vouchers_out_minor"] == 100
    problem(await client.post(path, {"voucher": code}), 409, "voucher_used")
    large = await bought(shop)
    assert (await client.done(path, {"voucher": large["voucher"]}))["cash_back_minor"] == WORTH_MINOR


async def test_a_lost_voucher_is_blocked_by_a_cashier_and_unblocked_by_an_organizer_alone(
    shop: Shop, client: Client
) -> None:
    cashier = client.token_of("anna", {client.organization: ("cashier",)})
    code = (await bought(shop))["voucher"]
    path = f"/sales/{shop.sale}/vouchers/{code}"
    blocked = await client.done(f"{path}/block", {"reason": "lost on the way home"}, token=cashier)
    assert (blocked["blocked"], blocked["balance_minor"]) == (True, WORTH_MINOR)
    row = await voucher(shop, code, blocked["position"])
    assert (row["blocked"], row["blocked_reason"], row["status"]) == (True, "lost on the way home", "good")
    assert await owed(shop, blocked["position"]) == WORTH_MINOR

    basket = new_id()
    await client.done(shop.basket(basket, "scan"), {"tag": shop.tags[0]})
    problem(await client.post(shop.basket(basket, "pay"), by_voucher(code, 100)), 409, "voucher_blocked")
    out = await client.post(f"/sessions/{shop.session}/cash-out-voucher", {"voucher": code})
    problem(out, 409, "voucher_blocked")

    problem(await client.post(f"{path}/unblock", {"reason": "found"}, token=cashier), 403, "forbidden")
    await client.done(f"{path}/unblock", {"reason": "found"})
    assert (await client.post(shop.basket(basket, "pay"), by_voucher(code, 100))).status_code == 200
    problem(
        await client.post(f"/sales/{shop.sale}/vouchers/222222222222/block", {"reason": "?"}), 404, "unknown_voucher"
    )
