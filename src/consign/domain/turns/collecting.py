"""Pick-up: what did not sell goes home with its consignor or is given away, and minds may change."""

from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.floor_rules import is_given_away, is_pick_up_over
from consign.domain.ledger.commands import TagsAnswer
from consign.domain.ledger.floor_commands import (
    CollectConsignor,
    CollectItems,
    DonateItems,
    DonateRest,
    DonateRestAnswer,
)
from consign.domain.ledger.floor_events import ItemsCollected, ItemsDonated, LeavingItem, LeftFrom
from consign.domain.ledger.state import (
    Collected,
    Donated,
    Held,
    Item,
    Ledger,
    Listed,
    Lost,
    Missing,
    NotBrought,
    OnFloor,
    Refused,
    Returned,
    Sold,
    Voided,
    Withdrawn,
)
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned
from consign.domain.tag import shown
from consign.domain.turns.actors import ledger_stream, phases, require_phase
from consign.domain.turns.brought import items_of, not_brought
from consign.domain.turns.slots import arrival
from consign.domain.turns.tag_rows import each_tag
from consign.domain.turns.whereabouts import moment, not_there
from consign.domain.values import ROWS_LIMIT, TagCode

PICKING_UP = phases(Phase.LIVE, Phase.SETTLEMENT)
GIVING_AWAY = phases(Phase.PICK_UP, Phase.SETTLEMENT)


def too_late(sale: Planned, now: datetime) -> bool:
    """Whether the time for picking up is over."""
    until = sale.settings.floor.pick_up_until_at
    return until is not None and now >= until


def collect(command: CollectItems, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Hand things back; what was given away can be had back until the time for picking up is over."""
    require_phase(sale, PICKING_UP, "Collecting items")

    def take(code: TagCode, item: Item) -> LeavingItem | None:
        if (leaving := _at_hand(item)) is not None:
            return leaving
        match item.status:
            case Missing():  # its consignor found it
                return _leaving(item, "missing")
            case Donated():
                require_donations_open(ledger)
                if too_late(sale, now):
                    raise _over(code, sale)
                return _leaving(item, "donated")
            case Collected():
                return None
            case Listed() | NotBrought():
                raise not_brought(code)
            case _:
                raise not_there(code, item, ledger)

    answer, items = each_tag(command.tags, sale, ledger, take)
    return _collected(sale, items, answer)


def _over(code: TagCode, sale: Planned) -> Rejected:
    until = sale.settings.floor.pick_up_until_at
    assert until is not None, "without a time nothing is too late"
    return Rejected(
        Reason.TOO_LATE, f"{shown(code)} was given away, and could be had back until {moment(until)}: it is gone."
    )


def _collected(sale: Planned, items: tuple[LeavingItem, ...], answer: TagsAnswer) -> Decision:
    if not items:
        return Decision((), answer)
    return Decision((Emitted(ledger_stream(sale.sale), ItemsCollected(sale.sale, items)),), answer)


def collect_consignor(command: CollectConsignor, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Hand back all that is there of a consignor and is not to be given away: they came, in their slot or not."""
    require_phase(sale, PICKING_UP, "Collecting items")
    if command.consignor not in sale.consignors:
        raise Rejected(Reason.UNKNOWN_CONSIGNOR, f"Consignor {command.consignor} is not registered for this sale.")
    taken = tuple(
        leaving
        for item in items_of(ledger, command.consignor)
        if (leaving := _at_hand(item)) is not None and not (leaving.was == "on_floor" and _is_given_away(item, sale))
    )
    collected = _collected(sale, taken, TagsAnswer(tuple(item.tag for item in taken)))
    arrived = arrival(sale, command.consignor, "pick_up", now)
    return collected if arrived is None else Decision((*collected.events, arrived), collected.answer)


def _at_hand(item: Item) -> LeavingItem | None:
    """Return the item where it stands in the house, if it does."""
    match item.status:
        case OnFloor():
            return _leaving(item, "on_floor")
        case Refused():
            return _leaving(item, "refused")
        case Returned():
            return _leaving(item, "returned")
        case (
            Listed()
            | NotBrought()
            | Held()
            | Sold()
            | Withdrawn()
            | Voided()
            | Collected()
            | Donated()
            | Missing()
            | Lost()
        ):
            return None


def _is_given_away(item: Item, sale: Planned, *, at_the_end: bool = False) -> bool:
    return is_given_away(sale.settings.unsold_policy, wished=item.listed.donate, at_the_end=at_the_end)


def _leaving(item: Item, was: LeftFrom) -> LeavingItem:
    return LeavingItem(item.listed.tag, item.listed.participation, item.listed.category, was)


def donate(command: DonateItems, sale: Planned, ledger: Ledger) -> Decision:
    """Give things away, also what its consignor had collected and brings back."""
    require_phase(sale, PICKING_UP, "Giving items away")

    def take(code: TagCode, item: Item) -> LeavingItem | None:
        if (leaving := _at_hand(item)) is not None:
            return leaving
        match item.status:
            case Collected():
                return _leaving(item, "collected")
            case Donated():
                return None
            case Listed() | NotBrought():
                raise not_brought(code)
            case _:
                raise not_there(code, item, ledger)

    answer, items = each_tag(command.tags, sale, ledger, take)
    if not items:
        return Decision((), answer)
    require_donations_open(ledger)
    return Decision((Emitted(ledger_stream(sale.sale), ItemsDonated(sale.sale, items)),), answer)


def require_donations_open(ledger: Ledger) -> None:
    """Refuse to change a list that was closed."""
    if ledger.donations_closed:
        raise Rejected(
            Reason.DONATIONS_CLOSED, "The list of what is given away is closed. An organizer reopens it first."
        )


def donate_rest(command: DonateRest, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Give away what is to be given away by wish or policy; what is only left behind, after the time for picking up.

    Without such a time what is left behind is given away once the sale is being settled.
    """
    require_phase(sale, GIVING_AWAY, "Giving the rest away")
    rest = to_give_away(sale, ledger, now)
    if rest:
        require_donations_open(ledger)
    items = tuple(rest[:ROWS_LIMIT])
    answer = DonateRestAnswer(tuple(item.tag for item in items), len(rest) - len(items))
    if not items:
        return Decision((), answer)
    return Decision((Emitted(ledger_stream(command.sale), ItemsDonated(sale.sale, items)),), answer)


def to_give_away(sale: Planned, ledger: Ledger, now: datetime) -> list[LeavingItem]:
    """Return what is on the floor and by now to be given away, by wish or policy."""
    at_the_end = is_pick_up_over(sale.settings.floor, now, is_settling=sale.phase is Phase.SETTLEMENT)
    return [
        _leaving(item, "on_floor")
        for number in sorted(ledger.consignors)
        for item in items_of(ledger, number)
        if isinstance(item.status, OnFloor) and _is_given_away(item, sale, at_the_end=at_the_end)
    ]
