"""Counting the shelves: what is scanned there against what the ledger says should be there."""

from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.events import ItemReference
from consign.domain.ledger.floor_commands import (
    ApplyShelfCount,
    CompareAnswer,
    CompareShelfCount,
    CountAnswer,
    CountShelf,
    DropShelfCount,
    SurplusRow,
)
from consign.domain.ledger.floor_events import CountId, ItemsMissed, ShelfCountClosed, ShelfCounted, Surplus
from consign.domain.ledger.state import Held, Item, Ledger, Listed, NotBrought, OnFloor
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.turns.actors import ledger_stream, require_phase
from consign.domain.turns.brought import not_brought
from consign.domain.turns.entry_rules import BadRow
from consign.domain.turns.losing import MISSING
from consign.domain.turns.whereabouts import not_there, tagged
from consign.domain.values import ROWS_LIMIT, Done, TagCode


def count(command: CountShelf, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Take note of what lies on a shelf; what should not be there is named."""
    require_phase(sale, MISSING, "Counting the shelves")
    if ledger.counting not in (None, command.count):
        raise Rejected(
            Reason.COUNT_UNDER_WAY, f"Another count is under way: {ledger.counting}. Apply or drop it first."
        )
    seen: dict[TagCode, None] = {}
    surplus: list[SurplusRow] = []
    for row, scanned in enumerate(command.tags):
        try:
            code, item = tagged(scanned, sale, ledger)
            _require_on_floor(code, item, ledger)
            seen[code] = None
        except (Rejected, BadRow) as rejected:
            surplus.append(SurplusRow(row, scanned, rejected.reason.value, rejected.detail))
    event = ShelfCounted(
        sale.sale,
        command.count,
        command.area,
        tuple(seen),
        tuple(Surplus(row.scanned, row.reason) for row in surplus),
        now,
    )
    seen_before = 0 if ledger.counting is None else _seen(ledger, command.count)
    new = sum(ledger.seen.get(code) != command.count and _is_there(ledger.items[code]) for code in seen)
    answer = CountAnswer(command.count, tuple(seen), tuple(surplus), seen_before + new, ledger.on_floor_count)
    return Decision((Emitted(ledger_stream(sale.sale), event),), answer)


def _require_on_floor(code: TagCode, item: Item, ledger: Ledger) -> None:
    """Raise Rejected where the thing should be somewhere else. In a basket it is on its way to a till, or back."""
    match item.status:
        case OnFloor() | Held(unchecked=False):
            return
        case Listed() | NotBrought() | Held():
            raise not_brought(code)
        case _:
            raise not_there(code, item, ledger)


def _is_there(item: Item) -> bool:
    match item.status:
        case OnFloor() | Held(unchecked=False):
            return True
        case _:
            return False


def _seen(ledger: Ledger, counted: CountId) -> int:
    return sum(each == counted and _is_there(ledger.items[tag]) for tag, each in ledger.seen.items())


def _require_open(sale: Planned, ledger: Ledger, counted: CountId) -> None:
    require_phase(sale, MISSING, "Counting the shelves")
    if ledger.counting != counted:
        raise Rejected(Reason.UNKNOWN_COUNT, "No count with this id is under way: it was closed, or never begun.")


def _unseen(ledger: Ledger, counted: CountId) -> list[Item]:
    """Return what is on the floor and nobody saw, in the order of tags; what is in a basket was seen by a till."""
    unseen = [
        item
        for tag, item in ledger.items.items()
        if isinstance(item.status, OnFloor) and ledger.seen.get(tag) != counted
    ]
    return sorted(unseen, key=lambda item: item.listed.tag)


def compare(command: CompareShelfCount, sale: Planned, ledger: Ledger) -> Decision:
    """Say what applying the count would mark as missing."""
    _require_open(sale, ledger, command.count)
    unseen = _unseen(ledger, command.count)
    return Decision((), _comparison(ledger, command.count, unseen))


def _comparison(ledger: Ledger, counted: CountId, unseen: list[Item]) -> CompareAnswer:
    tags = tuple(item.listed.tag for item in unseen[:ROWS_LIMIT])
    return CompareAnswer(counted, _seen(ledger, counted), ledger.on_floor_count, tags, len(unseen) - len(tags))


def apply(command: ApplyShelfCount, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Mark the next things that nobody saw; with the last of them the count is closed."""
    _require_open(sale, ledger, command.count)
    unseen = _unseen(ledger, command.count)
    answer = _comparison(ledger, command.count, unseen)
    stream = ledger_stream(sale.sale)
    items = tuple(
        ItemReference(item.listed.tag, item.listed.participation, item.listed.category) for item in unseen[:ROWS_LIMIT]
    )
    events = [Emitted(stream, ItemsMissed(sale.sale, items, command.count))] if items else []
    if not answer.remaining:
        events.append(Emitted(stream, ShelfCountClosed(sale.sale, command.count, applied=True, closed_at=now)))
    return Decision(tuple(events), answer)


def drop(command: DropShelfCount, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Forget the count: nothing becomes missing by it."""
    _require_open(sale, ledger, command.count)
    event = ShelfCountClosed(sale.sale, command.count, applied=False, closed_at=now)
    return Decision((Emitted(ledger_stream(sale.sale), event),), Done())
