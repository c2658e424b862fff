"""Adding and removing ways to sign in, over HTTP: by whoever signed in less than 15 minutes ago."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.domain.rejection import Reason
from consign.http.bodies import decode
from consign.http.endpoint import Endpoint
from consign.http.exchange import exchange_of
from consign.http.identity.routes_federated import (
    COOKIE,
    BeginWithIssuerBody,
    BegunWithIssuer,
    FinishWithIssuerBody,
    begun_in_browser,
)
from consign.http.identity.routes_sign_in import IDENTITY_PATH, AskForLinkBody, RedeemCodeBody
from consign.http.identity.visits import refusing, said, session_of, visit_of
from consign.http.path_ids import checked
from consign.http.problems import Refusal
from consign.identity.magic_links import Asked
from consign.identity.store import WAYS_MAX
from consign.identity.ways import LastWay, TooManyWays, UnknownWay, Ways, WayTaken


class ListedWay(Struct, frozen=True):
    """`issuer` or `address` says which one it is."""

    way: UUID
    kind: Literal["address", "issuer"]
    since: datetime
    issuer: str | None
    address: str | None


class ListedWays(Struct, frozen=True):
    items: Sequence[ListedWay]


class WayAdded(Struct, frozen=True):
    """The account that one signs in as in this way, too."""

    account: str


class WayRemoved(Struct, frozen=True):
    """All other sessions of the account have ended."""

    way: Annotated[str, Meta(max_length=36)]


class WayRoutes:
    """The handlers, and what they need."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    async def list(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """List the caller's ways."""
        with refusing():
            found = await self._ways.of(exchange_of(request.scope).acting().account_id)
        return said(
            ListedWays([ListedWay(*(each.way, each.kind, each.since, each.issuer, each.address)) for each in found])
        )

    async def ask(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Send a code to an address."""
        body: AskForLinkBody = decode(exchange_of(request.scope), await request.body(), AskForLinkBody)
        with refusing(), _refusing_ways():
            return said(await self._ways.ask(_account(request), session_of(request), body.address))

    async def add_address(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Add the address whose code is shown."""
        body: RedeemCodeBody = decode(exchange_of(request.scope), await request.body(), RedeemCodeBody)
        account, session = _account(request), session_of(request)
        with refusing(), _refusing_ways():
            await self._ways.add_address(visit_of(request), account, session, body.sign_in, body.code)
        return said(WayAdded(account))

    async def begin_issuer(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Begin to add an issuer."""
        body: BeginWithIssuerBody = decode(exchange_of(request.scope), await request.body(), BeginWithIssuerBody)
        account, session = _account(request), session_of(request)
        with refusing(), _refusing_ways():
            return begun_in_browser(await self._ways.begin_issuer(visit_of(request), account, session, body.issuer))

    async def add_issuer(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Add what the issuer vouches for."""
        body: FinishWithIssuerBody = decode(exchange_of(request.scope), await request.body(), FinishWithIssuerBody)
        account, session, browser = _account(request), session_of(request), request.cookies.get(COOKIE, "")
        with refusing(), _refusing_ways():
            answer = body.state, body.code, body.iss
            await self._ways.add_issuer(visit_of(request), account, session, browser, *answer)
        return said(WayAdded(account))

    async def remove(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Remove one."""
        way = checked(request.path_params)["way"]
        account, session = _account(request), session_of(request)
        with refusing(), _refusing_ways():
            await self._ways.remove(visit_of(request), account, session, UUID(way))
        return said(WayRemoved(way))


def _account(request: Request[Any, Any, Any]) -> str:
    return exchange_of(request.scope).acting().account_id


@contextmanager
def _refusing_ways() -> Iterator[None]:
    try:
        yield
    except WayTaken:
        raise Refusal("way_taken", "Somebody signs in with it already, as another account.") from None
    except LastWay:
        raise Refusal("last_way", "Add another way to sign in first: this is the last one.") from None
    except UnknownWay:
        raise Refusal("unknown_way", "You do not sign in in this way.") from None
    except TooManyWays:
        raise Refusal(Reason.LIMIT_EXCEEDED, f"An account has at most {WAYS_MAX} ways to sign in.") from None


def way_handlers(ways: Ways) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    listed = Endpoint("list-ways", "One's own ways to sign in.", "sign-in", answer=ListedWays)
    ask = Endpoint(
        "ask-to-add-address",
        "Send a code to an address that one wants to sign in with, too.",
        "sign-in",
        body=AskForLinkBody,
        answer=Asked,
        example={"address": "ada@work.example.org"},
    )
    add_address = Endpoint(
        "add-address",
        "Sign in with the address, too, whose code is shown in the session that asked for it.",
        "sign-in",
        body=RedeemCodeBody,
        answer=WayAdded,
        example={"sign_in": "01935f00-0000-7000-8000-000000000001", "code": "123456"},
    )
    begin = Endpoint(
        "begin-adding-issuer",
        "Begin to add another issuer to one's ways to sign in; sets a cookie that has to be there at the end.",
        "sign-in",
        body=BeginWithIssuerBody,
        answer=BegunWithIssuer,
        example={"issuer": "https://accounts.google.com"},
    )
    add_issuer = Endpoint(
        "add-issuer",
        "Sign in with the issuer, too, in the session and the browser that began to add it.",
        "sign-in",
        body=FinishWithIssuerBody,
        answer=WayAdded,
        example={"state": "Jq0XB2u1mJtQ7vYH3qk0pV2r8m5o4n9s6t1w3x5z7A0", "code": "4/0AVG7fiQ"},
    )
    remove = Endpoint(
        "remove-way", "Sign in this way no more, which is not the last one.", "sign-in", answer=WayRemoved
    )
    routes = WayRoutes(ways)

    def posted(path: str, endpoint: Endpoint, handler: Any) -> HTTPRouteHandler:
        return post(f"{IDENTITY_PATH}{path}", name=endpoint.rule, status_code=200, opt=endpoint.opt())(handler)

    return [
        get(f"{IDENTITY_PATH}/ways", name=listed.rule, opt=listed.opt())(routes.list),
        posted("/ask-to-add-address", ask, routes.ask),
        posted("/add-address", add_address, routes.add_address),
        posted("/begin-adding-issuer", begin, routes.begin_issuer),
        posted("/add-issuer", add_issuer, routes.add_issuer),
        posted("/ways/{way:str}/remove", remove, routes.remove),
    ]
