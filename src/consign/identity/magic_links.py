"""Signing in by mail: a link and a code are sent to an address, and whoever shows one of them holds the address.

Whether the address is known changes nothing of what is done or answered: who signs in for the first time gets an
account by that.
"""

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from msgspec import Struct
from uuid_utils.compat import uuid7

from consign.identity.limits import Buckets, evenly
from consign.identity.names import address_under
from consign.identity.ports import Facts, Mail, Mailer, Secrets, SignInFailed, Visit, Way
from consign.identity.sessions import Sessions, Tokens, utc_now
from consign.identity.store import IdentityStore, Link, Redeemed

LIFETIME = timedelta(minutes=15)
TRIES = 5
"""How many codes may be tried for one link."""
PEOPLE_AT_ONE_ADDRESS = 200
"""The helpers of a sale sign in through one network, all in the same hour."""

_ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,188}[a-z0-9])?")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
CODES = 1_000_000


class AddressInvalid(Exception):
    """Mail cannot be sent to that."""


class Asked(Struct, frozen=True):
    """A link was sent; its code is told together with `sign_in`."""

    sign_in: UUID
    expires_at: datetime


def normal(address: str) -> str:
    """Return the one form of an address; raises AddressInvalid.

    Letters' case does not tell people apart. Only ASCII counts: a look-alike letter would make another person.
    """
    found = address.strip().lower()
    if not _ADDRESS.fullmatch(found) or ".." in found or ".@" in found or found.startswith("."):
        raise AddressInvalid
    return found


class MagicLinks:
    """Sends links and takes them back: under the name that they were asked for under, and there alone.

    `base` is where people reach the service itself. A link leads there or to a name that is known to mean an
    organization: no request says what a link holds.
    """

    def __init__(
        self,
        store: IdentityStore,
        facts: Facts,
        mailer: Mailer,
        secrets_: Secrets,
        sessions: Sessions,
        *,
        base: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._facts = facts
        self._mailer = mailer
        self._secrets = secrets_
        self._sessions = sessions
        self._base = base
        self._now = now
        self._mails_to_address = Buckets(5, 180.0)
        self._mails_from_peer = Buckets(PEOPLE_AT_ONE_ADDRESS, 5.0)
        self._wrong_codes = Buckets(10, 8640.0)

    async def ask(self, visit: Visit, address: str) -> Asked:
        """Send a link and a code to the address; raises AddressInvalid, TooManyTries or MailUnavailable."""
        to = normal(address)
        digest = self._secrets.address_digest(to)
        self._mails_from_peer.take(visit.peer)
        self._mails_to_address.take(digest)
        token, code = secrets.token_urlsafe(32), f"{secrets.randbelow(CODES):06}"
        asked = Asked(uuid7(), self._now() + LIFETIME)
        await self._store.keep_link(
            Link(
                asked.sign_in,
                digest,
                self._secrets.seal(to.encode()),
                _token_digest(token),
                self._code_digest(asked.sign_in, code),
                asked.expires_at,
                TRIES,
                _organization(visit),
            )
        )
        link = f"{address_under(visit.under, self._base)}/sign-in#{token}"
        await self._mailer.send(Mail(to, "Sign in", _TEXT.format(link=link, code=code), LIFETIME))
        return asked

    async def redeem_link(self, visit: Visit, token: str) -> Tokens:
        """Sign in whoever shows a link's token; raises SignInFailed or TooManyTries."""
        if not _TOKEN.fullmatch(token):
            raise SignInFailed
        redeemed = await self._store.redeem_token(_token_digest(token), self._now(), _organization(visit))
        if redeemed is None:
            raise SignInFailed
        return await self._sign_in(visit, redeemed, "link")

    async def redeem_code(self, visit: Visit, sign_in: UUID, code: str) -> Tokens:
        """Sign in whoever shows the code of a mail; raises SignInFailed or TooManyTries.

        Wrong codes are counted by address too, so that asking for ever new links guesses no faster.
        """
        async with evenly():
            digest = self._code_digest(sign_in, code)
            redeemed = await self._store.redeem_code(sign_in, digest, self._now(), _organization(visit))
            if redeemed is None:
                raise SignInFailed
            self._wrong_codes.check(redeemed.address_digest)
            if not redeemed.is_right:
                self._wrong_codes.take(redeemed.address_digest)
                account = await self._store.account_of(redeemed.address_digest)
                if account is not None:
                    await self._facts.refused(visit, account, "code")
                raise SignInFailed
        return await self._sign_in(visit, redeemed, "code")

    async def _sign_in(self, visit: Visit, redeemed: Redeemed, way: Way) -> Tokens:
        address = self._secrets.unseal(redeemed.address_sealed).decode()
        digest, sealed = redeemed.address_digest, redeemed.address_sealed
        account = await self._store.claim_address(digest, str(uuid7()), self._now(), sealed)
        return await self._sessions.begin(visit, account, way, address)

    def _code_digest(self, sign_in: UUID, code: str) -> bytes:
        """Return what the code is known by: keyed, for there are few enough codes to try them all."""
        return self._secrets.digest(f"code\n{sign_in}\n{code}".encode())


def _organization(visit: Visit) -> str | None:
    return None if visit.under is None else visit.under.organization


def _token_digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


_TEXT = """\
Somebody, probably you, wants to sign in with this address.

Open this link:

{link}

or type this code where you asked for it:

{code}

Both work once, within 15 minutes. If it was not you, do nothing: without
this mail nobody can sign in.
"""
