"""The drawer over the whole service: cashiers who hand tills over, and cash that is carried between them."""

from tests.support.shop import Shop, new_id, problem


async def second_till(shop: Shop, till: str = "K2", float_minor: int = 5_000) -> str:
    session = new_id()
    opened = {"sale": shop.sale, "till": till, "float_minor": float_minor}
    await shop.client.done(f"/sessions/{session}/open", opened)
    return session


async def balances(shop: Shop, position: int) -> dict[str, int]:
    """Return the accounts of the sale's books, which must come to zero together."""
    books = (await shop.client.get("/books", sale=shop.sale, after_position=position)).json()["sales"][0]
    assert books["sum_minor"] == 0
    return {account["account"]: account["balance_minor"] for account in books["accounts"]}


async def taken_by_cashier(shop: Shop, position: int) -> dict[str, int]:
    path = f"/sales/{shop.sale}/reports/takings"
    told = (await shop.client.get(path, by="cashier", after_position=position)).json()
    return {row["key"]["cashier"]: row["figures"]["taken_minor"]["value"] for row in told["rows"]}


async def test_takings_are_those_of_the_cashier_who_stood_there_also_after_a_hand_over(shop: Shop) -> None:
    client, till = shop.client, f"/sessions/{shop.session}"
    first = await shop.sold(shop.tags[0])
    await client.done(f"{till}/hand-over", {"to_cashier": "casey"})
    await shop.sold(shop.tags[1])
    third = await shop.sold(shop.tags[2])
    back = {"tender": "cash", "reason": "does not fit"}
    await client.done(f"{till}/receipts/{first['receipt']}/refund", back)
    last = await client.done(f"{till}/receipts/{third['receipt']}/void", {"reason": "wrong basket"})

    assert await taken_by_cashier(shop, last["position"]) == {"anna": 100, "casey": 150 - 100}


async def test_cash_is_in_neither_drawer_until_it_is_counted_where_it_arrives(shop: Shop) -> None:
    client, here, there = shop.client, f"/sessions/{shop.session}", await second_till(shop)
    transfer = new_id()
    said = {"transfer": transfer, "to_session": there, "amount_minor": 2_000, "reason": "they are out of coins"}
    sent = await client.done(f"{here}/send-cash", said)
    assert sent["expected_minor"] == 8_000
    assert (await balances(shop, sent["position"]))["transit"] == 2_000
    problem(await client.post(f"{here}/close", {"counted_minor": 8_000}), 409, "transfers_open")

    arrived = {"transfer": transfer, "from_session": shop.session, "counted_minor": 1_990}
    problem(await client.post(f"/sessions/{there}/receive-cash", arrived), 422, "reason_needed")
    received = await client.done(f"/sessions/{there}/receive-cash", {**arrived, "reason": "a coin rolled away"})

    assert (received["expected_minor"], received["difference_minor"]) == (6_990, -10)
    books = await balances(shop, received["position"])
    assert (books["transit"], books["over_short"]) == (0, 10)
    listed = (await client.get("/transfers", sale=shop.sale, after_position=received["position"])).json()["items"]
    assert [(row["transfer"], row["status"]) for row in listed] == [(transfer, "arrived")]
    back = await client.post(f"{here}/take-cash-back", {"transfer": transfer, "reason": "changed my mind"})
    problem(back, 409, "transfer_ended")
    closed = await client.done(f"{here}/close", {"counted_minor": 8_000})
    assert closed["difference_minor"] == 0


async def test_cash_that_did_not_arrive_is_taken_back_once(shop: Shop) -> None:
    client, here, there = shop.client, f"/sessions/{shop.session}", await second_till(shop)
    transfer = new_id()
    await client.done(f"{here}/send-cash", {"transfer": transfer, "to_session": there, "amount_minor": 2_000})
    back = await client.done(f"{here}/take-cash-back", {"transfer": transfer, "reason": "they had closed"})
    assert back["expected_minor"] == 10_000
    assert (await balances(shop, back["position"]))["transit"] == 0
    late = {"transfer": transfer, "from_session": shop.session, "counted_minor": 2_000}
    problem(await client.post(f"/sessions/{there}/receive-cash", late), 409, "transfer_ended")
    unknown = {"transfer": new_id(), "from_session": shop.session, "counted_minor": 2_000}
    problem(await client.post(f"/sessions/{there}/receive-cash", unknown), 404, "unknown_transfer")


async def test_who_takes_over_goes_on_with_the_open_basket_and_a_drawer_that_was_counted(shop: Shop) -> None:
    client, till, basket = shop.client, f"/sessions/{shop.session}", new_id()
    await client.done(shop.basket(basket, "scan"), {"tag": shop.tags[0]})
    short = {"to_cashier": "casey", "counted_minor": 9_990}
    problem(await client.post(f"{till}/hand-over", short), 422, "reason_needed")
    over = await client.done(f"{till}/hand-over", {**short, "reason": "a coin rolled away"})
    assert (over["cashier"], over["expected_minor"], over["difference_minor"]) == ("casey", 9_990, -10)

    casey = client.token_of("casey", {client.organization: ("cashier",)})
    paid = await client.done(
        shop.basket(basket, "pay"), {"tenders": [{"kind": "cash", "amount_minor": 100}]}, token=casey
    )

    after = {"after_position": paid["position"]}
    receipt = (await client.get(f"/sales/{shop.sale}/receipts/{paid['receipt']}", **after)).json()
    assert receipt["cashier"] == "casey"
    session = (await client.get(till, **after)).json()
    assert (session["cashiers"], session["expected_minor"]) == (["anna", "casey"], 10_090)
    assert (await balances(shop, paid["position"]))["over_short"] == 10


async def test_a_basket_that_is_carried_over_at_closing_is_recalled_and_paid_at_another_till(shop: Shop) -> None:
    client, there, basket = shop.client, await second_till(shop), new_id()
    await client.done(shop.basket(basket, "scan"), {"tag": shop.tags[1]})
    await client.done(shop.basket(basket, "suspend"), {"note": "forgot her purse"})
    refused = await client.post(f"/sessions/{shop.session}/close", {"counted_minor": 10_000})
    assert problem(refused, 409, "baskets_open")["errors"][0]["basket"] == basket

    closed = await client.done(f"/sessions/{shop.session}/close", {"counted_minor": 10_000, "carry_over": [basket]})

    listed = (await client.get("/baskets", sale=shop.sale, after_position=closed["position"])).json()["items"]
    assert [(row["basket"], row["status"]) for row in listed] == [(basket, "carried_over")]
    recalled = await client.done(f"/sessions/{there}/baskets/{basket}/recall", {})
    assert [line["tag"] for line in recalled["lines"]] == [shop.tags[1]]
    tender = {"tenders": [{"kind": "card", "amount_minor": 150}]}
    paid = await client.done(f"/sessions/{there}/baskets/{basket}/pay", tender)
    assert paid["receipt"] == "K2-1"
    again = await client.post(f"/sessions/{there}/baskets/{basket}/pay", tender)
    problem(again, 409, "basket_finished")
