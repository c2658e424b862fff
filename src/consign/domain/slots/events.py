"""What is recorded of drop-off and pick-up slots: planned, chosen, and who came.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from consign.domain.values import ParticipationId, SaleId

type SlotKind = Literal["drop_off", "pick_up"]


class SlotPlanned(Struct, frozen=True, gc=False, tag="slot-planned"):
    """Planned for the first time, or anew."""

    sale: SaleId
    slot: str
    kind: SlotKind
    begins_at: datetime
    ends_at: datetime
    capacity: int
    place: str = ""


class SlotDropped(Struct, frozen=True, gc=False, tag="slot-dropped"):
    sale: SaleId
    slot: str


class SlotChosen(Struct, frozen=True, gc=False, tag="slot-chosen"):
    """The consignor comes in this slot, `instead_of` the one chosen before.

    `beyond_capacity`: the slot was full, and an organizer let them in all the same.
    """

    sale: SaleId
    slot: str
    kind: SlotKind
    participation: ParticipationId
    number: int
    instead_of: str | None = None
    beyond_capacity: bool = False


class SlotGivenUp(Struct, frozen=True, gc=False, tag="slot-given-up"):
    sale: SaleId
    slot: str
    kind: SlotKind
    participation: ParticipationId
    number: int


class ArrivalRecorded(Struct, frozen=True, gc=False, tag="arrival-recorded"):
    """Whoever chose the slot came, early or late."""

    sale: SaleId
    slot: str
    kind: SlotKind
    participation: ParticipationId
    number: int
    arrived_at: datetime


type SlotEvent = SlotPlanned | SlotDropped | SlotChosen | SlotGivenUp | ArrivalRecorded
