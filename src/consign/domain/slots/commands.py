"""What is asked about drop-off and pick-up slots, and what is answered."""

from datetime import datetime

from msgspec import Struct

from consign.domain.shifts.commands import Capacity, Instant
from consign.domain.slots.events import SlotKind
from consign.domain.values import Actor, Code, ConsignorNumber, GivenParticipationId, GivenSaleId, ParticipationId, Text

SLOTS_LIMIT = 500
"""How many slots a sale has at most."""


class PlanSlot(Struct, frozen=True, gc=False, tag="plan-slot"):
    """Plan a slot, or plan it anew. Once somebody chose it, it stays what it is and when it is."""

    sale: GivenSaleId
    slot: Code
    kind: SlotKind
    begins_at: Instant
    ends_at: Instant
    capacity: Capacity
    place: Text = ""


class DropSlot(Struct, frozen=True, gc=False, tag="drop-slot"):
    sale: GivenSaleId
    slot: Code


class ChooseSlot(Struct, frozen=True, gc=False, tag="choose-slot"):
    """Come in this slot, instead of the one of its kind that was chosen before.

    `beyond_capacity`, for organizers: also where it is full.
    """

    sale: GivenSaleId
    slot: Code
    participation: GivenParticipationId
    actor: Actor
    beyond_capacity: bool = False


class GiveUpSlot(Struct, frozen=True, gc=False, tag="give-up-slot"):
    sale: GivenSaleId
    slot: Code
    participation: GivenParticipationId
    actor: Actor


class RecordArrival(Struct, frozen=True, gc=False, tag="record-arrival"):
    """Somebody came, whenever it was.

    Things checked in say so of a drop-off by themselves, and a consignor's things handed back of a pick-up.
    """

    sale: GivenSaleId
    consignor: ConsignorNumber
    kind: SlotKind


class SlotAnswer(Struct, frozen=True, gc=False):
    """`free` is how many more may choose the slot."""

    slot: str
    kind: SlotKind
    free: int


class ChoiceAnswer(Struct, frozen=True, gc=False):
    participation: ParticipationId
    number: int
    slot: str
    begins_at: datetime
    ends_at: datetime
    place: str


type SlotCommand = PlanSlot | DropSlot | ChooseSlot | GiveUpSlot | RecordArrival
