"""The desk's slip for one consignor, to take along."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from consign.domain.tag import shown
from consign.domain.values import TagCode
from consign.http.desk import CONSIGNOR, Desk, DeskSummary, OpenItem
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.papers.parameters import PAPER, paper_of
from consign.http.papers.printing import PDF, Printing, paper
from consign.http.papers.sales import PrintedSale, printed_sale
from consign.http.path_ids import checked
from consign.http.reading import AFTER_POSITION, Reading, known_parameters
from consign.papers.desk_slips import DeskSlip, SlipItem, SlipSlot, desk_slip_paper


def desk_paper_handlers(reading: Reading, desk: Desk, printing: Printing) -> list[HTTPRouteHandler]:
    """Make the handler."""
    endpoint = Endpoint(
        rule="print-desk-slip",
        summary="What the desk sees of one consignor, as a slip to take along from drop-off or pick-up, as a PDF.",
        tag="papers",
        parameters=(CONSIGNOR, PAPER, AFTER_POSITION),
        answer_type=PDF,
    )

    async def drawn(request: Request[Any, Any, Any]) -> Response[bytes]:
        known_parameters(request, frozenset((CONSIGNOR.name, PAPER.name, AFTER_POSITION.name)))
        sale = await printed_sale(reading, request, checked(request.path_params)["sale"])
        told, at = await desk.told(request)
        draw = partial(desk_slip_paper, _slip(told, sale), sale.style, paper_of(request))
        return paper(await printing.short(draw), f"consignor-{told.number:04}", at)

    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}/desk.pdf"
    return [get(path, name=endpoint.rule, opt=endpoint.opt())(drawn)]


def _slip(told: DeskSummary, sale: PrintedSale) -> DeskSlip:
    return DeskSlip(
        letterhead=sale.letterhead,
        sale=sale.row.name,
        number=told.number,
        name="" if told.profile is None else told.profile.name,
        as_of=datetime.now(UTC),
        listed=told.listed,
        checked_in=told.checked_in,
        sold=told.sold,
        refused=[SlipItem(shown(TagCode(each.tag)), each.description, each.reason) for each in told.refused],
        not_brought=_items(told.not_brought),
        to_fetch=_items(told.to_fetch),
        to_give_away=_items(told.to_give_away),
        slots=[SlipSlot(slot.kind, slot.begins_at, slot.ends_at, slot.arrived) for slot in told.slots],
        fee_minor=told.fee_owed_minor,
        late_fee_minor=told.late_fee_minor,
        lists_minor=told.lists_minor,
    )


def _items(items: Sequence[OpenItem]) -> list[SlipItem]:
    return [SlipItem(shown(TagCode(each.tag)), each.description) for each in items]
