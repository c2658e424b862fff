"""What belongs to one consignor, for staff and for the consignor: drafts, shifts, slots, statements and payouts."""

from collections.abc import Sequence
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
from consign.projections.payouts import PAYOUTS, PayoutRow
from consign.projections.projection import Projection
from consign.projections.settlements import SETTLEMENTS, StatementRow
from consign.projections.shifts import SHIFTS, WorkRow
from consign.projections.slots import SLOTS, BookingRow

_SAVED = ("saved_position",)
_TIMED = ("begins_at",)
_NUMBERED = ("counter",)


class ParticipationDraftPage(Struct, frozen=True):
    position: int
    items: list[DraftRow]
    next_cursor: str | None


class ParticipationShiftPage(Struct, frozen=True):
    position: int
    items: list[WorkRow]
    next_cursor: str | None


class ParticipationSlotPage(Struct, frozen=True):
    position: int
    items: list[BookingRow]
    next_cursor: str | None


class ParticipationStatementPage(Struct, frozen=True):
    position: int
    items: list[StatementRow]
    next_cursor: str | None


class ParticipationPayoutPage(Struct, frozen=True):
    position: int
    items: list[PayoutRow]
    next_cursor: str | None


def participation_table_handlers(reading: Reading) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    drafts = Endpoint(
        rule="list-participation-drafts",
        summary="What a consignor described and has not listed yet; consignors see their own.",
        tag="participations",
        answer=ParticipationDraftPage,
        parameters=(*sort_parameter(_SAVED), *PAGING),
        reads=True,
    )
    shifts = Endpoint(
        rule="list-participation-shifts",
        summary="What a consignor promised to work, and did; consignors see their own.",
        tag="participations",
        answer=ParticipationShiftPage,
        parameters=(*sort_parameter(_TIMED), *PAGING),
        reads=True,
    )
    slots = Endpoint(
        rule="list-participation-slots",
        summary="When a consignor brings and fetches things; consignors see their own.",
        tag="participations",
        answer=ParticipationSlotPage,
        parameters=(*sort_parameter(_TIMED), *PAGING),
        reads=True,
    )
    statements = Endpoint(
        rule="list-participation-statements",
        summary="A consignor's statements and supplements, cancelled ones too; consignors see their own.",
        tag="participations",
        answer=ParticipationStatementPage,
        parameters=(*sort_parameter(_NUMBERED), *PAGING),
        reads=True,
    )
    payouts = Endpoint(
        rule="list-participation-payouts",
        summary="A consignor's payouts, and where each is; consignors see their own.",
        tag="participations",
        answer=ParticipationPayoutPage,
        parameters=(*sort_parameter(_NUMBERED), *PAGING),
        reads=True,
    )
    return [
        _of_one(reading, drafts, "drafts", ITEMS, "drafts", _SAVED),
        _of_one(reading, shifts, "shifts", SHIFTS, "work", _TIMED),
        _of_one(reading, slots, "slots", SLOTS, "bookings", _TIMED),
        _of_one(reading, statements, "statements", SETTLEMENTS, "statements", _NUMBERED),
        _of_one(reading, payouts, "payouts", PAYOUTS, "payouts", _NUMBERED),
    ]


def _of_one(
    reading: Reading, endpoint: Endpoint, name: str, projection: Projection, table: str, sorts: Sequence[str]
) -> HTTPRouteHandler:
    async def rows(request: Request[Any, Any, Any]) -> Response[bytes]:
        exchange = exchange_of(request.scope)
        wanted = selection(request, {}, sorts)
        participation = checked(request.path_params)["participation"]
        await reading.begin(request, PARTICIPATIONS)
        found = await reading.models.get(exchange.organization, PARTICIPATIONS, "participations", (participation,))
        if found.row is None:
            raise missing("unknown_participation", "participation", participation)
        require_own(exchange, found.row.account, "unknown_participation", "participation", participation)
        unchanged = await reading.begin(request, projection)
        if unchanged is not None:
            return unchanged
        page = await reading.models.select(exchange.organization, projection, table, wanted)
        return answer(projection, page.at, page_content(page, page.rows))

    path = f"{ORGANIZATION_PATH}/participations/{{participation:str}}/{name}"
    return get(path, name=endpoint.rule, opt=endpoint.opt())(rows)
