"""What is asked of participations: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.participation import state as participation
from consign.domain.participation.commands import (
    ChangeConsignorProfile,
    ChangeConsignorTerms,
    ParticipationCommand,
    RegisterConsignor,
    RegisterConsignors,
)
from consign.domain.recorded import StreamName
from consign.domain.turns import registration
from consign.domain.turns.actors import (
    States,
    ledger_of,
    ledger_stream,
    participation_of,
    participation_stream,
    planned,
    sale_stream,
)


def needs(command: ParticipationCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case RegisterConsignor():
            return (sale_stream(command.sale), participation_stream(command.participation))
        case RegisterConsignors():
            return (sale_stream(command.sale), *(participation_stream(row.participation) for row in command.rows))
        case ChangeConsignorProfile():
            return (participation_stream(command.participation),)
        case ChangeConsignorTerms():
            return _changing_terms(command, states)


def decide(command: ParticipationCommand, states: States, _: datetime) -> Decision:
    match command:
        case RegisterConsignor():
            known = participation_of(states, command.participation)
            return registration.register(command, planned(states, command.sale), known)
        case RegisterConsignors():
            return registration.register_many(command, planned(states, command.sale), states)
        case ChangeConsignorProfile():
            return registration.change_profile(
                command, registration.registered(participation_of(states, command.participation))
            )
        case ChangeConsignorTerms():
            theirs = registration.registered(participation_of(states, command.participation))
            return registration.change_terms(
                command, theirs, planned(states, theirs.sale), ledger_of(states, theirs.sale)
            )


def _changing_terms(command: ChangeConsignorTerms, states: States) -> tuple[StreamName, ...]:
    stream = participation_stream(command.participation)
    match states.get(stream):
        case participation.Registered(sale=sale_id):
            return (stream, sale_stream(sale_id), ledger_stream(sale_id))
        case _:
            return (stream,)
