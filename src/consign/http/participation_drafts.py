"""The drafts of one consignor, for staff and for the consignor: what is described and not listed yet."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import exchange_of
from consign.http.ownership import require_own
from consign.http.path_ids import checked
from consign.http.reading import Reading, answer, missing
from consign.http.resources import PAGING, page_content, selection, sort_parameter
from consign.projections.item_rows import DraftRow
from consign.projections.items import ITEMS
from consign.projections.participations import PARTICIPATIONS

_SORTS = ("saved_position",)


class ParticipationDraftPage(Struct, frozen=True):
    position: int
    items: list[DraftRow]
    next_cursor: str | None


def participation_draft_handlers(reading: Reading) -> list[HTTPRouteHandler]:
    """Make the handler."""
    endpoint = Endpoint(
        rule="list-participation-drafts",
        summary="What a consignor described and has not listed yet; consignors see their own.",
        tag="participations",
        answer=ParticipationDraftPage,
        parameters=(*sort_parameter(_SORTS), *PAGING),
        reads=True,
    )

    async def drafts(request: Request[Any, Any, Any]) -> Response[bytes]:
        exchange = exchange_of(request.scope)
        wanted = selection(request, {}, _SORTS)
        participation = checked(request.path_params)["participation"]
        await reading.begin(request, PARTICIPATIONS)
        found = await reading.models.get(exchange.organization, PARTICIPATIONS, "participations", (participation,))
        if found.row is None:
            raise missing("unknown_participation", "participation", participation)
        require_own(exchange, found.row.account, "unknown_participation", "participation", participation)
        unchanged = await reading.begin(request, ITEMS)
        if unchanged is not None:
            return unchanged
        page = await reading.models.select(exchange.organization, ITEMS, "drafts", wanted)
        return answer(ITEMS, page.at, page_content(page, page.rows))

    path = f"{ORGANIZATION_PATH}/participations/{{participation:str}}/drafts"
    return [get(path, name=endpoint.rule, opt=endpoint.opt())(drafts)]
