"""Planning shifts, promising to work them, and recording what was done."""

from datetime import datetime, timedelta

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.state import Ledger
from consign.domain.participation.state import Participation, Registered
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned
from consign.domain.shifts.commands import (
    SHIFTS_EACH_LIMIT,
    SHIFTS_LIMIT,
    DropShift,
    GiveUpShift,
    PlanShift,
    RecordNoShow,
    RecordWork,
    RetractWork,
    ShiftAnswer,
    TakeShift,
    WorkAnswer,
)
from consign.domain.shifts.events import (
    ShiftDropped,
    ShiftEvent,
    ShiftGivenUp,
    ShiftPlanned,
    ShiftTaken,
    WorkOutcome,
    WorkRecorded,
)
from consign.domain.shifts.rules import Hours
from consign.domain.shifts.state import Assignment, Roster, Shift, earned, evolve
from consign.domain.turns.actors import phases, require_phase, sale_stream
from consign.domain.turns.ownership import require_own
from consign.domain.turns.registration import registered, unknown
from consign.domain.turns.work_tiers import tier_moved
from consign.domain.values import Actor, Done

PLANNING = phases(Phase.DRAFT, Phase.SETTLEMENT)
PROMISING = phases(Phase.REGISTRATION, Phase.PICK_UP)
RECORDING = phases(Phase.REGISTRATION, Phase.CLOSED)

_LONGEST = timedelta(hours=24)
_MINUTE = timedelta(minutes=1)


def plan(command: PlanShift, sale: Planned) -> Decision:
    """Plan a shift, or plan it anew where nobody's promise changes by that."""
    require_phase(sale, PLANNING, "Planning shifts")
    require_times(command.begins_at, command.ends_at)
    known = sale.roster.shifts.get(command.shift)
    lasts_minutes = max((command.ends_at - command.begins_at) // _MINUTE, 1)
    credit_minutes = command.credit_minutes or lasts_minutes
    taken = 0 if known is None else known.taken
    if known is None and len(sale.roster.shifts) >= SHIFTS_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"A sale has at most {SHIFTS_LIMIT} shifts.")
    if known is not None and taken:
        before = (known.begins_at, known.ends_at, known.credit_minutes)
        if before != (command.begins_at, command.ends_at, credit_minutes):
            raise Rejected(Reason.SHIFT_IN_USE, f"{taken} took this shift as it is. Plan another one.")
    if command.capacity < taken:
        raise Rejected(Reason.SHIFT_IN_USE, f"{taken} took this shift: fewer places would leave somebody out.")
    planned = Shift(
        command.task, command.begins_at, command.ends_at, command.capacity, credit_minutes, command.place, taken
    )
    answer = ShiftAnswer(command.shift, credit_minutes, planned.free)
    if planned == known:
        return Decision((), answer)
    event = ShiftPlanned(
        sale.sale,
        command.shift,
        command.task,
        command.begins_at,
        command.ends_at,
        command.capacity,
        credit_minutes,
        command.place,
    )
    return Decision((Emitted(sale_stream(sale.sale), event),), answer)


def require_times(begins_at: datetime, ends_at: datetime) -> None:
    """Raise Rejected with `times_invalid` unless it ends after it begins, and within a day."""
    if not timedelta() < ends_at - begins_at <= _LONGEST:
        raise Rejected(Reason.TIMES_INVALID, "It must end after it begins, within 24 hours.")


def drop(command: DropShift, sale: Planned) -> Decision:
    """Drop a shift that nobody took; one that is not there is dropped already."""
    require_phase(sale, PLANNING, "Planning shifts")
    known = sale.roster.shifts.get(command.shift)
    if known is None:
        return Decision((), Done())
    if known.taken:
        raise Rejected(Reason.SHIFT_IN_USE, f"{known.taken} took this shift. Let them give it up first.")
    return Decision((Emitted(sale_stream(sale.sale), ShiftDropped(sale.sale, command.shift)),), Done())


def take(command: TakeShift, known: Participation, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Promise to work a shift; promised already, nothing happens."""
    require_phase(sale, PROMISING, "Taking shifts")
    theirs = here(command.actor, known, sale)
    shift = _shift(sale, command.shift)
    if sale.roster.assignment(theirs.number, command.shift) is not None:
        return Decision((), _answer(theirs, theirs.tier, sale, sale.roster))
    _require_time_left(command.actor, shift, sale.settings.shifts.take_until_hours, now)
    if not shift.free:
        raise _full(shift, sale, now)
    work = sale.roster.work_of(theirs.number)
    if len(work) >= SHIFTS_EACH_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"A consignor takes at most {SHIFTS_EACH_LIMIT} shifts.")
    for each in work:
        other = sale.roster.shifts[each.shift]
        if other.begins_at < shift.ends_at and shift.begins_at < other.ends_at:
            raise Rejected(
                Reason.SHIFT_OVERLAPS, f"This consignor works shift {each.shift} then. Give that one up first."
            )
    taken = ShiftTaken(sale.sale, command.shift, theirs.participation, theirs.number, shift.credit_minutes)
    return _moved(taken, theirs, sale, ledger)


def here(actor: Actor, known: Participation, sale: Planned) -> Registered:
    """Return who takes part in this sale; raises Rejected as `registered` does, also for another sale's consignor."""
    require_own(actor, known)
    theirs = registered(known)
    if theirs.sale != sale.sale:
        raise unknown()
    return theirs


def give_up(command: GiveUpShift, known: Participation, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Take a promise back; one that was never made is taken back already."""
    require_phase(sale, PROMISING, "Giving up shifts")
    theirs = here(command.actor, known, sale)
    shift = _shift(sale, command.shift)
    assignment = sale.roster.assignment(theirs.number, command.shift)
    if assignment is None:
        return Decision((), _answer(theirs, theirs.tier, sale, sale.roster))
    if assignment.outcome != "promised":
        raise Rejected(Reason.WORK_RECORDED, "What was done in this shift is recorded. Take that back first.")
    _require_time_left(command.actor, shift, sale.settings.shifts.give_up_until_hours, now)
    given_up = ShiftGivenUp(sale.sale, command.shift, theirs.participation, theirs.number)
    return _moved(given_up, theirs, sale, ledger)


def record(
    command: RecordWork | RecordNoShow | RetractWork, known: Participation, sale: Planned, ledger: Ledger, now: datetime
) -> Decision:
    """Record what became of a shift; what was sold so far then counts by the tier that follows."""
    require_phase(sale, RECORDING, "Recording work")
    theirs = registered(known)
    shift = _shift(sale, command.shift)
    before = sale.roster.assignment(theirs.number, command.shift)
    after = _recorded(command, shift, before)
    if after is None or after == before:
        return Decision((), _answer(theirs, theirs.tier, sale, sale.roster))
    if now < shift.begins_at:
        raise Rejected(Reason.SHIFT_NOT_BEGUN, f"This shift begins at {shift.begins_at.isoformat()}.")
    if before is None and len(sale.roster.work_of(theirs.number)) >= SHIFTS_EACH_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"A consignor works at most {SHIFTS_EACH_LIMIT} shifts.")
    event = WorkRecorded(
        sale.sale,
        command.shift,
        theirs.participation,
        theirs.number,
        after.outcome,
        after.minutes,
        after.credit_minutes,
    )
    return _moved(event, theirs, sale, ledger)


def _recorded(
    command: RecordWork | RecordNoShow | RetractWork, shift: Shift, before: Assignment | None
) -> Assignment | None:
    """Return how it stands with the record; None where there is nothing to record."""
    credit_minutes = 0 if before is None else before.credit_minutes
    outcome: WorkOutcome
    match command:
        case RecordWork(minutes=minutes):
            return Assignment(command.shift, credit_minutes, "worked", minutes or shift.credit_minutes)
        case RecordNoShow():
            outcome = "missed"
        case RetractWork():
            outcome = "promised"
    return None if before is None else Assignment(command.shift, credit_minutes, outcome)


def given_up_by(theirs: Registered, sale: Planned, ledger: Ledger) -> tuple[Emitted, ...]:
    """Return the events by which somebody who leaves gives up all promises that are still open."""
    roster, events = sale.roster, []
    for each in roster.work_of(theirs.number):
        if each.outcome == "promised":
            given_up = ShiftGivenUp(sale.sale, each.shift, theirs.participation, theirs.number)
            roster = evolve(roster, given_up)
            events.append(Emitted(sale_stream(sale.sale), given_up))
    return (*events, *tier_moved(theirs, sale, roster, ledger)) if events else ()


def _shift(sale: Planned, code: str) -> Shift:
    shift = sale.roster.shifts.get(code)
    if shift is None:
        raise Rejected(Reason.UNKNOWN_SHIFT, f"This sale has no shift “{code}”.")
    return shift


def _require_time_left(actor: Actor, shift: Shift, hours: Hours, now: datetime) -> None:
    if actor.reaches_own_alone and now > shift.begins_at - timedelta(hours=hours):
        raise Rejected(
            Reason.TOO_LATE, f"That was possible until {hours} hours before the shift begins. Ask the organizer."
        )


def _full(shift: Shift, sale: Planned, now: datetime) -> Rejected:
    free = sorted(
        (each.begins_at, code) for code, each in sale.roster.shifts.items() if each.free and each.begins_at > now
    )
    errors = tuple(
        {"pointer": "/shift", "reason": Reason.SHIFT_FULL.value, "detail": f"{code} is free.", "shift": code}
        for _, code in free
    )
    named = ", ".join(code for _, code in free[:10]) or "none"
    return Rejected(Reason.SHIFT_FULL, f"All {shift.capacity} took this shift already; free are: {named}.", errors)


def _moved(event: ShiftEvent, theirs: Registered, sale: Planned, ledger: Ledger) -> Decision:
    roster = evolve(sale.roster, event)
    tier = tier_moved(theirs, sale, roster, ledger)
    counts = tier[0].event.tier if tier else theirs.tier
    return Decision((Emitted(sale_stream(sale.sale), event), *tier), _answer(theirs, counts, sale, roster))


def _answer(theirs: Registered, tier: str | None, sale: Planned, roster: Roster) -> WorkAnswer:
    work = earned(sale.settings.shifts, roster.work_of(theirs.number))
    return WorkAnswer(
        theirs.participation, theirs.number, tier, work.promised_minutes, work.counted_minutes, work.broken
    )
