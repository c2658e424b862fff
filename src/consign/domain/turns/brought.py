"""What a consignor brought: whether anything of theirs is, or was, more than a line on a list."""

from typing import Literal

from consign.domain.ledger.events import WithdrawnItem
from consign.domain.ledger.state import (
    Held,
    Item,
    Ledger,
    Listed,
    OnFloor,
    Refused,
    Returned,
    Sold,
    Status,
    Voided,
    Withdrawn,
)


def items_of(ledger: Ledger, number: int) -> tuple[Item, ...]:
    """Return all that a consignor ever listed."""
    theirs = ledger.consignors.get(number)
    return () if theirs is None else tuple(ledger.items[tag] for tag in theirs.tags)


def has_brought(ledger: Ledger, number: int) -> bool:
    """Whether anything of theirs is on the floor, in a basket or sold."""
    return any(_brought(item.status) for item in items_of(ledger, number))


def _brought(status: Status) -> bool:
    match status:
        case OnFloor() | Held() | Sold():
            return True
        case Listed() | Refused() | Withdrawn() | Returned() | Voided():
            return False


def still_listed(ledger: Ledger, number: int) -> tuple[WithdrawnItem, ...]:
    """Return what there is to withdraw of somebody who brought nothing."""
    found = []
    for item in items_of(ledger, number):
        listed, status = item.listed, item.status
        if isinstance(status, Listed | Refused):
            was: Literal["listed", "refused"] = "listed" if isinstance(status, Listed) else "refused"
            found.append(WithdrawnItem(listed.tag, listed.participation, listed.category, was))
    return tuple(found)
