"""Signing in with an address and a password, and saying a new one.

A wrong password, an unknown address and an account without a password are the same: one verifier is worked out, and the
answer comes after the same time. Whoever forgot theirs signs in by mail and says a new one.
"""

import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from consign.identity.known_bad import is_known_bad
from consign.identity.limits import Buckets, GrowingDelays, evenly
from consign.identity.magic_links import AddressInvalid, normal
from consign.identity.ports import Facts, Secrets, SignInFailed, Visit
from consign.identity.sessions import Sessions, Tokens, utc_now
from consign.identity.store import IdentityStore

LENGTH_MIN = 12
LENGTH_MAX = 200
FAILURES_AT_ONE_ADDRESS = 200
"""Whoever tries one password on many accounts does so from few places."""
FRESH = timedelta(minutes=15)
"""Whoever signed in so short a time ago may say a new password without the old one."""

_NOBODYS = "nobody's password, checked in place of one that is not there"


class PasswordUnfit(Exception):
    """The password is none that may be used."""

    def __init__(self, because: Literal["short", "long", "known"]) -> None:
        super().__init__(because)
        self.because = because


class Verifiers(Protocol):
    """Makes and checks verifiers of passwords; both may raise SignInBusy."""

    async def verifier(self, password: str) -> str:
        """Return what tells this password later."""
        ...

    async def tells(self, verifier: str, password: str) -> bool:
        """Say whether it is the verifier's password."""
        ...


class Passwords:
    """Signs people in, and changes their passwords."""

    def __init__(
        self,
        store: IdentityStore,
        facts: Facts,
        secrets: Secrets,
        verifiers: Verifiers,
        sessions: Sessions,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._facts = facts
        self._secrets = secrets
        self._verifiers = verifiers
        self._sessions = sessions
        self._now = now
        self._nobodys: str | None = None
        self._of_address = GrowingDelays(free_tries=5)
        self._of_account = GrowingDelays(free_tries=5)
        self._failed_from_peer = Buckets(FAILURES_AT_ONE_ADDRESS, 30.0)

    async def sign_in(self, visit: Visit, address: str, password: str) -> Tokens:
        """Sign somebody in; raises SignInFailed, TooManyTries or SignInBusy."""
        async with evenly():
            try:
                digest = self._secrets.address_digest(normal(address))
            except AddressInvalid:
                digest = self._secrets.address_digest(address)  # nobody's, and checked like anybody's
            self._failed_from_peer.check(visit.peer)
            self._of_address.begin(digest)
            account = await self._store.account_of(digest)
            if not await self._is_right(account, password):
                self._failed_from_peer.take(visit.peer)
                if account is not None:
                    await self._facts.refused(visit, account, "password")
                raise SignInFailed
        assert account is not None
        self._of_address.succeeded(digest)
        return await self._sessions.begin(visit, account, "password", None)

    async def change(self, visit: Visit, account: str, session_id: UUID, password: str, current: str | None) -> None:
        """Say a new password, and end all sessions but this one.

        Raises PasswordUnfit, TooManyTries, SignInBusy, or SignInFailed where the current one is missing or wrong.
        """
        said = _normal(password)
        if len(said) < LENGTH_MIN:
            raise PasswordUnfit("short")
        if len(said) > LENGTH_MAX:
            raise PasswordUnfit("long")
        if is_known_bad(said):
            raise PasswordUnfit("known")
        if current is not None:
            self._of_account.begin(account)
            if not await self._is_right(account, current):
                raise SignInFailed
            self._of_account.succeeded(account)
        elif not await self._is_fresh(account, session_id):
            raise SignInFailed
        verifier = await self._verifiers.verifier(said)
        await self._store.keep_verifier(account, verifier, self._now())
        await self._facts.password_changed(visit, account)
        await self._sessions.end_others(visit, account, session_id)

    async def _is_right(self, account: str | None, password: str) -> bool:
        """Work out one verifier, whoever it is."""
        if self._nobodys is None:
            self._nobodys = await self._verifiers.verifier(_NOBODYS)
        verifier = await self._store.verifier_of(account or "")
        is_told = await self._verifiers.tells(verifier or self._nobodys, _normal(password)[: LENGTH_MAX + 1])
        return is_told and verifier is not None

    async def _is_fresh(self, account: str, session_id: UUID) -> bool:
        sessions = await self._sessions.of(account)
        return any(each.session_id == session_id and self._now() - each.began_at <= FRESH for each in sessions)


def _normal(password: str) -> str:
    """Return the one form of a password, however a keyboard composes its letters (RFC 8265, 4.2.2: NFC)."""
    return unicodedata.normalize("NFC", password)
