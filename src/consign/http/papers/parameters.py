"""The query parameters of papers."""

from typing import Annotated, Any

from litestar import Request
from msgspec import Meta

from consign.domain.values import ROWS_LIMIT
from consign.http.endpoint import Parameter
from consign.http.reading import invalid_parameter, parameter
from consign.papers.sheets import OWN_SHEET_FORM, SHEETS, Sheet, SheetInvalid, sheet_of
from consign.papers.slip import Paper
from consign.papers.tags import Calibration, OffsetMm, Scale

CONSIGNORS_MAX = 500

TagList = Annotated[str, Meta(max_length=ROWS_LIMIT * 16, pattern=r"^[0-9,-]*$")]
ConsignorRange = Annotated[str, Meta(max_length=9, pattern=r"^[0-9]{1,4}(-[0-9]{1,4})?$")]
SheetName = Annotated[str, Meta(min_length=1, max_length=60)]
Start = Annotated[int, Meta(ge=1, le=100)]

TAGS = Parameter("tags", TagList, f"Only these tags, up to {ROWS_LIMIT}, separated by commas.", example="00100170015")
SHEET = Parameter("sheet", SheetName, f"One of {', '.join(SHEETS)}; or {OWN_SHEET_FORM}.", example="L7160")
START = Parameter("start", Start, "The first free label of a used sheet, counted row by row from 1.", example=4)
RIGHT = Parameter("right", OffsetMm, "Print this many mm further right.", example=0.5)
DOWN = Parameter("down", OffsetMm, "Print this many mm further down.", example=-1.0)
SCALE = Parameter("scale", Scale, "Print this much larger: 100 divided by how long the ruler came out.", example=1.01)
CALIBRATION = (RIGHT, DOWN, SCALE)
CONSIGNORS = Parameter("consignors", ConsignorRange, "A consignor's number, or from one to another.", example="17-120")
PAPER = Parameter("paper", Paper, "What it is printed on, 80mm unless told.", example="80mm")


def paper_of(request: Request[Any, Any, Any]) -> Paper:
    """Return what a slip is printed on."""
    given: Paper | None = parameter(request, PAPER.name, Paper)
    return given or Paper.ROLL_80


def sheet_given(request: Request[Any, Any, Any], default: str) -> Sheet:
    """Return the sheet that is asked for, or the default one; raises Refusal."""
    text: str | None = parameter(request, SHEET.name, SheetName)
    return named_sheet(text or default)


def named_sheet(text: str) -> Sheet:
    """Return the sheet; raises Refusal where there is none and can be none like that."""
    try:
        return sheet_of(text)
    except SheetInvalid as invalid:
        raise invalid_parameter(SHEET.name, str(invalid)) from invalid


def start_given(request: Request[Any, Any, Any], sheet: Sheet) -> int:
    """Return the first label to print on; raises Refusal where the sheet has no such label."""
    start: int = parameter(request, START.name, Start) or 1
    if start > sheet.places:
        raise invalid_parameter(START.name, f"the sheet has {sheet.places} labels")
    return start


def calibration_given(request: Request[Any, Any, Any]) -> Calibration:
    """Return how the print is to be moved and stretched."""
    right: float | None = parameter(request, RIGHT.name, OffsetMm)
    down: float | None = parameter(request, DOWN.name, OffsetMm)
    scale: float | None = parameter(request, SCALE.name, Scale)
    return Calibration(right or 0.0, down or 0.0, scale or 1.0)


def consignors_given(request: Request[Any, Any, Any]) -> tuple[int, ...] | None:
    """Return the numbers that are asked for; None: all."""
    text: str | None = parameter(request, CONSIGNORS.name, ConsignorRange)
    if text is None:
        return None
    first, _, last = text.partition("-")
    numbers = tuple(range(int(first), int(last or first) + 1))
    if not numbers or len(numbers) > CONSIGNORS_MAX:
        raise invalid_parameter(CONSIGNORS.name, f"names 1 to {CONSIGNORS_MAX} consignors, such as 17 or 17-120")
    return numbers
