"""Commands to memberships whose bodies hold no personal data."""

from consign.domain.membership import (
    ChangeJoining,
    EndMembership,
    GrantRoles,
    Join,
    MembershipAnswer,
    RevokeMemberInvitation,
)
from consign.domain.values import Done
from consign.http.commands.route import CommandRoute, account_of, organization_of

_TAG = "memberships"
_ONE = "/memberships/{account}"

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "grant-roles",
        f"{_ONE}/grant-roles",
        GrantRoles,
        MembershipAnswer,
        "Let an account hold these roles in the organization from now on, and no others.",
        {"roles": ["cashier", "volunteer"]},
        _TAG,
        {"organization": organization_of},
    ),
    CommandRoute(
        "end-membership",
        f"{_ONE}/end",
        EndMembership,
        MembershipAnswer,
        "End a membership: the account holds no roles in the organization any more. The last organizer stays.",
        {},
        _TAG,
        {"organization": organization_of},
    ),
    CommandRoute(
        "join",
        "/join",
        Join,
        MembershipAnswer,
        "Become consignor and shopper of the organization by asking, where it lets anybody join.",
        {},
        _TAG,
        {"organization": organization_of, "account": account_of},
    ),
    CommandRoute(
        "change-joining",
        "/change-joining",
        ChangeJoining,
        Done,
        "Say whether anybody who is signed in may become consignor and shopper by asking.",
        {"is_open": True},
        _TAG,
        {"organization": organization_of},
    ),
    CommandRoute(
        "revoke-member-invitation",
        "/member-invitations/{invitation}/revoke",
        RevokeMemberInvitation,
        Done,
        "Take an invitation back that nobody accepted.",
        {},
        _TAG,
        {"organization": organization_of},
    ),
)
