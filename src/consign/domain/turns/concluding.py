"""The end of a freeze: it holds where the books say the same as the statements, else all of it is undone.

Statements are computed from what is sold; the books post event by event. Two ways to the same figures are compared
while nothing can move them, before anybody relies on either.
"""

from datetime import datetime, timedelta

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.settlement.commands import ConcludedAnswer, ConcludeFreeze, GiveUpFreeze
from consign.domain.settlement.events import SettlementFrozen
from consign.domain.settlement.state import UNFINISHED, Settlement, Stage
from consign.domain.turns.actors import settlement_stream
from consign.domain.turns.freezing import FREEZE_LIMIT, give_up_timer, remaining
from consign.domain.turns.reopening import Cancelled, cancel_next
from consign.domain.values import Done

NOBODY_WENT_ON = "nobody went on with the freeze"
BOOKS_NOT_ASKED = "The books could not be asked."

_NAMED = 10
_SHORTEST_WAIT = timedelta(seconds=1)


def conclude(command: ConcludeFreeze, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Freeze the settlement, or cancel its statements where the books disagree. Frozen already: nothing happens."""
    if settlement.round != command.round or settlement.stage in (Stage.OPEN, Stage.REOPENING):
        raise Rejected(
            Reason.SETTLEMENT_NOT_FROZEN, "This freeze was given up or reopened before its end. Freeze it again."
        )
    if settlement.stage is Stage.FROZEN:
        return Decision((), _answer(sale, settlement))
    left = remaining(sale, settlement)
    if left:
        raise Rejected(Reason.SETTLEMENT_NOT_FROZEN, f"{left} consignors have no statement yet. Repeat the freeze.")
    detail = _difference(command, settlement)
    if detail:
        undone = cancel_next(sale, settlement, detail)
        refused = ConcludedAnswer(
            sale.sale,
            frozen=False,
            statements=settlement.issued,
            figures=settlement.figures,
            net_minor=settlement.figures.net_minor,
            currency=sale.currency,
            seal=settlement.seal,
            detail=detail,
            differing=command.differing,
            unchecked=command.unchecked,
        )
        return Decision(undone.events, refused, _rest(command, undone, now))
    frozen = SettlementFrozen(
        sale.sale, settlement.round, settlement.issued, settlement.figures, sale.currency, settlement.seal, now
    )
    return Decision((Emitted(settlement_stream(sale.sale), frozen),), _answer(sale, settlement))


def give_up(command: GiveUpFreeze, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Undo a freeze that stands still, so that nothing stays refused for ever; look again later while it moves."""
    if settlement.round != command.round or settlement.stage in (Stage.OPEN, Stage.FROZEN):
        return Decision((), Done())
    if settlement.stage is Stage.FREEZING and settlement.progressed_at is not None:
        due_at = settlement.progressed_at + FREEZE_LIMIT
        if due_at > now:
            later = max(due_at, now + _SHORTEST_WAIT)
            return Decision((), Done(), (give_up_timer(sale.sale, command.round, later, now),))
    undone = cancel_next(sale, settlement, NOBODY_WENT_ON)
    return Decision(undone.events, Done(), _rest(command, undone, now))


def _rest(command: ConcludeFreeze | GiveUpFreeze, undone: Cancelled, now: datetime) -> tuple[Timer, ...]:
    """Return the timer that cancels what one command does not."""
    if not undone.answer.remaining:
        return ()
    return (give_up_timer(command.sale, command.round, now + _SHORTEST_WAIT, now),)


def _difference(command: ConcludeFreeze, settlement: Settlement) -> str:
    """Say what the books say otherwise; nothing where they agree."""
    if command.unchecked:
        return BOOKS_NOT_ASKED
    due_minor = sum(payout.amount_minor for payout in settlement.payouts.values() if payout.status in UNFINISHED)
    if command.differing:
        named = ", ".join(map(str, command.differing[:_NAMED]))
        return f"The books say something else than the statements of {len(command.differing)} consignors: {named}."
    if command.owed_minor != due_minor:
        return f"The books owe {command.owed_minor} to all consignors, the statements {due_minor}."
    return ""


def _answer(sale: Planned, settlement: Settlement) -> ConcludedAnswer:
    return ConcludedAnswer(
        sale.sale,
        frozen=True,
        statements=settlement.issued,
        figures=settlement.figures,
        net_minor=settlement.figures.net_minor,
        currency=sale.currency,
        seal=settlement.seal,
    )
