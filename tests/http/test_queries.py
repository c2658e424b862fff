"""Read models over HTTP: pages, filters, positions, entity tags, and reading one's own writes."""

from typing import Any

import httpx

from tests.support.shop import Client, Shop, new_id, problem


async def read(client: Client, path: str, **parameters: Any) -> dict[str, Any]:
    response = await client.get(path, **parameters)
    assert response.status_code == 200, response.text
    content: dict[str, Any] = response.json()
    return content


async def test_a_query_waits_until_it_holds_what_was_just_written(shop: Shop) -> None:
    paid = await shop.sold(shop.tags[0])
    item = await read(shop.client, f"/items/{shop.tags[0]}", after_position=paid["position"])
    assert (item["status"], item["receipt"]) == ("sold", "K1-1")


async def test_a_position_may_come_by_header_and_beyond_the_log_is_refused_at_once(shop: Shop) -> None:
    path, headers = shop.client.path("/items"), {"Authorization": f"Bearer {shop.client.token}"}
    paid = await shop.sold(shop.tags[0])
    answer = await shop.client.http.get(path, headers={**headers, "X-Consign-After": str(paid["position"])})
    assert int(answer.headers["X-Consign-Position"]) >= paid["position"]
    problem(await shop.client.get("/items", after_position=10**9), 409, "position_unknown")
    problem(await shop.client.get("/items", after_position="soon"), 400, "parameter_invalid")


async def test_lists_come_in_pages_filtered_and_ordered(shop: Shop) -> None:
    client = shop.client
    paid = await shop.sold(shop.tags[0], shop.tags[1])
    sold = await read(client, "/items", status="sold", sale=shop.sale, after_position=paid["position"])
    assert {item["tag"] for item in sold["items"]} == set(shop.tags[:2])

    first = await read(client, "/items", sort="-price_minor", limit=4)
    second = await read(client, "/items", sort="-price_minor", limit=4, cursor=first["next_cursor"])
    prices = [item["price_minor"] for item in (*first["items"], *second["items"])]
    assert prices == sorted(prices, reverse=True)
    assert (len(prices), second["next_cursor"]) == (6, None)


async def test_what_a_list_does_not_know_is_refused(shop: Shop) -> None:
    for parameters in (
        {"sort": "colour"},
        {"status": "lost_in_space"},
        {"limit": 0},
        {"limit": 201},
        {"stauts": "sold"},
        {"consignor": "abc"},
    ):
        problem(await shop.client.get("/items", **parameters), 400, "parameter_invalid")
    for cursor in ("x", "!!", "a" * 1999):
        problem(await shop.client.get("/items", cursor=cursor), 400, "cursor_invalid")
    for path in ("/items/00000000000", "/items/abc", f"/sessions/{new_id()}", f"/baskets/{new_id()}"):
        assert (await shop.client.get(path)).status_code == 404


async def test_an_unchanged_answer_is_not_sent_again(shop: Shop) -> None:
    paid = await shop.sold(shop.tags[0])
    path = shop.client.path("/receipts")
    headers = {"Authorization": f"Bearer {shop.client.token}", "X-Consign-After": str(paid["position"])}
    first = await shop.client.http.get(path, headers=headers)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"receipts.')
    again = await shop.client.http.get(path, headers={**headers, "If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    paid = await shop.sold(shop.tags[1])
    headers["X-Consign-After"] = str(paid["position"])
    changed = await shop.client.http.get(path, headers={**headers, "If-None-Match": tag})
    assert (changed.status_code, len(changed.json()["items"])) == (200, 2)


async def test_long_answers_are_compressed_for_who_takes_it(shop: Shop) -> None:
    path, headers = shop.client.path("/items"), {"Authorization": f"Bearer {shop.client.token}"}
    packed = await shop.client.http.get(path, headers={**headers, "Accept-Encoding": "gzip"})
    plain = await shop.client.http.get(path, headers={**headers, "Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.json()["items"] == plain.json()["items"]


async def test_names_are_for_those_who_need_them_until_the_person_is_forgotten(shop: Shop) -> None:
    client = shop.client
    cashier = client.token_of("carl", {client.organization: ("cashier",)})
    listed = await read(client, "/participations", sale=shop.sale, sort="number")
    ada = listed["items"][0]
    assert (ada["number"], ada["profile"], ada["forgotten"]) == (17, {"name": "Person 17"}, False)
    seen = (await client.get(f"/participations/{ada['participation']}", token=cashier)).json()
    assert (seen["number"], seen["profile"]) == (17, None)

    await client.done(f"/participations/{ada['participation']}/forget")
    gone = await read(client, f"/participations/{ada['participation']}")
    assert (gone["profile"], gone["forgotten"]) == (None, True)
    kept = await read(client, f"/participations/{listed['items'][1]['participation']}")
    assert kept["profile"] == {"name": "Person 18"}
    again = await client.post(
        f"/participations/{ada['participation']}/change-profile", {"profile": {"name": "Ada again"}}
    )
    problem(again, 410, "person_forgotten")


async def test_commission_totals_and_the_settlement_preview_agree_and_the_books_sum_to_zero(shop: Shop) -> None:
    client = shop.client
    await shop.sold(*shop.tags[:3])
    refund = {"tender": "cash", "reason": "torn", "lines": [{"tag": shop.tags[0]}]}
    refunded = await client.done(f"/sessions/{shop.session}/receipts/K1-1/refund", refund)
    after = {"after_position": refunded["position"]}

    totals = await read(client, f"/sales/{shop.sale}/commission", **after)
    preview = await read(client, f"/sales/{shop.sale}/settlement-preview", **after)
    figures = ("gross_minor", "commission_minor", "fees_minor", "net_minor", "items_sold")
    assert [totals[name] for name in figures] == [350, 70, 600, -320, 2]
    assert [preview[name] for name in figures] == [totals[name] for name in figures]
    assert [each["net_minor"] for each in preview["consignors"]] == [each["net_minor"] for each in totals["consignors"]]

    books = await read(client, "/books", **after)
    assert [(sale["sale"], sale["sum_minor"]) for sale in books["sales"]] == [(shop.sale, 0)]
    postings = await read(client, "/books/postings", sale=shop.sale, limit=200)
    assert sum(each["amount_minor"] for each in postings["items"]) == 0
    problem(await client.get(f"/sales/{new_id()}/commission"), 404, "unknown_sale")


async def test_public_events_are_counted_without_a_gap(shop: Shop) -> None:
    paid = await shop.sold(shop.tags[0])
    first = await read(shop.client, "/events", limit=5, after_position=paid["position"])
    rest = await read(shop.client, "/events", after=first["last"])
    events = [*first["items"], *rest["items"]]
    assert [event["publicposition"] for event in events] == list(range(1, len(events) + 1))
    assert {"ItemListed", "ItemSold"} <= {event["type"] for event in events}
    assert "Person 17" not in str(events)
    end = await read(shop.client, "/events", after=rest["last"])
    assert (end["items"], end["last"]) == ([], rest["last"])


async def live_events(response: httpx.Response, wanted: int) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    event: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value
        elif "data" in event:
            found.append(event)
            event = {}
            if len(found) >= wanted:
                break
        else:
            event = {}
    return found


async def test_a_live_screen_is_told_what_moves_and_what_moved_while_it_was_away(shop: Shop) -> None:
    client = shop.client
    headers = {"Authorization": f"Bearer {client.token}"}
    live = client.path("/live?read_models=receipts")
    before = await read(client, "/receipts", after_position=(await shop.sold(shop.tags[0]))["position"])
    async with client.http.stream("GET", live, headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        (first,) = await live_events(stream, 1)
        assert int(first["id"].partition(":")[2]) >= before["position"]
    async with client.http.stream("GET", live, headers=headers) as stream:
        paid = await shop.sold(shop.tags[1])
        events: list[dict[str, str]] = []
        async for line in stream.aiter_lines():
            if line.startswith("id: "):
                events.append({"id": line.removeprefix("id: ")})
                if int(line.rpartition(":")[2]) >= paid["position"]:
                    break
        assert events
    await shop.sold(shop.tags[2])
    away = {**headers, "Last-Event-ID": events[-1]["id"]}
    async with client.http.stream("GET", live, headers=away) as stream:
        (missed,) = await live_events(stream, 1)
        assert missed["event"] == "moved"


async def test_live_screens_need_a_known_read_model(shop: Shop) -> None:
    problem(await shop.client.get("/live", read_models="gossip"), 400, "parameter_invalid")
