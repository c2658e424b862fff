"""What is asked about fees: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.participation.fee_commands import (
    FeeCommand,
    GiveFeeBack,
    ReceiveFee,
    RecordFeePayment,
    RecordFeeRefund,
    WaiveFee,
    WaiveLateFee,
)
from consign.domain.participation.state import Participation
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.state import Open
from consign.domain.turns import fees, late_fee
from consign.domain.turns.actors import States, opened, participation_of, planned, session_stream
from consign.domain.turns.registration import unknown
from consign.domain.turns.taking_part import sale_of, with_sale


def needs(command: FeeCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case ReceiveFee() | GiveFeeBack():
            return (session_stream(command.session), *with_sale(command.participation, states))
        case RecordFeePayment() | RecordFeeRefund() | WaiveFee() | WaiveLateFee():
            return with_sale(command.participation, states)


def decide(command: FeeCommand, states: States, now: datetime) -> Decision:
    known = participation_of(states, command.participation)
    match command:
        case ReceiveFee():
            session = opened(states, command.session)
            return fees.receive(command, session, known, _sale_of(known, states, session), now)
        case GiveFeeBack():
            session = opened(states, command.session)
            return fees.give_back(command, session, known, _sale_of(known, states, session), now)
        case RecordFeePayment():
            return fees.record_payment(command, known, _sale_of(known, states), now)
        case RecordFeeRefund():
            return fees.record_refund(command, known, _sale_of(known, states), now)
        case WaiveFee():
            return fees.waive(command, known, _sale_of(known, states))
        case WaiveLateFee():
            return late_fee.waive(command, known, _sale_of(known, states))


def _sale_of(known: Participation, states: States, session: Open | None = None) -> Planned:
    """Return the participation's sale; a till takes and gives fees of its own sale only."""
    sale_id = sale_of(known)
    if sale_id is None:
        raise unknown()
    if session is not None and session.sale != sale_id:
        raise Rejected(Reason.WRONG_SALE, "This consignor takes part in another sale than this till's.")
    return planned(states, sale_id)
