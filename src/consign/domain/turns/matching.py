"""What is asked about lines without a tag: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.manual_commands import (
    AddManualLine,
    CreditManualLine,
    KeepManualLine,
    ManualLineCommand,
    MatchManualLine,
)
from consign.domain.recorded import StreamName
from consign.domain.session import state as session
from consign.domain.turns import manual_lines
from consign.domain.turns.actors import (
    States,
    ledger_of,
    ledger_stream,
    opened,
    planned,
    sale_stream,
    session_stream,
)


def needs(command: ManualLineCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case AddManualLine():
            stream = session_stream(command.session)
            match states.get(stream):
                case session.Open(sale=sale_id):
                    return (stream, ledger_stream(sale_id), sale_stream(sale_id))
                case _:
                    return (stream,)
        case MatchManualLine() | CreditManualLine() | KeepManualLine():
            return (sale_stream(command.sale), ledger_stream(command.sale))


def decide(command: ManualLineCommand, states: States, now: datetime) -> Decision:
    match command:
        case AddManualLine():
            here = opened(states, command.session)
            return manual_lines.add(command, here, ledger_of(states, here.sale), planned(states, here.sale), now)
        case MatchManualLine():
            return manual_lines.match(command, ledger_of(states, command.sale), planned(states, command.sale), now)
        case CreditManualLine():
            return manual_lines.credit(command, ledger_of(states, command.sale), planned(states, command.sale))
        case KeepManualLine():
            return manual_lines.keep(command, ledger_of(states, command.sale), planned(states, command.sale))
