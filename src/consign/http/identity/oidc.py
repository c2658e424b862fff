"""Any OpenID Connect issuer: whoever it vouches for is an account of its own here, and a member of nothing by that."""

from collections.abc import Collection
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from consign.http.identity.tokens import TokenRefused
from consign.identity.caller import Caller
from consign.identity.federation import account_of
from consign.identity.keys import Keys

Subject = Annotated[str, Meta(min_length=1, max_length=255)]


class _Claims(Struct, frozen=True):
    sub: Subject
    exp: float
    azp: str | None = None
    sid: Annotated[str, Meta(max_length=255)] | None = None
    events: Raw | UnsetType = UNSET


class OidcIssuer:
    """Reads tokens of an issuer that are meant for `audience`; where `parties` are named, issued to one of them."""

    on_this_machine_only = False

    def __init__(self, name: str, keys: Keys, *, audience: str, parties: Collection[str] = ()) -> None:
        self.name = name
        self.keys = keys
        self.audience = audience
        self._parties = frozenset(parties)

    def caller(self, claims: bytes) -> Caller:
        """Return the account; raises TokenRefused. A logout token (it has `events`) shows nobody."""
        read = msgspec.json.decode(claims, type=_Claims)
        if read.events is not UNSET or (self._parties and read.azp not in self._parties):
            raise TokenRefused("The token is not meant for this service.")
        return Caller(
            account_id=account_of(self.name, read.sub),
            kind="person",
            issuer=self.name,
            expires_at_s=read.exp,
            session_id=read.sid,
        )
