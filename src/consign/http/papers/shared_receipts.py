"""Receipts under a link that nobody can guess: shoppers see theirs without an account, with what became of it.

Whoever has the link has the receipt, so it says nothing of consignors, is kept by nobody on the way, and no search
engine lists it. What no receipt belongs to is found out before anything is read: a wrong code, one of another
organization, and one of an organization that there is not are the same 404.
"""

import base64
from collections.abc import Sequence
from datetime import datetime
from functools import cache, partial
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.actors.ports import LogError
from consign.domain.rejection import Reason
from consign.http.bodies import JSON
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.errors import refusal_of
from consign.http.exchange import Exchange, exchange_of
from consign.http.papers.parameters import PAPER, paper_of
from consign.http.papers.printing import PDF, Printing
from consign.http.papers.receipt_rows import found_receipt, shared_receipt, shared_refund
from consign.http.papers.sales import PrintedSale, printed_sale
from consign.http.path_ids import checked
from consign.http.problems import REASONS, Refusal
from consign.http.reading import AFTER_POSITION, Reading, answer, known_parameters, parameter, unkept
from consign.http.receipt_links import LINK_PATH, ReceiptLink, ReceiptLinks
from consign.papers.amounts import Style
from consign.papers.receipt_pages import message_page, page_style, receipt_page, svg
from consign.papers.receipts import Receipt, ReceiptLine, TenderLine, receipt_paper
from consign.papers.words import LANGUAGES
from consign.projections.receipts import RECEIPTS, ReceiptRow, RefundRow

_TAG = "receipt-links"
_HTML = "text/html"
_REFUNDS_MAX = 1_000
"""Refunds of one receipt, far more than anybody pays."""
_OF_THE_READER_ALONE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex", "Vary": "Accept"}

Scanned = Annotated[str, Meta(min_length=1, max_length=600)]
_SCANNED = Parameter(
    "scanned", Scanned, "A receipt's link, the code in it, or a number.", required=True, example="K1-1"
)


class SharedRefund(Struct, frozen=True):
    """What was given back of a receipt; the shopper got `amount_minor + rounding_minor`."""

    refund: str
    refunded_at: datetime
    lines: Sequence[ReceiptLine]
    tender: str
    amount_minor: int
    rounding_minor: int


class SharedReceipt(Struct, frozen=True):
    """A receipt as its shopper sees it until `link_ends_at`, with what became of it."""

    receipt: str
    sale: str
    seller: Sequence[str]
    till: str
    paid_at: datetime
    currency: str
    lines: Sequence[ReceiptLine]
    tenders: Sequence[TenderLine]
    total_minor: int
    rounding_minor: int
    change_minor: int
    voided: bool
    refunds: Sequence[SharedRefund]
    link_ends_at: datetime


class ReceiptLinkShown(Struct, frozen=True):
    """What a till shows for a shopper to scan: `picture` is the link as a QR code, an SVG."""

    position: int
    receipt: str
    url: str
    ends_at: datetime
    picture: str


class LinkEnded(Refusal):
    """The receipt is not shown any more."""

    def __init__(self, ended_at: datetime, style: Style) -> None:
        super().__init__("receipt_link_ended", f"The receipt could be seen until {ended_at:%Y-%m-%d}.")
        self.language = style.words.language
        self.sentence = style.words.link_ended.format(day=style.day(ended_at))


class _Shown(Struct, frozen=True):
    row: ReceiptRow
    receipt: Receipt
    refunds: Sequence[tuple[RefundRow, Receipt]]
    link: ReceiptLink
    sale: PrintedSale

    @property
    def papers_of_refunds(self) -> Sequence[Receipt]:
        """The refunds as they are printed."""
        return [printed for _, printed in self.refunds]


class SharedReceipts:
    """The handlers, and what they need."""

    def __init__(self, reading: Reading, printing: Printing, links: ReceiptLinks) -> None:
        self._reading = reading
        self._printing = printing
        self._links = links

    async def show(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the receipt as a page, or as JSON for whoever asks for that alone."""
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset())
        if not _wants_page(exchange):
            shown = await self._shown(request)
            return Response(msgspec.json.encode(_told(shown)), media_type=JSON, headers=_OF_THE_READER_ALONE)
        try:
            shown = await self._shown(request)
        except (Refusal, LogError) as raised:
            refusal = raised if isinstance(raised, Refusal) else refusal_of(raised)
            exchange.reason = refusal.reason
            return _page(message_page(_sentences(refusal)), REASONS[refusal.reason].status, refusal.headers)
        refunds = shown.papers_of_refunds
        pdf = f"{request.path_params['code']}/receipt.pdf"
        return _page(receipt_page(shown.receipt, refunds, pdf, shown.link.ends_at, shown.sale.style))

    async def pdf(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the receipt as a PDF."""
        known_parameters(request, frozenset((PAPER.name,)))
        size = paper_of(request)
        shown = await self._shown(request)
        draw = partial(receipt_paper, shown.receipt, shown.sale.style, size, shown.papers_of_refunds)
        content = await self._printing.shared(draw)
        headers = {**_OF_THE_READER_ALONE, "Content-Disposition": f'inline; filename="receipt-{shown.row.receipt}.pdf"'}
        return Response(content, media_type=PDF, headers=headers)

    async def link(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the link of a receipt, or of what a refund is of."""
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        ids = checked(request.path_params)
        found = await found_receipt(self._reading, request, ids["sale"], ids["receipt"])
        sale = await printed_sale(self._reading, request, ids["sale"])
        link = self._lasting(found.row, sale)
        shown = ReceiptLinkShown(found.at.position, found.row.receipt, link.url, link.ends_at, svg(link.url))
        return unkept(found.at, shown)

    async def scanned(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the receipt of the sale that a link, a code or a number means; of a refund's number, what it is of."""
        known_parameters(request, frozenset((_SCANNED.name, AFTER_POSITION.name)))
        sale = checked(request.path_params)["sale"]
        scanned: str = parameter(request, _SCANNED.name, Scanned) or ""
        key = self._links.of_scan(exchange_of(request.scope).organization, sale, scanned)
        if key is None or key.sale != sale:
            raise Refusal(Reason.UNKNOWN_RECEIPT, "What was scanned belongs to no receipt of this sale.")
        found = await found_receipt(self._reading, request, sale, key.receipt)
        return answer(RECEIPTS, found.at, found.row)

    async def _shown(self, request: Request[Any, Any, Any]) -> _Shown:
        exchange = exchange_of(request.scope)
        organization, code = request.path_params["organization"], request.path_params["code"]
        key = self._links.of_code(organization, code)
        if key is None:
            raise _unknown()
        exchange.organization = organization
        where = {"sale": key.sale, "receipt": key.receipt}
        found = await self._reading.models.collect(
            organization, RECEIPTS, {"receipts": where, "refunds": where}, _REFUNDS_MAX
        )
        if not found.rows["receipts"]:
            raise _unknown()
        row: ReceiptRow = found.rows["receipts"][0]
        sale = await printed_sale(self._reading, request, key.sale)
        link = self._lasting(row, sale)
        refunds: list[RefundRow] = sorted(found.rows["refunds"], key=lambda refund: refund.refunded_at)
        told = [(refund, shared_refund(refund, row, sale)) for refund in refunds]
        return _Shown(row, shared_receipt(row, sale, link.url), told, link, sale)

    def _lasting(self, row: ReceiptRow, sale: PrintedSale) -> ReceiptLink:
        days = sale.row.settings.papers.receipt_link_days
        link = self._links.lasting(sale.slug, row, days)
        if link is None:
            raise LinkEnded(self._links.of(sale.slug, row, days).ends_at, sale.style)
        return link


def shared_receipt_handlers(reading: Reading, printing: Printing, links: ReceiptLinks) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    receipts = SharedReceipts(reading, printing, links)
    shown = Endpoint(
        rule="shared-receipt",
        summary="A receipt and what became of it, for whoever has its link: a page, or JSON.",
        tag=_TAG,
        answer=SharedReceipt,
        answer_type=_HTML,
        other_answer_types=(JSON,),
        for_people=True,
    )
    drawn = Endpoint(
        rule="shared-receipt-pdf",
        summary="A receipt as a PDF, for whoever has its link.",
        tag=_TAG,
        parameters=(PAPER,),
        answer_type=PDF,
    )
    linked = Endpoint(
        rule="get-receipt-link",
        summary="The link by which a shopper sees the receipt, with a QR code of it for a till's screen.",
        tag=_TAG,
        answer=ReceiptLinkShown,
        parameters=(AFTER_POSITION,),
    )
    scanned = Endpoint(
        rule="find-receipt",
        summary="The receipt that was scanned from paper or from a shopper's phone.",
        tag=_TAG,
        answer=ReceiptRow,
        parameters=(_SCANNED, AFTER_POSITION),
    )
    sale = f"{ORGANIZATION_PATH}/sales/{{sale:str}}"
    return [
        get(LINK_PATH, name=shown.rule, opt=shown.opt())(receipts.show),
        get(f"{LINK_PATH}/receipt.pdf", name=drawn.rule, opt=drawn.opt())(receipts.pdf),
        get(f"{sale}/receipts/{{receipt:str}}/link", name=linked.rule, opt=linked.opt())(receipts.link),
        get(f"{sale}/scanned-receipt", name=scanned.rule, opt=scanned.opt())(receipts.scanned),
    ]


def _unknown() -> Refusal:
    return Refusal("unknown_receipt_link", "There is no receipt under this link.")


def _wants_page(exchange: Exchange) -> bool:
    accept = exchange.header(b"accept")
    return _HTML in accept or JSON not in accept


def _told(shown: _Shown) -> SharedReceipt:
    receipt = shown.receipt
    return SharedReceipt(
        receipt=receipt.number,
        sale=receipt.sale,
        seller=receipt.letterhead,
        till=receipt.till,
        paid_at=receipt.printed_for,
        currency=shown.sale.row.currency,
        lines=receipt.lines,
        tenders=receipt.tenders,
        total_minor=receipt.total_minor,
        rounding_minor=receipt.rounding_minor,
        change_minor=receipt.change_minor,
        voided=receipt.voided,
        refunds=[
            SharedRefund(row.refund, row.refunded_at, refund.lines, row.tender, row.amount_minor, row.rounding_minor)
            for row, refund in shown.refunds
        ],
        link_ends_at=shown.link.ends_at,
    )


def _sentences(refusal: Refusal) -> Sequence[tuple[str, str]]:
    """Return what a page says of a receipt that is not shown: in every language, where nobody knows whose it is."""
    if isinstance(refusal, LinkEnded):
        return [(refusal.language, refusal.sentence)]
    if refusal.reason == "unknown_receipt_link":
        return [(words.language, words.link_unknown) for words in LANGUAGES]
    return [(words.language, words.link_later) for words in LANGUAGES]


def _page(content: str, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    said = {**_OF_THE_READER_ALONE, **(headers or {}), "Content-Security-Policy": _policy()}
    return Response(content.encode(), status_code=status, media_type=_HTML, headers=said)


@cache
def _policy() -> str:
    """Return the Content-Security-Policy of a page: it has one style, and nothing else is loaded or run."""
    style = base64.b64encode(sha256(page_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
