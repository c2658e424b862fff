"""Keys for programs of others: a secret that is told once, and counts in one organization until it ends."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from consign.identity.devices import secret_digest
from consign.identity.ended_sessions import EndedSessions
from consign.identity.key_store import ApiKey, KeyStore
from consign.identity.sessions import utc_now

_SECRET_BYTES = 32


class ApiKeys:
    """Makes keys that the log knows of, and ends them."""

    def __init__(self, store: KeyStore, ended: EndedSessions, now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._ended = ended
        self._now = now

    async def secret_of(self, key: ApiKey) -> str | None:
        """Return a secret for the key, in place of one that was never used; None: it was used, or was revoked.

        Whoever did not get the answer asks again: the secret that was lost counts for nobody.
        """
        secret = f"ck_{key.key.replace('-', '')}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        return secret if await self._store.keep_key(key, secret_digest(secret)) else None

    async def revoke(self, organization: str, key: str) -> None:
        """Let the key count no more: here at once, within seconds in other processes."""
        await self._store.revoke_key(organization, key, self._now())
        self._ended.add((ApiKey(organization, key).qualified,))

    async def used(self, organization: str, keys: Sequence[str]) -> Mapping[str, datetime]:
        """Return when each of the keys was used last, to some minutes, of those that were."""
        return await self._store.used(organization, keys)
