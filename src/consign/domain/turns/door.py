"""What is asked about places in a sale: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.participation.place_commands import (
    AcceptInvitation,
    AcceptPlace,
    ExpireInvitation,
    ExpireOffer,
    FillPlaces,
    InviteConsignor,
    MoveUp,
    PlaceCommand,
    RevokeInvitation,
)
from consign.domain.recorded import StreamName
from consign.domain.sale import Planned
from consign.domain.turns import inviting, waiting
from consign.domain.turns.actors import (
    States,
    account_stream,
    participation_of,
    participation_stream,
    planned,
    sale_stream,
)
from consign.domain.turns.ownership import require_own
from consign.domain.turns.registration import unknown
from consign.domain.turns.taking_part import sale_of, with_sale
from consign.domain.values import Done


def needs(command: PlaceCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case InviteConsignor():
            return (sale_stream(command.sale), participation_stream(command.participation))
        case AcceptInvitation():
            return _accepting(command, states)
        case FillPlaces():
            return _filling(command, states)
        case RevokeInvitation() | ExpireInvitation() | MoveUp() | AcceptPlace() | ExpireOffer():
            return with_sale(command.participation, states)


def decide(command: PlaceCommand, states: States, now: datetime) -> Decision:
    match command:
        case InviteConsignor():
            known = participation_of(states, command.participation)
            return inviting.invite(command, known, planned(states, command.sale), now)
        case AcceptInvitation():
            return _accept(command, states, now)
        case FillPlaces():
            return waiting.fill(command, planned(states, command.sale), states, now)
        case RevokeInvitation() | MoveUp() | AcceptPlace():
            return _move(command, states, now)
        case ExpireInvitation() | ExpireOffer():
            return _expire(command, states, now)


def _accept(command: AcceptInvitation, states: States, now: datetime) -> Decision:
    sale = planned(states, command.sale)
    participation = sale.places.invited.get(command.code_digest)
    if participation is None:
        raise inviting.invalid()
    known = participation_of(states, participation)
    return inviting.accept(command, known, states[account_stream(command.account)], sale, now)


def _move(command: RevokeInvitation | MoveUp | AcceptPlace, states: States, now: datetime) -> Decision:
    known = participation_of(states, command.participation)
    sale_id = sale_of(known)
    if sale_id is None:
        raise unknown()
    sale = planned(states, sale_id)
    match command:
        case RevokeInvitation():
            return inviting.revoke(command, known, sale, now)
        case MoveUp():
            return waiting.move_up(command, known, sale, now)
        case AcceptPlace():
            require_own(command.actor, known)
            return waiting.accept(command, known, sale, now)


def _expire(command: ExpireInvitation | ExpireOffer, states: States, now: datetime) -> Decision:
    known = participation_of(states, command.participation)
    sale_id = sale_of(known)
    if sale_id is None:
        return Decision((), Done())
    match command:
        case ExpireInvitation():
            return inviting.expire(command, known, planned(states, sale_id), now)
        case ExpireOffer():
            return waiting.expire_offer(command, known, planned(states, sale_id), now)


def _accepting(command: AcceptInvitation, states: States) -> tuple[StreamName, ...]:
    streams = (sale_stream(command.sale), account_stream(command.account))
    match states.get(streams[0]):
        case Planned(places=places) if (invited := places.invited.get(command.code_digest)) is not None:
            return (*streams, participation_stream(invited))
        case _:
            return streams


def _filling(command: FillPlaces, states: States) -> tuple[StreamName, ...]:
    stream = sale_stream(command.sale)
    match states.get(stream):
        case Planned() as sale:
            return (stream, *map(participation_stream, waiting.next_in_line(sale)))
        case _:
            return (stream,)
