"""Whatever a client sends, it gets a problem document that says what is wrong, and never a 500."""

import json
from typing import Any

import pytest

from tests.support.shop import SETTINGS, Client, Shop, new_id, problem

PLAN = {"name": "Spring", "settings": SETTINGS}


async def test_tags_that_cannot_be_sold_are_refused_with_what_they_are(shop: Shop) -> None:
    client, basket = shop.client, new_id()
    scan = shop.basket(basket, "scan")
    problem(await client.post(scan, {"tag": "not a tag"}), 422, "tag_invalid")
    wrong_digit = shop.tags[0][:-1] + str((int(shop.tags[0][-1]) + 1) % 10)
    problem(await client.post(scan, {"tag": wrong_digit}), 422, "tag_invalid")
    await client.done(scan, {"tag": shop.tags[0]})
    problem(await client.post(scan, {"tag": shop.tags[0]}), 409, "already_in_basket")
    await shop.sold(shop.tags[1])
    sold = problem(await client.post(scan, {"tag": shop.tags[1]}), 409, "already_sold")
    assert "K1" in sold["detail"]


async def test_a_tag_of_another_sale_is_named_as_such(shop: Shop) -> None:
    client, other = shop.client, Shop(shop.client)
    await client.done(f"/sales/{other.sale}/plan", PLAN)
    await other.move_to("registration")
    await client.done(f"/sales/{other.sale}/import-consignors", {"rows": [{"number": 17}]})
    row = {"consignor": 17, "category": "toys", "description": "Toy", "price_minor": 100}
    listed = await client.done(f"/sales/{other.sale}/import-items", {"rows": [row]})
    scanned = await client.post(shop.basket(new_id(), "scan"), {"tag": listed["listed"][0]["tag"]})
    problem(scanned, 409, "wrong_sale")


@pytest.mark.parametrize("amount_minor", [-1, 0, 10**12 + 1, 10**30, 1.5, "12", None, True])
async def test_absurd_amounts_are_refused_at_the_field(shop: Shop, amount_minor: Any) -> None:
    basket = new_id()
    await shop.client.done(shop.basket(basket, "scan"), {"tag": shop.tags[0]})
    tenders = {"tenders": [{"kind": "cash", "amount_minor": amount_minor}]}
    answer = await shop.client.post(shop.basket(basket, "pay"), tenders)
    refused = problem(answer, 422, "body_invalid")
    assert refused["errors"][0]["pointer"] in ("/tenders/.../amount_minor", "/tenders/0/amount_minor")


async def test_another_currency_is_refused(shop: Shop) -> None:
    basket = new_id()
    await shop.client.done(shop.basket(basket, "scan"), {"tag": shop.tags[0]})
    paid = {"tenders": [{"kind": "cash", "amount_minor": 100}], "currency": "USD"}
    problem(await shop.client.post(shop.basket(basket, "pay"), paid), 422, "wrong_currency")
    problem(
        await shop.client.found(organization=f"{shop.client.organization}-b", currency="XXA"), 422, "unknown_currency"
    )


async def test_the_wrong_phase_is_named(client: Client) -> None:
    shop = await Shop.planned(client)
    row = {"consignor": 17, "category": "toys", "description": "Toy", "price_minor": 100}
    problem(await client.post(f"/sales/{shop.sale}/import-items", {"rows": [row]}), 409, "wrong_phase")
    problem(await client.post(f"/sales/{shop.sale}/change-phase", {"phase": "settlement"}), 409, "wrong_phase")


async def test_unknown_ids_are_not_found(shop: Shop) -> None:
    client = shop.client
    for path, body, reason in (
        (f"/sales/{new_id()}/change-phase", {"phase": "live"}, "unknown_sale"),
        ("/sales/not-an-id/change-phase", {"phase": "live"}, "unknown_sale"),
        (f"/sessions/{new_id()}/close", {"counted_minor": 0}, "unknown_session"),
        (f"/sessions/{shop.session}/baskets/{new_id()}/pay", {"tenders": []}, "unknown_basket"),
        (f"/sessions/{shop.session}/receipts/K1-99/void", {"reason": "no"}, "unknown_receipt"),
        (f"/sessions/{shop.session}/receipts/%F0%9F%92%A9/void", {"reason": "no"}, "unknown_receipt"),
        (f"/participations/{new_id()}/change-terms", {}, "unknown_participation"),
        (f"/sales/{shop.sale}/items/00000000000/admit", {}, "tag_invalid"),
    ):
        answer = await client.post(path, body)
        status = 422 if reason == "tag_invalid" else 404
        if answer.json()["reason"] != "wrong_sale":
            problem(answer, status, reason)


async def test_another_organization_is_a_stranger(shop: Shop, client: Client) -> None:
    foreign = client.http.build_request(
        "GET", f"/api/v1/organizations/{shop.client.organization}/items", headers=client.headers()
    )
    stranger = client.token_of("eve", {"somewhere-else": ("organizer",)})
    foreign.headers["Authorization"] = f"Bearer {stranger}"
    problem(await client.http.send(foreign), 404, "unknown_organization")
    nowhere = client.token_of("anna", {"never-founded": ("organizer",)})
    answer = await client.http.post(
        f"/api/v1/organizations/never-founded/sales/{new_id()}/plan", json=PLAN, headers=client.headers(token=nowhere)
    )
    problem(answer, 404, "unknown_organization")


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"{", 400, "malformed_body"),
        (json.dumps(PLAN).encode() + b" more", 400, "malformed_body"),
        (b'{"name": NaN}', 400, "malformed_body"),
        (b"\xff\xfe\x00", 400, "nul_character"),
        (b'{"name": "\xc3\x28"}', 400, "malformed_text"),
        (b'{"name": "\\ud800"}', 400, "malformed_body"),
        (b'{"name": "a\\u0000b"}', 400, "nul_character"),
        (b'{"settings": {"x": ' + b"[" * 100_000, 422, "body_invalid"),
        (b"[]", 422, "body_invalid"),
        (b'"text"', 422, "body_invalid"),
        (b"null", 422, "body_invalid"),
        (b'{"name": "x"}', 422, "body_invalid"),
        (b'{"nmae": "x"}', 422, "body_invalid"),
        (b" " * (1024 * 1024 + 1), 413, "payload_too_large"),
    ],
)
async def test_what_cannot_be_read_is_refused(client: Client, content: bytes, status: int, reason: str) -> None:
    await client.found()
    problem(await client.send(f"/sales/{new_id()}/plan", content), status, reason)


async def test_a_backslash_before_u0000_is_text_like_any_other(client: Client) -> None:
    await client.found()
    plan = json.dumps(PLAN | {"name": "\\u0000"}).encode()
    assert b"\\\\u0000" in plan
    assert (await client.send(f"/sales/{new_id()}/plan", plan)).status_code == 200


async def test_headers_and_methods_are_checked(client: Client) -> None:
    await client.found()
    path = client.path(f"/sales/{new_id()}/plan")
    http, headers = client.http, client.headers()
    without_key = {"Authorization": headers["Authorization"]}
    problem(await http.post(path, json=PLAN, headers=without_key), 400, "idempotency_key_missing")
    bad_key = {**without_key, "Idempotency-Key": "again"}
    problem(await http.post(path, json=PLAN, headers=bad_key), 400, "idempotency_key_invalid")
    problem(await http.post(path, json=PLAN), 401, "unauthenticated")
    for token in ("x", "Bearer", "Bearer x.y.z", "Basic YTpi"):
        problem(await http.post(path, json=PLAN, headers={**headers, "Authorization": token}), 401, "unauthenticated")
    proxied = {**headers, "X-Forwarded-For": "203.0.113.9"}
    problem(await http.post(path, json=PLAN, headers=proxied), 401, "unauthenticated")
    volunteer = client.token_of("vera", {client.organization: ("volunteer",)})
    problem(await client.post(f"/sales/{new_id()}/plan", PLAN, token=volunteer), 403, "forbidden")
    xml = {**headers, "Content-Type": "application/xml"}
    problem(await http.post(path, content=b"<x/>", headers=xml), 415, "unsupported_media_type")
    wants_image = {**headers, "Accept": "image/png"}
    problem(await http.post(path, json=PLAN, headers=wants_image), 406, "not_acceptable")
    refused = await http.delete(path, headers=headers)
    problem(refused, 405, "method_not_allowed")
    assert "POST" in refused.headers["Allow"]
    problem(await http.get("/nowhere"), 404, "not_found")
    problem(await http.get("/api/v1/organizations/a%00b/items", headers=headers), 400, "nul_character")
    problem(await client.get("/items", sale="a\0b"), 400, "nul_character")


async def test_a_correlation_id_comes_back_and_a_bad_one_is_replaced(client: Client) -> None:
    own = new_id()
    assert (await client.http.get("/health", headers={"X-Correlation-Id": own})).headers["X-Correlation-Id"] == own
    made = (await client.http.get("/health", headers={"X-Correlation-Id": "me"})).headers["X-Correlation-Id"]
    assert len(made) == len(own)


async def test_an_import_names_every_bad_row_and_keeps_the_good_ones(client: Client) -> None:
    shop = await Shop.planned(client)
    await shop.move_to("registration")
    people = b"name;number;fee\nAda;17;3,00\n;18;\nBob;99999;\nCleo;17;1.005\n"
    answer = await client.send(f"/sales/{shop.sale}/import-consignors?currency=EUR", people, media_type="text/csv")
    imported = answer.json()
    assert [(done["row"], done["number"]) for done in imported["registered"]] == [(2, 17)]
    assert [(error["row"], error["pointer"]) for error in imported["errors"]] == [
        (3, "/rows/1/name"),
        (4, "/rows/2/number"),
        (5, "/rows/3/fee"),
    ]
    items = (
        b"consignor,category,description,price,number\n"
        b'17,toys,"Train, wooden",4.50,\n'
        b"17,toys,Odd price,4.51,\n"
        b"17,ghosts,Ghost,1.00,\n"
        b"17,toys,Half a cent,1.005,\n"
        b"17,toys,No price,,\n"
        b"18,toys,Nobody's,1.00,\n"
        b"17,toys,Dear,9999.00,\n"
        b"17,toys,Puppet,2.00,7\n"
    )
    answer = await client.send(f"/sales/{shop.sale}/import-items?currency=EUR", items, media_type="text/csv")
    imported = answer.json()
    assert [row["row"] for row in imported["listed"]] == [2, 9]
    assert [(error["row"], error["pointer"], error["reason"]) for error in imported["errors"]] == [
        (3, "/rows/1/price_minor", "price_step"),
        (4, "/rows/2/category", "category_unknown"),
        (5, "/rows/3/price", "invalid"),
        (6, "/rows/4/price", "invalid"),
        (7, "/rows/5/consignor", "unknown_consignor"),
        (8, "/rows/6/price_minor", "price_too_high"),
    ]


async def test_a_repeated_import_changes_nothing_and_another_file_under_its_key_is_refused(client: Client) -> None:
    shop = await Shop.planned(client)
    await shop.move_to("registration")
    await client.done(f"/sales/{shop.sale}/import-consignors", {"rows": [{"number": 17}]})
    rows = [
        {"consignor": 17, "category": "toys", "description": f"Toy {index}", "price_minor": 100} for index in range(700)
    ]
    path, key = f"/sales/{shop.sale}/import-items", new_id()
    first = await client.post(path, {"rows": rows}, key=key)
    again = await client.post(path, {"rows": rows}, key=key)
    assert len(first.json()["listed"]) == 700
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    problem(await client.post(path, {"rows": rows[1:]}, key=key), 422, "idempotency_key_reused")


async def test_a_file_without_any_usable_row_is_refused(client: Client) -> None:
    shop = await Shop.planned(client)
    path = f"/sales/{shop.sale}/import-items?currency=EUR"
    for content, status, reason in (
        (b"", 422, "body_invalid"),
        (b"consignor,category\n1,toys\n", 422, "body_invalid"),
        (b"consignor,category,description,price\n", 422, "rows_invalid"),
        (b"consignor,category,description,price\nx,y,z,w\n", 422, "rows_invalid"),
        (b'consignor,category,description,price\n1,"toys,x\n', 400, "malformed_body"),
        (b"consignor,category,description,price\n1,toys,\xff,1\n", 400, "malformed_text"),
        (b"x" * (5 * 1024 * 1024 + 1), 413, "payload_too_large"),
    ):
        problem(await client.send(path, content, media_type="text/csv"), status, reason)
    problem(await client.post(f"/sales/{shop.sale}/import-items", {"rows": []}), 422, "body_invalid")
    problem(await client.post(f"/sales/{shop.sale}/import-items", {"rows": [{"consignor": "x"}]}), 422, "rows_invalid")
