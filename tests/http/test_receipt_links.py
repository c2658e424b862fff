"""Receipts by QR: who scans the code on a receipt sees it and what became of it; a till finds it by the same code."""

import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from tests.papers.reading import QR, picture, scanned, texts
from tests.support.challenges import ChallengeServer, Put
from tests.support.eventually import eventually
from tests.support.shop import SETTINGS, Client, Shop, problem

JSON = {"Accept": "application/json"}
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def printed_link(shop: Shop, paid: dict[str, Any]) -> str:
    """Return what is scanned off the receipt that the till prints."""
    path = f"/sales/{shop.sale}/receipts/{paid['receipt']}/paper.pdf"
    paper = await shop.client.get(path, after_position=paid["position"])
    (link,) = scanned(picture(paper.content, 203), QR)
    return link


async def followed(client: Client, link: str, **headers: str) -> httpx.Response:
    """Open the link as somebody without an account; the service's public address leads to where it listens."""
    parts = urlsplit(link)
    return await client.http.get(parts.path, headers={"Host": parts.netloc, **headers})


def drawn(svg: str) -> Image.Image:
    """Return the picture as a screen shows it."""
    side = int(re.findall(r'viewBox="0 0 (\d+)', svg)[0])
    image = Image.new("L", (side, side), 255)
    draw = ImageDraw.Draw(image)
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", svg):
        draw.point((int(x), int(y)), 0)
    return image.resize((side * 4, side * 4), Image.Resampling.NEAREST)


async def test_the_code_on_a_receipt_leads_to_it_and_to_what_became_of_it(shop: Shop) -> None:
    client, paid = shop.client, await shop.sold(shop.tags[0], shop.tags[1])
    link = await printed_link(shop, paid)
    assert link.startswith(f"http://localhost:8700/r/{client.organization}/")
    assert len(link.rpartition("/")[2]) * 6 >= 128
    page = await followed(client, link, **PAGE)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for text in ("Spring fair", "Receipt K1-1", "Toy 0", "€2.50", "47.50"):
        assert text in page.text
    refund = {"tender": "cash", "reason": "torn by Mrs X", "lines": [{"tag": shop.tags[0]}], "returned_to": "floor"}
    refunded = await client.done(f"/sessions/{shop.session}/receipts/{paid['receipt']}/refund", refund)
    await printed_link(shop, {**paid, **refunded})
    told = (await followed(client, link, **JSON)).json()
    assert (told["receipt"], told["total_minor"], told["currency"], told["voided"]) == ("K1-1", 250, "EUR", False)
    assert [(line["description"], line["price_minor"]) for line in told["lines"]] == [("Toy 0", 100), ("Toy 1", 150)]
    assert [(each["refund"], each["amount_minor"]) for each in told["refunds"]] == [("K1-R1", 100)]
    page = await followed(client, link, **PAGE)
    assert "K1-R1" in page.text
    assert "Mrs X" not in page.text, "what is written at the till by hand is for the organizer"
    paper = await followed(client, f"{link}/receipt.pdf")
    assert paper.headers["content-type"] == "application/pdf"
    for text in ("Toy 0", "Receipt K1-1", "Refund K1-R1"):
        assert text in texts(paper.content)[0]


async def test_a_voided_receipt_says_so_under_its_link(shop: Shop) -> None:
    paid = await shop.sold(shop.tags[0])
    link = await printed_link(shop, paid)
    void = await shop.client.done(f"/sessions/{shop.session}/receipts/{paid['receipt']}/void", {"reason": "wrong"})
    await printed_link(shop, {**paid, "position": void["position"]})
    assert "VOIDED" in (await followed(shop.client, link)).text
    assert (await followed(shop.client, link, **JSON)).json()["voided"] is True


async def test_a_till_shows_the_link_and_finds_the_receipt_by_it_to_give_money_back(shop: Shop) -> None:
    client, paid = shop.client, await shop.sold(shop.tags[0])
    path = f"/sales/{shop.sale}/receipts/{paid['receipt']}/link"
    shown = (await client.get(path, after_position=paid["position"])).json()
    link = shown["url"]
    assert [found.text for found in zxingcpp.read_barcodes(drawn(shown["picture"]))] == [link]
    assert link == await printed_link(shop, paid), "a receipt has one link"
    for each in (link, link.rpartition("/")[2], paid["receipt"]):
        found = (await client.get(f"/sales/{shop.sale}/scanned-receipt", scanned=each)).json()
        assert (found["receipt"], found["lines"][0]["tag"]) == (paid["receipt"], shop.tags[0])
    for wrong in ("nothing", f"{link}x", "K1-99", shop.tags[0]):
        answer = await client.get(f"/sales/{shop.sale}/scanned-receipt", scanned=wrong)
        problem(answer, 404, "unknown_receipt")
    refund = {"tender": "cash", "reason": "torn", "lines": [{"tag": shop.tags[0]}], "returned_to": "floor"}
    refunded = await client.done(f"/sessions/{shop.session}/receipts/{paid['receipt']}/refund", refund)
    path = f"/sales/{shop.sale}/receipts/{refunded['refund']}/paper.pdf"
    paper = await client.get(path, after_position=refunded["position"])
    assert scanned(picture(paper.content, 203), QR) == [link], "a refund leads to its receipt"


async def test_what_is_no_receipts_code_is_the_same_404(shop: Shop, other: Client) -> None:
    client, paid = shop.client, await shop.sold(shop.tags[0])
    code = (await printed_link(shop, paid)).rpartition("/")[2]
    swapped = code[:-9] + ("A" if code[-9] != "A" else "B") + code[-8:]
    wrong = [f"/r/{client.organization}/{each}" for each in (swapped, code[:-1], code + "A", "A" * 54, "x", "ß")]
    wrong += [f"/r/{other.organization}/{code}", f"/r/no-such-place/{code}", f"/r/Not a place/{code}"]
    told = set()
    for path in wrong:
        for each in (path, f"{path}/receipt.pdf"):
            document = problem(
                await client.http.get(each, headers=JSON if each == path else {}), 404, "unknown_receipt_link"
            )
            told.add((document["title"], document["detail"], document["retryable"]))
    assert len(told) == 1
    pages = [await client.http.get(path, headers=PAGE) for path in wrong]
    assert {(page.status_code, page.text) for page in pages} == {(404, pages[0].text)}
    assert "Hier ist kein Beleg" in pages[0].text
    answer = await client.get(f"/sales/{shop.sale}/scanned-receipt", scanned=code, token=other.token)
    problem(answer, 404, "unknown_organization")


async def test_it_tells_nobody_else_and_says_nothing_of_consignors(
    shop: Shop, capfd: pytest.CaptureFixture[str]
) -> None:
    client, basket = shop.client, "0193e4c2-7a10-7000-8000-0000000000b7"
    line = {"line": "0193e4c2-7a10-7000-8000-0000000000c7", "consignor": 17, "price_minor": 250, "description": "Ball"}
    await client.done(shop.basket(basket, "add-manual-line"), line)
    tenders = [{"kind": "card", "amount_minor": 250, "reference": "card 4242"}]
    paid = await client.done(shop.basket(basket, "pay"), {"tenders": tenders})
    link = await printed_link(shop, paid)
    capfd.readouterr()
    page = await followed(client, link, **PAGE)
    told = await followed(client, link, **JSON)
    for answer in (page, told):
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-robots-tag"] == "noindex"
        for text in ("Consignor", "Person 17", "4242"):
            assert text not in answer.text
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert set(told.json()["lines"][0]) == {
        *("tag", "description", "price_minor", "asked_minor", "discount_minor", "surcharge_minor"),
        *("tax_minor", "tax_rate_ppm", "tax_included"),
    }
    logged: list[str] = []

    def is_logged() -> bool:
        logged.extend(capfd.readouterr())
        return "".join(logged).count('"/r/{organization}/{code}"') == 2

    await eventually(is_logged)
    assert link.rpartition("/")[2] not in "".join(logged)


async def test_a_link_ends_and_says_so(shop: Shop) -> None:
    client, paid = shop.client, await shop.sold(shop.tags[0])
    link = await printed_link(shop, paid)
    settings = {**SETTINGS, "papers": {"receipt_link_days": 0}}
    changed = await client.done(f"/sales/{shop.sale}/change-settings", {"settings": settings})
    assert await printed_link(shop, {**paid, **changed}) == paid["receipt"], "without a link the number is scanned"
    problem(await followed(client, link, **JSON), 410, "receipt_link_ended")
    problem(await followed(client, f"{link}/receipt.pdf"), 410, "receipt_link_ended")
    page = await followed(client, link, **PAGE)
    assert page.status_code == 410
    assert "This receipt could be seen until" in page.text
    problem(await client.get(f"/sales/{shop.sale}/receipts/{paid['receipt']}/link"), 410, "receipt_link_ended")


async def test_links_are_under_the_organizations_own_domain(
    shop: Shop, other: Client, challenges: ChallengeServer
) -> None:
    client, paid = shop.client, await shop.sold(shop.tags[0])
    domain = f"{client.organization}.example.org"
    added = await client.done(f"/domains/{domain}/add")
    challenges.held[domain] = Put(added["content"].encode())
    await client.done(f"/domains/{domain}/verify")
    link = await printed_link(shop, paid)
    assert link.startswith(f"http://{domain}:8700/r/{client.organization}/")
    assert (await followed(client, link, **JSON)).json()["receipt"] == paid["receipt"]
    elsewhere = link.replace(f"/{client.organization}/", f"/{other.organization}/")
    assert (await followed(client, elsewhere)).status_code == 404
