"""Payments by card through a provider: what is asked of it, what it answers, and what of its money goes back.

They live in their sale's ledger, so that an answer finds its payment even when basket and session are long gone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NewType

from msgspec import Struct

from consign.domain.values import AccountId, BasketId, SaleId, SessionId

PaymentId = NewType("PaymentId", str)
"""Made by the till, so that asking twice asks once."""

type OwedCause = Literal["late", "cancelled", "void", "refund"]
"""Why money of a provider is to be given back: it came when nobody waited for it any more, the basket was not bought
after all, or its receipt was voided or refunded."""


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class PaymentRequested(Struct, frozen=True, gc=False, tag="payment-requested"):
    """The shopper holds a card to what the provider reads it with. Who hears nothing by `answer_by` knows nothing."""

    sale: SaleId
    session: SessionId
    till: str
    basket: BasketId
    payment: PaymentId
    provider: str
    amount_minor: int
    requested_at: datetime
    answer_by: datetime
    cashier: AccountId


class PaymentUnanswered(Struct, frozen=True, gc=False, tag="payment-unanswered"):
    """The provider did not answer in time. It may have taken the money or not."""

    sale: SaleId
    session: SessionId
    basket: BasketId
    payment: PaymentId
    unanswered_at: datetime


class PaymentApproved(Struct, frozen=True, gc=False, tag="payment-approved"):
    """The provider has the money. `late`: nobody waited for it any more, so that it is to be given back."""

    sale: SaleId
    session: SessionId
    till: str
    basket: BasketId
    payment: PaymentId
    provider: str
    amount_minor: int
    reference: str
    approved_at: datetime
    late: bool = False


class PaymentDeclined(Struct, frozen=True, gc=False, tag="payment-declined"):
    """The provider took nothing."""

    sale: SaleId
    session: SessionId
    basket: BasketId
    payment: PaymentId
    reason: str
    declined_at: datetime
    reference: str = ""


class PaymentCancelled(Struct, frozen=True, gc=False, tag="payment-cancelled"):
    """Nobody waits for the provider's answer any more."""

    sale: SaleId
    session: SessionId
    basket: BasketId
    payment: PaymentId
    reason: str
    cancelled_at: datetime


class PaymentShare(Struct, frozen=True, gc=False):
    """How much of a payment."""

    payment: PaymentId
    amount_minor: int


class PaymentsReceipted(Struct, frozen=True, gc=False, tag="payments-receipted"):
    """A receipt was paid by these payments, in part or as a whole."""

    sale: SaleId
    receipt: str
    session: SessionId
    till: str
    shares: tuple[PaymentShare, ...]
    receipted_at: datetime


class PaymentsOwed(Struct, frozen=True, gc=False, tag="payments-owed"):
    """So much is to be given back to shoppers by the provider; it is, once that is recorded.

    `basket` is said where it is being paid on without the payment.
    """

    sale: SaleId
    session: SessionId
    cause: OwedCause
    shares: tuple[PaymentShare, ...]
    owed_at: datetime
    receipt: str = ""
    basket: BasketId | None = None


class PaymentRefunded(Struct, frozen=True, gc=False, tag="payment-refunded"):
    """The provider gave money back, under a `reference` of its own."""

    sale: SaleId
    session: SessionId
    payment: PaymentId
    provider: str
    amount_minor: int
    reference: str
    refunded_at: datetime
    recorded_by: AccountId | None = None


type PaymentEvent = (
    PaymentRequested
    | PaymentUnanswered
    | PaymentApproved
    | PaymentDeclined
    | PaymentCancelled
    | PaymentsReceipted
    | PaymentsOwed
    | PaymentRefunded
)

type PaymentStatus = Literal["requested", "unknown", "approved", "declined", "cancelled"]


class ProviderRefund(Struct, frozen=True, gc=False):
    reference: str
    amount_minor: int


class Payment(Struct, frozen=True, gc=False):
    """`receipt` is what it paid for; `owed_minor` is to be given back, `given_back_minor` was."""

    session: SessionId
    till: str
    basket: BasketId
    provider: str
    amount_minor: int
    answer_by: datetime
    status: PaymentStatus = "requested"
    reference: str = ""
    receipt: str = ""
    owed_minor: int = 0
    given_back_minor: int = 0
    refunds: tuple[ProviderRefund, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether somebody waits for the provider's answer."""
        return self.status in ("requested", "unknown")

    @property
    def kept_minor(self) -> int:
        """What of it is neither given back nor to be: it pays for a receipt, or for a basket that is being paid."""
        return self.amount_minor - self.owed_minor - self.given_back_minor if self.status == "approved" else 0

    @property
    def pays_basket(self) -> bool:
        """Whether it pays for a basket that has no receipt yet."""
        return not self.receipt and self.kept_minor > 0


def reference_key(provider: str, reference: str) -> str:
    """Return what a provider's reference is known by: two providers may use the same one."""
    return f"{provider} {reference}"
