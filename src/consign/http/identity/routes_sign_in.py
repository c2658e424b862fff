"""Signing in by mail over HTTP. What is answered does not tell whether an address is known."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.http.bodies import decode
from consign.http.endpoint import API_PATH, Endpoint
from consign.http.exchange import exchange_of
from consign.http.identity.visits import SignedIn, refusing, said, told, visit_of
from consign.identity.magic_links import Asked, MagicLinks

IDENTITY_PATH = f"{API_PATH}/identity"


class AskForLinkBody(Struct, frozen=True, forbid_unknown_fields=True):
    address: Annotated[str, Meta(min_length=3, max_length=254)]


class RedeemLinkBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`token` is what the link of the mail holds after `#`."""

    token: Annotated[str, Meta(min_length=1, max_length=100)]


class RedeemCodeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`sign_in` is what was answered when the mail was asked for."""

    sign_in: UUID
    code: Annotated[str, Meta(pattern="^[0-9]{6}$")]


class SigningIn:
    """The handlers, and what they need."""

    def __init__(self, links: MagicLinks) -> None:
        self._links = links

    async def ask(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Send a mail."""
        body: AskForLinkBody = decode(exchange_of(request.scope), await request.body(), AskForLinkBody)
        with refusing():
            return said(await self._links.ask(visit_of(request), body.address))

    async def redeem_link(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Sign in by link."""
        body: RedeemLinkBody = decode(exchange_of(request.scope), await request.body(), RedeemLinkBody)
        with refusing():
            return told(request, await self._links.redeem_link(visit_of(request), body.token))

    async def redeem_code(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Sign in by code."""
        body: RedeemCodeBody = decode(exchange_of(request.scope), await request.body(), RedeemCodeBody)
        with refusing():
            return told(request, await self._links.redeem_code(visit_of(request), body.sign_in, body.code))


def sign_in_handlers(links: MagicLinks) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    ask = Endpoint(
        "ask-for-link",
        "Have a link and a code to sign in sent to an address, known or not.",
        "sign-in",
        body=AskForLinkBody,
        answer=Asked,
        example={"address": "ada@example.org"},
    )
    by_link = Endpoint(
        "redeem-link",
        "Sign in by the link of a mail: it works once, for 15 minutes.",
        "sign-in",
        body=RedeemLinkBody,
        answer=SignedIn,
        example={"token": "Jq0XB2u1mJtQ7vYH3qk0pV2r8m5o4n9s6t1w3x5z7A0"},
    )
    by_code = Endpoint(
        "redeem-code",
        "Sign in by the code of a mail, where it was asked for: it works once, for 15 minutes and five tries.",
        "sign-in",
        body=RedeemCodeBody,
        answer=SignedIn,
        example={"sign_in": "01935f00-0000-7000-8000-0000000000f1", "code": "123456"},
    )
    signing_in = SigningIn(links)
    return [
        post(f"{IDENTITY_PATH}/ask-for-link", name=ask.rule, status_code=200, opt=ask.opt())(signing_in.ask),
        post(f"{IDENTITY_PATH}/redeem-link", name=by_link.rule, status_code=200, opt=by_link.opt())(
            signing_in.redeem_link
        ),
        post(f"{IDENTITY_PATH}/redeem-code", name=by_code.rule, status_code=200, opt=by_code.opt())(
            signing_in.redeem_code
        ),
    ]
