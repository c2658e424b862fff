"""Staying signed in and signing out over HTTP: whoever is signed in sees and ends their own sessions.

A session that is for one organization alone sees and ends those for the same one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.http.bodies import decode
from consign.http.endpoint import Endpoint
from consign.http.exchange import exchange_of
from consign.http.identity import cookies
from consign.http.identity.routes_sign_in import IDENTITY_PATH
from consign.http.identity.visits import SignedIn, refusing, said, session_of, told, visit_of
from consign.http.path_ids import checked
from consign.http.problems import Refusal
from consign.identity.sessions import Sessions


class RefreshBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Without a token the cookie counts that holds one."""

    refresh_token: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class ListedSession(Struct, frozen=True):
    """`device` is what the browser said when somebody signed in; `current` is the one that asks."""

    session: UUID
    device: str
    began_at: datetime
    used_at: datetime
    expires_at: datetime
    current: bool


class ListedSessions(Struct, frozen=True):
    items: Sequence[ListedSession]


class EndedSessionsAnswer(Struct, frozen=True):
    """How many sessions ended."""

    ended: int


class OwnSessions:
    """The handlers, and what they need."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def refresh(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Spend a refresh token."""
        exchange = exchange_of(request.scope)
        body: RefreshBody = decode(exchange, await request.body(), RefreshBody)
        token = body.refresh_token
        if token is None:
            cookies.require_page(exchange)
            token = cookies.cookie(exchange, cookies.REFRESH) or ""
        with refusing():
            return told(request, await self._sessions.refresh(visit_of(request), token))

    async def list(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """List the caller's sessions."""
        caller = exchange_of(request.scope).acting()
        with refusing():
            found = await self._sessions.of(caller.account_id, caller.organization)
        return said(
            ListedSessions(
                [
                    ListedSession(
                        *(each.session_id, each.device, each.began_at, each.used_at, each.expires_at),
                        current=str(each.session_id) == caller.session_id,
                    )
                    for each in found
                ]
            )
        )

    async def sign_out(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """End the session that asks."""
        answer = await self._end(request, session_of(request))
        cookies.take(answer)
        return answer

    async def sign_out_elsewhere(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """End one of the caller's sessions."""
        return await self._end(request, UUID(checked(request.path_params)["session"]))

    async def sign_out_everywhere(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """End all of the caller's sessions, the one that asks too."""
        caller = exchange_of(request.scope).acting()
        with refusing():
            ended = await self._sessions.end_all(visit_of(request), caller.account_id, organization=caller.organization)
        answer = said(EndedSessionsAnswer(ended))
        cookies.take(answer)
        return answer

    async def _end(self, request: Request[Any, Any, Any], session_id: UUID) -> Response[bytes]:
        caller = exchange_of(request.scope).acting()
        with refusing():
            if not await self._sessions.end(visit_of(request), caller.account_id, session_id, caller.organization):
                raise Refusal("unknown_session", "You have no such session.")
        return said(EndedSessionsAnswer(1))


def session_handlers(sessions: Sessions) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    refresh = Endpoint(
        "refresh-session",
        "Spend a refresh token for the next tokens. One that comes a second time ends its session.",
        "sign-in",
        body=RefreshBody,
        answer=SignedIn,
        example={"refresh_token": "cr_01935f00000070008000000000000001_Jq0XB2u1mJtQ7vYH3qk0pV2r8m5o4n9s6t1w3x5z7A0"},
    )
    listed = Endpoint("list-own-sessions", "One's own sessions, by device.", "sign-in", answer=ListedSessions)
    out = Endpoint("sign-out", "End the session that asks.", "sign-in", answer=EndedSessionsAnswer)
    elsewhere = Endpoint(
        "sign-out-session", "End another one of one's sessions.", "sign-in", answer=EndedSessionsAnswer
    )
    everywhere = Endpoint("sign-out-everywhere", "End all of one's sessions.", "sign-in", answer=EndedSessionsAnswer)
    own = OwnSessions(sessions)

    def posted(path: str, endpoint: Endpoint, handler: Any) -> HTTPRouteHandler:
        return post(f"{IDENTITY_PATH}{path}", name=endpoint.rule, status_code=200, opt=endpoint.opt())(handler)

    return [
        get(f"{IDENTITY_PATH}/sessions", name=listed.rule, opt=listed.opt())(own.list),
        posted("/refresh", refresh, own.refresh),
        posted("/sign-out", out, own.sign_out),
        posted("/sign-out-everywhere", everywhere, own.sign_out_everywhere),
        posted("/sessions/{session:str}/sign-out", elsewhere, own.sign_out_elsewhere),
    ]
