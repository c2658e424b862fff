"""The public events of volunteers' shifts and of the tiers that work gives."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class ShiftPlanned(Struct, frozen=True):
    """A shift was planned, or planned anew; working it counts as `credit_minutes`."""

    sale: str
    shift: str
    task: str
    place: str
    begins_at: datetime
    ends_at: datetime
    capacity: int
    credit_minutes: int


class ShiftDropped(Struct, frozen=True):
    """The shift will not take place; nobody had taken it."""

    sale: str
    shift: str


class ShiftTaken(Struct, frozen=True):
    """The consignor promised to work the shift."""

    sale: str
    shift: str
    participation: str
    consignor: int


class ShiftGivenUp(Struct, frozen=True):
    """The consignor took the promise back."""

    sale: str
    shift: str
    participation: str
    consignor: int


class WorkRecorded(Struct, frozen=True):
    """What became of a shift, in place of what was said before; `promised` takes a record back."""

    sale: str
    shift: str
    participation: str
    consignor: int
    outcome: Literal["promised", "worked", "missed"]
    minutes: int


class ConsignorTierChanged(Struct, frozen=True):
    """By promised or done work another tier counts for all that the consignor sold and sells; null: none.

    `commission_minor` is the commission, without its tax, on all that is sold so far.
    """

    sale: str
    participation: str
    consignor: int
    tier: str | None
    broken: bool
    commission_minor: int
    currency: str


type ShiftData = ShiftPlanned | ShiftDropped | ShiftTaken | ShiftGivenUp | WorkRecorded | ConsignorTierChanged
