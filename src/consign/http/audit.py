"""Who did what, from where and for whom: an organization's log without what its events say.

The log itself is asked, in stretches of its positions: it holds all of this already, and a copy of it, or an index for
each thing that somebody may ask by, would cost every sale what few queries save.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.actors.deeds import Deed, DeedFilter, DeedLog
from consign.actors.ports import Head
from consign.domain.recorded import StreamName
from consign.domain.values import Role
from consign.http.bodies import CSV, JSON
from consign.http.csv_tables import csv_table, harmless
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.folding import AGGREGATES
from consign.http.moments import ZONE_OF, Moments
from consign.http.problems import unknown_organization
from consign.http.reading import POSITION_MAX, known_parameters, parameter
from consign.http.resources import LIMIT_DEFAULT, Limit
from consign.projections.history import Until

STRETCH_POSITIONS = 20_000
"""How much of the log one statement looks through."""
LOOKED_THROUGH_MAX = 200_000
"""How much of it one request looks through: a page may end there before it is full."""
TABLE_ROWS_MAX = 5_000

Named = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.:-]+$")]
Aggregate = Literal[tuple(sorted(AGGREGATES))]  # type: ignore[valid-type] # made of values
Order = Literal["oldest", "newest"]
Cursor = Annotated[str, Meta(pattern=r"^[0-9]{1,18}$")]
TableRows = Annotated[int, Meta(ge=1, le=TABLE_ROWS_MAX)]

_FILTERS = (
    Parameter("account", Named, "Only what this account did."),
    Parameter("on_behalf_of", Named, "Only what somebody else did for this account."),
    Parameter("role", Role, "Only what was done in this role."),
    Parameter("device", Named, "Only what was done with this device."),
    Parameter("aggregate", Aggregate, "Only what became of things of this kind.", example="session"),
    Parameter("event", Named, "Only events of this type.", example="receipt-paid"),
)
_FROM = Parameter("from", str, "From this position or time on.", example="1")
_TO = Parameter("to", str, "Up to this position or time.", example="2000")
_ORDER = Parameter("order", Order, "What comes first, the oldest unless told.", example="newest")
_LIMIT = Parameter("limit", Limit, f"Rows a page, {LIMIT_DEFAULT} unless told.", example=50)
_TABLE_ROWS = Parameter("limit", TableRows, f"Rows of the table, {TABLE_ROWS_MAX} unless told.", example=50)
_CURSOR = Parameter("cursor", Cursor, "`next_cursor` of the page before, with the same filters and order.")
_SELECTING = (*_FILTERS, _FROM, _TO, ZONE_OF, _ORDER)


class _Meta(Struct, frozen=True):
    origin: str | None = msgspec.field(default=None, name="from")


class AuditedDeed(Struct, frozen=True):
    """An event: who caused it in which role, with which device, from where, on whose behalf, and when.

    `origin` is the network that the request came from, not its address. What the event says is told by its stream,
    `history/streams/{stream}/events`.
    """

    position: int
    event: str
    stream: StreamName
    account: str
    role: str
    on_behalf_of: str | None
    device: str | None
    origin: str | None
    command_id: UUID
    correlation_id: UUID
    occurred_at: datetime
    recorded_at: datetime


class AuditPage(Struct, frozen=True):
    """`position` is where the log ended. A page may hold few rows, or none, and have a next one all the same."""

    position: int
    items: Sequence[AuditedDeed]
    next_cursor: str | None


class LogCheckpoint(Struct, frozen=True):
    """Where the log ended, and the hash of its last event, which is made of all events up to there.

    Kept where nobody reaches it who could change the log, `checkpoint` proves later that none of them was changed.
    """

    position: int
    log_id: UUID
    recorded_at: datetime | None
    checkpoint: str


class _Asked(Struct, frozen=True):
    """Which deeds, of those behind the one position and up to the other."""

    wanted: DeedFilter
    after: int
    up_to: int
    newest_first: bool


class Audit:
    """The handlers, and what they need."""

    def __init__(self, log: DeedLog, moments: Moments) -> None:
        self._log = log
        self._moments = moments

    async def page(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return a page."""
        known_parameters(request, frozenset(each.name for each in (*_SELECTING, _LIMIT, _CURSOR)))
        head = await self._head(request)
        limit: int = parameter(request, _LIMIT.name, Limit) or LIMIT_DEFAULT
        asked = await self._asked(request, head)
        if _is_known(request, head):
            return Response(b"", status_code=304, media_type=JSON, headers=_headers(head))
        deeds, cursor = await self._found(head.organization_id, asked, limit)
        page = AuditPage(head.position, [_audited(deed) for deed in deeds], cursor)
        return Response(msgspec.json.encode(page), media_type=JSON, headers=_headers(head))

    async def table(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the same as a table; where it goes on, a header Link says."""
        known_parameters(request, frozenset(each.name for each in (*_SELECTING, _TABLE_ROWS, _CURSOR)))
        head = await self._head(request)
        limit: int = parameter(request, _TABLE_ROWS.name, TableRows) or TABLE_ROWS_MAX
        asked = await self._asked(request, head)
        if _is_known(request, head):
            return Response(b"", status_code=304, media_type=CSV, headers=_headers(head))
        deeds, cursor = await self._found(head.organization_id, asked, limit)
        headers = {**_headers(head), "Content-Disposition": 'attachment; filename="audit.csv"'}
        if cursor is not None:
            following = urlencode({**request.query_params.dict(), _CURSOR.name: cursor}, doseq=True)
            headers["Link"] = f'<{request.scope["path"]}?{following}>; rel="next"'
        rows = [[_cell(value) for value in msgspec.structs.astuple(_audited(deed))] for deed in deeds]
        return Response(csv_table(AuditedDeed.__struct_fields__, rows), media_type=CSV, headers=headers)

    async def checkpoint(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return what to hold the log to later."""
        known_parameters(request, frozenset())
        head = await self._head(request)
        if _is_known(request, head):
            return Response(b"", status_code=304, media_type=JSON, headers=_headers(head))
        checkpoint = LogCheckpoint(head.position, head.log_id, head.recorded_at, f"{head.position}:{head.hash.hex()}")
        return Response(msgspec.json.encode(checkpoint), media_type=JSON, headers=_headers(head))

    async def _head(self, request: Request[Any, Any, Any]) -> Head:
        head = await self._log.head(exchange_of(request.scope).organization)
        if head is None:
            raise unknown_organization()
        return head

    async def _asked(self, request: Request[Any, Any, Any], head: Head) -> _Asked:
        given = {each.name: parameter(request, each.name, each.kind) for each in _FILTERS}
        after, up_to = await self._after(request, head), await self._up_to(request, head)
        newest_first = parameter(request, _ORDER.name, Order) == "newest"
        cursor: str | None = parameter(request, _CURSOR.name, Cursor)
        if cursor is not None and newest_first:
            up_to = min(up_to, int(cursor) - 1)
        elif cursor is not None:
            after = max(after, int(cursor))
        return _Asked(DeedFilter(**given), after, up_to, newest_first)

    async def _after(self, request: Request[Any, Any, Any], head: Head) -> int:
        if _FROM.name not in request.query_params:
            return 0
        moment = await self._moments.named(request, head.organization_id, _FROM.name)
        if moment.at is not None:
            return await self._log.position_before(head.organization_id, moment.at)
        return min(max(_position(moment) - 1, 0), POSITION_MAX)

    async def _up_to(self, request: Request[Any, Any, Any], head: Head) -> int:
        if _TO.name not in request.query_params:
            return head.position
        moment = await self._moments.named(request, head.organization_id, _TO.name)
        if moment.at is not None:
            latest = datetime.max.replace(tzinfo=UTC) - timedelta(microseconds=1)
            behind = min(moment.at, latest) + timedelta(microseconds=1)
            return await self._log.position_before(head.organization_id, behind)
        return min(_position(moment), head.position)

    async def _found(self, organization: str, asked: _Asked, limit: int) -> tuple[Sequence[Deed], str | None]:
        """Look through the log until the rows are there, its end is, or enough of it was looked at."""
        found: list[Deed] = []
        after, up_to = asked.after, asked.up_to
        for _ in range(LOOKED_THROUGH_MAX // STRETCH_POSITIONS):
            if after >= up_to:
                return found, None
            stretch = _first_stretch(after, up_to, newest_first=asked.newest_first)
            missing = limit - len(found)
            found += await self._log.deeds(
                organization, asked.wanted, stretch, missing, newest_first=asked.newest_first
            )
            if len(found) == limit:
                return found, str(found[-1].position)
            if asked.newest_first:
                up_to = stretch[0]
            else:
                after = stretch[1]
        if after >= up_to:
            return found, None
        return found, str(up_to + 1 if asked.newest_first else after)


def audit_handlers(log: DeedLog, moments: Moments) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    audit = Audit(log, moments)
    page = Endpoint(
        rule="audit",
        summary="Who did what, from where and for whom: the log by account, role, device, kind, event and time.",
        tag="history",
        answer=AuditPage,
        parameters=(*_SELECTING, _LIMIT, _CURSOR),
        reads=True,
    )
    table = Endpoint(
        rule="audit-csv",
        summary="The same as a CSV; a header Link says where it goes on.",
        tag="history",
        answer=str,
        answer_type=CSV,
        parameters=(*_SELECTING, _TABLE_ROWS, _CURSOR),
        reads=True,
    )
    checkpoint = Endpoint(
        rule="audit-checkpoint",
        summary="What an auditor keeps elsewhere, to hold the log to it by `consign verify --against`.",
        tag="history",
        answer=LogCheckpoint,
        reads=True,
    )
    path = f"{ORGANIZATION_PATH}/audit"
    return [
        get(f"{path}/checkpoint", name=checkpoint.rule, opt=checkpoint.opt())(audit.checkpoint),
        get(path, name=page.rule, opt=page.opt())(audit.page),
        get(f"{path}.csv", name=table.rule, opt=table.opt())(audit.table),
    ]


def _first_stretch(after: int, up_to: int, *, newest_first: bool) -> tuple[int, int]:
    if newest_first:
        return max(after, up_to - STRETCH_POSITIONS), up_to
    return after, min(up_to, after + STRETCH_POSITIONS)


def _audited(deed: Deed) -> AuditedDeed:
    return AuditedDeed(
        deed.position,
        deed.event,
        deed.stream,
        deed.account,
        deed.role,
        deed.on_behalf_of,
        deed.device,
        msgspec.json.decode(deed.meta, type=_Meta).origin,
        deed.command_id,
        deed.correlation_id,
        deed.occurred_at,
        deed.recorded_at,
    )


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        case _:
            return harmless(str(value))


def _position(moment: Until) -> int:
    assert moment.position is not None
    return moment.position


def _is_known(request: Request[Any, Any, Any], head: Head) -> bool:
    return _entity_tag(head) in exchange_of(request.scope).header(b"if-none-match")


def _entity_tag(head: Head) -> str:
    return f'W/"audit-{head.log_id}-{head.position}"'


def _headers(head: Head) -> dict[str, str]:
    return {
        "ETag": _entity_tag(head),
        "X-Consign-Position": str(head.position),
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
    }
