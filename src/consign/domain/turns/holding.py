"""Holds: whose an item is while a shopper makes up their mind, and when it is everybody's again."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.ledger.commands import ExpireHolds
from consign.domain.ledger.events import HoldsExpired
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
from consign.domain.turns.actors import ledger_stream
from consign.domain.values import BasketId, Done, SaleId

_SHORTEST_WAIT = timedelta(seconds=1)
"""A timer that fired early by a clock's difference gets at least this long, and so an id of its own."""


def is_free(item: Item, ledger: Ledger, now: datetime) -> bool:
    """Whether a basket may take the item: nobody holds it, or the hold ran out, timer or not."""
    match item.status:
        case OnFloor() | Listed() | NotBrought():
            return True
        case Held(basket=basket):
            holds = ledger.baskets.get(basket)
            return holds is None or holds.expires_at <= now
        case Sold() | Refused() | Withdrawn() | Returned() | Voided() | Collected() | Donated() | Missing() | Lost():
            return False


def is_unchecked(item: Item) -> bool:
    """Whether nobody checked the item in."""
    match item.status:
        case Listed() | NotBrought():
            return True
        case Held(unchecked=unchecked) | Sold(unchecked=unchecked):
            return unchecked
        case OnFloor() | Refused() | Withdrawn() | Returned() | Voided() | Collected() | Donated() | Missing() | Lost():
            return False


def hold_timer(sale: SaleId, basket: BasketId, due_at: datetime) -> Timer:
    """Return the timer that looks at a basket's holds at `due_at`."""
    return Timer(uuid5(UUID(basket), due_at.isoformat()), due_at, ExpireHolds(sale, basket))


def expire(command: ExpireHolds, ledger: Ledger, now: datetime) -> Decision:
    """Free what the basket holds, or wait on when the hold was extended meanwhile."""
    holds = ledger.baskets.get(command.basket)
    if holds is None:
        return Decision((), Done())
    if holds.expires_at > now:
        due_at = max(holds.expires_at, now + _SHORTEST_WAIT)
        return Decision((), Done(), (hold_timer(command.sale, command.basket, due_at),))
    event = HoldsExpired(command.sale, command.basket, holds.tags)
    return Decision((Emitted(ledger_stream(command.sale), event),), Done())
