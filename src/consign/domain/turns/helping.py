"""What is asked about volunteers' shifts: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.participation.state import Participation
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.shifts.commands import (
    DropShift,
    GiveUpShift,
    PlanShift,
    RecordNoShow,
    RecordWork,
    RetractWork,
    ShiftCommand,
    TakeShift,
)
from consign.domain.turns import shifts
from consign.domain.turns.actors import (
    States,
    ledger_of,
    ledger_stream,
    participation_of,
    participation_stream,
    planned,
    sale_stream,
)
from consign.domain.values import ParticipationId, SaleId

type Recording = RecordWork | RecordNoShow | RetractWork


def needs(command: ShiftCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case PlanShift() | DropShift():
            return (sale_stream(command.sale),)
        case TakeShift() | GiveUpShift():
            return (*_of_sale(command.sale), participation_stream(command.participation))
        case RecordWork() | RecordNoShow() | RetractWork():
            return with_numbered(command.sale, command.consignor, states)


def _of_sale(sale: SaleId) -> tuple[StreamName, ...]:
    return (sale_stream(sale), ledger_stream(sale))


def with_numbered(sale: SaleId, number: int, states: States) -> tuple[StreamName, ...]:
    """Name the streams of a sale, its ledger, and the consignor with this number once that is known."""
    streams = _of_sale(sale)
    found = _numbered(states.get(streams[0]), number)
    return streams if found is None else (*streams, participation_stream(found))


def _numbered(sale: object, number: int) -> ParticipationId | None:
    return sale.consignors.get(number) if isinstance(sale, Planned) else None


def numbered(states: States, sale: Planned, number: int) -> Participation:
    """Return the consignor with this number; raises Rejected with `unknown_consignor`."""
    found = sale.consignors.get(number)
    if found is None:
        raise Rejected(Reason.UNKNOWN_CONSIGNOR, f"Consignor {number} is not registered for this sale.")
    return participation_of(states, found)


def decide(command: ShiftCommand, states: States, now: datetime) -> Decision:
    sale = planned(states, command.sale)
    match command:
        case PlanShift():
            return shifts.plan(command, sale)
        case DropShift():
            return shifts.drop(command, sale)
        case TakeShift():
            known = participation_of(states, command.participation)
            return shifts.take(command, known, sale, ledger_of(states, command.sale), now)
        case GiveUpShift():
            known = participation_of(states, command.participation)
            return shifts.give_up(command, known, sale, ledger_of(states, command.sale), now)
        case RecordWork() | RecordNoShow() | RetractWork():
            known = numbered(states, sale, command.consignor)
            return shifts.record(command, known, sale, ledger_of(states, command.sale), now)
