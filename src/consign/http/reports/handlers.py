"""Reports over HTTP: as JSON with a trace behind each figure, as CSV and PDF, and the traces themselves."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from msgspec import Meta, Struct
from msgspec.structs import replace

from consign.actors.queries import PAGE_ROWS_MAX, QueryRefused
from consign.http.bodies import CSV
from consign.http.csv_tables import csv_table, decimal, harmless, percent
from consign.http.endpoint import Parameter
from consign.http.exchange import exchange_of
from consign.http.moments import AT, POSITION, ZONE_OF, Moments
from consign.http.papers.printing import Printing, paper
from consign.http.papers.sales import printed_sale
from consign.http.path_ids import checked
from consign.http.problems import Refusal
from consign.http.reading import (
    AFTER_POSITION,
    Reading,
    answer,
    invalid_parameter,
    known_parameters,
    missing,
    parameter,
    unless_known,
)
from consign.http.reports.printed import printed_report
from consign.http.reports.reckoning import (
    ROWS_MAX,
    Asked,
    Part,
    Reckoned,
    changed_at,
    currency_of,
    position_at,
    reckoned,
    traced,
)
from consign.http.resources import LIMIT_DEFAULT, Cursor, FilterText
from consign.papers.reports import report_paper
from consign.projections.reports.definitions import ALL, NUMBERS, Report, Shown

Names = Annotated[str, Meta(max_length=200, pattern=r"^([a-z_]+(,[a-z_]+)*)?$")]
Number = Annotated[int, Meta(ge=0, le=10**12)]
Text = Annotated[str, Meta(max_length=200)]
PartsLimit = Annotated[int, Meta(ge=1, le=PAGE_ROWS_MAX)]

FIGURE = Parameter("figure", FilterText, "The figure's name.", required=True)
HAVING = Parameter(
    "having",
    FilterText,
    "Only rows in which this figure is not zero; the total then says it alone.",
)
LIMIT = Parameter("limit", PartsLimit, f"Facts a page, {LIMIT_DEFAULT} unless told.", example=50)
CURSOR = Parameter("cursor", Cursor, "`next_cursor` of the page before, with the same filters.")


class Figure(Struct, frozen=True):
    """A figure, and where the events are that it comes from."""

    value: int
    trace: str


class ReportRow(Struct, frozen=True):
    """What the row is about, and its figures by name."""

    key: Mapping[str, str | int]
    figures: Mapping[str, Figure]


class ReportAnswer(Struct, frozen=True):
    """A report as of `position`. Names that end in `_minor` are amounts in minor units, in `_ppm` parts per million."""

    position: int
    report: str
    title: str
    sale: str
    currency: str
    by: Sequence[str]
    rows: Sequence[ReportRow]
    total: Mapping[str, Figure]


class TraceAnswer(Struct, frozen=True):
    """The events that a figure comes from, and what each changed; the changes of all pages add up to it."""

    position: int
    report: str
    figure: str
    items: Sequence[Part]
    next_cursor: str | None


class ReportSummary(Struct, frozen=True):
    """A report that there is."""

    name: str
    title: str
    dimensions: Sequence[str]
    by: Sequence[str]
    figures: Sequence[str]


class ReportList(Struct, frozen=True):
    reports: Sequence[ReportSummary]


class Reports:
    """The handlers, and what they need."""

    def __init__(
        self,
        reading: Reading,
        moments: Moments,
        printing: Printing,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._reading = reading
        self._moments = moments
        self._printing = printing
        self._clock = clock

    async def listed(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return which reports there are."""
        known_parameters(request, frozenset())
        checked(request.path_params)
        found = await self._reading.models.standing(exchange_of(request.scope).organization, ALL["takings"].projection)
        return answer(ALL["takings"].projection, found.at, ReportList([_summary(report) for report in ALL.values()]))

    async def shown(self, request: Request[Any, Any, Any], report: Report) -> Response[bytes]:
        """Return a report; 304 to whoever has one that says the same."""
        asked, currency, found = await self.told(request, report)
        path = f"{request.url.path}/trace"

        def written_out() -> Response[bytes]:
            content = ReportAnswer(
                position=found.position,
                report=report.name,
                title=report.title,
                sale=asked.sale,
                currency=currency,
                by=asked.by,
                rows=[ReportRow(line.key, _figures(path, asked, found, line.key, line.values)) for line in found.lines],
                total=_figures(path, asked, found, {}, found.total),
            )
            return Response(msgspec.json.encode(content), media_type="application/json")

        return unless_known(request, report.projection, found.at, (found.lines, found.total), written_out)

    async def table(self, request: Request[Any, Any, Any], report: Report) -> Response[bytes]:
        """Return a report as a table; 304 to whoever has one that says the same."""
        asked, currency, found = await self.told(request, report)

        def written_out() -> Response[bytes]:
            header = [*map(_title, asked.by), *(_title(figure.name) for figure in asked.figures), "currency"]
            rows = [
                [
                    *(_cell(name, line.key[name], currency) for name in asked.by),
                    *(written(line.values[figure.name], figure.shown, currency) for figure in asked.figures),
                    currency,
                ]
                for line in found.lines
            ]
            headers = {
                "X-Consign-Position": str(found.position),
                "Content-Disposition": f'attachment; filename="{report.name}.csv"',
            }
            return Response(csv_table(header, rows), media_type=CSV, headers=headers)

        return unless_known(request, report.projection, found.at, (found.lines, found.total), written_out)

    async def printed(self, request: Request[Any, Any, Any], report: Report) -> Response[bytes]:
        """Return a report as a PDF."""
        asked, _, found = await self.told(request, report)
        sale = await printed_sale(self._reading, request, asked.sale)
        changed = await changed_at(self._reading.models, exchange_of(request.scope).organization, asked)
        draw = partial(report_paper, printed_report(asked, found, sale, changed, self._clock()), sale.style)
        name = f"{report.name}-{sale.row.number:03}"
        return paper(await self._printing.long(draw), name, replace(found.at, position=found.position))

    async def trace(self, request: Request[Any, Any, Any], report: Report) -> Response[bytes]:
        """Return the events that a figure comes from."""
        dimensions = frozenset(report.dimensions)
        known_parameters(
            request,
            dimensions | {FIGURE.name, POSITION.name, LIMIT.name, CURSOR.name, AFTER_POSITION.name},
        )
        figure: str | None = parameter(request, FIGURE.name, FilterText)
        asked = await self._asked(request, report, ())
        if figure not in {each.name for each in asked.figures}:
            names = ", ".join(each.name for each in asked.figures)
            raise invalid_parameter(FIGURE.name, f"must be one of {names}")
        limit: int | None = parameter(request, LIMIT.name, PartsLimit)
        cursor: str | None = parameter(request, CURSOR.name, Cursor)
        organization = exchange_of(request.scope).organization
        found = await traced(
            self._reading.models, organization, asked, figure, limit=limit or LIMIT_DEFAULT, cursor=cursor
        )
        position = found.at.position if asked.position is None else min(asked.position, found.at.position)
        content = TraceAnswer(position, report.name, figure, found.parts, found.next_cursor)
        said = (found.parts, found.next_cursor)
        return unless_known(
            request,
            report.projection,
            found.at,
            said,
            lambda: Response(msgspec.json.encode(content), media_type="application/json"),
        )

    async def told(self, request: Request[Any, Any, Any], report: Report) -> tuple[Asked, str, Reckoned]:
        """Reckon what is asked for; return it with the sale's currency. Raises Refusal."""
        filters = frozenset(report.dimensions)
        known_parameters(
            request, filters | {"by", HAVING.name, POSITION.name, AT.name, ZONE_OF.name, AFTER_POSITION.name}
        )
        asked = _having(request, await self._asked(request, report, _by(request, report)))
        organization = exchange_of(request.scope).organization
        currency = await currency_of(self._reading.models, organization, asked.sale)
        if currency is None:
            raise missing("unknown_sale", "sale", asked.sale)
        try:
            found = await reckoned(self._reading.models, organization, asked, self._clock())
        except QueryRefused as refused:
            detail = f"A report has at most {ROWS_MAX} rows: tell them by fewer dimensions, or filter."
            raise Refusal("limit_exceeded", detail) from refused
        return asked, currency, found

    async def _asked(self, request: Request[Any, Any, Any], report: Report, by: tuple[str, ...]) -> Asked:
        sale = checked(request.path_params)["sale"]
        organization = exchange_of(request.scope).organization
        await self._reading.caught_up(request, report.projection)
        where = {
            name: parameter(request, name, Number if name in NUMBERS else Text)
            for name in report.dimensions
            if name in request.query_params
        }
        until = await self._moments.until(request, organization)
        position = None if until is None else until.position
        if until is not None and until.at is not None:
            then = await position_at(self._reading.models, organization, sale, report, until.at)
            position = then if position is None else min(position, then)
        return Asked(report, sale, by, where, position)


def written(value: int, shown: Shown, currency: str) -> str:
    """Return a figure as tables hold it: a decimal point whatever the locale, no grouping."""
    match shown:
        case "count":
            return str(value)
        case "amount":
            return decimal(value, currency)
        case "rate":
            return percent(value)


def _by(request: Request[Any, Any, Any], report: Report) -> tuple[str, ...]:
    given: str | None = parameter(request, "by", Names)
    if given is None:
        return report.by
    names = tuple(dict.fromkeys(given.split(","))) if given else ()
    for name in names:
        if name not in report.dimensions:
            raise invalid_parameter("by", f"may name {', '.join(report.dimensions)}")
    return names


def _having(request: Request[Any, Any, Any], asked: Asked) -> Asked:
    given: str | None = parameter(request, HAVING.name, FilterText)
    names = [figure.name for figure in asked.figures]
    if given is not None and given not in names:
        raise invalid_parameter(HAVING.name, f"must be one of {', '.join(names)}")
    return replace(asked, having=given)


def _figures(
    path: str, asked: Asked, found: Reckoned, key: Mapping[str, Any], values: Mapping[str, int]
) -> Mapping[str, Figure]:
    """Return the figures with their traces, which say the position so that they stay true."""
    row = {**asked.where, **key, "position": found.position}
    return {name: Figure(value, f"{path}?{urlencode({'figure': name, **row})}") for name, value in values.items()}


def _title(name: str) -> str:
    return name.replace("_minor", "_amount").replace("_ppm", "_percent")


def _cell(name: str, value: Any, currency: str) -> str:
    match name:
        case "band_minor":
            return decimal(value, currency)
        case "rate_ppm":
            return percent(value)
        case _:
            return harmless(str(value))


def _summary(report: Report) -> ReportSummary:
    figures = [*(measure.name for measure in report.measures), *(each.name for each in report.derived)]
    return ReportSummary(report.name, report.title, report.dimensions, report.by, figures)
