"""What integrators are told of volunteers' shifts."""

from consign.domain.shifts.events import (
    ConsignorTierEarned,
    ShiftDropped,
    ShiftGivenUp,
    ShiftPlanned,
    ShiftTaken,
    WorkRecorded,
)
from consign.projections import public_shift_events as public

type Shifts = ShiftPlanned | ShiftDropped | ShiftTaken | ShiftGivenUp | WorkRecorded | ConsignorTierEarned

SHIFTS = frozenset(
    {
        "shift-planned",
        "shift-dropped",
        "shift-taken",
        "shift-given-up",
        "work-recorded",
        "consignor-tier-earned",
    }
)


def shifted(event: Shifts, currency: str) -> public.ShiftData:
    """Map one internal event to what is published of it."""
    match event:
        case ShiftPlanned(sale, shift, task, begins_at, ends_at, capacity, credit_minutes, place):
            return public.ShiftPlanned(sale, shift, task, place, begins_at, ends_at, capacity, credit_minutes)
        case ShiftDropped(sale, shift):
            return public.ShiftDropped(sale, shift)
        case ShiftTaken(sale, shift, participation, number):
            return public.ShiftTaken(sale, shift, participation, number)
        case ShiftGivenUp(sale, shift, participation, number):
            return public.ShiftGivenUp(sale, shift, participation, number)
        case WorkRecorded(sale, shift, participation, number, outcome, minutes):
            return public.WorkRecorded(sale, shift, participation, number, outcome, minutes)
        case ConsignorTierEarned(participation, sale, number, tier, broken=broken, totals=totals):
            return public.ConsignorTierChanged(
                sale, participation, number, tier, broken, totals.commission_minor, currency
            )
