"""What an organizer settles with a consignor by hand, and how the consignor wants to be paid."""

from consign.domain.decision import Decision, Emitted
from consign.domain.participation.state import Ended, Invited, Participation, Registered, Unknown, Waiting
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned
from consign.domain.settlement.commands import (
    AdjustConsignor,
    AdjustedAnswer,
    BringBalanceForward,
    BroughtAnswer,
    ChangePayoutDetails,
)
from consign.domain.settlement.events import (
    BalanceBroughtForward,
    CarriedBalanceTaken,
    ConsignorAdjusted,
    PayoutDetailsChanged,
)
from consign.domain.settlement.state import Settlement
from consign.domain.turns.actors import phases, require_phase, settlement_stream
from consign.domain.turns.freezing import require_frozen
from consign.domain.values import AMOUNT_LIMIT_MINOR, Done, SaleId

ADJUSTING = phases(Phase.REGISTRATION, Phase.CLOSED)


def taking_part(participation: Participation, sale: SaleId) -> Registered:
    """Return the participation, also one that has ended: it may have sold before.

    Raises Rejected with `unknown_participation` where it is none of this sale's, or never had a number in it.
    """
    match participation:
        case Registered() if participation.sale == sale:
            return participation
        case Ended(was=Registered() as was) if was.sale == sale:
            return was
        case Registered() | Ended() | Waiting() | Invited() | Unknown():
            raise Rejected(Reason.UNKNOWN_PARTICIPATION, "The sale has no participation with this id.")


def adjust(command: AdjustConsignor, sale: Planned, consignor: Registered, settlement: Settlement) -> Decision:
    """Credit or debit the consignor; a settlement that is frozen says so in a supplement."""
    require_phase(sale, ADJUSTING, "Adjusting")
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say what the consignor is credited or debited for.")
    adjusted_minor = settlement.standing(consignor.participation).adjustments_minor + command.amount_minor
    if abs(adjusted_minor) > AMOUNT_LIMIT_MINOR:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"Adjustments come to at most {AMOUNT_LIMIT_MINOR} minor units.")
    answer = AdjustedAnswer(consignor.participation, adjusted_minor, sale.currency)
    if not command.amount_minor:
        return Decision((), answer)
    event = ConsignorAdjusted(sale.sale, consignor.participation, command.amount_minor, command.reason)
    return Decision((Emitted(settlement_stream(sale.sale), event),), answer)


def bring_forward(
    command: BringBalanceForward, sale: Planned, consignor: Registered, earlier: Settlement, other: Registered
) -> Decision:
    """Count here what the earlier sale carried for the same person; it can be taken once."""
    require_phase(sale, ADJUSTING, "Bringing a balance forward")
    carried_minor = earlier.standing(other.participation).carried_minor
    if command.sale == command.from_sale or not carried_minor:
        raise Rejected(Reason.NOTHING_CARRIED, "The earlier sale carries nothing for this participation.")
    require_frozen(earlier, "A balance is taken from")
    taken = CarriedBalanceTaken(other.sale, other.participation, sale.sale, consignor.participation, carried_minor)
    brought = BalanceBroughtForward(sale.sale, consignor.participation, other.sale, other.participation, carried_minor)
    return Decision(
        (Emitted(settlement_stream(other.sale), taken), Emitted(settlement_stream(sale.sale), brought)),
        BroughtAnswer(consignor.participation, carried_minor, sale.currency),
    )


def change_details(command: ChangePayoutDetails, sale: Planned, consignor: Registered, known: Settlement) -> Decision:
    """Keep how the consignor wants to be paid. What was prepared before is paid as it was said before."""
    require_phase(sale, ADJUSTING, "Saying how to be paid")
    version = known.standing(consignor.participation).details + 1
    event = PayoutDetailsChanged(sale.sale, consignor.participation, version, command.details, command.iban)
    return Decision((Emitted(settlement_stream(sale.sale), event),), Done())
