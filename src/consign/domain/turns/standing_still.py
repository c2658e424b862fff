"""While a settlement is being frozen nothing moves a consignor's figures: its statements are one cut through the sale.

A freeze is many commands, and others come in between. Whatever would change what somebody was just told, or is about to
be told, is refused as retryable for as long as the freeze lasts: seconds, and never longer than its limit.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, get_args
from uuid import UUID, uuid5

from consign.domain.decision import Decision, Timer
from consign.domain.ledger.floor_events import ItemsFound, ItemsLost
from consign.domain.ledger.manual_lines import ManualLineCredited, ManualLineMatched
from consign.domain.participation.commands import EndUnpaidParticipation, GrantReferralReward
from consign.domain.participation.events import (
    ConsignorRegistered,
    ConsignorTermsChanged,
    LateDropOffCharged,
    ListsCharged,
    ParticipationEnded,
    ParticipationReopened,
    ProceedsPledged,
    ReferralRewarded,
)
from consign.domain.participation.fee_events import FeePaid, FeeRefunded, FeeWaived
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned, SaleSettingsChanged
from consign.domain.session.events import BasketPaid, ReceiptVoided, RefundPaid
from consign.domain.settlement.events import BalanceBroughtForward, ConsignorAdjusted
from consign.domain.settlement.state import Stage
from consign.domain.shifts.events import ConsignorTierEarned
from consign.domain.turns.actors import States, sale_stream, settlement_of, settlement_stream
from consign.domain.values import Done, SaleId

type MovesFigures = (
    BasketPaid
    | ReceiptVoided
    | RefundPaid
    | ManualLineMatched
    | ManualLineCredited
    | ItemsLost
    | ItemsFound
    | ConsignorRegistered
    | ConsignorTermsChanged
    | ConsignorTierEarned
    | ReferralRewarded
    | FeePaid
    | FeeWaived
    | FeeRefunded
    | ListsCharged
    | LateDropOffCharged
    | ProceedsPledged
    | ParticipationEnded
    | ParticipationReopened
    | SaleSettingsChanged
    | ConsignorAdjusted
    | BalanceBroughtForward
)
"""What changes a consignor's net, or how it is computed. What a freeze itself issues is not among them."""

MOVES_FIGURES: frozenset[type] = frozenset(get_args(MovesFigures.__value__))

_AGAIN = timedelta(seconds=5)


def settlements_of(streams: Iterable[StreamName], states: States) -> list[StreamName]:
    """Name the settlements to look at, too: those of the sales among the streams that may be freezing."""
    sales = (states.get(stream) for stream in streams)
    return [settlement_stream(sale.sale) for sale in sales if isinstance(sale, Planned) and _may_freeze(sale)]


def _may_freeze(sale: Planned) -> bool:
    return sale.phase is Phase.SETTLEMENT


def held_still(command: Any, decision: Decision, states: States, now: datetime) -> Decision:
    """Return the decision, or put off what a timer asked for; raises Rejected with `settlement_freezing`."""
    moving = (emitted.event for emitted in decision.events if type(emitted.event) in MOVES_FIGURES)
    held = next((event.sale for event in moving if _freezing(event.sale, states)), None)
    if held is None:
        return decision
    match command:
        # A timer is told once: refused, what it asks for would never happen.
        case GrantReferralReward(participation=participation) | EndUnpaidParticipation(participation=participation):
            timer_id = uuid5(UUID(participation), f"{type(command).__name__} put off at {now.isoformat()}")
            return Decision((), Done(), (Timer(timer_id, now + _AGAIN, command),))
        case _:
            raise Rejected(
                Reason.SETTLEMENT_FREEZING,
                "The sale's statements are being issued, which takes a moment. Say it again after that.",
            )


def _freezing(sale: SaleId, states: States) -> bool:
    """Whether the sale's settlement is being frozen; whoever moves figures decides over the sale, too."""
    known = states[sale_stream(sale)]
    return isinstance(known, Planned) and _may_freeze(known) and settlement_of(states, sale).stage is Stage.FREEZING
