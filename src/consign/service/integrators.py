"""Integrators' access to NATS: credentials are noted at once, and one task has the server know those that count.

Accounts are a part of the server's configuration. This process writes that part; an embedded server is then told to
read it, a server of somebody's own is told by what runs beside it (`deploy/nats-reload.sh`).
"""

import asyncio
import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256

import nats.errors
import nats.js.errors
import structlog

from consign.actors.relay import StreamUnavailable
from consign.adapters.nats.accounts import API_PREFIX, Credential, rendered
from consign.adapters.nats.accounts_consumers import ensure_consumers, remove_consumer
from consign.adapters.nats.connection import NatsConnection, NatsDown
from consign.adapters.nats.public_stream import STREAM, NatsPublicStream
from consign.adapters.postgres.nats_credentials import PostgresNatsCredentials
from consign.http.nats_credentials import NatsLogin
from consign.identity.store import IdentityUnavailable
from consign.service.places import AccountsPlace

ASKED_EVERY_S = 1.0
RELOADS = 3
"""A new account is known with the first reload, and what it imports is used with a later one."""

_NATS_ERRORS = (NatsDown, StreamUnavailable, nats.errors.Error, nats.js.errors.Error)

_log = structlog.get_logger(__name__)


class NatsIntegrators:
    """Fulfils `NatsAccess`; all processes derive the same passwords from the installation's secret."""

    def __init__(self, store: PostgresNatsCredentials, root_secret: bytes, *, is_offered: bool) -> None:
        self.key = hmac.digest(root_secret, b"consign nats credentials", sha256)
        self.is_offered = is_offered
        self.changed = asyncio.Event()
        self._store = store

    async def grant(self, organization: str, integrator: str, serial: int) -> NatsLogin:
        """Let these credentials count."""
        credential = Credential(organization, integrator, serial)
        await self._store.grant(credential)
        self.changed.set()
        return NatsLogin(
            user=credential.user,
            password=credential.password(self.key),
            subjects=credential.subjects,
            stream=STREAM,
            consumer=credential.user,
            prefix=API_PREFIX,
        )

    async def revoke(self, organization: str, integrator: str, serial: int) -> None:
        """Let them count no longer."""
        await self._store.revoke(Credential(organization, integrator, serial))
        self.changed.set()


class NatsAccounts:
    """Keeps the accounts of a server, and the consumers that belong to them, as the database has them."""

    def __init__(
        self, integrators: NatsIntegrators, store: PostgresNatsCredentials, public: NatsConnection, place: AccountsPlace
    ) -> None:
        self._integrators = integrators
        self._store = store
        self._public = public
        self._stream = NatsPublicStream(public)
        self._place = place
        self._written: Mapping[str, str] | None = None
        self._reloads_left = 0
        self._consumers: Sequence[Credential] = ()
        self._removed: frozenset[Credential] = frozenset()
        self._failing = False

    async def run(self) -> None:
        """Go on looking; what cannot be done now is done later."""
        while True:
            try:
                await self._look()
                self._failing = False
            except (*_NATS_ERRORS, IdentityUnavailable, OSError) as error:
                if not self._failing:
                    _log.warning("nats_accounts_wait", error=repr(error))
                self._failing = True
            await self._pause()

    async def _look(self) -> None:
        """Write first: what was revoked ends also while no consumer can be removed."""
        valid, revoked = await self._store.all()
        wanted = rendered(valid, self._integrators.key)
        if wanted != self._written:
            await asyncio.to_thread(self._place.write, wanted)
            self._written, self._reloads_left = wanted, RELOADS
        if self._reloads_left:
            self._reloads_left -= 1
            self._place.reload()
        if valid != self._consumers:
            await self._stream.opened()
            await ensure_consumers(self._public.client().jetstream(), valid)
            self._consumers = valid
        for each in frozenset(revoked) - self._removed:
            await remove_consumer(self._public.client().jetstream(), each.organization_id, each.integrator)
            self._removed |= {each}

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(ASKED_EVERY_S):
                await self._integrators.changed.wait()
        except TimeoutError:
            return
        self._integrators.changed.clear()
