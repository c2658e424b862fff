"""What machines are known by, in memory: for tests, and as the shortest statement of what the store promises."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from consign.adapters.memory.identity_store import MemoryIdentityStore
from consign.identity.machine_store import SEEN_EVERY, DeviceKey
from consign.identity.store import Bound


class _Device(Struct, frozen=True):
    code_digest: bytes | None = None
    code_expires_at: datetime | None = None
    secret_digest: bytes | None = None
    seen_at: datetime | None = None
    revoked_at: datetime | None = None

    def offers(self, code_digest: bytes, now: datetime) -> bool:
        in_time = self.code_expires_at is not None and self.code_expires_at > now
        return self.code_digest == code_digest and in_time and self.revoked_at is None


class MemoryMachineStore:
    """Nothing here waits, so each method is one step by itself. `sessions` are those that begin on devices, too."""

    def __init__(self, sessions: MemoryIdentityStore) -> None:
        self._sessions = sessions
        self._devices: dict[DeviceKey, _Device] = {}

    async def count_devices(self, organization: str) -> int:
        """Count what is not revoked."""
        return sum(key.organization == organization and not each.revoked_at for key, each in self._devices.items())

    async def offer_code(self, key: DeviceKey, code_digest: bytes, expires_at: datetime) -> bool:
        """Put the code in the place of the one before."""
        known = self._devices.get(key, _Device())
        if known.revoked_at is not None or known.secret_digest is not None:
            return False
        self._devices[key] = replace(known, code_digest=code_digest, code_expires_at=expires_at)
        return True

    async def device_of_code(self, code_digest: bytes, now: datetime) -> DeviceKey | None:
        """Return whose code it is."""
        return next((key for key, each in self._devices.items() if each.offers(code_digest, now)), None)

    async def enrol(self, code_digest: bytes, secret_digest: bytes, now: datetime) -> DeviceKey | None:
        """Use the code up."""
        key = await self.device_of_code(code_digest, now)
        if key is not None:
            enrolled = replace(self._devices[key], code_digest=None, code_expires_at=None)
            self._devices[key] = replace(enrolled, secret_digest=secret_digest, seen_at=now)
        return key

    async def device_of_secret(self, secret_digest: bytes) -> DeviceKey | None:
        """Return whose secret it is."""
        for key, each in self._devices.items():
            if each.secret_digest == secret_digest and each.revoked_at is None:
                return key
        return None

    async def see_device(self, key: DeviceKey, now: datetime) -> None:
        """Remember that it was there."""
        known = self._devices[key]
        if known.seen_at is None or known.seen_at <= now - SEEN_EVERY:
            self._devices[key] = replace(known, seen_at=now)

    async def seen(self, organization: str, devices: Sequence[str]) -> Mapping[str, datetime]:
        """Return when each was seen."""
        seen: dict[str, datetime] = {}
        for name in devices:
            at_itself = self._devices.get(DeviceKey(organization, name), _Device()).seen_at
            by_somebody = self._sessions.used_at.get(Bound(organization, name))
            moments = [moment for moment in (at_itself, by_somebody) if moment is not None]
            if moments:
                seen[name] = max(moments)
        return seen

    async def revoke_device(self, key: DeviceKey, now: datetime) -> Collection[UUID]:
        """End it and its sessions."""
        known = self._devices.get(key, _Device())
        self._devices[key] = replace(known, code_digest=None, code_expires_at=None, revoked_at=known.revoked_at or now)
        return self._sessions.end_bound(key.organization, now, device=key.device)

    async def revoked_since(self, moment: datetime) -> Collection[str]:
        """Return what was revoked."""
        return [
            key.qualified
            for key, each in self._devices.items()
            if each.revoked_at is not None and each.revoked_at >= moment
        ]
