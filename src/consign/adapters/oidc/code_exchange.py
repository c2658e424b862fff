"""What this service is as a client of an OpenID Connect issuer: where browsers are sent, and what codes are for."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import jwt
import msgspec
from msgspec import Struct

from consign.adapters.oidc.fetching import DOCUMENT_MAX_BYTES
from consign.identity.federated import Identified, IssuerAway
from consign.identity.keys import Keys, KeysUnavailable
from consign.identity.ports import SignInFailed

TIMEOUT_S = 5.0
LEEWAY_S = 5
SCOPE = "openid email"
TOKEN_MAX_LENGTH = 16_384
SUBJECT_MAX_LENGTH = 255


class ClientSettings(Struct, frozen=True, kw_only=True):
    """What the issuer knows this service by, and where it is asked."""

    issuer: str
    client_id: str
    client_secret: str | None
    authorization_endpoint: str
    token_endpoint: str
    redirect_uri: str
    trusts_addresses: bool


class _Answer(Struct, frozen=True):
    id_token: str


class _Header(Struct, frozen=True):
    alg: str
    kid: str | None = None


class _Claims(Struct, frozen=True):
    sub: str
    nonce: str
    azp: str | None = None
    aud: str | list[str] = ""
    email: str | None = None
    email_verified: bool | str = False


class OidcClient:
    """`keys` are the issuer's."""

    def __init__(self, settings: ClientSettings, keys: Keys) -> None:
        self._settings = settings
        self._keys = keys

    @property
    def trusts_addresses(self) -> bool:
        """Whether addresses count that the issuer says it has checked."""
        return self._settings.trusts_addresses

    def authorization_url(self, state: str, nonce: str, challenge: str) -> str:
        """Return where to send the browser (OpenID Connect Core 1.0, 3.1.2.1)."""
        parameters = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_uri,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        divider = "&" if "?" in self._settings.authorization_endpoint else "?"
        return f"{self._settings.authorization_endpoint}{divider}{urlencode(parameters)}"

    async def identified(self, code: str, verifier: str, nonce: str) -> Identified:
        """Exchange the code for an ID token and check it; raises SignInFailed or IssuerAway."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                token = await self._exchanged(code, verifier)
        except (httpx.HTTPError, TimeoutError) as error:
            raise IssuerAway(type(error).__name__) from error
        claims = await self._checked(token)
        audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        ours = self._settings.client_id
        if claims.nonce != nonce or not 0 < len(claims.sub) <= SUBJECT_MAX_LENGTH:
            raise SignInFailed
        if claims.azp not in (None, ours) or (len(audiences) > 1 and claims.azp != ours):
            raise SignInFailed
        is_checked = claims.email_verified in (True, "true")  # some issuers write it as text
        return Identified(claims.sub, claims.email if is_checked else None)

    async def _exchanged(self, code: str, verifier: str) -> str:
        settings = self._settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": settings.redirect_uri,
            "code_verifier": verifier,
        }
        auth = None
        if settings.client_secret is None:
            form["client_id"] = settings.client_id
        else:  # RFC 6749, 2.3.1 wants both encoded
            auth = httpx.BasicAuth(quote(settings.client_id, safe=""), quote(settings.client_secret, safe=""))
        async with (
            httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, auth=auth) as client,
            client.stream("POST", settings.token_endpoint, data=form, headers=_HEADERS) as response,
        ):
            content = bytearray()
            async for part in response.aiter_raw():
                content += part
                if len(content) > DOCUMENT_MAX_BYTES:
                    raise SignInFailed
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise IssuerAway(f"status {response.status_code}")
        if response.status_code != httpx.codes.OK:
            raise SignInFailed
        try:
            return msgspec.json.decode(bytes(content), type=_Answer).id_token
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise SignInFailed from error

    async def _checked(self, token: str) -> _Claims:
        """Check signature, issuer, audience and times; nothing in the token chooses how."""
        if len(token) > TOKEN_MAX_LENGTH:
            raise SignInFailed
        try:
            header = msgspec.convert(jwt.get_unverified_header(token), _Header)
            key = await self._keys.find(header.kid)
            if key is None or header.alg != key.algorithm:
                raise SignInFailed
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm],
                issuer=self._settings.issuer,
                audience=self._settings.client_id,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "sub", "iss", "aud", "nonce"]},
            )
            return msgspec.convert(claims, _Claims)
        except KeysUnavailable as error:
            raise IssuerAway(self._settings.issuer) from error
        except (jwt.PyJWTError, msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise SignInFailed from error


_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
