"""Receipts and refunds for shoppers: printed at the till, or sent to them by mail."""

from functools import partial
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.actors.queries import ReadAt
from consign.domain.ledger.events import RefundedLine
from consign.domain.rejection import Reason
from consign.domain.session.events import BasketLine
from consign.domain.tag import shown
from consign.http.bodies import decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import exchange_of
from consign.http.identity.visits import refusing, said
from consign.http.ownership import own_account
from consign.http.papers.parameters import PAPER, paper_of
from consign.http.papers.printing import PDF, Printing, paper
from consign.http.papers.sales import PrintedSale, printed_sale
from consign.http.path_ids import checked
from consign.http.problems import Refusal
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, missing
from consign.identity.ports import AttachedPdf
from consign.identity.receipt_mails import ReceiptMails
from consign.papers.receipts import Receipt, ReceiptLine, TenderLine, receipt_paper
from consign.papers.slip import Paper
from consign.projections.receipts import RECEIPTS, ReceiptRow, RefundRow
from consign.projections.sessions import SESSIONS, SessionRow

_PRINT_KNOWN = frozenset((PAPER.name, AFTER_POSITION.name))
_MAIL_KNOWN = frozenset((AFTER_POSITION.name,))


class MailReceiptBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`address` is used for this one mail and kept nowhere."""

    address: Annotated[str, Meta(min_length=3, max_length=254)]


class MailedReceipt(Struct, frozen=True):
    """The mail with this receipt or refund was taken on."""

    receipt: str


class _Found(Struct, frozen=True):
    """A receipt with all that is printed of it, the sale session it is of, and when that was read."""

    receipt: Receipt
    session: str
    sale: PrintedSale
    at: ReadAt


class Receipts:
    """The handlers, and what they need."""

    def __init__(self, reading: Reading, printing: Printing, mails: ReceiptMails) -> None:
        self._reading = reading
        self._printing = printing
        self._mails = mails

    async def print(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return a receipt or a refund, by its number."""
        known_parameters(request, _PRINT_KNOWN)
        found = await self._found(request)
        draw = partial(receipt_paper, found.receipt, found.sale.style, paper_of(request))
        return paper(await self._printing.short(draw), f"receipt-{found.receipt.number}", found.at)

    async def mail(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Send a receipt or a refund to whoever was given it."""
        known_parameters(request, _MAIL_KNOWN)
        exchange = exchange_of(request.scope)
        body: MailReceiptBody = decode(exchange, await request.body(), MailReceiptBody)
        found = await self._found(request)
        await self._require_own_session(request, found.session)
        receipt, sale = found.receipt, found.sale
        with refusing():
            to = self._mails.receiver(exchange.acting().account_id, body.address)
            content = await self._printing.short(partial(receipt_paper, receipt, sale.style, Paper.A4))
            attached = AttachedPdf(f"receipt-{receipt.number}.pdf", content)
            await self._mails.send(to, _subject(receipt, sale), _text(receipt, sale), attached)
        return said(MailedReceipt(receipt.number))

    async def _found(self, request: Request[Any, Any, Any]) -> _Found:
        ids = checked(request.path_params)
        organization = exchange_of(request.scope).organization
        await self._reading.begin(request, RECEIPTS)
        sale = await printed_sale(self._reading, request, ids["sale"])
        if "-R" in ids["receipt"]:
            refund, at = await self._row(organization, "refunds", ids["sale"], ids["receipt"])
            of, _ = await self._row(organization, "receipts", ids["sale"], refund.receipt)
            return _Found(_refund(refund, of, sale), refund.session, sale, at)
        row, at = await self._row(organization, "receipts", ids["sale"], ids["receipt"])
        return _Found(_receipt(row, sale), row.session, sale, at)

    async def _row(self, organization: str, table: str, sale: str, number: str) -> tuple[Any, ReadAt]:
        found = await self._reading.models.get(organization, RECEIPTS, table, (sale, number))
        if found.row is None:
            raise missing("unknown_receipt", "receipt", number)
        return found.row, found.at

    async def _require_own_session(self, request: Request[Any, Any, Any], session: str) -> None:
        """Refuse what was paid at a till where somebody else stands, where the caller reaches only their own."""
        exchange = exchange_of(request.scope)
        own = own_account(exchange)
        if own is None:
            return
        await self._reading.caught_up(request, SESSIONS)
        found = await self._reading.models.get(exchange.organization, SESSIONS, "sessions", (session,))
        row: SessionRow | None = found.row
        if row is None or row.cashier != own:
            raise Refusal(
                Reason.NOT_YOUR_SESSION,
                "This was paid at another cashier's till. Let it be sent there, or by an organizer.",
            )


def receipt_handlers(reading: Reading, printing: Printing, mails: ReceiptMails) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    receipts = Receipts(reading, printing, mails)
    printed = Endpoint(
        rule="print-receipt",
        summary="A receipt or refund as a PDF, for a roll or a page.",
        tag="papers",
        parameters=(PAPER, AFTER_POSITION),
        answer_type=PDF,
    )
    mailed = Endpoint(
        rule="mail-receipt",
        summary="Have a receipt or refund sent to the shopper by mail, as a PDF; the address is kept nowhere.",
        tag="papers",
        body=MailReceiptBody,
        answer=MailedReceipt,
        example={"address": "ada@example.org"},
        parameters=(AFTER_POSITION,),
    )
    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}/receipts/{{receipt:str}}"
    return [
        get(f"{path}/paper.pdf", name=printed.rule, opt=printed.opt())(receipts.print),
        post(f"{path}/mail", name=mailed.rule, status_code=200, opt=mailed.opt())(receipts.mail),
    ]


def _subject(receipt: Receipt, sale: PrintedSale) -> str:
    words = sale.style.words
    title = words.receipt if receipt.kind == "receipt" else words.refund
    return f"{title} {receipt.number}, {_in_one_line(receipt.sale)}"


def _text(receipt: Receipt, sale: PrintedSale) -> str:
    words = sale.style.words
    text = words.receipt_mail if receipt.kind == "receipt" else words.refund_mail
    return f"{text.format(number=receipt.number, sale=_in_one_line(receipt.sale))}\n\n{words.mail_footer}\n"


def _in_one_line(name: str) -> str:
    """Return a sale's name, whatever stands in it, as something that begins no other line or header of a mail."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())


def _receipt(row: ReceiptRow, sale: PrintedSale) -> Receipt:
    return Receipt(
        kind="receipt",
        number=row.receipt,
        sale=sale.row.name,
        till=row.till,
        printed_for=row.paid_at,
        lines=[_line(line, _name(line, sale), line.price_minor, line.asked_minor) for line in row.lines],
        tenders=[TenderLine(tender.kind.value, tender.amount_minor, tender.reference) for tender in row.tenders],
        total_minor=row.total_minor,
        rounding_minor=row.rounding_minor,
        change_minor=row.change_minor,
        sale_sequence=row.sale_sequence,
        voided=row.voided,
        reason=row.void_reason or "",
        letterhead=sale.letterhead,
        footer=sale.row.settings.papers.receipt_footer,
    )


def _refund(row: RefundRow, of: ReceiptRow, sale: PrintedSale) -> Receipt:
    """Write what is given back; what the things are is said by the receipt they were bought with."""
    descriptions = {line.tag: _name(line, sale) for line in of.lines}
    return Receipt(
        kind="refund",
        number=row.refund,
        sale=sale.row.name,
        till=row.till,
        printed_for=row.refunded_at,
        lines=[_line(line, descriptions.get(line.tag, ""), line.refund_minor, None) for line in row.lines],
        tenders=[TenderLine(row.tender, row.amount_minor + row.rounding_minor)],
        total_minor=row.amount_minor,
        rounding_minor=row.rounding_minor,
        of_receipt=row.receipt,
        reason=row.reason,
        letterhead=sale.letterhead,
    )


def _name(line: BasketLine, sale: PrintedSale) -> str:
    """Return what a line says first; a line without a readable tag says whose the thing is, where that was known."""
    whose = f"{sale.style.words.consignor} {line.consignor}" if line.manual and line.consignor else ""
    return ", ".join(text for text in (line.description, whose) if text)


def _line(line: BasketLine | RefundedLine, description: str, price_minor: int, asked_minor: int | None) -> ReceiptLine:
    return ReceiptLine(
        tag="" if line.manual else shown(line.tag),
        description=description,
        price_minor=price_minor,
        asked_minor=asked_minor or 0,
        discount_minor=line.discount_minor,
        surcharge_minor=line.surcharge_minor,
        tax_minor=line.tax_minor,
        tax_rate_ppm=line.tax_rate_ppm,
        tax_included=line.tax_included,
    )
