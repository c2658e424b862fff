"""What machines are known by: devices of an organization. Only digests of what they show are kept."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from msgspec import Struct

SEEN_EVERY = timedelta(minutes=5)
"""When a machine was seen last is kept no more finely than this."""


class DeviceKey(Struct, frozen=True):
    """A device is one organization's: its id alone may be another's elsewhere."""

    organization: str
    device: str

    @property
    def qualified(self) -> str:
        """The id by which its end is told of."""
        return f"{self.organization}/{self.device}"


class MachineStore(Protocol):
    """Each method is one step that is done whole or not at all, and may raise IdentityUnavailable."""

    async def count_devices(self, organization: str) -> int:
        """Return how many devices the organization has that are not revoked."""
        ...

    async def offer_code(self, key: DeviceKey, code_digest: bytes, expires_at: datetime) -> bool:
        """Let a machine become the device by this code, and no other; False: it is enrolled or revoked."""
        ...

    async def device_of_code(self, code_digest: bytes, now: datetime) -> DeviceKey | None:
        """Return the device that a machine may become by this code; None: none, or none any more."""
        ...

    async def enrol(self, code_digest: bytes, secret_digest: bytes, now: datetime) -> DeviceKey | None:
        """Use the code up, and know the device by the secret from now on; None: none, or none any more."""
        ...

    async def device_of_secret(self, secret_digest: bytes) -> DeviceKey | None:
        """Return the device that is known by the secret and not revoked."""
        ...

    async def see_device(self, key: DeviceKey, now: datetime) -> None:
        """Remember that the device was there, where that was not remembered for SEEN_EVERY."""
        ...

    async def seen(self, organization: str, devices: Sequence[str]) -> Mapping[str, datetime]:
        """Return when each of the devices was seen last, of those that were."""
        ...

    async def revoke_device(self, key: DeviceKey, now: datetime) -> Collection[UUID]:
        """End the device, and whatever session began on it and goes on; return these."""
        ...

    async def revoked_since(self, moment: datetime) -> Collection[str]:
        """Return the qualified ids of what was revoked at that moment or after it."""
        ...
