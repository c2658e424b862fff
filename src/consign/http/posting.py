"""The short way for the commands of the tills: found by their path, checked like any other, carried out, answered.

A till waits for these, so nothing is made for them that they do not need: no request object, no parsing of data by
signature, no response object to be turned into another. Litestar has a handler for each of them too: it answers what
does not look exactly as expected (another method, a doubled slash), and is what the documentation is made from.
Whatever is raised becomes a problem document at the edge, as everywhere.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

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
_PARAMETER = re.compile(r"{(\w+):str}")


class Answered:
    """The whole answer to an accepted command: what was stored, and its position."""

    __slots__ = ("_accepted",)

    def __init__(self, accepted: Accepted) -> None:
        self._accepted = accepted

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send it."""
        await _answer(self._accepted, send)


def posted(path: str, endpoint: Endpoint, carry: Carry) -> HTTPRouteHandler:
    """Make the handler of a command."""

    async def serve(scope: Scope) -> ASGIApp:
        return Answered(await carry(exchange_of(scope), scope["path_params"]))

    return post(path, name=endpoint.rule, status_code=200, opt={**endpoint.opt(), "carry": carry})(serve)


class ShortWay:
    """Stands before the router and takes the commands among `handlers` past it.

    `check` lets a request in or raises, at once or when what it returns is awaited.
    """

    def __init__(
        self, router: ASGIApp, handlers: Sequence[HTTPRouteHandler], check: Callable[[Any], Awaitable[None] | None]
    ) -> None:
        self._router = router
        self._check = check
        self._routes: dict[str, tuple[_Route, ...]] = {}
        for handler in handlers:
            if "carry" in handler.opt:
                for path in handler.paths:
                    imperative = path.rpartition("/")[2]
                    self._routes[imperative] = (*self._routes.get(imperative, ()), _route(path, handler))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope.get("method") == "POST":
            path: str = scope["path"]
            for route in self._routes.get(path[path.rfind("/") + 1 :], ()):
                found = route.pattern.fullmatch(path)
                if found is not None:
                    await self._carry(route, found.groupdict(), scope, send)
                    return
        await self._router(scope, receive, send)

    async def _carry(self, route: "_Route", ids: dict[str, str], scope: Any, send: Send) -> None:
        """Leave in the scope what the router would have left there, for whoever reads it on the way back."""
        scope["path_params"], scope["path_template"], scope["route_handler"] = ids, route.template, route.handler
        asking = self._check(scope)
        if asking is not None:
            await asking
        await _answer(await route.carry(exchange_of(scope), ids), send)


class _Route(NamedTuple):
    pattern: re.Pattern[str]
    template: str
    handler: HTTPRouteHandler
    carry: Carry


def _route(path: str, handler: HTTPRouteHandler) -> _Route:
    template = _PARAMETER.sub(r"{\1}", path)
    return _Route(re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", path)), template, handler, handler.opt["carry"])


async def _answer(accepted: Accepted, send: Send) -> None:
    body = answer_bytes(accepted)
    headers: list[Any] = [_JSON, (b"content-length", b"%d" % len(body))]
    if accepted.repeated:
        headers.append(_REPLAYED)
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
