"""Catching up on public events: what an integrator asks for after having missed a number of the count."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.actors.queries import Selection, Sort
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.reading import (
    AFTER_POSITION,
    POSITION_MAX,
    Reading,
    answer,
    known_parameters,
    parameter,
)
from consign.http.resources import LIMIT_DEFAULT, PAGING, Limit
from consign.projections.public_events import PUBLIC_EVENTS, PublicEventRow

After = Annotated[int, Meta(ge=0, le=POSITION_MAX)]


class CloudEvent(Struct, frozen=True):
    """A public event in CloudEvents' JSON format; `publicposition` counts without a gap from 1."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    dataschema: str
    datacontenttype: str
    publicposition: int
    data: Any


class PublicEventPage(Struct, frozen=True):
    """`last` is what to send as `after` next time: the count of the last event here, or what was sent."""

    position: int
    last: int
    items: list[CloudEvent]


def public_event_handlers(reading: Reading) -> list[HTTPRouteHandler]:
    """Make the handler."""
    limit = PAGING[0]
    endpoint = Endpoint(
        rule="public-events",
        summary="Public events after a public position, in order and without a gap.",
        tag="events",
        answer=PublicEventPage,
        parameters=(Parameter("after", After, "The last public position you have.", example=0), limit, AFTER_POSITION),
        reads=True,
    )

    async def read(request: Request[Any, Any, Any]) -> Response[bytes]:
        known_parameters(request, frozenset(("after", limit.name, AFTER_POSITION.name)))
        after: int = parameter(request, "after", After) or 0
        rows: int = parameter(request, limit.name, Limit) or LIMIT_DEFAULT
        unchanged = await reading.begin(request, PUBLIC_EVENTS)
        if unchanged is not None:
            return unchanged
        organization = exchange_of(request.scope).organization
        wanted = Selection(above={"public_position": after}, sort=(Sort("public_position"),), limit=rows)
        page = await reading.models.select(organization, PUBLIC_EVENTS, "events", wanted)
        last = page.rows[-1].public_position if page.rows else after
        return answer(
            PUBLIC_EVENTS, page.at, PublicEventPage(page.at.position, last, [_cloud_event(row) for row in page.rows])
        )

    return [get(f"{ORGANIZATION_PATH}/events", name=endpoint.rule, opt=endpoint.opt())(read)]


def _cloud_event(row: PublicEventRow) -> CloudEvent:
    return CloudEvent(
        specversion="1.0",
        id=row.id,
        source=row.source,
        type=row.type,
        subject=row.subject,
        time=row.time,
        dataschema=row.dataschema,
        datacontenttype="application/json",
        publicposition=row.public_position,
        data=msgspec.Raw(row.data.encode()),
    )
