"""Fees, for taking part and for being late: received, given back, waived; whole, and never twice."""

from datetime import datetime

from msgspec.structs import replace

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.money import cash_rounding
from consign.domain.participation.fee_commands import (
    FeeAnswer,
    GiveFeeBack,
    ReceiveFee,
    RecordFeePayment,
    RecordFeeRefund,
    WaiveFee,
)
from consign.domain.participation.fee_events import FeeMeans, FeePaid, FeeRefunded, FeeWaived
from consign.domain.participation.state import Ended, Fee, FeeStatus, Participation, Registered
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned
from consign.domain.session.events import FeeReceived, FeeReturned
from consign.domain.session.state import Open
from consign.domain.turns.actors import participation_stream, require_currency, session_stream
from consign.domain.turns.drawer import require_cash
from consign.domain.turns.leaving import reopened
from consign.domain.turns.referring import on_fee_paid
from consign.domain.turns.registration import registered


def receive(command: ReceiveFee, session: Open, known: Participation, sale: Planned, now: datetime) -> Decision:
    """Take the fee at a till."""
    if command.reopen and command.role != "organizer":
        raise Rejected(Reason.ROLE_NEEDED, "Only an organizer may bring back a participation that ended.")
    theirs, again = _paying(command, known, sale, now)
    charged_minor = theirs.fee_for(command.fee).charged_minor
    rounding_minor = _rounding(charged_minor, command.means, sale)
    paid = FeePaid(
        theirs.participation,
        theirs.sale,
        theirs.number,
        charged_minor,
        FeeMeans(command.means),
        now,
        rounding_minor,
        command.reference,
        session.session,
        session.till,
        command.fee,
    )
    taken_minor = paid.amount_minor + rounding_minor
    received = FeeReceived(
        session.sale,
        session.session,
        session.till,
        theirs.participation,
        FeeMeans(command.means),
        taken_minor,
        session.cashier,
        command.fee,
    )
    return _decided(
        theirs,
        sale,
        FeeStatus.PAID,
        paid.amount_minor,
        (
            *again,
            Emitted(session_stream(session.session), received),
            Emitted(participation_stream(theirs.participation), paid),
        ),
        _rewards(command, theirs, sale, now),
        rounding_minor,
    )


def record_payment(command: RecordFeePayment, known: Participation, sale: Planned, now: datetime) -> Decision:
    """Record a fee that was paid elsewhere. The same payment said again changes nothing."""
    if not command.reference.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say by which reference the payment can be found.")
    if isinstance(known, Registered) and _is_said_before(command, fee := known.fee_for(command.fee)):
        return _decided(known, sale, FeeStatus.PAID, fee.paid_minor, ())
    theirs, again = _paying(command, known, sale, now)
    paid = FeePaid(
        theirs.participation,
        theirs.sale,
        theirs.number,
        theirs.fee_for(command.fee).charged_minor,
        FeeMeans(command.means),
        now,
        0,
        command.reference,
        fee=command.fee,
    )
    events = (*again, Emitted(participation_stream(theirs.participation), paid))
    return _decided(theirs, sale, FeeStatus.PAID, paid.amount_minor, events, _rewards(command, theirs, sale, now))


def _is_said_before(command: RecordFeePayment, fee: Fee) -> bool:
    """Whether this very payment is recorded: statements of a bank account are read in more than once."""
    same = fee.status is FeeStatus.PAID and fee.reference == command.reference
    return same and command.amount_minor in (None, fee.paid_minor)


def _paying(
    command: ReceiveFee | RecordFeePayment, known: Participation, sale: Planned, now: datetime
) -> tuple[Registered, tuple[Emitted, ...]]:
    """Return who pays what is due; raises Rejected with `fee_not_due`, `fee_amount_differs` and others."""
    require_currency(command.currency, sale.currency)
    again: tuple[Emitted, ...] = ()
    match known:
        case Ended(was=Registered() as was) if command.reopen:
            again, _ = reopened(was, sale, None, now)
            theirs = _charged_again(was)
        case _:
            theirs = registered(known)
    fee = theirs.fee_for(command.fee)
    if sale.phase is Phase.CANCELLED or fee.status is not FeeStatus.DUE:
        raise Rejected(Reason.FEE_NOT_DUE, f"Nothing is due: the fee's status is {_status(fee, sale)}.")
    if command.amount_minor not in (None, fee.charged_minor):
        raise Rejected(
            Reason.FEE_AMOUNT_DIFFERS,
            f"The fee is {fee.charged_minor} minor units, not {command.amount_minor}: it is paid whole.",
        )
    return theirs, again


def _rewards(
    command: ReceiveFee | RecordFeePayment, theirs: Registered, sale: Planned, now: datetime
) -> tuple[Timer, ...]:
    """Whoever brought this consignor is rewarded for the fee for taking part, not for that for being late."""
    return on_fee_paid(theirs, sale, now) if command.fee == "participation" else ()


def _charged_again(was: Registered) -> Registered:
    if was.fee.status is not FeeStatus.DUE:
        return was
    return replace(was, fee=replace(was.fee, charged_minor=was.fee.agreed_minor))


def give_back(command: GiveFeeBack, session: Open, known: Participation, sale: Planned, now: datetime) -> Decision:
    """Give a paid fee back out of a till."""
    theirs = _repaid(known, command)
    fee = theirs.fee_for(command.fee)
    amount_minor = fee.paid_minor
    rounding_minor = _rounding(amount_minor, command.means, sale)
    if command.means == "cash":
        require_cash(session, amount_minor + rounding_minor)
    refunded = FeeRefunded(
        theirs.participation,
        theirs.sale,
        theirs.number,
        amount_minor,
        _still_charged(fee, sale),
        FeeMeans(command.means),
        command.reason,
        now,
        rounding_minor,
        command.reference,
        session.session,
        session.till,
        command.fee,
    )
    given_minor = amount_minor + rounding_minor
    returned = FeeReturned(
        session.sale,
        session.session,
        session.till,
        theirs.participation,
        FeeMeans(command.means),
        given_minor,
        session.cashier,
        command.fee,
    )
    events = (
        Emitted(session_stream(session.session), returned),
        Emitted(participation_stream(theirs.participation), refunded),
    )
    return _decided(theirs, sale, FeeStatus.REFUNDED, amount_minor, events, (), rounding_minor)


def record_refund(command: RecordFeeRefund, known: Participation, sale: Planned, now: datetime) -> Decision:
    """Record that a paid fee was given back elsewhere."""
    if not command.reference.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say by which reference the refund can be found.")
    theirs = _repaid(known, command)
    fee = theirs.fee_for(command.fee)
    amount_minor = fee.paid_minor
    refunded = FeeRefunded(
        theirs.participation,
        theirs.sale,
        theirs.number,
        amount_minor,
        _still_charged(fee, sale),
        FeeMeans(command.means),
        command.reason,
        now,
        0,
        command.reference,
        fee=command.fee,
    )
    events = (Emitted(participation_stream(theirs.participation), refunded),)
    return _decided(theirs, sale, FeeStatus.REFUNDED, amount_minor, events)


def _repaid(known: Participation, command: GiveFeeBack | RecordFeeRefund) -> Registered:
    """Return who paid a fee, also after they ended; raises Rejected with `fee_not_paid` or `reason_needed`."""
    match known:
        case Ended(was=Registered() as was):
            theirs = was
        case _:
            theirs = registered(known)
    if not theirs.fee_for(command.fee).paid_minor:
        raise Rejected(Reason.FEE_NOT_PAID, "This consignor paid no fee: there is nothing to give back.")
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the fee is given back.")
    return theirs


def waive(command: WaiveFee, known: Participation, sale: Planned) -> Decision:
    """Let somebody take part without a fee; what they paid is to their credit."""
    theirs = registered(known)
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the fee is waived.")
    if not _still_charged(theirs.fee, sale):
        return _decided(theirs, sale, theirs.fee.status, 0, ())
    waived = FeeWaived(theirs.participation, theirs.sale, theirs.number, theirs.fee.charged_minor, command.reason)
    events = (Emitted(participation_stream(theirs.participation), waived),)
    return _decided(theirs, sale, FeeStatus.WAIVED, waived.uncharged_minor, events)


def _rounding(amount_minor: int, means: str, sale: Planned) -> int:
    return cash_rounding(amount_minor, sale.settings.cash_rounding_minor) if means == "cash" else 0


def _still_charged(fee: Fee, sale: Planned) -> int:
    """Return what is owed of the fee; a cancelled sale owes all of it back by itself."""
    return 0 if sale.phase is Phase.CANCELLED else fee.charged_minor


def _status(fee: Fee, sale: Planned) -> str:
    return "cancelled with the sale" if sale.phase is Phase.CANCELLED else fee.status.value


def _decided(
    theirs: Registered,
    sale: Planned,
    status: FeeStatus,
    amount_minor: int,
    events: tuple[Emitted, ...],
    timers: tuple[Timer, ...] = (),
    rounding_minor: int = 0,
) -> Decision:
    answer = FeeAnswer(theirs.participation, theirs.number, status, amount_minor, rounding_minor, sale.currency)
    return Decision(events, answer, timers)
