"""Signing in with another issuer over HTTP: the browser is sent there, comes back with a code, and shows it here.

The cookie is what binds both requests to one browser. Its name lets no other host and no plain connection set it
(RFC 6265bis, 4.1.3.2).
"""

from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.http.bodies import decode
from consign.http.endpoint import Endpoint
from consign.http.exchange import exchange_of
from consign.http.identity.routes_sign_in import IDENTITY_PATH
from consign.http.identity.visits import SignedIn, refusing, said, told, visit_of
from consign.identity.federated import LIFETIME, Begun, Federated

COOKIE = "__Host-consign-sign-in"
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax"
_Secret = Annotated[str, Meta(min_length=1, max_length=200)]


class BeginWithIssuerBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`issuer` is one of those that the settings name."""

    issuer: Annotated[str, Meta(min_length=1, max_length=500)]


class FinishWithIssuerBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What the issuer put into the address that it sent the browser back to; `iss` where it was there."""

    state: _Secret
    code: Annotated[str, Meta(min_length=1, max_length=2000)]
    iss: Annotated[str, Meta(max_length=500)] | None = None


class BegunWithIssuer(Struct, frozen=True):
    """Send the browser there, within ten minutes."""

    authorization_url: str


class FederatedRoutes:
    """The handlers, and what they need."""

    def __init__(self, federated: Federated) -> None:
        self._federated = federated

    async def begin(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Begin."""
        body: BeginWithIssuerBody = decode(exchange_of(request.scope), await request.body(), BeginWithIssuerBody)
        with refusing():
            return begun_in_browser(await self._federated.begin(visit_of(request), body.issuer))

    async def finish(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Sign in."""
        body: FinishWithIssuerBody = decode(exchange_of(request.scope), await request.body(), FinishWithIssuerBody)
        browser = request.cookies.get(COOKIE, "")
        with refusing():
            tokens = await self._federated.finish(visit_of(request), browser, body.state, body.code, body.iss)
        answer = told(request, tokens)
        answer.headers["Set-Cookie"] = f"{COOKIE}=; Max-Age=0; {_ATTRIBUTES}"
        return answer


def begun_in_browser(begun: Begun) -> Response[bytes]:
    """Answer where to go, and bind the rest to the browser."""
    lifetime_s = int(LIFETIME.total_seconds())
    answer = said(BegunWithIssuer(begun.authorization_url))
    answer.headers["Set-Cookie"] = f"{COOKIE}={begun.browser}; Max-Age={lifetime_s}; {_ATTRIBUTES}"
    return answer


def federated_handlers(federated: Federated) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    begin = Endpoint(
        "begin-with-issuer",
        "Begin to sign in with another issuer; sets a cookie that has to be there at the end.",
        "sign-in",
        body=BeginWithIssuerBody,
        answer=BegunWithIssuer,
        example={"issuer": "https://accounts.google.com"},
    )
    finish = Endpoint(
        "finish-with-issuer",
        "Sign in with what the issuer sent the browser back with: once, in the browser that began.",
        "sign-in",
        body=FinishWithIssuerBody,
        answer=SignedIn,
        example={"state": "Jq0XB2u1mJtQ7vYH3qk0pV2r8m5o4n9s6t1w3x5z7A0", "code": "4/0AVG7fiQ"},
    )
    routes = FederatedRoutes(federated)
    return [
        post(f"{IDENTITY_PATH}/begin-with-issuer", name=begin.rule, status_code=200, opt=begin.opt())(routes.begin),
        post(f"{IDENTITY_PATH}/finish-with-issuer", name=finish.rule, status_code=200, opt=finish.opt())(routes.finish),
    ]
