"""Tickets for live screens whose browsers send no header: bought with a token, good for one stream, once.

A ticket stands for the token that bought it: the stream that it opens is checked by that token as long as it lasts.
What is kept of it is a digest, and the token sealed, so that whichever process is asked for the stream can open it.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

LIFETIME = timedelta(seconds=30)
TICKET_MAX_CHARACTERS = 100
_SECRET_BYTES = 32
_PREFIX = "ct_"


class TicketStore(Protocol):
    """Each method is one step that is done whole or not at all, and may raise IdentityUnavailable."""

    async def keep_ticket(self, ticket_digest: bytes, content_sealed: bytes, now: datetime, until: datetime) -> None:
        """Keep a ticket; some that ran out go."""
        ...

    async def take_ticket(self, ticket_digest: bytes, now: datetime) -> bytes | None:
        """Return what was kept, once and in time."""
        ...


class Sealing(Protocol):
    """Digests and seals with keys that are not where digests and ciphertexts are kept."""

    def digest(self, content: bytes) -> bytes:
        """Return a keyed digest of 32 bytes."""
        ...

    def seal(self, plain: bytes) -> bytes:
        """Return what only this installation can read."""
        ...

    def unseal(self, sealed: bytes) -> bytes:
        """Return what was sealed."""
        ...


class Ticket(NamedTuple):
    ticket: str
    expires_at: datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


class LiveTickets:
    """Sells tickets and takes them."""

    def __init__(self, store: TicketStore, sealing: Sealing, now: Callable[[], datetime] = _utc_now) -> None:
        self._store = store
        self._sealing = sealing
        self._now = now

    async def sell(self, organization: str, authorization: bytes) -> Ticket:
        """Return a ticket for one stream of the organization; raises IdentityUnavailable."""
        ticket = f"{_PREFIX}{secrets.token_urlsafe(_SECRET_BYTES)}"
        now = self._now()
        sealed = self._sealing.seal(f"live\n{organization}\n".encode() + authorization)
        await self._store.keep_ticket(self._digest(ticket), sealed, now, now + LIFETIME)
        return Ticket(ticket, now + LIFETIME)

    async def take(self, organization: str, ticket: str) -> bytes | None:
        """Return what the ticket stands for; None: it is none, or was for something else. Raises IdentityUnavailable.

        Whatever it was for, it is gone now.
        """
        sealed = await self._store.take_ticket(self._digest(ticket), self._now())
        if sealed is None:
            return None
        kind, whose, authorization = self._sealing.unseal(sealed).split(b"\n", 2)
        return authorization if (kind, whose) == (b"live", organization.encode()) else None

    def _digest(self, ticket: str) -> bytes:
        return self._sealing.digest(b"live ticket\n" + ticket.encode())
