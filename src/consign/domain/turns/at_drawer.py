"""What is asked of a drawer beside the trade: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.recorded import StreamName
from consign.domain.session import state as session
from consign.domain.session.drawer_commands import (
    DrawerCommand,
    HandOverSession,
    ReceiveCash,
    SendCash,
    TakeCashBack,
)
from consign.domain.turns import handing_over, transfers
from consign.domain.turns.actors import States, opened, planned, sale_stream, session_stream


def needs(command: DrawerCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    stream = session_stream(command.session)
    match command:
        case HandOverSession():
            match states.get(stream):
                case session.Open(sale=sale_id):
                    return (stream, sale_stream(sale_id))
                case _:
                    return (stream,)
        case SendCash():
            return (stream, session_stream(command.to_session))
        case ReceiveCash():
            return (stream, session_stream(command.from_session))
        case TakeCashBack():
            return (stream,)


def decide(command: DrawerCommand, states: States, now: datetime) -> Decision:
    here = opened(states, command.session)
    match command:
        case HandOverSession():
            return handing_over.hand_over(command, here, planned(states, here.sale), now)
        case SendCash():
            return transfers.send(command, here, opened(states, command.to_session), now)
        case ReceiveCash():
            return transfers.receive(command, here, opened(states, command.from_session), now)
        case TakeCashBack():
            return transfers.take_back(command, here)
