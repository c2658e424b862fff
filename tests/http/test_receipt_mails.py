"""Receipts by mail: a till types the shopper's address, and the shopper has the receipt as a page."""

import secrets
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from consign.adapters.mail.file_outbox import FileOutbox
from consign.identity.receipt_mails import MAILS_TO_ADDRESS
from consign.service.process import Service
from tests.papers.reading import sizes_mm, texts
from tests.support.outbox import mails_to
from tests.support.shop import Client, Shop, new_id, problem


@pytest.fixture
def outbox(service: Service) -> Path:
    return service.settings.data_directory / "outbox"


@pytest.fixture
def address() -> str:
    return f"shopper-{secrets.token_hex(5)}@example.org"


def mail_path(shop: Shop, number: str) -> str:
    return f"/sales/{shop.sale}/receipts/{number}/mail"


async def mailed(shop: Shop, number: str, address: str, position: int) -> None:
    """Have it sent, as soon as what was written up to the position can be read."""
    answer = await shop.client.done(mail_path(shop, number), {"address": address}, x_consign_after=str(position))
    assert answer == {"receipt": number}


def pdf_of(mail: EmailMessage) -> bytes:
    """Return the one thing that is attached."""
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "application/pdf"
    content: bytes = attached.get_content()
    return content


def written(outbox: Path) -> set[Path]:
    return set(outbox.glob("*.eml"))


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    said: str = body.get_content()
    return " ".join(said.split())


async def test_a_receipt_and_a_refund_come_as_pages_to_the_address_that_was_given(
    shop: Shop, outbox: Path, address: str
) -> None:
    paid = await shop.sold(shop.tags[0], shop.tags[1])
    await mailed(shop, paid["receipt"], f" {address.upper()} ", paid["position"])
    (mail,) = mails_to(outbox, address)
    assert mail["Subject"] == f"Receipt {paid['receipt']}, Spring"
    assert f"receipt {paid['receipt']} of your purchase at Spring, as a PDF" in text_of(mail)
    assert [part.get_filename() for part in mail.iter_attachments()] == [f"receipt-{paid['receipt']}.pdf"]
    pdf = pdf_of(mail)
    assert sizes_mm(pdf) == [(210, 297)]
    printed = " ".join(" ".join(texts(pdf)).split())
    for words in ("Spring fair", f"Receipt {paid['receipt']}", "Toy 0 1.00", "Total €2.50", "Change 47.50"):
        assert words in printed

    refund = {"tender": "cash", "reason": "torn", "lines": [{"tag": shop.tags[0]}], "returned_to": "floor"}
    refunded = await shop.client.done(f"/sessions/{shop.session}/receipts/{paid['receipt']}/refund", refund)
    await mailed(shop, refunded["refund"], address, refunded["position"])
    _, mail = mails_to(outbox, address)
    assert mail["Subject"] == f"Refund {refunded['refund']}, Spring"
    assert "Paid out €1.00" in " ".join(" ".join(texts(pdf_of(mail))).split())


async def test_the_mail_speaks_the_language_of_the_organization_whatever_the_sale_is_called(
    client: Client, outbox: Path, address: str
) -> None:
    shop = await Shop.planned(client, locale="de")
    shop.sale = new_id()
    plan = {"name": "Bücherbörse\r\nBcc: eve@example.org", "settings": {"commission": {"default": {"rate_ppm": 0}}}}
    await client.done(f"/sales/{shop.sale}/plan", plan)
    for phase in ("registration", "drop_off", "live"):
        await shop.move_to(phase)
    await client.done(f"/sessions/{shop.session}/open", {"sale": shop.sale, "till": "K1", "float_minor": 0})
    basket = new_id()
    line = {"line": new_id(), "price_minor": 250, "description": "Ball"}
    await client.done(shop.basket(basket, "add-manual-line"), line)
    paid = await client.done(shop.basket(basket, "pay"), {"tenders": [{"kind": "card", "amount_minor": 250}]})
    await mailed(shop, paid["receipt"], address, paid["position"])
    (mail,) = mails_to(outbox, address)
    assert mail["Subject"] == f"Beleg {paid['receipt']}, Bücherbörse Bcc: eve@example.org"
    assert (mail["Bcc"], mail["To"]) == (None, address)
    assert "über Ihren Einkauf bei Bücherbörse" in text_of(mail)
    assert mail.as_bytes().isascii()


NO_SINGLE_ADDRESSES = (
    "nobody",
    "ada@example.org\r\nBcc: eve@example.org",
    "ada@example.org, eve@example.org",
    "Eve <eve@example.org>",
    "ada@example.org\n\nEve",
    f"{'a' * 250}@example.org",
)


async def test_what_is_no_single_address_gets_no_receipt(shop: Shop, outbox: Path) -> None:
    paid = await shop.sold(shop.tags[0])
    before = written(outbox)
    for wrong in NO_SINGLE_ADDRESSES:
        refused = await shop.client.post(
            mail_path(shop, paid["receipt"]), {"address": wrong}, x_consign_after=str(paid["position"])
        )
        problem(refused, 422, "body_invalid")
        assert "eve" not in refused.text
    assert written(outbox) == before


async def test_cashiers_send_the_receipts_of_their_own_tills_and_organizers_any(
    shop: Shop, outbox: Path, address: str
) -> None:
    client, session, basket = shop.client, new_id(), new_id()
    casey, petra, olive, vera = (
        client.token_of(account, {client.organization: (role,)})
        for account, role in (
            ("casey", "cashier"),
            ("petra", "cashier"),
            ("olive", "organizer"),
            ("vera", "volunteer"),
        )
    )
    await client.done(f"/sessions/{session}/open", {"sale": shop.sale, "till": "K5", "float_minor": 0}, token=casey)
    path = f"/sessions/{session}/baskets/{basket}"
    await client.done(f"{path}/scan", {"tag": shop.tags[0]}, token=casey)
    paid = await client.done(f"{path}/pay", {"tenders": [{"kind": "card", "amount_minor": 100}]}, token=casey)
    mail: Any = {"body": {"address": address}, "x_consign_after": str(paid["position"])}
    path = mail_path(shop, paid["receipt"])
    problem(await client.post(path, token=petra, **mail), 403, "not_your_session")
    problem(await client.post(path, token=vera, **mail), 403, "forbidden")
    assert mails_to(outbox, address) == []
    for token in (casey, olive):
        await client.done(path, token=token, **mail)
    assert len(mails_to(outbox, address)) == 2
    problem(await client.post(mail_path(shop, "K5-99"), token=olive, **mail), 404, "unknown_receipt")


async def test_nobody_is_sent_more_than_a_few(shop: Shop, outbox: Path, address: str) -> None:
    paid = await shop.sold(shop.tags[0])
    for _ in range(MAILS_TO_ADDRESS):
        await mailed(shop, paid["receipt"], address, paid["position"])
    refused = await shop.client.post(mail_path(shop, paid["receipt"]), {"address": address.upper()})
    problem(refused, 429, "too_many_tries")
    assert int(refused.headers["Retry-After"]) > 0
    assert len(mails_to(outbox, address)) == MAILS_TO_ADDRESS


async def test_it_is_said_where_no_mail_can_be_sent(
    shop: Shop, service: Service, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = await shop.sold(shop.tags[0])
    outbox = service.sign_in.outbox
    assert isinstance(outbox, FileOutbox)
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(outbox, "directory", tmp_path / "file" / "outbox")
    refused = await shop.client.post(
        mail_path(shop, paid["receipt"]), {"address": address}, x_consign_after=str(paid["position"])
    )
    problem(refused, 503, "mail_unavailable")
    assert refused.headers["Retry-After"]
    assert address not in refused.text
