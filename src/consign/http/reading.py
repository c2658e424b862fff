"""What all queries have in common: waiting for one's own write, saying at which position an answer is true, 304."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response

from consign.actors.queries import STANDING_STILL, ReadAt, ReadModels, wait_for
from consign.actors.runner_changes import ChangeFeed
from consign.http.endpoint import Parameter
from consign.http.exchange import exchange_of
from consign.http.problems import Refusal, error
from consign.projections.projection import Projection

WAIT_S = 2.0
PAGE_ROWS_MAX = 200
POSITION_MAX = 2**62

AFTER_POSITION = Parameter(
    "after_position",
    int,
    "Wait, within bounds, until the answer holds what was written up to this position (also: header X-Consign-After).",
    example=1,
)

_DIGITS = re.compile(r"\d{1,18}")


class Reading:
    """Answers queries from the read models; one object for the whole application."""

    def __init__(self, models: ReadModels, changes: ChangeFeed) -> None:
        self.models = models
        self.changes = changes

    async def begin(self, request: Request[Any, Any, Any], projection: Projection) -> Response[bytes] | None:
        """Wait for the position the client asks for; return 304 where it has the newest answer already."""
        exchange = exchange_of(request.scope)
        await self.caught_up(request, projection)
        known = exchange.header(b"if-none-match")
        if not known:
            return None
        standing = await self.models.standing(exchange.organization, projection)
        if entity_tag(projection, standing.at) not in known:
            return None
        return Response(b"", status_code=304, media_type="application/json", headers=_headers(projection, standing.at))

    async def caught_up(self, request: Request[Any, Any, Any], projection: Projection) -> None:
        """Wait for the position the client asks for; raises Refusal where it is not reached."""
        exchange = exchange_of(request.scope)
        text = request.query_params.get(AFTER_POSITION.name) or exchange.header(b"x-consign-after")
        if not text:
            return
        await self.reached(exchange.organization, projection, position_of(AFTER_POSITION.name, text))

    async def stands_still(self, organization: str, projection: Projection) -> bool:
        """Whether the read model is stopped: what is written now will not be in it before somebody mended it."""
        return (await self.models.standing(organization, projection)).status in STANDING_STILL

    async def reached(
        self, organization: str, projection: Projection, position: int, timeout_s: float = WAIT_S
    ) -> None:
        """Wait until the read model holds what was written up to the position; raises Refusal."""
        waited = await wait_for(self.models, self.changes, organization, projection, position, timeout_s=timeout_s)
        match waited:
            case "reached":
                return
            case "not_yet":
                raise not_yet(projection)
            case "beyond_the_head" | "other_log":
                raise Refusal("position_unknown", f"The log does not reach position {position}.")
            case "halted":
                raise Refusal(
                    "projection_stopped",
                    f"The read model {projection.name} is stopped before position {position}; operators were told.",
                    headers={"Retry-After": "60"},
                )


def answer(projection: Projection, at: ReadAt, content: Any) -> Response[bytes]:
    """Write an answer that is true at a position."""
    return Response(msgspec.json.encode(content), media_type="application/json", headers=_headers(projection, at))


def unless_known(
    request: Request[Any, Any, Any],
    projection: Projection,
    at: ReadAt,
    said: Any,
    response: Callable[[], Response[bytes]],
) -> Response[bytes]:
    """Return the response, named after what is `said` in it; 304 where the client has an answer that said the same.

    For what is told of a part of a read model and stays the same while other parts change.
    """
    digest = sha256(msgspec.json.encode(said)).hexdigest()[:32]
    tag = f'W/"{projection.name}.{at.version}-{at.log_id}-{digest}"'
    headers = {**_headers(projection, at), "ETag": tag}
    if tag in exchange_of(request.scope).header(b"if-none-match"):
        return Response(b"", status_code=304, media_type="application/json", headers=headers)
    told = response()
    told.headers = {**headers, **told.headers}
    return told


def unkept(at: ReadAt, content: Any) -> Response[bytes]:
    """Write an answer with personal data: true at a position, and not to be kept anywhere."""
    headers = {"X-Consign-Position": str(at.position), "Cache-Control": "no-store"}
    return Response(msgspec.json.encode(content), media_type="application/json", headers=headers)


def entity_tag(projection: Projection, at: ReadAt) -> str:
    """Name the state of a read model; the same while no event was applied to it."""
    return f'W/"{projection.name}.{at.version}-{at.log_id}-{at.position}"'


def not_yet(projection: Projection) -> Refusal:
    """Say that the answer will be there soon."""
    return Refusal(
        "not_yet", f"The read model {projection.name} is not there yet. Ask again.", headers={"Retry-After": "1"}
    )


def position_of(name: str, text: str) -> int:
    """Read a position; raises Refusal."""
    if not _DIGITS.fullmatch(text):
        raise invalid_parameter(name, "must be a whole number")
    return int(text)


def parameter[Value](request: Request[Any, Any, Any], name: str, kind: type[Value] | Any) -> Value | None:
    """Read a query parameter as `kind`; None where it is not there. Raises Refusal."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        value: Value = msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError as invalid:
        raise invalid_parameter(name, str(invalid)) from invalid
    return value


def known_parameters(request: Request[Any, Any, Any], names: Mapping[str, Any] | frozenset[str]) -> None:
    """Refuse parameters that mean nothing: a misspelt filter must not silently show everything."""
    for name in request.query_params:
        if name not in names:
            raise invalid_parameter(name, "there is no such parameter")


def invalid_parameter(name: str, what: str) -> Refusal:
    """Point at a query parameter."""
    return Refusal("parameter_invalid", f"{name}: {what}.", errors=[error(f"/{name}", "invalid", what)])


def missing(reason: str, what: str, identity: str) -> Refusal:
    """Say that there is no such thing."""
    return Refusal(reason, f"There is no {what} {identity[:60]!r}.")


def log_id_of(text: str) -> UUID | None:
    """Read a log's id; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _headers(projection: Projection, at: ReadAt) -> dict[str, str]:
    return {
        "ETag": entity_tag(projection, at),
        "X-Consign-Position": str(at.position),
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
    }
