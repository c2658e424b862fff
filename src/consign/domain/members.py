"""What an organization knows of its members as a whole: who leads it, who is invited, whether anybody may join.

Each member's own roles stand in the account's membership, see `consign.domain.membership`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, NewType

from msgspec import Meta, Struct
from msgspec.structs import replace

from consign.domain.values import UUID_PATTERN, AccountId, OrganizationSlug, Role, Sealed

PLATFORM = OrganizationSlug("platform")
"""The reserved organization in which accounts and organizations themselves live; its members are its operators."""

LEADERS_LIMIT = 100
INVITATIONS_LIMIT = 200
"""How many invitations to become a member may be open at once."""

MemberInvitationId = NewType("MemberInvitationId", str)
GivenMemberInvitationId = Annotated[MemberInvitationId, Meta(pattern=UUID_PATTERN, max_length=36)]

InvitationEnd = Literal["accepted", "revoked", "expired"]


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class LeaderAppointed(Struct, frozen=True, gc=False, tag="leader-appointed"):
    """An organizer of an organization, or an operator of the platform."""

    account: AccountId


class LeaderDismissed(Struct, frozen=True, gc=False, tag="leader-dismissed"):
    account: AccountId


class MemberInvited(Struct, frozen=True, gc=False, tag="member-invited"):
    """`address` is who is invited, sealed under the invitation's own key."""

    invitation: MemberInvitationId
    code_digest: str
    roles: tuple[Role, ...]
    expires_at: datetime
    address: Sealed | None = None


class MemberInvitationClosed(Struct, frozen=True, gc=False, tag="member-invitation-closed"):
    invitation: MemberInvitationId
    code_digest: str
    because: InvitationEnd


class JoiningChanged(Struct, frozen=True, gc=False, tag="joining-changed"):
    """Whether anybody who is signed in may become a member by asking."""

    is_open: bool


class OpenInvitation(Struct, frozen=True, gc=False):
    invitation: MemberInvitationId
    roles: tuple[Role, ...]
    expires_at: datetime


class Members(Struct, frozen=True):
    """`leaders` are sorted; `invitations` are the open ones by the digest of their code."""

    leaders: tuple[AccountId, ...] = ()
    invitations: dict[str, OpenInvitation] = {}
    joining: bool = False


type MembersEvent = LeaderAppointed | LeaderDismissed | MemberInvited | MemberInvitationClosed | JoiningChanged


def leading_role(organization: OrganizationSlug) -> Role:
    """Return the role without which nobody could let others in."""
    return "operator" if organization == PLATFORM else "organizer"


def evolve(members: Members, event: MembersEvent) -> Members:
    """Return the members after the event."""
    match event:
        case LeaderAppointed(account):
            return replace(members, leaders=tuple(sorted({*members.leaders, account})))
        case LeaderDismissed(account):
            return replace(members, leaders=tuple(each for each in members.leaders if each != account))
        case MemberInvited(invitation, code_digest, roles, expires_at):
            opened = OpenInvitation(invitation, roles, expires_at)
            return replace(members, invitations={**members.invitations, code_digest: opened})
        case MemberInvitationClosed(code_digest=code_digest):
            left = {digest: open_ for digest, open_ in members.invitations.items() if digest != code_digest}
            return replace(members, invitations=left)
        case JoiningChanged(is_open):
            return replace(members, joining=is_open)
