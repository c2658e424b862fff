"""The postings of a drawer: floats, movements, transfers and counts; and of vouchers that are sold or given."""

from consign.domain.accounts import (
    BANK,
    CARD,
    CASH_ROUNDING,
    COMPENSATION,
    EXPENSES,
    OVER_SHORT,
    TRANSIT,
    VOUCHER,
    cash_account,
)
from consign.domain.books.state import Books, Posted, enter
from consign.domain.session.drawer_events import (
    CashReceived,
    CashSent,
    CashTakenBack,
    SessionHandedOver,
    VoucherPaidOut,
    VoucherSaleUndone,
    VoucherSold,
)
from consign.domain.session.events import CashMoved, SessionClosed, SessionOpened, TenderKind
from consign.domain.session.figures import of_kind
from consign.domain.session.offline_events import SessionSupplemented
from consign.domain.vouchers import VoucherExpired, VoucherIssued

type Counted = SessionOpened | CashMoved | SessionClosed | SessionHandedOver | SessionSupplemented
type Carried = CashSent | CashReceived | CashTakenBack


def drawer(books: Books, event: Counted | Carried) -> Posted:
    """Post what went into a drawer or out of it beside the trade."""
    cash = cash_account(event.session)
    match event:
        case SessionOpened(float_minor=float_minor):
            return enter(books, event.sale, {cash: float_minor, BANK: -float_minor})
        case CashMoved(amount_minor=amount_minor, kind=kind):
            other = EXPENSES if kind == "expense" else BANK
            return enter(books, event.sale, {cash: amount_minor, other: -amount_minor})
        case SessionHandedOver(difference_minor=difference_minor):
            return enter(books, event.sale, {cash: difference_minor, OVER_SHORT: -difference_minor})
        case CashSent(amount_minor=amount_minor):
            return enter(books, event.sale, {cash: -amount_minor, TRANSIT: amount_minor})
        case CashTakenBack(amount_minor=amount_minor):
            return enter(books, event.sale, {cash: amount_minor, TRANSIT: -amount_minor})
        case CashReceived(counted_minor=counted_minor, sent_minor=sent_minor, difference_minor=difference_minor):
            entries = {cash: counted_minor, TRANSIT: -sent_minor, OVER_SHORT: -difference_minor}
            return enter(books, event.sale, entries)
        case SessionClosed(counted_minor=counted_minor, difference_minor=difference_minor):
            entries = {cash: difference_minor - counted_minor, OVER_SHORT: -difference_minor, BANK: counted_minor}
            return enter(books, event.sale, entries)
        case SessionSupplemented(cash_minor=cash_minor):  # it was counted before anybody knew where it came from
            return enter(books, event.sale, {cash: -cash_minor, OVER_SHORT: cash_minor})


type Vouched = VoucherSold | VoucherSaleUndone | VoucherPaidOut | VoucherIssued | VoucherExpired


def voucher(books: Books, event: Vouched) -> Posted:
    """Post what a voucher is good for: against what was paid for it, or against the organizer."""
    match event:
        case VoucherSold() | VoucherSaleUndone():
            sign = 1 if isinstance(event, VoucherSold) else -1
            entries = {
                cash_account(event.session): sign * (of_kind(event.tenders, TenderKind.CASH) - event.change_minor),
                CARD: sign * of_kind(event.tenders, TenderKind.CARD),
                CASH_ROUNDING: -sign * event.rounding_minor,
                VOUCHER: -sign * event.amount_minor,
            }
            return enter(books, event.sale, entries)
        case VoucherPaidOut(amount_minor=amount_minor, rounding_minor=rounding_minor):
            cash = cash_account(event.session)
            entries = {VOUCHER: amount_minor, cash: -amount_minor - rounding_minor, CASH_ROUNDING: rounding_minor}
            return enter(books, event.sale, entries)
        case VoucherIssued(origin="goodwill", amount_minor=amount_minor):
            return enter(books, event.sale, {COMPENSATION: amount_minor, VOUCHER: -amount_minor})
        case VoucherIssued():  # posted by the session that sold it or paid the refund
            return books, ()
        case VoucherExpired(amount_minor=amount_minor):
            return enter(books, event.sale, {VOUCHER: amount_minor, COMPENSATION: -amount_minor})
