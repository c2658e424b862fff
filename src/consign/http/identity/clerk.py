"""Clerk's session tokens, version 2 (https://clerk.com/docs/backend-requests/resources/session-tokens).

The organization that is active in the session limits what the token reaches; without one, memberships alone say it.
"""

from collections.abc import Collection, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from consign.http.identity.oidc import Subject
from consign.http.identity.tokens import TokenRefused
from consign.identity.caller import Caller
from consign.identity.federation import account_of, organization_of
from consign.identity.keys import Keys

_Bits = Annotated[str, Meta(pattern=r"^(\d{1,18}(,\d{1,18})*)?$", max_length=2000)]
_Names = Annotated[str, Meta(max_length=4000)]


class _Organization(Struct, frozen=True):
    """`rol` comes without `org:`; `per` names permissions, `fpm` has a number a feature whose bits choose of them."""

    id: Annotated[str, Meta(min_length=1, max_length=128)]
    slg: str = ""
    rol: str = ""
    per: _Names = ""
    fpm: _Bits = ""


class _Claims(Struct, frozen=True):
    """`sts`: an unfinished sign-in is pending. `act`: somebody else acts in this person's place."""

    sub: Subject
    exp: float
    nbf: float
    sid: Annotated[str, Meta(min_length=1, max_length=255)]
    azp: str
    v: Literal[2]
    sts: str = "active"
    fea: _Names = ""
    o: _Organization | None = None
    act: Raw | UnsetType = UNSET


class ClerkIssuer:
    """Reads session tokens made for the web origins `parties`; `organizations` names slugs by Clerk's ids."""

    audience = None
    on_this_machine_only = False

    def __init__(
        self, name: str, keys: Keys, *, parties: Collection[str], organizations: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.keys = keys
        self._parties = frozenset(parties)
        self._organizations = organizations or {}

    def caller(self, claims: bytes) -> Caller:
        """Return the account within the session's organization; raises TokenRefused."""
        read = msgspec.json.decode(claims, type=_Claims)
        if read.azp not in self._parties:
            raise TokenRefused("The token is not meant for this service.")
        if read.sts != "active":
            raise TokenRefused("Signing in is not finished.")
        if read.act is not UNSET:
            raise TokenRefused("Nobody acts here in somebody else's place.")
        active = read.o
        return Caller(
            account_id=account_of(self.name, read.sub),
            kind="person",
            issuer=self.name,
            expires_at_s=read.exp,
            session_id=read.sid,
            organization=None if active is None else organization_of(self.name, active.id, self._organizations),
            permissions=frozenset() if active is None else permissions(read.fea, active.per, active.fpm),
        )


def permissions(features: str, names: str, bits: str) -> frozenset[str]:
    """Return `feature:permission` for each bit that is set: the lowest stands for the first of `names`.

    The numbers belong to the features of organizations (`o:`), in their order. Raises TokenRefused where they do not
    fit together.
    """
    scoped = [feature.partition(":") for feature in features.split(",")] if features else []
    of_organizations = [name for scope, _, name in scoped if "o" in scope]
    named = names.split(",") if names else []
    masks = [int(each) for each in bits.split(",")] if bits else []
    if len(masks) > len(of_organizations) or any(mask >> len(named) for mask in masks):
        raise TokenRefused("The token's permissions contradict each other.")
    return frozenset(
        f"{feature}:{name}"
        for feature, mask in zip(of_organizations, masks, strict=False)
        for place, name in enumerate(named)
        if mask >> place & 1
    )
