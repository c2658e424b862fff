"""A development identity: one issuer among others, believed on this machine alone.

Its tokens are signed with a key of this installation, carry an account and its roles in each organization, and are
believed only when the peer is this machine itself and no proxy says that it speaks for somebody else.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Literal

import jwt
import msgspec
from msgspec import Struct

from consign.domain.values import GivenAccountId, Role
from consign.identity.caller import Caller
from consign.identity.keys import OneKey, VerifyingKey

ISSUER = "consign-development"
ALGORITHM: Literal["HS256"] = "HS256"
LIFETIME_DEFAULT_S = 7 * 24 * 3600


class _Claims(Struct, frozen=True):
    sub: GivenAccountId
    exp: float
    roles: dict[str, tuple[Role, ...]]


class DevelopmentIdentity:
    """Issues tokens and reads them. `key` is secret and at least 32 bytes long."""

    name = ISSUER
    audience = None
    on_this_machine_only = True

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.keys = OneKey(VerifyingKey(ALGORITHM, key))

    def issue(
        self, account_id: str, roles: Mapping[str, Sequence[str]], *, lifetime_s: int = LIFETIME_DEFAULT_S
    ) -> str:
        """Return a token for the account with its roles in each organization."""
        now_s = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": account_id,
            "iat": now_s,
            "exp": now_s + lifetime_s,
            "roles": {organization: list(held) for organization, held in roles.items()},
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def caller(self, claims: bytes) -> Caller:
        """Return the account with the roles that the token itself carries."""
        read = msgspec.json.decode(claims, type=_Claims)
        return Caller(account_id=read.sub, kind="development", issuer=ISSUER, expires_at_s=read.exp, roles=read.roles)
