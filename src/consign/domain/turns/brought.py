"""What a consignor brought: whether anything of theirs is, or was, more than a line on a list."""

from collections.abc import Collection
from typing import Literal

from consign.domain.ledger.events import WithdrawnItem
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
    Status,
    Voided,
    Withdrawn,
)
from consign.domain.rejection import RowReason
from consign.domain.tag import shown
from consign.domain.turns.entry_rules import BadRow
from consign.domain.values import TagCode


def items_of(ledger: Ledger, number: int) -> tuple[Item, ...]:
    """Return all that a consignor ever listed."""
    theirs = ledger.consignors.get(number)
    return () if theirs is None else tuple(ledger.items[tag] for tag in theirs.tags)


def has_brought(ledger: Ledger, number: int, *, but: Collection[TagCode] = ()) -> bool:
    """Whether anything of theirs, `but` for these things, is on the floor, in a basket or sold."""
    return any(_brought(item.status) for item in items_of(ledger, number) if item.listed.tag not in but)


def _brought(status: Status) -> bool:
    match status:
        case OnFloor() | Held() | Sold() | Collected() | Donated() | Missing() | Lost():
            return True
        case Listed() | NotBrought() | Refused() | Withdrawn() | Returned() | Voided():
            return False


def not_brought(code: TagCode) -> BadRow:
    """Return the refusal for what should have been on the floor, and was never checked in."""
    detail = f"{shown(code)} was not checked in: there is no sign that it was brought."
    return BadRow("tag", RowReason.ITEM_NOT_BROUGHT, detail)


def still_listed(ledger: Ledger, number: int) -> tuple[WithdrawnItem, ...]:
    """Return what there is to withdraw of somebody who brought nothing."""
    found = []
    for item in items_of(ledger, number):
        listed, status = item.listed, item.status
        if isinstance(status, Listed | NotBrought | Refused):
            was: Literal["listed", "refused"] = "refused" if isinstance(status, Refused) else "listed"
            found.append(WithdrawnItem(listed.tag, listed.participation, listed.category, was))
    return tuple(found)
