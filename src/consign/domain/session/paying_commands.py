"""What is asked while a basket is being paid: by a cashier step by step, and by a card provider that answers."""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.payments import PaymentId, PaymentStatus
from consign.domain.session.commands import TENDERS_LIMIT, PaidAnswer
from consign.domain.session.events import Tender, TenderKind
from consign.domain.values import (
    UUID_PATTERN,
    AmountMinor,
    BasketId,
    Code,
    Currency,
    GivenAccountId,
    GivenBasketId,
    GivenSaleId,
    GivenSessionId,
    PositiveMinor,
    SessionId,
    TagCode,
    Text,
)

GivenPaymentId = Annotated[PaymentId, Meta(pattern=UUID_PATTERN, max_length=36)]
GivenTenderId = Annotated[str, Meta(pattern=UUID_PATTERN, max_length=36)]
ProviderReference = Annotated[str, Meta(pattern=r"^[!-~]{1,120}$", max_length=120)]
"""What a provider calls a payment or a refund; visible ASCII without spaces."""


class TakenTender(Struct, frozen=True, gc=False):
    """One tender under an id of the till's: what is said twice was taken once. The reference of a voucher is its code.

    What a provider takes is not said here: see `RequestPayment`.
    """

    tender: GivenTenderId
    kind: TenderKind
    amount_minor: PositiveMinor
    reference: Text = ""


class BeginPaying(Struct, frozen=True, gc=False, tag="begin-paying"):
    """Lets the total stand and keeps the items, while the shopper looks for money.

    `shown_minor`, here and below, is the total that the till showed the shopper, as in `Pay`.
    """

    session: GivenSessionId
    basket: GivenBasketId
    shown_minor: AmountMinor | None = None


class TakeTenders(Struct, frozen=True, tag="take-tenders"):
    """Begins paying where nobody has. What covers the total makes the receipt, in the same turn."""

    session: GivenSessionId
    basket: GivenBasketId
    tenders: Annotated[tuple[TakenTender, ...], Meta(min_length=1, max_length=TENDERS_LIMIT)]
    currency: Currency | None = None
    shown_minor: AmountMinor | None = None


class RequestPayment(Struct, frozen=True, gc=False, tag="request-payment"):
    """Begins paying where nobody has. Without an amount, all that is due is asked of the provider."""

    session: GivenSessionId
    basket: GivenBasketId
    payment: GivenPaymentId
    provider: Code
    amount_minor: PositiveMinor | None = None
    currency: Currency | None = None
    shown_minor: AmountMinor | None = None


class CancelPayment(Struct, frozen=True, gc=False, tag="cancel-payment"):
    """Nobody waits for the provider any more; what it took all the same is to be given back."""

    session: GivenSessionId
    payment: GivenPaymentId
    reason: Text = ""


class CancelPaying(Struct, frozen=True, gc=False, tag="cancel-paying"):
    """Gives back all that was taken; the basket is open again."""

    session: GivenSessionId
    basket: GivenBasketId
    reason: Text = ""


class ApprovePayment(Struct, frozen=True, gc=False, tag="approve-payment"):
    """The provider has the money; `reference` is what it calls the payment. Whenever it is said, it is recorded."""

    session: GivenSessionId
    payment: GivenPaymentId
    reference: ProviderReference


class DeclinePayment(Struct, frozen=True, gc=False, tag="decline-payment"):
    """The provider took nothing."""

    session: GivenSessionId
    payment: GivenPaymentId
    reason: Text
    reference: ProviderReference | None = None


class ExpirePayment(Struct, frozen=True, gc=False, tag="expire-payment"):
    """Said by a timer: whether the provider took the money is unknown, if it has not answered."""

    session: GivenSessionId
    payment: GivenPaymentId


class RecordPaymentRefund(Struct, frozen=True, gc=False, tag="record-payment-refund"):
    """The provider gave money back that is owed; `reference` is what it calls that."""

    sale: GivenSaleId
    payment: GivenPaymentId
    amount_minor: PositiveMinor
    reference: ProviderReference
    recorded_by: GivenAccountId | None = None


class PayingAnswer(Struct, frozen=True):
    """How far a basket is paid. `due_minor` is left to pay by card, `cash_due_minor` by cash, rounded as cash is here.

    `waiting_minor` is what providers were asked for and have not answered. `receipt` is there once all is paid.
    `lost` names lines whose items are gone: the receipt can only be made without them, so paying is to be cancelled.
    """

    basket: BasketId
    total_minor: int
    taken: tuple[Tender, ...]
    due_minor: int
    cash_due_minor: int
    waiting_minor: int
    currency: str
    receipt: PaidAnswer | None = None
    lost: tuple[TagCode, ...] = ()


class PaymentAnswer(Struct, frozen=True):
    """What became of a payment. `receipt_number` is what it paid for; the `receipt` is there where this answer made it.

    `lost` names lines of its basket whose items are gone: there is no receipt with them, so paying is to be cancelled.
    """

    payment: PaymentId
    session: SessionId
    basket: BasketId
    status: PaymentStatus
    amount_minor: int
    owed_minor: int
    given_back_minor: int
    currency: str
    receipt_number: str = ""
    receipt: PaidAnswer | None = None
    lost: tuple[TagCode, ...] = ()


class PayingCancelledAnswer(Struct, frozen=True, gc=False):
    """What is to be handed or booked back; vouchers are worth more again already.

    A provider gives `provider_back_minor` back, and whether it did is to be recorded.
    """

    basket: BasketId
    cash_back_minor: int
    card_back_minor: int
    voucher_back_minor: int
    provider_back_minor: int
    currency: str


type PayingCommand = (
    BeginPaying
    | TakeTenders
    | RequestPayment
    | CancelPayment
    | CancelPaying
    | ApprovePayment
    | DeclinePayment
    | ExpirePayment
    | RecordPaymentRefund
)
