"""Planning slots, choosing one, and recording who came."""

from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.participation.state import Participation, Registered
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned
from consign.domain.slots.commands import (
    SLOTS_LIMIT,
    ChoiceAnswer,
    ChooseSlot,
    DropSlot,
    GiveUpSlot,
    PlanSlot,
    RecordArrival,
    SlotAnswer,
)
from consign.domain.slots.events import (
    ArrivalRecorded,
    SlotChosen,
    SlotDropped,
    SlotEvent,
    SlotGivenUp,
    SlotKind,
    SlotPlanned,
)
from consign.domain.slots.state import Slot
from consign.domain.turns.actors import phases, require_phase, sale_stream
from consign.domain.turns.registration import registered
from consign.domain.turns.shifts import here, require_times
from consign.domain.values import Actor, Done

PLANNING = phases(Phase.DRAFT, Phase.SETTLEMENT)
CHOOSING = phases(Phase.REGISTRATION, Phase.SETTLEMENT)


def plan(command: PlanSlot, sale: Planned) -> Decision:
    """Plan a slot, or plan it anew where nobody's choice changes by that."""
    require_phase(sale, PLANNING, "Planning slots")
    require_times(command.begins_at, command.ends_at)
    known = sale.slots.slots.get(command.slot)
    if known is None and len(sale.slots.slots) >= SLOTS_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"A sale has at most {SLOTS_LIMIT} slots.")
    taken = 0 if known is None else known.taken
    planned = Slot(command.kind, command.begins_at, command.ends_at, command.capacity, command.place, taken)
    answer = SlotAnswer(command.slot, command.kind, planned.free)
    if planned == known:
        return Decision((), answer)
    if known is not None and taken:
        moved = (command.kind, command.begins_at, command.ends_at) != (known.kind, known.begins_at, known.ends_at)
        if moved or command.capacity < min(taken, known.capacity):
            raise Rejected(Reason.SLOT_IN_USE, f"{taken} chose this slot as it is. Plan another one.")
    event = SlotPlanned(
        sale.sale,
        command.slot,
        command.kind,
        command.begins_at,
        command.ends_at,
        command.capacity,
        command.place,
    )
    return _decided(sale, event, answer)


def drop(command: DropSlot, sale: Planned) -> Decision:
    """Drop a slot that nobody chose; one that is not there is dropped already."""
    require_phase(sale, PLANNING, "Planning slots")
    known = sale.slots.slots.get(command.slot)
    if known is None:
        return Decision((), Done())
    if known.taken:
        raise Rejected(Reason.SLOT_IN_USE, f"{known.taken} chose this slot. Let them choose another one first.")
    return Decision((Emitted(sale_stream(sale.sale), SlotDropped(sale.sale, command.slot)),), Done())


def choose(command: ChooseSlot, known: Participation, sale: Planned, now: datetime) -> Decision:
    """Choose a slot, or another one; the same one chosen again changes nothing."""
    require_phase(sale, CHOOSING, "Choosing a slot")
    theirs = here(command.actor, known, sale)
    if command.beyond_capacity and command.actor.role != "organizer":
        raise Rejected(Reason.ROLE_NEEDED, "Only an organizer may fill a slot beyond its capacity.")
    slot = _slot(sale, command.slot)
    answer = _choice(theirs, command.slot, slot)
    before = sale.slots.choice(theirs.number, slot.kind)
    if before is not None and before.slot == command.slot:
        return Decision((), answer)
    _require_time_left(command.actor, slot, now)
    if before is not None:
        _require_time_left(command.actor, sale.slots.slots[before.slot], now)
    if not slot.free and not command.beyond_capacity:
        raise _full(slot, sale, now)
    chosen = SlotChosen(
        sale.sale,
        command.slot,
        slot.kind,
        theirs.participation,
        theirs.number,
        None if before is None else before.slot,
        not slot.free,
    )
    return _decided(sale, chosen, answer)


def give_up(command: GiveUpSlot, known: Participation, sale: Planned, now: datetime) -> Decision:
    """Give a slot up that was chosen; one that was not is given up already."""
    require_phase(sale, CHOOSING, "Giving up a slot")
    theirs = here(command.actor, known, sale)
    slot = _slot(sale, command.slot)
    before = sale.slots.choice(theirs.number, slot.kind)
    if before is None or before.slot != command.slot:
        return Decision((), Done())
    _require_time_left(command.actor, slot, now)
    given_up = SlotGivenUp(sale.sale, command.slot, slot.kind, theirs.participation, theirs.number)
    return Decision((Emitted(sale_stream(sale.sale), given_up),), Done())


def arrive(command: RecordArrival, known: Participation, sale: Planned, now: datetime) -> Decision:
    """Record that somebody came for whom a slot is kept."""
    require_phase(sale, CHOOSING, "Recording arrivals")
    theirs = registered(known)
    choice = sale.slots.choice(theirs.number, command.kind)
    if choice is None:
        kind = command.kind.replace("_", "-")
        raise Rejected(Reason.SLOT_NOT_CHOSEN, f"Consignor {theirs.number} chose no {kind} slot.")
    answer = _choice(theirs, choice.slot, sale.slots.slots[choice.slot])
    if choice.arrived:
        return Decision((), answer)
    arrived = ArrivalRecorded(sale.sale, choice.slot, command.kind, theirs.participation, theirs.number, now)
    return _decided(sale, arrived, answer)


def arrival(sale: Planned, number: int, kind: SlotKind, now: datetime) -> Emitted | None:
    """Return the event that a consignor who is being served came, where a slot is kept for them and nobody said so."""
    choice = sale.slots.choice(number, kind)
    if choice is None or choice.arrived:
        return None
    arrived = ArrivalRecorded(sale.sale, choice.slot, kind, sale.consignors[number], number, now)
    return Emitted(sale_stream(sale.sale), arrived)


def slots_given_up_by(theirs: Registered, sale: Planned) -> tuple[Emitted, ...]:
    """Return the events by which somebody who leaves frees the slots they chose."""
    stream = sale_stream(sale.sale)
    return tuple(
        Emitted(stream, SlotGivenUp(sale.sale, each.slot, each.kind, theirs.participation, theirs.number))
        for each in sale.slots.chosen_by(theirs.number)
    )


def _slot(sale: Planned, code: str) -> Slot:
    slot = sale.slots.slots.get(code)
    if slot is None:
        raise Rejected(Reason.UNKNOWN_SLOT, f"This sale has no slot “{code}”.")
    return slot


def _require_time_left(actor: Actor, slot: Slot, now: datetime) -> None:
    if actor.reaches_own_alone and now >= slot.begins_at:
        raise Rejected(Reason.TOO_LATE, "That was possible until the slot began. Ask the organizer.")


def free_slots(sale: Planned, kind: SlotKind, now: datetime) -> list[str]:
    """Return the slots of a kind that have a free place and are not over, in the order of time."""
    free = [
        (each.begins_at, code)
        for code, each in sale.slots.slots.items()
        if each.kind == kind and each.free and each.ends_at > now
    ]
    return [code for _, code in sorted(free)]


def _full(slot: Slot, sale: Planned, now: datetime) -> Rejected:
    free = free_slots(sale, slot.kind, now)
    errors = tuple(
        {"pointer": "/slot", "reason": Reason.SLOT_FULL.value, "detail": f"{code} is free.", "slot": code}
        for code in free
    )
    named = ", ".join(free[:10]) or "none"
    return Rejected(Reason.SLOT_FULL, f"All {slot.capacity} places of this slot are taken; free are: {named}.", errors)


def _choice(theirs: Registered, code: str, slot: Slot) -> ChoiceAnswer:
    return ChoiceAnswer(theirs.participation, theirs.number, code, slot.begins_at, slot.ends_at, slot.place)


def _decided(sale: Planned, event: SlotEvent, answer: SlotAnswer | ChoiceAnswer) -> Decision:
    return Decision((Emitted(sale_stream(sale.sale), event),), answer)
