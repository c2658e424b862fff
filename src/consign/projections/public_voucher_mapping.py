"""What integrators are told of vouchers."""

from consign.domain.vouchers import (
    VoucherCashedOut,
    VoucherExpired,
    VoucherIssued,
    VouchersCredited,
    VouchersRedeemed,
    VoucherTakenBack,
)
from consign.projections import public_voucher_events as public

type Ended = VoucherTakenBack | VoucherExpired | VoucherCashedOut
type Vouchers = VoucherIssued | VouchersRedeemed | VouchersCredited | Ended

VOUCHERS = frozenset(
    {
        "voucher-issued",
        "vouchers-redeemed",
        "vouchers-credited",
        "voucher-taken-back",
        "voucher-expired",
        "voucher-cashed-out",
    }
)


def of_voucher(event: Vouchers, currency: str) -> public.VoucherData:
    """Map one internal event to what is published of it; `currency` is the sale's."""
    match event:
        case VoucherIssued():
            return public.VoucherIssued(
                event.sale, event.origin, event.amount_minor, currency, event.issued_at, event.expires_at
            )
        case VouchersRedeemed(shares=shares):
            amount_minor = sum(share.amount_minor for share in shares)
            return public.VouchersRedeemed(
                event.sale, event.receipt or None, len(shares), amount_minor, currency, event.redeemed_at
            )
        case VouchersCredited(shares=shares):
            amount_minor = sum(share.amount_minor for share in shares)
            return public.VouchersCredited(
                event.sale, event.receipt or None, event.cause, len(shares), amount_minor, currency, event.credited_at
            )
        case VoucherTakenBack():
            return public.VoucherEnded(event.sale, "taken_back", event.amount_minor, currency)
        case VoucherExpired():
            return public.VoucherEnded(event.sale, "expired", event.amount_minor, currency)
        case VoucherCashedOut():
            return public.VoucherEnded(event.sale, "cashed_out", event.amount_minor, currency)
