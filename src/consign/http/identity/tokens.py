"""The one place where bearer tokens are checked, whoever issued them.

A token names its issuer and its key. Both are looked up in what this installation was told, the key among that issuer's
own, and the key says which algorithm counts: nothing in a token chooses how the token is checked, and no address in it
is ever followed. Then its times, its audience, and whatever the issuer's kind asks for.
"""

import base64
import ipaddress
import re
import time
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple, Protocol

import jwt
import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from consign.http.problems import Refusal
from consign.identity.caller import Caller
from consign.identity.keys import Keys, KeysUnavailable, VerifyingKey
from consign.identity.machines import is_machines
from consign.identity.store import IdentityUnavailable

TOKEN_LENGTH_MAX = 8192
TOKENS_CACHED_MAX = 4096
LEEWAY_S = 5
CHECKED_AGAIN_S = 300.0
"""So long at most a key that its issuer has withdrawn goes on vouching for a token that was seen before."""

type Headers = Mapping[bytes, bytes]
"""A request's headers by name in lower case; one that was sent twice holds both values."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_TYPES = frozenset(("jwt", "at+jwt", "application/at+jwt"))
WRITTEN_BY_PROXIES = frozenset((b"x-forwarded-for", b"forwarded", b"x-forwarded-proto", b"x-real-ip", b"via"))
_MALFORMED = (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError)


class TokenRefused(Exception):
    """The token is genuine and means nothing here; the message says why, to whoever sent it."""


class Issuer(Protocol):
    """Somebody whose tokens count here.

    `audience`: whom its tokens must be meant for; None: they must name nobody. `on_this_machine_only`: they count for
    peers on this machine alone.
    """

    @property
    def name(self) -> str: ...
    @property
    def keys(self) -> Keys: ...
    @property
    def audience(self) -> str | None: ...
    @property
    def on_this_machine_only(self) -> bool: ...

    def caller(self, claims: bytes) -> Caller:
        """Return whom the claims (JSON) of a genuine token in its time speak for.

        Raises TokenRefused or msgspec.ValidationError.
        """
        ...


class _Header(Struct, frozen=True):
    alg: str
    kid: str | None = None
    typ: str = "JWT"
    crit: Raw | UnsetType = UNSET


class _Times(Struct, frozen=True):
    iss: str
    exp: float
    iat: float
    nbf: float = 0


class _Seen(NamedTuple):
    caller: Caller
    endings: Collection[str]
    until_s: float
    on_this_machine_only: bool


class _Shown(NamedTuple):
    """A token taken apart, of which nothing is believed yet."""

    token: str
    header: _Header
    claims: bytes
    issuer: Issuer
    expires_at_s: float


class EndedSessions(Protocol):
    """Says what was ended before its tokens expire."""

    def has_any(self, endings: Collection[str]) -> bool: ...


class Machines(Protocol):
    """Knows whom machines' secrets speak for."""

    async def caller(self, token: str) -> Caller | None:
        """Return the caller; None: the secret is nobody's. Raises IdentityUnavailable."""
        ...


class Tokens:
    """Says whom a request's token speaks for. A token that was checked is not checked again for a while."""

    def __init__(self, issuers: Iterable[Issuer], machines: Machines, ended: EndedSessions) -> None:
        self._machines = machines
        self._ended = ended
        self._issuers = {issuer.name: issuer for issuer in issuers}
        self._seen: dict[bytes, _Seen] = {}
        self._checked = 0
        self._refused = 0

    def seen(self, headers: Headers, peer: str) -> Caller | None:
        """Return the caller where the request's token was checked before, without waiting; None: ask `caller`."""
        authorization = headers.get(b"authorization", b"")
        found = self._seen.get(authorization)
        if found is None:
            return None
        if found.until_s <= time.time():
            del self._seen[authorization]
            return None
        if found.on_this_machine_only:
            _check_machine(headers, peer)
        self._check_end(found)
        return found.caller

    async def caller(self, headers: Headers, peer: str) -> Caller:
        """Return whom the request's token speaks for; raises Refusal."""
        found = self.seen(headers, peer)
        if found is not None:
            return found
        try:
            seen = await self._check(headers, peer)
            self._check_end(seen)
        except Refusal:
            self._refused += 1
            raise
        self._checked += 1
        if len(self._seen) >= TOKENS_CACHED_MAX:
            self._seen.pop(next(iter(self._seen)))
        self._seen[headers[b"authorization"]] = seen
        return seen.caller

    def counters(self) -> Mapping[str, float]:
        """Tell how many tokens were checked and refused."""
        return {"tokens_checked_total": float(self._checked), "tokens_refused_total": float(self._refused)}

    def _check_end(self, seen: _Seen) -> None:
        if self._ended.has_any(seen.endings):
            raise _unauthenticated("The session has ended.")

    async def _check(self, headers: Headers, peer: str) -> _Seen:
        token = _bearer(headers)
        if is_machines(token):
            return await self._machine(token)
        shown = self._taken_apart(token)
        issuer = shown.issuer
        if issuer.on_this_machine_only:
            _check_machine(headers, peer)
        key = issuer.keys.known(shown.header.kid)
        if key is None:
            try:
                key = await issuer.keys.find(shown.header.kid)
            except KeysUnavailable as error:
                raise Refusal(
                    "issuer_unavailable",
                    "The keys of the token's issuer cannot be had at the moment.",
                    headers={"Retry-After": "5"},
                ) from error
        if key is None or shown.header.alg != key.algorithm:
            raise _not_valid()
        _check_signature_and_times(shown, key)
        try:
            caller = issuer.caller(shown.claims)
        except TokenRefused as error:
            raise _unauthenticated(str(error)) from error
        except _MALFORMED as error:
            raise _not_valid() from error
        return _seen(caller, shown.expires_at_s + LEEWAY_S, on_this_machine_only=issuer.on_this_machine_only)

    async def _machine(self, secret: str) -> _Seen:
        try:
            caller = await self._machines.caller(secret)
        except IdentityUnavailable as error:
            raise Refusal(
                "identity_unavailable", "Nobody can say whose secret that is.", headers={"Retry-After": "1"}
            ) from error
        if caller is None:
            raise _not_valid()
        return _seen(caller, caller.expires_at_s, on_this_machine_only=False)

    def _taken_apart(self, token: str) -> _Shown:
        if not _TOKEN.fullmatch(token):
            raise _not_valid()
        encoded_header, encoded_claims, _ = token.split(".")
        try:
            header = msgspec.json.decode(_decoded(encoded_header), type=_Header)
            claims = _decoded(encoded_claims)
            times = msgspec.json.decode(claims, type=_Times)
        except _MALFORMED as error:
            raise _not_valid() from error
        issuer = self._issuers.get(times.iss)
        if issuer is None or header.crit is not UNSET or header.typ.lower() not in _TYPES:
            raise _not_valid()
        return _Shown(token, header, claims, issuer, times.exp)


def _bearer(headers: Headers) -> str:
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthenticated("Send a header Authorization: Bearer <token>.")
    if len(token) > TOKEN_LENGTH_MAX:
        raise _unauthenticated("The token is too long.")
    return token


def _seen(caller: Caller, expires_at_s: float, *, on_this_machine_only: bool) -> _Seen:
    return _Seen(caller, caller.endings, min(expires_at_s, time.time() + CHECKED_AGAIN_S), on_this_machine_only)


def _check_signature_and_times(shown: _Shown, key: VerifyingKey) -> None:
    try:
        jwt.decode(
            shown.token,
            key.key,
            algorithms=[key.algorithm],
            issuer=shown.issuer.name,
            audience=shown.issuer.audience,
            leeway=LEEWAY_S,
            options={"require": ["exp", "iat", "sub", "iss"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise _unauthenticated("The token has expired.") from error
    except (jwt.PyJWTError, *_MALFORMED) as error:
        raise _not_valid() from error


def _check_machine(headers: Headers, peer: str) -> None:
    if not WRITTEN_BY_PROXIES.isdisjoint(headers) or not _is_loopback(peer):
        raise _unauthenticated("Development tokens are accepted from this machine only.")


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _not_valid() -> Refusal:
    return _unauthenticated("The token is not valid.")


def _is_loopback(peer: str) -> bool:
    """Say whether the peer's address is one of this machine's own."""
    if peer == "127.0.0.1":
        return True
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or (mapped is not None and mapped.is_loopback)


def _unauthenticated(detail: str) -> Refusal:
    """Refuse somebody who did not show who they are."""
    return Refusal("unauthenticated", detail, headers={"WWW-Authenticate": 'Bearer realm="consign"'})
