"""Getting a place in a sale, or a turn on its waiting list: what one consignor joining amounts to."""

from datetime import datetime
from itertools import chain
from typing import NamedTuple

from consign.domain import account as accounts
from consign.domain.account import Account, AccountProfileChanged, ParticipationJoined
from consign.domain.decision import Emitted, Timer
from consign.domain.participation.events import ConsignorRegistered, ConsignorWaitlisted
from consign.domain.participation.rules import LAST_CONSIGNOR_NUMBER
from consign.domain.participation.state import Asked
from consign.domain.places import WAITING_LIMIT, ConsignorNumberTaken, WaitingListJoined
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.turns.actors import account_stream, participation_stream, sale_stream
from consign.domain.turns.deadlines import fee_due_at, fee_timers
from consign.domain.values import AccountId, ParticipationId, Sealed


class Joined(NamedTuple):
    """`number` is None for who waits."""

    events: tuple[Emitted, ...]
    timers: tuple[Timer, ...]
    number: int | None
    fee_minor: int


class Room:
    """What is free in a sale, counting on with those who join in one command."""

    def __init__(self, sale: Planned) -> None:
        self.sale = sale
        self._free = sale.places.free(sale.settings.participation.consignors_limit)
        self._numbers: dict[int, ParticipationId] = {}
        self._accounts: dict[AccountId, ParticipationId] = {}
        self._turns = 0

    @property
    def full(self) -> bool:
        """Whether whoever comes now waits: also behind others who wait, although a place is just becoming free."""
        return self._free == 0 or bool(self.sale.places.waiting) or self._turns > 0

    def other_of(self, account: AccountId) -> ParticipationId | None:
        """Return how the account takes part already."""
        return self._accounts.get(account) or self.sale.places.accounts.get(account)

    def require_number(self, number: int, participation: ParticipationId) -> None:
        """Raise Rejected with `consignor_number_taken`."""
        if self.is_taken(number, participation):
            raise Rejected(
                Reason.CONSIGNOR_NUMBER_TAKEN, f"Number {number} belongs to another consignor. Choose another one."
            )

    def is_taken(self, number: int, participation: ParticipationId) -> bool:
        """Whether somebody else has the number, or it is kept for them."""
        kept_for = self.sale.places.reserved.get(number, participation)
        return number in self.sale.consignors or number in self._numbers or kept_for != participation

    def take_number(self, number: int | None, participation: ParticipationId) -> int:
        """Return the number asked for, or the next free one; raises Rejected."""
        if number is not None:
            self.require_number(number, participation)
        else:
            number = self._next_number()
        self._numbers[number] = participation
        if self._free:
            self._free -= 1
        return number

    def take_turn(self) -> int:
        """Return the next turn of the waiting list; raises Rejected with `limit_exceeded`."""
        if len(self.sale.places.waiting) + self._turns >= WAITING_LIMIT:
            raise Rejected(Reason.LIMIT_EXCEEDED, f"{WAITING_LIMIT} wait for a place already.")
        self._turns += 1
        return self.sale.places.last_turn + self._turns

    def note(self, account: AccountId | None, participation: ParticipationId) -> None:
        if account is not None:
            self._accounts[account] = participation

    def _next_number(self) -> int:
        sale = self.sale
        after_last = max([sale.last_consignor, *self._numbers]) + 1
        for number in chain(range(after_last, LAST_CONSIGNOR_NUMBER + 1), range(1, after_last)):
            if not (number in sale.consignors or number in self._numbers or number in sale.places.reserved):
                return number
        raise Rejected(Reason.LIMIT_EXCEEDED, f"All {LAST_CONSIGNOR_NUMBER} consignor numbers of the sale are in use.")


def join(room: Room, participation: ParticipationId, asked: Asked, person: Account, now: datetime) -> Joined:
    """Give the consignor a place, or a turn where there is none. `person` is the account's state, where there is one.

    Raises Rejected with `person_forgotten`, `already_taking_part`, `unknown_tier`, `consignor_number_taken`,
    `limit_exceeded`.
    """
    sale = room.sale
    require_tier(asked.tier, sale)
    learnt = told(room, participation, asked, person)
    if not room.full:
        placed = place(room, participation, asked, shown_profile(asked, person), now)
        room.note(asked.account, participation)
        return placed._replace(events=(*learnt, *placed.events))
    if asked.number is not None:
        room.require_number(asked.number, participation)
    turn = room.take_turn()
    room.note(asked.account, participation)
    waitlisted = ConsignorWaitlisted(
        participation,
        sale.sale,
        turn,
        shown_profile(asked, person),
        asked.number,
        asked.tier,
        asked.own_rule,
        asked.fee_minor,
        asked.terms_version,
        asked.account,
        asked.terms_accepted_at,
        asked.referred_by,
    )
    events = (
        *learnt,
        Emitted(sale_stream(sale.sale), WaitingListJoined(sale.sale, participation, turn, asked.account)),
        Emitted(participation_stream(participation), waitlisted),
    )
    return Joined(events, (), None, fee_of(asked, sale))


def place(room: Room, participation: ParticipationId, asked: Asked, profile: Sealed | None, now: datetime) -> Joined:
    """Give the consignor a number and charge the fee; raises Rejected."""
    sale = room.sale
    number = room.take_number(asked.number, participation)
    fee_minor = fee_of(asked, sale)
    due_at = fee_due_at(sale.settings.participation, fee_minor, now)
    taken = ConsignorNumberTaken(
        sale.sale, participation, number, asked.account, asked.terms_version, asked.referred_by
    )
    registered = ConsignorRegistered(
        participation,
        sale.sale,
        number,
        fee_minor,
        profile,
        asked.tier,
        asked.own_rule,
        asked.terms_version,
        asked.account,
        due_at,
        asked.terms_accepted_at,
        asked.referred_by,
    )
    events = (
        Emitted(sale_stream(sale.sale), taken),
        Emitted(participation_stream(participation), registered),
    )
    return Joined(events, fee_timers(participation, due_at, now), number, fee_minor)


def fee_of(asked: Asked, sale: Planned) -> int:
    return sale.settings.fee_minor if asked.fee_minor is None else asked.fee_minor


def shown_profile(asked: Asked, person: Account) -> Sealed | None:
    """Return the profile said now, or the one that the account said before."""
    match person:
        case accounts.Known(profile=profile):
            return asked.profile or profile
        case accounts.Unknown() | accounts.Forgotten():
            return asked.profile


def told(room: Room, participation: ParticipationId, asked: Asked, person: Account) -> tuple[Emitted, ...]:
    """Return what the account learns of it; raises Rejected where the account cannot join."""
    account = asked.account
    if account is None:
        return ()
    known = remembered(account, person)
    other = room.other_of(account)
    if other is not None and other != participation:
        raise Rejected(
            Reason.ALREADY_TAKING_PART,
            "This account takes part in the sale already, or waits for a place.",
            (
                {
                    "pointer": "/account",
                    "reason": Reason.ALREADY_TAKING_PART.value,
                    "detail": "The account takes part already.",
                    "participation": other,
                },
            ),
        )
    if len(known.participations) >= accounts.PARTICIPATIONS_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"An account takes part at most {accounts.PARTICIPATIONS_LIMIT} times.")
    stream = account_stream(account)
    learnt = [Emitted(stream, ParticipationJoined(account, participation, room.sale.sale))]
    if asked.profile is not None and asked.profile != known.profile:
        others = tuple(sorted(known.participations))
        learnt.append(Emitted(stream, AccountProfileChanged(account, asked.profile, others)))
    return tuple(learnt)


def remembered(account: AccountId, person: Account) -> accounts.Known:
    """Return what is known of a person, nothing at first; raises Rejected with `person_forgotten`."""
    match person:
        case accounts.Known():
            return person
        case accounts.Unknown():
            return accounts.Known(account)
        case accounts.Forgotten():
            raise Rejected(Reason.PERSON_FORGOTTEN, "This account's person was forgotten, for good.")


def require_tier(tier: str | None, sale: Planned) -> None:
    """Raise Rejected with `unknown_tier`."""
    if tier is not None and tier not in sale.settings.commission.by_tier:
        raise Rejected(Reason.UNKNOWN_TIER, f"This sale has no tier “{tier}”. Leave it out or plan it first.")
