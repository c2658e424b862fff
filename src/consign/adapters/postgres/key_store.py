"""Keys for programs in tables that only the role `consign_identity` reaches."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from consign.adapters.postgres.identity_connections import IdentityConnections
from consign.identity.key_store import ApiKey
from consign.identity.machine_store import SEEN_EVERY


class PostgresKeyStore:
    """Shares its connections with whatever else is kept there; whoever made them closes them."""

    def __init__(self, connections: IdentityConnections) -> None:
        self._row, self._rows = connections.row, connections.rows

    async def keep_key(self, key: ApiKey, secret_digest: bytes) -> bool:
        """Put the secret in the place of one that was never used."""
        kept = await self._row(
            "keep_key", key.organization, UUID(key.key), secret_digest, sorted(key.only), key.expires_at
        )
        return kept is not None

    async def key_of_secret(self, secret_digest: bytes, now: datetime) -> ApiKey | None:
        """Return whose secret it is."""
        row = await self._row("key_of_secret", secret_digest, now)
        if row is None:
            return None
        only = frozenset(row["only_endpoints"])
        return ApiKey(row["organization_id"], str(row["key_id"]), only, row["expires_at"])

    async def use_key(self, key: ApiKey, now: datetime) -> None:
        """Remember that it was used."""
        await self._rows("use_key", key.organization, UUID(key.key), now, SEEN_EVERY)

    async def used(self, organization: str, keys: Sequence[str]) -> Mapping[str, datetime]:
        """Return when each was used."""
        rows = await self._rows("used_keys", organization, [UUID(each) for each in keys])
        return {str(row["key_id"]): row["used_at"] for row in rows}

    async def revoke_key(self, organization: str, key: str, now: datetime) -> None:
        """End it."""
        await self._rows("revoke_key", organization, UUID(key), now)
