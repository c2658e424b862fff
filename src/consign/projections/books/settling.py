"""Which rows of the books the events of settling touch."""

from collections.abc import Iterable, Sequence

from consign.domain.accounts import (
    BANK,
    CARRIED,
    CASH_ROUNDING,
    CHARITY,
    COMPENSATION,
    FEES,
    cash_account,
    payable_account,
)
from consign.domain.books.settling import Given, PaidOut, Stated
from consign.domain.session.events import CashPaidOut
from consign.domain.settlement.events import (
    BalanceBroughtForward,
    CharityPaid,
    ConsignorAdjusted,
    PayoutCarried,
    PayoutForfeited,
    PayoutReturned,
    PayoutsPaid,
    StatementIssued,
    StatementsCancelled,
)
from consign.domain.settlement.policy import FORFEITED_TO
from consign.domain.values import ParticipationId

type Settled = Given | Stated | PaidOut

SETTLED = frozenset(
    {
        "consignor-adjusted",
        "balance-brought-forward",
        "statement-issued",
        "statements-cancelled",
        "payouts-paid",
        "payout-returned",
        "payout-forfeited",
        "payout-carried",
        "cash-paid-out",
        "charity-paid",
    }
)


def touched(event: Settled) -> tuple[Sequence[ParticipationId], Sequence[str]]:
    """Return the consignors and the accounts that the event may move."""
    participations = _consignors(event)
    return participations, (*map(payable_account, participations), *dict.fromkeys(_others(event)))


def _consignors(event: Settled) -> Sequence[ParticipationId]:
    match event:
        case StatementsCancelled(cancelled=cancelled):
            return [each.participation for each in cancelled]
        case PayoutsPaid(payouts=payouts):
            return list(dict.fromkeys(each.participation for each in payouts))
        case CharityPaid():
            return ()
        case (
            ConsignorAdjusted()
            | BalanceBroughtForward()
            | StatementIssued()
            | PayoutReturned()
            | PayoutForfeited()
            | PayoutCarried()
            | CashPaidOut()
        ):
            return (event.participation,)


def _others(event: Settled) -> Iterable[str]:
    match event:
        case ConsignorAdjusted():
            return (COMPENSATION,)
        case StatementIssued():
            return (COMPENSATION, CHARITY)
        case CharityPaid():
            return (CHARITY, BANK)
        case BalanceBroughtForward() | PayoutCarried():
            return (CARRIED,)
        case StatementsCancelled(cancelled=cancelled):
            kept = (payout.kept_in for each in cancelled for payout in each.payouts if payout.kept_in)
            return (COMPENSATION, CHARITY, *kept)
        case PayoutsPaid() | PayoutReturned():
            return (FEES, BANK)
        case PayoutForfeited(to=to):
            return (FORFEITED_TO[to],)
        case CashPaidOut(session=session):
            return (FEES, CASH_ROUNDING, cash_account(session))
