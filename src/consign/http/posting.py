"""The short way for the commands of the tills: Litestar routes and guards the request, the rest is ours.

A till waits for these, so nothing is made for them that they do not need: no parsing of data by signature, no response
object to be turned into another. Whatever is raised becomes a problem document at the edge, as everywhere.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from consign.actors.ports import Accepted
from consign.http.endpoint import Endpoint
from consign.http.exchange import Exchange, exchange_of
from consign.http.submit import answer_bytes

type Carry = Callable[[Exchange, dict[str, str]], Awaitable[Accepted]]
"""Carries a command out, given the exchange and the ids of its path."""

_JSON = (b"content-type", b"application/json")
_REPLAYED = (b"idempotency-replayed", b"true")


class Answered:
    """The whole answer to an accepted command: what was stored, and its position."""

    __slots__ = ("_accepted",)

    def __init__(self, accepted: Accepted) -> None:
        self._accepted = accepted

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send it."""
        body = answer_bytes(self._accepted)
        headers: list[Any] = [_JSON, (b"content-length", b"%d" % len(body))]
        if self._accepted.repeated:
            headers.append(_REPLAYED)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def posted(path: str, endpoint: Endpoint, carry: Carry) -> HTTPRouteHandler:
    """Make the handler of a command."""

    async def serve(scope: Scope) -> ASGIApp:
        return Answered(await carry(exchange_of(scope), scope["path_params"]))

    return post(path, name=endpoint.rule, status_code=200, opt=endpoint.opt())(serve)
