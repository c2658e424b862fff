"""The roster of a sale: its shifts, who promised to work them, and what they did."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.shifts.events import (
    ShiftDropped,
    ShiftEvent,
    ShiftGivenUp,
    ShiftPlanned,
    ShiftTaken,
    WorkOutcome,
    WorkRecorded,
)
from consign.domain.shifts.rules import ShiftRules


class Shift(Struct, frozen=True, gc=False):
    """`taken` counts who promised to work it and who came without a promise."""

    task: str
    begins_at: datetime
    ends_at: datetime
    capacity: int
    credit_minutes: int
    place: str = ""
    taken: int = 0

    @property
    def free(self) -> int:
        """How many more may promise to work it."""
        return max(self.capacity - self.taken, 0)


class Assignment(Struct, frozen=True, gc=False):
    """One consignor in one shift: `credit_minutes` were promised, `minutes` of work were recorded."""

    shift: str
    credit_minutes: int
    outcome: WorkOutcome = "promised"
    minutes: int = 0

    @property
    def counted_minutes(self) -> int:
        """What counts for the tier: work done, and what is promised and not yet judged."""
        return self.credit_minutes if self.outcome == "promised" else self.minutes


class Roster(Struct, frozen=True):
    """Shifts by their code, and each consignor's work by number."""

    shifts: HashTrieMap[str, Shift] = HashTrieMap()
    work: HashTrieMap[int, tuple[Assignment, ...]] = HashTrieMap()

    def work_of(self, number: int) -> tuple[Assignment, ...]:
        return self.work.get(number, ())

    def assignment(self, number: int, shift: str) -> Assignment | None:
        """Return what the consignor has to do with the shift, if anything."""
        return next((each for each in self.work_of(number) if each.shift == shift), None)

    def unrecorded(self) -> list[str]:
        """Return the shifts of which somebody's promise was neither kept nor broken, as far as anybody said."""
        return sorted({each.shift for theirs in self.work.values() for each in theirs if each.outcome == "promised"})


class Earned(Struct, frozen=True, gc=False):
    """What somebody's work earns: no tier where it reaches none."""

    tier: str | None
    promised_minutes: int
    counted_minutes: int
    broken: bool


def evolve(roster: Roster, event: ShiftEvent) -> Roster:
    """Return the roster after the event."""
    match event:
        case ShiftPlanned(_, shift, task, begins_at, ends_at, capacity, credit_minutes, place):
            known = roster.shifts.get(shift)
            taken = 0 if known is None else known.taken
            planned = Shift(task, begins_at, ends_at, capacity, credit_minutes, place, taken)
            return replace(roster, shifts=roster.shifts.insert(shift, planned))
        case ShiftDropped(_, shift):
            return replace(roster, shifts=roster.shifts.discard(shift))
        case ShiftTaken(_, shift, _, number, credit_minutes):
            return _with(roster, number, shift, Assignment(shift, credit_minutes))
        case ShiftGivenUp(_, shift, _, number):
            return _with(roster, number, shift, None)
        case WorkRecorded(_, shift, _, number, outcome, minutes, credit_minutes):
            came_unasked = outcome == "promised" and not credit_minutes
            recorded = None if came_unasked else Assignment(shift, credit_minutes, outcome, minutes)
            return _with(roster, number, shift, recorded)


def _with(roster: Roster, number: int, shift: str, assignment: Assignment | None) -> Roster:
    before = roster.work_of(number)
    others = tuple(each for each in before if each.shift != shift)
    after = others if assignment is None else (*others, assignment)
    work = roster.work.insert(number, after) if after else roster.work.discard(number)
    known = roster.shifts[shift]
    moved = replace(known, taken=known.taken + len(after) - len(before))
    return replace(roster, work=work, shifts=roster.shifts.insert(shift, moved))


def earned(rules: ShiftRules, work: tuple[Assignment, ...]) -> Earned:
    """Return what somebody's promises and work earn."""
    promised_minutes = sum(each.credit_minutes for each in work)
    counted_minutes = sum(each.counted_minutes for each in work)
    tier = _reached(rules, counted_minutes)
    broken = counted_minutes < promised_minutes and tier != _reached(rules, promised_minutes)
    if broken and rules.broken_tier is not None:
        tier = rules.broken_tier
    return Earned(tier, promised_minutes, counted_minutes, broken)


def _reached(rules: ShiftRules, minutes: int) -> str | None:
    reached = [each.tier for each in rules.tiers if each.minutes <= minutes]
    return reached[-1] if reached else None
