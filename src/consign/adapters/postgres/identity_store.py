"""What people sign in with, in tables that only the role `consign_identity` reaches."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from consign.actors.ports import LogUnavailable
from consign.adapters.postgres.connection_pool import ConnectionPool
from consign.adapters.postgres.statements import statement
from consign.identity.store import SESSIONS_MAX, IdentityUnavailable, Link, Redeemed, Session, SessionKey

TIMEOUT_S = 5.0
CONNECTIONS_MAX = 3

type _Row = asyncpg.Record


class PostgresIdentityStore:
    """`url` names the role; a failure of Postgres, or of the way to it, is IdentityUnavailable."""

    def __init__(self, url: str) -> None:
        timeout_ms = str(int(TIMEOUT_S * 1000))
        self._pool = ConnectionPool(
            url,
            connections_max=CONNECTIONS_MAX,
            timeout_s=TIMEOUT_S,
            settings={
                "application_name": "consign-identity",
                "search_path": "identity,pg_catalog",
                "timezone": "UTC",
                "statement_timeout": timeout_ms,
                "lock_timeout": timeout_ms,
                "idle_in_transaction_session_timeout": timeout_ms,
                "jit": "off",
            },
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()

    async def account_of(self, address_digest: bytes) -> str | None:
        """Return whose address it is."""
        row = await self._row("account_of", address_digest)
        return None if row is None else row["account_id"]

    async def claim_address(self, address_digest: bytes, account_id: str, now: datetime) -> str:
        """Give the address to the account unless it is somebody's; return whose it is."""
        row = await self._row("claim_address", address_digest, account_id, now)
        assert row is not None
        owner: str = row["account_id"]
        return owner

    async def keep_link(self, link: Link) -> None:
        """Keep a link."""
        await self._rows(
            "keep_link",
            *(link.link_id, link.address_digest, link.address_sealed, link.token_digest, link.code_digest),
            *(link.expires_at, link.tries),
        )

    async def redeem_token(self, token_digest: bytes, now: datetime) -> Redeemed | None:
        """Redeem by the token."""
        row = await self._row("redeem_token", token_digest, now)
        return None if row is None else Redeemed(row["address_digest"], row["address_sealed"])

    async def redeem_code(self, link_id: UUID, code_digest: bytes, now: datetime) -> Redeemed | None:
        """Redeem by the code, and count the try."""
        row = await self._row("redeem_code", link_id, code_digest, now)
        return None if row is None else Redeemed(row["address_digest"], row["address_sealed"], row["is_right"])

    async def begin_session(self, account_id: str, session: Session, token_digest: bytes) -> None:
        """Begin a session, and end what is too many."""
        await self._rows(
            "begin_session",
            *(session.session_id, account_id, session.device, session.began_at, session.expires_at, token_digest),
        )
        await self._rows("end_surplus_sessions", account_id, session.began_at, SESSIONS_MAX)

    async def spend_token(
        self, token_digest: bytes, next_digest: bytes, now: datetime, *, unused: timedelta, lifetime: timedelta
    ) -> SessionKey | None:
        """Put the next token in the place of this one."""
        return _key(await self._row("spend_token", token_digest, next_digest, now, unused, lifetime))

    async def end_reused(self, token_digest: bytes, now: datetime) -> SessionKey | None:
        """End the session whose token was spent before."""
        return _key(await self._row("end_reused", token_digest, now))

    async def end_session(self, session_id: UUID, account_id: str, now: datetime) -> bool:
        """End one."""
        return await self._row("end_session", session_id, account_id, now) is not None

    async def end_sessions(self, account_id: str, now: datetime, *, but: UUID | None = None) -> Collection[UUID]:
        """End all of an account but one."""
        return [_id(row) for row in await self._rows("end_sessions", account_id, now, but)]

    async def sessions_of(self, account_id: str, now: datetime) -> Sequence[Session]:
        """Return those that go on."""
        rows = await self._rows("sessions_of", account_id, now, SESSIONS_MAX)
        return [Session(_id(row), row["device"], row["began_at"], row["used_at"], row["expires_at"]) for row in rows]

    async def ended_since(self, moment: datetime) -> Collection[UUID]:
        """Return those that were ended."""
        return [_id(row) for row in await self._rows("ended_since", moment)]

    async def verifier_of(self, account_id: str) -> str | None:
        """Return what tells the account's password."""
        row = await self._row("verifier_of", account_id)
        return None if row is None else row["verifier"]

    async def keep_verifier(self, account_id: str, verifier: str, now: datetime) -> None:
        """Put a verifier in the place of the one before."""
        await self._rows("keep_verifier", account_id, verifier, now)

    async def keep_attempt(
        self, state_digest: bytes, browser_digest: bytes, content_sealed: bytes, expires_at: datetime
    ) -> None:
        """Keep an attempt."""
        await self._rows("keep_attempt", state_digest, browser_digest, content_sealed, expires_at)

    async def take_attempt(self, state_digest: bytes, browser_digest: bytes, now: datetime) -> bytes | None:
        """Return what was kept, once."""
        row = await self._row("take_attempt", state_digest, browser_digest, now)
        return None if row is None else row["content_sealed"]

    async def account_of_subject(self, subject_digest: bytes) -> str | None:
        """Return whose account it is."""
        row = await self._row("account_of_subject", subject_digest)
        return None if row is None else row["account_id"]

    async def claim_subject(self, subject_digest: bytes, account_id: str, now: datetime) -> str:
        """Give the subject to the account unless it is somebody's; return whose it is."""
        row = await self._row("claim_subject", subject_digest, account_id, now)
        assert row is not None
        owner: str = row["account_id"]
        return owner

    async def purge(self, before: datetime) -> None:
        """Remove what was over."""
        for name in ("purge_links", "purge_attempts", "purge_tokens", "purge_sessions"):
            await self._rows(name, before)

    async def _rows(self, name: str, *values: Any) -> list[_Row]:
        try:
            async with self._pool.connection() as connection:
                return await connection.fetch(statement("identity", name), *values)
        except LogUnavailable as error:
            raise IdentityUnavailable(str(error)) from error

    async def _row(self, name: str, *values: Any) -> _Row | None:
        return next(iter(await self._rows(name, *values)), None)


def _id(row: _Row) -> UUID:
    """Return the id as the standard library's: the driver's own is a subclass."""
    return UUID(int=row["session_id"].int)


def _key(row: _Row | None) -> SessionKey | None:
    return None if row is None else SessionKey(_id(row), row["account_id"])
