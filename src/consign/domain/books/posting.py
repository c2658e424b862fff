"""Double entry: every event that moves money becomes postings that add up to zero, in one fold over the log.

Debits are positive, credits negative: a drawer with cash stands above zero, what is owed to a consignor below.
"""

from consign.domain.books import drawer, fees, floor, paying, settling, terms, trade
from consign.domain.books.state import Books, Posted
from consign.domain.events import Event
from consign.domain.ledger.floor_events import ItemsFound, ItemsLost
from consign.domain.ledger.manual_lines import ManualLineCredited, ManualLineKept, ManualLineMatched
from consign.domain.participation.events import (
    ConsignorRegistered,
    ConsignorTermsChanged,
    LateDropOffCharged,
    ListsCharged,
    ParticipationEnded,
    ParticipationReopened,
    ReferralRewarded,
)
from consign.domain.participation.fee_events import FeePaid, FeeRefunded, FeeWaived
from consign.domain.payments import PaymentApproved, PaymentRefunded
from consign.domain.sale import SalePhaseChanged, SalePlanned, SaleSettingsChanged
from consign.domain.session.drawer_events import (
    CashReceived,
    CashSent,
    CashTakenBack,
    SessionHandedOver,
    VoucherPaidOut,
    VoucherSaleUndone,
    VoucherSold,
)
from consign.domain.session.events import (
    BasketPaid,
    CashMoved,
    CashPaidOut,
    ReceiptVoided,
    RefundPaid,
    SessionClosed,
    SessionOpened,
)
from consign.domain.session.offline_events import SessionSupplemented
from consign.domain.session.paying_events import PayingCancelled, TendersTaken
from consign.domain.settlement.events import (
    BalanceBroughtForward,
    CharityPaid,
    ConsignorAdjusted,
    PayoutCarried,
    PayoutForfeited,
    PayoutReturned,
    PayoutsPaid,
    StatementIssued,
    StatementsCancelled,
)
from consign.domain.shifts.events import ConsignorTierEarned
from consign.domain.vouchers import VoucherExpired, VoucherIssued


def post(books: Books, event: Event) -> Posted:  # noqa: C901, PLR0912 - a case a topic
    """Return the books after the event, and its postings, which add up to zero. Most events move no money."""
    match event:
        case BasketPaid():
            return trade.paid(books, event)
        case ReceiptVoided():
            return trade.voided(books, event)
        case RefundPaid():
            return trade.refunded(books, event)
        case TendersTaken() | PayingCancelled() | PaymentApproved() | PaymentRefunded():
            return paying.posted(books, event)
        case ManualLineMatched() | ManualLineCredited() | ManualLineKept():
            return trade.resolved(books, event)
        case ItemsLost() | ItemsFound():
            return floor.made_good(books, event)
        case (
            SessionOpened()
            | CashMoved()
            | SessionClosed()
            | SessionSupplemented()
            | SessionHandedOver()
            | CashSent()
            | CashReceived()
            | CashTakenBack()
        ):
            return drawer.drawer(books, event)
        case VoucherSold() | VoucherSaleUndone() | VoucherPaidOut() | VoucherIssued() | VoucherExpired():
            return drawer.voucher(books, event)
        case ConsignorRegistered() | ConsignorTermsChanged() | ConsignorTierEarned() | ReferralRewarded():
            return terms.consignor(books, event)
        case (
            FeePaid()
            | FeeWaived()
            | FeeRefunded()
            | ParticipationEnded()
            | ParticipationReopened()
            | ListsCharged()
            | LateDropOffCharged()
        ):
            return fees.moved(books, event)
        case SalePlanned() | SaleSettingsChanged() | SalePhaseChanged():
            return terms.sale_changed(books, event)
        case (
            ConsignorAdjusted()
            | BalanceBroughtForward()
            | StatementIssued()
            | StatementsCancelled()
            | PayoutsPaid()
            | PayoutReturned()
            | PayoutForfeited()
            | PayoutCarried()
            | CashPaidOut()
            | CharityPaid()
        ):
            return settling.settled(books, event)
        case _:
            return books, ()
