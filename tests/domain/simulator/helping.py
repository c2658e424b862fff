"""Acts about shifts and slots, made of whole numbers: they are planned, taken, given up; people come, work or not."""

from collections import Counter
from datetime import timedelta

from msgspec import Struct

from consign.domain.participation.allowance_commands import BuyLists, GrantAllowance
from consign.domain.sale import Planned
from consign.domain.shifts.commands import (
    DropShift,
    GiveUpShift,
    PlanShift,
    RecordNoShow,
    RecordWork,
    RetractWork,
    TakeShift,
)
from consign.domain.shifts.rules import ShiftRules, WorkTier
from consign.domain.shifts.state import Roster
from consign.domain.slots.commands import ChooseSlot, DropSlot, GiveUpSlot, PlanSlot, RecordArrival
from consign.domain.slots.events import SlotKind
from consign.domain.values import ParticipationId, SaleId
from tests.domain.log import MemoryLog
from tests.domain.simulator.taking_part import DESK

BOOKING = ("plan-slot", "choose-slot", "choose-slot", "give-up-slot", "arrive", "buy-lists", "allow")
PROMISING = ("take-shift", "give-up-shift", "retract-work", "plan-shift")
ACTS = ("take-shift", "take-shift", "give-up-shift", "work", "work", "no-show", "retract-work", "plan-shift", *BOOKING)
RULES = (
    ShiftRules((WorkTier(60, "volunteer"), WorkTier(150, "friend")), broken_tier="broken"),
    ShiftRules((WorkTier(100, "volunteer"),)),
)
_SHIFTS = 4
_KINDS: tuple[SlotKind, ...] = ("drop_off", "pick_up")


def did(act: str, log: MemoryLog, sale_id: SaleId, number: int, participation: ParticipationId, how: int) -> Struct:
    """Return the command that the act and its numbers stand for."""
    if act in BOOKING:
        return _booking(act, log, sale_id, number, participation, how)
    shift = f"shift-{how % _SHIFTS}"
    match act:
        case "plan-shift":
            # Mostly of the past, so that work can be recorded; never two at once.
            begins_at = log.now + timedelta(hours=how % _SHIFTS - _SHIFTS)
            if how % 5 == 0:
                return DropShift(sale_id, shift)
            return PlanShift(sale_id, shift, "Help", begins_at, begins_at + timedelta(hours=1), how % 2 + 1)
        case "take-shift":
            return TakeShift(sale_id, shift, participation, DESK)
        case "give-up-shift":
            return GiveUpShift(sale_id, shift, participation, DESK)
        case "work":
            return RecordWork(sale_id, shift, number, how % 90 + 1 if how % 3 else None)
        case "no-show":
            return RecordNoShow(sale_id, shift, number)
        case _:
            return RetractWork(sale_id, shift, number)


def _booking(
    act: str, log: MemoryLog, sale_id: SaleId, number: int, participation: ParticipationId, how: int
) -> Struct:
    slot, kind = f"slot-{how % _SHIFTS}", _KINDS[how % 2]
    sale: Planned = log.state(f"sale-{sale_id}")
    match act:
        case "plan-slot":
            begins_at = log.now + timedelta(hours=how % 7 - 3)
            untaken = [code for code, each in sorted(sale.slots.slots.items()) if not each.taken]
            if how % 3 == 0:
                return DropSlot(sale_id, untaken[0] if untaken else slot)
            return PlanSlot(sale_id, slot, kind, begins_at, begins_at + timedelta(hours=1), how % 2 + 1)
        case "choose-slot":
            return ChooseSlot(sale_id, slot, participation, DESK, beyond_capacity=how % 3 == 0)
        case "buy-lists":
            return BuyLists(participation, how % 4, DESK)
        case "allow":
            return GrantAllowance(participation, how % 3, how % 2)
        case "give-up-slot":
            chosen = sale.slots.chosen_by(number)
            return GiveUpSlot(sale_id, chosen[0].slot if chosen else slot, participation, DESK)
        case _:
            return RecordArrival(sale_id, number, kind)


def plan(log: MemoryLog, sale_id: SaleId) -> None:
    """Plan all shifts and slots, so that they may be taken from the beginning."""
    for how in range(1, _SHIFTS + 1):
        begins_at = log.now + timedelta(hours=how % _SHIFTS - _SHIFTS)
        log.issue(PlanShift(sale_id, f"shift-{how % _SHIFTS}", "Help", begins_at, begins_at + timedelta(hours=1), 2))
        log.issue(
            PlanSlot(sale_id, f"slot-{how % _SHIFTS}", _KINDS[how % 2], begins_at, begins_at + timedelta(hours=1), 2)
        )


def check(sale: Planned) -> None:
    """Raise AssertionError where shifts and who works them contradict each other."""
    roster: Roster = sale.roster
    theirs = [each.shift for work in roster.work.values() for each in work]
    for code, shift in roster.shifts.items():
        assert shift.taken == theirs.count(code), f"{code} is taken by others than those who work it"
    assert set(theirs) <= set(roster.shifts.keys()), "somebody works a shift that is not there"
    assert all(work for work in roster.work.values())
    chosen = [(each.slot, each.kind) for theirs in sale.slots.chosen.values() for each in theirs]
    assert Counter(slot for slot, _ in chosen) == {
        code: slot.taken for code, slot in sale.slots.slots.items() if slot.taken
    }
    assert all(sale.slots.slots[slot].kind == kind for slot, kind in chosen), "a choice of another kind than its slot"
