"""Pick-up over HTTP: home again, given away, missing by a count of the shelves, found."""

from tests.support.shop import Client, Shop, new_id, problem


async def test_what_did_not_sell_goes_home_is_given_away_or_is_missed(client: Client) -> None:
    shop = await Shop.opened(client)
    sold, home, given_away, seen, *unseen = shop.tags
    await shop.sold(sold)
    await client.done(f"/sales/{shop.sale}/collect-items", {"tags": [home]})
    await client.done(f"/sales/{shop.sale}/donate-items", {"tags": [given_away]})

    count = f"/sales/{shop.sale}/shelf-counts/{new_id()}"
    scanned = await client.done(f"{count}/scan", {"area": "rack 1", "tags": [seen, sold, home]})
    assert (scanned["tags"], scanned["seen"], scanned["expected"]) == ([seen], 1, 3)
    assert [row["reason"] for row in scanned["surplus"]] == ["already_sold", "item_collected"]
    assert (await client.done(f"{count}/compare", {}))["missing"] == sorted(unseen)
    assert (await client.done(f"{count}/apply", {}))["remaining"] == 0
    problem(await client.post(f"{count}/apply", {}), 404, "unknown_count")

    found, lost = unseen
    await client.done(f"/sales/{shop.sale}/find-items", {"tags": [found]})
    answer = await client.done(f"/sales/{shop.sale}/lose-items", {"tags": [lost, sold], "reason": "not seen"})
    assert [error["reason"] for error in answer["errors"]] == ["already_sold"]
    at = answer["position"]
    rows = (await client.get("/items", sale=shop.sale, after_position=at)).json()["items"]
    assert {row["tag"]: row["status"] for row in rows} == {
        sold: "sold",
        home: "collected",
        given_away: "donated",
        seen: "on_floor",
        found: "on_floor",
        lost: "lost",
    }
    (row,) = (await client.get("/items", sale=shop.sale, status="lost")).json()["items"]
    assert (row["made_good"], row["made_good_minor"], row["missed_by"]) == ("less_commission", row["price_minor"], None)
    problem(await client.post(shop.basket(new_id(), "scan"), {"tag": home}), 409, "item_collected")


async def test_only_organizers_give_things_up_as_lost(client: Client) -> None:
    shop = await Shop.opened(client)
    volunteer = client.token_of("vera", {client.organization: ("volunteer",)})
    tags = {"tags": shop.tags[:1]}
    problem(await client.post(f"/sales/{shop.sale}/lose-items", tags, token=volunteer), 403, "forbidden")
    await client.done(f"/sales/{shop.sale}/miss-items", tags, token=volunteer)


async def test_the_donations_list_is_closed_and_reopened_by_organizers_alone(client: Client) -> None:
    shop = await Shop.opened(client)
    given_away, late, *_ = shop.tags
    volunteer = client.token_of("vera", {client.organization: ("volunteer",)})
    await client.done(f"/sessions/{shop.session}/close", {"counted_minor": 10_000})
    await shop.move_to("pick_up")
    await client.done(f"/sales/{shop.sale}/donate-items", {"tags": [given_away]}, token=volunteer)
    problem(await client.post(f"/sales/{shop.sale}/close-donations", {}, token=volunteer), 403, "forbidden")
    closed = await client.done(f"/sales/{shop.sale}/close-donations", {})
    assert (closed["number"], closed["items"], closed["asked_minor"]) == (1, 1, 100)
    body = {"tags": [late]}
    problem(await client.post(f"/sales/{shop.sale}/donate-items", body, token=volunteer), 409, "donations_closed")
    reason = {"reason": "a box was left behind"}
    reopened = await client.done(f"/sales/{shop.sale}/reopen-donations", reason)
    await client.done(f"/sales/{shop.sale}/donate-items", body, token=volunteer)
    path = f"/sales/{shop.sale}/donation-lists"
    (row,) = (await client.get(path, token=volunteer, after_position=reopened["position"])).json()["items"]
    assert (row["status"], row["closed_by"], row["closed_position"]) == ("reopened", "anna", closed["position"])
    assert (row["reopened_by"], row["reason"]) == ("anna", reason["reason"])
    assert row["categories"] == [{"category": "toys", "items": 1, "asked_minor": 100}]
