"""The published form of what becomes of vouchers. Their codes are money and stay here."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class VoucherIssued(Struct, frozen=True):
    """Somebody may buy for `amount_minor`: it was sold, is a refund, or was given for nothing."""

    sale: str
    origin: Literal["sold", "refund", "goodwill"]
    amount_minor: int
    currency: str
    issued_at: datetime
    expires_at: datetime | None


class VouchersRedeemed(Struct, frozen=True):
    """A receipt was paid by `count` vouchers: `amount_minor` of what was sold as vouchers is a sale now.

    Without a `receipt` the basket is still being paid: its receipt names these tenders, or they are credited again.
    """

    sale: str
    receipt: str | None
    count: int
    amount_minor: int
    currency: str
    redeemed_at: datetime


class VouchersCredited(Struct, frozen=True):
    """A receipt was voided or refunded: `count` vouchers that it was paid by are worth `amount_minor` more again.

    `unpaid`: there is no receipt, the basket was not bought after all.
    """

    sale: str
    receipt: str | None
    because: Literal["void", "refund", "unpaid"]
    count: int
    amount_minor: int
    currency: str
    credited_at: datetime


class VoucherEnded(Struct, frozen=True):
    """`amount_minor` was left of a voucher and cannot be claimed: it ran out, or was given back or out in cash."""

    sale: str
    because: Literal["expired", "taken_back", "cashed_out"]
    amount_minor: int
    currency: str


type VoucherData = VoucherIssued | VouchersRedeemed | VouchersCredited | VoucherEnded
