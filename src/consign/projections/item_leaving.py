"""How the rows of items change once they were on the floor: undone, collected, given away, missing, lost, found."""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec.structs import replace

from consign.domain.ledger.floor_events import (
    CheckInsUndone,
    ItemsAwaited,
    ItemsCollected,
    ItemsDonated,
    ItemsFound,
    ItemsLost,
    ItemsMissed,
    ItemsNotBrought,
)
from consign.projections.item_rows import item_of
from consign.projections.projection import Change, Key, Put, Rows

type LeftOut = ItemsNotBrought | ItemsAwaited
type Left = LeftOut | CheckInsUndone | ItemsCollected | ItemsDonated | ItemsMissed | ItemsLost | ItemsFound

LEFT = frozenset(
    {
        "items-not-brought",
        "items-awaited",
        "check-ins-undone",
        "items-collected",
        "items-donated",
        "items-missed",
        "items-lost",
        "items-found",
    }
)


type LeftStatus = Literal["listed", "not_brought", "collected", "donated", "missing", "lost", "on_floor"]


def status_after(event: Left) -> LeftStatus:
    """Return the status that all items of the event have after it."""
    match event:
        case CheckInsUndone() | ItemsAwaited():
            return "listed"
        case ItemsNotBrought():
            return "not_brought"
        case ItemsCollected():
            return "collected"
        case ItemsDonated():
            return "donated"
        case ItemsMissed():
            return "missing"
        case ItemsLost():
            return "lost"
        case ItemsFound():
            return "on_floor"


def left_rows(event: Left) -> Sequence[tuple[str, Key]]:
    """Name the rows that the event changes."""
    return [("items", (item.tag,)) for item in event.items]


def left(event: Left, rows: Rows) -> Sequence[Change]:
    """Return the items as they are after the event."""
    status = status_after(event)
    match event:
        case CheckInsUndone():
            return [_put(rows, item.tag, status=status, checked_in=False, late=False) for item in event.items]
        case ItemsCollected() | ItemsDonated() | ItemsFound() | ItemsNotBrought() | ItemsAwaited():
            return [_put(rows, item.tag, status=status) for item in event.items]
        case ItemsMissed(count=count):
            return [_put(rows, item.tag, status=status, missed_by=count) for item in event.items]
        case ItemsLost(items=lost, made_good=how):
            return [
                _put(rows, item.tag, status=status, made_good=how, made_good_minor=item.gross_minor) for item in lost
            ]


def _put(rows: Rows, tag: str, **said: Any) -> Put:
    """Return the item as it is said to be, without what held while it was missing, lost or refused."""
    plain = replace(item_of(rows, tag), missed_by=None, made_good=None, made_good_minor=None, refused_because=None)
    return Put("items", replace(plain, **said))
