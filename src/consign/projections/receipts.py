"""The receipts and refunds of each sale, as they were printed, and what became of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.ledger.events import RefundedLine
from consign.domain.recorded import StoredEvent
from consign.domain.session.events import BasketLine, BasketPaid, ReceiptVoided, RefundPaid, Tender
from consign.domain.session.totals import TaxOfRate, due, taxes_of
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class ReceiptRow(Struct, frozen=True):
    """`refunds` names the refunds in the order they were paid; `refunded_minor` is their sum without cash rounding.

    `discount_minor` is all that was taken off what the tags ask; `taxes` tells of each rate by itself.
    """

    sale: str
    receipt: str
    sale_sequence: int
    session: str
    till: str
    counter: int
    basket: str
    lines: tuple[BasketLine, ...]
    tenders: tuple[Tender, ...]
    total_minor: int
    rounding_minor: int
    change_minor: int
    paid_at: datetime
    voided: bool = False
    void_reason: str | None = None
    refunds: tuple[str, ...] = ()
    refunded_minor: int = 0
    discount_minor: int = 0
    surcharge_minor: int = 0
    taxes: tuple[TaxOfRate, ...] = ()
    cashier: str | None = None
    presale_group: str | None = None


class RefundRow(Struct, frozen=True):
    """The shopper got `amount_minor + rounding_minor` back."""

    sale: str
    refund: str
    receipt: str
    session: str
    till: str
    counter: int
    lines: tuple[RefundedLine, ...]
    tender: Literal["cash", "card", "voucher", "provider"]
    amount_minor: int
    rounding_minor: int
    reason: str
    refunded_at: datetime
    cashier: str | None = None


type Handled = BasketPaid | ReceiptVoided | RefundPaid


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case BasketPaid():
            return ()
        case ReceiptVoided() | RefundPaid():
            return (("receipts", (event.sale, event.receipt)),)


def _apply(_: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case BasketPaid():
            return (Put("receipts", _paid(event)),)
        case ReceiptVoided():
            row: ReceiptRow = required(rows, "receipts", (event.sale, event.receipt))
            return (Put("receipts", replace(row, voided=True, void_reason=event.reason)),)
        case RefundPaid():
            row = required(rows, "receipts", (event.sale, event.receipt))
            refunded = replace(
                row,
                refunds=(*row.refunds, event.refund),
                refunded_minor=row.refunded_minor + event.amount_minor,
            )
            return (Put("receipts", refunded), Put("refunds", _refunded(event)))


def _paid(event: BasketPaid) -> ReceiptRow:
    owed = due(event.lines)
    return ReceiptRow(
        sale=event.sale,
        receipt=event.receipt,
        sale_sequence=event.sale_sequence,
        session=event.session,
        till=event.till,
        counter=event.counter,
        basket=event.basket,
        lines=event.lines,
        tenders=event.tenders,
        total_minor=event.total_minor,
        rounding_minor=event.rounding_minor,
        change_minor=event.change_minor,
        paid_at=event.paid_at,
        discount_minor=owed.discount_minor,
        surcharge_minor=owed.surcharge_minor,
        taxes=taxes_of(event.lines),
        cashier=event.cashier,
        presale_group=event.presale_group,
    )


def _refunded(event: RefundPaid) -> RefundRow:
    return RefundRow(
        sale=event.sale,
        refund=event.refund,
        receipt=event.receipt,
        session=event.session,
        till=event.till,
        counter=event.counter,
        lines=event.lines,
        tender=event.tender.value,
        amount_minor=event.amount_minor,
        rounding_minor=event.rounding_minor,
        reason=event.reason,
        refunded_at=event.refunded_at,
        cashier=event.cashier,
    )


RECEIPTS = Projection(
    name="receipts",
    version=5,
    tables=(
        Table(
            "receipts",
            ReceiptRow,
            key=("sale", "receipt"),
            indexes=(("sale", "sale_sequence"), ("session",), ("sale", "till", "counter")),
        ),
        Table("refunds", RefundRow, key=("sale", "refund"), indexes=(("session",), ("sale", "receipt"))),
    ),
    handles=frozenset({"basket-paid", "receipt-voided", "refund-paid"}),
    reads=_reads,
    apply=_apply,
)
