"""Live screens: server-sent events that say which read model moved, and to where; the screen then asks for it.

An event's id is `<log id>:<position>`: a screen that was away sends it as Last-Event-ID and is told at once what moved
meanwhile. Access is checked again while the connection lasts.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from msgspec import Struct

from consign.actors.queries import ReadModelMissing
from consign.actors.runner_changes import Change, Subscription, TooManySubscribers
from consign.http.access import RULES
from consign.http.admission import Access
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import Exchange, exchange_of
from consign.http.problems import Refusal
from consign.http.reading import Reading, invalid_parameter, known_parameters, log_id_of
from consign.projections.projection import Projection

HEARTBEAT_S = 15.0
STREAM_TYPE = "text/event-stream"
RETRY_MS = 1000
PAUSE_S = 0.05

_POSITION = re.compile(r"\d{1,18}")
_READ_MODELS = Parameter(
    "read_models", str, "Names, divided by commas; all of them unless told.", example="items,books"
)
_TICKET = Parameter("ticket", str, "What `live/tickets` sold, in place of a token; it opens one stream, once.")


class Moved(Struct, frozen=True):
    """A read model is now true at `position`."""

    read_model: str
    position: int


class LiveScreens:
    """Streams to screens; `stopping` says that the process wants them gone."""

    def __init__(
        self, reading: Reading, access: Access, projections: Sequence[Projection], stopping: Callable[[], bool]
    ) -> None:
        self._reading = reading
        self._access = access
        self._projections = {projection.name: projection for projection in projections}
        self._stopping = stopping

    async def follow(self, request: Request[Any, Any, Any]) -> Stream:
        """Begin a stream; registered here, so that it is unregistered however the connection ends."""
        known_parameters(request, frozenset((_READ_MODELS.name, _TICKET.name)))
        exchange = exchange_of(request.scope)
        wanted = self._wanted(request)
        with ExitStack() as stack:
            try:
                subscription = stack.enter_context(self._reading.changes.subscribe(exchange.organization))
            except TooManySubscribers:
                raise Refusal(
                    "too_many_screens", "As many screens follow as may.", headers={"Retry-After": "10"}
                ) from None
            begin = await self._moved_meanwhile(exchange, wanted)
            events = self._events(exchange, subscription, wanted, begin)
            registered = stack.pop_all()
        return _Registered(events, registered.close, media_type=STREAM_TYPE, headers=_HEADERS)

    def _wanted(self, request: Request[Any, Any, Any]) -> frozenset[str]:
        text = request.query_params.get(_READ_MODELS.name)
        names = frozenset(self._projections if text is None else text.split(","))
        unknown = names - self._projections.keys()
        if unknown:
            raise invalid_parameter(_READ_MODELS.name, f"there is no read model {min(unknown)[:60]!r}")
        return names

    async def _moved_meanwhile(self, exchange: Exchange, wanted: frozenset[str]) -> list[Change]:
        """Return where the read models stand, as far as the screen cannot know it."""
        log_id, position = _last_seen(exchange.header(b"last-event-id"))
        moved: list[Change] = []
        for name in sorted(wanted):
            try:
                at = (await self._reading.models.standing(exchange.organization, self._projections[name])).at
            except ReadModelMissing:
                continue
            if at.log_id != log_id or at.position >= position:
                moved.append(Change(exchange.organization, name, at.log_id, at.position))
        return moved

    async def _events(
        self, exchange: Exchange, subscription: Subscription, wanted: frozenset[str], begin: Sequence[Change]
    ) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        yield b"retry: %d\n\n" % RETRY_MS
        if begin:
            yield b"".join(map(_event, begin))
        beaten_s = loop.time()
        while not self._stopping():
            changes = [change for change in await subscription.changes(1.0) if change.projection in wanted]
            if not await self._may_stay(exchange):
                return
            if changes:
                yield b"".join(map(_event, changes))
                await asyncio.sleep(PAUSE_S)  # a screen redraws no faster
            elif loop.time() - beaten_s >= HEARTBEAT_S:
                beaten_s = loop.time()
                yield b": still here\n\n"

    async def _may_stay(self, exchange: Exchange) -> bool:
        try:
            await self._access.admit(exchange, exchange.organization, RULES["live"], "live")
        except Refusal:
            return False
        return True


class _Registered(Stream):
    """A stream that tells when it is over, also where the client went away and the generator was never resumed."""

    def __init__(self, events: AsyncIterator[bytes], on_end: Callable[[], None], **options: Any) -> None:
        super().__init__(events, **options)
        self._on_end = on_end

    def to_asgi_response(self, *positional: Any, **named: Any) -> Any:
        response = super().to_asgi_response(*positional, **named)
        on_end = self._on_end

        async def respond(scope: Any, receive: Any, send: Any) -> None:
            try:
                await response(scope, receive, send)
            finally:
                on_end()

        return respond


_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def live_handlers(
    reading: Reading, access: Access, projections: Sequence[Projection], stopping: Callable[[], bool]
) -> list[HTTPRouteHandler]:
    """Make the handler."""
    endpoint = Endpoint(
        rule="live",
        summary="Server-sent events: which read model moved, and to which position. Resume with Last-Event-ID.",
        tag="live",
        answer=Moved,
        answer_type=STREAM_TYPE,
        parameters=(
            _READ_MODELS,
            _TICKET,
            Parameter("Last-Event-ID", str, "The id of the last event seen.", place="header"),
        ),
    )
    screens = LiveScreens(reading, access, projections, stopping)
    return [get(f"{ORGANIZATION_PATH}/live", name=endpoint.rule, opt=endpoint.opt())(screens.follow)]


def _event(change: Change) -> bytes:
    data = msgspec.json.encode(Moved(change.projection, change.position))
    return b"event: moved\nid: %b:%d\ndata: %b\n\n" % (str(change.log_id).encode(), change.position, data)


def _last_seen(text: str) -> tuple[UUID | None, int]:
    log_id, _, position = text.partition(":")
    return log_id_of(log_id), int(position) if _POSITION.fullmatch(position) else 0
