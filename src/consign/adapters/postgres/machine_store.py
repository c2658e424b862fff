"""What machines are known by, in tables that only the role `consign_identity` reaches."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from consign.adapters.postgres.identity_connections import IdentityConnections, Row
from consign.identity.machine_store import SEEN_EVERY, DeviceKey


class PostgresMachineStore:
    """Shares its connections with whatever else is kept there; whoever made them closes them."""

    def __init__(self, connections: IdentityConnections) -> None:
        self._row, self._rows = connections.row, connections.rows

    async def count_devices(self, organization: str) -> int:
        """Count what is not revoked."""
        row = await self._row("count_devices", organization)
        assert row is not None
        count: int = row["count"]
        return count

    async def offer_code(self, key: DeviceKey, code_digest: bytes, expires_at: datetime) -> bool:
        """Put the code in the place of the one before."""
        return await self._row("offer_code", key.organization, UUID(key.device), code_digest, expires_at) is not None

    async def device_of_code(self, code_digest: bytes, now: datetime) -> DeviceKey | None:
        """Return whose code it is."""
        return _key(await self._row("device_of_code", code_digest, now))

    async def enrol(self, code_digest: bytes, secret_digest: bytes, now: datetime) -> DeviceKey | None:
        """Use the code up."""
        return _key(await self._row("enrol_device", code_digest, secret_digest, now))

    async def device_of_secret(self, secret_digest: bytes) -> DeviceKey | None:
        """Return whose secret it is."""
        return _key(await self._row("device_of_secret", secret_digest))

    async def see_device(self, key: DeviceKey, now: datetime) -> None:
        """Remember that it was there."""
        await self._rows("see_device", key.organization, UUID(key.device), now, SEEN_EVERY)

    async def seen(self, organization: str, devices: Sequence[str]) -> Mapping[str, datetime]:
        """Return when each was seen."""
        rows = await self._rows("seen_devices", organization, [UUID(each) for each in devices])
        return {str(row["device_id"]): row["seen_at"] for row in rows}

    async def revoke_device(self, key: DeviceKey, now: datetime) -> Collection[UUID]:
        """End it and its sessions."""
        rows = await self._rows("revoke_device", key.organization, UUID(key.device), now)
        return [UUID(int=row["session_id"].int) for row in rows]

    async def revoked_since(self, moment: datetime) -> Collection[str]:
        """Return what was revoked."""
        return [f"{row['organization_id']}/{row['id']}" for row in await self._rows("revoked_since", moment)]


def _key(row: Row | None) -> DeviceKey | None:
    return None if row is None else DeviceKey(row["organization_id"], str(row["device_id"]))
