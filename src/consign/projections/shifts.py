"""Volunteers' shifts: what is planned, who promised to work, and what was done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.recorded import StoredEvent
from consign.domain.shifts.events import ShiftDropped, ShiftGivenUp, ShiftPlanned, ShiftTaken, WorkOutcome, WorkRecorded
from consign.projections.projection import Change, Key, Projection, Put, Remove, Rows, Table, required


class ShiftRow(Struct, frozen=True):
    """A shift; `taken` of its `capacity` places are, and working it counts as `credit_minutes`."""

    sale: str
    shift: str
    task: str
    place: str
    begins_at: datetime
    ends_at: datetime
    capacity: int
    credit_minutes: int
    taken: int = 0


class WorkRow(Struct, frozen=True):
    """One consignor in one shift. `credit_minutes` were promised, none by who came unasked; `minutes` were worked."""

    sale: str
    shift: str
    participation: str
    number: int
    outcome: Literal["promised", "worked", "missed"]
    credit_minutes: int
    minutes: int
    begins_at: datetime
    changed_at: datetime


type OfOne = ShiftTaken | ShiftGivenUp | WorkRecorded
type Handled = ShiftPlanned | ShiftDropped | OfOne


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    shift = ("shifts", (event.sale, event.shift))
    match event:
        case ShiftPlanned() | ShiftDropped():
            return (shift,)
        case ShiftTaken() | ShiftGivenUp() | WorkRecorded():
            return (shift, ("work", (event.sale, event.shift, event.number)))


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case ShiftPlanned(sale, shift, task, begins_at, ends_at, capacity, credit_minutes, place):
            known: ShiftRow | None = rows.get("shifts", (sale, shift))
            taken = 0 if known is None else known.taken
            row = ShiftRow(sale, shift, task, place, begins_at, ends_at, capacity, credit_minutes, taken)
            return (Put("shifts", row),)
        case ShiftDropped(sale, shift):
            return (Remove("shifts", (sale, shift)),)
        case ShiftTaken() | ShiftGivenUp() | WorkRecorded():
            return _worked(stored, event, rows)


def _worked(stored: StoredEvent, event: OfOne, rows: Rows) -> Sequence[Change]:
    shift: ShiftRow = required(rows, "shifts", (event.sale, event.shift))
    key = (event.sale, event.shift, event.number)
    before: WorkRow | None = rows.get("work", key)
    after = _work(stored, event, shift)
    moved = replace(shift, taken=shift.taken + (after is not None) - (before is not None))
    return (Put("shifts", moved), Remove("work", key) if after is None else Put("work", after))


def _work(stored: StoredEvent, event: OfOne, shift: ShiftRow) -> WorkRow | None:
    match event:
        case ShiftTaken(credit_minutes=credit_minutes):
            return _row(stored, event, shift, "promised", credit_minutes, 0)
        case WorkRecorded(outcome=outcome, minutes=minutes, credit_minutes=credit_minutes):
            came_unasked = outcome == "promised" and not credit_minutes
            return None if came_unasked else _row(stored, event, shift, outcome, credit_minutes, minutes)
        case ShiftGivenUp():
            return None


def _row(
    stored: StoredEvent, event: OfOne, shift: ShiftRow, outcome: WorkOutcome, credit_minutes: int, minutes: int
) -> WorkRow:
    return WorkRow(
        event.sale,
        event.shift,
        event.participation,
        event.number,
        outcome,
        credit_minutes,
        minutes,
        shift.begins_at,
        stored.recorded_at,
    )


SHIFTS = Projection(
    name="shifts",
    version=1,
    tables=(
        Table("shifts", ShiftRow, key=("sale", "shift"), indexes=(("sale", "begins_at"),)),
        Table(
            "work",
            WorkRow,
            key=("sale", "shift", "number"),
            indexes=(("participation", "begins_at"), ("sale", "outcome", "begins_at")),
        ),
    ),
    handles=frozenset({"shift-planned", "shift-dropped", "shift-taken", "shift-given-up", "work-recorded"}),
    reads=_reads,
    apply=_apply,
)
