"""Tags to stick on, and the page that a printer is calibrated by. Printing changes nothing: a GET may be repeated."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.domain.tag import parse
from consign.domain.values import ROWS_LIMIT, ConsignorNumber, TagCode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.papers.parameters import (
    CALIBRATION,
    SHEET,
    START,
    TAGS,
    TagList,
    calibration_given,
    sheet_given,
    start_given,
)
from consign.http.papers.printing import PDF, Printing, paper
from consign.http.papers.sales import PrintedSale, collected, printed_sale, reach
from consign.http.path_ids import checked
from consign.http.reading import AFTER_POSITION, Reading, invalid_parameter, known_parameters, parameter
from consign.papers.sheets import SHEET_DEFAULT, SHEETS
from consign.papers.tag_label import Label
from consign.papers.tags import LABELS_MAX, calibration_page, tag_sheets
from consign.projections.item_rows import ItemRow
from consign.projections.items import ITEMS

_GONE = frozenset(("withdrawn", "returned", "refused", "sold", "voided", "collected", "donated", "lost"))
"""What needs no tag any more, unless it is asked for by its tag."""

_CONSIGNOR = Parameter("consignor", ConsignorNumber, "Only this consignor's items.", example=17)
_UNPRINTED = Parameter("unprinted", bool, "Only tags that nobody said were printed.", example=True)


class LabelSheet(Struct, frozen=True):
    """A kind of label paper; sizes in millimetres."""

    sheet: str
    title: str
    columns: int
    rows: int
    label_width_mm: float
    label_height_mm: float


class LabelSheets(Struct, frozen=True):
    sheets: Sequence[LabelSheet]


class TagPapers:
    """The handlers, and what they need."""

    def __init__(self, reading: Reading, printing: Printing) -> None:
        self._reading = reading
        self._printing = printing

    async def tags(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the tags of a sale, of one consignor, or those that are named."""
        known = (_CONSIGNOR, TAGS, _UNPRINTED, SHEET, START, *CALIBRATION, AFTER_POSITION)
        known_parameters(request, frozenset(each.name for each in known))
        sale_id = checked(request.path_params)["sale"]
        where: dict[str, Any] = {"sale": sale_id, **await reach(self._reading, request, sale_id)}
        consignor: int | None = parameter(request, _CONSIGNOR.name, ConsignorNumber)
        if consignor is not None:
            where["consignor"] = consignor
        tags = _tags_given(request)
        if tags is not None:
            where["tag"] = tags
        unprinted: bool | None = parameter(request, _UNPRINTED.name, bool)
        if unprinted:
            where["printed_count"] = 0
        found = await collected(self._reading, request, ITEMS, {"items": where}, LABELS_MAX)
        sale = await printed_sale(self._reading, request, sale_id)
        sheet = sheet_given(request, sale.row.settings.papers.tag_sheet or SHEET_DEFAULT)
        rows: Sequence[ItemRow] = found.rows["items"]
        labels = [_label(row, sale) for row in rows if tags is not None or row.status not in _GONE]
        draw = partial(
            tag_sheets,
            labels,
            sheet,
            sale.style,
            start=start_given(request, sheet),
            calibration=calibration_given(request),
        )
        name = f"tags-{sale.row.number:03}" + ("" if consignor is None else f"-{consignor:04}")
        return paper(await self._printing.long(draw), name, found.at)

    async def calibration(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the page to hold against a sheet of labels."""
        known_parameters(request, frozenset(each.name for each in (SHEET, *CALIBRATION, AFTER_POSITION)))
        sale_id = checked(request.path_params)["sale"]
        sale = await printed_sale(self._reading, request, sale_id)
        sheet = sheet_given(request, sale.row.settings.papers.tag_sheet or SHEET_DEFAULT)
        draw = partial(calibration_page, sheet, sale.style, calibration_given(request))
        standing = await self._reading.models.standing(exchange_of(request.scope).organization, ITEMS)
        return paper(await self._printing.short(draw), "calibration", standing.at)


def tag_paper_handlers(reading: Reading, printing: Printing) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    papers = TagPapers(reading, printing)
    of_sale = f"{ORGANIZATION_PATH}/sales/{{sale:str}}"
    tags = Endpoint(
        rule="print-tags",
        summary=f"Tags of a sale as a PDF, at most {LABELS_MAX} a request.",
        tag="papers",
        parameters=(_CONSIGNOR, TAGS, _UNPRINTED, SHEET, START, *CALIBRATION, AFTER_POSITION),
        answer_type=PDF,
    )
    calibration = Endpoint(
        rule="print-calibration",
        summary="A page to calibrate a printer by: the outlines of a sheet's labels, and a ruler.",
        tag="papers",
        parameters=(SHEET, *CALIBRATION),
        answer_type=PDF,
    )
    sheets = Endpoint(
        rule="list-label-sheets",
        summary="The label papers that tags can be printed on.",
        tag="papers",
        answer=LabelSheets,
        answer_example=_SHEETS_EXAMPLE,
    )
    return [
        get(f"{of_sale}/tags.pdf", name=tags.rule, opt=tags.opt())(papers.tags),
        get(f"{of_sale}/calibration.pdf", name=calibration.rule, opt=calibration.opt())(papers.calibration),
        get(f"{ORGANIZATION_PATH}/label-sheets", name=sheets.rule, opt=sheets.opt())(_sheets),
    ]


_SHEETS_EXAMPLE: Mapping[str, Any] = {
    "sheets": [
        {
            "sheet": "L7160",
            "title": SHEETS["L7160"].title,
            "columns": 3,
            "rows": 7,
            "label_width_mm": 63.5,
            "label_height_mm": 38.1,
        }
    ]
}


async def _sheets() -> LabelSheets:
    return LabelSheets(
        [
            LabelSheet(sheet.name, sheet.title, sheet.columns, sheet.rows, *(round(each, 2) for each in sheet.label_mm))
            for sheet in SHEETS.values()
        ]
    )


def _tags_given(request: Request[Any, Any, Any]) -> tuple[str, ...] | None:
    text: str | None = parameter(request, TAGS.name, TagList)
    if text is None:
        return None
    tags = tuple(tag.replace("-", "") for tag in text.split(",") if tag)
    if not 1 <= len(tags) <= ROWS_LIMIT:
        raise invalid_parameter(TAGS.name, f"names 1 to {ROWS_LIMIT} tags")
    return tags


def _label(row: ItemRow, sale: PrintedSale) -> Label:
    tag = TagCode(row.tag)
    return Label(
        tag=tag,
        sale=sale.row.name,
        consignor=row.consignor,
        number=parse(tag).number,
        category=sale.category(row.category),
        description=row.description if row.pieces == 1 else f"{row.pieces} × {row.description}",
        price_minor=row.price_minor,
        size=row.size,
        brand=row.brand,
        reduce=row.reduce,
        donate=row.donate,
    )
