"""The issuer that this installation is itself."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from consign.domain.values import GivenAccountId, GivenSlug
from consign.identity.access_tokens import AUDIENCE, AccessTokens
from consign.identity.caller import Caller


class _Claims(Struct, frozen=True):
    sub: GivenAccountId
    exp: float
    nbf: float
    jti: Annotated[str, Meta(min_length=1, max_length=64)]
    sid: Annotated[str, Meta(max_length=64)] | None = None
    org: GivenSlug | None = None
    device: Annotated[str, Meta(max_length=64)] | None = None


class BuiltInIssuer:
    """Reads what `AccessTokens` issued."""

    audience = AUDIENCE
    on_this_machine_only = False

    def __init__(self, tokens: AccessTokens) -> None:
        self.name = tokens.issuer
        self.keys = tokens.signer

    def caller(self, claims: bytes) -> Caller:
        """Return the account, within the organization and on the device that the token is bound to."""
        read = msgspec.json.decode(claims, type=_Claims)
        return Caller(
            account_id=read.sub,
            kind="person",
            issuer=self.name,
            expires_at_s=read.exp,
            session_id=read.sid,
            organization=read.org,
            device_id=read.device,
        )
