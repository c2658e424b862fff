"""Receipts and refunds for shoppers: printed at the till, or sent to them by mail."""

from functools import partial
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.actors.queries import ReadAt
from consign.domain.rejection import Reason
from consign.http.bodies import decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import exchange_of
from consign.http.identity.visits import refusing, said
from consign.http.ownership import own_account
from consign.http.papers.parameters import PAPER, paper_of
from consign.http.papers.printing import PDF, Printing, paper
from consign.http.papers.receipt_rows import found_receipt, printed_receipt, printed_refund
from consign.http.papers.sales import PrintedSale, printed_sale
from consign.http.path_ids import checked
from consign.http.problems import Refusal
from consign.http.reading import AFTER_POSITION, Reading, known_parameters
from consign.http.receipt_links import ReceiptLinks
from consign.identity.ports import AttachedPdf
from consign.identity.receipt_mails import ReceiptMails
from consign.papers.receipts import Receipt, receipt_paper
from consign.papers.slip import Paper
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

    def __init__(self, reading: Reading, printing: Printing, mails: ReceiptMails, links: ReceiptLinks) -> None:
        self._reading = reading
        self._printing = printing
        self._mails = mails
        self._links = links

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
        found = await found_receipt(self._reading, request, ids["sale"], ids["receipt"])
        sale = await printed_sale(self._reading, request, ids["sale"])
        linked = self._links.lasting(sale.slug, found.row, sale.row.settings.papers.receipt_link_days)
        link = "" if linked is None else linked.url
        row = found.row
        if found.refund is None:
            return _Found(printed_receipt(row, sale, link), found.session, sale, found.at)
        return _Found(printed_refund(found.refund, row, sale, link), found.session, sale, found.at)

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


def receipt_handlers(
    reading: Reading, printing: Printing, mails: ReceiptMails, links: ReceiptLinks
) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    receipts = Receipts(reading, printing, mails, links)
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
