"""The vouchers of each sale: what they are still good for, and what became of the rest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.recorded import StoredEvent
from consign.domain.vouchers import (
    Origin,
    VoucherBlocked,
    VoucherCashedOut,
    VoucherExpired,
    VoucherIssued,
    VouchersCredited,
    VoucherShare,
    VouchersRedeemed,
    VoucherTakenBack,
    VoucherUnblocked,
)
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class VoucherUse(Struct, frozen=True):
    """`amount_minor` is above zero where something was given back to the voucher, below where it paid for something.

    What was taken before there was a receipt names the `basket` instead.
    """

    receipt: str
    amount_minor: int
    at: datetime
    basket: str | None = None


class VoucherRow(Struct, frozen=True):
    """`session` sold it or paid the refund that it was issued for; `ended_minor` was lost to whoever held it.

    `cashed_out_minor` was paid out. A `blocked` voucher keeps its balance, and nobody can use it.
    """

    voucher: str
    sale: str
    origin: Origin
    status: Literal["good", "used_up", "taken_back", "expired", "cashed_out"]
    issued_minor: int
    balance_minor: int
    issued_at: datetime
    expires_at: datetime | None
    session: str | None
    receipt: str | None
    issued_by: str | None
    reason: str
    uses: tuple[VoucherUse, ...] = ()
    ended_minor: int = 0
    cashed_out_minor: int = 0
    blocked: bool = False
    blocked_reason: str = ""


type Ended = VoucherTakenBack | VoucherExpired | VoucherCashedOut | VoucherBlocked | VoucherUnblocked
type Handled = VoucherIssued | VouchersRedeemed | VouchersCredited | Ended


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case VoucherIssued():
            return ()
        case VouchersRedeemed(shares=shares) | VouchersCredited(shares=shares):
            return [("vouchers", (event.sale, share.voucher)) for share in shares]
        case _:
            return (("vouchers", (event.sale, event.voucher)),)


def _apply(_: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case VoucherIssued():
            return (Put("vouchers", _issued(event)),)
        case VouchersRedeemed():
            return [
                Put(
                    "vouchers",
                    _used(_row(rows, event.sale, share.voucher), event, share, -1, event.redeemed_at),
                )
                for share in event.shares
            ]
        case VouchersCredited():
            return [
                Put("vouchers", _used(_row(rows, event.sale, share.voucher), event, share, 1, event.credited_at))
                for share in event.shares
            ]
        case _:
            return (Put("vouchers", _after(_row(rows, event.sale, event.voucher), event)),)


def _after(row: VoucherRow, event: Ended) -> VoucherRow:
    match event:
        case VoucherTakenBack():
            return replace(row, status="taken_back", balance_minor=0)
        case VoucherExpired(amount_minor=amount_minor):
            return replace(row, status="expired", balance_minor=0, ended_minor=row.ended_minor + amount_minor)
        case VoucherCashedOut(amount_minor=amount_minor):
            paid_minor = row.cashed_out_minor + amount_minor
            return replace(row, status="cashed_out", balance_minor=0, cashed_out_minor=paid_minor)
        case VoucherBlocked(reason=reason):
            return replace(row, blocked=True, blocked_reason=reason)
        case VoucherUnblocked():
            return replace(row, blocked=False, blocked_reason="")


def _row(rows: Rows, sale: str, voucher: str) -> VoucherRow:
    row: VoucherRow = required(rows, "vouchers", (sale, voucher))
    return row


def _issued(event: VoucherIssued) -> VoucherRow:
    return VoucherRow(
        voucher=event.voucher,
        sale=event.sale,
        origin=event.origin,
        status="good",
        issued_minor=event.amount_minor,
        balance_minor=event.amount_minor,
        issued_at=event.issued_at,
        expires_at=event.expires_at,
        session=event.session,
        receipt=event.receipt,
        issued_by=event.issued_by,
        reason=event.reason,
    )


def _used(
    row: VoucherRow, event: VouchersRedeemed | VouchersCredited, share: VoucherShare, sign: int, at: datetime
) -> VoucherRow:
    return replace(
        row,
        status="good" if share.left_minor else "used_up",
        balance_minor=share.left_minor,
        expires_at=share.expires_at,
        uses=(*row.uses, VoucherUse(event.receipt, sign * share.amount_minor, at, event.basket)),
    )


VOUCHERS = Projection(
    name="vouchers",
    version=3,
    tables=(Table("vouchers", VoucherRow, key=("sale", "voucher"), indexes=(("sale", "status"),)),),
    handles=frozenset(
        {
            "voucher-issued",
            "vouchers-redeemed",
            "vouchers-credited",
            "voucher-taken-back",
            "voucher-expired",
            "voucher-cashed-out",
            "voucher-blocked",
            "voucher-unblocked",
        }
    ),
    reads=_reads,
    apply=_apply,
)
