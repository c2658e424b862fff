"""The sale sessions: who sits at which till, and what should be in the drawer at this moment."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.participation.fee_events import FeeMeans
from consign.domain.recorded import StoredEvent
from consign.domain.session.events import (
    BasketPaid,
    CashMoved,
    CashPaidOut,
    FeeReceived,
    FeeReturned,
    ReceiptVoided,
    RefundPaid,
    SessionClosed,
    SessionOpened,
    Tender,
    TenderKind,
)
from consign.domain.session.offline_events import SessionRecordedOffline, SessionSupplemented, UnsyncedReported
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class SessionRow(Struct, frozen=True):
    """An X report at any moment, and the Z report once closed.

    `expected_minor` is the float, plus cash tendered less change and cash refunds, plus fees received less fees given
    back, less payouts to consignors, plus or minus movements: the cash that should be in the drawer.
    `cash_minor` and `card_minor` are what was taken and kept; `total_minor` is what was sold less voids and refunds,
    without cash rounding.
    `unsynced` is how many sales the till last said it still holds. `supplements` are receipts that came after closing:
    `supplement_minor` of cash was counted before anybody knew of it; the difference is what it is with that known.
    """

    session: str
    sale: str
    till: str
    cashier: str
    currency: str
    status: Literal["open", "closed"]
    opened_at: datetime
    float_minor: int
    expected_minor: int
    cash_minor: int = 0
    card_minor: int = 0
    fees_cash_minor: int = 0
    fees_card_minor: int = 0
    payouts_minor: int = 0
    moved_minor: int = 0
    rounding_minor: int = 0
    total_minor: int = 0
    receipts: int = 0
    voided: int = 0
    refunds: int = 0
    counted_minor: int | None = None
    difference_minor: int | None = None
    difference_reason: str | None = None
    closed_at: datetime | None = None
    recorded_offline: bool = False
    unsynced: int | None = None
    unsynced_at: datetime | None = None
    supplements: tuple[str, ...] = ()
    supplement_minor: int = 0


type Handled = (
    SessionOpened
    | SessionRecordedOffline
    | UnsyncedReported
    | SessionSupplemented
    | BasketPaid
    | ReceiptVoided
    | RefundPaid
    | FeeReceived
    | FeeReturned
    | CashPaidOut
    | CashMoved
    | SessionClosed
)


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case SessionOpened():
            return ()
        case (
            BasketPaid()
            | ReceiptVoided()
            | RefundPaid()
            | FeeReceived()
            | FeeReturned()
            | CashPaidOut()
            | CashMoved()
            | SessionClosed()
            | SessionRecordedOffline()
            | UnsyncedReported()
            | SessionSupplemented()
        ):
            return (("sessions", (event.session,)),)


def _apply(  # noqa: C901 - a case an event
    stored: StoredEvent, event: Handled, rows: Rows
) -> Sequence[Change]:
    match event:
        case SessionOpened():
            return (Put("sessions", _opened(stored, event)),)
        case BasketPaid():
            return (Put("sessions", _paid(_session(rows, event.session), event)),)
        case ReceiptVoided():
            return (Put("sessions", _voided(_session(rows, event.session), event)),)
        case RefundPaid():
            return (Put("sessions", _refunded(_session(rows, event.session), event)),)
        case FeeReceived(means=means, taken_minor=taken_minor):
            return (Put("sessions", _fee(_session(rows, event.session), means, taken_minor)),)
        case FeeReturned(means=means, given_minor=given_minor):
            return (Put("sessions", _fee(_session(rows, event.session), means, -given_minor)),)
        case CashPaidOut():
            return (Put("sessions", _paid_out(_session(rows, event.session), event)),)
        case CashMoved():
            return (Put("sessions", _moved(_session(rows, event.session), event)),)
        case SessionRecordedOffline():
            return (Put("sessions", replace(_session(rows, event.session), recorded_offline=True)),)
        case UnsyncedReported(unsynced=unsynced, reported_at=reported_at):
            row = replace(_session(rows, event.session), unsynced=unsynced, unsynced_at=reported_at)
            return (Put("sessions", row),)
        case SessionSupplemented():
            return (Put("sessions", _supplemented(_session(rows, event.session), event)),)
        case SessionClosed():
            return (Put("sessions", _closed(stored, _session(rows, event.session), event)),)


def _session(rows: Rows, session: str) -> SessionRow:
    row: SessionRow = required(rows, "sessions", (session,))
    return row


def _opened(stored: StoredEvent, event: SessionOpened) -> SessionRow:
    return SessionRow(
        session=event.session,
        sale=event.sale,
        till=event.till,
        cashier=event.cashier,
        currency=event.currency,
        status="open",
        opened_at=stored.recorded_at,
        float_minor=event.float_minor,
        expected_minor=event.float_minor,
    )


def _paid(row: SessionRow, event: BasketPaid) -> SessionRow:
    cash_minor = _of_kind(event.tenders, TenderKind.CASH) - event.change_minor
    return replace(
        row,
        expected_minor=row.expected_minor + cash_minor,
        cash_minor=row.cash_minor + cash_minor,
        card_minor=row.card_minor + _of_kind(event.tenders, TenderKind.CARD),
        rounding_minor=row.rounding_minor + event.rounding_minor,
        total_minor=row.total_minor + event.total_minor,
        receipts=row.receipts + 1,
    )


def _voided(row: SessionRow, event: ReceiptVoided) -> SessionRow:
    cash_minor = _of_kind(event.tenders, TenderKind.CASH) - event.change_minor
    return replace(
        row,
        expected_minor=row.expected_minor - cash_minor,
        cash_minor=row.cash_minor - cash_minor,
        card_minor=row.card_minor - _of_kind(event.tenders, TenderKind.CARD),
        rounding_minor=row.rounding_minor - event.rounding_minor,
        total_minor=row.total_minor - event.total_minor,
        voided=row.voided + 1,
    )


def _refunded(row: SessionRow, event: RefundPaid) -> SessionRow:
    back_minor = event.amount_minor + event.rounding_minor
    cash_minor = back_minor if event.tender == TenderKind.CASH else 0
    return replace(
        row,
        expected_minor=row.expected_minor - cash_minor,
        cash_minor=row.cash_minor - cash_minor,
        card_minor=row.card_minor - (back_minor - cash_minor),
        rounding_minor=row.rounding_minor - event.rounding_minor,
        total_minor=row.total_minor - event.amount_minor,
        refunds=row.refunds + 1,
    )


def _fee(row: SessionRow, means: FeeMeans, moved_minor: int) -> SessionRow:
    if means is not FeeMeans.CASH:
        return replace(row, fees_card_minor=row.fees_card_minor + moved_minor)
    return replace(
        row,
        expected_minor=row.expected_minor + moved_minor,
        fees_cash_minor=row.fees_cash_minor + moved_minor,
    )


def _paid_out(row: SessionRow, event: CashPaidOut) -> SessionRow:
    return replace(
        row,
        expected_minor=row.expected_minor - event.cash_minor,
        payouts_minor=row.payouts_minor + event.cash_minor,
    )


def _moved(row: SessionRow, event: CashMoved) -> SessionRow:
    expected_minor = row.expected_minor + event.amount_minor
    match event.kind:
        case "movement":
            return replace(row, expected_minor=expected_minor, moved_minor=row.moved_minor + event.amount_minor)
        case "float_correction":
            return replace(row, expected_minor=expected_minor, float_minor=row.float_minor + event.amount_minor)


def _closed(stored: StoredEvent, row: SessionRow, event: SessionClosed) -> SessionRow:
    return replace(
        row,
        status="closed",
        counted_minor=event.counted_minor,
        difference_minor=event.difference_minor,
        difference_reason=event.reason or None,
        closed_at=stored.recorded_at,
    )


def _supplemented(row: SessionRow, event: SessionSupplemented) -> SessionRow:
    return replace(
        row,
        supplements=(*row.supplements, *event.receipts),
        supplement_minor=row.supplement_minor + event.cash_minor,
        difference_minor=None if row.difference_minor is None else row.difference_minor - event.cash_minor,
    )


def _of_kind(tenders: Iterable[Tender], kind: TenderKind) -> int:
    return sum(tender.amount_minor for tender in tenders if tender.kind == kind)


SESSIONS = Projection(
    name="sessions",
    version=4,
    tables=(Table("sessions", SessionRow, key=("session",), indexes=(("sale", "till"),)),),
    handles=frozenset(
        {
            "session-opened",
            "basket-paid",
            "receipt-voided",
            "refund-paid",
            "fee-received",
            "fee-returned",
            "cash-paid-out",
            "cash-moved",
            "session-closed",
            "session-recorded-offline",
            "unsynced-reported",
            "session-supplemented",
        }
    ),
    reads=_reads,
    apply=_apply,
)
