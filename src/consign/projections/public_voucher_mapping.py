"""What integrators are told of vouchers; how they are used stands on the receipts."""

from consign.domain.vouchers import VoucherExpired, VoucherIssued, VoucherTakenBack
from consign.projections import public_voucher_events as public

type Vouchers = VoucherIssued | VoucherTakenBack | VoucherExpired

VOUCHERS = frozenset({"voucher-issued", "voucher-taken-back", "voucher-expired"})


def of_voucher(event: Vouchers, currency: str) -> public.VoucherData:
    """Map one internal event to what is published of it; `currency` is the sale's."""
    match event:
        case VoucherIssued():
            return public.VoucherIssued(
                event.sale, event.origin, event.amount_minor, currency, event.issued_at, event.expires_at
            )
        case VoucherTakenBack():
            return public.VoucherEnded(event.sale, "taken_back", event.amount_minor, currency)
        case VoucherExpired():
            return public.VoucherEnded(event.sale, "expired", event.amount_minor, currency)
