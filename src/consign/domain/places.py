"""The places of a sale: who has one, who is invited to one, and who waits for one, in order."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.values import AccountId, ParticipationId, SaleId

WAITING_LIMIT = 10_000
"""How many may wait for a place in one sale."""


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class ConsignorNumberTaken(Struct, frozen=True, gc=False, tag="consignor-number-taken"):
    """The participation has a place, and a number that no other one will ever have."""

    sale: SaleId
    participation: ParticipationId
    number: int
    account: AccountId | None = None
    terms_version: str = ""
    referred_by: ParticipationId | None = None


class PlaceFreed(Struct, frozen=True, gc=False, tag="place-freed"):
    """The participation ended. Its number stays its own."""

    sale: SaleId
    participation: ParticipationId
    number: int
    account: AccountId | None = None


class PlaceTakenAgain(Struct, frozen=True, gc=False, tag="place-taken-again"):
    sale: SaleId
    participation: ParticipationId
    number: int
    account: AccountId | None = None


class WaitingListJoined(Struct, frozen=True, gc=False, tag="waiting-list-joined"):
    """`turn` counts everybody who ever waited for this sale: the lowest one is next."""

    sale: SaleId
    participation: ParticipationId
    turn: int
    account: AccountId | None = None


class WaitingListLeft(Struct, frozen=True, gc=False, tag="waiting-list-left"):
    """The turn is over, whether with a place (`consignor-number-taken` follows) or without one."""

    sale: SaleId
    participation: ParticipationId
    turn: int
    account: AccountId | None = None


class PlaceOffered(Struct, frozen=True, gc=False, tag="place-offered"):
    """A free place is kept for whoever is next, until `expires_at`."""

    sale: SaleId
    participation: ParticipationId
    turn: int
    expires_at: datetime


class InvitationOpened(Struct, frozen=True, gc=False, tag="invitation-opened"):
    """A place, and the number if one is said, are kept for whoever shows the code that has this digest."""

    sale: SaleId
    participation: ParticipationId
    code_digest: str
    number: int | None = None


class InvitationClosed(Struct, frozen=True, gc=False, tag="invitation-closed"):
    """Accepted, revoked or expired: the code opens nothing any more."""

    sale: SaleId
    participation: ParticipationId
    code_digest: str
    number: int | None = None


class TermsAccepted(Struct, frozen=True, gc=False, tag="terms-accepted"):
    sale: SaleId
    participation: ParticipationId
    number: int
    version: str
    accepted_at: datetime


class Allowance(Struct, frozen=True, gc=False):
    """What a consignor may list beyond the sale's rule: `extra_…` was granted, `bought_lists` are paid for.

    `extra_by_category` are items beyond the most that a consignor lists of a category.
    """

    extra_items: int = 0
    extra_lists: int = 0
    bought_lists: int = 0
    extra_by_category: dict[str, int] = {}


class AllowanceChanged(Struct, frozen=True, gc=False, tag="allowance-changed"):
    sale: SaleId
    participation: ParticipationId
    number: int
    allowance: Allowance


class Standing(Struct, frozen=True, gc=False):
    """What the sale must know of a consignor at every listing and check-in."""

    terms_version: str
    referred_by: ParticipationId | None = None
    ended: bool = False
    allowance: Allowance = Allowance()


class Offer(Struct, frozen=True, gc=False):
    participation: ParticipationId
    expires_at: datetime


class Places(Struct, frozen=True):
    """`standing` by number, `waiting` and `offered` by turn, `invited` by the digest of the code.

    `accounts` holds who takes part, waits or was offered a place; `reserved` the numbers kept for the invited.
    """

    standing: HashTrieMap[int, Standing] = HashTrieMap()
    accounts: HashTrieMap[AccountId, ParticipationId] = HashTrieMap()
    waiting: HashTrieMap[int, ParticipationId] = HashTrieMap()
    offered: HashTrieMap[int, Offer] = HashTrieMap()
    invited: HashTrieMap[str, ParticipationId] = HashTrieMap()
    reserved: HashTrieMap[int, ParticipationId] = HashTrieMap()
    taken: int = 0
    last_turn: int = 0

    def free(self, limit: int | None) -> int | None:
        """Return how many places nobody has, was offered or is invited to; None: as many as there are numbers."""
        return None if limit is None else max(limit - self.taken - len(self.offered) - len(self.invited), 0)


type PlaceEvent = (
    ConsignorNumberTaken
    | PlaceFreed
    | PlaceTakenAgain
    | WaitingListJoined
    | WaitingListLeft
    | PlaceOffered
    | InvitationOpened
    | InvitationClosed
    | TermsAccepted
    | AllowanceChanged
)


def evolve(places: Places, event: PlaceEvent) -> Places:
    """Return the places after the event."""
    match event:
        case ConsignorNumberTaken(_, participation, number, account, terms_version, referred_by):
            standing = Standing(terms_version, referred_by)
            return _taken(places, participation, number, account, standing)
        case PlaceTakenAgain(_, participation, number, account):
            standing = replace(places.standing[number], ended=False)
            return _taken(places, participation, number, account, standing)
        case PlaceFreed(_, _, number, account):
            ended = replace(places.standing[number], ended=True)
            freed = replace(places, standing=places.standing.insert(number, ended), taken=places.taken - 1)
            return _without(freed, account)
        case WaitingListJoined(_, participation, turn, account):
            joined = replace(places, waiting=places.waiting.insert(turn, participation), last_turn=turn)
            return _with(joined, account, participation)
        case WaitingListLeft(_, _, turn, account):
            left = replace(places, waiting=places.waiting.discard(turn), offered=places.offered.discard(turn))
            return _without(left, account)
        case PlaceOffered(_, participation, turn, expires_at):
            offered = places.offered.insert(turn, Offer(participation, expires_at))
            return replace(places, waiting=places.waiting.discard(turn), offered=offered)
        case InvitationOpened(_, participation, code_digest, number):
            opened = replace(places, invited=places.invited.insert(code_digest, participation))
            return opened if number is None else replace(opened, reserved=opened.reserved.insert(number, participation))
        case InvitationClosed(_, _, code_digest, number):
            closed = replace(places, invited=places.invited.discard(code_digest))
            return closed if number is None else replace(closed, reserved=closed.reserved.discard(number))
        case TermsAccepted() | AllowanceChanged():
            stands = _stands(places.standing[event.number], event)
            return replace(places, standing=places.standing.insert(event.number, stands))


def _stands(standing: Standing, event: TermsAccepted | AllowanceChanged) -> Standing:
    match event:
        case TermsAccepted(version=version):
            return replace(standing, terms_version=version)
        case AllowanceChanged(allowance=allowance):
            return replace(standing, allowance=allowance)


def _taken(
    places: Places, participation: ParticipationId, number: int, account: AccountId | None, standing: Standing
) -> Places:
    taken = replace(places, standing=places.standing.insert(number, standing), taken=places.taken + 1)
    return _with(taken, account, participation)


def _with(places: Places, account: AccountId | None, participation: ParticipationId) -> Places:
    return places if account is None else replace(places, accounts=places.accounts.insert(account, participation))


def _without(places: Places, account: AccountId | None) -> Places:
    return places if account is None else replace(places, accounts=places.accounts.discard(account))
