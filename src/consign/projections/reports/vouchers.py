"""Facts of vouchers: what each step adds to what they are good for, or takes from it."""

from collections.abc import Iterable
from datetime import datetime

from consign.domain.recorded import StoredEvent
from consign.domain.values import VoucherCode
from consign.domain.vouchers import (
    VoucherCashedOut,
    VoucherExpired,
    VoucherIssued,
    VouchersCredited,
    VouchersRedeemed,
    VoucherTakenBack,
)
from consign.projections.projection import Key, Rows
from consign.projections.reports.facts import Area, Fact, Told, day_of, fact

type Vouched = (
    VoucherIssued | VouchersRedeemed | VouchersCredited | VoucherTakenBack | VoucherExpired | VoucherCashedOut
)


def _reads(event: Vouched) -> Iterable[tuple[str, Key]]:
    return (("sales", (event.sale,)),)


def _told(_: StoredEvent, event: Vouched, rows: Rows) -> Told:
    day = day_of(rows, event.sale, _at(event))
    return Told([_fact(day, *step) for step in _steps(event)])


def _at(event: Vouched) -> datetime:
    match event:
        case VoucherIssued(issued_at=at) | VouchersRedeemed(redeemed_at=at) | VouchersCredited(credited_at=at):
            return at
        case VoucherTakenBack(taken_back_at=at) | VoucherExpired(expired_at=at) | VoucherCashedOut(cashed_out_at=at):
            return at


def _steps(event: Vouched) -> Iterable[tuple[VoucherCode, str, int, int]]:
    """Return by voucher what happened, what it changed, and how many more are good: without a balance none is."""
    match event:
        case VoucherIssued(voucher=voucher, amount_minor=amount_minor, origin=origin):
            yield voucher, origin, amount_minor, 1
        case VouchersRedeemed(shares=shares):
            for share in shares:
                yield share.voucher, "redeemed", -share.amount_minor, 0 if share.left_minor else -1
        case VouchersCredited(shares=shares):
            for share in shares:
                was_empty = share.left_minor == share.amount_minor
                yield share.voucher, "given_back", share.amount_minor, int(was_empty)
        case VoucherTakenBack(voucher=voucher, amount_minor=amount_minor):
            yield voucher, "taken_back", -amount_minor, -1
        case VoucherExpired(voucher=voucher, amount_minor=amount_minor):
            yield voucher, "expired", -amount_minor, -1 if amount_minor else 0

        case VoucherCashedOut(voucher=voucher, amount_minor=amount_minor):
            yield voucher, "cashed_out", -amount_minor, -1


def _fact(day: str, voucher: VoucherCode, status: str, change_minor: int, count: int) -> Fact:
    return fact(
        "voucher",
        day=day,
        voucher=voucher,
        status=status,
        amount_minor=change_minor,
        asked_minor=abs(change_minor),
        count=count,
    )


VOUCHERS = Area(
    frozenset(
        {
            "voucher-issued",
            "vouchers-redeemed",
            "vouchers-credited",
            "voucher-taken-back",
            "voucher-expired",
            "voucher-cashed-out",
        }
    ),
    _reads,
    _told,
)
