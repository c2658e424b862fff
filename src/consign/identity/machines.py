"""Whom a machine's secret speaks for: a device of an organization, where nobody is signed in, or a program by its key.

The same is done whatever is shown: one digest, and one look for it into the store. How long that takes tells of the
digest at most, from which nobody gets to the secret.
"""

import math
import re
from collections.abc import Callable
from datetime import datetime

from consign.identity.caller import Caller
from consign.identity.devices import secret_digest
from consign.identity.key_store import KeyStore
from consign.identity.machine_store import MachineStore
from consign.identity.sessions import utc_now

ISSUER = "consign-machines"
_SECRET = re.compile(r"c[dk]_[0-9a-f]{32}_[A-Za-z0-9_-]{43}")


def is_machines(token: str) -> bool:
    """Say whether a bearer token has the form of a machine's secret."""
    return _SECRET.fullmatch(token) is not None


class Machines:
    """Looks secrets up; whoever asks may remember the answer for a while."""

    def __init__(self, devices: MachineStore, keys: KeyStore, now: Callable[[], datetime] = utc_now) -> None:
        self._devices = devices
        self._keys = keys
        self._now = now

    async def caller(self, token: str) -> Caller | None:
        """Return whom the secret speaks for; None: nobody. Raises IdentityUnavailable."""
        digest = secret_digest(token)
        return await (self._program(digest) if token.startswith("ck_") else self._device(digest))

    async def _device(self, digest: bytes) -> Caller | None:
        key = await self._devices.device_of_secret(digest)
        if key is None:
            return None
        await self._devices.see_device(key, self._now())
        return Caller(
            account_id=key.device,
            kind="device",
            issuer=ISSUER,
            expires_at_s=math.inf,
            session_id=key.qualified,
            organization=key.organization,
            device_id=key.device,
            roles={key.organization: ("device",)},
        )

    async def _program(self, digest: bytes) -> Caller | None:
        key = await self._keys.key_of_secret(digest, self._now())
        if key is None:
            return None
        await self._keys.use_key(key, self._now())
        return Caller(
            account_id=key.key,
            kind="machine",
            issuer=ISSUER,
            expires_at_s=math.inf if key.expires_at is None else key.expires_at.timestamp(),
            session_id=key.qualified,
            organization=key.organization,
            roles={key.organization: ("integrator",)},
            only=key.only,
        )
