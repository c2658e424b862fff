"""Double entry: every event that moves money becomes postings that add up to zero, in one fold over the log.

Debits are positive, credits negative: a drawer with cash stands above zero, what is owed to a consignor below.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.accounts import (
    BANK,
    CARD,
    CASH_ROUNDING,
    COMMISSION,
    FEES,
    OVER_SHORT,
    cash_account,
    payable_account,
)
from consign.domain.commission import NOTHING_SOLD, Change, CommissionRule, CommissionSchedule, Totals, after
from consign.domain.events import Event
from consign.domain.participation.events import ConsignorRegistered, ConsignorTermsChanged
from consign.domain.sale import Phase, SalePhaseChanged, SalePlanned, SaleSettingsChanged
from consign.domain.session.events import (
    BasketLine,
    BasketPaid,
    CashMoved,
    ReceiptVoided,
    RefundPaid,
    SessionClosed,
    SessionOpened,
    Tender,
    TenderKind,
)
from consign.domain.session.state import cash_of
from consign.domain.values import ParticipationId, SaleId, SessionId


class Posting(Struct, frozen=True, gc=False):
    """One side of an entry. `sale` says which sale's books it belongs to."""

    sale: SaleId
    account: str
    amount_minor: int


class Consignor(Struct, frozen=True, gc=False):
    """What the books know of a participation: its terms and what it sold so far."""

    sale: SaleId
    number: int
    fee_minor: int
    tier: str | None
    own_rule: CommissionRule | None
    totals: Totals = NOTHING_SOLD


class Books(Struct, frozen=True):
    """Balances by (sale, account), and what is needed to post the next commission."""

    balances: HashTrieMap[tuple[SaleId, str], int] = HashTrieMap()
    schedules: HashTrieMap[SaleId, CommissionSchedule] = HashTrieMap()
    consignors: HashTrieMap[ParticipationId, Consignor] = HashTrieMap()

    def balance(self, sale: SaleId, account: str) -> int:
        """Return the account's balance in the sale's books; zero where nothing was posted."""
        return self.balances.get((sale, account), 0)


EMPTY = Books()

type _Posted = tuple[Books, tuple[Posting, ...]]


def post(books: Books, event: Event) -> _Posted:
    """Return the books after the event, and its postings, which add up to zero. Most events move no money."""
    match event:
        case BasketPaid():
            return _paid(books, event)
        case ReceiptVoided():
            return _voided(books, event)
        case RefundPaid():
            return _refunded(books, event)
        case SessionOpened() | CashMoved() | SessionClosed():
            return _drawer(books, event)
        case ConsignorRegistered() | ConsignorTermsChanged():
            return _consignor(books, event)
        case SalePlanned() | SaleSettingsChanged() | SalePhaseChanged():
            return _sale(books, event)
        case _:
            return books, ()


def _enter(books: Books, sale: SaleId, entries: dict[str, int]) -> _Posted:
    balances = books.balances
    for account, amount_minor in entries.items():
        key = (sale, account)
        balances = balances.insert(key, balances.get(key, 0) + amount_minor)
    postings = tuple(Posting(sale, account, amount) for account, amount in entries.items() if amount)
    return replace(books, balances=balances), postings


def _paid(books: Books, event: BasketPaid) -> _Posted:
    entries = _tendered(event.session, event.tenders, event.change_minor, event.rounding_minor, 1)
    changes = [(line.participation, _of_line(line, sold=True)) for line in event.lines]
    return _with_changes(books, event.sale, entries, changes)


def _voided(books: Books, event: ReceiptVoided) -> _Posted:
    entries = _tendered(event.session, event.tenders, event.change_minor, event.rounding_minor, -1)
    changes = [(line.participation, _of_line(line, sold=False)) for line in event.lines]
    return _with_changes(books, event.sale, entries, changes)


def _tendered(
    session: SessionId, tenders: tuple[Tender, ...], change_minor: int, rounding_minor: int, sign: int
) -> dict[str, int]:
    card_minor = sum(tender.amount_minor for tender in tenders if tender.kind is TenderKind.CARD)
    return {
        cash_account(session): sign * (cash_of(tenders) - change_minor),
        CARD: sign * card_minor,
        CASH_ROUNDING: -sign * rounding_minor,
    }


def _of_line(line: BasketLine, *, sold: bool) -> Change:
    before, after_minor = (None, line.price_minor) if sold else (line.price_minor, None)
    return Change(line.category, before, after_minor, line.list_number)


def _refunded(books: Books, event: RefundPaid) -> _Posted:
    paid_minor = event.amount_minor + event.rounding_minor
    paid_from = cash_account(event.session) if event.tender is TenderKind.CASH else CARD
    entries = {paid_from: -paid_minor, CASH_ROUNDING: event.rounding_minor}
    changes = []
    for line in event.lines:
        left_minor = None if line.returned_to is not None else line.price_minor - line.refund_minor
        changes.append((line.participation, Change(line.category, line.price_minor, left_minor, line.list_number)))
    return _with_changes(books, event.sale, entries, changes)


def _with_changes(
    books: Books, sale: SaleId, entries: dict[str, int], changes: list[tuple[ParticipationId, Change]]
) -> _Posted:
    by_participation: dict[ParticipationId, list[Change]] = {}
    for participation, change in changes:
        by_participation.setdefault(participation, []).append(change)
    consignors, schedule = books.consignors, books.schedules[sale]
    for participation, theirs in by_participation.items():
        known = consignors[participation]
        totals = after(known.totals, schedule, known.own_rule, known.tier, theirs)
        consignors = consignors.insert(participation, replace(known, totals=totals))
        gross_minor = totals.gross_minor - known.totals.gross_minor
        commission_minor = totals.commission_minor - known.totals.commission_minor
        entries[payable_account(participation)] = commission_minor - gross_minor
        entries[COMMISSION] = entries.get(COMMISSION, 0) - commission_minor
    return _enter(replace(books, consignors=consignors), sale, entries)


def _drawer(books: Books, event: SessionOpened | CashMoved | SessionClosed) -> _Posted:
    cash = cash_account(event.session)
    match event:
        case SessionOpened(float_minor=float_minor):
            return _enter(books, event.sale, {cash: float_minor, BANK: -float_minor})
        case CashMoved(amount_minor=amount_minor):
            return _enter(books, event.sale, {cash: amount_minor, BANK: -amount_minor})
        case SessionClosed(counted_minor=counted_minor, difference_minor=difference_minor):
            entries = {cash: difference_minor - counted_minor, OVER_SHORT: -difference_minor, BANK: counted_minor}
            return _enter(books, event.sale, entries)


def _consignor(books: Books, event: ConsignorRegistered | ConsignorTermsChanged) -> _Posted:
    match event:
        case ConsignorRegistered(participation, sale, number, fee_minor):
            known = Consignor(sale, number, fee_minor, event.tier, event.own_rule)
            with_them = replace(books, consignors=books.consignors.insert(participation, known))
            return _enter(with_them, sale, {payable_account(participation): fee_minor, FEES: -fee_minor})
        case ConsignorTermsChanged(participation, _, tier, own_rule):
            known = replace(books.consignors[participation], tier=tier, own_rule=own_rule)
            return replace(books, consignors=books.consignors.insert(participation, known)), ()


def _sale(books: Books, event: SalePlanned | SaleSettingsChanged | SalePhaseChanged) -> _Posted:
    match event:
        case SalePlanned(sale=sale, settings=settings) | SaleSettingsChanged(sale=sale, settings=settings):
            return replace(books, schedules=books.schedules.insert(sale, settings.commission)), ()
        case SalePhaseChanged(sale=sale, phase=Phase.CANCELLED):
            return _fees_given_back(books, sale)
        case SalePhaseChanged():
            return books, ()


def _fees_given_back(books: Books, sale: SaleId) -> _Posted:
    entries = {}
    consignors = books.consignors
    for participation, known in books.consignors.items():
        if known.sale == sale and known.fee_minor:
            entries[payable_account(participation)] = -known.fee_minor
            entries[FEES] = entries.get(FEES, 0) + known.fee_minor
            consignors = consignors.insert(participation, replace(known, fee_minor=0))
    return _enter(replace(books, consignors=consignors), sale, entries)
