"""Staying signed in: short access tokens, and refresh tokens that are spent for the next one.

A refresh token is `cr_<session>_<secret>` and kept as a digest. Whoever shows one that was spent before has it from
somebody else, or somebody else has it from them: the session ends, and both have to sign in again.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from msgspec import Struct
from uuid_utils.compat import uuid7

from consign.identity.access_tokens import LIFETIME_S, AccessTokens
from consign.identity.ended_sessions import EndedSessions
from consign.identity.limits import Buckets
from consign.identity.ports import Ending, Facts, SignInFailed, Visit, Way
from consign.identity.store import Bound, IdentityStore, Session

UNUSED = timedelta(days=14)
"""A session that is not used for so long is over."""
LIFETIME = timedelta(days=90)
"""After so long somebody has to sign in again in any case."""

BOUND_LIFETIME = timedelta(hours=16)
"""Whoever signs in at a device does so for a day's work."""

_SECRET_BYTES = 32
_REFRESH_TOKEN = re.compile(r"cr_([0-9a-f]{32})_[A-Za-z0-9_-]{43}")


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


class Tokens(Struct, frozen=True):
    """What somebody who signed in is given. The refresh token is told once and works once."""

    account: str
    session: UUID
    access_token: str
    refresh_token: str
    expires_in_s: int = LIFETIME_S


class Sessions:
    """Begins, renews and ends sessions."""

    def __init__(
        self,
        store: IdentityStore,
        facts: Facts,
        access_tokens: AccessTokens,
        ended: EndedSessions,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._facts = facts
        self._access_tokens = access_tokens
        self._ended = ended
        self._now = now
        self._refreshing = Buckets(30, 20.0)

    async def begin(
        self, visit: Visit, account: str, way: Way, address: str | None, *, bound: Bound | None = None
    ) -> Tokens:
        """Begin a session of an account that was shown to be somebody's; the log knows of it first.

        Under an organization's name it reaches that organization alone, `bound` or not. Raises SignInFailed where the
        name is that organization's no more.
        """
        if visit.under is not None:
            device = None if bound is None else bound.device
            bound = Bound(visit.under.organization, device, visit.under.host)
        session_id = uuid7()
        await self._facts.signed_in(visit, account, session_id, way, address)
        now = self._now()
        token = _new_token(session_id)
        expires_at = now + (UNUSED if bound is None or bound.device is None else BOUND_LIFETIME)
        session = Session(session_id, visit.device, now, now, expires_at, bound)
        if not await self._store.begin_session(account, session, _digest(token)):
            await self._facts.sessions_ended(visit, account, (session_id,), "signed_out")
            raise SignInFailed
        return self._tokens(account, session_id, token, bound)

    async def refresh(self, visit: Visit, token: str) -> Tokens:
        """Return the next tokens; raises SignInFailed or TooManyTries."""
        shown = _REFRESH_TOKEN.fullmatch(token)
        if shown is None:
            raise SignInFailed
        self._refreshing.take(shown[1])
        following = _new_token(UUID(shown[1]))
        key = await self._store.spend_token(
            _digest(token), _digest(following), self._now(), unused=UNUSED, lifetime=LIFETIME
        )
        if key is not None:
            return self._tokens(key.account_id, key.session_id, following, key.bound)
        reused = await self._store.end_reused(_digest(token), self._now())
        if reused is not None:
            self._ended.add((reused.session_id,))
            await self._facts.sessions_ended(visit, reused.account_id, (reused.session_id,), "token_reused")
        raise SignInFailed

    async def end(self, visit: Visit, account: str, session_id: UUID, organization: str | None = None) -> bool:
        """End a session of the account; False: it has none of this id, or none that is bound to the organization."""
        if not await self._store.end_session(session_id, account, self._now(), organization):
            return False
        self._ended.add((session_id,))
        await self._facts.sessions_ended(visit, account, (session_id,), "signed_out")
        return True

    async def end_all(
        self,
        visit: Visit,
        account: str,
        because: Ending = "signed_out_everywhere",
        *,
        organization: str | None = None,
    ) -> int:
        """End all sessions of the account, or those that are bound to one organization; return how many there were."""
        sessions = sorted(await self._store.end_sessions(account, self._now(), organization=organization))
        if sessions:
            self._ended.add(sessions)
            await self._facts.sessions_ended(visit, account, sessions, because)
        return len(sessions)

    async def end_others(
        self, visit: Visit, account: str, session_id: UUID, because: Ending = "password_changed"
    ) -> None:
        """End all sessions of the account but this one, because what it signs in with has changed."""
        sessions = sorted(await self._store.end_sessions(account, self._now(), but=session_id))
        if sessions:
            self._ended.add(sessions)
            await self._facts.sessions_ended(visit, account, sessions, because)

    async def of(self, account: str, organization: str | None = None) -> Sequence[Session]:
        """Return the account's sessions, or those that are bound to one organization."""
        found = await self._store.sessions_of(account, self._now())
        return [
            each
            for each in found
            if organization is None or (each.bound is not None and each.bound.organization == organization)
        ]

    def _tokens(self, account: str, session_id: UUID, refresh_token: str, bound: Bound | None) -> Tokens:
        organization, device = (None, None) if bound is None else (bound.organization, bound.device)
        access_token = self._access_tokens.issue(
            account, session_id=session_id, organization=organization, device_id=device
        )
        return Tokens(account, session_id, access_token, refresh_token)


def _new_token(session_id: UUID) -> str:
    return f"cr_{session_id.hex}_{secrets.token_urlsafe(_SECRET_BYTES)}"


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
