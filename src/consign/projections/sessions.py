"""The sale sessions: who sits at which till, and what should be in the drawer at this moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.recorded import StoredEvent
from consign.domain.session.drawer_events import (
    CashReceived,
    CashSent,
    CashTakenBack,
    SessionHandedOver,
    VoucherPaidOut,
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
from consign.domain.session.paying_events import PayingCancelled, TendersTaken
from consign.domain.session.report import TillFigures
from consign.domain.tills import TillUnsyncedReported
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class Supplement(Struct, frozen=True):
    """What is known beside a Z report since it was made: sales that the till had made without the server.

    `expected_minor` is what the count should have found with all these uploads known, and `difference_minor` what it is
    over or short by then. Nothing is counted twice: `counted_minor` is the count at closing.
    """

    uploads: int
    receipts: tuple[str, ...]
    total_minor: int
    cash_minor: int
    card_minor: int
    expected_minor: int
    counted_minor: int
    difference_minor: int


class SessionRow(Struct, frozen=True):
    """An X report at any moment, and the Z report once closed: only `figures` and `supplement` change after that.

    `figures` go on where something is uploaded after closing; `z_figures` are those of the count. `expected_minor` is
    the cash that should be in the drawer, and at a closed till what was expected at its count.
    `cashiers` are all who stood at the till in this session, in order; `cashier` is the last of them.
    `total_minor` is what was sold less voids and refunds, without cash rounding; `grand_total_minor` adds that up over
    all sessions of the till. `difference_minor` is over when positive, short when negative.
    `unsynced` is how many sales the till last said it still holds.
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
    supplement: Supplement | None = None


type Traded = BasketPaid | ReceiptVoided | RefundPaid | VoucherSold | VoucherSaleUndone | VoucherPaidOut
type Taken = TendersTaken | PayingCancelled
type Drawn = FeeReceived | FeeReturned | CashPaidOut | CashMoved | CashSent | CashReceived | CashTakenBack
type Offline = SessionRecordedOffline | UnsyncedReported | TillUnsyncedReported | SessionSupplemented
type Handled = SessionOpened | Traded | Taken | Drawn | SessionHandedOver | SessionClosed | Offline


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


def _counted(row: SessionRow, event: Traded | Taken | Drawn | SessionHandedOver) -> SessionRow:
    figures = counted(row.figures, event)
    if row.status == "closed":
        return replace(row, figures=figures)
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
    counted_minor = row.expected_minor if row.counted_minor is None else row.counted_minor
    known = row.supplement or Supplement(0, (), 0, 0, 0, row.expected_minor, counted_minor, 0)
    expected_minor = known.expected_minor + event.cash_minor
    supplement = Supplement(
        uploads=event.supplement,
        receipts=(*known.receipts, *event.receipts),
        total_minor=known.total_minor + event.total_minor,
        cash_minor=known.cash_minor + event.cash_minor,
        card_minor=known.card_minor + event.card_minor,
        expected_minor=expected_minor,
        counted_minor=counted_minor,
        difference_minor=counted_minor - expected_minor,
    )
    return replace(row, supplement=supplement)


SESSIONS = Projection(
    name="sessions",
    version=9,
    tables=(Table("sessions", SessionRow, key=("session",), indexes=(("sale", "till"),)),),
    handles=frozenset(
        {
            "session-opened",
            "basket-paid",
            "receipt-voided",
            "refund-paid",
            "voucher-sold",
            "voucher-sale-undone",
            "voucher-paid-out",
            "tenders-taken",
            "paying-cancelled",
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
