"""Reports as they are printed: the words of the place, its amounts, days and hours."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from consign.domain.tag import is_tag, shown
from consign.domain.values import TagCode
from consign.http.papers.sales import PrintedSale
from consign.http.reports.reckoning import Asked, Reckoned
from consign.papers.amounts import Style
from consign.papers.reports import PrintedReport, ReportColumn
from consign.projections.reports.definitions import Shown


def printed_report(
    asked: Asked, found: Reckoned, sale: PrintedSale, changed_at: datetime | None, now: datetime
) -> PrintedReport:
    """Lay a report out; `changed_at` is when the last event was written that it counts."""
    words = sale.style.words
    figures = asked.figures
    names = [*asked.by, *(figure.name for figure in figures)]
    rows = [
        [
            *(_cell(name, line.key[name], sale) for name in asked.by),
            *(_written(line.values[figure.name], figure.shown, sale.style) for figure in figures),
        ]
        for line in found.lines
    ]
    total = [
        _written(found.total[figure.name], figure.shown, sale.style) if figure.name in found.total else ""
        for figure in figures
    ]
    return PrintedReport(
        title=words.report.titles[asked.report.name],
        letterhead=sale.letterhead,
        notes=_notes(asked, found, sale, changed_at),
        columns=[ReportColumn(words.report.columns[name], name not in asked.by) for name in names],
        rows=rows,
        totals=[words.total, *[""] * (len(asked.by) - 1), *total] if asked.by else (),
        as_of=now,
    )


def _notes(asked: Asked, found: Reckoned, sale: PrintedSale, changed_at: datetime | None) -> Sequence[str]:
    words, style = sale.style.words.report, sale.style
    if changed_at is None:
        as_of = words.as_of_none.format(position=found.position)
    else:
        as_of = words.as_of.format(position=found.position, moment=style.moment(changed_at))
    filters = [
        words.only.format(name=words.columns[name], value=_cell(name, value, sale))
        for name, value in asked.where.items()
    ]
    having = [] if asked.having is None else [words.having.format(name=words.columns[asked.having])]
    return [sale.row.name, as_of, *filters, *having]


def _cell(name: str, value: Any, sale: PrintedSale) -> str:
    style = sale.style
    match name:
        case "band_minor":
            return style.figure(value)
        case "rate_ppm":
            return style.rate(value)
        case "category":
            return sale.category(value)
        case "tag":
            return shown(TagCode(value)) if is_tag(value) else str(value)
        case "day":
            return _moment(value, lambda day: day.strftime(style.notation.day))
        case "hour" | "due":
            return _moment(value, style.moment)
        case "tender" | "status" | "bearer" | "wish":
            return _said(style.words.report.values, value)
        case _:
            return str(value)


def _moment(text: str, written: Callable[[datetime], str]) -> str:
    """Write a day or an hour; a filter may hold any text, which stays as it is."""
    try:
        return written(datetime.fromisoformat(text))
    except ValueError:
        return text


def _said(words: Mapping[str, str], value: str) -> str:
    return words.get(value, value.replace("_", " "))


def _written(value: int, shown_as: Shown, style: Style) -> str:
    match shown_as:
        case "count":
            return style.count(value)
        case "amount":
            return style.figure(value)
        case "rate":
            return style.rate(value)
