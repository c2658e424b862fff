"""Who holds which roles in an organization: granting and ending them, and joining by oneself.

Somebody always leads: the last organizer (of the platform: operator) neither leaves nor gives the role up.
"""

from consign.domain.decision import Decision, Emitted
from consign.domain.members import (
    LEADERS_LIMIT,
    PLATFORM,
    JoiningChanged,
    LeaderAppointed,
    LeaderDismissed,
    Members,
    leading_role,
)
from consign.domain.membership import (
    JOINED_ROLES,
    Because,
    ChangeJoining,
    EndMembership,
    FollowMembership,
    Former,
    GrantRoles,
    Join,
    Member,
    Membership,
    MembershipAnswer,
    MembershipEnded,
    Nobody,
    RolesGranted,
    roles_of,
    said_at,
)
from consign.domain.organization import Founded, Organization, Platform, Registered, Unknown, members_of
from consign.domain.rejection import Reason, Rejected
from consign.domain.turns.actors import membership_stream, organization_stream
from consign.domain.values import AccountId, Done, OrganizationSlug, Role

_OF_THE_PLATFORM = frozenset[Role](("operator",))
_OF_NOBODY = frozenset[Role](("system", "guest", "device"))


def grant(command: GrantRoles, organization: Organization, membership: Membership) -> Decision:
    """Give the account these roles in place of those it has."""
    require_grantable(command.organization, command.roles)
    require_founded(command.organization, organization)
    roles = tuple(sorted(set(command.roles)))
    events = held(command.organization, members_of(organization), membership, command.account, roles, "granted")
    return Decision(events, MembershipAnswer(command.account, roles))


def end(command: EndMembership, organization: Organization, membership: Membership) -> Decision:
    """Take every role away; somebody who left before has left."""
    match membership:
        case Nobody():
            raise Rejected(Reason.UNKNOWN_MEMBER, "Nobody with this account is a member here.")
        case Former():
            return Decision((), MembershipAnswer(command.account, ()))
        case Member():
            pass
    led = _leading(command.organization, members_of(organization), command.account, ())
    ended = Emitted(membership_stream(command.account), MembershipEnded(command.account))
    return Decision((*led, ended), MembershipAnswer(command.account, ()))


def follow(command: FollowMembership, organization: Organization, membership: Membership) -> Decision:
    """Do as the account's issuer says, unless it said something else since; an event remembers when it said so."""
    require_grantable(command.organization, command.roles)
    require_founded(command.organization, organization)
    known_at, account = said_at(membership), command.account
    if known_at is not None and known_at >= command.said_at:
        return Decision((), MembershipAnswer(account, roles_of(membership)))
    roles = tuple(sorted(set(command.roles)))
    led = _leading(command.organization, members_of(organization), account, roles)
    said = (
        RolesGranted(account, roles, "followed", command.said_at)
        if roles
        else MembershipEnded(account, command.said_at)
    )
    return Decision((*led, Emitted(membership_stream(account), said)), MembershipAnswer(account, roles))


def join(command: Join, organization: Organization, membership: Membership) -> Decision:
    """Become consignor and shopper by asking, where anybody may; other roles are kept."""
    require_founded(command.organization, organization)
    members = members_of(organization)
    roles = tuple(sorted({*roles_of(membership), *JOINED_ROLES}))
    if roles != roles_of(membership) and not members.joining:
        raise Rejected(Reason.JOINING_CLOSED, "One becomes a member here by invitation only. Ask an organizer for one.")
    events = held(command.organization, members, membership, command.account, roles, "joined")
    return Decision(events, MembershipAnswer(command.account, roles))


def change_joining(command: ChangeJoining, organization: Organization) -> Decision:
    """Say whether anybody may join."""
    require_founded(command.organization, organization)
    if command.organization == PLATFORM:
        raise Rejected(Reason.ROLE_NOT_HERE, "Nobody becomes an operator of the platform by asking.")
    if members_of(organization).joining == command.is_open:
        return Decision((), Done())
    return Decision((Emitted(organization_stream(command.organization), JoiningChanged(command.is_open)),), Done())


def held(
    organization: OrganizationSlug,
    members: Members,
    membership: Membership,
    account: AccountId,
    roles: tuple[Role, ...],
    because: Because,
) -> tuple[Emitted, ...]:
    """Return what makes the account hold these (sorted) roles; nothing where it does."""
    if roles == roles_of(membership):
        return ()
    granted = Emitted(membership_stream(account), RolesGranted(account, roles, because))
    return (*_leading(organization, members, account, roles), granted)


def require_grantable(organization: OrganizationSlug, roles: tuple[Role, ...]) -> None:
    """Raise Rejected with `role_not_here`: operators are the platform's, all other roles an organization's."""
    of_the_platform = organization == PLATFORM
    for role in roles:
        if role in _OF_NOBODY or (role in _OF_THE_PLATFORM) != of_the_platform:
            where = "on the platform" if of_the_platform else "in an organization"
            raise Rejected(Reason.ROLE_NOT_HERE, f"Nobody is made {role} {where}. Grant another role.")


def require_founded(slug: OrganizationSlug, organization: Organization) -> None:
    """Raise Rejected with `unknown_organization` where there is nothing yet that anybody could be a member of."""
    match organization:
        case Founded() | Platform():
            return
        case Registered() | Unknown():
            if slug != PLATFORM:
                raise Rejected(Reason.UNKNOWN_ORGANIZATION, f"There is no organization {slug} here yet.")


def _leading(
    organization: OrganizationSlug, members: Members, account: AccountId, roles: tuple[Role, ...]
) -> tuple[Emitted, ...]:
    leads, led = leading_role(organization) in roles, account in members.leaders
    stream = organization_stream(organization)
    if leads and not led:
        if len(members.leaders) >= LEADERS_LIMIT:
            raise Rejected(Reason.LIMIT_EXCEEDED, f"At most {LEADERS_LIMIT} accounts are {leading_role(organization)}.")
        return (Emitted(stream, LeaderAppointed(account)),)
    if led and not leads:
        if len(members.leaders) == 1:
            raise Rejected(
                Reason.LAST_ORGANIZER,
                f"Nobody else is {leading_role(organization)} here. Grant somebody the role first.",
            )
        return (Emitted(stream, LeaderDismissed(account)),)
    return ()
