"""What integrators are told of payments by card through providers."""

from collections.abc import Sequence

from consign.domain.payments import (
    PaymentApproved,
    PaymentCancelled,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRequested,
    PaymentsOwed,
    PaymentUnanswered,
)
from consign.projections import public_payment_events as public

type Payments = (
    PaymentRequested
    | PaymentUnanswered
    | PaymentApproved
    | PaymentDeclined
    | PaymentCancelled
    | PaymentsOwed
    | PaymentRefunded
)

PAYMENTS = frozenset(
    {
        "payment-requested",
        "payment-unanswered",
        "payment-approved",
        "payment-declined",
        "payment-cancelled",
        "payments-owed",
        "payment-refunded",
    }
)


def of_payment(event: Payments, currency: str) -> Sequence[public.PaymentData]:
    """Map one internal event to what is published of it; `currency` is the sale's."""
    match event:
        case PaymentRequested():
            requested = public.PaymentRequested(
                sale=event.sale,
                session=event.session,
                till=event.till,
                payment=event.payment,
                provider=event.provider,
                amount_minor=event.amount_minor,
                currency=currency,
                requested_at=event.requested_at,
                answer_by=event.answer_by,
            )
            return (requested,)
        case PaymentUnanswered():
            return (public.PaymentUnanswered(event.sale, event.session, event.payment, event.unanswered_at),)
        case PaymentApproved():
            approved = public.PaymentApproved(
                sale=event.sale,
                session=event.session,
                payment=event.payment,
                provider=event.provider,
                amount_minor=event.amount_minor,
                currency=currency,
                approved_at=event.approved_at,
                late=event.late,
            )
            return (approved,)
        case PaymentDeclined():
            return (public.PaymentDeclined(event.sale, event.session, event.payment, event.declined_at),)
        case PaymentCancelled():
            return (public.PaymentCancelled(event.sale, event.session, event.payment, event.cancelled_at),)
        case PaymentsOwed():
            return _owed(event, currency)
        case PaymentRefunded():
            refunded = public.PaymentRefunded(
                sale=event.sale,
                session=event.session,
                payment=event.payment,
                provider=event.provider,
                amount_minor=event.amount_minor,
                currency=currency,
                refunded_at=event.refunded_at,
            )
            return (refunded,)


def _owed(event: PaymentsOwed, currency: str) -> Sequence[public.PaymentOwed]:
    return [
        public.PaymentOwed(
            sale=event.sale,
            session=event.session,
            payment=share.payment,
            because=event.cause,
            amount_minor=share.amount_minor,
            currency=currency,
            owed_at=event.owed_at,
            receipt=event.receipt or None,
        )
        for share in event.shares
    ]
