"""Where reports are: four endpoints each, told to the document of the API."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from consign.http.bodies import CSV
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.moments import AT, POSITION, ZONE_OF, Moments
from consign.http.papers.printing import PDF, Printing
from consign.http.reading import AFTER_POSITION, Reading
from consign.http.reports.handlers import (
    CURSOR,
    FIGURE,
    HAVING,
    LIMIT,
    Names,
    Number,
    ReportAnswer,
    ReportList,
    Reports,
    Text,
    TraceAnswer,
)
from consign.projections.reports.definitions import ALL, NUMBERS, Report


def report_handlers(reading: Reading, moments: Moments, printing: Printing) -> list[HTTPRouteHandler]:
    """Make the handlers of every report."""
    reports = Reports(reading, moments, printing)
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
    when = (by, *filters, HAVING, POSITION, AT, ZONE_OF, AFTER_POSITION)
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
    paper = Endpoint(
        f"report-{report.name}-pdf",
        f"{report.title} As a PDF.",
        "reports",
        parameters=when,
        answer_type=PDF,
    )
    trace = Endpoint(
        f"report-{report.name}-trace",
        f"Which events a figure of the report {report.name} comes from.",
        "reports",
        TraceAnswer,
        parameters=(FIGURE, *filters, POSITION, LIMIT, CURSOR, AFTER_POSITION),
        reads=True,
    )

    async def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await reports.shown(request, report)

    async def tabulate(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await reports.table(request, report)

    async def draw(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await reports.printed(request, report)

    async def follow(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await reports.trace(request, report)

    return [
        get(path, name=shown.rule, opt=shown.opt())(show),
        get(f"{path}.csv", name=table.rule, opt=table.opt())(tabulate),
        get(f"{path}.pdf", name=paper.rule, opt=paper.opt())(draw),
        get(f"{path}/trace", name=trace.rule, opt=trace.opt())(follow),
    ]
