"""The desk's view of one consignor: what was brought, refused, is owed and still to come, in one request."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from tests.papers.reading import texts
from tests.support.eventually import eventually
from tests.support.shop import SETTINGS, Client, Shop, new_id, problem

LATE_MINOR = 150


async def at_drop_off(client: Client, **settings: Any) -> Shop:
    """Ada (17) listed three toys, Ben (18) three others; the drop-off is open."""
    shop = await Shop.planned(client)
    await client.done(f"/sales/{shop.sale}/change-settings", {"settings": {**SETTINGS, **settings}})
    await shop.move_to("registration")
    people = [{"number": number, "profile": {"name": f"Person {number}"}} for number in (17, 18)]
    await client.done(f"/sales/{shop.sale}/import-consignors", {"rows": people})
    items = [
        {"consignor": 17 + index % 2, "category": "toys", "description": f"Toy {index}", "price_minor": 100}
        for index in range(6)
    ]
    listed = await client.done(f"/sales/{shop.sale}/import-items", {"rows": items})
    shop.tags = sorted(row["tag"] for row in listed["listed"] if row["row"] % 2 == 0)
    await shop.move_to("drop_off")
    return shop


async def summary(shop: Shop, position: int, **how: Any) -> dict[str, Any]:
    response = await shop.client.get(f"/sales/{shop.sale}/desk", after_position=position, consignor=17, **how)
    assert response.status_code == 200, response.text
    assert response.headers["Cache-Control"] == "no-store"
    told: dict[str, Any] = response.json()
    return told


async def test_the_desk_sees_at_a_glance_what_a_consignor_brought_and_owes(client: Client) -> None:
    shop = await at_drop_off(client, terms_version="2026-09")
    first, second, third = shop.tags
    begins_at = datetime.now(UTC) + timedelta(days=1)
    times = {"begins_at": begins_at.isoformat(), "ends_at": (begins_at + timedelta(hours=1)).isoformat()}
    fetch = f"/sales/{shop.sale}/slots/fetch"
    await client.done(f"{fetch}/plan", {"kind": "pick_up", "capacity": 1, **times})
    await client.done(f"/sales/{shop.sale}/check-in-items", {"tags": [first]})
    refused = await client.done(f"/sales/{shop.sale}/items/{second}/refuse", {"reason": "recalled"})
    told = await summary(shop, refused["position"])
    await client.done(f"{fetch}/choose", {"participation": told["participation"]})
    assert told["profile"] == {"name": "Person 17"}
    assert (told["listed"], told["checked_in"], told["sold"]) == (3, 1, 0)
    assert [(each["tag"], each["reason"]) for each in told["refused"]] == [(second, "recalled")]
    assert [each["tag"] for each in told["not_brought"]] == [third]
    assert [each["tag"] for each in told["to_fetch"]] == [first, second]
    assert (told["fee_status"], told["fee_owed_minor"], told["late_fee_minor"]) == ("due", 300, 0)
    assert not told["terms_accepted"]
    accepted = await client.done(f"/participations/{told['participation']}/accept-terms", {"version": "2026-09"})
    again = await summary(shop, accepted["position"])
    assert again["terms_accepted"]
    assert [(row["slot"], row["arrived"]) for row in again["slots"]] == [("fetch", False)]
    for paper in ("58mm", "80mm", "a4"):
        slip = await client.get(f"/sales/{shop.sale}/desk.pdf", consignor=17, paper=paper)
        assert slip.headers["Cache-Control"] == "no-store"
        text = " ".join(" ".join(texts(slip.content)).split())
        for said in ("Consignor 17", "Person 17", "Refused (1)", "recalled", "Not brought (1)", "Owed", "3.00"):
            assert said in text, (paper, said)


async def test_the_pick_up_desk_sees_what_is_left_and_that_somebody_came(client: Client) -> None:
    shop = await at_drop_off(client, floor={"late_fee_minor": LATE_MINOR})
    first, second, third = shop.tags
    await client.done(f"/sales/{shop.sale}/change-wishes", {"tags": [third], "donate": True})
    begins_at = datetime.now(UTC) + timedelta(days=1)
    times = {"begins_at": begins_at.isoformat(), "ends_at": (begins_at + timedelta(hours=1)).isoformat()}
    fetch = f"/sales/{shop.sale}/slots/fetch"
    planned = await client.done(f"{fetch}/plan", {"kind": "pick_up", "capacity": 1, **times})
    ada = (await summary(shop, planned["position"]))["participation"]
    await client.done(f"{fetch}/choose", {"participation": ada})
    await shop.move_to("live")
    late = await client.done(f"/sales/{shop.sale}/check-in-items", {"tags": [first, second, third]})
    assert (await summary(shop, late["position"]))["late_fee_minor"] == LATE_MINOR
    session = new_id()
    await client.done(f"/sessions/{session}/open", {"sale": shop.sale, "till": "K2", "float_minor": 1000})
    by_card = {"participation": ada, "means": "card", "fee": "late"}
    paid = await client.done(f"/sessions/{session}/receive-fee", by_card)
    assert (paid["status"], paid["amount_minor"]) == ("paid", LATE_MINOR)
    assert (await summary(shop, paid["position"]))["late_fee_minor"] == 0
    back = {**by_card, "reason": "the wrong one paid"}
    await client.done(f"/sessions/{session}/give-fee-back", back)
    waived = await client.done(f"/participations/{ada}/waive-late-fee", {"reason": "the train was late"})
    assert waived["status"] == "refunded"
    await shop.move_to("pick_up")
    before = await summary(shop, waived["position"])
    assert before["late_fee_minor"] == 0
    assert [each["tag"] for each in before["to_fetch"]] == [first, second]
    assert [each["tag"] for each in before["to_give_away"]] == [third]
    collected = await client.done(f"/sales/{shop.sale}/collect-consignor", {"consignor": 17})
    after = await summary(shop, collected["position"])
    assert (after["to_fetch"], [row["arrived"] for row in after["slots"]]) == ([], [True])
    auditor = client.token_of("audrey", {client.organization: ("auditor",)})
    assert (await summary(shop, collected["position"], token=auditor))["profile"] is None
    nobody = await client.get(f"/sales/{shop.sale}/desk", consignor=99)
    problem(nobody, 404, "unknown_consignor")
    problem(await client.get(f"/sales/{shop.sale}/desk"), 400, "parameter_invalid")


async def test_what_nobody_brought_is_told_by_itself_when_selling_ends(client: Client) -> None:
    shop = await at_drop_off(client)
    brought = shop.tags[0]
    await client.done(f"/sales/{shop.sale}/check-in-items", {"tags": [brought]})
    await shop.move_to("live")

    async def are(status: str) -> bool:
        rows = (await client.get("/items", sale=shop.sale)).json()["items"]
        return {row["status"] for row in rows if row["tag"] != brought} == {status}

    await shop.move_to("pick_up")
    await eventually(partial(are, "not_brought"))
    await shop.move_to("live")
    await eventually(partial(are, "listed"))
