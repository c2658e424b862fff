"""The X report of an open till and the Z report of a closed one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from consign.papers.amounts import Style
from consign.papers.slip import Element, Gap, Heading, Note, Pair, Paper, Rule, Section, slip


class Figure(Struct, frozen=True):
    """A line of a report: an amount or a count, or both. `part`: it is contained in the line above."""

    name: str
    amount_minor: int | None = None
    count: int | None = None
    part: bool = False


class ReportSection(Struct, frozen=True):
    """Figures that belong together; `total` adds their amounts up, or is what they lead to."""

    title: str
    figures: Sequence[Figure]
    total: Figure | None = None


class SessionReport(Struct, frozen=True):
    """`difference_minor` is there once the drawer was counted: above zero it holds more than expected."""

    kind: Literal["x", "z"]
    organization: str
    sale: str
    till: str
    cashier: str
    opened_at: datetime
    sections: Sequence[ReportSection]
    number: int | None = None
    closed_at: datetime | None = None
    counted_minor: int | None = None
    difference_minor: int | None = None
    difference_reason: str = ""
    as_of: datetime | None = None


def session_paper(report: SessionReport, style: Style, paper: Paper) -> bytes:
    """Return the report as a PDF."""
    words = style.words
    title = words.x_report if report.kind == "x" else words.z_report
    if report.number is not None:
        title = f"{title} {report.number}"
    elements: list[Element] = [
        Heading(report.organization),
        Note(report.sale),
        Gap(),
        Heading(f"{title} · {words.till} {report.till}"),
        Gap(),
        Pair(words.cashier, report.cashier, small=True),
        Pair(words.opened, style.moment(report.opened_at), small=True),
    ]
    if report.closed_at is not None:
        elements.append(Pair(words.closed, style.moment(report.closed_at), small=True))
    for section in report.sections:
        elements.append(Section(section.title))
        elements += [_figure(figure, style, bold=False) for figure in section.figures]
        if section.total is not None:
            elements += [Rule(), _figure(section.total, style, bold=True)]
    elements += _count(report, style)
    if report.as_of is not None:
        elements += [Gap(), Note(words.printed.format(moment=style.moment(report.as_of)))]
    if report.kind == "z":
        elements += [Gap(), Gap(), Gap(), Rule(), Note(words.signature)]
    return slip(f"{title} {report.till}", elements, paper)


def _figure(figure: Figure, style: Style, *, bold: bool) -> Element:
    amount = "" if figure.amount_minor is None else style.figure(figure.amount_minor)
    if figure.count is None:
        return Pair(figure.name, amount, bold=bold, small=figure.part)
    if figure.amount_minor is None:
        return Pair(figure.name, str(figure.count), bold=bold, small=figure.part)
    return Pair(f"{figure.name} ({figure.count})", amount, bold=bold, small=figure.part)


def _count(report: SessionReport, style: Style) -> list[Element]:
    if report.counted_minor is None or report.difference_minor is None:
        return []
    words = style.words
    difference = words.short if report.difference_minor < 0 else words.over
    elements: list[Element] = [
        Pair(words.counted, style.figure(report.counted_minor)),
        Pair(difference, style.amount(report.difference_minor), bold=True),
    ]
    if report.difference_reason:
        elements.append(Note(f"{words.reason}: {report.difference_reason}", centred=False))
    return elements
