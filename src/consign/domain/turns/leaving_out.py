"""What was listed and nobody brought: told once selling is over, taken back when the sale goes a step back.

Whoever moves the phase decides it. It is told in turns of its own: a sale may have listed far more than one takes.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.ledger.events import ItemReference
from consign.domain.ledger.floor_commands import TellNotBrought
from consign.domain.ledger.floor_events import ItemsAwaited, ItemsNotBrought
from consign.domain.ledger.state import Held, Item, Ledger, Listed, NotBrought
from consign.domain.sale import Phase, Planned
from consign.domain.turns.actors import ledger_stream
from consign.domain.turns.brought import items_of
from consign.domain.values import ROWS_LIMIT, Done, SaleId

_OVER = frozenset((Phase.PICK_UP, Phase.SETTLEMENT))
_AT_ONCE = timedelta(seconds=1)
_HELD_STILL = timedelta(minutes=15)
"""When to look again where a basket still holds something that nobody checked in: holds run out."""


def tell(command: TellNotBrought, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Tell the next of what nobody brought, or that it is awaited again; a timer goes on where more is left."""
    wanted = Listed if sale.phase in _OVER else NotBrought
    chosen: list[Item] = []
    for number in sorted(number for number in ledger.consignors if number > command.after):
        theirs = [item for item in items_of(ledger, number) if isinstance(item.status, wanted)]
        if len(chosen) + len(theirs) > ROWS_LIMIT:
            # Whoever has more than a turn takes is looked at again, without what was told now.
            chosen += theirs[: ROWS_LIMIT - len(chosen)]
            return _told(sale, chosen, wanted, (_timer(sale.sale, number - 1, now + _AT_ONCE, now),))
        chosen += theirs
    again = sale.phase in _OVER and any(_is_held_unchecked(item) for item in ledger.items.values())
    return _told(sale, chosen, wanted, (_timer(sale.sale, 0, now + _HELD_STILL, now),) if again else ())


def _told(sale: Planned, chosen: list[Item], wanted: type[Listed | NotBrought], timers: tuple[Timer, ...]) -> Decision:
    items = tuple(ItemReference(item.listed.tag, item.listed.participation, item.listed.category) for item in chosen)
    told = ItemsNotBrought(sale.sale, items) if wanted is Listed else ItemsAwaited(sale.sale, items)
    return Decision((Emitted(ledger_stream(sale.sale), told),) if items else (), Done(), timers)


def _is_held_unchecked(item: Item) -> bool:
    match item.status:
        case Held(unchecked=unchecked):
            return unchecked
        case _:
            return False


def phase_timers(sale: Planned, phase: Phase, now: datetime) -> tuple[Timer, ...]:
    """Return the timer that tells what the step to this phase means for what nobody brought."""
    ends, begins_again = phase in _OVER, sale.phase is Phase.PICK_UP and phase is Phase.LIVE
    return (_timer(sale.sale, 0, now, now),) if ends or begins_again else ()


def _timer(sale: SaleId, after: int, due_at: datetime, now: datetime) -> Timer:
    """Name the timer by when it was set, too: a sale may go back and forth."""
    name = f"not brought {after} {due_at.isoformat()} {now.isoformat()}"
    return Timer(uuid5(UUID(sale), name), due_at, TellNotBrought(sale, after))
