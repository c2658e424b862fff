"""Machines that an organization trusts: one becomes a device by a code, and is known by a secret from then on.

The code has 49 bits, counts once and for minutes: nobody guesses it, however many try. The secret is told once.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from consign.identity.ended_sessions import EndedSessions
from consign.identity.limits import Buckets
from consign.identity.machine_store import DeviceKey, MachineStore
from consign.identity.ports import DeviceFacts, Secrets, SignInFailed, Visit
from consign.identity.sessions import utc_now

DEVICES_MAX = 500
"""How many devices an organization may have that are not revoked."""
WRONG_CODES = 20
"""How many codes may be tried from one address, before one more counts each half minute."""

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""None of them to be taken for another."""
_CODE_LETTERS = 10
_SECRET_BYTES = 32


class TooManyDevices(Exception):
    """The organization has as many devices as it may."""


class Enrolled(Struct, frozen=True):
    """A machine became a device: `secret` is what it shows as its bearer token from now on."""

    organization: str
    device: str
    name: str
    secret: str


class Devices:
    """Enrols machines, and ends that."""

    def __init__(
        self,
        store: MachineStore,
        facts: DeviceFacts,
        secrets_: Secrets,
        ended: EndedSessions,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._facts = facts
        self._secrets = secrets_
        self._ended = ended
        self._now = now
        self._wrong_codes = Buckets(WRONG_CODES, 30.0)

    async def require_room(self, organization: str) -> None:
        """Raise TooManyDevices where the organization has as many as it may."""
        if await self._store.count_devices(organization) >= DEVICES_MAX:
            raise TooManyDevices

    async def offer(self, key: DeviceKey, expires_at: datetime) -> str | None:
        """Return a code by which a machine may become the device; None: one has, or it was revoked."""
        code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LETTERS))
        if not await self._store.offer_code(key, self._code_digest(code), expires_at):
            return None
        half = _CODE_LETTERS // 2
        return f"{code[:half]}-{code[half:]}"

    async def enrol(self, visit: Visit, code: str) -> Enrolled:
        """Let the machine that shows a code be its device; raises SignInFailed or TooManyTries.

        The log knows of it first: a device that was revoked meanwhile is not enrolled.
        """
        self._wrong_codes.check(visit.peer)
        digest = self._code_digest("".join(code.upper().replace("-", "").split()))
        key = await self._store.device_of_code(digest, self._now())
        if key is None:
            self._wrong_codes.take(visit.peer)
            raise SignInFailed
        name = await self._facts.device_enrolled(visit, key.organization, key.device, digest)
        secret = f"cd_{key.device.replace('-', '')}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        if await self._store.enrol(digest, secret_digest(secret), self._now()) is None:
            raise SignInFailed
        return Enrolled(key.organization, key.device, name, secret)

    async def revoke(self, key: DeviceKey) -> None:
        """Let the device, and whoever signed in there, count no more."""
        self._ended.add((key.qualified, *map(str, await self._store.revoke_device(key, self._now()))))

    async def seen(self, organization: str, devices: Sequence[str]) -> Mapping[str, datetime]:
        """Return when each of the devices was seen last, to some minutes, of those that were."""
        return await self._store.seen(organization, devices)

    def _code_digest(self, code: str) -> bytes:
        """Return what the code is known by: keyed, so that what is kept is nothing to guess from."""
        return self._secrets.digest(f"enrolment\n{code}".encode())


def secret_digest(secret: str) -> bytes:
    """Return what a machine's secret is known by; it has 256 bits of chance, so that no key is needed."""
    return sha256(secret.encode()).digest()
