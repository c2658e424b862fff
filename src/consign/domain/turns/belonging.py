"""What is asked about members: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.membership import (
    AcceptMemberInvitation,
    ChangeJoining,
    EndMembership,
    ExpireMemberInvitation,
    FollowMembership,
    GrantRoles,
    InviteMember,
    Join,
    MembershipCommand,
    RevokeMemberInvitation,
)
from consign.domain.recorded import StreamName
from consign.domain.turns import granting, inviting_members
from consign.domain.turns.actors import States, membership_stream, organization_stream


def needs(command: MembershipCommand, _: States) -> tuple[StreamName, ...]:
    """Name the streams to load."""
    organization = organization_stream(command.organization)
    match command:
        case GrantRoles() | EndMembership() | FollowMembership() | Join() | AcceptMemberInvitation():
            return (organization, membership_stream(command.account))
        case ChangeJoining() | InviteMember() | RevokeMemberInvitation() | ExpireMemberInvitation():
            return (organization,)


def decide(command: MembershipCommand, states: States, now: datetime) -> Decision:
    organization = states[organization_stream(command.organization)]
    match command:
        case GrantRoles():
            return granting.grant(command, organization, states[membership_stream(command.account)])
        case EndMembership():
            return granting.end(command, organization, states[membership_stream(command.account)])
        case FollowMembership():
            return granting.follow(command, organization, states[membership_stream(command.account)])
        case Join():
            return granting.join(command, organization, states[membership_stream(command.account)])
        case ChangeJoining():
            return granting.change_joining(command, organization)
        case InviteMember():
            return inviting_members.invite(command, organization, now)
        case RevokeMemberInvitation():
            return inviting_members.revoke(command, organization)
        case AcceptMemberInvitation():
            membership = states[membership_stream(command.account)]
            return inviting_members.accept(command, organization, membership, now)
        case ExpireMemberInvitation():
            return inviting_members.expire(command, organization, now)
