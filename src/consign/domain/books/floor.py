"""The postings of things that were lost and are made good like a sale, or were found again."""

from consign.domain.accounts import COMPENSATION
from consign.domain.books.state import Books, Entries, Posted, add
from consign.domain.books.trade import Changes, commissioned
from consign.domain.commission import Change
from consign.domain.ledger.floor_events import ItemsFound, ItemsLost


def made_good(books: Books, event: ItemsLost | ItemsFound) -> Posted:
    """Post what the organizer bears for its consignors' sake, or no longer does: gross less commission.

    What is made good in full is posted by the settlement's `consignor-adjusted`.
    """
    entries: Entries = {}
    changes: Changes = {}
    match event:
        case ItemsLost(items=lost):
            for item in lost if event.made_good == "less_commission" else ():
                add(entries, COMPENSATION, item.gross_minor)
                change = Change(item.category, None, item.gross_minor, item.list_number)
                changes.setdefault(item.participation, []).append(change)
        case ItemsFound(items=found):
            for back in found:
                if back.made_good == "less_commission":
                    add(entries, COMPENSATION, -back.gross_minor)
                    change = Change(back.category, back.gross_minor, None, back.list_number)
                    changes.setdefault(back.participation, []).append(change)
    return commissioned(books, event.sale, entries, changes) if changes else (books, ())
