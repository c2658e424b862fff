"""The path of a sale over HTTP, and what every command has in common."""

import asyncio

from tests.support.shop import SETTINGS, Client, Shop, new_id, problem


async def test_a_sale_goes_from_import_to_a_counted_till(client: Client) -> None:
    shop = await Shop.opened(client)
    paid = await shop.sold(*shop.tags[:2])
    assert (paid["receipt"], paid["total_minor"], paid["change_minor"]) == ("K1-1", 250, 4750)

    refunded = await client.done(
        f"/sessions/{shop.session}/receipts/K1-1/refund",
        {"tender": "cash", "reason": "zip is broken", "lines": [{"tag": shop.tags[0]}]},
    )
    assert (refunded["refund"], refunded["amount_minor"]) == ("K1-R1", 100)

    assert (await shop.sold(shop.tags[2]))["receipt"] == "K1-2"
    voided = await client.done(f"/sessions/{shop.session}/receipts/K1-2/void", {"reason": "changed her mind"})
    assert voided["cash_back_minor"] == 200

    await client.done(f"/sessions/{shop.session}/move-cash", {"amount_minor": -5000, "reason": "to the safe"})
    problem(await client.post(f"/sessions/{shop.session}/close", {"counted_minor": 5140}), 422, "reason_needed")
    closed = await client.done(f"/sessions/{shop.session}/close", {"counted_minor": 5140, "reason": "ten cents lost"})
    assert (closed["expected_minor"], closed["difference_minor"]) == (5150, -10)


async def test_a_basket_is_suspended_and_goes_on_at_another_till(shop: Shop) -> None:
    client, basket, other = shop.client, new_id(), new_id()
    await client.done(shop.basket(basket, "scan"), {"tag": shop.tags[0]})
    await client.done(shop.basket(basket, "suspend"), {"note": "fetches a bag"})
    await client.done(f"/sessions/{other}/open", {"sale": shop.sale, "till": "K2"})
    recalled = await client.done(f"/sessions/{other}/baskets/{basket}/recall")
    assert [line["tag"] for line in recalled["lines"]] == [shop.tags[0]]


async def test_two_tills_scan_one_item_and_one_of_them_gets_it(shop: Shop) -> None:
    client, other = shop.client, new_id()
    await client.done(f"/sessions/{other}/open", {"sale": shop.sale, "till": "K2"})
    answers = await asyncio.gather(
        client.post(shop.basket(new_id(), "scan"), {"tag": shop.tags[0]}),
        client.post(f"/sessions/{other}/baskets/{new_id()}/scan", {"tag": shop.tags[0]}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    loser = max(answers, key=lambda answer: answer.status_code)
    assert "K" in problem(loser, 409, "held_elsewhere")["detail"]


async def test_a_repeated_command_gets_the_first_answer_again(shop: Shop) -> None:
    client, basket, key = shop.client, new_id(), new_id()
    first = await client.post(shop.basket(basket, "scan"), {"tag": shop.tags[0]}, key=key)
    again = await client.post(shop.basket(basket, "scan"), {"tag": shop.tags[0]}, key=key)
    assert again.json() == first.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_a_command_is_the_same_by_the_long_way_through_the_router(shop: Shop) -> None:
    client, key, path = shop.client, new_id(), shop.basket(new_id(), "scan")
    short = await client.post(path, {"tag": shop.tags[0]}, key=key)
    long = await client.post(path.replace("/baskets/", "//baskets//"), {"tag": shop.tags[0]}, key=key)
    assert (short.status_code, long.headers["Idempotency-Replayed"]) == (200, "true")
    assert long.json() == short.json()


async def test_the_same_key_with_another_body_or_route_is_refused(shop: Shop) -> None:
    client, basket, key = shop.client, new_id(), new_id()
    await client.done(shop.basket(basket, "scan"), {"tag": shop.tags[0]}, key=key)
    other_body = await client.post(shop.basket(basket, "scan"), {"tag": shop.tags[1]}, key=key)
    problem(other_body, 422, "idempotency_key_reused")
    other_route = await client.post(shop.basket(basket, "remove-line"), {"tag": shop.tags[0]}, key=key)
    problem(other_route, 422, "idempotency_key_reused")


async def test_a_key_belongs_to_its_account(shop: Shop) -> None:
    client, key = shop.client, new_id()
    other = client.token_of("bert", {client.organization: ("organizer",)})
    await client.done(shop.basket(new_id(), "scan"), {"tag": shop.tags[0]}, key=key)
    answer = await client.post(shop.basket(new_id(), "scan"), {"tag": shop.tags[1]}, key=key, token=other)
    assert answer.status_code == 200


async def test_a_rejection_is_not_kept_and_a_retry_is_decided_afresh(shop: Shop) -> None:
    client, key, holder, seeker = shop.client, new_id(), new_id(), new_id()
    await client.done(shop.basket(holder, "scan"), {"tag": shop.tags[0]})
    refused = await client.post(shop.basket(seeker, "scan"), {"tag": shop.tags[0]}, key=key)
    problem(refused, 409, "held_elsewhere")
    await client.done(shop.basket(holder, "remove-line"), {"tag": shop.tags[0]})
    accepted = await client.post(shop.basket(seeker, "scan"), {"tag": shop.tags[0]}, key=key)
    assert accepted.status_code == 200


async def test_an_organization_is_founded_once_and_a_retry_goes_on_where_the_first_stopped(client: Client) -> None:
    body = {"organization": client.organization, "name": "Spring fair", "currency": "EUR"}
    headers = client.headers()
    first = await client.http.post("/api/v1/organizations", json=body, headers=headers)
    again = await client.http.post("/api/v1/organizations", json=body, headers=headers)
    assert first.json() == again.json() == {"position": 3, "organization": client.organization, "currency": "EUR"}
    assert again.headers["Idempotency-Replayed"] == "true"
    problem(await client.found(name="Another fair"), 409, "organization_exists")
    problem(await client.found(organization="platform"), 409, "organization_exists")


async def test_the_host_may_name_the_organization(client: Client) -> None:
    await client.found()
    answer = await client.http.post(
        f"/api/v1/sales/{new_id()}/plan",
        json={"name": "Spring", "settings": SETTINGS},
        headers=client.headers(Host=f"{client.organization}.consign.test"),
    )
    assert answer.status_code == 200, answer.text
