"""What the settlement has to say when a sale is to be closed, or to go back to before it settled."""

from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import ChangeSalePhase, Phase, Planned
from consign.domain.settlement.state import UNFINISHED, Settlement, Stage
from consign.domain.turns.freezing import require_frozen

_NAMED = 10
"""How many unfinished payouts the sentence names; the errors name up to the limit of an answer."""
_ERRORS_LIMIT = 500


def check_phase(command: ChangeSalePhase, sale: Planned, settlement: Settlement) -> None:
    """Raise Rejected where what is stated or paid forbids the step."""
    if command.phase is Phase.CLOSED and sale.phase is Phase.SETTLEMENT:
        _require_settled(sale, settlement)
    elif command.phase in (Phase.PICK_UP, Phase.CANCELLED) and settlement.stage is not Stage.OPEN:
        raise Rejected(
            Reason.WRONG_PHASE,
            f"The settlement is {settlement.stage}: reopen it before the sale goes on to {command.phase}.",
        )


def _require_settled(sale: Planned, settlement: Settlement) -> None:
    if not sale.consignors:
        return
    require_frozen(settlement, "Closing the sale follows")
    unfinished = sorted(
        (payout for payout in settlement.payouts.values() if payout.status in UNFINISHED),
        key=lambda payout: payout.consignor,
    )
    if unfinished:
        named = ", ".join(f"{each.payout} ({each.status})" for each in unfinished[:_NAMED])
        raise Rejected(
            Reason.PAYOUTS_OPEN,
            f"{len(unfinished)} payouts are unfinished: {named}. Pay, carry or give them up first.",
            tuple(
                {
                    "pointer": "/phase",
                    "reason": Reason.PAYOUTS_OPEN.value,
                    "payout": each.payout,
                    "detail": f"{each.payout} of consignor {each.consignor} is {each.status}",
                }
                for each in unfinished[:_ERRORS_LIMIT]
            ),
        )
