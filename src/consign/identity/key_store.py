"""What keys for programs need to be kept: digests, and how far each key reaches."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class ApiKey(Struct, frozen=True):
    """A key is one organization's; `only` are the endpoints for which it is good, none: all that it may use."""

    organization: str
    key: str
    only: frozenset[str] = frozenset()
    expires_at: datetime | None = None

    @property
    def qualified(self) -> str:
        """The id by which its end is told of."""
        return f"{self.organization}/{self.key}"


class KeyStore(Protocol):
    """Each method is one step that is done whole or not at all, and may raise IdentityUnavailable."""

    async def keep_key(self, key: ApiKey, secret_digest: bytes) -> bool:
        """Know the key by this secret; False: it was used under another one, or was revoked."""
        ...

    async def key_of_secret(self, secret_digest: bytes, now: datetime) -> ApiKey | None:
        """Return the key that is known by the secret, neither revoked nor expired."""
        ...

    async def use_key(self, key: ApiKey, now: datetime) -> None:
        """Remember that the key was used, where that was not remembered for some minutes."""
        ...

    async def used(self, organization: str, keys: Sequence[str]) -> Mapping[str, datetime]:
        """Return when each of the keys was used last, of those that were."""
        ...

    async def revoke_key(self, organization: str, key: str, now: datetime) -> None:
        """End the key for good; it is told of by `MachineStore.revoked_since`."""
        ...
