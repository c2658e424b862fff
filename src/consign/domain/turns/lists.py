"""The lists that a consignor bought beyond those that the fee covers."""

from msgspec.structs import replace

from consign.domain.decision import Emitted
from consign.domain.participation.events import ListsCharged
from consign.domain.participation.state import Registered
from consign.domain.places import Allowance, AllowanceChanged
from consign.domain.sale import Planned
from consign.domain.turns.actors import participation_stream, sale_stream


def lists_changed(theirs: Registered, sale: Planned, after: Allowance, charged_minor: int) -> tuple[Emitted, ...]:
    """Return the events that say what a consignor may list from now on, and what is owed for it."""
    changed = AllowanceChanged(sale.sale, theirs.participation, theirs.number, after)
    events = [Emitted(sale_stream(sale.sale), changed)]
    if charged_minor:
        charged = ListsCharged(theirs.participation, sale.sale, theirs.number, after.bought_lists, charged_minor)
        events.append(Emitted(participation_stream(theirs.participation), charged))
    return tuple(events)


def lists_given_back_by(theirs: Registered, sale: Planned) -> tuple[Emitted, ...]:
    """Return the events by which somebody who leaves gives bought lists back, and owes nothing for them."""
    allowance = sale.places.standing[theirs.number].allowance
    if not allowance.bought_lists:
        return ()
    return lists_changed(theirs, sale, replace(allowance, bought_lists=0), -theirs.lists_charged_minor)
