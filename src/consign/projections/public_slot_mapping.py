"""What integrators are told of drop-off and pick-up slots."""

from consign.domain.slots.events import ArrivalRecorded, SlotChosen, SlotDropped, SlotGivenUp, SlotPlanned
from consign.projections import public_slot_events as public

type Slots = SlotPlanned | SlotDropped | SlotChosen | SlotGivenUp | ArrivalRecorded

SLOTS = frozenset({"slot-planned", "slot-dropped", "slot-chosen", "slot-given-up", "arrival-recorded"})


def slotted(event: Slots) -> public.SlotData:
    """Map one internal event to what is published of it."""
    match event:
        case SlotPlanned(sale, slot, kind, begins_at, ends_at, capacity, place):
            return public.SlotPlanned(sale, slot, kind, place, begins_at, ends_at, capacity)
        case SlotDropped(sale, slot):
            return public.SlotDropped(sale, slot)
        case SlotChosen(sale, slot, kind, participation, number):
            return public.SlotChosen(sale, slot, kind, participation, number)
        case SlotGivenUp(sale, slot, kind, participation, number):
            return public.SlotGivenUp(sale, slot, kind, participation, number)
        case ArrivalRecorded(sale, slot, kind, participation, number, arrived_at):
            return public.ConsignorArrived(sale, slot, kind, participation, number, arrived_at)
