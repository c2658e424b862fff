"""What becomes of a single payout: paid at a till, returned, left, made again, carried or given up."""

from datetime import datetime, timedelta

from consign.domain.decision import Decision, Emitted
from consign.domain.money import cash_rounding
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.events import CashPaidOut
from consign.domain.session.state import Open
from consign.domain.settlement.commands import (
    CarryPayout,
    ForfeitPayouts,
    LeavePayoutUncollected,
    PaidOutAnswer,
    PayoutAnswer,
    PayOutInCash,
    PayoutsAnswer,
    ReissuePayout,
    ReturnPayout,
)
from consign.domain.settlement.events import (
    PayoutCarried,
    PayoutForfeited,
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
from consign.domain.turns.freezing import SETTLED, require_frozen
from consign.domain.turns.payout_batches import fee_of, payout_of
from consign.domain.values import ROWS_LIMIT

GIVEN_UP_BY_POLICY = "nobody fetched it in time"

_WAITING = frozenset((PayoutStatus.DUE, PayoutStatus.RETURNED, PayoutStatus.UNCOLLECTED))
_FAILED = frozenset((PayoutStatus.RETURNED, PayoutStatus.UNCOLLECTED))


def pay_in_cash(command: PayOutInCash, session: Open, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Pay out of this session's drawer, less the fee, rounded to the coins there are."""
    require_phase(sale, SETTLED, "Paying out")
    require_frozen(settlement, "Payouts follow")
    payout = _in(settlement, command.payout, frozenset((PayoutStatus.DUE,)), "paid out")
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


def _in(settlement: Settlement, number: PayoutNumber, allowed: frozenset[PayoutStatus], what: str) -> Payout:
    payout = payout_of(settlement, number)
    if payout.status not in allowed:
        names = " or ".join(sorted(status.value for status in allowed))
        raise Rejected(
            Reason.WRONG_PAYOUT_STATUS, f"{number} is {payout.status}; only a payout that is {names} can be {what}."
        )
    return payout


def give_back(command: ReturnPayout, sale: Planned, settlement: Settlement) -> Decision:
    """Record that the bank did not pay, or took back what it had paid."""
    payout = payout_of(settlement, command.payout)
    if payout.status is PayoutStatus.RETURNED:
        return Decision((), _answer(payout, sale))
    _require_reason(command.reason, "came back")
    payout = _in(settlement, command.payout, frozenset((PayoutStatus.SENT, PayoutStatus.PAID)), "returned")
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


def leave(command: LeavePayoutUncollected, sale: Planned, settlement: Settlement) -> Decision:
    """Record that nobody fetched the money."""
    payout = payout_of(settlement, command.payout)
    if payout.status is PayoutStatus.UNCOLLECTED:
        return Decision((), _answer(payout, sale))
    require_frozen(settlement, "Leaving a payout follows")
    payout = _in(settlement, command.payout, frozenset((PayoutStatus.DUE, PayoutStatus.SENT)), "left")
    event = PayoutUncollected(sale.sale, payout.payout, payout.participation, payout.amount_minor, command.reason)
    return Decision((Emitted(settlement_stream(sale.sale), event),), _answer(payout, sale))


def reissue(command: ReissuePayout, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Make another payout in place of one that did not reach its consignor, who bears the fee for it."""
    require_phase(sale, SETTLED, "Making a payout again")
    payout = _in(settlement, command.payout, _FAILED, "made again")
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
    payout = _in(settlement, command.payout, _WAITING, "carried")
    event = PayoutCarried(sale.sale, payout.payout, payout.participation, payout.amount_minor, command.reason)
    return Decision((Emitted(settlement_stream(sale.sale), event),), _answer(payout, sale))


def forfeit(command: ForfeitPayouts, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Give up what nobody fetched for as long as the sale's policy says, to whom it says."""
    require_phase(sale, SETTLED, "Giving up payouts")
    require_frozen(settlement, "Giving up follows")
    policy = sale.settings.settlement
    if policy.forfeit_after_days is None:
        raise Rejected(Reason.FORFEIT_TOO_EARLY, "The sale's settings say that no payout is ever given up.")
    before = now - timedelta(days=policy.forfeit_after_days)
    if command.payouts:
        chosen = [_in(settlement, number, _WAITING, "given up") for number in dict.fromkeys(command.payouts)]
        early = next((payout for payout in chosen if payout.due_at > before), None)
        if early is not None:
            raise Rejected(
                Reason.FORFEIT_TOO_EARLY,
                f"{early.payout} is due since {early.due_at:%Y-%m-%d}: "
                f"only after {policy.forfeit_after_days} days it is given up.",
            )
    else:
        waiting = (payout for payout in settlement.payouts.values() if payout.status in _WAITING)
        late = (payout for payout in waiting if payout.due_at <= before)
        chosen = sorted(late, key=lambda payout: (payout.due_at, payout.consignor, payout.payout))[:ROWS_LIMIT]
    stream = settlement_stream(sale.sale)
    events = tuple(
        Emitted(
            stream,
            PayoutForfeited(
                sale.sale,
                payout.payout,
                payout.participation,
                payout.amount_minor,
                policy.forfeit_to,
                GIVEN_UP_BY_POLICY,
            ),
        )
        for payout in chosen
    )
    total_minor = sum(payout.amount_minor for payout in chosen)
    return Decision(events, PayoutsAnswer(len(chosen), total_minor, sale.currency))


def _answer(payout: Payout, sale: Planned) -> PayoutAnswer:
    return PayoutAnswer(payout.payout, payout.amount_minor, sale.currency)


def _require_reason(reason: str, what: str) -> None:
    if not reason.strip():
        raise Rejected(Reason.REASON_NEEDED, f"Say why the payout {what}.")
