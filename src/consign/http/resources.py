"""The resources that are rows of read models: lists by page, filter and order, and single ones by their id."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct
from msgspec.structs import replace

from consign.actors.queries import Page, Selection, Sort
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.ownership import own_account, require_own, require_own_participation
from consign.http.path_ids import checked
from consign.http.reading import (
    AFTER_POSITION,
    PAGE_ROWS_MAX,
    Reading,
    answer,
    invalid_parameter,
    known_parameters,
    missing,
    not_yet,
    parameter,
)
from consign.projections.projection import Projection

LIMIT_DEFAULT = 100

Limit = Annotated[int, Meta(ge=1, le=PAGE_ROWS_MAX)]
Cursor = Annotated[str, Meta(min_length=1, max_length=2000)]
FilterText = Annotated[str, Meta(min_length=1, max_length=200)]

PAGING: Sequence[Parameter] = (
    Parameter("limit", Limit, f"Rows a page, {LIMIT_DEFAULT} unless told.", example=50),
    Parameter("cursor", Cursor, "`next_cursor` of the page before, with the same filters and order."),
    AFTER_POSITION,
)


class ListRoute(Struct, frozen=True):
    """A list: `filters` are fields that rows must equal, `sorts` fields to order by; path ids filter too.

    `owner` is the field that names whose a row is, for callers who reach only their own.
    """

    name: str
    path: str
    summary: str
    tag: str
    projection: Projection
    table: str
    row: type[Struct]
    filters: Mapping[str, Any]
    sorts: tuple[str, ...]
    owner: str = ""

    def page_type(self) -> type[Struct]:
        """Return the shape of a page, for the OpenAPI document."""
        rows: Any = list[self.row]  # type: ignore[name-defined] # a type made of a value
        name = self.row.__name__.removesuffix("Row")
        return msgspec.defstruct(f"{name}Page", [("position", int), ("items", rows), ("next_cursor", str | None)])


class ItemRoute(Struct, frozen=True):
    """A single resource: the path's ids are its key, in the order of `key`.

    `of_consignor`: it belongs to the participation that its row names, and consignors may read their own. `owner`: the
    field that names the account whose it is. `reason` is why there is none: `not_yet` of what always is.
    """

    name: str
    path: str
    summary: str
    tag: str
    projection: Projection
    table: str
    row: type[Struct]
    key: tuple[str, ...]
    reason: str
    of_consignor: bool = False
    owner: str = ""


def resource_handlers(
    reading: Reading, lists: Sequence[ListRoute], items: Sequence[ItemRoute]
) -> list[HTTPRouteHandler]:
    """Make a handler for each route."""
    return [*(list_handler(route, reading) for route in lists), *(_item_handler(route, reading) for route in items)]


def selection(request: Request[Any, Any, Any], filters: Mapping[str, Any], sorts: Sequence[str]) -> Selection:
    """Read filters, order and page from the query string; raises Refusal."""
    known_parameters(request, frozenset((*filters, "sort", *(each.name for each in PAGING))))
    where = {name: parameter(request, name, kind) for name, kind in filters.items() if name in request.query_params}
    where.update(checked(request.path_params))
    order: tuple[Sort, ...] = ()
    sort = request.query_params.get("sort")
    if sort is not None:
        if sort.removeprefix("-") not in sorts:
            raise invalid_parameter("sort", f"must be one of {', '.join(sorts)}, with - in front to descend")
        order = (Sort(sort.removeprefix("-"), sort.startswith("-")),)
    limit: int | None = parameter(request, "limit", Limit)
    return Selection(where, sort=order, limit=limit or LIMIT_DEFAULT, cursor=parameter(request, "cursor", Cursor))


def page_content(page: Page, rows: Sequence[Any]) -> Mapping[str, Any]:
    """Return what a list answers."""
    return {"position": page.at.position, "items": rows, "next_cursor": page.next_cursor}


def sort_parameter(sorts: Sequence[str]) -> Sequence[Parameter]:
    """Describe the order of a list."""
    if not sorts:
        return ()
    kind = Literal[tuple(f"{sign}{name}" for name in sorts for sign in ("", "-"))]  # type: ignore[valid-type] # made of values
    return (Parameter("sort", kind, "The field to order by, with - in front to descend.", example=sorts[0]),)


def list_handler(route: ListRoute, reading: Reading) -> HTTPRouteHandler:
    """Make the handler of a list."""
    endpoint = Endpoint(
        rule=route.name,
        summary=route.summary,
        tag=route.tag,
        answer=route.page_type(),
        parameters=(
            *(Parameter(name, kind, f"Only rows of this {name}.") for name, kind in route.filters.items()),
            *sort_parameter(route.sorts),
            *PAGING,
        ),
        reads=True,
    )

    async def read(request: Request[Any, Any, Any]) -> Response[bytes]:
        wanted = selection(request, route.filters, route.sorts)
        exchange = exchange_of(request.scope)
        own = own_account(exchange)
        if own is not None:
            wanted = replace(wanted, where={**wanted.where, route.owner: own})
        unchanged = await reading.begin(request, route.projection)
        if unchanged is not None:
            return unchanged
        organization = exchange.organization
        page = await reading.models.select(organization, route.projection, route.table, wanted)
        return answer(route.projection, page.at, page_content(page, page.rows))

    return get(_litestar_path(route.path), name=route.name, opt=endpoint.opt())(read)


def _item_handler(route: ItemRoute, reading: Reading) -> HTTPRouteHandler:
    """Make the handler of a single resource."""
    endpoint = Endpoint(
        rule=route.name,
        summary=route.summary,
        tag=route.tag,
        answer=route.row,
        parameters=(AFTER_POSITION,),
        reads=True,
    )

    async def read(request: Request[Any, Any, Any]) -> Response[bytes]:
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        exchange = exchange_of(request.scope)
        ids = {"organization": exchange.organization, **checked(request.path_params)}
        unchanged = await reading.begin(request, route.projection)
        if unchanged is not None and own_account(exchange) is None:
            return unchanged
        key = tuple(ids[name] for name in route.key)
        found = await reading.models.get(exchange.organization, route.projection, route.table, key)
        if found.row is None:
            raise (
                not_yet(route.projection)
                if route.reason == "not_yet"
                else missing(route.reason, route.key[-1], key[-1])
            )
        if route.of_consignor:
            owner = found.row.participation
            await require_own_participation(reading, exchange, owner, route.reason, route.key[-1], key[-1])
        elif own_account(exchange) is not None:
            require_own(exchange, getattr(found.row, route.owner), route.reason, route.key[-1], key[-1])
        return answer(route.projection, found.at, found.row)

    return get(_litestar_path(route.path), name=route.name, opt=endpoint.opt())(read)


def _litestar_path(path: str) -> str:
    return ORGANIZATION_PATH + path.replace("}", ":str}")
