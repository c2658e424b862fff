"""The baskets that are not finished: what shoppers are buying at this moment, and what waits to be recalled."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.ledger.events import HoldMoved, ItemHeld
from consign.domain.payments import (
    PaymentApproved,
    PaymentCancelled,
    PaymentDeclined,
    PaymentRequested,
    PaymentsOwed,
    PaymentStatus,
    PaymentUnanswered,
)
from consign.domain.price_rules import Surcharge
from consign.domain.recorded import StoredEvent, identity_of
from consign.domain.sale import SalePlanned, SaleSettingsChanged
from consign.domain.session.events import (
    BasketAbandoned,
    BasketDiscount,
    BasketDiscounted,
    BasketLine,
    BasketPaid,
    BasketRecalled,
    BasketSuspended,
    LineAdded,
    LineDiscounted,
    LineRemoved,
    SessionClosed,
    SessionOpened,
    Tender,
)
from consign.domain.session.paying_events import PayingBegun, PayingCancelled, TendersTaken
from consign.domain.session.totals import as_paid, due
from consign.domain.tills import BasketCarriedOver
from consign.projections.projection import Change, Key, Projection, Put, Remove, Rows, Table, required


class BasketPayment(Struct, frozen=True):
    """What a provider was asked for. Where it is `unknown`, look at the provider's device; or cancel the payment."""

    payment: str
    provider: str
    amount_minor: int
    status: PaymentStatus


class BasketRow(Struct, frozen=True):
    """Gone once paid or abandoned; the receipt then tells of it. Past `expires_at` its items are free for others.

    `carried_over`: its session was closed, and any till of the sale may recall it.

    A basket's id comes from the till. Where two sessions use the same one by mistake, the row shows the basket that
    was scanned last; what the other session does with its own is left out here. The amounts are what paying would come
    to, tax and surcharge by the sale's settings at the last change; while it is being paid they stand.
    `taken` is what was taken for it at its till, `payments` what providers were asked for.
    """

    basket: str
    sale: str
    session: str
    till: str
    status: Literal["open", "suspended", "carried_over", "paying"]
    lines: tuple[BasketLine, ...]
    total_minor: int
    changed_at: datetime
    note: str = ""
    expires_at: datetime | None = None
    discount: BasketDiscount | None = None
    discount_minor: int = 0
    tax_minor: int = 0
    surcharge_minor: int = 0
    taken: tuple[Tender, ...] = ()
    payments: tuple[BasketPayment, ...] = ()


class OpenSessionRow(Struct, frozen=True):
    """Which till an open session sits at: a basket names only the session."""

    session: str
    till: str


class SurchargeRow(Struct, frozen=True):
    """What shoppers of a sale pay on top; tax stands on the lines."""

    sale: str
    surcharge: Surcharge


type Paid = (
    PayingBegun
    | TendersTaken
    | PayingCancelled
    | PaymentRequested
    | PaymentUnanswered
    | PaymentApproved
    | PaymentDeclined
    | PaymentCancelled
    | PaymentsOwed
)
type Handled = (
    LineAdded
    | ItemHeld
    | LineRemoved
    | LineDiscounted
    | BasketDiscounted
    | BasketSuspended
    | BasketRecalled
    | HoldMoved
    | BasketPaid
    | BasketAbandoned
    | BasketCarriedOver
    | Paid
    | SessionOpened
    | SessionClosed
    | SalePlanned
    | SaleSettingsChanged
)


def _reads(stored: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case LineAdded() | BasketRecalled():
            session = identity_of(stored.stream)
            return (("baskets", (event.basket,)), ("sessions", (session,)), ("surcharges", (event.sale,)))
        case LineRemoved() | LineDiscounted() | BasketDiscounted():
            return (("baskets", (event.basket,)), ("surcharges", (event.sale,)))
        case ItemHeld() | HoldMoved() | BasketSuspended() | BasketPaid() | BasketAbandoned() | BasketCarriedOver():
            return (("baskets", (event.basket,)),)
        case SessionOpened() | SessionClosed() | SalePlanned() | SaleSettingsChanged():
            return ()
        case PayingCancelled():
            return (("baskets", (event.basket,)), ("surcharges", (event.sale,)))
        case PaymentsOwed(basket=None):
            return ()
        case _:
            return (("baskets", (event.basket or "",)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case ItemHeld() | HoldMoved():
            held = _basket(rows, event.basket, event.session) or _begun(stored, event, event.session, event.till)
            return (Put("baskets", replace(held, expires_at=event.expires_at)),)
        case LineAdded() | BasketRecalled():
            return (Put("baskets", _filled(stored, event, rows)),)
        case (
            LineRemoved() | LineDiscounted() | BasketDiscounted() | BasketSuspended() | BasketPaid() | BasketAbandoned()
        ):
            basket = _basket(rows, event.basket, identity_of(stored.stream))
            return () if basket is None else (_changed(stored, event, basket, rows),)
        case BasketCarriedOver():
            waiting = _basket(rows, event.basket, event.session)
            if waiting is None:
                return ()
            return (Put("baskets", replace(waiting, status="carried_over", changed_at=stored.recorded_at)),)
        case SessionOpened():
            return (Put("sessions", OpenSessionRow(event.session, event.till)),)
        case SessionClosed():
            return (Remove("sessions", (event.session,)),)
        case (
            PayingBegun()
            | TendersTaken()
            | PayingCancelled()
            | PaymentRequested()
            | PaymentUnanswered()
            | PaymentApproved()
            | PaymentDeclined()
            | PaymentCancelled()
            | PaymentsOwed()
        ):
            paid = None if event.basket is None else _basket(rows, event.basket, event.session)
            return () if paid is None else (Put("baskets", _being_paid(stored, event, paid, rows)),)
        case SalePlanned() | SaleSettingsChanged():
            return (Put("surcharges", SurchargeRow(event.sale, event.settings.surcharge)),)


def _basket(rows: Rows, basket: str, session: str) -> BasketRow | None:
    """Return the basket if it is this session's."""
    row: BasketRow | None = rows.get("baskets", (basket,))
    return row if row is not None and row.session == session else None


def _filled(stored: StoredEvent, event: LineAdded | BasketRecalled, rows: Rows) -> BasketRow:
    session = identity_of(stored.stream)
    begun = _begun(stored, event, session, _till(session, rows))
    match event:
        case LineAdded():
            basket = _basket(rows, event.basket, session) or begun
            return _with_lines(stored, basket, (*basket.lines, event.line), rows)
        case BasketRecalled():
            return _with_lines(stored, replace(begun, discount=event.discount), event.lines, rows)


def _changed(
    stored: StoredEvent,
    event: LineRemoved | LineDiscounted | BasketDiscounted | BasketSuspended | BasketPaid | BasketAbandoned,
    basket: BasketRow,
    rows: Rows,
) -> Change:
    match event:
        case LineRemoved():
            left = tuple(line for line in basket.lines if line.tag != event.tag)
            return Put("baskets", _with_lines(stored, basket, left, rows))
        case LineDiscounted():
            lines = tuple(event.line if line.tag == event.line.tag else line for line in basket.lines)
            return Put("baskets", _with_lines(stored, basket, lines, rows))
        case BasketDiscounted():
            return Put("baskets", _with_lines(stored, replace(basket, discount=event.discount), basket.lines, rows))
        case BasketSuspended():
            return Put("baskets", replace(basket, status="suspended", note=event.note, changed_at=stored.recorded_at))
        case BasketPaid() | BasketAbandoned():
            return Remove("baskets", (event.basket,))


def _being_paid(stored: StoredEvent, event: Paid, basket: BasketRow, rows: Rows) -> BasketRow:
    changed = replace(basket, changed_at=stored.recorded_at)
    match event:
        case PayingBegun(lines=lines):
            owed = due(lines)
            return replace(
                changed,
                status="paying",
                total_minor=owed.total_minor,
                discount_minor=owed.discount_minor,
                tax_minor=owed.tax_minor,
                surcharge_minor=owed.surcharge_minor,
            )
        case TendersTaken(tenders=tenders):
            return replace(changed, taken=(*basket.taken, *tenders))
        case PayingCancelled():
            return _with_lines(stored, replace(basket, status="open", taken=(), payments=()), basket.lines, rows)
        case PaymentRequested():
            asked = BasketPayment(event.payment, event.provider, event.amount_minor, "requested")
            return replace(changed, payments=(*basket.payments, asked))
        case PaymentsOwed(shares=shares):
            gone = {share.payment for share in shares}
            return replace(changed, payments=tuple(each for each in basket.payments if each.payment not in gone))
        case PaymentUnanswered():
            return replace(changed, payments=_answered(basket, event.payment, "unknown"))
        case PaymentApproved():
            return replace(changed, payments=_answered(basket, event.payment, "approved"))
        case PaymentDeclined():
            return replace(changed, payments=_answered(basket, event.payment, "declined"))
        case PaymentCancelled():
            return replace(changed, payments=_answered(basket, event.payment, "cancelled"))


def _answered(basket: BasketRow, payment: str, status: PaymentStatus) -> tuple[BasketPayment, ...]:
    """Return the basket's payments with the status of one; one of an earlier try is none of them."""
    return tuple(replace(each, status=status) if each.payment == payment else each for each in basket.payments)


def _till(session: str, rows: Rows) -> str:
    row: OpenSessionRow = required(rows, "sessions", (session,))
    return row.till


def _begun(
    stored: StoredEvent, event: LineAdded | BasketRecalled | ItemHeld | HoldMoved, session: str, till: str
) -> BasketRow:
    return BasketRow(event.basket, event.sale, session, till, "open", (), 0, stored.recorded_at)


def _with_lines(stored: StoredEvent, basket: BasketRow, lines: tuple[BasketLine, ...], rows: Rows) -> BasketRow:
    rule: SurchargeRow = required(rows, "surcharges", (basket.sale,))
    owed = due(as_paid(lines, basket.discount, rule.surcharge))
    return replace(
        basket,
        lines=lines,
        total_minor=owed.total_minor,
        discount_minor=owed.discount_minor,
        tax_minor=owed.tax_minor,
        surcharge_minor=owed.surcharge_minor,
        changed_at=stored.recorded_at,
    )


BASKETS = Projection(
    name="baskets",
    version=5,
    tables=(
        Table("baskets", BasketRow, key=("basket",), indexes=(("sale",), ("session",))),
        Table("sessions", OpenSessionRow, key=("session",)),
        Table("surcharges", SurchargeRow, key=("sale",)),
    ),
    handles=frozenset(
        {
            "session-opened",
            "line-added",
            "item-held",
            "line-removed",
            "line-discounted",
            "basket-discounted",
            "basket-suspended",
            "basket-recalled",
            "hold-moved",
            "basket-paid",
            "basket-abandoned",
            "basket-carried-over",
            "paying-begun",
            "tenders-taken",
            "paying-cancelled",
            "payment-requested",
            "payment-unanswered",
            "payment-approved",
            "payment-declined",
            "payment-cancelled",
            "payments-owed",
            "session-closed",
            "sale-planned",
            "sale-settings-changed",
        }
    ),
    reads=_reads,
    apply=_apply,
)
