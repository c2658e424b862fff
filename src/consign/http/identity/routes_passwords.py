"""Passwords over HTTP. A wrong one, an unknown address and an account without one are answered alike."""

from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.http.bodies import decode
from consign.http.endpoint import Endpoint
from consign.http.exchange import exchange_of
from consign.http.identity.routes_sign_in import IDENTITY_PATH
from consign.http.identity.visits import SignedIn, refusing, said, session_of, told, visit_of
from consign.identity.passwords import Passwords

GivenPassword = Annotated[str, Meta(min_length=1, max_length=1000)]


class PasswordSignInBody(Struct, frozen=True, forbid_unknown_fields=True):
    address: Annotated[str, Meta(min_length=3, max_length=254)]
    password: GivenPassword


class ChangePasswordBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`current` may be left out by whoever signed in less than 15 minutes ago: by mail, if it was forgotten."""

    password: GivenPassword
    current: GivenPassword | None = None


class PasswordChangedAnswer(Struct, frozen=True):
    """All other sessions of the account have ended."""

    account: str


class PasswordRoutes:
    """The handlers, and what they need."""

    def __init__(self, passwords: Passwords) -> None:
        self._passwords = passwords

    async def sign_in(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Sign in."""
        body: PasswordSignInBody = decode(exchange_of(request.scope), await request.body(), PasswordSignInBody)
        with refusing():
            return told(request, await self._passwords.sign_in(visit_of(request), body.address, body.password))

    async def change(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Say a new password."""
        exchange = exchange_of(request.scope)
        body: ChangePasswordBody = decode(exchange, await request.body(), ChangePasswordBody)
        account, session = exchange.acting().account_id, session_of(request)
        with refusing():
            await self._passwords.change(visit_of(request), account, session, body.password, body.current)
        return said(PasswordChangedAnswer(account))


def password_handlers(passwords: Passwords) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    sign_in = Endpoint(
        "sign-in-by-password",
        "Sign in with an address and a password.",
        "sign-in",
        body=PasswordSignInBody,
        answer=SignedIn,
        example={"address": "ada@example.org", "password": "four words in a row"},
    )
    change = Endpoint(
        "change-password",
        "Say a new password, and end all of one's other sessions.",
        "sign-in",
        body=ChangePasswordBody,
        answer=PasswordChangedAnswer,
        example={"password": "five other words in a row", "current": "four words in a row"},
    )
    routes = PasswordRoutes(passwords)
    return [
        post(f"{IDENTITY_PATH}/sign-in", name=sign_in.rule, status_code=200, opt=sign_in.opt())(routes.sign_in),
        post(f"{IDENTITY_PATH}/change-password", name=change.rule, status_code=200, opt=change.opt())(routes.change),
    ]
