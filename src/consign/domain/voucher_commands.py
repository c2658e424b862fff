"""What is asked about vouchers. Their codes are drawn outside: nothing is decided by chance here."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.session.commands import TENDERS_LIMIT, GivenTender
from consign.domain.values import (
    Currency,
    GivenAccountId,
    GivenSaleId,
    GivenSessionId,
    GivenVoucherCode,
    PositiveMinor,
    Role,
    ScannedText,
    SessionId,
    Text,
    VoucherCode,
)


class SellVoucher(Struct, frozen=True, tag="sell-voucher"):
    """Against cash or card, at once with all tenders; only cash may exceed the amount."""

    session: GivenSessionId
    voucher: GivenVoucherCode
    amount_minor: PositiveMinor
    tenders: Annotated[tuple[GivenTender, ...], Meta(max_length=TENDERS_LIMIT)]
    currency: Currency | None = None


class TakeVoucherBack(Struct, frozen=True, gc=False, tag="take-voucher-back"):
    """Undoes the sale of a voucher that nobody used yet, while the session that sold it is open."""

    session: GivenSessionId
    voucher: ScannedText
    reason: Text


class GrantVoucher(Struct, frozen=True, gc=False, tag="grant-voucher"):
    """A voucher for nothing, borne by the organizer."""

    sale: GivenSaleId
    voucher: GivenVoucherCode
    amount_minor: PositiveMinor
    granted_by: GivenAccountId
    reason: Text


class CashOutVoucher(Struct, frozen=True, gc=False, tag="cash-out-voucher"):
    """Pays out what is left of a voucher; up to how much a role may is a setting of the sale."""

    session: GivenSessionId
    voucher: ScannedText
    role: Role


class BlockVoucher(Struct, frozen=True, gc=False, tag="block-voucher"):
    """Lets nobody use a voucher that was lost, say."""

    sale: GivenSaleId
    voucher: GivenVoucherCode
    blocked_by: GivenAccountId
    reason: Text


class UnblockVoucher(Struct, frozen=True, gc=False, tag="unblock-voucher"):
    sale: GivenSaleId
    voucher: GivenVoucherCode
    unblocked_by: GivenAccountId
    reason: Text


class ExpireVoucher(Struct, frozen=True, gc=False, tag="expire-voucher"):
    sale: GivenSaleId
    voucher: GivenVoucherCode


class VoucherAnswer(Struct, frozen=True, gc=False):
    voucher: VoucherCode
    balance_minor: int
    currency: str
    expires_at: datetime | None = None


class SoldVoucherAnswer(Struct, frozen=True, gc=False):
    voucher: VoucherCode
    balance_minor: int
    rounding_minor: int
    change_minor: int
    currency: str
    expires_at: datetime | None = None


class TakenBackAnswer(Struct, frozen=True, gc=False):
    """What is to be handed or booked back."""

    voucher: VoucherCode
    session: SessionId
    cash_back_minor: int
    card_back_minor: int
    currency: str


class CashedOutAnswer(Struct, frozen=True, gc=False):
    """`cash_back_minor` is to be handed out: what was left, rounded as cash is here."""

    voucher: VoucherCode
    session: SessionId
    amount_minor: int
    cash_back_minor: int
    currency: str


class BlockedAnswer(Struct, frozen=True, gc=False):
    voucher: VoucherCode
    blocked: bool
    balance_minor: int
    currency: str


type VoucherCommand = (
    SellVoucher | TakeVoucherBack | GrantVoucher | ExpireVoucher | CashOutVoucher | BlockVoucher | UnblockVoucher
)
