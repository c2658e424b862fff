"""Invitations to become a member: roles for whoever shows the code in time. Each works once."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.members import (
    INVITATIONS_LIMIT,
    InvitationEnd,
    MemberInvitationClosed,
    MemberInvitationId,
    MemberInvited,
    Members,
    OpenInvitation,
)
from consign.domain.membership import (
    AcceptMemberInvitation,
    ExpireMemberInvitation,
    InviteMember,
    MemberInvitationAnswer,
    Membership,
    MembershipAnswer,
    RevokeMemberInvitation,
    roles_of,
)
from consign.domain.organization import Organization, members_of
from consign.domain.rejection import Reason, Rejected
from consign.domain.turns.actors import organization_stream
from consign.domain.turns.deadlines import early
from consign.domain.turns.granting import held, require_founded, require_grantable
from consign.domain.turns.inviting import invalid
from consign.domain.values import Done, OrganizationSlug

LONGEST = timedelta(days=90)


def invite(command: InviteMember, organization: Organization, now: datetime) -> Decision:
    """Invite somebody; the same said again changes nothing."""
    require_grantable(command.organization, command.roles)
    require_founded(command.organization, organization)
    members = members_of(organization)
    roles = tuple(sorted(set(command.roles)))
    answer = MemberInvitationAnswer(command.invitation, roles, command.expires_at)
    known = members.invitations.get(command.code_digest)
    if known is not None:
        if known == OpenInvitation(command.invitation, roles, command.expires_at):
            return Decision((), answer)
        raise Rejected(Reason.INVITATION_INVALID, "This id invites somebody already, in other words. Use a new one.")
    if not now < command.expires_at <= now + LONGEST:
        raise Rejected(Reason.INVITATION_INVALID, f"An invitation lasts from now for {LONGEST.days} days at most.")
    if len(members.invitations) >= INVITATIONS_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"{INVITATIONS_LIMIT} invitations are open at most.")
    invited = MemberInvited(command.invitation, command.code_digest, roles, command.expires_at, command.address)
    timer = _timer(command.organization, command.invitation, command.expires_at)
    return Decision((Emitted(organization_stream(command.organization), invited),), answer, (timer,))


def accept(
    command: AcceptMemberInvitation, organization: Organization, membership: Membership, now: datetime
) -> Decision:
    """Give whoever shows the code the roles, beside those they have."""
    members = members_of(organization)
    invitation = members.invitations.get(command.code_digest)
    if invitation is None or invitation.expires_at <= now:
        raise invalid()
    roles = tuple(sorted({*roles_of(membership), *invitation.roles}))
    closed = _closed(command.organization, command.code_digest, invitation, "accepted")
    granted = held(command.organization, members, membership, command.account, roles, "invited")
    return Decision((closed, *granted), MembershipAnswer(command.account, roles))


def revoke(command: RevokeMemberInvitation, organization: Organization) -> Decision:
    """Take an invitation back; one that is over is over."""
    return _ended(command, members_of(organization), "revoked")


def expire(command: ExpireMemberInvitation, organization: Organization, now: datetime) -> Decision:
    """End an invitation that nobody accepted in time."""
    members = members_of(organization)
    for invitation in members.invitations.values():
        again = early(invitation.expires_at, now)
        if invitation.invitation == command.invitation and again is not None:
            return Decision((), Done(), (_timer(command.organization, command.invitation, again),))
    return _ended(command, members, "expired")


def _ended(
    command: RevokeMemberInvitation | ExpireMemberInvitation, members: Members, because: InvitationEnd
) -> Decision:
    for code_digest, invitation in members.invitations.items():
        if invitation.invitation == command.invitation:
            return Decision((_closed(command.organization, code_digest, invitation, because),), Done())
    return Decision((), Done())


def _closed(
    organization: OrganizationSlug, code_digest: str, invitation: OpenInvitation, because: InvitationEnd
) -> Emitted:
    closed = MemberInvitationClosed(invitation.invitation, code_digest, because)
    return Emitted(organization_stream(organization), closed)


def _timer(organization: OrganizationSlug, invitation: MemberInvitationId, due_at: datetime) -> Timer:
    """Name the timer by its time too: one that fired early by a clock's difference is set anew."""
    command = ExpireMemberInvitation(organization, invitation)
    return Timer(uuid5(UUID(invitation), f"expire-member-invitation {due_at.isoformat()}"), due_at, command)
