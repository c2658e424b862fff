"""What things looked like: any stream and any read model at a position or a time, and the difference of two moments."""

import heapq
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.actors.bites import bitten
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.folding import AGGREGATES, Folding, known_stream
from consign.http.moments import AT, POSITION, ZONE_OF, Moments
from consign.http.problems import Refusal
from consign.http.reading import known_parameters, parameter
from consign.http.resources import FilterText
from consign.projections.history import (
    FieldChange,
    RowChange,
    Until,
    differing_fields,
    differing_rows,
    render,
    rendered,
)
from consign.projections.projection import Projection

ROWS_DEFAULT = 200
ROWS_MAX = 5_000

Shown = Annotated[int, Meta(ge=1, le=ROWS_MAX)]

_FROM = Parameter("from", str, "A position or a time.", required=True, example="10")
_TO = Parameter("to", str, "A position or a time.", required=True, example="20")
_TABLE = Parameter("table", FilterText, "Only this table of the read model.")
_LIMIT = Parameter("limit", Shown, f"How many rows or differences to show, {ROWS_DEFAULT} unless told.", example=50)


class StreamThen(Struct, frozen=True):
    """`position` and `version` are of the last event in the state; 0 where there was none yet."""

    stream: str
    position: int
    version: int
    state: Any


class StreamDifference(Struct, frozen=True):
    stream: str
    from_position: int
    to_position: int
    changes: Sequence[FieldChange]


class ReadModelThen(Struct, frozen=True):
    """`rows` says how many each table held, `tables` shows the first of them in the order of their keys."""

    read_model: str
    position: int
    rows: Mapping[str, int]
    tables: Mapping[str, Sequence[Any]]


class ReadModelDifference(Struct, frozen=True):
    """All differing rows are counted; `changes` shows the first."""

    read_model: str
    from_position: int
    to_position: int
    added: int
    removed: int
    changed: int
    changes: Sequence[RowChange]


class History:
    """The handlers, and what they need."""

    def __init__(self, folding: Folding, moments: Moments, projections: Sequence[Projection]) -> None:
        self._folding = folding
        self._moments = moments
        self._projections = {projection.name: projection for projection in projections}

    async def stream(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return one stream's state."""
        known_parameters(request, frozenset((POSITION.name, AT.name, ZONE_OF.name)))
        organization = exchange_of(request.scope).organization
        stream = known_stream(request.path_params["stream"], AGGREGATES)
        until = await self._moments.until(request, organization) or Until()
        then = await self._folding.stream(request, organization, stream, until)
        state = msgspec.Raw(await bitten(rendered(then.state)))
        return _told(StreamThen(stream, then.position, then.version, state))

    async def stream_difference(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return what differs between two states of a stream."""
        known_parameters(request, frozenset((_FROM.name, _TO.name, ZONE_OF.name, _LIMIT.name)))
        organization = exchange_of(request.scope).organization
        stream = known_stream(request.path_params["stream"], AGGREGATES)
        limit = parameter(request, _LIMIT.name, Shown) or ROWS_DEFAULT
        earlier, later = await self._between(request, organization)
        before = await self._folding.stream(request, organization, stream, earlier)
        after = await self._folding.stream(request, organization, stream, later)
        changes = await bitten(differing_fields(before.state, after.state, limit))
        return _told(StreamDifference(stream, before.position, after.position, changes))

    async def read_model(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return a read model's rows."""
        known_parameters(request, frozenset((POSITION.name, AT.name, ZONE_OF.name, _TABLE.name, _LIMIT.name)))
        organization = exchange_of(request.scope).organization
        projection = self._projection(request)
        limit = parameter(request, _LIMIT.name, Shown) or ROWS_DEFAULT
        until = await self._moments.until(request, organization) or Until()
        then = await self._folding.read_model(request, organization, projection, until)
        tables = then.rows.tables
        only: str | None = parameter(request, _TABLE.name, FilterText)
        if only is not None:
            if only not in tables:
                raise Refusal("not_found", f"The read model {projection.name} has no table {only!r}.")
            tables = {only: tables[only]}
        return _told(
            ReadModelThen(
                projection.name,
                then.position,
                {name: len(rows) for name, rows in tables.items()},
                {name: [render(rows[key]) for key in heapq.nsmallest(limit, rows)] for name, rows in tables.items()},
            )
        )

    async def read_model_difference(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return which rows of a read model differ between two moments."""
        known_parameters(request, frozenset((_FROM.name, _TO.name, ZONE_OF.name, _LIMIT.name)))
        organization = exchange_of(request.scope).organization
        projection = self._projection(request)
        limit = parameter(request, _LIMIT.name, Shown) or ROWS_DEFAULT
        earlier, later = await self._between(request, organization)
        before = await self._folding.read_model(request, organization, projection, earlier)
        after = await self._folding.read_model(request, organization, projection, later)
        found = await bitten(differing_rows(before.tables(), after.tables(), limit))
        return _told(
            ReadModelDifference(
                projection.name,
                before.position,
                after.position,
                found.added,
                found.removed,
                found.changed,
                found.rows,
            )
        )

    async def _between(self, request: Request[Any, Any, Any], organization: str) -> tuple[Until, Until]:
        return (
            await self._moments.named(request, organization, _FROM.name),
            await self._moments.named(request, organization, _TO.name),
        )

    def _projection(self, request: Request[Any, Any, Any]) -> Projection:
        name = request.path_params["read_model"]
        projection = self._projections.get(name)
        if projection is None:
            raise Refusal("not_found", f"There is no read model {name[:80]!r}: {', '.join(self._projections)}.")
        return projection


def history_handlers(folding: Folding, moments: Moments, projections: Sequence[Projection]) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    history = History(folding, moments, projections)
    stream = Endpoint(
        rule="stream-history",
        summary="The state of a stream (`<aggregate>-<id>`) at a position or time.",
        tag="history",
        answer=StreamThen,
        parameters=(POSITION, AT, ZONE_OF),
    )
    stream_difference = Endpoint(
        rule="stream-difference",
        summary="What differs between a stream's states at two moments.",
        tag="history",
        answer=StreamDifference,
        parameters=(_FROM, _TO, ZONE_OF, _LIMIT),
    )
    model = Endpoint(
        rule="read-model-history",
        summary="The rows of a read model at a position or time.",
        tag="history",
        answer=ReadModelThen,
        parameters=(POSITION, AT, ZONE_OF, _TABLE, _LIMIT),
    )
    model_difference = Endpoint(
        rule="read-model-difference",
        summary="Which rows of a read model differ between two moments.",
        tag="history",
        answer=ReadModelDifference,
        parameters=(_FROM, _TO, ZONE_OF, _LIMIT),
    )
    streams = f"{ORGANIZATION_PATH}/history/streams/{{stream:str}}"
    models = f"{ORGANIZATION_PATH}/history/read-models/{{read_model:str}}"
    return [
        get(streams, name=stream.rule, opt=stream.opt())(history.stream),
        get(f"{streams}/difference", name=stream_difference.rule, opt=stream_difference.opt())(
            history.stream_difference
        ),
        get(models, name=model.rule, opt=model.opt())(history.read_model),
        get(f"{models}/difference", name=model_difference.rule, opt=model_difference.opt())(
            history.read_model_difference
        ),
    ]


def _told(content: Struct) -> Response[bytes]:
    return Response(msgspec.json.encode(content), media_type="application/json")
