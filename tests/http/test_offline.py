"""Tills that were away upload over HTTP; the conflicts desk sees and settles what contradicts."""

import asyncio
import json
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from consign.domain.offline_commands import BODY_BYTES_LIMIT
from tests.papers.reading import texts
from tests.support.shop import Client, Shop, new_id, problem


def now() -> str:
    return datetime.now(UTC).isoformat()


def made(counter: int, *lines: tuple[str, int], **more: Any) -> dict[str, Any]:
    total_minor = sum(price_minor for _, price_minor in lines)
    return {
        "sale_id": new_id(),
        "counter": counter,
        "lines": [{"tag": tag, "price_minor": price_minor} for tag, price_minor in lines],
        "tenders": [{"kind": "cash", "amount_minor": total_minor}],
        "total_minor": total_minor,
        "occurred_at": now(),
        **more,
    }


def upload(shop: Shop, *sales: Any, **more: Any) -> dict[str, Any]:
    return {"session": shop.session, "till": shop.till, "cashier": "anna", "sent_at": now(), "sales": sales, **more}


async def test_an_upload_is_answered_sale_by_sale_and_the_desk_settles_what_contradicts(
    shop: Shop, client: Client
) -> None:
    path = f"/sales/{shop.sale}/offline-sales"
    sold = await shop.sold(shop.tags[0])
    good, twice, torn = made(2, (shop.tags[1], 150)), made(3, (shop.tags[0], 100)), {"sale_id": "torn"}

    answer = await client.done(path, upload(shop, good, twice, torn, unsynced=4))

    assert [each["outcome"] for each in answer["sales"]] == ["received", "received", "quarantined"]
    assert answer["next_receipt"] == "K1-4"
    again = await client.done(path, upload(shop, good, twice))
    assert ([each["outcome"] for each in again["sales"]], again["position"]) == (["known"] * 2, answer["position"])
    after = {"after_position": answer["position"]}
    (conflict,) = (await client.get("/conflicts", sale=shop.sale, status="open", **after)).json()["items"]
    assert (conflict["kind"], conflict["receipt"], conflict["other_receipt"]) == ("sold_twice", "K1-3", sold["receipt"])
    assert (await client.get(f"/sessions/{shop.session}", **after)).json()["unsynced"] == 4
    listed = (await client.get(f"/sales/{shop.sale}/offline-sales", **after)).json()["items"]
    assert {row["upload"] for row in listed} == {good["sale_id"], twice["sale_id"]}

    accept = f"/sales/{shop.sale}/conflicts/{conflict['conflict']}/accept"
    problem(await client.post(accept, {"reason": "so what"}), 409, "conflict_holds_money")
    back = {"tender": "cash", "reason": "sold twice", "lines": [{"tag": conflict["line"]}]}
    refunded = await client.done(f"/sessions/{shop.session}/receipts/K1-3/refund", back)
    assert refunded["amount_minor"] == 100
    after = {"after_position": refunded["position"]}
    assert (await client.get(f"/conflicts/{conflict['conflict']}", **after)).json()["status"] == "given_back"
    books = (await client.get("/books", sale=shop.sale, **after)).json()["sales"][0]
    balances = {account["account"]: account["balance_minor"] for account in books["accounts"]}
    assert (books["sum_minor"], balances["suspense"]) == (0, 0)


async def test_what_could_not_be_read_is_listed_with_its_bytes_and_taken_in_once_it_is_mended(
    shop: Shop, client: Client
) -> None:
    whole = made(1, (shop.tags[0], 100))
    answer = await client.done(f"/sales/{shop.sale}/offline-sales", upload(shop, {**whole, "total_minor": 1}))
    (kept,) = answer["sales"]
    path = f"/sales/{shop.sale}/quarantine/{kept['quarantine']}"
    row = (await client.get(path, after_position=answer["position"])).json()
    assert (row["status"], row["error"]) == ("waiting", kept["error"])
    cashier = client.token_of("casey", {client.organization: ("cashier",)})
    problem(await client.post(f"{path}/repair", {"repaired": whole}, token=cashier), 403, "forbidden")

    repaired = await client.done(f"{path}/repair", {"repaired": whole, "reason": "a digit was lost"})

    assert repaired["received"]["receipt"] == "K1-1"
    rows = await client.get(f"/sales/{shop.sale}/quarantine", status="repaired", after_position=repaired["position"])
    assert [each["upload"] for each in rows.json()["items"]] == [whole["sale_id"]]


@pytest.mark.parametrize(
    "tear",
    [
        lambda whole: whole[:-20],
        lambda whole: whole.replace(b"K1", b"K1\xff"),
        lambda whole: whole + b"\0",
        lambda _: b"POST /offline-sales",
    ],
    ids=["cut off", "not UTF-8", "with a zero byte", "no JSON"],
)
async def test_an_upload_that_is_no_json_is_kept_with_its_bytes_and_the_till_is_told(
    shop: Shop, client: Client, tear: Callable[[bytes], bytes]
) -> None:
    path = f"/sales/{shop.sale}/offline-sales"
    torn = tear(json.dumps(upload(shop, made(1, (shop.tags[0], 100)))).encode())
    sent = await client.send(path, torn)
    again = await client.send(path, torn)
    assert (sent.status_code, again.json()) == (200, sent.json())
    (kept,) = sent.json()["sales"]
    assert kept["outcome"] == "quarantined"
    of_it = f"/sales/{shop.sale}/quarantine/{kept['quarantine']}"
    row = (await client.get(of_it, after_position=sent.json()["position"])).json()
    assert (row["session"], row["error"]) == (None, kept["error"])
    kept_bytes = await client.get(f"{of_it}/bytes")
    assert (b64decode(kept_bytes.json()["data"]), kept_bytes.headers["Cache-Control"]) == (torn, "no-store")
    larger = b"{" + b"x" * BODY_BYTES_LIMIT
    problem(await client.send(path, larger), 413, "payload_too_large")


async def test_a_cashiers_upload_that_is_no_json_is_kept_as_an_organizers_is(shop: Shop, client: Client) -> None:
    token = client.token_of("casey", {client.organization: ("cashier",)})
    headers = client.headers(token=token, content_type="application/json")
    sent = await client.http.post(
        client.path(f"/sales/{shop.sale}/offline-sales"), content=b"POST /offline-sales", headers=headers
    )
    assert sent.status_code == 200, sent.text
    assert [each["outcome"] for each in sent.json()["sales"]] == ["quarantined"]


async def test_one_sale_that_is_too_large_or_holds_nothing_that_can_be_kept_as_text_holds_up_none_of_the_others(
    shop: Shop, client: Client
) -> None:
    good = made(1, (shop.tags[0], 100))
    large = {**made(2, (shop.tags[1], 150)), "note": "x" * 700_000}
    nul = {**made(3, (shop.tags[2], 200)), "note": "a\0b"}
    answer = await client.done(f"/sales/{shop.sale}/offline-sales", upload(shop, large, nul, good))
    assert [each["outcome"] for each in answer["sales"]] == ["quarantined", "quarantined", "received"]
    of_it = f"/sales/{shop.sale}/quarantine/{answer['sales'][0]['quarantine']}/bytes"
    kept = await client.get(of_it, after_position=answer["position"])
    assert json.loads(b64decode(kept.json()["data"])) == large


async def test_the_same_sales_sent_many_times_at_once_are_taken_in_once(shop: Shop, client: Client) -> None:
    sales = [made(counter + 1, (tag, 100 + 50 * counter)) for counter, tag in enumerate(shop.tags)]
    path = f"/sales/{shop.sale}/offline-sales"
    answers = await asyncio.gather(*(client.done(path, upload(shop, *sales)) for _ in range(8)))
    outcomes = [each["outcome"] for answer in answers for each in answer["sales"]]
    assert (outcomes.count("received"), outcomes.count("known")) == (len(sales), 7 * len(sales))
    receipts = await client.get("/receipts", sale=shop.sale, after_position=max(each["position"] for each in answers))
    assert sorted(row["receipt"] for row in receipts.json()["items"]) == [f"K1-{number + 1}" for number in range(6)]


async def test_sales_of_a_closed_session_show_as_a_supplement_beside_the_z_report_as_it_was_closed(
    shop: Shop, client: Client
) -> None:
    closing = {"counted_minor": 10_080, "reason": "more than was sold here"}
    closed = await client.done(f"/sessions/{shop.session}/close", closing)
    before = (await client.get(f"/sessions/{shop.session}", after_position=closed["position"])).json()
    answer = await client.done(f"/sales/{shop.sale}/offline-sales", upload(shop, made(1, (shop.tags[0], 100))))
    row = (await client.get(f"/sessions/{shop.session}", after_position=answer["position"])).json()
    z_report = ("expected_minor", "counted_minor", "difference_minor", "total_minor", "grand_total_minor", "z_figures")
    assert [row[name] for name in z_report] == [before[name] for name in z_report]
    assert (row["expected_minor"], row["difference_minor"]) == (10_000, 80)
    assert row["supplement"] == {
        "uploads": 1,
        "receipts": ["K1-1"],
        "total_minor": 100,
        "cash_minor": 100,
        "card_minor": 0,
        "expected_minor": 10_100,
        "counted_minor": 10_080,
        "difference_minor": -20,
    }
    report = await client.get(f"/sessions/{shop.session}/report.pdf")
    text = " ".join(" ".join(texts(report.content)).split())
    assert "Expected 100.00 Counted 100.80 Over €0.80" in text
    late = "Receipts (1) 1.00 Cash 1.00 Card 0.00 Expected 101.00 Counted 100.80 Short −€0.20"
    assert f"Supplement to the Z report Sold without the server, uploaded after closing. {late}" in text
    (conflict,) = answer["sales"][0]["conflicts"]
    await client.done(f"/sales/{shop.sale}/conflicts/{conflict}/accept", {"reason": "the till was found late"})


async def test_a_till_keeps_the_catalogue_whole_and_then_asks_for_what_changed(shop: Shop, client: Client) -> None:
    path = f"/sales/{shop.sale}/catalogue"
    whole = (await client.get(path)).json()
    assert {each["tag"] for each in whole["articles"]} == set(shop.tags)
    assert all(each.get("for_sale", True) for each in whole["articles"])
    assert whole["next_cursor"] is None

    paid = await shop.sold(shop.tags[2])

    changed = (await client.get(path, since=whole["position"], after_position=paid["position"])).json()
    assert [(each["tag"], each["for_sale"]) for each in changed["articles"]] == [(shop.tags[2], False)]
    nothing = (await client.get(path, since=changed["position"])).json()
    assert nothing["articles"] == []


async def test_a_catalogue_of_many_items_comes_in_pages_that_leave_none_out(shop: Shop, client: Client) -> None:
    toy = {"category": "toys", "description": "Toy", "price_minor": 100}
    rows = [{"consignor": 17 + number % 2, **toy} for number in range(600)]
    listed = await client.done(f"/sales/{shop.sale}/import-items", {"rows": rows})
    tags = [*shop.tags, *(row["tag"] for row in listed["listed"])]

    path = f"/sales/{shop.sale}/catalogue"
    first = (await client.get(path, after_position=listed["position"])).json()
    second = (await client.get(path, cursor=first["next_cursor"])).json()

    assert (len(first["articles"]), second["next_cursor"]) == (500, None)
    assert sorted(each["tag"] for page in (first, second) for each in page["articles"]) == sorted(tags)
