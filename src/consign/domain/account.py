"""A person in an organization, apart from any sale: a profile said once, and where the person takes part.

Accounts themselves live on the platform; this is what one organization knows of one. Who it is stays sealed under the
person's own key, so that forgetting the person reaches every sale at once.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.auditing import AccessRefused, AuditEvent, DataShown
from consign.domain.signing_in import (
    AccountForgotten,
    AccountOpened,
    PasswordChanged,
    SessionsEnded,
    SignedIn,
    SignInEvent,
    SignInRefused,
    WaysChanged,
)
from consign.domain.values import AccountId, GivenAccountId, GivenParticipationId, ParticipationId, SaleId, Sealed

PARTICIPATIONS_LIMIT = 2_000
"""How often one account may take part in sales of one organization."""


class ChangeAccountProfile(Struct, frozen=True, gc=False, tag="change-account-profile"):
    account: GivenAccountId
    profile: Sealed


class ForgetPerson(Struct, frozen=True, gc=False, tag="forget-person"):
    """Records that the key to all that is sealed about the person was destroyed."""

    account: GivenAccountId


class ForgetConsignor(Struct, frozen=True, gc=False, tag="forget-consignor"):
    """The same for a consignor without an account."""

    participation: GivenParticipationId


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class AccountProfileChanged(Struct, frozen=True, gc=False, tag="account-profile-changed"):
    """`participations` are those that show the profile: readers know consignors by them."""

    account: AccountId
    profile: Sealed
    participations: tuple[ParticipationId, ...] = ()


class ParticipationJoined(Struct, frozen=True, gc=False, tag="participation-joined"):
    account: AccountId
    participation: ParticipationId
    sale: SaleId


class PersonForgotten(Struct, frozen=True, gc=False, tag="person-forgotten"):
    account: AccountId
    participations: tuple[ParticipationId, ...] = ()


class AccountAnswer(Struct, frozen=True, gc=False):
    account: AccountId


class Unknown(Struct, frozen=True, gc=False, tag="unknown"): ...


class Known(Struct, frozen=True, tag="known"):
    account: AccountId
    profile: Sealed | None = None
    participations: HashTrieMap[ParticipationId, SaleId] = HashTrieMap()


class Forgotten(Struct, frozen=True, gc=False, tag="forgotten"):
    account: AccountId


type AccountCommand = ChangeAccountProfile | ForgetPerson | ForgetConsignor
type AccountEvent = AccountProfileChanged | ParticipationJoined | PersonForgotten
type Account = Known | Forgotten | Unknown
INITIAL: Account = Unknown()


def evolve(account: Account, event: AccountEvent | SignInEvent | AuditEvent) -> Account:
    """Return the account after the event."""
    match event:
        case AccountProfileChanged(identity, profile):
            return replace(_known(account, identity), profile=profile)
        case ParticipationJoined(identity, participation, sale):
            known = _known(account, identity)
            return replace(known, participations=known.participations.insert(participation, sale))
        case PersonForgotten(identity) | AccountForgotten(identity):
            return Forgotten(identity)
        case AccountOpened(identity):
            return _known(account, identity)
        case SignedIn() | SignInRefused() | SessionsEnded() | PasswordChanged() | WaysChanged():
            return account
        case AccessRefused() | DataShown():
            return account


def _known(account: Account, identity: AccountId) -> Known:
    match account:
        case Known():
            return account
        case Unknown() | Forgotten():
            return Known(identity)
