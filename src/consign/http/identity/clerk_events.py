"""What Clerk's webhooks tell, as far as it means something here (https://clerk.com/docs/guides/development/webhooks/overview)."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from consign.domain.values import Name

_Id = Annotated[str, Meta(min_length=1, max_length=128)]
_Text = Annotated[str, Meta(max_length=200)]
_Instant = Annotated[int, Meta(ge=0, le=10**14)]

_MILLISECONDS_FROM = 10**11
"""Later than this no time in seconds is: Clerk's own documents show both."""


class OrganizationMade(Struct, frozen=True):
    """Somebody founded an organization there."""

    organization: str
    name: str
    founder: str


class OrganizationCalled(Struct, frozen=True):
    """The organization bears this name there at `at`."""

    organization: str
    name: str
    at: datetime


class MembershipMade(Struct, frozen=True):
    """From `at` on somebody holds the role there."""

    organization: str
    user: str
    role: str
    at: datetime


class MembershipGone(Struct, frozen=True):
    """From `at` on somebody holds no role there."""

    organization: str
    user: str
    at: datetime


class OrganizationGone(Struct, frozen=True):
    """The organization is deleted there."""

    organization: str


class UserGone(Struct, frozen=True):
    """Somebody's account is deleted there."""

    user: str


class UserBarred(Struct, frozen=True):
    """Somebody may not sign in there at the moment."""

    user: str


type ClerkEvent = (
    OrganizationMade | OrganizationCalled | OrganizationGone | MembershipMade | MembershipGone | UserGone | UserBarred
)


class ClerkMessage(Struct, frozen=True):
    """What every message is made of; `data` is the whole thing that changed, `timestamp` when, in milliseconds."""

    type: _Text
    data: dict[str, Any]
    timestamp: _Instant = 0


class _Organization(Struct, frozen=True):
    id: _Id
    name: Name
    created_by: _Id


class _Called(Struct, frozen=True):
    id: _Id
    name: Name
    updated_at: _Instant = 0


class _Within(Struct, frozen=True):
    id: _Id


class _User(Struct, frozen=True):
    user_id: _Id


class _Account(Struct, frozen=True):
    id: _Id
    banned: bool = False
    locked: bool = False


class _Membership(Struct, frozen=True):
    organization: _Within
    public_user_data: _User
    role: _Text
    updated_at: _Instant = 0


def clerk_event(body: bytes) -> ClerkEvent | None:
    """Return what the body tells; None: nothing that changes anything here. Raises msgspec.MsgspecError."""
    envelope = msgspec.json.decode(body, type=ClerkMessage)
    match envelope.type:
        case "organization.created":
            made = msgspec.convert(envelope.data, _Organization)
            return OrganizationMade(made.id, made.name, made.created_by)
        case "organization.updated":
            called = msgspec.convert(envelope.data, _Called)
            return OrganizationCalled(called.id, called.name, _instant(envelope.timestamp or called.updated_at))
        case "organization.deleted":
            return OrganizationGone(msgspec.convert(envelope.data, _Within).id)
        case "user.deleted":
            return UserGone(msgspec.convert(envelope.data, _Account).id)
        case "user.updated":
            account = msgspec.convert(envelope.data, _Account)
            return UserBarred(account.id) if account.banned or account.locked else None
        case "organizationMembership.created" | "organizationMembership.updated":
            held = msgspec.convert(envelope.data, _Membership)
            at = _instant(envelope.timestamp or held.updated_at)
            return MembershipMade(held.organization.id, held.public_user_data.user_id, held.role, at)
        case "organizationMembership.deleted":
            gone = msgspec.convert(envelope.data, _Membership)
            at = _instant(envelope.timestamp or gone.updated_at)
            return MembershipGone(gone.organization.id, gone.public_user_data.user_id, at)
        case _:
            return None


def _instant(given: int) -> datetime:
    if not given:
        raise msgspec.ValidationError("Object missing required field `timestamp`")
    return datetime.fromtimestamp(given / 1000 if given >= _MILLISECONDS_FROM else given, UTC)
