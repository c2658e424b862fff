"""Which accounts the drawers and the vouchers of a sale touch."""

from consign.domain.accounts import (
    BANK,
    CARD,
    CASH_ROUNDING,
    COMPENSATION,
    EXPENSES,
    OVER_SHORT,
    PROVIDER,
    SUSPENSE,
    TRANSIT,
    VOUCHER,
    cash_account,
)
from consign.domain.payments import PaymentApproved, PaymentRefunded
from consign.domain.session.drawer_events import (
    CashReceived,
    CashSent,
    CashTakenBack,
    SessionHandedOver,
    VoucherPaidOut,
    VoucherSaleUndone,
    VoucherSold,
)
from consign.domain.session.events import CashMoved, SessionClosed, SessionOpened
from consign.domain.session.offline_events import SessionSupplemented
from consign.domain.session.paying_events import PayingCancelled, TendersTaken
from consign.domain.vouchers import VoucherExpired, VoucherIssued

type Counted = SessionOpened | CashMoved | SessionClosed | SessionSupplemented | SessionHandedOver
type Carried = CashSent | CashReceived | CashTakenBack
type Vouched = VoucherSold | VoucherSaleUndone | VoucherPaidOut | VoucherIssued | VoucherExpired
type Taken = TendersTaken | PayingCancelled | PaymentApproved | PaymentRefunded
type Drawn = Counted | Carried | Vouched | Taken

DRAWN = frozenset(
    {
        "session-opened",
        "cash-moved",
        "session-closed",
        "session-supplemented",
        "session-handed-over",
        "cash-sent",
        "cash-received",
        "cash-taken-back",
        "voucher-sold",
        "voucher-sale-undone",
        "voucher-paid-out",
        "voucher-issued",
        "voucher-expired",
        "tenders-taken",
        "paying-cancelled",
        "payment-approved",
        "payment-refunded",
    }
)


def accounts_of(event: Drawn) -> tuple[str, ...]:
    """Return the accounts that the event's postings may touch."""
    match event:
        case SessionOpened() | CashMoved() | SessionClosed() | SessionSupplemented():
            return (cash_account(event.session), BANK, EXPENSES, OVER_SHORT)
        case SessionHandedOver() | CashSent() | CashReceived() | CashTakenBack():
            return (cash_account(event.session), TRANSIT, OVER_SHORT)
        case VoucherSold() | VoucherSaleUndone() | VoucherPaidOut():
            return (cash_account(event.session), CARD, CASH_ROUNDING, VOUCHER)
        case VoucherIssued() | VoucherExpired():
            return (VOUCHER, COMPENSATION)
        case TendersTaken() | PayingCancelled():
            return (cash_account(event.session), CARD, VOUCHER, SUSPENSE)
        case PaymentApproved() | PaymentRefunded():
            return (PROVIDER, SUSPENSE)
