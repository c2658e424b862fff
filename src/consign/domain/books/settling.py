"""The postings of settling: adjustments, balances that the organizer bears, and what becomes of payouts."""

from msgspec.structs import replace

from consign.domain.accounts import (
    BANK,
    CARRIED,
    CASH_ROUNDING,
    CHARITY,
    COMPENSATION,
    FEES,
    cash_account,
    payable_account,
)
from consign.domain.books.state import Books, Consignor, Entries, Posted, add, enter
from consign.domain.session.events import CashPaidOut
from consign.domain.settlement.events import (
    BalanceBroughtForward,
    CancelledStatements,
    CharityPaid,
    ConsignorAdjusted,
    PaidPayout,
    PayoutCarried,
    PayoutForfeited,
    PayoutReturned,
    PayoutsPaid,
    StatementIssued,
    StatementsCancelled,
)
from consign.domain.settlement.policy import FORFEITED_TO
from consign.domain.values import ParticipationId

type Given = ConsignorAdjusted | BalanceBroughtForward
type Stated = StatementIssued | StatementsCancelled
type PaidOut = PayoutsPaid | PayoutReturned | PayoutForfeited | PayoutCarried | CashPaidOut | CharityPaid


def settled(books: Books, event: Given | Stated | PaidOut) -> Posted:
    """Post what settling with consignors moves."""
    match event:
        case ConsignorAdjusted() | BalanceBroughtForward():
            return _given(books, event)
        case StatementIssued() | StatementsCancelled():
            return _stated(books, event)
        case PayoutsPaid() | PayoutReturned() | PayoutForfeited() | PayoutCarried() | CashPaidOut() | CharityPaid():
            return _paid_out(books, event)


def _given(books: Books, event: Given) -> Posted:
    """Post what a consignor is owed beside what was sold."""
    known, payable = books.consignors[event.participation], payable_account(event.participation)
    match event:
        case ConsignorAdjusted(participation=participation, amount_minor=amount_minor):
            after = replace(known, adjustments_minor=known.adjustments_minor + amount_minor)
            entries = {payable: -amount_minor, COMPENSATION: amount_minor}
            return enter(_with(books, participation, after), event.sale, entries)
        case BalanceBroughtForward(participation=participation, amount_minor=amount_minor):
            after = replace(known, brought_minor=known.brought_minor + amount_minor)
            entries = {payable: -amount_minor, CARRIED: amount_minor}
            return enter(_with(books, participation, after), event.sale, entries)


def _stated(books: Books, event: Stated) -> Posted:
    """Post what the organizer bears of a balance below zero, and what is left to charity.

    Cancelling statements undoes all that followed of them.
    """
    entries: Entries = {}
    match event:
        case StatementIssued(participation=participation, figures=figures):
            known = books.consignors[participation]
            after = replace(
                known,
                stated_minor=known.stated_minor + figures.net_minor,
                borne_minor=known.borne_minor + figures.borne_minor,
                donated_minor=known.donated_minor + figures.donated_minor,
            )
            add(entries, payable_account(participation), figures.donated_minor - figures.borne_minor)
            add(entries, COMPENSATION, figures.borne_minor)
            add(entries, CHARITY, -figures.donated_minor)
            books = _with(books, participation, after)
        case StatementsCancelled(cancelled=cancelled):
            for each in cancelled:
                books = _cancelled(books, each, entries)
    return enter(books, event.sale, entries)


def _cancelled(books: Books, cancelled: CancelledStatements, entries: Entries) -> Books:
    payable = payable_account(cancelled.participation)
    known = books.consignors[cancelled.participation]
    add(entries, payable, cancelled.figures.borne_minor - cancelled.figures.donated_minor)
    add(entries, COMPENSATION, -cancelled.figures.borne_minor)
    add(entries, CHARITY, cancelled.figures.donated_minor)
    paid_out_minor = known.paid_out_minor
    for payout in cancelled.payouts:
        if payout.kept_in:
            add(entries, payable, -payout.amount_minor)
            add(entries, payout.kept_in, payout.amount_minor)
            paid_out_minor -= payout.amount_minor
    after = replace(
        known,
        stated_minor=known.stated_minor - cancelled.figures.net_minor,
        borne_minor=known.borne_minor - cancelled.figures.borne_minor,
        donated_minor=known.donated_minor - cancelled.figures.donated_minor,
        paid_out_minor=paid_out_minor,
    )
    return _with(books, cancelled.participation, after)


def _paid_out(books: Books, event: PaidOut) -> Posted:
    """Post what left a consignor's account, and where to."""
    entries: Entries = {}
    match event:
        case PayoutsPaid(payouts=payouts):
            for each in payouts:
                books = _by_bank(books, each, entries, 1)
        case PayoutReturned(payout=payout, participation=participation, was_paid=was_paid):
            if was_paid:
                back = PaidPayout(payout, participation, event.amount_minor, event.fee_minor)
                books = _by_bank(books, back, entries, -1)
        case PayoutForfeited(participation=participation, amount_minor=amount_minor, to=to):
            books = _left(books, participation, entries, amount_minor)
            add(entries, FORFEITED_TO[to], -amount_minor)
        case PayoutCarried(participation=participation, amount_minor=amount_minor):
            books = _left(books, participation, entries, amount_minor)
            add(entries, CARRIED, -amount_minor)
        case CashPaidOut(participation=participation, amount_minor=amount_minor):
            books = _left(books, participation, entries, amount_minor)
            add(entries, FEES, -event.fee_minor)
            add(entries, cash_account(event.session), -event.cash_minor)
            add(entries, CASH_ROUNDING, event.rounding_minor)
        case CharityPaid(amount_minor=amount_minor):
            entries = {CHARITY: amount_minor, BANK: -amount_minor}
    return enter(books, event.sale, entries)


def _by_bank(books: Books, payout: PaidPayout, entries: Entries, sign: int) -> Books:
    add(entries, FEES, -sign * payout.fee_minor)
    add(entries, BANK, sign * (payout.fee_minor - payout.amount_minor))
    return _left(books, payout.participation, entries, sign * payout.amount_minor)


def _left(books: Books, participation: ParticipationId, entries: Entries, amount_minor: int) -> Books:
    add(entries, payable_account(participation), amount_minor)
    known = books.consignors[participation]
    return _with(books, participation, replace(known, paid_out_minor=known.paid_out_minor + amount_minor))


def _with(books: Books, participation: ParticipationId, consignor: Consignor) -> Books:
    return replace(books, consignors=books.consignors.insert(participation, consignor))
