"""Access tokens of this installation: what they say, and how long they are good for."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from uuid_utils import uuid7

from consign.identity.keys import Keys

AUDIENCE = "consign"
LIFETIME_S = 600


class Signer(Keys, Protocol):
    """Signs, and knows the keys that its signatures are checked with."""

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return the claims as a signed token."""
        ...

    def public(self) -> Sequence[Mapping[str, str]]:
        """Return the public keys as JWKs."""
        ...


class AccessTokens:
    """Issues access tokens under the name `issuer`, the installation's public address."""

    def __init__(self, issuer: str, signer: Signer) -> None:
        self.issuer = issuer
        self.signer = signer

    def issue(
        self,
        account_id: str,
        *,
        session_id: UUID | None = None,
        organization: str | None = None,
        device_id: str | None = None,
        lifetime_s: int = LIFETIME_S,
    ) -> str:
        """Return a token for the account; bound to an organization or a device it reaches nothing beyond."""
        now_s = int(time.time())
        bound = {"sid": None if session_id is None else str(session_id), "org": organization, "device": device_id}
        return self.signer.sign(
            {
                "iss": self.issuer,
                "sub": account_id,
                "aud": AUDIENCE,
                "iat": now_s,
                "nbf": now_s,
                "exp": now_s + lifetime_s,
                "jti": str(uuid7()),
                **{name: value for name, value in bound.items() if value is not None},
            }
        )
