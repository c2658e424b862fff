"""Papers over HTTP: printed from what the read models hold, for those who may see it, without holding up the tills."""

import asyncio
from decimal import Decimal
from typing import Any

import httpx
import pytest

from consign.domain import tag as tags
from consign.domain.values import TagCode
from consign.http.papers.printing import WAITING_MAX, Line
from consign.http.problems import Refusal
from consign.papers.sheets import SHEETS
from tests.papers.reading import CODE_128, QR, cut_out, picture, scanned, sizes_mm, texts
from tests.support.shop import SETTINGS, Client, Shop, new_id, problem


async def printed(client: Client, path: str, **parameters: Any) -> bytes:
    response = await client.get(path, **parameters)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["cache-control"] == "no-store"
    assert int(response.headers["x-consign-position"]) > 0
    return response.content


def shown(code: str) -> str:
    return tags.shown(TagCode(code))


def said(pdf: bytes) -> str:
    return " ".join(" ".join(texts(pdf)).split())


async def listed(shop: Shop) -> int:
    """Return the position at which everything of the shop is written."""
    answer = await shop.client.done(f"/sessions/{shop.session}/move-cash", {"amount_minor": 100, "reason": "coins"})
    position: int = answer["position"]
    return position


async def test_the_tags_of_a_consignor_are_printed_and_scan(shop: Shop) -> None:
    position = await listed(shop)
    pdf = await printed(
        shop.client, f"/sales/{shop.sale}/tags.pdf", consignor=17, sheet="L7160", after_position=position
    )
    text = said(pdf)
    mine = [tag for tag in shop.tags if tag[3:7] == "0017"]
    assert [shown(tag) in text for tag in shop.tags] == [tag in mine for tag in shop.tags]
    assert "Toy 0" in text
    assert "€1.00" in text
    assert "Toys" in text
    page, boxes = picture(pdf, 300), list(SHEETS["L7160"].boxes())
    for tag, box in zip(sorted(mine), boxes, strict=False):
        label = cut_out(page, box, 300)
        assert (scanned(label, CODE_128), scanned(label, QR)) == ([tag], [tag])


async def test_single_tags_are_printed_again_on_a_roll(shop: Shop) -> None:
    position = await listed(shop)
    wanted = [shop.tags[4], shop.tags[1]]
    pdf = await printed(
        shop.client,
        f"/sales/{shop.sale}/tags.pdf",
        tags=",".join(map(shown, wanted)),
        sheet="57x32mm",
        after_position=position,
    )
    assert sizes_mm(pdf) == [(57, 32), (57, 32)]
    assert {scanned(picture(pdf, 203, page), CODE_128)[0] for page in (0, 1)} == set(wanted)


async def test_what_is_sold_needs_no_tag_unless_it_is_asked_for(shop: Shop) -> None:
    paid = await shop.sold(shop.tags[0])
    path = f"/sales/{shop.sale}/tags.pdf"
    assert shown(shop.tags[0]) not in said(await printed(shop.client, path, after_position=paid["position"]))
    assert shown(shop.tags[0]) in said(await printed(shop.client, path, tags=shop.tags[0]))


async def test_tags_that_were_printed_can_be_left_out(shop: Shop) -> None:
    client = shop.client
    row = {
        "consignor": 17,
        "category": "toys",
        "description": "Jumper",
        "price_minor": 500,
        "size": "104",
        "brand": "Own",
    }
    await client.done(f"/sales/{shop.sale}/import-items", {"rows": [row]})
    marked = await client.done(f"/sales/{shop.sale}/mark-tags-printed", {"tags": shop.tags})
    path = f"/sales/{shop.sale}/tags.pdf"
    text = said(await printed(client, path, unprinted=True, after_position=marked["position"]))
    assert "Jumper" in text
    assert "104 · Own · Toys" in text
    assert "Toy 1" not in text
    assert "Toy 1" in said(await printed(client, path))


async def test_a_sale_may_say_what_its_papers_look_like(client: Client) -> None:
    shop = await Shop.planned(client)
    settings = {
        "commission": {"default": {"rate_ppm": 200_000}},
        "papers": {"letterhead": ["Parents of Neukirchen"], "tag_sheet": "5160"},
    }
    done = await client.done(f"/sales/{shop.sale}/change-settings", {"settings": settings})
    pdf = await printed(client, f"/sales/{shop.sale}/calibration.pdf", after_position=done["position"])
    assert sizes_mm(pdf) == [(216, 279)]
    drop_off = await printed(client, f"/sales/{shop.sale}/drop-off.pdf", after_position=done["position"])
    assert "Parents of Neukirchen" in said(drop_off)


async def test_label_sheets_are_listed(shop: Shop) -> None:
    sheets = (await shop.client.get("/label-sheets")).json()["sheets"]
    assert [sheet["sheet"] for sheet in sheets] == list(SHEETS)
    assert next(sheet for sheet in sheets if sheet["sheet"] == "L7160")["label_width_mm"] == 63.5


@pytest.mark.parametrize(
    "parameters",
    [
        {"sheet": "L9999"},
        {"sheet": "10x10mm"},
        {"start": 22},
        {"start": 0},
        {"consignor": "x"},
        {"tags": "abc"},
        {"tags": ","},
        {"tags": ",".join(["00100170016"] * 501)},
        {"scale": 3},
        {"right": "nan"},
        {"colour": "red"},
    ],
)
async def test_what_cannot_be_printed_is_refused(shop: Shop, parameters: dict[str, Any]) -> None:
    problem(await shop.client.get(f"/sales/{shop.sale}/tags.pdf", **parameters), 400, "parameter_invalid")


async def test_papers_of_what_is_not_there_are_not_found(shop: Shop) -> None:
    client = shop.client
    problem(await client.get(f"/sales/{new_id()}/tags.pdf"), 404, "unknown_sale")
    problem(await client.get(f"/sales/{shop.sale}/receipts/K1-99/paper.pdf"), 404, "unknown_receipt")
    problem(await client.get(f"/sales/{shop.sale}/receipts/K1-R99/paper.pdf"), 404, "unknown_receipt")
    problem(await client.get(f"/sessions/{new_id()}/report.pdf"), 404, "unknown_session")


@pytest.mark.parametrize(("paper", "wide_mm"), [("58mm", 58), ("80mm", 80), ("a4", 210)])
async def test_a_receipt_is_printed_as_it_was_paid(shop: Shop, paper: str, wide_mm: int) -> None:
    paid = await shop.sold(shop.tags[0], shop.tags[1])
    path = f"/sales/{shop.sale}/receipts/{paid['receipt']}/paper.pdf"
    pdf = await printed(shop.client, path, paper=paper, after_position=paid["position"])
    assert sizes_mm(pdf)[0][0] == wide_mm
    text = said(pdf)
    for words in ("Spring fair", "Receipt K1-1", "Toy 0 1.00", shown(shop.tags[0]), "Total €2.50", "Cash 50.00"):
        assert words in text
    assert "Change 47.50" in text


async def test_a_receipt_keeps_the_name_that_the_organization_had(shop: Shop) -> None:
    client = shop.client
    before = await shop.sold(shop.tags[0])
    renamed = await client.done("/rename", {"name": "Autumn fair"})
    after = await shop.sold(shop.tags[1])
    for paid, name, other in ((before, "Spring fair", "Autumn fair"), (after, "Autumn fair", "Spring fair")):
        path = f"/sales/{shop.sale}/receipts/{paid['receipt']}/paper.pdf"
        text = said(await printed(client, path, after_position=after["position"]))
        assert (name in text, other in text) == (True, False)
    organization = (await client.get("/organization", after_position=renamed["position"])).json()
    assert (organization["name"], [each["name"] for each in organization["former_names"]]) == (
        "Autumn fair",
        ["Spring fair"],
    )


async def test_a_receipt_tells_tax_and_surcharge_of_what_was_paid(shop: Shop) -> None:
    client = shop.client
    settings = {**SETTINGS, "tax": {"rate_ppm": 190_000}, "surcharge": {"fixed_minor": 25}}
    await client.done(f"/sales/{shop.sale}/change-settings", {"settings": settings})
    paid = await shop.sold(shop.tags[0], shop.tags[1])
    path = f"/sales/{shop.sale}/receipts/{paid['receipt']}/paper.pdf"
    pdf = await printed(client, path, after_position=paid["position"])
    row = (await client.get(f"/sales/{shop.sale}/receipts/{paid['receipt']}")).json()
    assert row["total_minor"] == 275
    tax = sum(line["tax_minor"] for line in row["lines"])
    net = Decimal(250 - tax) / 100
    for words in ("Subtotal 2.50", "Surcharge 0.25", "Total €2.75", f"of which tax 19 % (net {net:.2f})"):
        assert words in said(pdf)


async def test_what_had_no_readable_tag_is_on_the_receipt(shop: Shop) -> None:
    basket, line = new_id(), new_id()
    body = {"line": line, "consignor": 17, "price_minor": 250, "description": "Ball"}
    await shop.client.done(shop.basket(basket, "add-manual-line"), body)
    paid = await shop.client.done(shop.basket(basket, "pay"), {"tenders": [{"kind": "card", "amount_minor": 250}]})
    path = f"/sales/{shop.sale}/receipts/{paid['receipt']}/paper.pdf"
    text = said(await printed(shop.client, path, after_position=paid["position"]))
    assert "Ball, Consignor 17 2.50 Total €2.50" in text
    assert "Card 2.50" in text


async def test_a_refund_and_a_void_are_printed_as_what_they_are(shop: Shop) -> None:
    client, paid = shop.client, await shop.sold(shop.tags[0])
    refunded = await client.done(
        f"/sessions/{shop.session}/receipts/{paid['receipt']}/refund",
        {"tender": "cash", "reason": "torn", "lines": [{"tag": shop.tags[0]}], "returned_to": "floor"},
    )
    path = f"/sales/{shop.sale}/receipts/{refunded['refund']}/paper.pdf"
    text = said(await printed(client, path, after_position=refunded["position"]))
    for words in ("Refund K1-R1", "of receipt K1-1", "Reason: torn", "Toy 0 1.00", "Paid out €1.00"):
        assert words in text

    again = await shop.sold(shop.tags[1])
    voided = await client.done(f"/sessions/{shop.session}/receipts/{again['receipt']}/void", {"reason": "wrong"})
    path = f"/sales/{shop.sale}/receipts/{again['receipt']}/paper.pdf"
    assert "VOIDED" in said(await printed(client, path, after_position=voided["position"]))


async def test_an_open_session_has_an_x_report_and_a_closed_one_a_z_report(shop: Shop) -> None:
    paid = await shop.sold(shop.tags[0])
    path = f"/sessions/{shop.session}/report.pdf"
    x = said(await printed(shop.client, path, after_position=paid["position"]))
    assert "X report · Till K1" in x
    assert "Float 100.00 Cash 1.00 Expected 101.00" in x
    closed = await shop.client.done(
        f"/sessions/{shop.session}/close", {"counted_minor": 10_090, "reason": "wrong change"}
    )
    z = said(await printed(shop.client, path, paper="58mm", after_position=closed["position"]))
    for words in ("Z report 1 · Till K1", "Counted 100.90", "Short −€0.10", "Reason: wrong change"):
        assert words in z


async def test_lists_name_people_to_those_who_need_their_names(shop: Shop) -> None:
    client = shop.client
    position = await listed(shop)
    path = f"/sales/{shop.sale}/pick-up.pdf"
    text = said(await printed(client, path, after_position=position))
    for words in ("Pick-up list", "6 items", "Consignor 17 · Person 17", "Consignor 18 · Person 18", "Toy 5"):
        assert words in text
    auditor = client.token_of("ada", {client.organization: ("auditor",)})
    unnamed = said((await client.get(path, token=auditor)).content)
    assert "Consignor 17" in unnamed
    assert "Person 17" not in unnamed


async def test_a_list_holds_the_consignors_that_are_asked_for(shop: Shop) -> None:
    position = await listed(shop)
    path = f"/sales/{shop.sale}/pick-up.pdf"
    text = said(await printed(shop.client, path, consignors="18-400", apart=True, after_position=position))
    assert "Consignor 18" in text
    assert "Consignor 17" not in text
    for wrong in ("18-17", "0-9999", "x", "1-"):
        problem(await shop.client.get(path, consignors=wrong), 400, "parameter_invalid")


async def test_what_was_sold_is_not_on_the_pick_up_list(shop: Shop) -> None:
    paid = await shop.sold(shop.tags[0])
    text = said(await printed(shop.client, f"/sales/{shop.sale}/pick-up.pdf", after_position=paid["position"]))
    assert shown(shop.tags[0]) not in text
    assert shown(shop.tags[1]) in text


async def test_what_is_given_away_is_on_the_donations_list_alone(shop: Shop) -> None:
    client = shop.client
    row = {"consignor": 17, "category": "toys", "description": "Old bear", "price_minor": 100, "donate": True}
    [item] = (await client.done(f"/sales/{shop.sale}/import-items", {"rows": [row]}))["listed"]
    checked_in = await client.done(f"/sales/{shop.sale}/check-in-items", {"tags": [item["tag"]]})
    papers = [
        said(await printed(client, f"/sales/{shop.sale}/{paper}.pdf", after_position=checked_in["position"]))
        for paper in ("donations", "pick-up", "drop-off")
    ]
    assert ["Old bear" in paper for paper in papers] == [True, False, False]
    assert ["Toy 1" in paper for paper in papers] == [False, True, False]


async def test_what_left_the_house_is_on_no_list_and_what_is_missing_is_said_to_be(shop: Shop) -> None:
    client, sale = shop.client, f"/sales/{shop.sale}"
    fetched, missed, lost, given, brought_back, stays = shop.tags
    paid = await shop.sold(brought_back)
    refund = {"tender": "cash", "reason": "torn", "returned_to": "consignor", "lines": [{"tag": brought_back}]}
    await client.done(f"/sessions/{shop.session}/receipts/{paid['receipt']}/refund", refund)
    await shop.move_to("pick_up")
    await client.done(f"{sale}/collect-items", {"tags": [fetched]})
    await client.done(f"{sale}/miss-items", {"tags": [missed]})
    await client.done(f"{sale}/lose-items", {"tags": [lost], "reason": "nobody finds it"})
    at = (await client.done(f"{sale}/donate-items", {"tags": [given]}))["position"]
    pick_up = said(await printed(client, f"{sale}/pick-up.pdf", after_position=at))
    assert [shown(tag) in pick_up for tag in shop.tags] == [False, True, False, False, True, True]
    assert "[missing]" in pick_up
    assert "[returned]" in pick_up
    assert shown(given) not in said(await printed(client, f"{sale}/donations.pdf"))
    assert shown(stays) in pick_up


async def test_what_nobody_fetches_moves_to_the_donations_list_by_policy(shop: Shop) -> None:
    client, sale = shop.client, f"/sales/{shop.sale}"
    settings = {**SETTINGS, "unsold_policy": "collect_else_donate"}
    at = (await client.done(f"{sale}/change-settings", {"settings": settings}))["position"]
    before = said(await printed(client, f"{sale}/pick-up.pdf", after_position=at))
    for phase in ("pick_up", "settlement"):
        await shop.move_to(phase)
    at = (await client.done(f"{sale}/collect-items", {"tags": [shop.tags[0]]}))["position"]
    pick_up, donations = [
        said(await printed(client, f"{sale}/{paper}.pdf", after_position=at)) for paper in ("pick-up", "donations")
    ]
    assert all(shown(tag) in before for tag in shop.tags)
    assert not any(shown(tag) in pick_up for tag in shop.tags)
    assert [shown(tag) in donations for tag in shop.tags] == [False, True, True, True, True, True]


async def test_a_statement_preview_adds_up_to_the_settlement_preview(shop: Shop) -> None:
    client = shop.client
    paid = await shop.sold(*shop.tags[:4])
    settled = (await client.get(f"/sales/{shop.sale}/settlement-preview", after_position=paid["position"])).json()
    seventeen = next(each for each in settled["consignors"] if each["number"] == 17)
    path = f"/sales/{shop.sale}/statement-previews.pdf"
    pages = texts(await printed(client, path, after_position=paid["position"]))
    assert [page.count("Preview, not final") for page in pages] == [1, 1]
    text = " ".join(pages[0].split())
    gross, net = (Decimal(seventeen[name]) / 100 for name in ("gross_minor", "net_minor"))
    for words in ("Person 17", "Consignor 17", shown(shop.tags[0]), "Toy 2", f"Total {gross}", "Fees −3.00"):
        assert words in text
    assert f"Commission 20 % of {gross}" in text
    result = f"To be paid to you €{net}" if net >= 0 else f"Owed by you €{-net}"
    assert result in text
    assert len(texts(await printed(client, path, consignors="18"))) == 1


async def test_consignors_print_what_is_their_own(client: Client) -> None:
    shop = await Shop.planned(client)
    await shop.move_to("registration")
    position = 0
    for number, account in ((17, "ada"), (18, "bob")):
        body = {"sale": shop.sale, "number": number, "account": account, "profile": {"name": account.title()}}
        await client.done(f"/participations/{new_id()}/register", body)
        item = {"consignor": number, "category": "toys", "description": f"Toy of {account}", "price_minor": 100}
        position = (await client.done(f"/sales/{shop.sale}/import-items", {"rows": [item]}))["position"]
    ada, eve = (client.token_of(account, {client.organization: ("consignor",)}) for account in ("ada", "eve"))
    for paper, words in (
        ("tags.pdf", "Toy of ada"),
        ("drop-off.pdf", "Consignor 17 · Ada"),
        ("statement-previews.pdf", "Ada"),
    ):
        path = f"/sales/{shop.sale}/{paper}"
        text = said((await client.get(path, token=ada, after_position=position)).content)
        assert words in text
        assert [each for each in ("001-0018", "Consignor 18") if each in text] == []
        assert "bob" not in text.lower()
        problem(await client.get(path, token=eve), 404, "unknown_consignor")


async def test_papers_are_for_those_who_may_see_them(shop: Shop) -> None:
    client = shop.client
    cashier = client.token_of("casey", {client.organization: ("cashier",)})
    integrator = client.token_of("bot", {client.organization: ("integrator",)})
    for path in ("tags.pdf", "statement-previews.pdf"):
        problem(await client.get(f"/sales/{shop.sale}/{path}", token=cashier), 403, "forbidden")
    for path in (f"/sales/{shop.sale}/pick-up.pdf", f"/sessions/{shop.session}/report.pdf"):
        problem(await client.get(path, token=integrator), 403, "forbidden")


async def test_a_screen_that_wants_no_pdf_is_told_so(shop: Shop) -> None:
    path = shop.client.path(f"/sales/{shop.sale}/tags.pdf")
    headers = {"Authorization": f"Bearer {shop.client.token}", "Accept": "application/json"}
    answer: httpx.Response = await shop.client.http.get(path, headers=headers)
    problem(answer, 406, "not_acceptable")


async def test_more_papers_than_can_wait_are_told_to_come_back() -> None:
    line, go_on = Line("test"), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow() -> bytes:
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result()
        return b"%PDF"

    waiting = [asyncio.create_task(line.drawn(slow)) for _ in range(WAITING_MAX)]
    await asyncio.sleep(0)
    with pytest.raises(Refusal) as refused:
        await line.drawn(slow)
    assert refused.value.reason == "papers_busy"
    go_on.set()
    assert await asyncio.gather(*waiting) == [b"%PDF"] * WAITING_MAX
    assert await line.drawn(lambda: b"again") == b"again"
