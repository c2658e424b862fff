"""The fee for bringing things late: charged once to who brings nothing before the drop-off is over."""

from collections.abc import Mapping, Sequence

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.commands import CheckInConsignor, CheckInItems
from consign.domain.ledger.events import ItemReference
from consign.domain.ledger.floor_commands import UndoCheckIn
from consign.domain.ledger.state import Item, Ledger, OnFloor
from consign.domain.participation.events import LateDropOffCharged
from consign.domain.participation.fee_commands import FeeAnswer, WaiveLateFee
from consign.domain.participation.state import Fee, FeeStatus, Participation, Registered
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
            return {item.listed.consignor for text in tags if (item := _known(text, sale, ledger)) is not None}


def _known(scanned: str, sale: Planned, ledger: Ledger) -> Item | None:
    try:
        _, item = tagged(scanned, sale, ledger)
    except Rejected:  # the command names it among its rows
        return None
    return item


def late_fees(items: Sequence[ItemReference], sale: Planned, comers: Comers) -> tuple[Emitted, ...]:
    """Return the fees of those who come late, each once in their life."""
    charged_minor = sale.settings.floor.late_fee_minor
    emitted = []
    for participation in dict.fromkeys(item.participation for item in items):
        match comers.get(participation):
            case Registered(late_fee=Fee(status=FeeStatus.NONE), number=number):
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
    uncharged_minor = 0 if sale.phase is Phase.CANCELLED else theirs.late_fee.charged_minor
    status = FeeStatus.WAIVED if uncharged_minor else theirs.late_fee.status
    answer = FeeAnswer(theirs.participation, theirs.number, status, uncharged_minor, 0, sale.currency)
    return Decision(_given_back(theirs, sale, uncharged_minor, command.reason), answer)


def late_fee_given_back_by(theirs: Registered, sale: Planned) -> tuple[Emitted, ...]:
    """Return the event by which somebody who leaves, and has nothing here any more, owes nothing for being late."""
    return _given_back(theirs, sale, theirs.late_fee.charged_minor, "left")


def streams_of_leavers(command: UndoCheckIn, states: States) -> tuple[StreamName, ...]:
    """Name the streams of those who brought nothing if these check-ins are taken back, by what is loaded already."""
    return tuple(map(participation_stream, _leavers(command, states)))


def leavers_of(command: UndoCheckIn, states: States) -> Comers:
    return {each: participation_of(states, each) for each in _leavers(command, states)}


def _leavers(command: UndoCheckIn, states: States) -> Sequence[ParticipationId]:
    sale, ledger = states.get(sale_stream(command.sale)), states.get(ledger_stream(command.sale))
    if not isinstance(sale, Planned) or not isinstance(ledger, Ledger):
        return ()
    items = [item for text in command.tags if (item := _known(text, sale, ledger)) is not None]
    undone = {item.listed.tag for item in items if isinstance(item.status, OnFloor)}
    numbers = sorted({item.listed.consignor for item in items if item.listed.tag in undone})
    return [
        sale.consignors[each]
        for each in numbers
        if each in sale.consignors and not has_brought(ledger, each, but=undone)
    ]


def late_fees_undone(leavers: Comers, sale: Planned) -> tuple[Emitted, ...]:
    """Return the events by which nobody owes a fee for things that did not come after all.

    What a check-in charged goes with it; nothing else of theirs is here. What was paid is given back like any fee.
    """
    return tuple(
        event
        for theirs in leavers.values()
        if isinstance(theirs, Registered)
        for event in _given_back(theirs, sale, theirs.late_fee.charged_minor, "check-in undone", undone=True)
    )


def _given_back(
    theirs: Registered, sale: Planned, uncharged_minor: int, reason: str, *, undone: bool = False
) -> tuple[Emitted, ...]:
    if not uncharged_minor:
        return ()
    less = LateDropOffCharged(theirs.participation, sale.sale, theirs.number, -uncharged_minor, reason, undone)
    return (Emitted(participation_stream(theirs.participation), less),)
