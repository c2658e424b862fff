"""What a sale session records: one cashier's spell at one till.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
Amounts are minor units of the sale's currency. What moves money carries the sale and, line by line, the participation
and category, so that a reader can post it without looking anything else up.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from consign.domain.ledger.events import Credited, RefundedLine
from consign.domain.participation.fee_events import FeeKind, FeeMeans
from consign.domain.session.report import MovementKind, TillFigures
from consign.domain.values import (
    AccountId,
    BasketId,
    ParticipationId,
    ReceiptNumber,
    Role,
    SaleId,
    SessionId,
    TagCode,
)


class TenderKind(StrEnum):
    """How a shopper pays: coins and notes, a card on a terminal of its own, a voucher, or a card by a provider.

    Only a provider says here whether it has the money; of a terminal the cashier says so.
    """

    CASH = "cash"
    CARD = "card"
    VOUCHER = "voucher"
    PROVIDER = "provider"


class Tender(Struct, frozen=True, gc=False, omit_defaults=True):
    """The reference of a voucher is its code, that of a provider's payment what the provider calls it.

    `tender_id` names what was taken, and posted to suspense, before there was a receipt; a provider's is the payment.
    """

    kind: TenderKind
    amount_minor: int
    reference: str = ""
    tender_id: str = ""


class Discount(Struct, frozen=True, gc=False, omit_defaults=True):
    """One discount on a line and who bears it. `name` is the window's; who gave one by hand, and why, stands with it.

    `basket` is the line's share of a discount on the whole basket, `override` a price that was set by hand. `role` is
    the one that let it be given by hand: that of `authorized_by`, or of `approved_by`, whose PIN was entered.
    """

    kind: Literal["window", "line", "basket", "override"]
    amount_minor: int
    borne_by: Literal["consignor", "organizer"]
    name: str = ""
    reason: str = ""
    authorized_by: AccountId | None = None
    role: Role | None = None
    approved_by: AccountId | None = None
    pin_version: int | None = None


class BasketLine(Struct, frozen=True, omit_defaults=True):
    """A line with its parts, see `consign.domain.amounts`; `asked_minor` is what the tag says where the price differs.

    A tax rate is the one at the scan; the amounts of tax and surcharge are known once the basket is paid. A `manual`
    line was typed in: its `tag` is an id its till gave it, and who is to be credited may not be known yet
    (`participation` is empty, `consignor` zero).
    """

    tag: TagCode
    participation: ParticipationId
    consignor: int
    category: str
    description: str
    price_minor: int
    list_number: int = 1
    asked_minor: int | None = None
    discount_minor: int = 0
    tax_minor: int = 0
    tax_rate_ppm: int = 0
    tax_included: bool = False
    surcharge_minor: int = 0
    discounts: tuple[Discount, ...] = ()
    manual: bool = False
    credited_to: Credited = "consignor"


class BasketDiscount(Struct, frozen=True, gc=False, omit_defaults=True):
    """A discount on all that is in a basket when it is paid: an amount, or a rate; the organizer bears it."""

    amount_minor: int = 0
    rate_ppm: int = 0
    reason: str = ""
    role: Role = "organizer"
    authorized_by: AccountId | None = None
    approved_by: AccountId | None = None
    pin_version: int | None = None


class SessionOpened(Struct, frozen=True, gc=False, tag="session-opened"):
    """The counters are the till's last used ones: numbers go on over sessions without a gap."""

    session: SessionId
    sale: SaleId
    till: str
    cashier: AccountId
    float_minor: int
    currency: str
    receipt_counter: int
    refund_counter: int


class LineAdded(Struct, frozen=True, gc=False, tag="line-added"):
    """The first line of an unknown basket opens it, and says for which presale group, if for any."""

    sale: SaleId
    basket: BasketId
    line: BasketLine
    presale_group: str | None = None


class LineDiscounted(Struct, frozen=True, tag="line-discounted"):
    """The line as it stands now: something was taken off it by hand, or that was taken back."""

    sale: SaleId
    basket: BasketId
    line: BasketLine


class BasketDiscounted(Struct, frozen=True, gc=False, tag="basket-discounted"):
    """Something is taken off all that is in the basket when it is paid; null: no longer."""

    sale: SaleId
    basket: BasketId
    discount: BasketDiscount | None


class LineRemoved(Struct, frozen=True, gc=False, tag="line-removed"):
    sale: SaleId
    basket: BasketId
    tag: TagCode


class BasketAbandoned(Struct, frozen=True, gc=False, tag="basket-abandoned"):
    sale: SaleId
    basket: BasketId


class BasketSuspended(Struct, frozen=True, gc=False, tag="basket-suspended"):
    sale: SaleId
    basket: BasketId
    note: str = ""


class BasketRecalled(Struct, frozen=True, tag="basket-recalled"):
    """The basket is open here now, with these lines; `from_session` may be this session itself."""

    sale: SaleId
    basket: BasketId
    from_session: SessionId
    lines: tuple[BasketLine, ...]
    discount: BasketDiscount | None = None
    presale_group: str | None = None


class BasketHandedOver(Struct, frozen=True, gc=False, tag="basket-handed-over"):
    sale: SaleId
    basket: BasketId
    to_session: SessionId


class BasketPaid(Struct, frozen=True, tag="basket-paid"):
    """Σ tenders = total + rounding + change. `rounding_minor` is the cash rounding: above zero, the shopper pays it.

    `total_minor` is what the shopper pays for the lines, tax on top and surcharge included.
    """

    sale: SaleId
    session: SessionId
    till: str
    basket: BasketId
    receipt: ReceiptNumber
    counter: int
    sale_sequence: int
    lines: tuple[BasketLine, ...]
    tenders: tuple[Tender, ...]
    total_minor: int
    rounding_minor: int
    change_minor: int
    paid_at: datetime
    cashier: AccountId | None = None
    presale_group: str | None = None


class ReceiptVoided(Struct, frozen=True, tag="receipt-voided"):
    """Everything of the receipt is undone; the figures are those of its payment.

    A manual line that was matched or credited meanwhile stands here as what it had become.
    """

    sale: SaleId
    session: SessionId
    till: str
    receipt: ReceiptNumber
    lines: tuple[BasketLine, ...]
    tenders: tuple[Tender, ...]
    total_minor: int
    rounding_minor: int
    change_minor: int
    reason: str
    cashier: AccountId | None = None


class RefundPaid(Struct, frozen=True, tag="refund-paid"):
    """The shopper got `amount_minor + rounding_minor` by `tender`; `amount_minor` = Σ paid back of the lines."""

    sale: SaleId
    session: SessionId
    till: str
    refund: ReceiptNumber
    counter: int
    receipt: ReceiptNumber
    lines: tuple[RefundedLine, ...]
    tender: TenderKind
    amount_minor: int
    rounding_minor: int
    reason: str
    refunded_at: datetime
    reference: str = ""
    cashier: AccountId | None = None


class FeeReceived(Struct, frozen=True, gc=False, tag="fee-received"):
    """A consignor's fee was paid here; `taken_minor` came in. The money is posted by the participation's `fee-paid`."""

    sale: SaleId
    session: SessionId
    till: str
    participation: ParticipationId
    means: FeeMeans
    taken_minor: int
    cashier: AccountId | None = None
    fee: FeeKind = "participation"


class FeeReturned(Struct, frozen=True, gc=False, tag="fee-returned"):
    """`given_minor` went out. The money is posted by the participation's `fee-refunded`."""

    sale: SaleId
    session: SessionId
    till: str
    participation: ParticipationId
    means: FeeMeans
    given_minor: int
    cashier: AccountId | None = None
    fee: FeeKind = "participation"


class CashPaidOut(Struct, frozen=True, gc=False, tag="cash-paid-out"):
    """A consignor got a payout of the settlement: `amount_minor - fee_minor + rounding_minor` left the drawer."""

    sale: SaleId
    session: SessionId
    till: str
    payout: str
    participation: ParticipationId
    amount_minor: int
    fee_minor: int
    rounding_minor: int

    @property
    def cash_minor(self) -> int:
        """What was handed over."""
        return self.amount_minor - self.fee_minor + self.rounding_minor


class CashMoved(Struct, frozen=True, gc=False, tag="cash-moved"):
    sale: SaleId
    session: SessionId
    till: str
    amount_minor: int
    reason: str
    kind: MovementKind = "movement"


class Denomination(Struct, frozen=True, gc=False):
    """So many coins or notes of one value were counted."""

    value_minor: int
    count: int


class SessionClosed(Struct, frozen=True, tag="session-closed"):
    """`difference_minor` is what was counted less what was expected: over when positive, short when negative.

    With it comes the till's Z report, which never changes: `z_number` is the till's own and has no gap, `figures` are
    the session's, and `grand_total_minor` adds up what the till sold in this and all earlier sessions. `unsynced` says
    how many sales the till held back (null: unknown, or it never worked offline), `authorized_by` who closed it so.
    """

    sale: SaleId
    session: SessionId
    till: str
    expected_minor: int
    counted_minor: int
    difference_minor: int
    receipt_counter: int
    refund_counter: int
    reason: str = ""
    z_number: int = 0
    grand_total_minor: int = 0
    figures: TillFigures = TillFigures()
    denominations: tuple[Denomination, ...] = ()
    carried_over: tuple[BasketId, ...] = ()
    unsynced: int | None = None
    authorized_by: AccountId | None = None


type SessionEvent = (
    LineAdded
    | BasketPaid
    | LineRemoved
    | LineDiscounted
    | BasketDiscounted
    | BasketAbandoned
    | BasketSuspended
    | BasketRecalled
    | BasketHandedOver
    | SessionOpened
    | ReceiptVoided
    | RefundPaid
    | FeeReceived
    | FeeReturned
    | CashMoved
    | CashPaidOut
    | SessionClosed
)
