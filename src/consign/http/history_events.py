"""Who changed what, and when: the events of a stream as they were written, all of them or those that name one thing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.domain.recorded import StoredEvent, StreamName, stream_name
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.folding import AGGREGATES, Folding, known_stream
from consign.http.path_ids import checked
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, missing, parameter
from consign.projections.history import render
from consign.projections.items import ITEMS

EVENTS_DEFAULT = 100
EVENTS_MAX = 200

About = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.:-]+$")]
Shown = Annotated[int, Meta(ge=1, le=EVENTS_MAX)]
Version = Annotated[str, Meta(pattern=r"^[0-9]{1,18}$")]

_ABOUT = Parameter("about", About, "Only events that name this: a tag, a receipt, an id.", example="00100170015")
_LIMIT = Parameter("limit", Shown, f"Events a page, {EVENTS_DEFAULT} unless told.", example=50)
_CURSOR = Parameter("cursor", Version, "`next_cursor` of the page before.", example="100")


class ChangeMade(Struct, frozen=True):
    """An event: what it is called, who caused it in which role and with which device, when, and all that it says.

    `recorded_at` is the writer's clock, `occurred_at` where it happened.
    """

    position: int
    version: int
    event: str
    event_id: UUID
    command_id: UUID
    account: str
    role: str
    on_behalf_of: str | None
    device: str | None
    occurred_at: datetime
    recorded_at: datetime
    data: Any


class ChangesMade(Struct, frozen=True):
    """Events of a stream in the order they were written."""

    stream: str
    items: Sequence[ChangeMade]
    next_cursor: str | None


class HistoryEvents:
    """The handlers, and what they need."""

    def __init__(self, folding: Folding, reading: Reading) -> None:
        self._folding = folding
        self._reading = reading

    async def of_stream(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the events of any stream."""
        known_parameters(request, frozenset((_ABOUT.name, _LIMIT.name, _CURSOR.name)))
        stream = known_stream(request.path_params["stream"], AGGREGATES)
        about: str | None = parameter(request, _ABOUT.name, About)
        return await self._told(request, stream, about)

    async def of_item(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return what happened to an item, from the ledger of its sale."""
        known_parameters(request, frozenset((_LIMIT.name, _CURSOR.name, AFTER_POSITION.name)))
        tag = checked(request.path_params)["tag"]
        await self._reading.caught_up(request, ITEMS)
        found = await self._reading.models.get(exchange_of(request.scope).organization, ITEMS, "items", (tag,))
        if found.row is None:
            raise missing("unknown_tag", "item", tag)
        return await self._told(request, stream_name("ledger", found.row.sale), tag)

    async def of_participation(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return what was agreed with a consignor, charged and paid."""
        known_parameters(request, frozenset((_LIMIT.name, _CURSOR.name)))
        stream = stream_name("participation", checked(request.path_params)["participation"])
        if not await self._folding.log.read_stream(exchange_of(request.scope).organization, stream, 0, 1):
            raise missing("unknown_participation", "participation", stream)
        return await self._told(request, stream, None)

    async def _told(self, request: Request[Any, Any, Any], stream: StreamName, about: str | None) -> Response[bytes]:
        organization = exchange_of(request.scope).organization
        limit: int = parameter(request, _LIMIT.name, Shown) or EVENTS_DEFAULT
        cursor: str | None = parameter(request, _CURSOR.name, Version)
        after = int(cursor or 0)
        log = self._folding.log
        if about is None:
            events = await log.read_stream(organization, stream, after, limit)
        else:
            events = await log.read_about(organization, stream, about, after, limit)
        more = str(events[-1].version) if len(events) == limit else None
        content = ChangesMade(stream, [self._change(stored) for stored in events], more)
        return Response(msgspec.json.encode(content), media_type="application/json")

    def _change(self, stored: StoredEvent) -> ChangeMade:
        return ChangeMade(
            position=stored.position,
            version=stored.version,
            event=stored.type,
            event_id=stored.event_id,
            command_id=stored.command_id,
            account=stored.account_id,
            role=stored.role,
            on_behalf_of=stored.on_behalf_of,
            device=stored.device_id,
            occurred_at=stored.occurred_at,
            recorded_at=stored.recorded_at,
            data=render(self._folding.decoded(stored)),
        )


def history_event_handlers(folding: Folding, reading: Reading) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    events = HistoryEvents(folding, reading)
    of_stream = Endpoint(
        rule="stream-events",
        summary="Who changed what and when: the events of a stream (`<aggregate>-<id>`) as they were written.",
        tag="history",
        answer=ChangesMade,
        parameters=(_ABOUT, _LIMIT, _CURSOR),
    )
    of_item = Endpoint(
        rule="item-changes",
        summary="Who changed what of an item and when: everything that happened to it, from its listing on.",
        tag="history",
        answer=ChangesMade,
        parameters=(_LIMIT, _CURSOR, AFTER_POSITION),
    )
    of_participation = Endpoint(
        rule="participation-changes",
        summary="Who changed what of a consignor's part in a sale and when: terms, fees, lists, allowances.",
        tag="history",
        answer=ChangesMade,
        parameters=(_LIMIT, _CURSOR),
    )
    return [
        get(f"{ORGANIZATION_PATH}/history/streams/{{stream:str}}/events", name=of_stream.rule, opt=of_stream.opt())(
            events.of_stream
        ),
        get(f"{ORGANIZATION_PATH}/items/{{tag:str}}/changes", name=of_item.rule, opt=of_item.opt())(events.of_item),
        get(
            f"{ORGANIZATION_PATH}/participations/{{participation:str}}/changes",
            name=of_participation.rule,
            opt=of_participation.opt(),
        )(events.of_participation),
    ]
