"""More than one way to sign in as the same account: whoever is signed in adds and removes addresses and issuers.

Adding takes both: a fresh sign-in as the account, and showing that the address or the issuer's subject is one's own.
What is somebody else's stays so. The code of a mail counts for the session alone that asked for it, and is no sign-in.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct
from uuid_utils.compat import uuid7

from consign.identity.federated import Adding, Begun, Federated
from consign.identity.limits import Buckets
from consign.identity.magic_links import CODES, LIFETIME, TRIES, Asked, normal
from consign.identity.ports import KeptMails, Mail, Mailer, Secrets, SignInFailed, Visit
from consign.identity.sessions import Sessions, utc_now
from consign.identity.store import WAYS_MAX, IdentityStore, Link, Way

FRESH = timedelta(minutes=15)
"""So long ago at most whoever changes how they sign in has done so."""


class WayTaken(Exception):
    """It is somebody else's way to sign in already."""


class TooManyWays(Exception):
    """The account has as many ways to sign in as it may have."""


class LastWay(Exception):
    """Without it nobody could sign in as the account any more."""


class UnknownWay(Exception):
    """The account has no such way to sign in."""


class Facts(Protocol):
    """Records what becomes of accounts."""

    async def ways_changed(self, visit: Visit, account: str) -> None:
        """The account has another way to sign in, or one less."""
        ...


class KnownWay(Struct, frozen=True):
    """A way as its owner sees it; an address that was not kept to be shown is null."""

    way: UUID
    kind: Literal["address", "issuer"]
    since: datetime
    issuer: str | None
    address: str | None


class Ways:
    """Lists, adds and removes."""

    def __init__(
        self,
        store: IdentityStore,
        facts: Facts,
        mailer: Mailer,
        secrets_: Secrets,
        sessions: Sessions,
        federated: Federated,
        kept_mails: KeptMails,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._facts = facts
        self._mailer = mailer
        self._secrets = secrets_
        self._sessions = sessions
        self._federated = federated
        self._kept_mails = kept_mails
        self._now = now
        self._mails_of_account = Buckets(5, 180.0)
        self._mails_to_address = Buckets(5, 180.0)
        self._wrong_codes = Buckets(10, 8640.0)

    async def of(self, account: str) -> Sequence[KnownWay]:
        """Return the account's ways to sign in."""
        return [
            KnownWay(way.way_id, way.kind, way.since, way.issuer, self._address(way))
            for way in await self._store.ways_of(account)
        ]

    async def ask(self, account: str, session: UUID, address: str) -> Asked:
        """Send a code to an address that is to be added.

        Raises SignInFailed where the sign-in is not fresh, AddressInvalid, TooManyWays, TooManyTries, MailUnavailable.
        """
        await self._require_room(account, session)
        to = normal(address)
        digest = self._secrets.address_digest(to)
        self._mails_of_account.take(account)
        self._mails_to_address.take(digest)
        code = f"{secrets.randbelow(CODES):06}"
        asked = Asked(uuid7(), self._now() + LIFETIME)
        nobodys_token = sha256(secrets.token_bytes(32)).digest()
        code_digest = self._code_digest(account, session, asked.sign_in, code)
        sealed = self._secrets.seal(to.encode())
        await self._store.keep_link(
            Link(asked.sign_in, digest, sealed, nobodys_token, code_digest, asked.expires_at, TRIES)
        )
        await self._mailer.send(Mail(to, "Add this address", _TEXT.format(code=code), LIFETIME))
        return asked

    async def add_address(self, visit: Visit, account: str, session: UUID, sign_in: UUID, code: str) -> None:
        """Let whoever holds the address sign in as the account; raises what `ask` does, and WayTaken."""
        await self._require_room(account, session)
        self._wrong_codes.check(account)
        digest = self._code_digest(account, session, sign_in, code)
        redeemed = await self._store.redeem_code(sign_in, digest, self._now())
        if redeemed is None or not redeemed.is_right:
            self._wrong_codes.take(account)
            raise SignInFailed
        owner = await self._store.claim_address(redeemed.address_digest, account, self._now(), redeemed.address_sealed)
        await self._added(visit, account, owner)

    async def begin_issuer(self, visit: Visit, account: str, session: UUID, issuer: str) -> Begun:
        """Begin to add an issuer; raises UnknownIssuer and what `ask` does."""
        await self._require_room(account, session)
        return await self._federated.begin(visit, issuer, Adding(account, str(session)))

    async def add_issuer(
        self, visit: Visit, account: str, session: UUID, browser: str, state: str, code: str, issuer: str | None
    ) -> None:
        """Let whoever the issuer sent back sign in as the account; raises what `ask` does, WayTaken and IssuerAway."""
        await self._require_room(account, session)
        owner = await self._federated.add(visit, Adding(account, str(session)), browser, state, code, issuer)
        await self._added(visit, account, owner)

    async def remove(self, visit: Visit, account: str, session: UUID, way: UUID) -> None:
        """Remove a way, and end all other sessions, which may have begun by it.

        Raises SignInFailed where the sign-in is not fresh, UnknownWay, LastWay or MailUnavailable. Mails that are kept
        to an address go first: afterwards nothing tells whose it was.
        """
        await self._require_fresh(account, session)
        ways = await self._store.ways_of(account)
        if len(ways) > 1:
            await self._kept_mails.forget(
                [each.address_digest for each in ways if each.way_id == way and each.address_digest]
            )
        match await self._store.remove_way(account, way):
            case "unknown":
                raise UnknownWay
            case "last":
                raise LastWay
            case "removed":
                await self._facts.ways_changed(visit, account)
                await self._sessions.end_others(visit, account, session, "way_removed")

    async def _added(self, visit: Visit, account: str, owner: str) -> None:
        if owner != account:
            raise WayTaken
        await self._facts.ways_changed(visit, account)

    async def _require_room(self, account: str, session: UUID) -> None:
        await self._require_fresh(account, session)
        if len(await self._store.ways_of(account)) >= WAYS_MAX:
            raise TooManyWays

    async def _require_fresh(self, account: str, session: UUID) -> None:
        sessions = await self._sessions.of(account)
        if not any(each.session_id == session and self._now() - each.began_at <= FRESH for each in sessions):
            raise SignInFailed

    def _address(self, way: Way) -> str | None:
        return None if way.address_sealed is None else self._secrets.unseal(way.address_sealed).decode()

    def _code_digest(self, account: str, session: UUID, sign_in: UUID, code: str) -> bytes:
        return self._secrets.digest(f"add\n{account}\n{session}\n{sign_in}\n{code}".encode())


_TEXT = """\
Somebody, probably you, wants to sign in with this address to an account
that they have already. Type this code where you asked for it:

{code}

It works once, within 15 minutes, and there alone. If it was not you, do
nothing, and tell nobody the code.
"""
