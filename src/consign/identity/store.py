"""What the built-in identity needs to be kept: only digests of secrets, and no address that can be read."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

SESSIONS_MAX = 50
"""How many sessions an account may have; the one that was used longest ago ends for a new one."""


class IdentityUnavailable(Exception):
    """What people sign in with cannot be reached; what was asked may have been done."""


class Link(Struct, frozen=True):
    """A link sent by mail and the code beside it. `address_sealed` can be read by the installation alone.

    `organization`: it was asked for under a name of this one, and counts there alone; None: under the service's own.
    """

    link_id: UUID
    address_digest: bytes
    address_sealed: bytes
    token_digest: bytes
    code_digest: bytes
    expires_at: datetime
    tries: int
    organization: str | None = None


class Redeemed(Struct, frozen=True):
    """Who showed a link or its code; `is_right` False: the code was another one, and a try is gone."""

    address_digest: bytes
    address_sealed: bytes
    is_right: bool = True


class Bound(Struct, frozen=True):
    """Where alone a session reaches: one organization, and from one of its devices where it began there.

    `host` is the organization's name under which it began.
    """

    organization: str
    device: str | None = None
    host: str | None = None


class Session(Struct, frozen=True):
    """Somebody who stays signed in, at the longest until `expires_at`. `device` is what their browser says it is."""

    session_id: UUID
    device: str
    began_at: datetime
    used_at: datetime
    expires_at: datetime
    bound: Bound | None = None


class SessionKey(Struct, frozen=True):
    session_id: UUID
    account_id: str
    bound: Bound | None = None


class Deletion(Struct, frozen=True):
    """An account that is to be deleted, until nothing of it is left. `forgets`: organizations forget the person too."""

    account_id: str
    deletion_id: UUID
    by_account: str
    forgets: bool


WAYS_MAX = 20
"""How many ways to sign in an account may have."""


class Way(Struct, frozen=True):
    """One by which somebody signs in: an `issuer`, or an address that the installation alone can read.

    An address has a digest, by which mails to it are known.
    """

    way_id: UUID
    kind: Literal["address", "issuer"]
    since: datetime
    issuer: str | None = None
    address_sealed: bytes | None = None
    address_digest: bytes | None = None


type Removal = Literal["removed", "last", "unknown"]


class IdentityStore(Protocol):
    """Each method is one step that is done whole or not at all, and may raise IdentityUnavailable."""

    async def account_of(self, address_digest: bytes) -> str | None:
        """Return whose address it is."""
        ...

    async def claim_address(
        self, address_digest: bytes, account_id: str, now: datetime, sealed: bytes | None = None
    ) -> str:
        """Give the address to the account unless it is somebody's; return whose it is."""
        ...

    async def keep_link(self, link: Link) -> None:
        """Keep a link that is about to be sent."""
        ...

    async def redeem_token(
        self, token_digest: bytes, now: datetime, organization: str | None = None
    ) -> Redeemed | None:
        """Redeem the link of this token and organization, once; None: there is none, or none any more."""
        ...

    async def redeem_code(
        self, link_id: UUID, code_digest: bytes, now: datetime, organization: str | None = None
    ) -> Redeemed | None:
        """Redeem the organization's link if this is its code, and count the try.

        None: there is none, or none any more.
        """
        ...

    async def begin_session(self, account_id: str, session: Session, token_digest: bytes) -> bool:
        """Begin a session whose first refresh token has this digest; at most SESSIONS_MAX of an account go on.

        False: the name under which it was to begin is another organization's by now, or nobody's.
        """
        ...

    async def spend_token(
        self, token_digest: bytes, next_digest: bytes, now: datetime, *, unused: timedelta, lifetime: timedelta
    ) -> SessionKey | None:
        """Put the next refresh token in the place of this one, of which nobody else makes use.

        The session then ends when it is not used for the time `unused`, and a `lifetime` after it began; one on a
        device when it was said to, and the device was there. None: the token is unknown or spent, or its session is
        over.
        """
        ...

    async def end_reused(self, token_digest: bytes, now: datetime) -> SessionKey | None:
        """End the session whose refresh token was spent before; None: there is none that goes on."""
        ...

    async def end_session(
        self, session_id: UUID, account_id: str, now: datetime, organization: str | None = None
    ) -> bool:
        """End a session of the account; False: it has none of this id that goes on, or none of the organization."""
        ...

    async def end_sessions(
        self, account_id: str, now: datetime, *, but: UUID | None = None, organization: str | None = None
    ) -> Collection[UUID]:
        """End all of the account's sessions, or all `but` one, or those bound to one organization.

        Returns those that went on until now.
        """
        ...

    async def sessions_of(self, account_id: str, now: datetime) -> Sequence[Session]:
        """Return the account's sessions, the one that was used last first."""
        ...

    async def ended_since(self, moment: datetime) -> Collection[UUID]:
        """Return the sessions that were ended at that moment or after it."""
        ...

    async def verifier_of(self, account_id: str) -> str | None:
        """Return what tells the account's password."""
        ...

    async def keep_verifier(self, account_id: str, verifier: str, now: datetime) -> None:
        """Put a verifier in the place of the one before."""
        ...

    async def keep_attempt(
        self, state_digest: bytes, browser_digest: bytes, content_sealed: bytes, expires_at: datetime
    ) -> None:
        """Keep a sign-in with another issuer that is under way in one browser."""
        ...

    async def attempt(self, state_digest: bytes, now: datetime) -> bytes | None:
        """Return what was kept and is in time, which stays as it is."""
        ...

    async def take_attempt(self, state_digest: bytes, browser_digest: bytes, now: datetime) -> bytes | None:
        """Return what was kept, once, to the same browser and in time."""
        ...

    async def account_of_subject(self, subject_digest: bytes) -> str | None:
        """Return whose account an issuer's subject is."""
        ...

    async def claim_subject(
        self, subject_digest: bytes, account_id: str, now: datetime, issuer: str | None = None
    ) -> str:
        """Give the subject to the account unless it is somebody's; return whose it is."""
        ...

    async def ways_of(self, account_id: str) -> Sequence[Way]:
        """Return the account's ways to sign in, the oldest first, WAYS_MAX at most."""
        ...

    async def remove_way(self, account_id: str, way_id: UUID) -> Removal:
        """Remove one of the account's ways to sign in, but never the last."""
        ...

    async def keep_deletion(self, deletion: Deletion, now: datetime) -> Deletion:
        """Remember that an account is to be deleted; return what is remembered: the first one, if it was before."""
        ...

    async def deletions(self, before: datetime, limit: int) -> Sequence[Deletion]:
        """Return what was remembered before that moment and is not done, the oldest first."""
        ...

    async def delete_account(self, account_id: str) -> None:
        """Remove what the account signs in with, and whatever else is kept of it. Its sessions are ended before."""
        ...

    async def deletion_done(self, account_id: str) -> None:
        """Forget that the account was to be deleted."""
        ...

    async def accounts(self, after: str, limit: int) -> Sequence[str]:
        """Return accounts that somebody may sign in as, in order, those that come after one."""
        ...

    async def purge(self, before: datetime, limit: int) -> int:
        """Remove links, attempts, tickets, sessions and spent tokens that were over before then; return how many.

        Of each kind at most `limit`. What another process is removing is left to it.
        """
        ...
