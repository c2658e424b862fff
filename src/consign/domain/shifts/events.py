"""What is recorded of volunteers' shifts: planned, promised, worked or missed, and the tier that follows.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from consign.domain.commission import Totals
from consign.domain.values import ParticipationId, SaleId

type WorkOutcome = Literal["promised", "worked", "missed"]


class ShiftPlanned(Struct, frozen=True, gc=False, tag="shift-planned"):
    """Planned for the first time, or anew. Working it counts as `credit_minutes`."""

    sale: SaleId
    shift: str
    task: str
    begins_at: datetime
    ends_at: datetime
    capacity: int
    credit_minutes: int
    place: str = ""


class ShiftDropped(Struct, frozen=True, gc=False, tag="shift-dropped"):
    sale: SaleId
    shift: str


class ShiftTaken(Struct, frozen=True, gc=False, tag="shift-taken"):
    """The consignor promised to work the shift, which counts as `credit_minutes`."""

    sale: SaleId
    shift: str
    participation: ParticipationId
    number: int
    credit_minutes: int


class ShiftGivenUp(Struct, frozen=True, gc=False, tag="shift-given-up"):
    sale: SaleId
    shift: str
    participation: ParticipationId
    number: int


class WorkRecorded(Struct, frozen=True, gc=False, tag="work-recorded"):
    """What became of a shift, in place of what was recorded before; `promised` takes a record back.

    `credit_minutes` were promised, none by who came without a promise; `minutes` were worked.
    """

    sale: SaleId
    shift: str
    participation: ParticipationId
    number: int
    outcome: WorkOutcome
    minutes: int
    credit_minutes: int = 0


class ConsignorTierEarned(Struct, frozen=True, tag="consignor-tier-earned"):
    """From here on all that the consignor sold counts by this tier: `totals` is what it comes to by its rules.

    Of `promised_minutes`, `counted_minutes` are worked or may still be. `broken`: they fall short of the tier promised.
    """

    participation: ParticipationId
    sale: SaleId
    number: int
    tier: str | None
    promised_minutes: int
    counted_minutes: int
    broken: bool
    totals: Totals


type ShiftEvent = ShiftPlanned | ShiftDropped | ShiftTaken | ShiftGivenUp | WorkRecorded
