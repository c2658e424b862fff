"""What a cashier asks at a till: which actors each command decides over, and who decides it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from consign.domain.decision import Decision
from consign.domain.recorded import StreamName
from consign.domain.session import state as session
from consign.domain.session.commands import (
    AbandonBasket,
    CloseSession,
    MoveCash,
    OpenSession,
    Pay,
    RecallBasket,
    RefundReceipt,
    RemoveLine,
    Scan,
    SessionCommand,
    SuspendBasket,
    VoidReceipt,
)
from consign.domain.turns import basket, closing_tills, drawer, paying, recalling, refunding, voiding
from consign.domain.turns.actors import (
    States,
    ledger_of,
    ledger_stream,
    opened,
    planned,
    sale_stream,
    session_stream,
)


def needs(command: SessionCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case Scan() | Pay() | RemoveLine() | AbandonBasket() | VoidReceipt() | RefundReceipt():
            return _selling(command, states)
        case SuspendBasket() | MoveCash() | CloseSession():
            return _closing(command, states)
        case RecallBasket():
            return _recalling(command, states)
        case OpenSession():
            return (session_stream(command.session), sale_stream(command.sale))


def decide(command: SessionCommand, states: States, now: datetime) -> Decision:  # noqa: C901 - a case a command
    match command:
        case Scan():
            here = opened(states, command.session)
            return basket.scan(command, here, ledger_of(states, here.sale), planned(states, here.sale), now)
        case Pay():
            here = opened(states, command.session)
            return paying.pay(command, here, ledger_of(states, here.sale), planned(states, here.sale), now)
        case RemoveLine():
            here = opened(states, command.session)
            return basket.remove_line(command, here, ledger_of(states, here.sale), planned(states, here.sale))
        case AbandonBasket():
            here = opened(states, command.session)
            return basket.abandon(command, here, ledger_of(states, here.sale), planned(states, here.sale))
        case SuspendBasket():
            here = opened(states, command.session)
            return basket.suspend(command, here, planned(states, here.sale))
        case RecallBasket():
            here = opened(states, command.session)
            over = (ledger_of(states, here.sale), planned(states, here.sale))
            return recalling.recall(command, here, *over, states, now)
        case OpenSession():
            return drawer.open_session(command, planned(states, command.sale), states[session_stream(command.session)])
        case VoidReceipt():
            here = opened(states, command.session)
            return voiding.void(command, here, ledger_of(states, here.sale), planned(states, here.sale), now)
        case RefundReceipt():
            here = opened(states, command.session)
            return refunding.refund(command, here, ledger_of(states, here.sale), planned(states, here.sale), now)
        case MoveCash():
            return drawer.move_cash(command, opened(states, command.session))
        case CloseSession():
            here = opened(states, command.session)
            return closing_tills.close_session(command, here, planned(states, here.sale), now)


def _selling(
    command: Scan | Pay | RemoveLine | AbandonBasket | VoidReceipt | RefundReceipt, states: Mapping[StreamName, Any]
) -> tuple[StreamName, ...]:
    stream = session_stream(command.session)
    match states.get(stream):
        case session.Open(sale=sale_id):
            return (stream, ledger_stream(sale_id), sale_stream(sale_id))
        case _:
            return (stream,)


def _closing(command: SuspendBasket | MoveCash | CloseSession, states: States) -> tuple[StreamName, ...]:
    stream = session_stream(command.session)
    match states.get(stream), command:
        case session.Open(sale=sale_id), CloseSession() | SuspendBasket():
            return (stream, sale_stream(sale_id))
        case _:
            return (stream,)


def _recalling(command: RecallBasket, states: States) -> tuple[StreamName, ...]:
    stream = session_stream(command.session)
    match states.get(stream):
        case session.Open(sale=sale_id) as here:
            streams = (stream, ledger_stream(sale_id), sale_stream(sale_id))
            if streams[1] not in states:
                return streams
            owner = recalling.owner_of(command, here, ledger_of(states, sale_id))
            return streams if owner in (None, here.session) else (*streams, session_stream(owner))
        case _:
            return (stream,)
