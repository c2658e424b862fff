"""Giving up payouts that nobody fetched for as long as the sale's policy says: by command, or by themselves in time."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.settlement.commands import ForfeitPayouts, ForfeitUncollected, PayoutsAnswer, WatchUncollected
from consign.domain.settlement.events import PayoutForfeited
from consign.domain.settlement.policy import SettlementPolicy
from consign.domain.settlement.state import Payout, PayoutStatus, Settlement, Stage
from consign.domain.turns.actors import require_phase, settlement_stream
from consign.domain.turns.deadlines import early
from consign.domain.turns.freezing import SETTLED, require_frozen
from consign.domain.turns.payout_batches import WAITING, in_status
from consign.domain.values import ROWS_LIMIT, Done

GIVEN_UP_BY_POLICY = "nobody fetched it in time"
_NEXT_TURN = timedelta(seconds=1)


def forfeit(command: ForfeitPayouts, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Give up what nobody fetched for as long as the sale's policy says, to whom it says."""
    require_phase(sale, SETTLED, "Giving up payouts")
    require_frozen(settlement, "Giving up follows")
    policy = sale.settings.settlement
    if policy.forfeit_after_days is None:
        raise Rejected(Reason.FORFEIT_TOO_EARLY, "The sale's settings say that no payout is ever given up.")
    before = now - timedelta(days=policy.forfeit_after_days)
    if command.payouts:
        chosen = [in_status(settlement, number, WAITING, "given up") for number in dict.fromkeys(command.payouts)]
        early = next((payout for payout in chosen if payout.due_at > before), None)
        if early is not None:
            raise Rejected(
                Reason.FORFEIT_TOO_EARLY,
                f"{early.payout} is due since {early.due_at:%Y-%m-%d}: "
                f"only after {policy.forfeit_after_days} days it is given up.",
            )
    else:
        waiting = (payout for payout in settlement.payouts.values() if payout.status in WAITING)
        late = (payout for payout in waiting if payout.due_at <= before)
        chosen = sorted(late, key=lambda payout: (payout.due_at, payout.consignor, payout.payout))[:ROWS_LIMIT]
    events = tuple(_forfeited(payout, sale) for payout in chosen)
    total_minor = sum(payout.amount_minor for payout in chosen)
    return Decision(events, PayoutsAnswer(len(chosen), total_minor, sale.currency))


def forfeit_uncollected(command: ForfeitUncollected, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Give up one payout at its time, if it still waits to be fetched; look again where the time was put off."""
    payout = settlement.payouts.get(command.payout)
    waits = payout is not None and payout.status is PayoutStatus.UNCOLLECTED and settlement.stage is Stage.FROZEN
    if payout is None or not waits or sale.phase not in SETTLED:
        return Decision((), Done())
    due_at = _given_up_at(payout, sale)
    if due_at is None:
        return Decision((), Done())
    again = early(due_at, now)
    if again is not None:
        return Decision((), Done(), (_timer(payout, sale, again, now),))
    return Decision((_forfeited(payout, sale),), Done())


def forfeit_timers(payout: Payout, sale: Planned, now: datetime) -> tuple[Timer, ...]:
    """Return the timer that gives up what nobody fetched, where the sale's policy does."""
    due_at = _given_up_at(payout, sale)
    return () if due_at is None else (_timer(payout, sale, max(due_at, now), now),)


def watch(command: WatchUncollected, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Set the timers of what nobody fetched so far, the next in the order of their numbers."""
    left = (payout for payout in settlement.payouts.values() if payout.status is PayoutStatus.UNCOLLECTED)
    waiting = sorted((payout for payout in left if _counter(payout) > command.after), key=_counter)
    chosen = waiting[:ROWS_LIMIT]
    timers = [timer for payout in chosen for timer in forfeit_timers(payout, sale, now)]
    if len(waiting) > len(chosen):
        timers.append(_watch_timer(sale, _counter(chosen[-1]), now + _NEXT_TURN, now))
    return Decision((), Done(), tuple(timers))


def policy_timers(sale: Planned, policy: SettlementPolicy, now: datetime) -> tuple[Timer, ...]:
    """Return the timer that looks at what nobody fetched, where the policy gives it a time that it had not before."""
    days = policy.forfeit_after_days
    is_other = days is not None and days != sale.settings.settlement.forfeit_after_days
    return (_watch_timer(sale, 0, now, now),) if is_other else ()


def _counter(payout: Payout) -> int:
    return int(payout.payout.removeprefix("P"))


def _watch_timer(sale: Planned, after: int, due_at: datetime, now: datetime) -> Timer:
    name = f"watch uncollected after {after} {due_at.isoformat()} {now.isoformat()}"
    return Timer(uuid5(UUID(sale.sale), name), due_at, WatchUncollected(sale.sale, after))


def _given_up_at(payout: Payout, sale: Planned) -> datetime | None:
    days = sale.settings.settlement.forfeit_after_days
    return None if days is None else payout.due_at + timedelta(days=days)


def _timer(payout: Payout, sale: Planned, due_at: datetime, now: datetime) -> Timer:
    """Name the timer by when it was set, too: one that fired early by a clock's difference is set anew."""
    name = f"forfeit {payout.payout} {due_at.isoformat()} {now.isoformat()}"
    return Timer(uuid5(UUID(sale.sale), name), due_at, ForfeitUncollected(sale.sale, payout.payout))


def _forfeited(payout: Payout, sale: Planned) -> Emitted:
    given_up = PayoutForfeited(
        sale.sale,
        payout.payout,
        payout.participation,
        payout.amount_minor,
        sale.settings.settlement.forfeit_to,
        GIVEN_UP_BY_POLICY,
    )
    return Emitted(settlement_stream(sale.sale), given_up)
