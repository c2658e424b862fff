"""An account's membership of an organization: the roles it holds there, and nowhere else.

It lives in the organization's own log, so that leaving the platform's log behind leaves nobody locked out of theirs.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from consign.domain.members import GivenMemberInvitationId, MemberInvitationId
from consign.domain.participation.place_commands import CodeDigest
from consign.domain.pins import PinSet, PinTaken
from consign.domain.values import AccountId, GivenAccountId, GivenSlug, Role, Sealed

GivenRoles = Annotated[tuple[Role, ...], Meta(min_length=1, max_length=8)]

Because = Literal["founded", "granted", "joined", "invited", "followed"]
"""How somebody came to hold roles; `followed`: the issuer of their account said so."""

JOINED_ROLES: tuple[Role, ...] = ("consignor", "shopper")
"""What somebody becomes by asking, where the organization lets anybody join."""


class GrantRoles(Struct, frozen=True, gc=False, tag="grant-roles"):
    """From now on the account holds these roles and no others."""

    organization: GivenSlug
    account: GivenAccountId
    roles: GivenRoles


class EndMembership(Struct, frozen=True, gc=False, tag="end-membership"):
    organization: GivenSlug
    account: GivenAccountId


class FollowMembership(Struct, frozen=True, gc=False, tag="follow-membership"):
    """The issuer of the account said at that time: these roles and no others (or none at all).

    Such messages arrive late, twice and in any order; what was said before something newer is known means nothing.
    """

    organization: GivenSlug
    account: GivenAccountId
    roles: Annotated[tuple[Role, ...], Meta(max_length=8)]
    said_at: Annotated[datetime, Meta(tz=True)]


class Join(Struct, frozen=True, gc=False, tag="join"):
    organization: GivenSlug
    account: GivenAccountId


class ChangeJoining(Struct, frozen=True, gc=False, tag="change-joining"):
    """Says whether anybody who is signed in may become consignor and shopper by asking."""

    organization: GivenSlug
    is_open: bool


class InviteMember(Struct, frozen=True, gc=False, tag="invite-member"):
    """Whoever shows the code in time gets the roles, beside those they have."""

    organization: GivenSlug
    invitation: GivenMemberInvitationId
    code_digest: CodeDigest
    roles: GivenRoles
    expires_at: Annotated[datetime, Meta(tz=True)]
    address: Sealed | None = None


class RevokeMemberInvitation(Struct, frozen=True, gc=False, tag="revoke-member-invitation"):
    organization: GivenSlug
    invitation: GivenMemberInvitationId


class AcceptMemberInvitation(Struct, frozen=True, gc=False, tag="accept-member-invitation"):
    organization: GivenSlug
    code_digest: CodeDigest
    account: GivenAccountId


class ExpireMemberInvitation(Struct, frozen=True, gc=False, tag="expire-member-invitation"):
    """Said by a timer."""

    organization: GivenSlug
    invitation: GivenMemberInvitationId


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class RolesGranted(Struct, frozen=True, gc=False, tag="roles-granted"):
    """All roles that the account holds from here on; `said_at` is when the account's issuer said so, if it did."""

    account: AccountId
    roles: tuple[Role, ...]
    because: Because
    said_at: datetime | None = None


class MembershipEnded(Struct, frozen=True, gc=False, tag="membership-ended"):
    """Also of somebody who was no member: then an end was heard of before its beginning."""

    account: AccountId
    said_at: datetime | None = None


class MembershipAnswer(Struct, frozen=True, gc=False):
    account: AccountId
    roles: tuple[Role, ...]


class MemberInvitationAnswer(Struct, frozen=True, gc=False):
    invitation: MemberInvitationId
    roles: tuple[Role, ...]
    expires_at: datetime


class Nobody(Struct, frozen=True, gc=False, tag="nobody"): ...


class Member(Struct, frozen=True, gc=False, tag="member"):
    """`said_at` is the latest time at which the account's issuer said something of the membership.

    `pin_version` counts what became of the member's PIN; whether there is one now says `has_pin`.
    """

    account: AccountId
    roles: tuple[Role, ...]
    said_at: datetime | None = None
    pin_version: int = 0
    has_pin: bool = False


class Former(Struct, frozen=True, gc=False, tag="former"):
    """Who comes back sets a new PIN."""

    account: AccountId
    said_at: datetime | None = None
    pin_version: int = 0


type MembershipCommand = (
    GrantRoles
    | EndMembership
    | FollowMembership
    | Join
    | ChangeJoining
    | InviteMember
    | RevokeMemberInvitation
    | AcceptMemberInvitation
    | ExpireMemberInvitation
)
type MembershipEvent = RolesGranted | MembershipEnded | PinSet | PinTaken
type Membership = Member | Former | Nobody
INITIAL: Membership = Nobody()


def roles_of(membership: Membership) -> tuple[Role, ...]:
    """Return the roles that are held."""
    match membership:
        case Member(roles=roles):
            return roles
        case Former() | Nobody():
            return ()


def said_at(membership: Membership) -> datetime | None:
    """Return the latest time at which the account's issuer said something of the membership."""
    match membership:
        case Member(said_at=at) | Former(said_at=at):
            return at
        case Nobody():
            return None


def evolve(membership: Membership, event: MembershipEvent) -> Membership:
    """Return the membership after the event."""
    match event:
        case RolesGranted(account, roles):
            has_pin = isinstance(membership, Member) and membership.has_pin
            at = event.said_at or said_at(membership)
            return Member(account, roles, at, _pin_version(membership), has_pin)
        case MembershipEnded(account):
            return Former(account, event.said_at or said_at(membership), _pin_version(membership))
        case PinSet(version=version) | PinTaken(version=version):
            match membership:
                case Member():
                    return replace(membership, pin_version=version, has_pin=isinstance(event, PinSet))
                case Former() | Nobody():
                    return membership


def _pin_version(membership: Membership) -> int:
    return 0 if isinstance(membership, Nobody) else membership.pin_version
