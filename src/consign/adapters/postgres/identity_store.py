"""What people sign in with, in tables that only the role `consign_identity` reaches."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import astuple

from consign.actors.ports import LogUnavailable
from consign.adapters.postgres.identity_connections import IdentityConnections, Row
from consign.adapters.postgres.statements import statement
from consign.identity.store import (
    SESSIONS_MAX,
    WAYS_MAX,
    Bound,
    Deletion,
    IdentityUnavailable,
    Link,
    Redeemed,
    Removal,
    Session,
    SessionKey,
    Way,
)


class PostgresIdentityStore:
    """`url` names the role; `connections` may be shared with what else is kept there."""

    def __init__(self, url: str) -> None:
        self.connections = IdentityConnections(url)
        self._row, self._rows = self.connections.row, self.connections.rows

    async def close(self) -> None:
        """Close the connections."""
        await self.connections.close()

    async def account_of(self, address_digest: bytes) -> str | None:
        """Return whose address it is."""
        row = await self._row("account_of", address_digest)
        return None if row is None else row["account_id"]

    async def claim_address(
        self, address_digest: bytes, account_id: str, now: datetime, sealed: bytes | None = None
    ) -> str:
        """Give the address to the account unless it is somebody's; return whose it is."""
        row = await self._row("claim_address", address_digest, account_id, now, sealed)
        assert row is not None
        owner: str = row["account_id"]
        return owner

    async def keep_link(self, link: Link) -> None:
        """Keep a link."""
        await self._rows(
            "keep_link",
            *(link.link_id, link.address_digest, link.address_sealed, link.token_digest, link.code_digest),
            *(link.expires_at, link.tries, link.organization),
        )

    async def redeem_token(
        self, token_digest: bytes, now: datetime, organization: str | None = None
    ) -> Redeemed | None:
        """Redeem by the token."""
        row = await self._row("redeem_token", token_digest, now, organization)
        return None if row is None else Redeemed(row["address_digest"], row["address_sealed"])

    async def redeem_code(
        self, link_id: UUID, code_digest: bytes, now: datetime, organization: str | None = None
    ) -> Redeemed | None:
        """Redeem by the code, and count the try."""
        row = await self._row("redeem_code", link_id, code_digest, now, organization)
        return None if row is None else Redeemed(row["address_digest"], row["address_sealed"], row["is_right"])

    async def begin_session(self, account_id: str, session: Session, token_digest: bytes) -> bool:
        """Begin a session, and end what is too many."""
        begun = await self._rows(
            "begin_session",
            *(session.session_id, account_id, session.device, session.began_at, session.expires_at, token_digest),
            *_columns(session.bound),
        )
        await self._rows("end_surplus_sessions", account_id, session.began_at, SESSIONS_MAX)
        return bool(begun)

    async def spend_token(
        self, token_digest: bytes, next_digest: bytes, now: datetime, *, unused: timedelta, lifetime: timedelta
    ) -> SessionKey | None:
        """Put the next token in the place of this one."""
        return _key(await self._row("spend_token", token_digest, next_digest, now, unused, lifetime))

    async def end_reused(self, token_digest: bytes, now: datetime) -> SessionKey | None:
        """End the session whose token was spent before."""
        return _key(await self._row("end_reused", token_digest, now))

    async def end_session(
        self, session_id: UUID, account_id: str, now: datetime, organization: str | None = None
    ) -> bool:
        """End one."""
        return await self._row("end_session", session_id, account_id, now, organization) is not None

    async def end_sessions(
        self, account_id: str, now: datetime, *, but: UUID | None = None, organization: str | None = None
    ) -> Collection[UUID]:
        """End all of an account but one, or those of an organization."""
        return [_id(row) for row in await self._rows("end_sessions", account_id, now, but, organization)]

    async def sessions_of(self, account_id: str, now: datetime) -> Sequence[Session]:
        """Return those that go on."""
        rows = await self._rows("sessions_of", account_id, now, SESSIONS_MAX)
        return [
            Session(_id(row), row["device"], row["began_at"], row["used_at"], row["expires_at"], _bound(row))
            for row in rows
        ]

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

    async def attempt(self, state_digest: bytes, now: datetime) -> bytes | None:
        """Return what was kept."""
        row = await self._row("attempt", state_digest, now)
        return None if row is None else row["content_sealed"]

    async def take_attempt(self, state_digest: bytes, browser_digest: bytes, now: datetime) -> bytes | None:
        """Return what was kept, once."""
        row = await self._row("take_attempt", state_digest, browser_digest, now)
        return None if row is None else row["content_sealed"]

    async def account_of_subject(self, subject_digest: bytes) -> str | None:
        """Return whose account it is."""
        row = await self._row("account_of_subject", subject_digest)
        return None if row is None else row["account_id"]

    async def claim_subject(
        self, subject_digest: bytes, account_id: str, now: datetime, issuer: str | None = None
    ) -> str:
        """Give the subject to the account unless it is somebody's; return whose it is."""
        row = await self._row("claim_subject", subject_digest, account_id, now, issuer)
        assert row is not None
        owner: str = row["account_id"]
        return owner

    async def ways_of(self, account_id: str) -> Sequence[Way]:
        """Return the account's ways to sign in."""
        rows = await self._rows("ways_of", account_id, WAYS_MAX)
        return [
            Way(
                *(UUID(int=row["way_id"].int), row["kind"], row["since"]),
                *(row["issuer"], row["address_sealed"], row["address_digest"]),
            )
            for row in rows
        ]

    async def remove_way(self, account_id: str, way_id: UUID) -> Removal:
        """Remove one of several."""
        row = await self._row("remove_way", account_id, way_id)
        assert row is not None
        if row["is_removed"]:
            return "removed"
        return "last" if row["is_own"] else "unknown"

    async def keep_deletion(self, deletion: Deletion, now: datetime) -> Deletion:
        """Remember it, unless it is."""
        row = await self._row("keep_deletion", *astuple(deletion), now)
        assert row is not None
        return _deletion(row)

    async def deletions(self, before: datetime, limit: int) -> Sequence[Deletion]:
        """Return what is not done."""
        return [_deletion(row) for row in await self._rows("deletions", before, limit)]

    async def delete_account(self, account_id: str) -> None:
        """Remove the account from every table that names one."""
        try:
            async with self.connections.pool.connection() as connection, connection.transaction():
                await connection.execute(statement("identity", "delete_links"), account_id)
                for (table,) in await connection.fetch(statement("identity", "tables_of_accounts")):
                    await connection.execute(f"DELETE FROM {table} WHERE account_id = $1", account_id)  # noqa: S608 - the catalogue's
        except LogUnavailable as error:
            raise IdentityUnavailable(str(error)) from error

    async def deletion_done(self, account_id: str) -> None:
        """Forget the deletion."""
        await self._rows("deletion_done", account_id)

    async def accounts(self, after: str, limit: int) -> Sequence[str]:
        """Return accounts."""
        return [row["account_id"] for row in await self._rows("accounts", after, limit)]

    async def purge(self, before: datetime, limit: int) -> int:
        """Remove what was over."""
        kinds = ("links", "attempts", "tokens", "sessions", "tries", "tickets")
        return sum([len(await self._rows(f"purge_{kind}", before, limit)) for kind in kinds])


def _id(row: Row) -> UUID:
    """Return the id as the standard library's: the driver's own is a subclass."""
    return UUID(int=row["session_id"].int)


def _deletion(row: Row) -> Deletion:
    return Deletion(row["account_id"], UUID(int=row["deletion_id"].int), row["by_account"], row["forgets"])


def _key(row: Row | None) -> SessionKey | None:
    return None if row is None else SessionKey(_id(row), row["account_id"], _bound(row))


def _bound(row: Row) -> Bound | None:
    if row["organization_id"] is None:
        return None
    device = row["device_id"]
    return Bound(row["organization_id"], None if device is None else str(device), row["host"])


def _columns(bound: Bound | None) -> tuple[str | None, UUID | None, str | None]:
    if bound is None:
        return None, None, None
    return bound.organization, None if bound.device is None else UUID(bound.device), bound.host
