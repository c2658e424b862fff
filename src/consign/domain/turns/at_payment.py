"""What is asked while a basket is being paid: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.session import state as session
from consign.domain.session.paying_commands import (
    ApprovePayment,
    BeginPaying,
    CancelPaying,
    CancelPayment,
    DeclinePayment,
    ExpirePayment,
    PayingCommand,
    RecordPaymentRefund,
    RequestPayment,
    TakeTenders,
)
from consign.domain.turns import asking_providers, tendering
from consign.domain.turns.actors import (
    States,
    ledger_of,
    ledger_stream,
    opened,
    planned,
    sale_stream,
    session_stream,
)
from consign.domain.values import SessionId


def needs(command: PayingCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case RecordPaymentRefund():
            return (sale_stream(command.sale), ledger_stream(command.sale))
        case (
            BeginPaying()
            | TakeTenders()
            | RequestPayment()
            | CancelPaying()
            | CancelPayment()
            | ApprovePayment()
            | DeclinePayment()
            | ExpirePayment()
        ):
            stream = session_stream(command.session)
            match states.get(stream):
                case session.Open(sale=sale_id) | session.Closed(sale=sale_id):
                    return (stream, ledger_stream(sale_id), sale_stream(sale_id))
                case _:
                    return (stream,)


def decide(command: PayingCommand, states: States, now: datetime) -> Decision:
    match command:
        case BeginPaying() | TakeTenders() | RequestPayment() | CancelPaying():
            return _at_till(command, states, now)
        case CancelPayment() | ApprovePayment() | DeclinePayment() | ExpirePayment():
            return _of_payment(command, states, now)
        case RecordPaymentRefund():
            return asking_providers.record_refund(
                command, ledger_of(states, command.sale), planned(states, command.sale), now
            )


def _at_till(
    command: BeginPaying | TakeTenders | RequestPayment | CancelPaying, states: States, now: datetime
) -> Decision:
    here = opened(states, command.session)
    ledger, sale = ledger_of(states, here.sale), planned(states, here.sale)
    match command:
        case BeginPaying():
            return tendering.begin(command, here, ledger, sale, now)
        case TakeTenders():
            return tendering.take(command, here, ledger, sale, now)
        case RequestPayment():
            return asking_providers.request(command, here, ledger, sale, now)
        case CancelPaying():
            return tendering.cancel(command, here, ledger, sale, now)


def _of_payment(
    command: CancelPayment | ApprovePayment | DeclinePayment | ExpirePayment, states: States, now: datetime
) -> Decision:
    """Decide what is told of a payment, also when its session was closed meanwhile."""
    here = _known_session(command.session, states)
    ledger, sale = ledger_of(states, here.sale), planned(states, here.sale)
    match command:
        case CancelPayment():
            return asking_providers.cancel(command, here, ledger, sale, now)
        case ApprovePayment():
            return asking_providers.approve(command, here, ledger, sale, now)
        case DeclinePayment():
            return asking_providers.decline(command, here, ledger, sale, now)
        case ExpirePayment():
            return asking_providers.expire(command, here, ledger, now)


def _known_session(session_id: SessionId, states: States) -> session.Open | session.Closed:
    found: session.Session = states[session_stream(session_id)]
    match found:
        case session.Open() | session.Closed():
            return found
        case session.Unknown():
            raise Rejected(Reason.UNKNOWN_SESSION, "There is no session with this id.")
