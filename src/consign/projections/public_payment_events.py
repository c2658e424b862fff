"""Payments by card through providers as they are published. What providers call them, and why they decline, is not."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class PaymentRequested(Struct, frozen=True):
    """A till waits for `provider` to take `amount_minor` from a card, until `answer_by`: say what it did."""

    sale: str
    session: str
    till: str
    payment: str
    provider: str
    amount_minor: int
    currency: str
    requested_at: datetime
    answer_by: datetime


class PaymentUnanswered(Struct, frozen=True):
    """Nobody knows what the provider did; an answer is welcome still."""

    sale: str
    session: str
    payment: str
    unanswered_at: datetime


class PaymentApproved(Struct, frozen=True):
    """The provider has the money. `late`: nobody waited for it any more, and it is to be given back."""

    sale: str
    session: str
    payment: str
    provider: str
    amount_minor: int
    currency: str
    approved_at: datetime
    late: bool


class PaymentDeclined(Struct, frozen=True):
    """The provider took nothing."""

    sale: str
    session: str
    payment: str
    declined_at: datetime


class PaymentCancelled(Struct, frozen=True):
    """Nobody waits for the provider any more: it should take nothing."""

    sale: str
    session: str
    payment: str
    cancelled_at: datetime


class PaymentOwed(Struct, frozen=True):
    """The provider is to give `amount_minor` of a payment back: say when it has."""

    sale: str
    session: str
    payment: str
    because: Literal["late", "cancelled", "void", "refund"]
    amount_minor: int
    currency: str
    owed_at: datetime
    receipt: str | None


class PaymentRefunded(Struct, frozen=True):
    """The provider gave so much of a payment back."""

    sale: str
    session: str
    payment: str
    provider: str
    amount_minor: int
    currency: str
    refunded_at: datetime


type PaymentData = (
    PaymentRequested
    | PaymentUnanswered
    | PaymentApproved
    | PaymentDeclined
    | PaymentCancelled
    | PaymentOwed
    | PaymentRefunded
)
