"""Reckoning a report from its facts, and finding the facts that one figure comes from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from consign.actors.queries import ReadAt, ReadModels, Selection, Sort, Sum, Summing
from consign.projections.reports.definitions import Derived, Measure, Report
from consign.projections.reports.projection import REPORTS

ROWS_MAX = 5_000


class Asked(Struct, frozen=True):
    """What somebody wants to know: rows told `by` dimensions, over facts equal to `where`, up to a position.

    `having`: only rows in which this figure is not zero. Their total says that figure only, as it alone is that of all.
    """

    report: Report
    sale: str
    by: tuple[str, ...]
    where: Mapping[str, Any] = {}
    position: int | None = None
    having: str | None = None

    @property
    def figures(self) -> tuple[Measure | Derived, ...]:
        """What can be said of each row."""
        told_apart = (*self.by, *self.where)
        return (*self.report.measured(told_apart), *self.report.derivable(told_apart))


class Line(Struct, frozen=True):
    """A row of a report."""

    key: Mapping[str, Any]
    values: Mapping[str, int]


class Reckoned(Struct, frozen=True):
    """The report as of `position`; `at` says up to where the read model knew."""

    lines: Sequence[Line]
    total: Mapping[str, int]
    position: int
    at: ReadAt


class Part(Struct, frozen=True):
    """An event that a figure comes from, and by how much it changed each measure that the figure is made of."""

    position: int
    event_id: str
    event: str
    recorded_at: datetime
    changes: Mapping[str, int]


class Traced(Struct, frozen=True):
    """A page of the events that a figure comes from, in the order of the log."""

    parts: Sequence[Part]
    next_cursor: str | None
    at: ReadAt


async def reckoned(models: ReadModels, organization: str, asked: Asked, now: datetime) -> Reckoned:
    """Reckon a report; raises QueryRefused above ROWS_MAX rows."""
    report = asked.report
    measures = [figure for figure in asked.figures if isinstance(figure, Measure)]
    derived = [figure for figure in asked.figures if isinstance(figure, Derived)]
    summing = Summing(
        asked.by,
        [Sum(measure.column, measure.where) for measure in measures],
        {"sale": asked.sale, **_any_of(measures), **asked.where},
        _up_to(asked.position),
        ROWS_MAX,
    )
    found = await models.summed(organization, report.projection, report.table, summing)
    names = [measure.name for measure in measures]
    lines: list[Line] = []
    for group in found.groups:
        key = dict(zip(asked.by, group.key, strict=True))
        values = dict(zip(names, group.sums, strict=True))
        said = {**asked.where, **key}
        line = Line(key, {**values, **{each.name: each.value(said, values, now) for each in derived}})
        if asked.having is None or line.values[asked.having]:
            lines.append(line)
    position = found.at.position if asked.position is None else min(asked.position, found.at.position)
    total = _total(lines, names, derived, now)
    if asked.having is not None:
        total = {asked.having: total[asked.having]}
    return Reckoned(lines, total, position, found.at)


async def traced(
    models: ReadModels, organization: str, asked: Asked, figure: str, *, limit: int, cursor: str | None
) -> Traced:
    """Return a page of what a figure comes from; `asked.where` is the figure's row. Raises QueryRefused."""
    report = asked.report
    measures = report.components(figure)
    selection = Selection(
        {"sale": asked.sale, **_any_of(measures), **asked.where},
        up_to=_up_to(asked.position),
        sort=(Sort("position"),),
        limit=limit,
        cursor=cursor,
    )
    page = await models.select(organization, report.projection, report.table, selection)
    parts = [
        Part(row.position, row.event_id, row.event, row.recorded_at, changes)
        for row in page.rows
        if any((changes := _changes(row, measures)).values())
    ]
    return Traced(parts, page.next_cursor, page.at)


async def position_at(models: ReadModels, organization: str, sale: str, report: Report, moment: datetime) -> int:
    """Return the last position that a report of the sale counts which was written by then; 0: none."""
    latest = Selection(
        {"sale": sale}, up_to={"recorded_at": moment}, sort=(Sort("position", descending=True),), limit=1
    )
    page = await models.select(organization, report.projection, report.table, latest)
    return page.rows[0].commit_position if page.rows else 0


async def changed_at(models: ReadModels, organization: str, asked: Asked) -> datetime | None:
    """Return when the last event was written that reports of the sale count up to there; None: there is none."""
    latest = Selection(
        {"sale": asked.sale}, up_to=_up_to(asked.position), sort=(Sort("position", descending=True),), limit=1
    )
    page = await models.select(organization, asked.report.projection, asked.report.table, latest)
    return page.rows[0].recorded_at if page.rows else None


async def currency_of(models: ReadModels, organization: str, sale: str) -> str | None:
    """Return the sale's currency; None where there is no such sale."""
    found = await models.get(organization, REPORTS, "sales", (sale,))
    return None if found.row is None else str(found.row.currency)


def _up_to(position: int | None) -> Mapping[str, Any]:
    return {} if position is None else {"commit_position": position}


def _any_of(measures: Sequence[Measure]) -> Mapping[str, Any]:
    """Return what facts must be to count for any of the measures, as far as one condition a field can say it."""
    fields = set(measures[0].where).intersection(*(measure.where for measure in measures[1:]))
    return {
        field: tuple(dict.fromkeys(value for measure in measures for value in _values(measure.where[field])))
        for field in sorted(fields)
    }


def _values(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _changes(row: Any, measures: Sequence[Measure]) -> Mapping[str, int]:
    return {
        measure.name: getattr(row, measure.column)
        for measure in measures
        if all(getattr(row, field) in _values(value) for field, value in measure.where.items())
    }


def _total(lines: Sequence[Line], names: Sequence[str], derived: Sequence[Derived], now: datetime) -> Mapping[str, int]:
    values = {name: sum(line.values[name] for line in lines) for name in names}
    whole = {
        each.name: sum(line.values[each.name] for line in lines) if each.adds_up else each.value({}, values, now)
        for each in derived
    }
    return {**values, **whole}
