"""Reopening a settlement before money left: one numbered cancellation of every statement that stands."""

from typing import NamedTuple

from consign.domain.decision import Decision, Emitted
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.settlement.commands import CANCELLATIONS_LIMIT, LINES_LIMIT, ReopenAnswer, ReopenSettlement
from consign.domain.settlement.events import (
    CancellationNumber,
    CancelledStatements,
    ReleasedPayout,
    SettlementEvent,
    SettlementReopened,
    StatementsCancelled,
)
from consign.domain.settlement.folding import evolve
from consign.domain.settlement.state import REPLACED, PayoutStatus, Settlement, Stage
from consign.domain.turns.actors import require_phase, settlement_stream
from consign.domain.turns.freezing import SETTLING


def reopen(command: ReopenSettlement, sale: Planned, settlement: Settlement) -> Decision:
    """Cancel the next statements; with the last one the settlement is open. Open already: nothing happens."""
    if settlement.stage is Stage.OPEN:
        done = ReopenAnswer(sale.sale, CancellationNumber(f"C{settlement.cancellation_counter}"), 0, 0)
        return Decision((), done)
    require_phase(sale, SETTLING, "Reopening the settlement")
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the statements are cancelled.")
    _require_unpaid(settlement)
    cancelled = cancel_next(sale, settlement, command.reason)
    return Decision(cancelled.events, cancelled.answer)


class Cancelled(NamedTuple):
    """The next chunk of a cancellation."""

    events: tuple[Emitted, ...]
    answer: ReopenAnswer


def cancel_next(sale: Planned, settlement: Settlement, reason: str) -> Cancelled:
    """Cancel the next statements that stand; with the last one the settlement is open."""
    counter = settlement.cancellation_counter + (settlement.stage is not Stage.REOPENING)
    number = CancellationNumber(f"C{counter}")
    cancelled = _next(sale, settlement)
    cancelling = StatementsCancelled(sale.sale, number, counter, cancelled, reason)
    events: list[SettlementEvent] = [cancelling]
    settlement = evolve(settlement, cancelling)
    remaining = sum(bool(standing.statements) for standing in settlement.standings.values())
    if not remaining:
        batches = tuple(sorted(name for name, batch in settlement.batches.items() if batch.open))
        events.append(SettlementReopened(sale.sale, settlement.round, number, reason, batches))
    stream = settlement_stream(sale.sale)
    answer = ReopenAnswer(sale.sale, number, len(cancelled), remaining)
    return Cancelled(tuple(Emitted(stream, event) for event in events), answer)


def _require_unpaid(settlement: Settlement) -> None:
    sent = sum(payout.status is PayoutStatus.SENT for payout in settlement.payouts.values())
    if settlement.moved or sent:
        why = f"{sent} payouts are under way" if sent else "money was paid out"
        raise Rejected(
            Reason.PAYOUTS_MADE, f"{why.capitalize()}: the statements stay as they are. Issue supplements instead."
        )


def _next(sale: Planned, settlement: Settlement) -> tuple[CancelledStatements, ...]:
    chosen: list[CancelledStatements] = []
    lines = 0
    for number in sorted(sale.consignors):
        standing = settlement.standing(sale.consignors[number])
        if not standing.statements:
            continue
        lines += len(standing.lines)
        if len(chosen) == CANCELLATIONS_LIMIT or (chosen and lines > LINES_LIMIT):
            break
        payouts = (settlement.payouts[payout] for payout in standing.payouts)
        chosen.append(
            CancelledStatements(
                sale.consignors[number],
                number,
                standing.statements,
                standing.stated,
                tuple(sorted(standing.lines)),
                tuple(
                    ReleasedPayout(payout.payout, payout.amount_minor, payout.kept_in)
                    for payout in payouts
                    if payout.status not in REPLACED
                ),
            )
        )
    return tuple(chosen)
