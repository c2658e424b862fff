"""One cashier's spell at one till: open baskets, paid receipts, and the cash that must be in the drawer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.session.drawer_events import (
    CashArrived,
    CashReceived,
    CashSent,
    CashTakenBack,
    SessionHandedOver,
    TransferId,
    VoucherPaidOut,
    VoucherSaleUndone,
    VoucherSold,
)
from consign.domain.session.events import (
    BasketAbandoned,
    BasketDiscount,
    BasketDiscounted,
    BasketHandedOver,
    BasketLine,
    BasketPaid,
    BasketRecalled,
    BasketSuspended,
    CashMoved,
    CashPaidOut,
    FeeReceived,
    FeeReturned,
    LineAdded,
    LineDiscounted,
    LineRemoved,
    ReceiptVoided,
    RefundPaid,
    SessionClosed,
    SessionOpened,
    Tender,
    TenderKind,
)
from consign.domain.session.figures import Recorded, counted, of_kind
from consign.domain.session.offline_events import (
    ReceiptCounterRaised,
    SessionRecordedOffline,
    SessionSupplemented,
    UnsyncedReported,
)
from consign.domain.session.paying_events import PayingBegun, PayingCancelled, TendersTaken
from consign.domain.session.report import TillFigures
from consign.domain.values import AccountId, BasketId, ReceiptNumber, SaleId, SessionId, VoucherCode


class Unknown(Struct, frozen=True, gc=False, tag="unknown"): ...


class Paying(Struct, frozen=True):
    """A basket that is being paid: lines and total stand. What providers took for it is known to the ledger."""

    lines: tuple[BasketLine, ...]
    total_minor: int
    begun_at: datetime
    taken: tuple[Tender, ...] = ()


class Basket(Struct, frozen=True):
    """The lines are not as paid yet: what they come to is said by `consign.domain.session.totals`."""

    lines: tuple[BasketLine, ...]
    suspended: bool = False
    discount: BasketDiscount | None = None
    note: str = ""
    presale_group: str | None = None
    paying: Paying | None = None


_EMPTY = Basket(())


class PaidReceipt(Struct, frozen=True):
    paid: BasketPaid
    voided: bool = False


class Transfer(Struct, frozen=True, gc=False):
    """Cash that this session sent to another one, and whether it still is on its way."""

    to_session: SessionId
    amount_minor: int
    ended: Literal["", "arrived", "taken back"] = ""


class Open(Struct, frozen=True, tag="open"):
    """`finished` says what became of baskets (a receipt, or ""). `vouchers` are those that were sold here.

    `unsynced` is how many sales the till said it has not uploaded; null: it never worked offline.
    """

    session: SessionId
    sale: SaleId
    till: str
    cashier: AccountId
    currency: str
    figures: TillFigures
    receipt_counter: int
    refund_counter: int
    baskets: dict[BasketId, Basket]
    finished: HashTrieMap[BasketId, str] = HashTrieMap()
    receipts: HashTrieMap[ReceiptNumber, PaidReceipt] = HashTrieMap()
    unsynced: int | None = None
    vouchers: HashTrieMap[VoucherCode, VoucherSold] = HashTrieMap()
    transfers: HashTrieMap[TransferId, Transfer] = HashTrieMap()

    @property
    def cash_minor(self) -> int:
        """What a count must find."""
        return self.figures.expected_minor


class Closed(Struct, frozen=True, gc=False, tag="closed"):
    """`supplements` counts the uploads that came after it was closed."""

    session: SessionId
    sale: SaleId
    till: str
    cashier: AccountId
    supplements: int = 0


type Session = Open | Closed | Unknown
INITIAL: Session = Unknown()


def cash_of(tenders: tuple[Tender, ...]) -> int:
    """Return how much of the tenders is cash."""
    return of_kind(tenders, TenderKind.CASH)


def evolve(session: Session, event: Recorded) -> Session:
    """Return the session after the event."""
    match session:
        case Open():
            return _with_figures(_while_open(session, event), event)
        case Unknown() | Closed():
            return _opened(session, event)


def _with_figures(session: Open | Closed, event: Recorded) -> Open | Closed:
    if isinstance(session, Closed):
        return session
    figures = counted(session.figures, event)
    return session if figures is session.figures else replace(session, figures=figures)


def _opened(session: Unknown | Closed, event: Recorded) -> Session:
    match event:
        case SessionOpened():
            return Open(
                event.session,
                event.sale,
                event.till,
                event.cashier,
                event.currency,
                TillFigures(event.float_minor),
                event.receipt_counter,
                event.refund_counter,
                {},
            )
        case SessionSupplemented(supplement=supplement):
            return replace(session, supplements=supplement) if isinstance(session, Closed) else session
        case (
            LineAdded()
            | BasketPaid()
            | LineRemoved()
            | LineDiscounted()
            | BasketDiscounted()
            | BasketAbandoned()
            | BasketSuspended()
            | BasketRecalled()
            | BasketHandedOver()
            | ReceiptVoided()
            | RefundPaid()
            | FeeReceived()
            | FeeReturned()
            | CashMoved()
            | CashPaidOut()
            | VoucherSold()
            | VoucherSaleUndone()
            | VoucherPaidOut()
            | SessionHandedOver()
            | CashSent()
            | CashReceived()
            | CashArrived()
            | CashTakenBack()
            | SessionClosed()
            | SessionRecordedOffline()
            | UnsyncedReported()
            | ReceiptCounterRaised()
            | PayingBegun()
            | TendersTaken()
            | PayingCancelled()
        ):
            return session


type _Composed = LineAdded | LineRemoved | LineDiscounted | BasketDiscounted | BasketSuspended | BasketRecalled
"""What changes a basket that goes on."""
type _Paid = PayingBegun | TendersTaken | PayingCancelled


def _while_open(session: Open, event: Recorded) -> Open | Closed:  # noqa: C901 - a case an event
    match event:
        case LineAdded() | LineRemoved() | LineDiscounted() | BasketDiscounted() | BasketSuspended() | BasketRecalled():
            return _with_basket(session, event.basket, _composed(session.baskets.get(event.basket, _EMPTY), event))
        case PayingBegun() | TendersTaken() | PayingCancelled():
            return _with_basket(session, event.basket, _being_paid(session.baskets[event.basket], event))
        case BasketPaid(basket=basket):
            return _paid(session, basket, event)
        case BasketAbandoned(basket=basket) | BasketHandedOver(basket=basket):
            return _finished(session, basket)
        case ReceiptVoided(receipt=receipt):
            voided = PaidReceipt(session.receipts[receipt].paid, voided=True)
            return replace(session, receipts=session.receipts.insert(receipt, voided))
        case RefundPaid(counter=counter):
            return replace(session, refund_counter=counter)
        case VoucherSold() | VoucherSaleUndone() | SessionHandedOver() | CashSent() | CashArrived() | CashTakenBack():
            return _at_drawer(session, event)
        case SessionClosed():
            return Closed(session.session, session.sale, session.till, session.cashier)
        case UnsyncedReported(unsynced=unsynced):
            return replace(session, unsynced=unsynced)
        case ReceiptCounterRaised(receipt_counter=receipt_counter):
            return replace(session, receipt_counter=max(session.receipt_counter, receipt_counter))
        case SessionOpened() | SessionRecordedOffline() | SessionSupplemented():
            return session
        case FeeReceived() | FeeReturned() | CashPaidOut() | CashMoved() | CashReceived() | VoucherPaidOut():
            return session


def _at_drawer(
    session: Open,
    event: VoucherSold | VoucherSaleUndone | SessionHandedOver | CashSent | CashArrived | CashTakenBack,
) -> Open:
    match event:
        case VoucherSold(voucher=voucher):
            return replace(session, vouchers=session.vouchers.insert(voucher, event))
        case VoucherSaleUndone(voucher=voucher):
            return replace(session, vouchers=session.vouchers.remove(voucher))
        case SessionHandedOver(to_cashier=to_cashier):
            return replace(session, cashier=to_cashier)
        case CashSent(transfer=transfer, to_session=to_session, amount_minor=amount_minor):
            sent = Transfer(to_session, amount_minor)
            return replace(session, transfers=session.transfers.insert(transfer, sent))
        case CashArrived(transfer=transfer):
            arrived = replace(session.transfers[transfer], ended="arrived")
            return replace(session, transfers=session.transfers.insert(transfer, arrived))
        case CashTakenBack(transfer=transfer):
            back = replace(session.transfers[transfer], ended="taken back")
            return replace(session, transfers=session.transfers.insert(transfer, back))


def _composed(basket: Basket, event: _Composed) -> Basket:
    match event:
        case LineAdded(line=line, presale_group=group):
            return replace(basket, lines=(*basket.lines, line), presale_group=group or basket.presale_group)
        case LineRemoved(tag=tag):
            return replace(basket, lines=tuple(line for line in basket.lines if line.tag != tag))
        case LineDiscounted(line=line):
            return replace(basket, lines=tuple(line if other.tag == line.tag else other for other in basket.lines))
        case BasketDiscounted(discount=discount):
            return replace(basket, discount=discount)
        case BasketSuspended(note=note):
            return replace(basket, suspended=True, note=note)
        case BasketRecalled(lines=lines, discount=discount, presale_group=group):
            return Basket(lines, discount=discount, presale_group=group)


def _being_paid(basket: Basket, event: _Paid) -> Basket:
    match event:
        case PayingBegun(lines=lines, total_minor=total_minor, begun_at=begun_at):
            return replace(basket, paying=Paying(lines, total_minor, begun_at))
        case TendersTaken(tenders=tenders):
            assert basket.paying is not None
            return replace(basket, paying=replace(basket.paying, taken=(*basket.paying.taken, *tenders)))
        case PayingCancelled():
            return replace(basket, paying=None)


def _with_basket(session: Open, basket: BasketId, content: Basket) -> Open:
    baskets = {**session.baskets, basket: content}
    if basket in session.finished:  # it was handed away and comes back
        return replace(session, baskets=baskets, finished=session.finished.remove(basket))
    return replace(session, baskets=baskets)


def _without(session: Open, basket: BasketId) -> dict[BasketId, Basket]:
    return {other: content for other, content in session.baskets.items() if other != basket}


def _finished(session: Open, basket: BasketId) -> Open:
    return replace(session, baskets=_without(session, basket), finished=session.finished.insert(basket, ""))


def _paid(session: Open, basket: BasketId, event: BasketPaid) -> Open:
    return replace(
        session,
        receipt_counter=max(session.receipt_counter, event.counter),  # what was made offline may come late
        baskets=_without(session, basket),
        finished=session.finished.insert(basket, event.receipt),
        receipts=session.receipts.insert(event.receipt, PaidReceipt(event)),
    )
