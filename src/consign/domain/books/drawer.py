"""The postings of a drawer: floats, movements and counts."""

from consign.domain.accounts import BANK, OVER_SHORT, cash_account
from consign.domain.books.state import Books, Posted, enter
from consign.domain.session.events import CashMoved, SessionClosed, SessionOpened
from consign.domain.session.offline_events import SessionSupplemented


def drawer(books: Books, event: SessionOpened | CashMoved | SessionClosed | SessionSupplemented) -> Posted:
    """Post what went into a drawer or out of it beside the trade."""
    cash = cash_account(event.session)
    match event:
        case SessionOpened(float_minor=float_minor):
            return enter(books, event.sale, {cash: float_minor, BANK: -float_minor})
        case CashMoved(amount_minor=amount_minor):
            return enter(books, event.sale, {cash: amount_minor, BANK: -amount_minor})
        case SessionClosed(counted_minor=counted_minor, difference_minor=difference_minor):
            entries = {cash: difference_minor - counted_minor, OVER_SHORT: -difference_minor, BANK: counted_minor}
            return enter(books, event.sale, entries)
        case SessionSupplemented(cash_minor=cash_minor):  # it was counted before anybody knew where it came from
            return enter(books, event.sale, {cash: -cash_minor, OVER_SHORT: cash_minor})
