"""Who is late: consignors whose slot is over, and nobody saw them."""

from datetime import UTC, datetime
from typing import Any, Literal

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec.structs import replace

from consign.actors.queries import Sort
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.reading import Reading, unkept
from consign.http.resources import PAGING, page_content, selection
from consign.projections.slots import SLOTS, BookingRow

_FILTERS = {"kind": Literal["drop_off", "pick_up"]}


class LatePage(Struct, frozen=True):
    position: int
    items: list[BookingRow]
    next_cursor: str | None


def late_handlers(reading: Reading) -> list[HTTPRouteHandler]:
    """Make the handler."""
    endpoint = Endpoint(
        rule="list-late",
        summary="Consignors whose slot is over and who did not come, whoever is latest first.",
        tag="slots",
        answer=LatePage,
        parameters=(*(Parameter(name, kind, f"Only rows of this {name}.") for name, kind in _FILTERS.items()), *PAGING),
        reads=True,
    )

    async def late(request: Request[Any, Any, Any]) -> Response[bytes]:
        organization = exchange_of(request.scope).organization
        wanted = selection(request, _FILTERS, ())
        wanted = replace(wanted, where={**wanted.where, "arrived": False}, sort=(Sort("ends_at", descending=False),))
        await reading.begin(request, SLOTS)
        page = await reading.models.select(organization, SLOTS, "bookings", wanted)
        now = datetime.now(UTC)
        rows = [row for row in page.rows if row.ends_at < now]
        # In the order of time everybody after the first who is not late is not late either.
        content = {**page_content(page, rows), **({} if len(rows) == len(page.rows) else {"next_cursor": None})}
        return unkept(page.at, content)

    return [get(f"{ORGANIZATION_PATH}/sales/{{sale:str}}/late", name=endpoint.rule, opt=endpoint.opt())(late)]
