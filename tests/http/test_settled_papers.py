"""What is printed once a sale is settled: statements as they were issued, and lists of payouts."""

from decimal import Decimal
from typing import Any

import pytest

from consign.domain import tag as tags
from consign.domain.values import TagCode
from tests.papers.reading import texts
from tests.support.settled_shop import Settled, sold_out
from tests.support.shop import Client, Shop, new_id, problem


@pytest.fixture
async def settled(client: Client) -> Settled:
    return await sold_out(client)


def shown(code: str) -> str:
    return tags.shown(TagCode(code))


async def pages(client: Client, path: str, **parameters: Any) -> list[str]:
    """Return what each page of a paper says."""
    response = await client.get(path, **parameters)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["cache-control"] == "no-store"
    return [" ".join(page.split()) for page in texts(response.content)]


def money(amount_minor: int) -> str:
    return f"{Decimal(amount_minor) / 100:.2f}"


def owed(net_minor: int) -> str:
    amount = f"€{money(abs(net_minor))}"
    return f"To be paid to you {amount}" if net_minor >= 0 else f"Owed by you {amount}"


async def test_statements_say_on_paper_what_was_issued(settled: Settled) -> None:
    frozen = await settled.freeze()
    rows = (await settled.answer("/statements", frozen["position"], sale=settled.shop.sale))["items"]
    of_all = await pages(settled.client, settled.path("/statements.pdf"), after_position=frozen["position"])
    assert len(of_all) == len(rows) == 2
    for row, page in zip(sorted(rows, key=lambda row: row["consignor"]), of_all, strict=True):
        [alone] = await pages(settled.client, settled.path(f"/statements/{row['statement']}/paper.pdf"))
        for text in (page, alone):
            gross = money(row["figures"]["gross_minor"])
            for words in (f"Statement {row['statement']}", f"Person {row['consignor']}", f"Total {gross}", row["seal"]):
                assert words in text
            assert f"Commission 20 % of {gross}" in text
            assert owed(row["net_minor"]) in text
            assert all(shown(line["tag"]) in text for line in row["lines"])
            assert "Toy" in text
    assert len(await pages(settled.client, settled.path("/statements.pdf"), consignors="18")) == 1
    problem(await settled.client.get(settled.path("/statements/S99/paper.pdf")), 404, "unknown_statement")


async def test_a_supplement_says_on_paper_what_changed_and_why(settled: Settled) -> None:
    client, shop = settled.client, settled.shop
    await settled.freeze()
    session = new_id()
    await client.done(f"/sessions/{session}/open", {"sale": shop.sale, "till": "K9", "float_minor": 10_000})
    refund = {"tender": "cash", "reason": "torn", "lines": [{"tag": shop.tags[0]}]}
    await client.done(f"/sessions/{session}/receipts/K1-1/refund", refund)
    issued = await client.done(settled.path("/settlement/issue-supplements"), {"reason": "returns"})
    text = (await pages(client, settled.path("/statements/S3/paper.pdf"), after_position=issued["position"]))[0]
    for words in ("Statement S3 · Supplement", "Reason: returns", f"{shown(shop.tags[0])} Toy 0 Toys −1.00"):
        assert words in text
    assert "Commission 0.20" in text
    assert "Owed by you €0.80" in text
    assert len(await pages(client, settled.path("/statements.pdf"))) == 3


async def test_what_was_cancelled_says_so_and_is_not_printed_with_the_others(settled: Settled) -> None:
    await settled.freeze()
    reopened = await settled.client.done(settled.path("/settlement/reopen"), {"reason": "a till was forgotten"})
    frozen = await settled.freeze()
    at = max(reopened["position"], frozen["position"])
    [first] = await pages(settled.client, settled.path("/statements/S1/paper.pdf"), after_position=at)
    assert "Statement S1 · Cancelled" in first
    standing = await pages(settled.client, settled.path("/statements.pdf"))
    assert [page.count("Cancelled") for page in standing] == [0, 0]
    assert "Statement S3" in " ".join(standing)


async def test_what_was_credited_without_a_tag_is_named_on_the_statement(client: Client) -> None:
    shop = await Shop.opened(client)
    basket, line = new_id(), new_id()
    body = {"line": line, "consignor": 17, "price_minor": 250, "description": "Ball"}
    await client.done(shop.basket(basket, "add-manual-line"), body)
    await client.done(shop.basket(basket, "pay"), {"tenders": [{"kind": "card", "amount_minor": 250}]})
    await client.done(f"/sales/{shop.sale}/manual-lines/{line}/credit", {"consignor": 17})
    for phase in ("pick_up", "settlement"):
        await shop.move_to(phase)
    accepted = {"accepted": [{"kind": "open_till", "name": shop.till}], "reason": "counted tomorrow"}
    frozen = await client.done(f"/sales/{shop.sale}/settlement/freeze", accepted)
    path = f"/sales/{shop.sale}/statements.pdf"
    [text] = await pages(client, path, consignors="17", after_position=frozen["position"])
    assert "Ball" in text
    assert "Total 2.50" in text
    table = await client.get(f"/sales/{shop.sale}/statements/S1/csv")
    assert f"item,{line},2.50" in table.text


async def test_consignors_read_and_print_their_own_statement_and_nobody_elses(client: Client) -> None:
    shop = await Shop.planned(client)
    await shop.move_to("registration")
    for number, account in ((17, "ada"), (18, "bob")):
        body = {"sale": shop.sale, "number": number, "account": account, "profile": {"name": account.title()}}
        await client.done(f"/participations/{new_id()}/register", body)
    for phase in ("drop_off", "live", "pick_up", "settlement"):
        await shop.move_to(phase)
    frozen = await client.done(f"/sales/{shop.sale}/settlement/freeze", {})
    rows = (await client.get("/statements", sale=shop.sale, after_position=frozen["position"])).json()["items"]
    issued = {row["consignor"]: row["statement"] for row in rows}
    ada = client.token_of("ada", {client.organization: ("consignor",)})
    eve = client.token_of("eve", {client.organization: ("consignor",)})
    of_sale = f"/sales/{shop.sale}/statements.pdf"
    [text] = await pages(client, of_sale, token=ada)
    assert "Ada" in text
    assert "Bob" not in text
    [alone] = await pages(client, f"/sales/{shop.sale}/statements/{issued[17]}/paper.pdf", token=ada)
    assert f"Statement {issued[17]}" in alone
    others = await client.get(f"/sales/{shop.sale}/statements/{issued[18]}/paper.pdf", token=ada)
    problem(others, 404, "unknown_statement")
    participations = {row["consignor"]: row["participation"] for row in rows}
    listed = await client.get(f"/participations/{participations[17]}/statements", token=ada)
    assert [row["statement"] for row in listed.json()["items"]] == [issued[17]]
    for table in ("statements", "payouts"):
        others = await client.get(f"/participations/{participations[18]}/{table}", token=ada)
        problem(others, 404, "unknown_participation")
    for form in ("", "/csv"):
        mine = await client.get(f"/sales/{shop.sale}/statements/{issued[17]}{form}", token=ada)
        assert issued[17] in mine.text
        known = {"If-None-Match": mine.headers.get("ETag", "*")}
        theirs = client.path(f"/sales/{shop.sale}/statements/{issued[18]}{form}")
        for token in (ada, eve):
            headers = {**client.headers(token=token), **known}
            problem(await client.http.get(theirs, headers=headers), 404, "unknown_statement")
    problem(await client.get(of_sale, token=eve), 404, "unknown_consignor")


async def test_a_report_of_a_till_says_what_was_paid_out_there(settled: Settled) -> None:
    client, session = settled.client, new_id()
    frozen = await settled.freeze()
    await client.done(f"/sessions/{session}/open", {"sale": settled.shop.sale, "till": "K9", "float_minor": 10_000})
    payout = (await settled.answer("/payouts", frozen["position"], sale=settled.shop.sale))["items"][0]
    paid = await client.done(f"/sessions/{session}/pay-out", {"payout": payout["payout"]})
    [text] = await pages(client, f"/sessions/{session}/report.pdf", after_position=paid["position"])
    out, left = money(paid["cash_minor"]), money(paid["expected_minor"])
    assert f"Float 100.00 Payouts (1) −{out} Expected {left}" in text


async def test_payouts_are_listed_to_sign_for_and_batches_with_their_seal(settled: Settled) -> None:
    client = settled.client
    frozen = await settled.freeze()
    listed = settled.path("/payouts.pdf")
    [due] = await pages(client, listed, after_position=frozen["position"])
    for words in ("Payouts", "Person 17", "Person 18", "due", "Signature"):
        assert words in due
    assert f"Total {money(frozen['net_minor'])}" in due

    await settled.with_details()
    prepared = await settled.prepare()
    (batch,) = prepared["batches"]
    path = settled.path(f"/payout-batches/{batch['batch']}")
    [paper] = await pages(client, f"{path}/paper.pdf", after_position=prepared["position"])
    for words in ("transfer · P1", f"Total {money(batch['total_minor'])}", f"Seal: {batch['seal']}"):
        assert words in paper
    assert "Person 17" not in (await pages(client, listed, status="due", after_position=prepared["position"]))[0]
    assert "transfer · prepared" in (await pages(client, listed, method="sepa"))[0]
    problem(await client.get(settled.path("/payout-batches/B99/paper.pdf")), 404, "unknown_batch")
    cashier = client.token_of("casey", {client.organization: ("cashier",)})
    for refused in (listed, f"{path}/paper.pdf", settled.path("/statements.pdf")):
        problem(await client.get(refused, token=cashier), 403, "forbidden")
