"""An example of each public event of payments by card through providers."""

from datetime import UTC, datetime, timedelta

from consign.projections import public_payment_events as payments

_AT = datetime(2026, 11, 21, 13, 5, 12, tzinfo=UTC)
_SALE = "01935a2e-6b7c-7c4a-9d1e-0a1b2c3d4e5f"
_SESSION = "01935a31-1f20-7b55-8a6d-5e4f3a2b1c0d"
_PAYMENT = "01935a40-55dd-7c4a-9d1e-00000000c0f3"

EXAMPLES: tuple[payments.PaymentData, ...] = (
    payments.PaymentRequested(
        _SALE,
        _SESSION,
        "K1",
        _PAYMENT,
        "sumup",
        amount_minor=1650,
        currency="EUR",
        requested_at=_AT,
        answer_by=_AT + timedelta(minutes=3),
    ),
    payments.PaymentUnanswered(_SALE, _SESSION, _PAYMENT, unanswered_at=_AT + timedelta(minutes=3)),
    payments.PaymentApproved(
        _SALE, _SESSION, _PAYMENT, "sumup", amount_minor=1650, currency="EUR", approved_at=_AT, late=True
    ),
    payments.PaymentDeclined(_SALE, _SESSION, _PAYMENT, declined_at=_AT),
    payments.PaymentCancelled(_SALE, _SESSION, _PAYMENT, cancelled_at=_AT),
    payments.PaymentOwed(
        _SALE, _SESSION, _PAYMENT, "late", amount_minor=1650, currency="EUR", owed_at=_AT, receipt=None
    ),
    payments.PaymentRefunded(
        _SALE, _SESSION, _PAYMENT, "sumup", amount_minor=1650, currency="EUR", refunded_at=_AT + timedelta(hours=1)
    ),
)
