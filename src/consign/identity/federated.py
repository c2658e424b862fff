"""Signing in with another issuer: authorization code with PKCE (RFC 7636), state and nonce, for one browser.

What the browser is given is bound to it by a secret in a cookie, so that nobody can make somebody else finish a sign-in
that they began (RFC 9700, 4.7). State, nonce and verifier never leave the service but where the protocol says so.
"""

import base64
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple, Protocol

import msgspec
from msgspec import Struct
from uuid_utils.compat import uuid7

from consign.identity.federation import account_of
from consign.identity.limits import Buckets
from consign.identity.magic_links import PEOPLE_AT_ONE_ADDRESS, AddressInvalid, normal
from consign.identity.names import Name
from consign.identity.ports import Secrets, SignInFailed, Visit
from consign.identity.sessions import Sessions, Tokens, utc_now
from consign.identity.store import IdentityStore

LIFETIME = timedelta(minutes=10)
_SECRET_BYTES = 32


class UnknownIssuer(Exception):
    """Nobody can sign in with this issuer."""


class IssuerAway(Exception):
    """The issuer cannot be asked at the moment."""


class Identified(Struct, frozen=True):
    """Whom the issuer vouches for; `address` only where it says that it has checked it."""

    subject: str
    address: str | None


class Client(Protocol):
    """The service as a client of one issuer. `trusts_addresses`: what the issuer says it checked counts here."""

    @property
    def trusts_addresses(self) -> bool: ...

    def authorization_url(self, state: str, nonce: str, challenge: str) -> str:
        """Return where to send the browser."""
        ...

    async def identified(self, code: str, verifier: str, nonce: str) -> Identified:
        """Exchange the code; raises SignInFailed where the issuer's answer is not good, or IssuerAway."""
        ...


class Accounts(Protocol):
    """Knows which accounts were deleted."""

    async def is_over(self, account: str) -> bool:
        """Say whether the account is over for good: whoever comes again is somebody new."""
        ...


class Begun(Struct, frozen=True):
    """Where to send the browser, and the secret that it has to keep meanwhile."""

    authorization_url: str
    browser: str


class Adding(Struct, frozen=True):
    """Who adds a way to sign in, in which session: nobody else finishes it, and nobody is signed in by it."""

    account: str
    session: str


class _Content(Struct, frozen=True):
    issuer: str
    nonce: str
    verifier: str
    adding: Adding | None = None
    under: Name | None = None


class _Vouched(NamedTuple):
    issuer: str
    found: Identified


class Federated:
    """Begins sign-ins with the issuers of `clients`, and ends them."""

    def __init__(
        self,
        store: IdentityStore,
        secrets_: Secrets,
        sessions: Sessions,
        clients: Mapping[str, Client],
        accounts: Accounts,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._secrets = secrets_
        self._sessions = sessions
        self._clients = clients
        self._accounts = accounts
        self._now = now
        self._begun_from_peer = Buckets(PEOPLE_AT_ONE_ADDRESS, 5.0)

    @property
    def issuers(self) -> Sequence[str]:
        """Those whom people may sign in with."""
        return tuple(self._clients)

    async def begin(self, visit: Visit, issuer: str, adding: Adding | None = None) -> Begun:
        """Begin a sign-in, or adding a way to sign in; raises UnknownIssuer or TooManyTries."""
        client = self._clients.get(issuer)
        if client is None:
            raise UnknownIssuer
        self._begun_from_peer.take(visit.peer)
        state, browser, nonce, verifier = (secrets.token_urlsafe(_SECRET_BYTES) for _ in range(4))
        content = self._secrets.seal(msgspec.json.encode(_Content(issuer, nonce, verifier, adding, visit.under)))
        await self._store.keep_attempt(_digest(state), _digest(browser), content, self._now() + LIFETIME)
        challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        return Begun(client.authorization_url(state, nonce, challenge), browser)

    async def finish(self, visit: Visit, browser: str, state: str, code: str, issuer: str | None) -> Tokens:
        """Sign in whoever the issuer sent back; raises SignInFailed or IssuerAway. An attempt counts once.

        `issuer` is what the answer says of whose it is (RFC 9207), where the issuer says so.
        """
        vouched = await self._vouched(visit, browser, state, code, issuer, None)
        found, client = vouched.found, self._clients[vouched.issuer]
        account = await self._account(vouched.issuer, found, trusts_addresses=client.trusts_addresses)
        return await self._sessions.begin(visit, account, "issuer", found.address)

    async def begun_under(self, state: str) -> Name | None:
        """Return the organization's name under which the browser that comes back with this state began.

        Issuers send all browsers back to the service's own address: from there each goes on to where its cookie is.
        """
        sealed = await self._store.attempt(_digest(state), self._now())
        return None if sealed is None else msgspec.json.decode(self._secrets.unseal(sealed), type=_Content).under

    async def add(self, visit: Visit, adding: Adding, browser: str, state: str, code: str, issuer: str | None) -> str:
        """Let whoever the issuer sent back sign in as the account from now on; return whose they are.

        Raises SignInFailed or IssuerAway, also where somebody else began it, or began to sign in.
        """
        vouched = await self._vouched(visit, browser, state, code, issuer, adding)
        subject = self._subject(vouched.issuer, vouched.found)
        return await self._store.claim_subject(subject, adding.account, self._now(), vouched.issuer)

    async def _vouched(
        self, visit: Visit, browser: str, state: str, code: str, issuer: str | None, adding: Adding | None
    ) -> _Vouched:
        sealed = await self._store.take_attempt(_digest(state), _digest(browser), self._now())
        if sealed is None:
            raise SignInFailed
        content = msgspec.json.decode(self._secrets.unseal(sealed), type=_Content)
        client = self._clients.get(content.issuer)
        is_another = content.adding != adding or content.under != visit.under
        if client is None or issuer not in (None, content.issuer) or is_another:
            raise SignInFailed
        return _Vouched(content.issuer, await client.identified(code, content.verifier, content.nonce))

    async def _account(self, issuer: str, found: Identified, *, trusts_addresses: bool) -> str:
        """Return whose account it is: the same for ever, whatever address the issuer names later.

        An address that was shown here to be somebody's makes it theirs, where the issuer is trusted to have checked it.
        """
        subject = self._subject(issuer, found)
        known = await self._store.account_of_subject(subject)
        if known is not None:
            return known
        account: str = account_of(issuer, found.subject)
        if await self._accounts.is_over(account):
            account = str(uuid7())
        if trusts_addresses and found.address is not None:
            try:
                address = normal(found.address)
            except AddressInvalid:
                pass
            else:
                digest, sealed = self._secrets.address_digest(address), self._secrets.seal(address.encode())
                account = await self._store.claim_address(digest, account, self._now(), sealed)
        return await self._store.claim_subject(subject, account, self._now(), issuer)

    def _subject(self, issuer: str, found: Identified) -> bytes:
        return self._secrets.digest(f"subject\n{issuer}\n{found.subject}".encode())


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
