"""What a session records of its drawer beside the trade: vouchers sold, other cashiers, cash carried to other tills.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
"""

from datetime import datetime
from typing import NewType

from msgspec import Struct

from consign.domain.session.events import Tender
from consign.domain.values import AccountId, SaleId, SessionId, VoucherCode

TransferId = NewType("TransferId", str)


class VoucherSold(Struct, frozen=True, gc=False, tag="voucher-sold"):
    """Σ tenders = amount + rounding + change."""

    sale: SaleId
    session: SessionId
    till: str
    voucher: VoucherCode
    amount_minor: int
    tenders: tuple[Tender, ...]
    rounding_minor: int
    change_minor: int
    cashier: AccountId


class VoucherSaleUndone(Struct, frozen=True, gc=False, tag="voucher-sale-undone"):
    """The figures are those of its sale."""

    sale: SaleId
    session: SessionId
    till: str
    voucher: VoucherCode
    amount_minor: int
    tenders: tuple[Tender, ...]
    rounding_minor: int
    change_minor: int
    reason: str
    cashier: AccountId | None = None


class VoucherPaidOut(Struct, frozen=True, gc=False, tag="voucher-paid-out"):
    """Somebody got the rest of a voucher in cash: `amount_minor + rounding_minor`."""

    sale: SaleId
    session: SessionId
    till: str
    voucher: VoucherCode
    amount_minor: int
    rounding_minor: int
    cashier: AccountId


class SessionHandedOver(Struct, frozen=True, gc=False, tag="session-handed-over"):
    """Another cashier goes on, baskets and all. Where cash was counted, the difference is settled here and now."""

    sale: SaleId
    session: SessionId
    till: str
    from_cashier: AccountId
    to_cashier: AccountId
    expected_minor: int
    handed_over_at: datetime
    counted_minor: int | None = None
    difference_minor: int = 0
    reason: str = ""


class CashSent(Struct, frozen=True, gc=False, tag="cash-sent"):
    """Cash left this drawer for another one; until it is counted there it is on its way."""

    sale: SaleId
    session: SessionId
    till: str
    transfer: TransferId
    to_session: SessionId
    to_till: str
    amount_minor: int
    reason: str
    sent_at: datetime


class CashReceived(Struct, frozen=True, gc=False, tag="cash-received"):
    """Cash of another till was counted into this drawer: `difference_minor` more or less than was sent."""

    sale: SaleId
    session: SessionId
    till: str
    transfer: TransferId
    from_session: SessionId
    from_till: str
    sent_minor: int
    counted_minor: int
    difference_minor: int
    received_at: datetime
    reason: str = ""


class CashArrived(Struct, frozen=True, gc=False, tag="cash-arrived"):
    """What this session sent was counted at the other till. The money is posted by `cash-received` there."""

    sale: SaleId
    session: SessionId
    till: str
    transfer: TransferId
    counted_minor: int


class CashTakenBack(Struct, frozen=True, gc=False, tag="cash-taken-back"):
    """Cash that was on its way is back in this drawer."""

    sale: SaleId
    session: SessionId
    till: str
    transfer: TransferId
    amount_minor: int
    reason: str


type DrawerEvent = (
    VoucherSold
    | VoucherSaleUndone
    | VoucherPaidOut
    | SessionHandedOver
    | CashSent
    | CashReceived
    | CashArrived
    | CashTakenBack
)
