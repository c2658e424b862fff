"""How the ledger changes when things are counted, missed, lost, found, collected or given away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.ledger.events import (
    BasketReleased,
    HoldsExpired,
    ItemReleased,
    ItemsCheckedIn,
    ItemsRefunded,
    ItemsReleasedByVoid,
    RefusedItemAdmitted,
)
from consign.domain.ledger.floor_events import (
    CheckInsUndone,
    CountId,
    DonationsClosed,
    DonationsReopened,
    FloorEvent,
    ItemsAwaited,
    ItemsCollected,
    ItemsDonated,
    ItemsFound,
    ItemsLost,
    ItemsMissed,
    ItemsNotBrought,
    LeavingItem,
    ShelfCountClosed,
    ShelfCounted,
)
from consign.domain.ledger.item_events import ItemRetagged
from consign.domain.ledger.state import (
    Collected,
    ConsignorItems,
    Donated,
    Item,
    Ledger,
    Listed,
    Lost,
    Missing,
    NotBrought,
    OnFloor,
    Status,
)
from consign.domain.values import TagCode

_FROM_FLOOR = frozenset(("on_floor", "missing"))


def moved(ledger: Ledger, event: FloorEvent) -> Ledger:  # noqa: C901 - a case an event
    """Return the ledger after the event."""
    match event:
        case CheckInsUndone(items=items):
            listed: dict[TagCode, Status] = {item.tag: Listed() for item in items}
            return _placed(ledger, listed, -len(items))
        case ItemsNotBrought(items=items):
            left_out: dict[TagCode, Status] = {item.tag: NotBrought() for item in items}
            return _placed(ledger, left_out, 0)
        case ItemsAwaited(items=items):
            awaited: dict[TagCode, Status] = {item.tag: Listed() for item in items}
            return _placed(ledger, awaited, 0)
        case ItemsMissed(items=items):
            missing: dict[TagCode, Status] = {item.tag: Missing() for item in items}
            return _placed(ledger, missing, -len(items))
        case ItemsCollected(items=leaving):
            collected: dict[TagCode, Status] = {item.tag: Collected(_was_on_floor(ledger, item)) for item in leaving}
            return _placed(ledger, collected, -sum(item.was == "on_floor" for item in leaving))
        case ItemsDonated(items=leaving):
            donated: dict[TagCode, Status] = {item.tag: Donated(_was_on_floor(ledger, item)) for item in leaving}
            return _placed(ledger, donated, -sum(item.was == "on_floor" for item in leaving))
        case DonationsClosed(number=number):
            return replace(ledger, donation_lists=number, donations_closed=True)
        case DonationsReopened():
            return replace(ledger, donations_closed=False)
        case ItemsLost(items=lost, made_good=made_good):
            gone: dict[TagCode, Status] = {item.tag: Lost(item.gross_minor, made_good) for item in lost}
            counted = [item.tag for item in lost] if made_good == "less_commission" else []
            placed = _placed(ledger, gone, -sum(item.was == "on_floor" for item in lost))
            return _counted(placed, counted, 1)
        case ItemsFound(items=found):
            there: dict[TagCode, Status] = {item.tag: OnFloor() for item in found}
            again = [item.tag for item in found if item.made_good == "less_commission"]
            return _counted(_placed(ledger, there, len(found)), again, -1)
        case ShelfCounted(count=count, tags=tags):
            return replace(ledger, counting=count, seen=_seen(ledger, tags, count))
        case ShelfCountClosed():
            return replace(ledger, counting=None)


def _was_on_floor(ledger: Ledger, item: LeavingItem) -> bool:
    """Whether it was on sale until it left: what is given away after all was never back on the floor."""
    match ledger.items[item.tag].status:
        case Collected(from_floor=from_floor) | Donated(from_floor=from_floor):
            return from_floor
        case _:
            return item.was in _FROM_FLOOR


def _placed(ledger: Ledger, statuses: dict[TagCode, Status], on_floor: int) -> Ledger:
    items = ledger.items
    for tag, status in statuses.items():
        items = items.insert(tag, Item(items[tag].listed, status))
    return replace(ledger, items=items, on_floor_count=ledger.on_floor_count + on_floor)


def _counted(ledger: Ledger, tags: list[TagCode], change: int) -> Ledger:
    consignors = ledger.consignors
    for tag in tags:
        consignor = ledger.items[tag].listed.consignor
        known: ConsignorItems = consignors[consignor]
        consignors = consignors.insert(consignor, replace(known, sold=known.sold + change))
    return replace(ledger, consignors=consignors, sold_count=ledger.sold_count + change * len(tags))


def _seen(ledger: Ledger, tags: Iterable[TagCode], count: CountId) -> HashTrieMap[TagCode, CountId]:
    seen = ledger.seen
    for tag in tags:
        seen = seen.insert(tag, count)
    return seen


def noticed(ledger: Ledger, event: Any) -> Ledger:
    """Say that the count under way saw what came to the floor meanwhile: its shelf may have been counted before."""
    if ledger.counting is None or not (came := _came(event)):
        return ledger
    return replace(ledger, seen=_seen(ledger, came, ledger.counting))


def _came(event: Any) -> tuple[TagCode, ...]:
    match event:
        case ItemsCheckedIn(items=items) | ItemsFound(items=items):
            return tuple(item.tag for item in items)
        case RefusedItemAdmitted(tag=tag) | ItemReleased(tag=tag):
            return (tag,)
        case BasketReleased(tags=tags) | HoldsExpired(tags=tags):
            return tags
        case ItemsReleasedByVoid(lines=lines):
            return tuple(line.tag for line in lines)
        case ItemsRefunded(lines=refunded):
            return tuple(line.tag for line in refunded if line.returned_to == "floor")
        case ItemRetagged(item=item):
            return (item.tag,)
        case _:
            return ()
