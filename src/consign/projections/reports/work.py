"""Facts of volunteers' work: what was promised, and what became of it."""

from collections.abc import Iterable

from msgspec import Struct

from consign.domain.recorded import StoredEvent
from consign.domain.shifts.events import ShiftGivenUp, ShiftTaken, WorkRecorded
from consign.projections.projection import Key, Put, Remove, Rows
from consign.projections.reports.facts import Area, Fact, Told, fact


class Work(Struct, frozen=True):
    """What one volunteer has to do with one shift."""

    sale: str
    shift: str
    participation: str
    consignor: int
    outcome: str
    minutes: int
    promised_minutes: int


type Worked = ShiftTaken | ShiftGivenUp | WorkRecorded


def _reads(event: Worked) -> Iterable[tuple[str, Key]]:
    return (("work", (event.sale, event.shift, event.participation)),)


def _told(_: StoredEvent, event: Worked, rows: Rows) -> Told:
    key = (event.sale, event.shift, event.participation)
    before: Work | None = rows.get("work", key)
    after = _after(event)
    facts = [_counted(before, -1)] if before is not None else []
    facts += [_counted(after, 1)] if after is not None else []
    return Told(facts, (Remove("work", key) if after is None else Put("work", after),))


def _after(event: Worked) -> Work | None:
    match event:
        case ShiftTaken(sale, shift, participation, number, credit_minutes):
            return Work(sale, shift, participation, number, "promised", 0, credit_minutes)
        case ShiftGivenUp():
            return None
        case WorkRecorded(outcome="promised", credit_minutes=0):
            return None  # whoever came without a promise has none that a record could be taken back to
        case WorkRecorded(sale, shift, participation, number, outcome, minutes, credit_minutes):
            return Work(sale, shift, participation, number, outcome, minutes, credit_minutes)


def _counted(work: Work, count: int) -> Fact:
    return fact(
        "work",
        shift=work.shift,
        participation=work.participation,
        consignor=work.consignor,
        status=work.outcome,
        count=count,
        minutes=count * work.minutes,
        promised_minutes=count * work.promised_minutes,
    )


WORK = Area(frozenset({"shift-taken", "shift-given-up", "work-recorded"}), _reads, _told)
