"""One cashier's spell at one till: open baskets, paid receipts, and the cash that must be in the drawer."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.participation.fee_events import FeeMeans
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
    SessionEvent,
    SessionOpened,
    Tender,
    TenderKind,
)
from consign.domain.session.offline_events import (
    OfflineSessionEvent,
    ReceiptCounterRaised,
    SessionRecordedOffline,
    SessionSupplemented,
    UnsyncedReported,
)
from consign.domain.values import AccountId, BasketId, ReceiptNumber, SaleId, SessionId


class Unknown(Struct, frozen=True, gc=False, tag="unknown"): ...


class Basket(Struct, frozen=True):
    """The lines are not as paid yet: what they come to is said by `consign.domain.session.totals`."""

    lines: tuple[BasketLine, ...]
    suspended: bool = False
    discount: BasketDiscount | None = None


_EMPTY = Basket(())


class PaidReceipt(Struct, frozen=True):
    paid: BasketPaid
    voided: bool = False


class Open(Struct, frozen=True, tag="open"):
    """`cash_minor` is what a count must find; `finished` says what became of baskets (a receipt, or "").

    `unsynced` is how many sales the till said it has not uploaded; null: it never worked offline.
    """

    session: SessionId
    sale: SaleId
    till: str
    cashier: AccountId
    currency: str
    float_minor: int
    cash_minor: int
    receipt_counter: int
    refund_counter: int
    baskets: dict[BasketId, Basket]
    finished: HashTrieMap[BasketId, str] = HashTrieMap()
    receipts: HashTrieMap[ReceiptNumber, PaidReceipt] = HashTrieMap()
    unsynced: int | None = None


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
    return sum(tender.amount_minor for tender in tenders if tender.kind is TenderKind.CASH)


def evolve(session: Session, event: SessionEvent | OfflineSessionEvent) -> Session:
    """Return the session after the event."""
    match session:
        case Open():
            return _while_open(session, event)
        case Unknown() | Closed():
            return _opened(session, event)


def _opened(session: Unknown | Closed, event: SessionEvent | OfflineSessionEvent) -> Session:
    match event:
        case SessionOpened():
            return Open(
                event.session,
                event.sale,
                event.till,
                event.cashier,
                event.currency,
                event.float_minor,
                event.float_minor,
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
            | SessionClosed()
            | SessionRecordedOffline()
            | UnsyncedReported()
            | ReceiptCounterRaised()
        ):
            return session


type _Composed = LineAdded | LineRemoved | LineDiscounted | BasketDiscounted | BasketSuspended | BasketRecalled
"""What changes a basket that goes on."""


def _while_open(session: Open, event: SessionEvent | OfflineSessionEvent) -> Session:  # noqa: C901 - a case an event
    match event:
        case LineAdded() | LineRemoved() | LineDiscounted() | BasketDiscounted() | BasketSuspended() | BasketRecalled():
            return _with_basket(session, event.basket, _composed(session.baskets.get(event.basket, _EMPTY), event))
        case BasketPaid(basket=basket):
            return _paid(session, basket, event)
        case BasketAbandoned(basket=basket) | BasketHandedOver(basket=basket):
            return _finished(session, basket)
        case ReceiptVoided(receipt=receipt, tenders=tenders, change_minor=change_minor):
            return _voided(session, receipt, cash_of(tenders) - change_minor)
        case FeeReceived() | FeeReturned() | CashPaidOut():
            return _with_consignor(session, event)
        case RefundPaid():
            return _refunded(session, event)
        case CashMoved(amount_minor=amount_minor, kind=kind):
            return _cash_moved(session, amount_minor, corrects_float=kind == "float_correction")
        case SessionClosed():
            return Closed(session.session, session.sale, session.till, session.cashier)
        case UnsyncedReported(unsynced=unsynced):
            return replace(session, unsynced=unsynced)
        case ReceiptCounterRaised(receipt_counter=receipt_counter):
            return replace(session, receipt_counter=max(session.receipt_counter, receipt_counter))
        case SessionOpened() | SessionRecordedOffline() | SessionSupplemented():
            return session


def _composed(basket: Basket, event: _Composed) -> Basket:
    match event:
        case LineAdded(line=line):
            return replace(basket, lines=(*basket.lines, line))
        case LineRemoved(tag=tag):
            return replace(basket, lines=tuple(line for line in basket.lines if line.tag != tag))
        case LineDiscounted(line=line):
            return replace(basket, lines=tuple(line if other.tag == line.tag else other for other in basket.lines))
        case BasketDiscounted(discount=discount):
            return replace(basket, discount=discount)
        case BasketSuspended():
            return replace(basket, suspended=True)
        case BasketRecalled(lines=lines, discount=discount):
            return Basket(lines, discount=discount)


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
        cash_minor=session.cash_minor + cash_of(event.tenders) - event.change_minor,
        receipt_counter=max(session.receipt_counter, event.counter),  # what was made offline may come late
        baskets=_without(session, basket),
        finished=session.finished.insert(basket, event.receipt),
        receipts=session.receipts.insert(event.receipt, PaidReceipt(event)),
    )


def _voided(session: Open, receipt: ReceiptNumber, cash_back_minor: int) -> Open:
    voided = PaidReceipt(session.receipts[receipt].paid, voided=True)
    return replace(
        session,
        cash_minor=session.cash_minor - cash_back_minor,
        receipts=session.receipts.insert(receipt, voided),
    )


def _refunded(session: Open, event: RefundPaid) -> Open:
    cash_minor = event.amount_minor + event.rounding_minor if event.tender is TenderKind.CASH else 0
    return replace(session, cash_minor=session.cash_minor - cash_minor, refund_counter=event.counter)


def _with_consignor(session: Open, event: FeeReceived | FeeReturned | CashPaidOut) -> Open:
    match event:
        case FeeReceived(means=FeeMeans.CASH, taken_minor=taken_minor):
            return replace(session, cash_minor=session.cash_minor + taken_minor)
        case FeeReturned(means=FeeMeans.CASH, given_minor=given_minor):
            return replace(session, cash_minor=session.cash_minor - given_minor)
        case CashPaidOut():
            return replace(session, cash_minor=session.cash_minor - event.cash_minor)
        case FeeReceived() | FeeReturned():
            return session


def _cash_moved(session: Open, amount_minor: int, *, corrects_float: bool) -> Open:
    return replace(
        session,
        float_minor=session.float_minor + (amount_minor if corrects_float else 0),
        cash_minor=session.cash_minor + amount_minor,
    )
