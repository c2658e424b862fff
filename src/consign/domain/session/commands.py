"""What a cashier asks of a sale session, and what is answered. Answers hold no personal data."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from consign.domain.presale import GroupName
from consign.domain.session.events import BasketLine, TenderKind
from consign.domain.session.report import MovementKind, TillFigures
from consign.domain.session.totals import TaxOfRate
from consign.domain.values import (
    ROWS_LIMIT,
    AmountMinor,
    BasketId,
    Currency,
    GivenAccountId,
    GivenBasketId,
    GivenReceipt,
    GivenSaleId,
    GivenSessionId,
    GivenVoucherCode,
    Minor,
    PositiveMinor,
    ReceiptNumber,
    Role,
    ScannedText,
    SessionId,
    TagCode,
    Text,
    TillName,
    VoucherCode,
)

TENDERS_LIMIT = 20


class OpenSession(Struct, frozen=True, gc=False, tag="open-session"):
    session: GivenSessionId
    sale: GivenSaleId
    till: TillName
    cashier: GivenAccountId
    float_minor: AmountMinor = 0
    currency: Currency | None = None


class Scan(Struct, frozen=True, gc=False, tag="scan"):
    """Holds the item and adds its line. The first scan of an unknown basket opens it, for a presale group if named."""

    session: GivenSessionId
    basket: GivenBasketId
    tag: ScannedText
    presale_group: GroupName | None = None


class RemoveLine(Struct, frozen=True, gc=False, tag="remove-line"):
    session: GivenSessionId
    basket: GivenBasketId
    tag: ScannedText


class AbandonBasket(Struct, frozen=True, gc=False, tag="abandon-basket"):
    session: GivenSessionId
    basket: GivenBasketId


class SuspendBasket(Struct, frozen=True, gc=False, tag="suspend-basket"):
    session: GivenSessionId
    basket: GivenBasketId
    note: Text = ""


class RecallBasket(Struct, frozen=True, gc=False, tag="recall-basket"):
    """Goes on with a basket of this or another till. `from_session` is needed only where all its holds are gone."""

    session: GivenSessionId
    basket: GivenBasketId
    from_session: GivenSessionId | None = None


class GivenTender(Struct, frozen=True, gc=False):
    """The reference of a voucher is its code."""

    kind: TenderKind
    amount_minor: PositiveMinor
    reference: Text = ""


class Pay(Struct, frozen=True, tag="pay"):
    """All tenders at once, vouchers among them; they must cover the total, and only cash may exceed it.

    Of a basket that is being paid already, the tenders that are still missing.

    `shown_minor` is the total that the till showed the shopper: where the basket comes to another, nothing is paid. A
    till that says it is safe from a scan that was refused, sent again by a network and accepted after all.
    """

    session: GivenSessionId
    basket: GivenBasketId
    tenders: Annotated[tuple[GivenTender, ...], Meta(max_length=TENDERS_LIMIT)]
    currency: Currency | None = None
    shown_minor: AmountMinor | None = None


class VoidReceipt(Struct, frozen=True, gc=False, tag="void-receipt"):
    session: GivenSessionId
    receipt: GivenReceipt
    reason: Text


class GivenRefundLine(Struct, frozen=True, gc=False):
    """Without an amount the whole line is given back and the thing returns; with one, only so much of what was paid."""

    tag: ScannedText
    amount_minor: PositiveMinor | None = None


class RefundReceipt(Struct, frozen=True, tag="refund-receipt"):
    """Paid by `session`, whichever session sold it. No lines means all that is left of the receipt.

    As a voucher it goes back to the one named by `reference`, else to a new one with the code `new_voucher`. By its
    provider it goes back to the payment named by `reference`, else to those of the receipt in order; it is owed until
    the provider is said to have given it back.
    """

    session: GivenSessionId
    receipt: GivenReceipt
    tender: TenderKind
    reason: Text
    role: Role
    lines: Annotated[tuple[GivenRefundLine, ...], Meta(max_length=ROWS_LIMIT)] = ()
    returned_to: Literal["floor", "consignor"] = "floor"
    reference: Text = ""
    new_voucher: GivenVoucherCode | None = None


class MoveCash(Struct, frozen=True, gc=False, tag="move-cash"):
    """Cash put into the drawer (positive) or taken out (negative)."""

    session: GivenSessionId
    amount_minor: Minor
    reason: Text
    kind: MovementKind = "movement"


class GivenDenomination(Struct, frozen=True, gc=False):
    value_minor: PositiveMinor
    count: Annotated[int, Meta(ge=0, le=1_000_000)]


class CloseSession(Struct, frozen=True, tag="close-session"):
    """`counted_minor` is the cash in the drawer, float included; a difference needs a reason.

    Baskets that are not finished are named in `carry_over` and wait to be recalled at any till. A till that worked
    offline says how many sales it holds back; some, or an unknown number, take an organizer: `authorized_by` is the
    caller's account, `role` the caller's.
    """

    session: GivenSessionId
    counted_minor: AmountMinor
    reason: Text = ""
    denominations: Annotated[tuple[GivenDenomination, ...], Meta(max_length=50)] = ()
    carry_over: Annotated[tuple[GivenBasketId, ...], Meta(max_length=100)] = ()
    unsynced_count: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    role: Role = "cashier"
    authorized_by: GivenAccountId | None = None


class SessionAnswer(Struct, frozen=True, gc=False):
    session: SessionId
    till: str
    next_receipt: ReceiptNumber
    currency: str


class ScanAnswer(Struct, frozen=True, gc=False):
    """`warnings`: `not_checked_in` (sold without check-in, recorded so), `held_again` (its hold had run out).

    The totals are the basket's: what the shopper pays, what was taken off the tags' prices, and what is tax (in the
    prices or on top) and surcharge.
    """

    basket: BasketId
    line: BasketLine
    count: int
    total_minor: int
    currency: str
    warnings: tuple[str, ...] = ()
    discount_minor: int = 0
    tax_minor: int = 0
    surcharge_minor: int = 0


class BasketAnswer(Struct, frozen=True):
    """The lines as they would be paid now. `lost` names those whose items are gone: paying will refuse them."""

    basket: BasketId
    lines: tuple[BasketLine, ...]
    count: int
    total_minor: int
    currency: str
    lost: tuple[TagCode, ...] = ()
    discount_minor: int = 0
    tax_minor: int = 0
    surcharge_minor: int = 0


class PaidAnswer(Struct, frozen=True):
    receipt: ReceiptNumber
    sale_sequence: int
    total_minor: int
    rounding_minor: int
    change_minor: int
    currency: str
    warnings: tuple[str, ...] = ()
    discount_minor: int = 0
    surcharge_minor: int = 0
    taxes: tuple[TaxOfRate, ...] = ()


class VoidedAnswer(Struct, frozen=True, gc=False):
    """What is to be handed or booked back to the shopper; vouchers are worth more again already.

    A provider gives `provider_back_minor` back, and whether it did is to be recorded.
    """

    receipt: ReceiptNumber
    total_minor: int
    cash_back_minor: int
    card_back_minor: int
    currency: str
    voucher_back_minor: int = 0
    provider_back_minor: int = 0


class RefundedAnswer(Struct, frozen=True, gc=False):
    """The shopper gets `amount_minor + rounding_minor` back by the tender."""

    refund: ReceiptNumber
    receipt: ReceiptNumber
    amount_minor: int
    rounding_minor: int
    tender: TenderKind
    currency: str
    voucher: VoucherCode | None = None


class DrawerAnswer(Struct, frozen=True, gc=False):
    session: SessionId
    expected_minor: int
    currency: str


class ClosedAnswer(Struct, frozen=True):
    """The count, and the till's Z report as it will stand."""

    session: SessionId
    expected_minor: int
    counted_minor: int
    difference_minor: int
    currency: str
    z_number: int
    grand_total_minor: int
    figures: TillFigures


type SessionCommand = (
    Scan
    | Pay
    | RemoveLine
    | AbandonBasket
    | SuspendBasket
    | RecallBasket
    | OpenSession
    | VoidReceipt
    | RefundReceipt
    | MoveCash
    | CloseSession
)
