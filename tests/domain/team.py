"""An organization and its members: names that tests use, each said once."""

from datetime import timedelta

from consign.domain.members import MemberInvitationId
from consign.domain.membership import (
    AcceptMemberInvitation,
    ChangeJoining,
    EndMembership,
    FollowMembership,
    GrantRoles,
    InviteMember,
    Join,
    RevokeMemberInvitation,
)
from consign.domain.values import AccountId, Role
from tests.domain.log import OPENING
from tests.domain.market import OLIVE, ORGANIZATION

PETRA = AccountId("petra")
INVITATION = MemberInvitationId("01900000-0000-7000-8000-0000000000f1")
CODE_DIGEST = "c0de" * 16
TOMORROW = OPENING + timedelta(days=1)

OPEN_TO_ALL = ChangeJoining(ORGANIZATION, is_open=True)
PETRA_JOINS = Join(ORGANIZATION, PETRA)
OLIVE_LEAVES = EndMembership(ORGANIZATION, OLIVE)
INVITE_A_CASHIER = InviteMember(ORGANIZATION, INVITATION, CODE_DIGEST, ("cashier",), TOMORROW)
REVOKE = RevokeMemberInvitation(ORGANIZATION, INVITATION)
PETRA_ACCEPTS = AcceptMemberInvitation(ORGANIZATION, CODE_DIGEST, PETRA)


def grant(account: AccountId, *roles: Role) -> GrantRoles:
    return GrantRoles(ORGANIZATION, account, roles)


def follow(account: AccountId, *roles: Role, seconds: int) -> FollowMembership:
    return FollowMembership(ORGANIZATION, account, roles, OPENING + timedelta(seconds=seconds))
