"""The slots of a sale in which consignors bring their things and fetch them again, and who chose which."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.slots.events import (
    ArrivalRecorded,
    SlotChosen,
    SlotDropped,
    SlotEvent,
    SlotGivenUp,
    SlotKind,
    SlotPlanned,
)


class Slot(Struct, frozen=True, gc=False):
    kind: SlotKind
    begins_at: datetime
    ends_at: datetime
    capacity: int
    place: str = ""
    taken: int = 0

    @property
    def free(self) -> int:
        """How many more may choose it."""
        return max(self.capacity - self.taken, 0)


class Choice(Struct, frozen=True, gc=False):
    """A slot that a consignor chose, one of a kind; `arrived`: they came."""

    slot: str
    kind: SlotKind
    arrived: bool = False


class Slots(Struct, frozen=True):
    """Slots by their code, and what each consignor chose by number."""

    slots: HashTrieMap[str, Slot] = HashTrieMap()
    chosen: HashTrieMap[int, tuple[Choice, ...]] = HashTrieMap()

    def chosen_by(self, number: int) -> tuple[Choice, ...]:
        return self.chosen.get(number, ())

    def choice(self, number: int, kind: SlotKind) -> Choice | None:
        """Return the slot of this kind that the consignor chose, if any."""
        return next((each for each in self.chosen_by(number) if each.kind == kind), None)


def evolve(slots: Slots, event: SlotEvent) -> Slots:
    """Return the slots after the event."""
    match event:
        case SlotPlanned(_, code, kind, begins_at, ends_at, capacity, place):
            known = slots.slots.get(code)
            planned = Slot(kind, begins_at, ends_at, capacity, place, 0 if known is None else known.taken)
            return replace(slots, slots=slots.slots.insert(code, planned))
        case SlotDropped(_, code):
            return replace(slots, slots=slots.slots.discard(code))
        case SlotChosen(_, code, kind, _, number):
            return _with(slots, number, kind, Choice(code, kind))
        case SlotGivenUp(_, _, kind, _, number):
            return _with(slots, number, kind, None)
        case ArrivalRecorded(_, code, kind, _, number):
            return _with(slots, number, kind, Choice(code, kind, arrived=True))


def _with(slots: Slots, number: int, kind: SlotKind, choice: Choice | None) -> Slots:
    before = slots.choice(number, kind)
    others = tuple(each for each in slots.chosen_by(number) if each.kind != kind)
    after = others if choice is None else (*others, choice)
    chosen = slots.chosen.insert(number, after) if after else slots.chosen.discard(number)
    known = slots.slots
    if before is not None:
        known = _counted(known, before.slot, -1)
    if choice is not None:
        known = _counted(known, choice.slot, 1)
    return Slots(known, chosen)


def _counted(slots: HashTrieMap[str, Slot], code: str, more: int) -> HashTrieMap[str, Slot]:
    return slots.insert(code, replace(slots[code], taken=slots[code].taken + more))
