"""Shifts of the small sale, and what work in them gives."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from consign.domain.commission import CommissionRule
from consign.domain.sale import SaleSettings
from consign.domain.shifts.commands import GiveUpShift, PlanShift, RecordNoShow, RecordWork, RetractWork, TakeShift
from consign.domain.shifts.rules import ShiftRules, WorkTier
from consign.domain.values import ParticipationId
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import ANNA, ANNAS_NUMBER, SALE, SCHEDULE, SETTINGS, live, registered
from tests.domain.newcomers import DESK

DOOR, TIDY, KITCHEN = "door", "tidy-up", "kitchen"
HOUR = timedelta(hours=1)
BEGIN = OPENING + 48 * HOUR
SHIFT_MINUTES = 120
LATER_S = (50 * HOUR).total_seconds()
"""By then all shifts have begun."""

BASE_PPM, HELPER_PPM, BROKEN_PPM = 200_000, 100_000, 300_000
TIERS = replace(
    SCHEDULE, by_tier={"volunteer": CommissionRule(HELPER_PPM), "broken": CommissionRule(BROKEN_PPM)}, by_category={}
)


def working(**rules: Any) -> SaleSettings:
    """Settings by which two hours of work make a volunteer."""
    given = ShiftRules((WorkTier(SHIFT_MINUTES, "volunteer"),), **rules)
    return replace(SETTINGS, commission=TIERS, shifts=given)


def shift(code: str = DOOR, hours: int = 0, capacity: int = 2, **more: Any) -> PlanShift:
    begins_at = BEGIN + hours * HOUR
    return PlanShift(SALE, code, "Stand at the door", begins_at, begins_at + 2 * HOUR, capacity, **more)


def with_shifts(log: MemoryLog) -> MemoryLog:
    log.issue(shift())
    log.issue(shift(TIDY, 2))
    return log


def ready(settings: SaleSettings) -> MemoryLog:
    return with_shifts(registered(settings))


def selling(settings: SaleSettings) -> MemoryLog:
    """Things are on the floor, and all shifts have begun."""
    log = with_shifts(live(settings))
    log.issue(take())
    log.pass_time(LATER_S)
    return log


def take(code: str = DOOR, participation: ParticipationId = ANNA, **more: Any) -> TakeShift:
    return TakeShift(SALE, code, participation, more.pop("actor", DESK))


def give_up(code: str = DOOR, participation: ParticipationId = ANNA, **more: Any) -> GiveUpShift:
    return GiveUpShift(SALE, code, participation, more.pop("actor", DESK))


def worked(code: str = DOOR, minutes: int | None = None, number: int = ANNAS_NUMBER) -> RecordWork:
    return RecordWork(SALE, code, number, minutes)


def missed(code: str = DOOR, number: int = ANNAS_NUMBER) -> RecordNoShow:
    return RecordNoShow(SALE, code, number)


def retracted(code: str = DOOR, number: int = ANNAS_NUMBER) -> RetractWork:
    return RetractWork(SALE, code, number)
