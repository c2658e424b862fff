"""What the ledger remembers of payments through providers."""

from __future__ import annotations

from msgspec.structs import replace

from consign.domain.ledger.state import Ledger
from consign.domain.payments import (
    Payment,
    PaymentApproved,
    PaymentCancelled,
    PaymentDeclined,
    PaymentEvent,
    PaymentId,
    PaymentRefunded,
    PaymentRequested,
    PaymentsOwed,
    PaymentsReceipted,
    PaymentUnanswered,
    ProviderRefund,
    reference_key,
)
from consign.domain.values import ReceiptNumber


def evolve(ledger: Ledger, event: PaymentEvent) -> Ledger:
    """Return the ledger after the event."""
    match event:
        case PaymentRequested():
            return _requested(ledger, event)
        case PaymentUnanswered(payment=payment):
            return _with(ledger, payment, replace(ledger.payments[payment], status="unknown"))
        case PaymentApproved(payment=payment, reference=reference):
            approved = replace(ledger.payments[payment], status="approved", reference=reference)
            key = reference_key(event.provider, reference)
            known = replace(ledger, payment_references=ledger.payment_references.insert(key, payment))
            return _with(known, payment, approved)
        case PaymentDeclined(payment=payment):
            return _with(ledger, payment, replace(ledger.payments[payment], status="declined"))
        case PaymentCancelled(payment=payment):
            return _with(ledger, payment, replace(ledger.payments[payment], status="cancelled"))
        case PaymentsReceipted():
            return _receipted(ledger, event)
        case PaymentsOwed(shares=shares):
            for share in shares:
                known_payment = ledger.payments[share.payment]
                owed = replace(known_payment, owed_minor=known_payment.owed_minor + share.amount_minor)
                ledger = _with(ledger, share.payment, owed)
            return ledger
        case PaymentRefunded():
            return _refunded(ledger, event)


def _requested(ledger: Ledger, event: PaymentRequested) -> Ledger:
    payment = Payment(event.session, event.till, event.basket, event.provider, event.amount_minor, event.answer_by)
    theirs = (*ledger.payments_of.get(event.basket, ()), event.payment)
    return replace(_with(ledger, event.payment, payment), payments_of=ledger.payments_of.insert(event.basket, theirs))


def _receipted(ledger: Ledger, event: PaymentsReceipted) -> Ledger:
    number = ReceiptNumber(event.receipt)
    payments = tuple(share.payment for share in event.shares)
    receipt = replace(ledger.receipts[number], payments=payments)
    ledger = replace(ledger, receipts=ledger.receipts.insert(number, receipt))
    for payment in payments:
        ledger = _with(ledger, payment, replace(ledger.payments[payment], receipt=event.receipt))
    return ledger


def _refunded(ledger: Ledger, event: PaymentRefunded) -> Ledger:
    payment = ledger.payments[event.payment]
    refunded = replace(
        payment,
        owed_minor=payment.owed_minor - event.amount_minor,
        given_back_minor=payment.given_back_minor + event.amount_minor,
        refunds=(*payment.refunds, ProviderRefund(event.reference, event.amount_minor)),
    )
    return _with(ledger, event.payment, refunded)


def _with(ledger: Ledger, payment: PaymentId, known: Payment) -> Ledger:
    return replace(ledger, payments=ledger.payments.insert(payment, known))
