"""What becomes of a single payout: paid at a till, returned, left, made again, carried or given up."""

from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.money import cash_rounding
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.events import CashPaidOut
from consign.domain.session.state import Open
from consign.domain.settlement.commands import (
    CarryPayout,
    LeavePayoutUncollected,
    PaidOutAnswer,
    PayoutAnswer,
    PayOutInCash,
    ReissuePayout,
    ReturnPayout,
)
from consign.domain.settlement.events import (
    PayoutCarried,
    PayoutNumber,
    PayoutPaidAtTill,
    PayoutReissued,
    PayoutReturned,
    PayoutUncollected,
)
from consign.domain.settlement.policy import PayoutMethod
from consign.domain.settlement.state import Payout, PayoutStatus, Settlement
from consign.domain.turns.actors import require_phase, session_stream, settlement_stream
from consign.domain.turns.drawer import require_cash
from consign.domain.turns.forfeiting import forfeit_timers
from consign.domain.turns.freezing import SETTLED, require_frozen
from consign.domain.turns.payout_batches import WAITING, fee_of, in_status, payout_of

_FAILED = frozenset((PayoutStatus.RETURNED, PayoutStatus.UNCOLLECTED))


def pay_in_cash(command: PayOutInCash, session: Open, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Pay out of this session's drawer, less the fee, rounded to the coins there are."""
    require_phase(sale, SETTLED, "Paying out")
    require_frozen(settlement, "Payouts follow")
    payout = in_status(settlement, command.payout, frozenset((PayoutStatus.DUE,)), "paid out")
    fee_minor = fee_of(payout, PayoutMethod.CASH, sale)
    left_minor = payout.amount_minor - fee_minor
    if left_minor <= 0:
        raise Rejected(Reason.NOTHING_TO_PAY, f"The fee of {fee_minor} leaves nothing of {payout.payout} to pay.")
    rounding_minor = cash_rounding(left_minor, sale.settings.cash_rounding_minor)
    cash_minor = left_minor + rounding_minor
    require_cash(session, cash_minor)
    paid = CashPaidOut(
        sale.sale,
        session.session,
        session.till,
        payout.payout,
        payout.participation,
        payout.amount_minor,
        fee_minor,
        rounding_minor,
    )
    at_till = PayoutPaidAtTill(
        sale.sale,
        payout.payout,
        payout.participation,
        payout.amount_minor,
        fee_minor,
        session.session,
        session.till,
        now,
    )
    return Decision(
        (Emitted(session_stream(session.session), paid), Emitted(settlement_stream(sale.sale), at_till)),
        PaidOutAnswer(
            payout.payout,
            payout.amount_minor,
            fee_minor,
            cash_minor,
            session.cash_minor - cash_minor,
            sale.currency,
        ),
    )


def give_back(command: ReturnPayout, sale: Planned, settlement: Settlement) -> Decision:
    """Record that the bank did not pay, or took back what it had paid."""
    payout = payout_of(settlement, command.payout)
    if payout.status is PayoutStatus.RETURNED:
        return Decision((), _answer(payout, sale))
    _require_reason(command.reason, "came back")
    payout = in_status(settlement, command.payout, frozenset((PayoutStatus.SENT, PayoutStatus.PAID)), "returned")
    if payout.batch is None:
        raise Rejected(Reason.WRONG_PAYOUT_STATUS, f"{payout.payout} was paid in cash: nothing can come back.")
    event = PayoutReturned(
        sale.sale,
        payout.payout,
        payout.participation,
        payout.amount_minor,
        payout.charged_minor,
        payout.status is PayoutStatus.PAID,
        command.reason,
    )
    return Decision((Emitted(settlement_stream(sale.sale), event),), _answer(payout, sale))


def leave(command: LeavePayoutUncollected, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Record that nobody fetched the money; where the sale's settings say so, it is given up in time by itself."""
    payout = payout_of(settlement, command.payout)
    if payout.status is PayoutStatus.UNCOLLECTED:
        return Decision((), _answer(payout, sale))
    require_frozen(settlement, "Leaving a payout follows")
    payout = in_status(settlement, command.payout, frozenset((PayoutStatus.DUE, PayoutStatus.SENT)), "left")
    event = PayoutUncollected(sale.sale, payout.payout, payout.participation, payout.amount_minor, command.reason)
    timers = forfeit_timers(payout, sale, now)
    return Decision((Emitted(settlement_stream(sale.sale), event),), _answer(payout, sale), timers)


def reissue(command: ReissuePayout, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Make another payout in place of one that did not reach its consignor, who bears the fee for it."""
    require_phase(sale, SETTLED, "Making a payout again")
    payout = in_status(settlement, command.payout, _FAILED, "made again")
    counter = settlement.payout_counter + 1
    number = PayoutNumber(f"P{counter}")
    event = PayoutReissued(
        sale.sale,
        payout.payout,
        number,
        counter,
        payout.participation,
        payout.consignor,
        payout.amount_minor,
        payout.fee_minor + sale.settings.settlement.reissue_fee_minor,
        now,
    )
    return Decision(
        (Emitted(settlement_stream(sale.sale), event),), PayoutAnswer(number, payout.amount_minor, sale.currency)
    )


def carry(command: CarryPayout, sale: Planned, settlement: Settlement) -> Decision:
    """Keep the money for a later sale of the consignor's."""
    require_phase(sale, SETTLED, "Carrying a payout")
    require_frozen(settlement, "Carrying follows")
    _require_reason(command.reason, "is carried")
    payout = in_status(settlement, command.payout, WAITING, "carried")
    event = PayoutCarried(sale.sale, payout.payout, payout.participation, payout.amount_minor, command.reason)
    return Decision((Emitted(settlement_stream(sale.sale), event),), _answer(payout, sale))


def _answer(payout: Payout, sale: Planned) -> PayoutAnswer:
    return PayoutAnswer(payout.payout, payout.amount_minor, sale.currency)


def _require_reason(reason: str, what: str) -> None:
    if not reason.strip():
        raise Rejected(Reason.REASON_NEEDED, f"Say why the payout {what}.")
