"""What providers took for a basket that is being paid, and what is asked of them still."""

from collections.abc import Iterable
from datetime import datetime

from consign.domain.ledger.state import Ledger
from consign.domain.payments import OwedCause, Payment, PaymentId, PaymentShare, PaymentsOwed
from consign.domain.rejection import Reason, Rejected
from consign.domain.session.events import Tender, TenderKind
from consign.domain.session.state import Basket, Open
from consign.domain.values import BasketId, SaleId, SessionId


def payments_of(basket: BasketId, session: SessionId, ledger: Ledger) -> Iterable[tuple[PaymentId, Payment]]:
    """Return what this session asked of providers for the basket, in order."""
    for payment in ledger.payments_of.get(basket, ()):
        known = ledger.payments[payment]
        if known.session == session:
            yield payment, known


def tenders_before(basket_id: BasketId, basket: Basket, session: Open, ledger: Ledger) -> tuple[Tender, ...]:
    """Return what was taken for the basket so far, at the till and by providers."""
    if basket.paying is None:
        return ()
    approved = (
        tender_of(payment, known)
        for payment, known in payments_of(basket_id, session.session, ledger)
        if known.pays_basket
    )
    return (*basket.paying.taken, *approved)


def tenders_waited_for(basket_id: BasketId, session: Open, ledger: Ledger) -> tuple[Tender, ...]:
    """Return what providers were asked for and have not answered."""
    return tuple(
        tender_of(payment, known) for payment, known in payments_of(basket_id, session.session, ledger) if known.waits
    )


def tender_of(payment: PaymentId, known: Payment) -> Tender:
    """Return the payment as a tender of a receipt."""
    return Tender(TenderKind.PROVIDER, known.amount_minor, known.reference, payment)


def payment_named(payment: PaymentId, ledger: Ledger) -> Payment:
    """Return a payment of this sale; raises Rejected with `unknown_payment`."""
    known = ledger.payments.get(payment)
    if known is None:
        raise Rejected(Reason.UNKNOWN_PAYMENT, "No provider was asked for a payment with this id here.")
    return known


def owed(
    sale: SaleId, session: SessionId, cause: OwedCause, shares: Iterable[PaymentShare], now: datetime, receipt: str = ""
) -> tuple[PaymentsOwed, ...]:
    """Return what says that money is to be given back by its provider; nothing where there is none."""
    given = tuple(shares)
    return (PaymentsOwed(sale, session, cause, given, now, receipt),) if given else ()


def shares_of(amount_minor: int, payments: Iterable[PaymentId], ledger: Ledger) -> tuple[PaymentShare, ...]:
    """Return from which payments so much goes back, the first ones first.

    Raises Rejected with `refund_too_high` where they have not that much left.
    """
    shares = []
    left_minor = amount_minor
    for payment in payments:
        part_minor = min(ledger.payments[payment].kept_minor, left_minor)
        if part_minor:
            shares.append(PaymentShare(payment, part_minor))
        left_minor -= part_minor
    if left_minor:
        raise Rejected(
            Reason.REFUND_TOO_HIGH,
            f"Providers have {amount_minor - left_minor} minor units of it, not {amount_minor}. Give the rest back by "
            "another tender.",
        )
    return tuple(shares)
