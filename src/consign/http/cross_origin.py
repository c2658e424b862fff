"""What pages of other origins may ask here (CORS): of an organization, where it names their origin exactly.

They show a token as any client does. Cookies never count for them: no answer allows credentials, so a browser shows
a page of another origin nothing that was asked with them.
"""

import re
from collections.abc import Collection
from typing import Any, Protocol

from litestar.types import Send

from consign.http.exchange import Exchange

_OF_AN_ORGANIZATION = re.compile(r"/api/v1/organizations/([a-z0-9-]{2,40})/.")
_METHODS = b"GET, HEAD, POST"
_SENT = (
    b"Accept, Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Traceparent, "
    b"X-Consign-After, X-Correlation-Id, X-Device-Id, X-Device-Secret"
)
_SHOWN = (
    b"Content-Disposition, ETag, Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, "
    b"X-Consign-Position, X-Correlation-Id"
)
_ASKED_AGAIN_AFTER_S = b"600"

type Headers = list[tuple[bytes, bytes]]


class Origins(Protocol):
    """Knows which origins organizations name."""

    async def of(self, organization: str) -> Collection[str]:
        """Return the origins whose pages may ask for the organization, as they were a moment ago."""
        ...


class NoOrigins:
    """No organization names any."""

    async def of(self, organization: str) -> Collection[str]:  # noqa: ARG002
        """Return none."""
        return ()


class CrossOrigin:
    """Says of each request whether the page that sends it may read the answer."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    async def allow(self, exchange: Exchange, path: str) -> None:
        """Note which headers the answer bears."""
        found = _OF_AN_ORGANIZATION.match(path)
        if found is None:
            return
        exchange.cross_origin = [(b"vary", b"Origin")]
        origin = exchange.headers.get(b"origin")
        if origin is None or origin.decode("latin-1") not in await self._origins.of(found[1]):
            return
        exchange.cross_origin += [
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", _SHOWN),
        ]


def is_preflight(exchange: Exchange, method: str) -> bool:
    """Whether a browser asks before it sends what a page of an allowed origin wants."""
    return (
        method == "OPTIONS"
        and b"access-control-request-method" in exchange.headers
        and any(name == b"access-control-allow-origin" for name, _ in exchange.cross_origin)
    )


async def answer_preflight(respond: Send) -> None:
    """Say what may be sent."""
    headers: Any = [
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", _SENT),
        (b"access-control-max-age", _ASKED_AGAIN_AFTER_S),
    ]
    await respond({"type": "http.response.start", "status": 204, "headers": headers})
    await respond({"type": "http.response.body", "body": b"", "more_body": False})
