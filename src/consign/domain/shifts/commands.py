"""What is asked about volunteers' shifts, and what is answered."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.shifts.rules import Minutes
from consign.domain.values import (
    Actor,
    Code,
    ConsignorNumber,
    GivenParticipationId,
    GivenSaleId,
    Name,
    ParticipationId,
    Text,
)

SHIFTS_LIMIT = 500
"""How many shifts a sale has at most."""
SHIFTS_EACH_LIMIT = 50
"""How many shifts one consignor takes at most."""

_DAY_MINUTES = 24 * 60

Instant = Annotated[datetime, Meta(tz=True)]
Capacity = Annotated[int, Meta(ge=1, le=9999)]
WorkedMinutes = Annotated[int, Meta(ge=1, le=_DAY_MINUTES)]


class PlanShift(Struct, frozen=True, gc=False, tag="plan-shift"):
    """Plan a shift, or plan it anew. Without `credit_minutes` it counts as long as it lasts.

    When it is and what it counts never change once somebody promised to work it.
    """

    sale: GivenSaleId
    shift: Code
    task: Name
    begins_at: Instant
    ends_at: Instant
    capacity: Capacity
    credit_minutes: Minutes | None = None
    place: Text = ""


class DropShift(Struct, frozen=True, gc=False, tag="drop-shift"):
    sale: GivenSaleId
    shift: Code


class TakeShift(Struct, frozen=True, gc=False, tag="take-shift"):
    sale: GivenSaleId
    shift: Code
    participation: GivenParticipationId
    actor: Actor


class GiveUpShift(Struct, frozen=True, gc=False, tag="give-up-shift"):
    sale: GivenSaleId
    shift: Code
    participation: GivenParticipationId
    actor: Actor


class RecordWork(Struct, frozen=True, gc=False, tag="record-work"):
    """Somebody worked a shift, whether promised or not; without `minutes`, all that it counts.

    Said again it is a correction: the last one counts.
    """

    sale: GivenSaleId
    shift: Code
    consignor: ConsignorNumber
    minutes: WorkedMinutes | None = None


class RecordNoShow(Struct, frozen=True, gc=False, tag="record-no-show"):
    sale: GivenSaleId
    shift: Code
    consignor: ConsignorNumber


class RetractWork(Struct, frozen=True, gc=False, tag="retract-work"):
    """Take back what was recorded by mistake: the promise, where there was one, is open again."""

    sale: GivenSaleId
    shift: Code
    consignor: ConsignorNumber


class ShiftAnswer(Struct, frozen=True, gc=False):
    """`free` is how many more may take the shift."""

    shift: str
    credit_minutes: int
    free: int


class WorkAnswer(Struct, frozen=True, gc=False):
    """What the consignor's promises and work come to, and the tier that counts now."""

    participation: ParticipationId
    number: int
    tier: str | None
    promised_minutes: int
    counted_minutes: int
    broken: bool


type ShiftCommand = PlanShift | DropShift | TakeShift | GiveUpShift | RecordWork | RecordNoShow | RetractWork
