"""Vouchers: what their codes look like, what is recorded of them, and what they are still worth.

A code has twelve symbols, shown as 4-4-4: eleven drawn at random and one that checks the others.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.rejection import Reason, Rejected
from consign.domain.values import AccountId, BasketId, SaleId, SessionId, VoucherCode

# 31 symbols, none of which is taken for another. 31 is prime: a weighted sum over them, with another weight at each
# place, changes with every single wrong symbol and every swap of two.
_SYMBOLS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_DRAWN = 11
_LENGTH = _DRAWN + 1

CODES = len(_SYMBOLS) ** _DRAWN
"""How many codes there are: 54 bits, so nobody finds one by trying."""


def voucher_code(drawn: int) -> VoucherCode:
    """Return the code of a number from zero up to `CODES`, which is to be drawn at random."""
    symbols = []
    for _ in range(_DRAWN):
        drawn, index = divmod(drawn, len(_SYMBOLS))
        symbols.append(_SYMBOLS[index])
    # The last place weighs one, so its symbol is whatever brings the sum to zero.
    missing = -_sum("".join(symbols)) % len(_SYMBOLS)
    return VoucherCode("".join(symbols) + _SYMBOLS[missing])


def read_code(typed: str) -> VoucherCode:
    """Return the code in what was scanned or typed; case, hyphens and spaces do not matter.

    Raises Rejected with `voucher_invalid`, naming what is wrong with it.
    """
    symbols = typed.replace("-", "").replace(" ", "").upper()
    if len(symbols) != _LENGTH or any(symbol not in _SYMBOLS for symbol in symbols):
        raise Rejected(
            Reason.VOUCHER_INVALID,
            f"A voucher's code has {_LENGTH} letters and digits, without 0, 1, I, L and O. Read it again.",
        )
    if _sum(symbols) % len(_SYMBOLS):
        raise Rejected(Reason.VOUCHER_INVALID, "This is no voucher's code: a letter is wrong or two are swapped.")
    return VoucherCode(symbols)


def shown_code(code: VoucherCode) -> str:
    """Return the code as people read it: 4-4-4."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def _sum(symbols: str) -> int:
    return sum((_LENGTH - place) * _SYMBOLS.index(symbol) for place, symbol in enumerate(symbols))


type Origin = Literal["sold", "refund", "goodwill"]


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class VoucherIssued(Struct, frozen=True, gc=False, tag="voucher-issued"):
    """`receipt` is the receipt whose refund it is. What is `sold` or a `refund` is posted by its session's event."""

    sale: SaleId
    voucher: VoucherCode
    amount_minor: int
    origin: Origin
    issued_at: datetime
    expires_at: datetime | None = None
    session: SessionId | None = None
    receipt: str | None = None
    issued_by: AccountId | None = None
    reason: str = ""


class VoucherShare(Struct, frozen=True, gc=False, omit_defaults=True):
    """What was taken from a voucher or given back to it, and what it is worth after that, until when."""

    voucher: VoucherCode
    amount_minor: int
    left_minor: int
    expires_at: datetime | None = None


class VouchersRedeemed(Struct, frozen=True, gc=False, tag="vouchers-redeemed"):
    """A receipt was paid by vouchers, in part or as a whole; without one, a `basket` that is still being paid."""

    sale: SaleId
    receipt: str
    session: SessionId
    till: str
    shares: tuple[VoucherShare, ...]
    redeemed_at: datetime
    basket: BasketId | None = None


class VouchersCredited(Struct, frozen=True, gc=False, tag="vouchers-credited"):
    """A receipt was voided or refunded, or a `basket` not paid after all: its vouchers are worth more again."""

    sale: SaleId
    receipt: str
    session: SessionId
    till: str
    cause: Literal["void", "refund", "unpaid"]
    shares: tuple[VoucherShare, ...]
    credited_at: datetime
    basket: BasketId | None = None


class VoucherTakenBack(Struct, frozen=True, gc=False, tag="voucher-taken-back"):
    """It was sold by mistake, and its price given back at the till; that is posted by the session's event."""

    sale: SaleId
    voucher: VoucherCode
    amount_minor: int
    session: SessionId
    reason: str
    taken_back_at: datetime


class VoucherExpired(Struct, frozen=True, gc=False, tag="voucher-expired"):
    """`amount_minor` was left of it: nobody can claim it any more."""

    sale: SaleId
    voucher: VoucherCode
    amount_minor: int
    expired_at: datetime


class VoucherCashedOut(Struct, frozen=True, gc=False, tag="voucher-cashed-out"):
    """What was left of it was paid out in cash; that is posted by the session's event."""

    sale: SaleId
    voucher: VoucherCode
    amount_minor: int
    session: SessionId
    cashed_out_at: datetime


class VoucherBlocked(Struct, frozen=True, gc=False, tag="voucher-blocked"):
    """Nobody can use it until it is unblocked: it was lost, for instance. It is owed as before."""

    sale: SaleId
    voucher: VoucherCode
    reason: str
    blocked_by: AccountId
    blocked_at: datetime


class VoucherUnblocked(Struct, frozen=True, gc=False, tag="voucher-unblocked"):
    sale: SaleId
    voucher: VoucherCode
    reason: str
    unblocked_by: AccountId
    unblocked_at: datetime


type VoucherEvent = (
    VoucherIssued
    | VouchersRedeemed
    | VouchersCredited
    | VoucherTakenBack
    | VoucherExpired
    | VoucherCashedOut
    | VoucherBlocked
    | VoucherUnblocked
)


class Voucher(Struct, frozen=True, gc=False):
    balance_minor: int
    issued_minor: int
    expires_at: datetime | None = None
    blocked: bool = False


type Vouchers = HashTrieMap[VoucherCode, Voucher]


def evolve(vouchers: Vouchers, event: VoucherEvent) -> Vouchers:
    """Return the vouchers after the event."""
    match event:
        case VoucherIssued(voucher=code, amount_minor=amount_minor, expires_at=expires_at):
            return vouchers.insert(code, Voucher(amount_minor, amount_minor, expires_at))
        case VouchersRedeemed(shares=shares) | VouchersCredited(shares=shares):
            for share in shares:
                after = replace(vouchers[share.voucher], balance_minor=share.left_minor, expires_at=share.expires_at)
                vouchers = vouchers.insert(share.voucher, after)
            return vouchers
        case VoucherTakenBack(voucher=code) | VoucherExpired(voucher=code) | VoucherCashedOut(voucher=code):
            return vouchers.insert(code, replace(vouchers[code], balance_minor=0))
        case VoucherBlocked(voucher=code):
            return vouchers.insert(code, replace(vouchers[code], blocked=True))
        case VoucherUnblocked(voucher=code):
            return vouchers.insert(code, replace(vouchers[code], blocked=False))
