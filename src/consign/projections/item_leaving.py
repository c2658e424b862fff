"""How the rows of items change once they were on the floor: undone, collected, given away, missing, lost, found."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from consign.domain.ledger.floor_events import (
    CheckInsUndone,
    ItemsCollected,
    ItemsDonated,
    ItemsFound,
    ItemsLost,
    ItemsMissed,
)
from consign.projections.item_rows import item_of
from consign.projections.projection import Change, Key, Put, Rows

type Left = CheckInsUndone | ItemsCollected | ItemsDonated | ItemsMissed | ItemsLost | ItemsFound

LEFT = frozenset({"check-ins-undone", "items-collected", "items-donated", "items-missed", "items-lost", "items-found"})


def left_rows(event: Left) -> Sequence[tuple[str, Key]]:
    """Name the rows that the event changes."""
    return [("items", (item.tag,)) for item in event.items]


def left(event: Left, rows: Rows) -> Sequence[Change]:
    """Return the items as they are after the event."""
    match event:
        case CheckInsUndone():
            return [_put(rows, item.tag, status="listed", checked_in=False, late=False) for item in event.items]
        case ItemsCollected():
            return [_put(rows, item.tag, status="collected") for item in event.items]
        case ItemsDonated():
            return [_put(rows, item.tag, status="donated") for item in event.items]
        case ItemsMissed(count=count):
            return [_put(rows, item.tag, status="missing", missed_by=count) for item in event.items]
        case ItemsLost(items=lost, made_good=how):
            return [
                _put(rows, item.tag, status="lost", made_good=how, made_good_minor=item.gross_minor) for item in lost
            ]
        case ItemsFound():
            return [_put(rows, item.tag, status="on_floor") for item in event.items]


def _put(rows: Rows, tag: str, **said: Any) -> Put:
    """Return the item as it is said to be, without what held while it was missing, lost or refused."""
    plain = replace(item_of(rows, tag), missed_by=None, made_good=None, made_good_minor=None, refused_because=None)
    return Put("items", replace(plain, **said))
