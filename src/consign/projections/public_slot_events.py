"""The public events of drop-off and pick-up slots."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

type _Kind = Literal["drop_off", "pick_up"]


class SlotPlanned(Struct, frozen=True):
    """A slot in which consignors bring their things, or fetch them, was planned, or planned anew."""

    sale: str
    slot: str
    kind: _Kind
    place: str
    begins_at: datetime
    ends_at: datetime
    capacity: int


class SlotDropped(Struct, frozen=True):
    """The slot will not take place; nobody had chosen it."""

    sale: str
    slot: str


class SlotChosen(Struct, frozen=True):
    """The consignor comes in this slot, instead of any other of its kind."""

    sale: str
    slot: str
    kind: _Kind
    participation: str
    consignor: int


class SlotGivenUp(Struct, frozen=True):
    """The consignor has no slot of this kind any more."""

    sale: str
    slot: str
    kind: _Kind
    participation: str
    consignor: int


class ConsignorArrived(Struct, frozen=True):
    """The consignor came who chose the slot, early or late."""

    sale: str
    slot: str
    kind: _Kind
    participation: str
    consignor: int
    arrived_at: datetime


type SlotData = SlotPlanned | SlotDropped | SlotChosen | SlotGivenUp | ConsignorArrived
