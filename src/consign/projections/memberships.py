"""Who is a member of an organization in which roles, and who is invited to become one: what access is given by."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.members import InvitationEnd, MemberInvitationClosed, MemberInvited
from consign.domain.membership import Because, MembershipEnded, RolesGranted
from consign.domain.pins import PinSet, PinTaken
from consign.domain.recorded import StoredEvent
from consign.domain.values import Role, Sealed
from consign.projections.projection import Change, Key, Projection, Put, Remove, Rows, Table, required


class MembershipRow(Struct, frozen=True):
    """Former members stay, without roles. `because` is how the present roles came about."""

    account: str
    status: Literal["member", "former"]
    roles: tuple[Role, ...]
    because: Because
    since: datetime
    changed_at: datetime


class MemberInvitationRow(Struct, frozen=True):
    """`address` can be read while the invitation is open."""

    invitation: str
    status: Literal["open", "accepted", "revoked", "expired"]
    roles: tuple[Role, ...]
    invited_at: datetime
    expires_at: datetime
    address: Sealed | None
    ended_at: datetime | None = None


class PinRow(Struct, frozen=True):
    """A member has a PIN; `name` is what devices show to choose by."""

    account: str
    version: int
    set_at: datetime
    name: Sealed | None


type Handled = RolesGranted | MembershipEnded | PinSet | PinTaken | MemberInvited | MemberInvitationClosed


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case RolesGranted(account=account) | MembershipEnded(account=account):
            return (("memberships", (account,)),)
        case PinSet() | PinTaken():
            return ()
        case MemberInvited(invitation=invitation) | MemberInvitationClosed(invitation=invitation):
            return (("invitations", (invitation,)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    at = stored.recorded_at
    match event:
        case RolesGranted(account, roles, because):
            known: MembershipRow | None = rows.get("memberships", (account,))
            since = at if known is None or known.status == "former" else known.since
            return (Put("memberships", MembershipRow(account, "member", roles, because, since, at)),)
        case MembershipEnded(account):
            member: MembershipRow | None = rows.get("memberships", (account,))
            if member is None:
                return (Put("memberships", MembershipRow(account, "former", (), "followed", at, at)),)
            left = replace(member, status="former", roles=(), changed_at=at)
            return (Put("memberships", left), Remove("pins", (account,)))
        case PinSet(account, version, name):
            return (Put("pins", PinRow(account, version, at, name)),)
        case PinTaken(account):
            return (Remove("pins", (account,)),)
        case MemberInvited():
            opened = MemberInvitationRow(event.invitation, "open", event.roles, at, event.expires_at, event.address)
            return (Put("invitations", opened),)
        case MemberInvitationClosed(invitation=invitation, because=because):
            row: MemberInvitationRow = required(rows, "invitations", (invitation,))
            return (Put("invitations", _ended(row, because, at)),)


def _ended(row: MemberInvitationRow, because: InvitationEnd, at: datetime) -> MemberInvitationRow:
    return replace(row, status=because, address=None, ended_at=at)


MEMBERSHIPS = Projection(
    name="memberships",
    version=2,
    tables=(
        Table("memberships", MembershipRow, key=("account",), indexes=(("since",),)),
        Table("invitations", MemberInvitationRow, key=("invitation",), indexes=(("invited_at",),)),
        Table("pins", PinRow, key=("account",), written_only=True),
    ),
    handles=frozenset(
        {
            "roles-granted",
            "membership-ended",
            "pin-set",
            "pin-taken",
            "member-invited",
            "member-invitation-closed",
        }
    ),
    reads=_reads,
    apply=_apply,
)
