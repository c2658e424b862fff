"""Proceeds that consignors leave to the sale's charity: pledged by them, handed on by the organizer."""

from datetime import datetime

from consign.domain.charity_commands import CharityAnswer, CharityCommand, PayCharity, PledgeAnswer, PledgeProceeds
from consign.domain.decision import Decision, Emitted
from consign.domain.participation.events import ProceedsPledged
from consign.domain.participation.pledge import Pledge
from consign.domain.participation.state import Registered
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned
from consign.domain.settlement.events import CharityPaid
from consign.domain.settlement.state import Settlement, Stage
from consign.domain.turns.actors import (
    States,
    participation_of,
    participation_stream,
    phases,
    planned,
    require_phase,
    sale_stream,
    settlement_of,
    settlement_stream,
)
from consign.domain.turns.freezing import SETTLED, require_frozen
from consign.domain.turns.ownership import require_own
from consign.domain.turns.registration import registered
from consign.domain.turns.taking_part import with_sale

_PLEDGING = phases(Phase.REGISTRATION, Phase.PICK_UP)
_PLEDGING_FOR_OTHERS = phases(Phase.REGISTRATION, Phase.SETTLEMENT)


def needs(command: CharityCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case PledgeProceeds():
            streams = with_sale(command.participation, states)
            return streams if len(streams) == 1 else (*streams, streams[1].replace("sale-", "settlement-", 1))
        case PayCharity():
            return (sale_stream(command.sale), settlement_stream(command.sale))


def decide(command: CharityCommand, states: States, now: datetime) -> Decision:
    match command:
        case PledgeProceeds():
            known = participation_of(states, command.participation)
            require_own(command.actor, known)
            theirs = registered(known)
            return _pledge(command, theirs, planned(states, theirs.sale), settlement_of(states, theirs.sale))
        case PayCharity():
            return _pay(command, planned(states, command.sale), settlement_of(states, command.sale), now)


def _pledge(command: PledgeProceeds, theirs: Registered, sale: Planned, settlement: Settlement) -> Decision:
    """Take note of what is to be left to charity; what was stated stays as it is."""
    own = command.actor.reaches_own_alone
    require_phase(sale, _PLEDGING if own else _PLEDGING_FOR_OTHERS, "Leaving proceeds to charity")
    charity = sale.settings.settlement.charity
    if not charity:
        raise Rejected(Reason.NO_CHARITY, "This sale names no charity. Ask the organizer to name one in its settings.")
    answer = PledgeAnswer(theirs.participation, theirs.number, command.share_ppm, command.of, charity)
    if theirs.pledge == (Pledge(command.share_ppm, command.of) if command.share_ppm else None):
        return Decision((), answer)
    if settlement.stage is not Stage.OPEN:
        raise Rejected(
            Reason.TOO_LATE, f"The settlement is {settlement.stage}. Reopen it before the pledge is changed."
        )
    pledged = ProceedsPledged(theirs.participation, sale.sale, theirs.number, command.share_ppm, command.of)
    return Decision((Emitted(participation_stream(theirs.participation), pledged),), answer)


def _pay(command: PayCharity, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Record what was handed on of what consignors left, and of payouts given up."""
    require_phase(sale, SETTLED, "Paying the charity")
    require_frozen(settlement, "The charity is paid after")
    if not command.reference.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say by which reference the payment can be found.")
    owed_minor = settlement.charity_minor
    if owed_minor <= 0:
        raise Rejected(Reason.NOTHING_TO_PAY, "The charity is owed nothing.")
    paid_minor = owed_minor if command.amount_minor is None else command.amount_minor
    if paid_minor > owed_minor:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"The charity is owed {owed_minor} minor units, not {paid_minor}.")
    paid = CharityPaid(sale.sale, paid_minor, command.reference, now)
    answer = CharityAnswer(paid_minor, owed_minor - paid_minor, sale.settings.settlement.charity, sale.currency)
    return Decision((Emitted(settlement_stream(sale.sale), paid),), answer)
