from datetime import datetime
from typing import Any

from tests.support.shop import SETTINGS, Client, Shop, new_id, problem

TAXED = {
    **SETTINGS,
    "tax": {"rate_ppm": 200_000, "included": True},
    "surcharge": {"rate_ppm": 10_000},
    "discount_limits_ppm": {"cashier": 100_000},
}


def by_card(amount_minor: int) -> dict[str, Any]:
    return {"tenders": [{"kind": "card", "amount_minor": amount_minor}]}


async def test_a_cashier_discounts_within_the_limit_and_the_receipt_tells_tax_and_surcharge(
    shop: Shop, client: Client
) -> None:
    await client.done(f"/sales/{shop.sale}/change-settings", {"settings": TAXED})
    cashier = client.token_of("anna", {client.organization: ("cashier",)})
    basket = new_id()
    await client.done(shop.basket(basket, "scan"), {"tag": shop.tags[4]})
    said = {"tag": shop.tags[4], "discount": {"rate_ppm": 200_000}, "reason": "a wheel is loose"}
    problem(await client.post(shop.basket(basket, "discount-line"), said, token=cashier), 403, "discount_needs_role")
    problem(
        await client.post(
            shop.basket(basket, "override-price"),
            {"tag": shop.tags[4], "price_minor": 100, "reason": "a friend"},
            token=cashier,
        ),
        403,
        "discount_needs_role",
    )
    within = {**said, "discount": {"rate_ppm": 100_000}}
    answer = await client.done(shop.basket(basket, "discount-line"), within, token=cashier)
    assert (answer["total_minor"], answer["discount_minor"]) == (270 + 3, 30)

    paid = await client.done(shop.basket(basket, "pay"), by_card(273))

    assert paid["taxes"] == [{"rate_ppm": 200_000, "included": True, "base_minor": 270, "tax_minor": 45}]
    after = {"after_position": paid["position"]}
    receipt = (await client.get(f"/sales/{shop.sale}/receipts/{paid['receipt']}", **after)).json()
    (line,) = receipt["lines"]
    assert (line["price_minor"], line["discount_minor"], line["tax_minor"], line["surcharge_minor"]) == (300, 30, 45, 3)
    assert line["discounts"][0]["authorized_by"] == "anna"
    books = (await client.get("/books", sale=shop.sale, **after)).json()["sales"][0]
    balances = {account["account"]: account["balance_minor"] for account in books["accounts"]}
    assert (books["sum_minor"], balances["tax"], balances["surcharge"], balances["discount"]) == (0, -45, -3, 30)


async def test_settings_that_were_read_are_said_again_with_their_windows(shop: Shop, client: Client) -> None:
    window = {"name": "last hour", "rate_ppm": 500_000, "begins": "2026-10-25T02:30:00", "ends": "2026-10-25T04:00:00"}
    settings = {**SETTINGS, "discount_windows": [window]}
    done = await client.done(f"/sales/{shop.sale}/change-settings", {"settings": settings})
    read = (await client.get(f"/sales/{shop.sale}", after_position=done["position"])).json()
    (kept,) = read["settings"]["discount_windows"]
    assert datetime.fromisoformat(kept["begins_at"]).utcoffset() is not None
    again = await client.done(f"/sales/{shop.sale}/change-settings", {"settings": read["settings"]})
    assert again["position"] == done["position"]


async def test_what_has_no_tag_is_sold_listed_and_matched(shop: Shop, client: Client) -> None:
    basket, line = new_id(), new_id()
    said = {"line": line, "price_minor": 180, "description": "Wooden train", "consignor": 17}
    added = await client.done(shop.basket(basket, "add-manual-line"), said)
    assert (added["total_minor"], added["lines"][0]["manual"]) == (180, True)
    paid = await client.done(shop.basket(basket, "pay"), by_card(180))

    listed = await client.get("/manual-lines", sale=shop.sale, status="unmatched", after_position=paid["position"])
    assert [row["description"] for row in listed.json()["items"]] == ["Wooden train"]
    cashier = client.token_of("anna", {client.organization: ("cashier",)})
    path = f"/sales/{shop.sale}/manual-lines/{line}"
    problem(await client.post(f"{path}/match", {"tag": shop.tags[0]}, token=cashier), 403, "forbidden")
    matched = await client.done(f"{path}/match", {"tag": shop.tags[0]})
    assert matched["tag"] == shop.tags[0]

    after = {"after_position": matched["position"]}
    item = (await client.get(f"/items/{shop.tags[0]}", **after)).json()
    assert (item["status"], item["receipt"], item["sold_for_minor"]) == ("sold", paid["receipt"], 180)
    assert (await client.get(f"/manual-lines/{line}", **after)).json()["status"] == "matched"
    problem(await client.post(f"{path}/keep", {"reason": "nobody missed it"}), 409, "line_resolved")
    problem(await client.get(f"/manual-lines/{new_id()}"), 404, "unknown_line")


async def test_before_the_sale_is_live_a_till_sells_to_the_group_whose_time_it_is(shop: Shop, client: Client) -> None:
    early = Shop(client)
    groups = [
        {"name": "volunteers", "begins_at": "2020-01-01T08:00:00+01:00"},
        {"name": "families", "begins_at": "2190-01-01T08:00:00Z", "ends_at": "2190-01-01T10:00:00Z"},
    ]
    settings = {**SETTINGS, "presale_groups": groups}
    await client.done(f"/sales/{early.sale}/plan", {"name": "Autumn", "settings": settings})
    await early.move_to("registration")
    await early.move_to("drop_off")
    await client.done(f"/sessions/{early.session}/open", {"sale": early.sale, "till": shop.till, "float_minor": 0})
    basket, said = new_id(), {"line": new_id(), "price_minor": 180, "description": "Wooden train"}
    path = early.basket(basket, "add-manual-line")
    problem(await client.post(path, said), 409, "presale_closed")
    refused = problem(await client.post(path, {**said, "presale_group": "families"}), 409, "presale_closed")
    assert "2190-01-01" in refused["detail"]
    await client.done(path, {**said, "presale_group": "volunteers"})
    paid = await client.done(early.basket(basket, "pay"), by_card(180))

    read = await client.get(f"/sales/{early.sale}/receipts/{paid['receipt']}", after_position=paid["position"])
    assert read.json()["presale_group"] == "volunteers"
