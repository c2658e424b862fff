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


class LateSales(Struct, frozen=True):
    """Sales that were not known when the drawer was counted, and what the count is over or short by with them."""

    receipts: int
    total_minor: int
    cash_minor: int
    card_minor: int
    expected_minor: int
    counted_minor: int
    difference_minor: int


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
    supplement: LateSales | None = None
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
    if report.supplement is not None:
        elements += _supplement(report.supplement, style)
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
    elements = _found(report.counted_minor, report.difference_minor, style)
    if report.difference_reason:
        elements.append(Note(f"{style.words.reason}: {report.difference_reason}", centred=False))
    return elements


def _found(counted_minor: int, difference_minor: int, style: Style) -> list[Element]:
    words = style.words
    return [
        Pair(words.counted, style.figure(counted_minor)),
        Pair(words.short if difference_minor < 0 else words.over, style.amount(difference_minor), bold=True),
    ]


def _supplement(late: LateSales, style: Style) -> list[Element]:
    """Write what came after the count beside it: with its own sum, and with what that makes of the count."""
    words = style.words
    return [
        Section(words.z_supplement),
        Note(words.came_late, centred=False),
        Pair(f"{words.receipts} ({late.receipts})", style.figure(late.total_minor)),
        Pair(words.cash, style.figure(late.cash_minor), small=True),
        Pair(words.card, style.figure(late.card_minor), small=True),
        Rule(),
        Pair(words.expected, style.figure(late.expected_minor), bold=True),
        *_found(late.counted_minor, late.difference_minor, style),
    ]
