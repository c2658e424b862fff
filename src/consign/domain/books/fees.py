"""The postings of fees: what is charged for taking part, what was paid by itself, and what is given back."""

from msgspec.structs import replace

from consign.domain.accounts import BANK, CARD, CASH_ROUNDING, FEES, PROVIDER, cash_account, payable_account
from consign.domain.books.state import Books, Consignor, Entries, Posted, enter
from consign.domain.participation.events import (
    LateDropOffCharged,
    ListsCharged,
    ParticipationEnded,
    ParticipationReopened,
)
from consign.domain.participation.fee_events import FeeMeans, FeePaid, FeeRefunded, FeeWaived
from consign.domain.values import ParticipationId, SaleId, SessionId

type FeeMoved = (
    FeePaid | FeeWaived | FeeRefunded | ParticipationEnded | ParticipationReopened | ListsCharged | LateDropOffCharged
)


def moved(books: Books, event: FeeMoved) -> Posted:
    """Post what became of a fee. What is charged is owed by the consignor, what was paid is to their credit."""
    known = books.consignors.get(event.participation)
    if known is None:  # whoever only waited or was invited owes nothing
        return books, ()
    match event:
        case FeePaid(amount_minor=amount_minor, rounding_minor=rounding_minor):
            entries = _handed(event.means, event.session, amount_minor, rounding_minor)
            paid = replace(known, fees_paid_minor=known.fees_paid_minor + amount_minor)
            return _entered(books, event.participation, paid, entries)
        case FeeRefunded(amount_minor=amount_minor, rounding_minor=rounding_minor):
            entries = _handed(event.means, event.session, -amount_minor, -rounding_minor)
            less = replace(known, fees_paid_minor=known.fees_paid_minor - amount_minor)
            return _charged(books, event.participation, less, entries, -event.uncharged_minor)
        case FeeWaived(uncharged_minor=uncharged_minor) | ParticipationEnded(uncharged_minor=uncharged_minor):
            return _charged(books, event.participation, known, {}, -uncharged_minor)
        case ParticipationReopened() | ListsCharged() | LateDropOffCharged():
            return _charged(books, event.participation, known, {}, event.charged_minor)


def account_of(means: FeeMeans, session: SessionId | None) -> str:
    """Return where a fee goes that is paid this way, and comes from when it is given back."""
    match means:
        case FeeMeans.CASH:
            assert session is not None, "cash is paid at a till"
            return cash_account(session)
        case FeeMeans.CARD:
            return CARD
        case FeeMeans.BANK:
            return BANK
        case FeeMeans.PROVIDER:
            return PROVIDER


def _handed(means: FeeMeans, session: SessionId | None, amount_minor: int, rounding_minor: int) -> Entries:
    return {account_of(means, session): amount_minor + rounding_minor, CASH_ROUNDING: -rounding_minor}


def _charged(
    books: Books, participation: ParticipationId, known: Consignor, entries: Entries, charged_minor: int
) -> Posted:
    charged = replace(known, fee_minor=known.fee_minor + charged_minor)
    return _entered(books, participation, charged, {**entries, FEES: -charged_minor})


def _entered(books: Books, participation: ParticipationId, known: Consignor, entries: Entries) -> Posted:
    """Enter it; the rest is between the organizer and the consignor."""
    sale: SaleId = known.sale
    rest = {**entries, payable_account(participation): -sum(entries.values())}
    return enter(replace(books, consignors=books.consignors.insert(participation, known)), sale, rest)
