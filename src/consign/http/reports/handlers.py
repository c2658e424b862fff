"""Reports over HTTP: as JSON with a trace behind each figure, as CSV, and the traces themselves."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.actors.queries import PAGE_ROWS_MAX, QueryRefused
from consign.http.bodies import CSV
from consign.http.csv_tables import csv_table, decimal, harmless, percent
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.moments import AT, POSITION, ZONE_OF, Moments
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
)
from consign.http.reports.reckoning import (
    ROWS_MAX,
    Asked,
    Part,
    Reckoned,
    currency_of,
    position_at,
    reckoned,
    traced,
)
from consign.http.resources import LIMIT_DEFAULT, Cursor, FilterText
from consign.projections.reports.definitions import ALL, NUMBERS, Report, Shown

Names = Annotated[str, Meta(max_length=200, pattern=r"^([a-z_]+(,[a-z_]+)*)?$")]
Number = Annotated[int, Meta(ge=0, le=10**12)]
Text = Annotated[str, Meta(max_length=200)]
PartsLimit = Annotated[int, Meta(ge=1, le=PAGE_ROWS_MAX)]

_FIGURE = Parameter("figure", FilterText, "The figure's name.", required=True)
_LIMIT = Parameter("limit", PartsLimit, f"Facts a page, {LIMIT_DEFAULT} unless told.", example=50)
_CURSOR = Parameter("cursor", Cursor, "`next_cursor` of the page before, with the same filters.")


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

    def __init__(self, reading: Reading, moments: Moments, clock: Callable[[], datetime]) -> None:
        self._reading = reading
        self._moments = moments
        self._clock = clock

    async def listed(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return which reports there are."""
        known_parameters(request, frozenset())
        checked(request.path_params)
        found = await self._reading.models.standing(exchange_of(request.scope).organization, ALL["takings"].projection)
        return answer(ALL["takings"].projection, found.at, ReportList([_summary(report) for report in ALL.values()]))

    async def shown(self, request: Request[Any, Any, Any], report: Report) -> Response[bytes]:
        """Return a report."""
        asked, currency, found = await self.told(request, report)
        path = f"{request.url.path}/trace"
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
        return answer(report.projection, found.at, content)

    async def table(self, request: Request[Any, Any, Any], report: Report) -> Response[bytes]:
        """Return a report as a table."""
        asked, currency, found = await self.told(request, report)
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

    async def trace(self, request: Request[Any, Any, Any], report: Report) -> Response[bytes]:
        """Return the events that a figure comes from."""
        dimensions = frozenset(report.dimensions)
        known_parameters(
            request,
            dimensions | {_FIGURE.name, POSITION.name, _LIMIT.name, _CURSOR.name, AFTER_POSITION.name},
        )
        figure: str | None = parameter(request, _FIGURE.name, FilterText)
        asked = await self._asked(request, report, ())
        if figure not in {each.name for each in asked.figures}:
            names = ", ".join(each.name for each in asked.figures)
            raise invalid_parameter(_FIGURE.name, f"must be one of {names}")
        limit: int | None = parameter(request, _LIMIT.name, PartsLimit)
        cursor: str | None = parameter(request, _CURSOR.name, Cursor)
        organization = exchange_of(request.scope).organization
        found = await traced(
            self._reading.models, organization, asked, figure, limit=limit or LIMIT_DEFAULT, cursor=cursor
        )
        position = found.at.position if asked.position is None else min(asked.position, found.at.position)
        content = TraceAnswer(position, report.name, figure, found.parts, found.next_cursor)
        return answer(report.projection, found.at, content)

    async def told(self, request: Request[Any, Any, Any], report: Report) -> tuple[Asked, str, Reckoned]:
        """Reckon what is asked for; return it with the sale's currency. Raises Refusal."""
        filters = frozenset(report.dimensions)
        known_parameters(request, filters | {"by", POSITION.name, AT.name, ZONE_OF.name, AFTER_POSITION.name})
        asked = await self._asked(request, report, _by(request, report))
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
        await self._reading.begin(request, report.projection)
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


def report_handlers(
    reading: Reading, moments: Moments, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> list[HTTPRouteHandler]:
    """Make the handlers of every report."""
    reports = Reports(reading, moments, clock)
    listed = Endpoint("list-reports", "The reports that there are of a sale.", "reports", ReportList)
    return [
        get(f"{ORGANIZATION_PATH}/sales/{{sale:str}}/reports", name=listed.rule, opt=listed.opt())(reports.listed),
        *(handler for report in ALL.values() for handler in _handlers(reports, report)),
    ]


def _handlers(reports: Reports, report: Report) -> Sequence[HTTPRouteHandler]:
    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}/reports/{report.name}"
    filters = tuple(
        Parameter(name, Number if name in NUMBERS else Text, f"Only this {name}.") for name in report.dimensions
    )
    by = Parameter("by", Names, f"Tell rows by some of {', '.join(report.dimensions)}.", example=",".join(report.by))
    when = (by, *filters, POSITION, AT, ZONE_OF, AFTER_POSITION)
    shown = Endpoint(f"report-{report.name}", report.title, "reports", ReportAnswer, parameters=when, reads=True)
    table = Endpoint(
        f"report-{report.name}-csv",
        f"{report.title} As a CSV.",
        "reports",
        str,
        parameters=when,
        answer_type=CSV,
        reads=True,
    )
    trace = Endpoint(
        f"report-{report.name}-trace",
        f"Which events a figure of the report {report.name} comes from.",
        "reports",
        TraceAnswer,
        parameters=(_FIGURE, *filters, POSITION, _LIMIT, _CURSOR, AFTER_POSITION),
        reads=True,
    )

    async def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await reports.shown(request, report)

    async def tabulate(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await reports.table(request, report)

    async def follow(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await reports.trace(request, report)

    return [
        get(path, name=shown.rule, opt=shown.opt())(show),
        get(f"{path}.csv", name=table.rule, opt=table.opt())(tabulate),
        get(f"{path}/trace", name=trace.rule, opt=trace.opt())(follow),
    ]


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
