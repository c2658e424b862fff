"""Receipts and refunds as they are printed, from the rows of the read model."""

from collections.abc import Sequence
from typing import Any

from litestar import Request
from msgspec import Struct
from msgspec.structs import replace

from consign.actors.queries import ReadAt
from consign.domain.ledger.events import RefundedLine
from consign.domain.session.events import BasketLine
from consign.domain.tag import shown
from consign.http.exchange import exchange_of
from consign.http.papers.sales import PrintedSale
from consign.http.reading import Reading, missing
from consign.papers.receipts import Receipt, ReceiptLine, TenderLine
from consign.projections.receipts import RECEIPTS, ReceiptRow, RefundRow


class FoundReceipt(Struct, frozen=True):
    """A receipt, and the refund of it that was asked for, if it was one."""

    row: ReceiptRow
    refund: RefundRow | None
    at: ReadAt

    @property
    def session(self) -> str:
        """The sale session of what was asked for."""
        return self.row.session if self.refund is None else self.refund.session


async def found_receipt(reading: Reading, request: Request[Any, Any, Any], sale: str, number: str) -> FoundReceipt:
    """Return the receipt or refund of this number, after what the client wants to see; raises Refusal."""
    organization = exchange_of(request.scope).organization
    await reading.begin(request, RECEIPTS)
    if "-R" not in number:
        row, at = await _row(reading, organization, "receipts", sale, number)
        return FoundReceipt(row, None, at)
    refund, at = await _row(reading, organization, "refunds", sale, number)
    row, _ = await _row(reading, organization, "receipts", sale, refund.receipt)
    return FoundReceipt(row, refund, at)


async def _row(reading: Reading, organization: str, table: str, sale: str, number: str) -> tuple[Any, ReadAt]:
    found = await reading.models.get(organization, RECEIPTS, table, (sale, number))
    if found.row is None:
        raise missing("unknown_receipt", "receipt", number)
    return found.row, found.at


def printed_receipt(row: ReceiptRow, sale: PrintedSale, link: str) -> Receipt:
    """Return the receipt as tills print it."""
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
        letterhead=sale.letterhead_at(row.paid_at),
        footer=sale.row.settings.papers.receipt_footer,
        link=link,
    )


def printed_refund(row: RefundRow, of: ReceiptRow, sale: PrintedSale, link: str) -> Receipt:
    """Return what is given back; what the things are is said by the receipt they were bought with."""
    return _refund(row, [_name(line, sale) for line in of.lines], of, sale, link)


def shared_receipt(row: ReceiptRow, sale: PrintedSale, link: str) -> Receipt:
    """Return the receipt for whoever has its link.

    It leaves out what people at the till wrote by hand, whose a thing without a tag was, and what a voucher is paid
    with: the code of one is money.
    """
    return replace(
        printed_receipt(row, sale, link),
        lines=[_line(line, line.description, line.price_minor, line.asked_minor) for line in row.lines],
        tenders=[TenderLine(tender.kind.value, tender.amount_minor) for tender in row.tenders],
        reason="",
    )


def shared_refund(row: RefundRow, of: ReceiptRow, sale: PrintedSale) -> Receipt:
    """Return the refund for whoever has its receipt's link."""
    return replace(_refund(row, [line.description for line in of.lines], of, sale, ""), reason="")


def _refund(row: RefundRow, names: Sequence[str], of: ReceiptRow, sale: PrintedSale, link: str) -> Receipt:
    descriptions = {line.tag: name for line, name in zip(of.lines, names, strict=True)}
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
        letterhead=sale.letterhead_at(row.refunded_at),
        link=link,
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
