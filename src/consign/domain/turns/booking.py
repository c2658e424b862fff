"""What is asked about drop-off and pick-up slots: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.recorded import StreamName
from consign.domain.slots.commands import ChooseSlot, DropSlot, GiveUpSlot, PlanSlot, RecordArrival, SlotCommand
from consign.domain.turns import slots
from consign.domain.turns.actors import States, participation_of, participation_stream, planned, sale_stream
from consign.domain.turns.helping import numbered, with_numbered


def needs(command: SlotCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case PlanSlot() | DropSlot():
            return (sale_stream(command.sale),)
        case ChooseSlot() | GiveUpSlot():
            return (sale_stream(command.sale), participation_stream(command.participation))
        case RecordArrival():
            return with_numbered(command.sale, command.consignor, states)


def decide(command: SlotCommand, states: States, now: datetime) -> Decision:
    sale = planned(states, command.sale)
    match command:
        case PlanSlot():
            return slots.plan(command, sale)
        case DropSlot():
            return slots.drop(command, sale)
        case ChooseSlot():
            return slots.choose(command, participation_of(states, command.participation), sale, now)
        case GiveUpSlot():
            return slots.give_up(command, participation_of(states, command.participation), sale, now)
        case RecordArrival():
            return slots.arrive(command, numbered(states, sale, command.consignor), sale, now)
