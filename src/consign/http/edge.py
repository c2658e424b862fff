"""What happens to every request before and after its handler.

The edge reads the body (bounded in size and time), refuses U+0000 wherever text could hold it, gives the request its
correlation id, answers in problem documents, and writes one log line and one observation a request. It stands outside
of the router, so that a path nobody serves is treated like any other.
"""

import asyncio
import re
import time
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from msgspec import Struct

from consign.actors.ports import LogError
from consign.domain.nul import holds_nul
from consign.http.addresses import Addresses
from consign.http.audit_refusals import Refusals
from consign.http.compression import compressing
from consign.http.cross_origin import CrossOrigin, NoOrigins, answer_preflight, is_preflight
from consign.http.cross_site import check_own_site, origin_of
from consign.http.errors import CUT_OFF, FAILED, OVERDUE, refusal_of
from consign.http.exchange import Exchange
from consign.http.hosts import Hosts
from consign.http.limiting import Limiting
from consign.http.log_lines import RequestLine, RequestLines
from consign.http.metrics import Metrics
from consign.http.problems import PROBLEM_TYPE, Refusal, encode

_log = structlog.get_logger("consign.request")

BODY_MAX_BYTES = 1024 * 1024
IMPORT_BODY_MAX_BYTES = 5 * 1024 * 1024
_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"))
_WITHOUT_BODY = frozenset(("GET", "HEAD", "OPTIONS"))
_KEPT_WHOLE = re.compile("/sales/[^/]+/offline-sales$")
"""What is posted there is kept whatever it holds: it happened."""
_OF_THE_HOST = re.compile("/api/v1/(?!organizations(/|$)|identity/).")
"""Paths that say of no organization whose they are, and are some organization's."""

_SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


_POLICY = b"content-security-policy"
_NOTHING_IS_LOADED = (_POLICY, b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
_TLS_ALONE = (b"strict-transport-security", b"max-age=31536000")


class EdgeLimits(Struct, frozen=True):
    """Bounds of one request before its handler begins; `bodies_max_bytes` is for all large ones at once."""

    body_max_bytes: int = BODY_MAX_BYTES
    import_body_max_bytes: int = IMPORT_BODY_MAX_BYTES
    discarded_max_bytes: int = 64 * 1024 * 1024
    body_timeout_s: float = 15.0
    bodies_max_bytes: int = 256 * 1024 * 1024


class Edge:
    """Wraps the router."""

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        *,
        lines: RequestLines,
        limiting: Limiting,
        refusals: Refusals,
        limits: EdgeLimits | None = None,
        addresses: Addresses | None = None,
        public_url: str = "",
        hosts: Hosts | None = None,
        cross_origin: CrossOrigin | None = None,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._lines = lines
        self._limiting = limiting
        self._refusals = refusals
        self._limits = limits or EdgeLimits()
        self._addresses = addresses or Addresses()
        self._hosts = hosts or Hosts()
        self._cross_origin = cross_origin or CrossOrigin(NoOrigins())
        self._own_origin = origin_of(public_url)
        self._held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        began_s = time.perf_counter()
        client = scope["client"]
        exchange = Exchange(scope["headers"], client[0] if client else "", self._addresses)
        scope["state"] = {"exchange": exchange}
        respond = _responding(exchange, send)
        try:
            self._limiting.count_address(scope, exchange)
            self._place_organization(scope, exchange)
            check_own_site(exchange, scope["method"], self._own_origin)
            _refuse_nul_in_address(scope)
            await self._cross_origin.allow(exchange, scope["path"])
            if is_preflight(exchange, scope["method"]):
                await answer_preflight(respond)
                return
            await self._app(scope, await self._with_body(scope, exchange, receive), respond)
        except Refusal as refusal:
            await self._refusals.note(scope, exchange, refusal)
            await _refuse(refusal, exchange, scope, respond)
        except ClientGone:
            self._metrics.disconnected()
        except (HTTPException, LogError) as error:
            await _refuse(refusal_of(error), exchange, scope, respond)
        except asyncio.CancelledError:
            # The server cancels requests that take too long, and all when its time to drain is over; it would answer
            # with a bare 500 by itself.
            if exchange.status:
                raise
            await _refuse(OVERDUE if scope["state"].get("overdue") else CUT_OFF, exchange, scope, respond)
        except Exception:
            _log.exception("request_failed", correlation_id=exchange.correlation)
            if exchange.status:
                raise  # an answer has begun: only cutting the connection tells the client that it is not whole
            await _refuse(FAILED, exchange, scope, respond)
        finally:
            self._held_bytes -= exchange.held_bytes
            self._note(scope, exchange, time.perf_counter() - began_s)

    def _place_organization(self, scope: Any, exchange: Exchange) -> None:
        """Where the Host names the organization, `/api/v1/sales` means the sales of that organization."""
        path = scope["path"]
        exchange.under = name = self._hosts.name(exchange, path, scope["http_version"])
        if name is not None and _OF_THE_HOST.match(path):
            scope["path"] = f"/api/v1/organizations/{name.organization}/{path.removeprefix('/api/v1/')}"

    async def _with_body(self, scope: Any, exchange: Exchange, receive: Receive) -> Receive:
        headers = exchange.headers
        if (
            scope["method"] in _WITHOUT_BODY
            and b"content-length" not in headers
            and b"transfer-encoding" not in headers
        ):
            return receive
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise Refusal("unsupported_media_type", "Send the body as it is, without Content-Encoding.")
        limit_bytes = self._limits.body_max_bytes
        if "/import-" in scope["path"]:
            limit_bytes = self._limits.import_body_max_bytes
        declared = headers.get(b"content-length", b"0")
        first: Any = await receive()
        if first["type"] == "http.disconnect":
            raise ClientGone
        body = first.get("body", b"")
        if first.get("more_body"):
            try:
                async with asyncio.timeout(self._limits.body_timeout_s):
                    body = await self._rest(exchange, receive, body, limit_bytes, refused=int(declared) > limit_bytes)
            except TimeoutError:
                raise Refusal("request_timeout", "The body did not arrive in time.") from None
        if len(body) > limit_bytes:
            raise Refusal("payload_too_large", f"The body may hold {limit_bytes} bytes.")
        if not _KEPT_WHOLE.search(scope["path"]) and holds_nul(body):
            raise Refusal("nul_character", "The body holds U+0000, which no text here may hold.")
        exchange.body = body
        return _replay(body, receive)

    async def _rest(
        self, exchange: Exchange, receive: Receive, body: bytes, limit_bytes: int, *, refused: bool
    ) -> bytes:
        """Read on to the end. What is too large is thrown away: cut off, the client would never read why."""
        parts, size = [body], len(body)
        self._hold(exchange, size)
        while True:
            message: Any = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            part = message.get("body", b"")
            size += len(part)
            refused = refused or size > limit_bytes
            if not refused:
                parts.append(part)
                self._hold(exchange, len(part))
            elif size > self._limits.discarded_max_bytes:
                message["more_body"] = False
            if not message.get("more_body"):
                if refused:
                    raise Refusal("payload_too_large", f"The body may hold {limit_bytes} bytes.")
                return b"".join(parts)

    def _hold(self, exchange: Exchange, size_bytes: int) -> None:
        """Count what is kept of large bodies until their requests are over."""
        exchange.held_bytes += size_bytes
        self._held_bytes += size_bytes
        if self._held_bytes > self._limits.bodies_max_bytes:
            raise Refusal("bodies_held", "Too many large bodies are being read.", headers={"Retry-After": "5"})

    def _note(self, scope: Any, exchange: Exchange, duration_s: float) -> None:
        route = scope.get("path_template") or "(none)"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.observe(method, route, exchange.status, duration_s)
        if not self._refusals.has_line(exchange):
            return
        caller = exchange.caller
        self._lines.write(
            RequestLine(
                method,
                route,
                exchange.status,
                round(duration_s * 1000, 2),
                exchange.organization,
                caller.account_id if caller is not None else "",
                exchange.role,
                exchange.reason,
                exchange.correlation,
            )
        )


class ClientGone(Exception):
    """The client went away before its request was whole."""


def _replay(body: bytes, receive: Receive) -> Receive:
    pending: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Any:
        return pending.pop() if pending else await receive()

    return replay


def _refuse_nul_in_address(scope: Any) -> None:
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        raise Refusal("nul_character", "The address holds U+0000, which no text here may hold.")


def _responding(exchange: Exchange, send: Send) -> Send:
    """Return what sends the answer: with the headers that every answer has, compressed for whoever takes it."""
    correlation = exchange.correlation.encode()

    async def start(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            headers = [*message["headers"], (b"x-correlation-id", correlation), *_SECURITY_HEADERS]
            if all(name != _POLICY for name, _ in message["headers"]):
                headers.append(_NOTHING_IS_LOADED)
            if exchange.origin.is_secure:
                headers.append(_TLS_ALONE)
            headers += exchange.cross_origin
            limit = exchange.rate_limit
            if limit is not None:
                headers += ((b"ratelimit-policy", limit.policy), (b"ratelimit", limit.left))
            message["headers"] = headers
        await send(message)

    return compressing(start) if b"gzip" in exchange.headers.get(b"accept-encoding", b"") else start


async def _refuse(refusal: Refusal, exchange: Exchange, scope: Any, respond: Send) -> None:
    exchange.reason = refusal.reason
    status, body = encode(refusal, scope["path"])
    headers = [(b"content-type", PROBLEM_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in refusal.headers.items()]
    if refusal.reason in ("payload_too_large", "bodies_held", "request_timeout"):
        headers.append((b"connection", b"close"))
    await respond({"type": "http.response.start", "status": status, "headers": headers})
    await respond({"type": "http.response.body", "body": body, "more_body": False})
