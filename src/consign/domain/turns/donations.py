"""The list of what a sale gives away: closed when it is handed over, and reopened only with a reason."""

from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.floor_commands import CloseDonations, DonationsClosedAnswer, ReopenDonations
from consign.domain.ledger.floor_events import DonatedCategory, DonationsClosed, DonationsReopened
from consign.domain.ledger.state import Donated, Ledger
from consign.domain.sale import Planned
from consign.domain.turns.actors import ledger_stream, require_phase
from consign.domain.turns.collecting import GIVING_AWAY, to_give_away
from consign.domain.values import Done


def close(command: CloseDonations, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Let the list stand as it is; what was closed stays so."""
    require_phase(sale, GIVING_AWAY, "Closing the donations list")
    categories = _categories(ledger)
    items = sum(each.items for each in categories)
    asked_minor = sum(each.asked_minor for each in categories)
    number = ledger.donation_lists + (0 if ledger.donations_closed else 1)
    remaining = len(to_give_away(sale, ledger, now))
    answer = DonationsClosedAnswer(number, items, asked_minor, sale.currency, remaining)
    if ledger.donations_closed:
        return Decision((), answer)
    closed = DonationsClosed(command.sale, number, items, asked_minor, categories, now)
    return Decision((Emitted(ledger_stream(command.sale), closed),), answer)


def _categories(ledger: Ledger) -> tuple[DonatedCategory, ...]:
    """Return what was given away, in the order of categories."""
    found: dict[str, tuple[int, int]] = {}
    for item in ledger.items.values():
        if isinstance(item.status, Donated):
            items, asked_minor = found.get(item.listed.category, (0, 0))
            found[item.listed.category] = (items + 1, asked_minor + item.listed.price_minor)
    return tuple(DonatedCategory(category, *found[category]) for category in sorted(found))


def reopen(command: ReopenDonations, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Let the list change again; an open one stays so."""
    require_phase(sale, GIVING_AWAY, "Reopening the donations list")
    if not ledger.donations_closed:
        return Decision((), Done())
    reopened = DonationsReopened(command.sale, ledger.donation_lists, command.reason, now)
    return Decision((Emitted(ledger_stream(command.sale), reopened),), Done())
