"""Keys for programs in memory: for tests, and as the shortest statement of what the store promises."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from consign.identity.key_store import ApiKey
from consign.identity.machine_store import SEEN_EVERY


class _Kept(Struct, frozen=True):
    key: ApiKey
    secret_digest: bytes | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class MemoryKeyStore:
    """Nothing here waits, so each method is one step by itself."""

    def __init__(self) -> None:
        self._keys: dict[str, _Kept] = {}

    async def keep_key(self, key: ApiKey, secret_digest: bytes) -> bool:
        """Put the secret in the place of one that was never used."""
        known = self._keys.get(key.qualified)
        if known is None:
            self._keys[key.qualified] = _Kept(key, secret_digest)
            return True
        if known.used_at is not None or known.revoked_at is not None:
            return False
        self._keys[key.qualified] = replace(known, secret_digest=secret_digest)
        return True

    async def key_of_secret(self, secret_digest: bytes, now: datetime) -> ApiKey | None:
        """Return whose secret it is."""
        for kept in self._keys.values():
            in_time = kept.key.expires_at is None or kept.key.expires_at > now
            if kept.secret_digest == secret_digest and kept.revoked_at is None and in_time:
                return kept.key
        return None

    async def use_key(self, key: ApiKey, now: datetime) -> None:
        """Remember that it was used."""
        known = self._keys[key.qualified]
        if known.used_at is None or known.used_at <= now - SEEN_EVERY:
            self._keys[key.qualified] = replace(known, used_at=now)

    async def used(self, organization: str, keys: Sequence[str]) -> Mapping[str, datetime]:
        """Return when each was used."""
        found = {key: self._keys.get(ApiKey(organization, key).qualified) for key in keys}
        return {key: kept.used_at for key, kept in found.items() if kept is not None and kept.used_at is not None}

    async def revoke_key(self, organization: str, key: str, now: datetime) -> None:
        """End it."""
        ended = ApiKey(organization, key)
        known = self._keys.get(ended.qualified, _Kept(ended))
        self._keys[ended.qualified] = replace(known, revoked_at=known.revoked_at or now)
