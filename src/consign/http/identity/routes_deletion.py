"""Deleting an account over HTTP: one's own, or by an operator of the platform."""

from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.domain.values import GivenAccountId
from consign.http import examples
from consign.http.bodies import decode
from consign.http.endpoint import API_PATH, Endpoint
from consign.http.exchange import exchange_of
from consign.http.identity import cookies
from consign.http.identity.routes_sign_in import IDENTITY_PATH
from consign.http.identity.visits import refusing, refusing_to_delete, said, session_of, visit_of
from consign.http.path_ids import checked
from consign.http.problems import Refusal
from consign.identity.deletions import Deletions


class DeleteAccountBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`account` is one's own, said once more. `forget`: organizations forget the person too, as far as they may."""

    account: GivenAccountId
    forget: bool = False


class DeleteAccountOfBody(Struct, frozen=True, forbid_unknown_fields=True):
    forget: bool = False


class DeletedAccount(Struct, frozen=True):
    """`done`: nothing is left of it; otherwise the rest is done as soon as it can be."""

    account: str
    done: bool


class DeletionRoutes:
    """The handlers, and what they need."""

    def __init__(self, deletions: Deletions) -> None:
        self._deletions = deletions

    async def own(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Delete the caller's account."""
        exchange = exchange_of(request.scope)
        body: DeleteAccountBody = decode(exchange, await request.body(), DeleteAccountBody)
        account, session = exchange.acting().account_id, session_of(request)
        if body.account != account:
            raise Refusal("body_invalid", "This is not your account.")
        with refusing(), refusing_to_delete():
            done = await self._deletions.delete_own(visit_of(request), account, session, forgets=body.forget)
        answer = said(DeletedAccount(account, done))
        cookies.take(answer)
        return answer

    async def other(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Delete somebody's account."""
        exchange = exchange_of(request.scope)
        account = checked(request.path_params)["account"]
        body: DeleteAccountOfBody = decode(exchange, await request.body(), DeleteAccountOfBody)
        by = exchange.acting().account_id
        with refusing(), refusing_to_delete():
            done = await self._deletions.delete(visit_of(request), account, by=by, forgets=body.forget)
        return said(DeletedAccount(account, done))


def deletion_handlers(deletions: Deletions) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    own = Endpoint(
        "delete-account",
        "Delete one's own account: for whoever signed in less than 15 minutes ago.",
        "sign-in",
        body=DeleteAccountBody,
        answer=DeletedAccount,
        example={"account": examples.ACCOUNT},
    )
    other = Endpoint(
        "delete-account-of",
        "Delete an account: nobody signs in as it any more, and it is a member of nothing.",
        "accounts",
        body=DeleteAccountOfBody,
        answer=DeletedAccount,
        example={"forget": False},
    )
    routes = DeletionRoutes(deletions)
    of_one = f"{API_PATH}/accounts/{{account:str}}/delete"
    return [
        post(f"{IDENTITY_PATH}/delete-account", name=own.rule, status_code=200, opt=own.opt())(routes.own),
        post(of_one, name=other.rule, status_code=200, opt=other.opt())(routes.other),
    ]
