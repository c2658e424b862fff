"""The postings of baskets that are being paid, and of what card providers take and give back: by way of suspense."""

from consign.domain.accounts import CARD, PROVIDER, SUSPENSE, VOUCHER, cash_account
from consign.domain.books.state import Books, Entries, Posted, add, enter
from consign.domain.payments import PaymentApproved, PaymentRefunded
from consign.domain.session.events import Tender, TenderKind
from consign.domain.session.paying_events import PayingCancelled, TendersTaken
from consign.domain.values import SessionId

type Taken = TendersTaken | PayingCancelled
type ByProvider = PaymentApproved | PaymentRefunded


def posted(books: Books, event: Taken | ByProvider) -> Posted:
    """Post what came in before there was a receipt for it, or went out again."""
    match event:
        case TendersTaken() | PayingCancelled():
            return _taken(books, event)
        case PaymentApproved() | PaymentRefunded():
            return _by_provider(books, event)


def _taken(books: Books, event: Taken) -> Posted:
    """Post tenders that have no receipt yet, or that were given back before there was one."""
    sign = 1 if isinstance(event, TendersTaken) else -1
    entries: Entries = {}
    for tender in event.tenders:
        add(entries, account_of(tender, event.session), sign * tender.amount_minor)
        add(entries, SUSPENSE, -sign * tender.amount_minor)
    return enter(books, event.sale, entries)


def account_of(tender: Tender, session: SessionId) -> str:
    """Return the account that a tender comes into."""
    match tender.kind:
        case TenderKind.CASH:
            return cash_account(session)
        case TenderKind.CARD:
            return CARD
        case TenderKind.VOUCHER:
            return VOUCHER
        case TenderKind.PROVIDER:
            return PROVIDER


def _by_provider(books: Books, event: ByProvider) -> Posted:
    """Post what a provider has, or gave back: until there is a receipt for it, it is the shopper's."""
    sign = 1 if isinstance(event, PaymentApproved) else -1
    return enter(books, event.sale, {PROVIDER: sign * event.amount_minor, SUSPENSE: -sign * event.amount_minor})
