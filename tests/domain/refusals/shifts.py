"""The refusals of volunteers' shifts."""

from consign.domain.rejection import Reason
from consign.domain.shifts.commands import DropShift, PlanShift
from consign.domain.values import AccountId
from tests.domain.log import MemoryLog
from tests.domain.market import ANNA, BEN, SALE, registered
from tests.domain.newcomers import consignor, open_sale, register, rules
from tests.domain.refusals.case import Case, after
from tests.domain.volunteers import (
    BEGIN,
    DOOR,
    KITCHEN,
    LATER_S,
    give_up,
    ready,
    selling,
    shift,
    take,
    with_shifts,
    worked,
    working,
)

ANNAS = AccountId("anna")


def planned() -> MemoryLog:
    return ready(working())


def too_late() -> MemoryLog:
    """Anna has an account, and all shifts have begun."""
    log = with_shifts(open_sale(rules(), commission=working().commission, shifts=working().shifts))
    log.issue(register(ANNA, ANNAS))
    log.pass_time(LATER_S)
    return log


def recorded() -> MemoryLog:
    return after(lambda: selling(working()), worked())()


CASES: dict[Reason, list[Case]] = {
    Reason.UNKNOWN_SHIFT: [(registered, take())],
    Reason.SHIFT_FULL: [(after(planned, shift(KITCHEN, 4, capacity=1), take(KITCHEN)), take(KITCHEN, BEN))],
    Reason.SHIFT_IN_USE: [(after(planned, take()), DropShift(SALE, DOOR))],
    Reason.SHIFT_OVERLAPS: [(after(planned, shift(KITCHEN), take()), take(KITCHEN))],
    Reason.SHIFT_NOT_BEGUN: [(after(planned, take()), worked())],
    Reason.WORK_RECORDED: [(recorded, give_up())],
    Reason.TIMES_INVALID: [(registered, PlanShift(SALE, DOOR, "Nothing", BEGIN, BEGIN, 1))],
    Reason.TOO_LATE: [(too_late, take(actor=consignor(ANNAS)))],
}
