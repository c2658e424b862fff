"""The drawer over the whole service: cashiers who hand tills over, and cash that is carried between them."""

from tests.support.shop import Shop, new_id


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
