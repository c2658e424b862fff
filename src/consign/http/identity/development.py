"""A development identity: one issuer among others, believed on this machine alone.

Its tokens are signed with a key of this installation, carry an account and its roles in each organization, and are
believed only when the peer is this machine itself and no proxy says that it speaks for somebody else.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import jwt
import msgspec
from msgspec import Struct

from consign.domain.values import GivenAccountId, Role
from consign.http.identity.caller import Caller, is_loopback, unauthenticated

ISSUER = "consign-development"
ALGORITHM = "HS256"
TOKEN_LENGTH_MAX = 8192
TOKENS_CACHED_MAX = 4096
LIFETIME_DEFAULT_S = 7 * 24 * 3600


class _Claims(Struct, frozen=True):
    sub: GivenAccountId
    exp: int
    roles: dict[str, tuple[Role, ...]]


class DevelopmentIdentity:
    """Issues and checks tokens. `key` is secret and at least 32 bytes long."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._callers: dict[str, Caller] = {}

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

    def caller(self, authorization: str, peer: str, *, proxied: bool) -> Caller:
        """Return who sent this Authorization header; raises Refusal.

        A token that was verified before is not verified again until it expires.
        """
        if proxied or not is_loopback(peer):
            raise unauthenticated("Development tokens are accepted from this machine only.")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthenticated("Send a header Authorization: Bearer <token>.")
        known = self._callers.get(token)
        if known is None:
            known = self._verify(token)
            if len(self._callers) >= TOKENS_CACHED_MAX:
                self._callers.pop(next(iter(self._callers)))
            self._callers[token] = known
        if known.expires_at_s <= time.time():
            del self._callers[token]
            raise unauthenticated("The token has expired.")
        return known

    def _verify(self, token: str) -> Caller:
        if len(token) > TOKEN_LENGTH_MAX:
            raise unauthenticated("The token is too long.")
        try:
            raw: dict[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                options={"require": ["exp", "iat", "sub", "iss"]},
            )
            claims = msgspec.convert(raw, _Claims)
        except (jwt.PyJWTError, msgspec.ValidationError) as error:
            raise unauthenticated("The token is not valid.") from error
        return Caller(
            account_id=claims.sub,
            kind="development",
            issuer=ISSUER,
            expires_at_s=float(claims.exp),
            roles=claims.roles,
        )
