"""The public events of the tills: sessions, receipts and refunds."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class SessionOpened(Struct, frozen=True):
    """A cashier began at a till with `float_minor` of cash in the drawer."""

    sale: str
    session: str
    till: str
    float_minor: int
    currency: str


class ReceiptLine(Struct, frozen=True):
    """One line of a receipt; no `tag`: the thing was sold without a readable one.

    `discount_minor` is what the organizer bears. `tax_minor` is in the price where `tax_included`, else on top of it.
    """

    tag: str | None
    category: str
    price_minor: int
    discount_minor: int = 0
    tax_minor: int = 0
    tax_rate_ppm: int = 0
    tax_included: bool = False
    surcharge_minor: int = 0


class ReceiptTender(Struct, frozen=True):
    """One payment of a receipt."""

    kind: Literal["cash", "card", "voucher", "provider"]
    amount_minor: int


class ReceiptIssued(Struct, frozen=True):
    """A basket was paid: the tenders are together total, rounding and change. `counter` is gapless per till.

    `presale_group`: whose basket it was, if one of the groups that shop before the sale is live.
    """

    sale: str
    session: str
    till: str
    receipt: str
    counter: int
    sale_sequence: int
    lines: tuple[ReceiptLine, ...]
    tenders: tuple[ReceiptTender, ...]
    total_minor: int
    rounding_minor: int
    change_minor: int
    currency: str
    paid_at: datetime
    presale_group: str | None = None


class ReceiptVoided(Struct, frozen=True):
    """The whole receipt was undone; its amounts are those of its payment."""

    sale: str
    session: str
    till: str
    receipt: str
    total_minor: int
    rounding_minor: int
    currency: str


class RefundPaid(Struct, frozen=True):
    """The shopper got `amount_minor` and `rounding_minor` back. `counter` is gapless per till."""

    sale: str
    session: str
    till: str
    refund: str
    counter: int
    receipt: str
    tender: Literal["cash", "card", "voucher", "provider"]
    amount_minor: int
    rounding_minor: int
    currency: str
    refunded_at: datetime


class SessionClosed(Struct, frozen=True):
    """The till was counted: `difference_minor` is over when positive, short when negative.

    `z_number` is gapless per till; `grand_total_minor` adds up the `total_minor` of all its sessions until then.
    """

    sale: str
    session: str
    till: str
    expected_minor: int
    counted_minor: int
    difference_minor: int
    z_number: int
    total_minor: int
    grand_total_minor: int
    currency: str


type TillData = SessionOpened | ReceiptIssued | ReceiptVoided | RefundPaid | SessionClosed
