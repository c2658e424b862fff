"""Whom a machine's secret speaks for: a device of an organization, where nobody is signed in.

The same is done whatever is shown: one digest, and one look for it into the store. How long that takes tells of the
digest at most, from which nobody gets to the secret.
"""

import re
from collections.abc import Callable
from datetime import datetime

from consign.identity.caller import Caller
from consign.identity.devices import secret_digest
from consign.identity.machine_store import MachineStore
from consign.identity.sessions import utc_now

ISSUER = "consign-machines"
_SECRET = re.compile(r"cd_[0-9a-f]{32}_[A-Za-z0-9_-]{43}")


def is_machines(token: str) -> bool:
    """Say whether a bearer token has the form of a machine's secret."""
    return _SECRET.fullmatch(token) is not None


class Machines:
    """Looks secrets up; whoever asks may remember the answer for a while."""

    def __init__(self, store: MachineStore, now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._now = now

    async def caller(self, token: str) -> Caller | None:
        """Return whom the secret speaks for; None: nobody. Raises IdentityUnavailable."""
        key = await self._store.device_of_secret(secret_digest(token))
        if key is None:
            return None
        await self._store.see_device(key, self._now())
        return Caller(
            account_id=key.device,
            kind="device",
            issuer=ISSUER,
            expires_at_s=float("inf"),
            session_id=key.qualified,
            organization=key.organization,
            device_id=key.device,
            roles={key.organization: ("device",)},
        )
