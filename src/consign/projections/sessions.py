"""The sale sessions: who sits at which till, and what should be in the drawer at this moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.recorded import StoredEvent
from consign.domain.sale import TillUnsyncedReported
from consign.domain.session.drawer_events import (
    CashReceived,
    CashSent,
    CashTakenBack,
    SessionHandedOver,
    VoucherSaleUndone,
    VoucherSold,
)
from consign.domain.session.events import (
    BasketPaid,
    CashMoved,
    CashPaidOut,
    Denomination,
    FeeReceived,
    FeeReturned,
    ReceiptVoided,
    RefundPaid,
    SessionClosed,
    SessionOpened,
)
from consign.domain.session.figures import counted
from consign.domain.session.offline_events import SessionRecordedOffline, SessionSupplemented, UnsyncedReported
from consign.domain.session.report import TillFigures
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class SessionRow(Struct, frozen=True):
    """An X report at any moment, and the Z report once closed.

    `figures` go on where something is uploaded after closing; `z_figures` are those of the count and never change.
    `expected_minor` is the cash that should be in the drawer, and at a closed till what should have been at its count.
    `cashiers` are all who stood at the till in this session, in order; `cashier` is the last of them.
    `total_minor` is what was sold less voids and refunds, without cash rounding; `grand_total_minor` adds that up over
    all sessions of the till. `difference_minor` is over when positive, short when negative.
    `unsynced` is how many sales the till last said it still holds. `supplements` are receipts that came after closing:
    `supplement_minor` of cash was counted before anybody knew of it; the difference is what it is with that known.
    """

    session: str
    sale: str
    till: str
    cashier: str
    cashiers: tuple[str, ...]
    currency: str
    status: Literal["open", "closed"]
    opened_at: datetime
    expected_minor: int
    total_minor: int
    figures: TillFigures
    z_number: int | None = None
    z_figures: TillFigures | None = None
    grand_total_minor: int | None = None
    counted_minor: int | None = None
    denominations: tuple[Denomination, ...] = ()
    difference_minor: int | None = None
    difference_reason: str | None = None
    carried_over: tuple[str, ...] = ()
    authorized_by: str | None = None
    closed_at: datetime | None = None
    recorded_offline: bool = False
    unsynced: int | None = None
    unsynced_at: datetime | None = None
    supplements: tuple[str, ...] = ()
    supplement_minor: int = 0


type Traded = BasketPaid | ReceiptVoided | RefundPaid | VoucherSold | VoucherSaleUndone
type Drawn = FeeReceived | FeeReturned | CashPaidOut | CashMoved | CashSent | CashReceived | CashTakenBack
type Offline = SessionRecordedOffline | UnsyncedReported | TillUnsyncedReported | SessionSupplemented
type Handled = SessionOpened | Traded | Drawn | SessionHandedOver | SessionClosed | Offline


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    return () if isinstance(event, SessionOpened) else (("sessions", (event.session,)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    if isinstance(event, SessionOpened):
        return (Put("sessions", _opened(stored, event)),)
    row: SessionRow = required(rows, "sessions", (event.session,))
    match event:
        case SessionRecordedOffline():
            return (Put("sessions", replace(row, recorded_offline=True)),)
        case TillUnsyncedReported(unsynced=None):
            return ()
        case (
            UnsyncedReported(unsynced=unsynced, reported_at=reported_at)
            | TillUnsyncedReported(unsynced=unsynced, reported_at=reported_at)
        ):
            return (Put("sessions", replace(row, unsynced=unsynced, unsynced_at=reported_at)),)
        case SessionSupplemented():
            return (Put("sessions", _supplemented(row, event)),)
        case SessionClosed():
            return (Put("sessions", _closed(stored, row, event)),)
        case SessionHandedOver(to_cashier=cashier):
            after = replace(row, cashier=cashier, cashiers=(*row.cashiers, cashier))
            return (Put("sessions", _counted(after, event)),)
        case _:
            return (Put("sessions", _counted(row, event)),)


def _opened(stored: StoredEvent, event: SessionOpened) -> SessionRow:
    figures = TillFigures(event.float_minor)
    return SessionRow(
        session=event.session,
        sale=event.sale,
        till=event.till,
        cashier=event.cashier,
        cashiers=(event.cashier,),
        currency=event.currency,
        status="open",
        opened_at=stored.recorded_at,
        expected_minor=figures.expected_minor,
        total_minor=figures.total_minor,
        figures=figures,
    )


def _counted(row: SessionRow, event: Traded | Drawn | SessionHandedOver) -> SessionRow:
    figures = counted(row.figures, event)
    return replace(row, figures=figures, expected_minor=figures.expected_minor, total_minor=figures.total_minor)


def _closed(stored: StoredEvent, row: SessionRow, event: SessionClosed) -> SessionRow:
    return replace(
        row,
        status="closed",
        z_number=event.z_number,
        z_figures=event.figures,
        grand_total_minor=event.grand_total_minor,
        counted_minor=event.counted_minor,
        denominations=event.denominations,
        difference_minor=event.difference_minor,
        difference_reason=event.reason or None,
        carried_over=event.carried_over,
        unsynced=row.unsynced if event.unsynced is None else event.unsynced,
        authorized_by=event.authorized_by,
        closed_at=stored.recorded_at,
    )


def _supplemented(row: SessionRow, event: SessionSupplemented) -> SessionRow:
    return replace(
        row,
        supplements=(*row.supplements, *event.receipts),
        supplement_minor=row.supplement_minor + event.cash_minor,
        difference_minor=None if row.difference_minor is None else row.difference_minor - event.cash_minor,
    )


SESSIONS = Projection(
    name="sessions",
    version=6,
    tables=(Table("sessions", SessionRow, key=("session",), indexes=(("sale", "till"),)),),
    handles=frozenset(
        {
            "session-opened",
            "basket-paid",
            "receipt-voided",
            "refund-paid",
            "voucher-sold",
            "voucher-sale-undone",
            "fee-received",
            "fee-returned",
            "cash-paid-out",
            "cash-moved",
            "cash-sent",
            "cash-received",
            "cash-taken-back",
            "session-handed-over",
            "session-closed",
            "session-recorded-offline",
            "unsynced-reported",
            "till-unsynced-reported",
            "session-supplemented",
        }
    ),
    reads=_reads,
    apply=_apply,
)
