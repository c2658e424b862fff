"""Reports over HTTP: their figures, what each comes from, how they stood before, and as tables."""

import csv
import io
import re
from pathlib import Path
from typing import Any

from tests.papers.reading import sizes_mm, texts
from tests.support.shop import SETTINGS, Client, Shop, new_id, problem


async def read(client: Client, path: str, **parameters: Any) -> dict[str, Any]:
    response = await client.get(path, **parameters)
    assert response.status_code == 200, response.text
    content: dict[str, Any] = response.json()
    return content


async def report(shop: Shop, name: str, **parameters: Any) -> dict[str, Any]:
    return await read(shop.client, f"/sales/{shop.sale}/reports/{name}", **parameters)


def values(figures: dict[str, Any]) -> dict[str, int]:
    return {name: figure["value"] for name, figure in figures.items()}


async def traded(shop: Shop) -> int:
    """Sell five of six things over two receipts, take one back, void the other receipt; return the position."""
    await shop.sold(*shop.tags[:3])
    await shop.sold(*shop.tags[3:5])
    refund = {"tender": "cash", "reason": "torn", "lines": [{"tag": shop.tags[0]}]}
    await shop.client.done(f"/sessions/{shop.session}/receipts/K1-1/refund", refund)
    voided = await shop.client.done(f"/sessions/{shop.session}/receipts/K1-2/void", {"reason": "wrong basket"})
    position: int = voided["position"]
    return position


async def test_takings_say_what_came_in_and_went_out_by_till_and_tender(shop: Shop) -> None:
    position = await traded(shop)
    by_tender = await report(shop, "takings", by="till,tender", after_position=position)
    (row,) = by_tender["rows"]
    assert row["key"] == {"till": "K1", "tender": "cash"}
    told = values(row["figures"])
    assert told == {**dict.fromkeys(told, 0), "taken_minor": 350, "goods_minor": 350}
    whole = await report(shop, "takings", by="till", after_position=position)
    assert values(whole["total"]) == {
        **told,
        "receipts": 1,
        "sold_minor": 450,
        "refunds": 1,
        "refunded_minor": 100,
        "rounding_minor": 0,
    }


async def test_takings_tell_vouchers_and_fees_as_what_they_are_and_come_to_what_is_in_the_drawer(shop: Shop) -> None:
    client, till = shop.client, f"/sessions/{shop.session}"
    by_card = {"amount_minor": 450, "tenders": [{"kind": "card", "amount_minor": 450}]}
    sold = await client.done(f"{till}/sell-voucher", by_card)
    basket = new_id()
    await client.done(shop.basket(basket, "scan"), {"tag": shop.tags[0]})
    tender = {"kind": "voucher", "amount_minor": 100, "reference": sold["voucher"]}
    await client.done(shop.basket(basket, "pay"), {"tenders": [tender]})
    await client.done(f"{till}/cash-out-voucher", {"voucher": sold["voucher"]})
    people = await read(client, "/participations", sale=shop.sale, sort="number")
    fee = {"participation": people["items"][0]["participation"], "means": "cash"}
    paid = await client.done(f"{till}/receive-fee", fee)
    told = await report(shop, "takings", by="tender", after_position=paid["position"])
    figures = {row["key"]["tender"]: {k: v for k, v in values(row["figures"]).items() if v} for row in told["rows"]}
    assert figures == {
        "card": {"taken_minor": 450, "vouchers_sold_minor": 450},
        "cash": {"taken_minor": -50, "cashed_out_minor": 350, "fees_minor": 300},
        "voucher": {"goods_minor": 100},
    }
    counted = await read(client, till, after_position=paid["position"])
    assert counted["expected_minor"] == counted["figures"]["float_minor"] + figures["cash"]["taken_minor"]


async def test_a_figure_leads_to_the_events_it_comes_from_and_they_add_up_to_it(shop: Shop) -> None:
    position = await traded(shop)
    told = await report(shop, "takings", by="tender", after_position=position)
    figure = told["total"]["taken_minor"]
    await shop.sold(shop.tags[5])  # the trace keeps to the position of the report
    parts: list[dict[str, Any]] = []
    path = figure["trace"] + "&limit=1"
    while True:
        response = await shop.client.http.get(path, headers=shop.client.headers())
        assert response.status_code == 200, response.text
        page = response.json()
        parts += page["items"]
        if page["next_cursor"] is None:
            break
        path = f"{figure['trace']}&limit=1&cursor={page['next_cursor']}"
    assert sum(part["changes"]["taken_minor"] for part in parts) == figure["value"]
    assert [part["event"] for part in parts] == ["basket-paid", "basket-paid", "refund-paid", "receipt-voided"]
    assert len({part["event_id"] for part in parts}) == 4


async def test_sell_through_counts_what_is_sold_of_what_is_offered(shop: Shop) -> None:
    position = await traded(shop)
    told = await report(shop, "sell-through", by="category,consignor", after_position=position)
    figures = {row["key"]["consignor"]: values(row["figures"]) for row in told["rows"]}
    assert [figures[number]["offered"] for number in (17, 18)] == [3, 3]
    assert [figures[number]["sold"] for number in (17, 18)] == [1, 1]
    assert told["total"]["sell_through_ppm"]["value"] == 333_333


async def test_fees_are_told_as_owed_until_they_are_paid(shop: Shop) -> None:
    before = await report(shop, "fees", by="consignor")
    assert [row["figures"]["owed_minor"]["value"] for row in before["rows"]] == [300, 300]
    listed = await read(shop.client, "/participations", sale=shop.sale, sort="number")
    participation = listed["items"][0]["participation"]
    paid = await shop.client.done(
        f"/sessions/{shop.session}/receive-fee", {"participation": participation, "means": "cash"}
    )
    after = await report(shop, "fees", by="consignor,due", after_position=paid["position"])
    assert [row["figures"]["owed_minor"]["value"] for row in after["rows"]] == [0, 300]
    assert values(after["total"]) == {"charged_minor": 600, "paid_minor": 300, "owed_minor": 300, "late_minor": 0}


async def test_a_report_can_be_had_as_it_stood_at_a_position(shop: Shop) -> None:
    first = await shop.sold(shop.tags[0])
    last = await shop.sold(shop.tags[1])
    now = await report(shop, "takings", by="", after_position=last["position"])
    then = await report(shop, "takings", by="", position=first["position"])
    assert [told["total"]["taken_minor"]["value"] for told in (then, now)] == [100, 250]
    assert then["position"] == first["position"]
    early = await report(shop, "takings", by="", at="2020-01-01T00:00:00Z")
    assert (early["position"], values(early["total"])["taken_minor"]) == (0, 0)


async def test_the_trial_balance_is_that_of_the_books_and_zero_in_all(shop: Shop) -> None:
    position = await traded(shop)
    told = await report(shop, "trial-balance", after_position=position)
    books = await read(shop.client, "/books", sale=shop.sale, after_position=position)
    accounts = {each["account"]: each["balance_minor"] for each in books["sales"][0]["accounts"]}
    assert {row["key"]["account"]: row["figures"]["balance_minor"]["value"] for row in told["rows"]} == {
        account: balance for account, balance in accounts.items() if balance
    }
    assert told["total"]["balance_minor"]["value"] == 0


async def test_a_table_has_decimal_points_its_currency_and_no_formula(shop: Shop) -> None:
    row = {"consignor": 17, "category": "toys", "description": '=HYPERLINK("x")', "price_minor": 150, "donate": True}
    listed = await shop.client.done(f"/sales/{shop.sale}/import-items", {"rows": [row]})
    tag = listed["listed"][0]["tag"]
    checked = await shop.client.done(f"/sales/{shop.sale}/check-in-items", {"tags": [tag]})
    response = await shop.client.get(f"/sales/{shop.sale}/reports/donations.csv", after_position=checked["position"])
    assert response.headers["content-type"].startswith("text/csv")
    assert response.text.endswith("\r\n")
    (only,) = csv.DictReader(io.StringIO(response.text, newline=""))
    assert only == {
        "consignor": "17",
        "category": "toys",
        "tag": tag,
        "description": '\'=HYPERLINK("x")',
        "to_donate": "1",
        "donated": "0",
        "donated_amount": "0.00",
        "currency": "EUR",
    }


async def test_amounts_of_a_table_have_the_decimals_of_the_currency(shop: Shop) -> None:
    paid = await shop.sold(shop.tags[0])
    path = f"/sales/{shop.sale}/reports/prices.csv"
    response = await shop.client.get(path, by="", after_position=paid["position"])
    assert response.text == (
        "items,asked_amount,sold_amount,paid_amount,sold_of_asked_percent,currency\r\n1,1.00,1.00,1.00,100,EUR\r\n"
    )


async def test_money_is_for_organizers_and_auditors_and_the_floor_for_all_staff(shop: Shop) -> None:
    client = shop.client
    volunteer = client.token_of("vera", {client.organization: ("volunteer",)})
    problem(await client.get(f"/sales/{shop.sale}/reports/takings", token=volunteer), 403, "forbidden")
    assert (await client.get(f"/sales/{shop.sale}/reports/stock", token=volunteer)).status_code == 200
    listed = await read(client, f"/sales/{shop.sale}/reports")
    assert {"takings", "fees", "trial-balance"} <= {each["name"] for each in listed["reports"]}


async def test_what_a_report_does_not_know_is_refused(shop: Shop) -> None:
    wrong: list[tuple[str, dict[str, str]]] = [
        ("takings", {"by": "colour"}),
        ("takings", {"colour": "red"}),
        ("takings", {"by": "till,"}),
        ("takings/trace", {}),
        ("takings/trace", {"figure": "colour"}),
        ("takings/trace", {"figure": "receipts", "tender": "cash"}),
        ("sell-through", {"consignor": "abc"}),
        ("takings", {"position": "soon"}),
    ]
    for path, parameters in wrong:
        answer = await shop.client.get(f"/sales/{shop.sale}/reports/{path}", **parameters)
        problem(answer, 400, "parameter_invalid")
    problem(await shop.client.get(f"/sales/{new_id()}/reports/takings"), 404, "unknown_sale")


async def test_a_report_is_printed_with_its_filters_and_totals(shop: Shop) -> None:
    position = await traded(shop)
    path = f"/sales/{shop.sale}/reports/takings.pdf"
    response = await shop.client.get(path, by="till,tender", till="K1", after_position=position)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/pdf"
    assert sizes_mm(response.content) == [(210, 297)]
    page = " ".join(texts(response.content)[0].split())
    for said in (
        "Takings",
        f"As of position {position} of the log",
        "Only Till: K1",
        "Till Tender Taken",
        "K1 cash 3.50",
    ):
        assert said in page
    assert page.index("Total 3.50") > page.index("K1 cash 3.50")


async def test_every_report_can_be_printed(shop: Shop) -> None:
    position = await traded(shop)
    listed = await read(shop.client, f"/sales/{shop.sale}/reports")
    for each in listed["reports"]:
        for parameters in ({}, {"by": ",".join(each["dimensions"])}, {each["dimensions"][0]: "1"}):
            path = f"/sales/{shop.sale}/reports/{each['name']}.pdf"
            response = await shop.client.get(path, after_position=position, **parameters)
            assert response.status_code == 200, response.text
            assert response.content.startswith(b"%PDF")


async def test_whoever_has_a_report_that_says_the_same_is_told_so(shop: Shop) -> None:
    position = await traded(shop)
    for ending in ("", ".csv"):
        path = f"/sales/{shop.sale}/reports/takings{ending}"
        first = await shop.client.get(path, after_position=position)
        elsewhere = await shop.client.done(f"/sales/{new_id()}/plan", {"name": "Autumn", "settings": SETTINGS})
        headers = {**shop.client.headers(), "If-None-Match": first.headers["etag"]}
        url = str(first.request.url).partition("?")[0]
        again = await shop.client.http.get(url, params={"after_position": elsewhere["position"]}, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        sold = await shop.sold(shop.tags[5] if ending else shop.tags[4])
        changed = await shop.client.http.get(url, params={"after_position": sold["position"]}, headers=headers)
        assert changed.status_code == 200
        assert changed.headers["etag"] != first.headers["etag"]


async def test_the_trace_of_a_figure_that_stands_is_asked_for_once(shop: Shop) -> None:
    position = await traded(shop)
    told = await report(shop, "takings", by="", after_position=position)
    trace = told["total"]["taken_minor"]["trace"]
    first = await shop.client.http.get(trace, headers=shop.client.headers())
    sold = await shop.sold(shop.tags[5])
    await report(shop, "takings", after_position=sold["position"])
    headers = {**shop.client.headers(), "If-None-Match": first.headers["etag"]}
    assert (await shop.client.http.get(trace, headers=headers)).status_code == 304


async def test_every_request_that_the_document_names_is_answered(shop: Shop) -> None:
    position = await traded(shop)
    listed = await read(shop.client, "/participations", sale=shop.sale, after_position=position)
    participation = listed["items"][0]["participation"]
    document = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    paths = re.findall(r"^GET (/.*)$", document, re.MULTILINE)
    assert len(paths) > 10
    for path in paths:
        asked = path.format(sale=shop.sale, tag=shop.tags[0], participation=participation)
        url = shop.client.path(asked)
        response = await shop.client.http.get(url, headers=shop.client.headers())
        assert response.status_code == 200, (path, response.text)


async def test_rows_without_a_figure_may_be_left_out(shop: Shop) -> None:
    listed = await read(shop.client, "/participations", sale=shop.sale, sort="number")
    fee = {"participation": listed["items"][0]["participation"], "means": "cash"}
    paid = await shop.client.done(f"/sessions/{shop.session}/receive-fee", fee)
    told = await report(shop, "fees", by="consignor", having="owed_minor", after_position=paid["position"])
    assert [row["key"]["consignor"] for row in told["rows"]] == [18]
    assert values(told["total"]) == {"owed_minor": 300}
    wrong = await shop.client.get(f"/sales/{shop.sale}/reports/fees", having="colour")
    problem(wrong, 400, "parameter_invalid")
