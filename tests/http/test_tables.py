"""Tables said at once over HTTP, as CSV and JSON: every wrong row is named, the good ones are kept."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.http.test_items import registering
from tests.support.eventually import eventually
from tests.support.shop import SETTINGS, Client, Shop, problem

TIERS = {"default": {"rate_ppm": 200_000}, "by_tier": {"helper": {"rate_ppm": 100_000}}}


async def ready(client: Client, settings: Mapping[str, Any] = SETTINGS, **organization: Any) -> Shop:
    """A sale with consignors 17 and 18, of which the read models know already."""
    shop = await registering(client, settings, **organization)

    async def is_known() -> bool:
        return (await client.get(f"/sales/{shop.sale}")).status_code == 200

    await eventually(is_known)
    return shop


async def imported(client: Client, shop: Shop, kind: str, table: str) -> dict[str, Any]:
    """Import a CSV that has at least one good row; return the answer."""
    response = await client.send(f"/sales/{shop.sale}/import-{kind}", table.encode(), media_type="text/csv")
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def wrong(answer: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(error["row"], error["pointer"], error["reason"]) for error in answer["errors"]]


async def row_of(client: Client, shop: Shop, number: int, position: int) -> dict[str, Any]:
    listed = (await client.get("/participations", sale=shop.sale, after_position=position)).json()["items"]
    return next(row for row in listed if row["number"] == number)


async def test_terms_of_many_consignors_change_by_a_table(client: Client) -> None:
    shop = await ready(client, {**SETTINGS, "commission": TIERS})
    table = "consignor;tier;rate;fixed\n17;helper;12,5;0,50\n18;;;1,00\n19;helper;;\n18;no-such;;\n18;;eight;\n"
    answer = await imported(client, shop, "terms", table)
    assert answer["done"] == [{"row": 2, "already": False}]
    assert wrong(answer) == [
        (3, "/rows/1/rate", "invalid"),
        (4, "/rows/2", "unknown_consignor"),
        (5, "/rows/3", "unknown_tier"),
        (6, "/rows/4/rate", "invalid"),
    ]
    row = await row_of(client, shop, 17, answer["position"])
    assert (row["tier"], row["own_rule"]["rate_ppm"], row["own_rule"]["fixed_minor"]) == ("helper", 125_000, 50)
    taken = await imported(client, shop, "terms", "consignor,tier,rate\n17,-,\n")
    row = await row_of(client, shop, 17, taken["position"])
    assert (row["tier"], row["own_rule"]["rate_ppm"]) == (None, 125_000), "a dash takes away, an empty cell leaves"


async def test_payments_of_fees_are_read_from_a_table_as_often_as_one_likes(client: Client) -> None:
    shop = await ready(client)
    table = (
        "consignor,reference,amount,fee\n17,transfer 1,3.00,\n18,transfer 2,2.00,\n18,,3.00,\nx,transfer 3,3.00,\n"
        "18,transfer 5,1.50,late\n18,transfer 6,3.00,entrance\n"
    )
    answer = await imported(client, shop, "fee-payments", table)
    assert answer["done"] == [{"row": 2, "already": False}]
    assert wrong(answer) == [
        (3, "/rows/1", "fee_amount_differs"),
        (4, "/rows/2/reference", "invalid"),
        (5, "/rows/3/consignor", "invalid"),
        (6, "/rows/4", "fee_not_due"),
        (7, "/rows/5/fee", "invalid"),
    ]
    assert (await row_of(client, shop, 17, answer["position"]))["fee_status"] == "paid"
    assert (await imported(client, shop, "fee-payments", table))["done"] == [{"row": 2, "already": True}]
    francs = await client.post(
        f"/sales/{shop.sale}/import-fee-payments",
        {"rows": [{"consignor": 18, "reference": "transfer 4"}], "currency": "CHF"},
    )
    problem(francs, 422, "wrong_currency")


async def test_shifts_and_work_come_from_tables_with_times_of_the_sales_clock(client: Client) -> None:
    shop = await ready(client, time_zone="Europe/Paris")
    begun = (datetime.now(UTC) - timedelta(hours=3)).isoformat(timespec="minutes")
    ended = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="minutes")
    table = (
        "shift,task,begins,ends,capacity,credit_minutes\n"
        f"done,Door,{begun},{ended},2,90\nsummer,Door,2027-07-01 14:00,2027-07-01 16:00,2,\n"
        "never,Door,2027-02-30 14:00,2027-07-01 16:00,2,\nbackwards,Door,2027-07-01 14:00,2027-07-01 13:00,2,\n"
    )
    answer = await imported(client, shop, "shifts", table)
    assert wrong(answer) == [(4, "/rows/2/begins", "invalid"), (5, "/rows/3", "times_invalid")]
    listed = (await client.get(f"/sales/{shop.sale}/shifts", after_position=answer["position"])).json()["items"]
    summer = next(each for each in listed if each["shift"] == "summer")
    assert (summer["begins_at"], summer["ends_at"]) == ("2027-07-01T12:00:00Z", "2027-07-01T14:00:00Z")

    work = "shift,consignor,outcome,minutes\ndone,17,worked,60\nsummer,18,promised,\nsummer,17,slept,\n"
    answer = await imported(client, shop, "work", work)
    assert [done["row"] for done in answer["done"]] == [2, 3]
    assert wrong(answer) == [(4, "/rows/2/outcome", "invalid")]
    rows = (await client.get(f"/sales/{shop.sale}/work", after_position=answer["position"])).json()["items"]
    assert {(row["number"], row["shift"], row["outcome"]) for row in rows} == {
        (17, "done", "worked"),
        (18, "summer", "promised"),
    }


async def test_slots_and_who_comes_in_them_come_from_tables(client: Client) -> None:
    shop = await ready(client)
    slots = (
        "slot\tkind\tbegins\tends\tcapacity\n"
        "early\tdrop_off\t2027-07-01 14:00\t2027-07-01 14:30\t1\nodd\televator\t2027-07-01 14:00\t2027-07-01 15:00\t1\n"
    )
    answer = await imported(client, shop, "slots", slots)
    assert wrong(answer) == [(3, "/rows/1/kind", "invalid")]
    choices = "slot,consignor,beyond_capacity\nearly,17,\nearly,18,no\nearly,18,yes\n"
    answer = await imported(client, shop, "slot-choices", choices)
    assert ([done["row"] for done in answer["done"]], wrong(answer)) == ([2, 4], [(3, "/rows/1", "slot_full")])


async def test_items_change_and_are_checked_in_by_tables_of_their_tags(client: Client) -> None:
    shop = await ready(client)
    puzzle = {"consignor": 17, "category": "toys", "description": "Puzzle", "price_minor": 450, "size": "M"}
    rows = [puzzle, {**puzzle, "consignor": 18}]
    listed = await client.done(f"/sales/{shop.sale}/import-items", {"rows": rows})
    first, second = (row["tag"] for row in listed["listed"])
    changes = f"tag,price,reduce,size\n{first.lstrip('0')},4.00,yes,-\n{second},4.01,,\n12,4.00,,\n{second},,maybe,\n"
    answer = await imported(client, shop, "item-changes", changes)
    assert answer["changed"] == [{"row": 2, "tag": first, "voided": None}]
    assert wrong(answer) == [
        (3, "/rows/1/price_minor", "price_step"),
        (4, "/rows/2/tag", "invalid"),
        (5, "/rows/3/reduce", "invalid"),
    ]
    item = (await client.get(f"/items/{first}", after_position=answer["position"])).json()
    assert (item["price_minor"], item["reduce"], item["size"], item["description"]) == (400, True, "", "Puzzle")

    await shop.move_to("drop_off")
    json = {"rows": [{"tag": first, "row": 7}, {"tag": "0"}, {"tag": 5}, {"tag": second}, {"tag": first}]}
    answer = await client.done(f"/sales/{shop.sale}/import-check-ins", json)
    assert answer["tags"] == [first, second]
    assert wrong(answer) == [(1, "/rows/1/tag", "tag_invalid"), (2, "/rows/2/tag", "invalid")]


async def test_only_whom_a_table_is_for_may_import_it(client: Client) -> None:
    shop = await ready(client)
    volunteer = client.token_of("vera", {client.organization: ("volunteer",)})
    body = {"rows": [{"consignor": 17, "tier": None}]}
    problem(await client.post(f"/sales/{shop.sale}/import-terms", body, token=volunteer), 403, "forbidden")
    said = {"rows": [{"consignor": 17}, {"consignor": 18, "tier": None, "own_rule": {"rate_ppm": 1, "rate": 1}}]}
    answer = await client.done(f"/sales/{shop.sale}/import-terms", said)
    assert (answer["done"], wrong(answer)) == ([{"row": 0, "already": True}], [(1, "/rows/1/own_rule/rate", "invalid")])
    nothing = await client.post(f"/sales/{shop.sale}/import-terms", {"rows": [{"consignor": 0}]})
    assert problem(nothing, 422, "rows_invalid")["errors"][0]["pointer"] == "/rows/0/consignor"
