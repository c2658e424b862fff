"""What things looked like, over HTTP: streams, read models and books at a position or time, and differences."""

from datetime import UTC, datetime, timedelta
from typing import Any

from consign.domain.accounts import cash_account
from consign.domain.values import SessionId
from tests.http.test_queries import read
from tests.support.shop import Shop, new_id, problem


async def test_a_stream_is_shown_as_it_was_at_a_position(shop: Shop) -> None:
    client, basket = shop.client, new_id()
    stream = f"/history/streams/session-{shop.session}"
    scanned = await client.done(shop.basket(basket, "scan"), {"tag": shop.tags[0]})
    removed = await client.done(shop.basket(basket, "remove-line"), {"tag": shop.tags[0]})
    then = await read(client, stream, position=scanned["position"])
    now = await read(client, stream)
    assert shop.tags[0] in str(then["state"])
    assert shop.tags[0] not in str(now["state"])
    assert (then["version"], now["version"]) == (2, 3)
    differs = await read(client, f"{stream}/difference", **{"from": scanned["position"], "to": removed["position"]})
    assert differs["changes"]


async def test_half_a_command_is_never_shown(shop: Shop) -> None:
    scanned = await shop.client.done(shop.basket(new_id(), "scan"), {"tag": shop.tags[0]})
    ledger = await read(shop.client, f"/history/streams/ledger-{shop.sale}", position=scanned["position"] - 1)
    assert ledger["position"] < scanned["position"] - 1


async def test_a_read_model_is_shown_as_it_was_at_a_position_or_time(shop: Shop) -> None:
    client = shop.client
    first = await shop.sold(shop.tags[0])
    second = await shop.sold(shop.tags[1])
    receipts = await read(client, "/history/read-models/receipts", position=first["position"], table="receipts")
    assert receipts["rows"] == {"receipts": 1}
    assert receipts["tables"]["receipts"][0]["receipt"] == "K1-1"
    later = datetime.now(UTC) + timedelta(minutes=1)
    for at in (later.isoformat(), later.replace(tzinfo=None).isoformat()):  # the fair's zone is UTC
        now = await read(client, "/history/read-models/receipts", at=at)
        assert now["rows"]["receipts"] == 2
    differs = await read(
        client,
        "/history/read-models/items/difference",
        **{"from": first["position"], "to": second["position"]},
    )
    assert (differs["changed"], differs["changes"][0]["after"]["status"]) == (1, "sold")


async def test_the_books_of_any_position_sum_to_zero(shop: Shop) -> None:
    before = (await shop.sold(shop.tags[0]))["position"]
    await shop.sold(shop.tags[1])
    books = await read(shop.client, "/books", position=before)
    assert books["sales"][0]["sum_minor"] == 0
    cash: dict[str, Any] = {entry["account"]: entry["balance_minor"] for entry in books["sales"][0]["accounts"]}
    assert cash[cash_account(SessionId(shop.session))] == 10_100


async def test_what_history_cannot_tell_is_refused(shop: Shop) -> None:
    client = shop.client
    problem(await client.get("/history/read-models/items", position=10**9), 409, "position_unknown")
    problem(await client.get("/history/read-models/gossip"), 404, "not_found")
    problem(await client.get("/history/streams/gossip-1"), 404, "not_found")
    problem(await client.get("/history/read-models/items", at="teatime"), 400, "parameter_invalid")
    problem(await client.get("/history/read-models/items/difference", to=3), 400, "parameter_invalid")
    cashier = client.token_of("carl", {client.organization: ("cashier",)})
    problem(await client.get("/history/read-models/items", token=cashier), 403, "forbidden")


async def test_who_changed_an_item_and_when_is_told_by_its_tag(shop: Shop) -> None:
    client, tag = shop.client, shop.tags[0]
    till = client.token_of("casey", {client.organization: ("cashier",)})
    sold_by = {"token": till}
    await client.done(f"/sessions/{shop.session}/hand-over", {"to_cashier": "casey"})
    await client.done(shop.basket(basket := new_id(), "scan"), {"tag": tag}, **sold_by)
    tender = {"tenders": [{"kind": "cash", "amount_minor": 100}]}
    paid = await client.done(shop.basket(basket, "pay"), tender, **sold_by)
    await shop.sold(shop.tags[1])
    changes = await read(client, f"/items/{tag}/changes", after_position=paid["position"])
    told = [(each["event"], each["account"], each["role"]) for each in changes["items"]]
    assert told[0] == ("item-listed", "anna", "organizer")
    assert told[-1] == ("items-sold", "casey", "cashier")
    assert changes["items"][-1]["data"]["lines"][0]["tag"] == tag
    assert all(tag in str(each["data"]) for each in changes["items"])
    moments = [datetime.fromisoformat(each["recorded_at"]) for each in changes["items"]]
    assert moments == sorted(moments)


async def test_events_of_a_stream_are_told_page_by_page(shop: Shop) -> None:
    client, stream = shop.client, f"/history/streams/ledger-{shop.sale}/events"
    whole = await read(client, stream)
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await read(client, stream, limit=3, **cursor)
        found += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == whole["items"]
    about = await read(client, stream, about=shop.tags[2])
    assert about["items"] == [each for each in found if f"'{shop.tags[2]}'" in str(each["data"])]


async def test_what_was_agreed_with_a_consignor_is_told_with_whoever_did_it(shop: Shop) -> None:
    client = shop.client
    listed = await read(client, "/participations", sale=shop.sale, sort="number")
    participation = listed["items"][0]["participation"]
    await client.done(f"/sessions/{shop.session}/receive-fee", {"participation": participation, "means": "cash"})
    changes = await read(client, f"/participations/{participation}/changes")
    assert [each["event"] for each in changes["items"]] == ["consignor-registered", "fee-paid"]
    assert {each["account"] for each in changes["items"]} == {"anna"}
    problem(await client.get(f"/participations/{new_id()}/changes"), 404, "unknown_participation")
    problem(await client.get("/items/99999999999/changes"), 404, "unknown_tag")
    cashier = client.token_of("casey", {client.organization: ("cashier",)})
    problem(await client.get(f"/items/{shop.tags[0]}/changes", token=cashier), 403, "forbidden")
