"""The waiting list of a full sale: whoever is next moves up when a place is free, or is offered it for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.participation.commands import ConsignorAnswer
from consign.domain.participation.place_commands import AcceptPlace, ExpireOffer, FillPlaces, MoveUp
from consign.domain.participation.state import Ended, Invited, Participation, Registered, Unknown, Waiting
from consign.domain.places import PlaceOffered, WaitingListLeft
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.turns.actors import LISTING, States, participation_of, require_phase, sale_stream
from consign.domain.turns.deadlines import early, offer_timer, refill_timer
from consign.domain.turns.joining import Joined, Room, place
from consign.domain.turns.leaving import leave_list
from consign.domain.turns.registration import answer, not_registered, require_terms, standing
from consign.domain.values import Done, ParticipationId

MOVES_LIMIT = 50
"""How many move up in one turn; the rest follows in turns of its own."""


def next_in_line(sale: Planned) -> Sequence[ParticipationId]:
    """Return who would move up now, in order, as many as one turn takes."""
    free = sale.places.free(sale.settings.participation.consignors_limit)
    count = MOVES_LIMIT if free is None else min(free, MOVES_LIMIT)
    return [sale.places.waiting[turn] for turn in sorted(sale.places.waiting)[:count]]


def fill(_: FillPlaces, sale: Planned, states: States, now: datetime) -> Decision:
    """Let those who are next move up, or offer them a place where the sale gives time to accept."""
    if sale.phase not in LISTING:
        return Decision((), Done())
    room = Room(sale)
    events: list[Emitted] = []
    timers: list[Timer] = []
    served = next_in_line(sale)
    for participation in served:
        waiting = participation_of(states, participation)
        assert isinstance(waiting, Waiting), "whoever is on the list waits"
        moved, timer = _offered(waiting, sale, now) or _moved_up(waiting, room, now)[:2]
        events.extend(moved)
        timers.extend(timer)
    if len(served) == MOVES_LIMIT:
        timers.append(refill_timer(sale.sale, now))
    return Decision(tuple(events), Done(), tuple(timers))


def _offered(waiting: Waiting, sale: Planned, now: datetime) -> tuple[tuple[Emitted, ...], tuple[Timer, ...]] | None:
    offer_duration_s = sale.settings.participation.offer_duration_s
    if offer_duration_s is None:
        return None
    expires_at = now + timedelta(seconds=offer_duration_s)
    offered = PlaceOffered(sale.sale, waiting.participation, waiting.turn, expires_at)
    return (Emitted(sale_stream(sale.sale), offered),), (offer_timer(waiting.participation, expires_at, now),)


def _moved_up(waiting: Waiting, room: Room, now: datetime) -> Joined:
    """Give a waiting consignor a place; a number that somebody else got meanwhile is not insisted on."""
    sale, asked = room.sale, waiting.asked
    left = WaitingListLeft(sale.sale, waiting.participation, waiting.turn, asked.account)
    if asked.number is not None and room.is_taken(asked.number, waiting.participation):
        asked = replace(asked, number=None)
    # The profile may have changed while its consignor waited: whoever shows it keeps the newest.
    placed = place(room, waiting.participation, asked, None, now)
    return placed._replace(events=(Emitted(sale_stream(sale.sale), left), *placed.events))


def move_up(command: MoveUp, known: Participation, sale: Planned, now: datetime) -> Decision:
    """Give somebody who waits a place, whatever their turn."""
    match known:
        case Registered():
            return Decision((), answer(sale, command.participation, standing(known, sale)))
        case Waiting():
            return _given(known, sale, now)
        case Invited() | Ended() | Unknown():
            raise not_registered(known)


def accept(command: AcceptPlace, known: Participation, sale: Planned, now: datetime) -> Decision:
    """Take the place that was offered, in time."""
    match known:
        case Registered():
            return Decision((), answer(sale, command.participation, standing(known, sale)))
        case Waiting(turn=turn, asked=asked):
            offer = sale.places.offered.get(turn)
            if offer is None or offer.expires_at <= now:
                raise Rejected(
                    Reason.NO_PLACE_OFFERED, "No place is offered at the moment. The list moves on in order."
                )
            if command.terms_version:
                asked = replace(asked, terms_version=command.terms_version, terms_accepted_at=now)
            require_terms(sale, asked.terms_version)
            return _given(replace(known, asked=asked), sale, now)
        case Invited() | Ended() | Unknown():
            raise not_registered(known)


def _given(waiting: Waiting, sale: Planned, now: datetime) -> Decision:
    require_phase(sale, LISTING, "Taking a place")
    moved = _moved_up(waiting, Room(sale), now)
    placed: ConsignorAnswer = answer(sale, waiting.participation, moved)
    return Decision(moved.events, placed, moved.timers)


def expire_offer(command: ExpireOffer, known: Participation, sale: Planned, now: datetime) -> Decision:
    """End the wait of somebody who did not take the place in time, and look after the next."""
    match known:
        case Waiting(turn=turn) if (offer := sale.places.offered.get(turn)) is not None:
            again = early(offer.expires_at, now)
            if again is not None:
                return Decision((), Done(), (offer_timer(command.participation, again, now),))
            return leave_list(known, sale, "offer_expired", now)
        case Waiting() | Registered() | Invited() | Ended() | Unknown():
            return Decision((), Done())
