"""The fee for bringing things late: charged once to who brings nothing before the drop-off is over."""

from collections.abc import Mapping, Sequence

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.commands import CheckInConsignor, CheckInItems
from consign.domain.ledger.events import ItemReference
from consign.domain.ledger.state import Ledger
from consign.domain.participation.events import LateDropOffCharged
from consign.domain.participation.fee_commands import FeeAnswer, WaiveLateFee
from consign.domain.participation.state import Participation, Registered
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned
from consign.domain.turns.actors import States, ledger_stream, participation_of, participation_stream, sale_stream
from consign.domain.turns.brought import has_brought
from consign.domain.turns.registration import registered
from consign.domain.turns.whereabouts import tagged
from consign.domain.values import ParticipationId

type Comers = Mapping[ParticipationId, Participation]
"""Those who bring something for the first time, where the sale charges a fee for being late."""


def streams_of_comers(command: CheckInItems | CheckInConsignor, states: States) -> tuple[StreamName, ...]:
    """Name the streams of those who might be charged, by what is loaded already."""
    return tuple(map(participation_stream, _comers(command, states)))


def comers_of(command: CheckInItems | CheckInConsignor, states: States) -> Comers:
    return {each: participation_of(states, each) for each in _comers(command, states)}


def _comers(command: CheckInItems | CheckInConsignor, states: States) -> Sequence[ParticipationId]:
    sale, ledger = states.get(sale_stream(command.sale)), states.get(ledger_stream(command.sale))
    if not isinstance(sale, Planned) or not isinstance(ledger, Ledger) or not sale.settings.floor.late_fee_minor:
        return ()
    numbers = sorted(_numbers(command, sale, ledger))
    return [sale.consignors[each] for each in numbers if each in sale.consignors and not has_brought(ledger, each)]


def _numbers(command: CheckInItems | CheckInConsignor, sale: Planned, ledger: Ledger) -> set[int]:
    match command:
        case CheckInConsignor(consignor=number):
            return {number}
        case CheckInItems(tags=tags):
            return {theirs for text in tags if (theirs := _number(text, sale, ledger)) is not None}


def _number(scanned: str, sale: Planned, ledger: Ledger) -> int | None:
    try:
        _, item = tagged(scanned, sale, ledger)
    except Rejected:  # the check-in names it among its rows
        return None
    return item.listed.consignor


def late_fees(items: Sequence[ItemReference], sale: Planned, comers: Comers) -> tuple[Emitted, ...]:
    """Return the fees of those who come late, each once in their life."""
    charged_minor = sale.settings.floor.late_fee_minor
    emitted = []
    for participation in dict.fromkeys(item.participation for item in items):
        match comers.get(participation):
            case Registered(late=False, number=number):
                charged = LateDropOffCharged(participation, sale.sale, number, charged_minor)
                emitted.append(Emitted(participation_stream(participation), charged))
            case _:
                pass
    return tuple(emitted)


def waive(command: WaiveLateFee, known: Participation, sale: Planned) -> Decision:
    """Let somebody off the fee for being late; whoever is late another time is not charged again."""
    theirs = registered(known)
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the fee is waived.")
    uncharged_minor = 0 if sale.phase is Phase.CANCELLED else theirs.late_charged_minor
    answer = FeeAnswer(theirs.participation, theirs.number, theirs.fee.status, uncharged_minor, 0, sale.currency)
    return Decision(_given_back(theirs, sale, uncharged_minor, command.reason), answer)


def late_fee_given_back_by(theirs: Registered, sale: Planned) -> tuple[Emitted, ...]:
    """Return the event by which somebody who leaves, and has nothing here any more, owes nothing for being late."""
    return _given_back(theirs, sale, theirs.late_charged_minor, "left")


def _given_back(theirs: Registered, sale: Planned, uncharged_minor: int, reason: str) -> tuple[Emitted, ...]:
    if not uncharged_minor:
        return ()
    less = LateDropOffCharged(theirs.participation, sale.sale, theirs.number, -uncharged_minor, reason)
    return (Emitted(participation_stream(theirs.participation), less),)
