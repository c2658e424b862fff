"""A report as people print it: as many columns as it has, heads on every page, rows as high as their longest cell."""

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct

from consign.papers.amounts import Style
from consign.papers.fonts import Face, printable, width_pt, wrapped
from consign.papers.surface import MM_PT, Ink, Surface
from consign.papers.tables import LEFT_MM, WIDE_MM, Document

SIZES_PT = (9.0, 8.0, 7.0, 6.0, 5.0)
"""The first of these at which all columns stand beside each other is taken."""

_GAP_MM = 2.0
_LINE_HEIGHT = 1.25
_ROW_GAP_MM = 1.2
_WORD_CHARACTERS = 10
"""A longer word in a cell may be broken where there is no room for it."""
_LINES_MAX = 40
_SLACK_PT = 0.05
"""What is lost to rounding between a width at one point and the same at another size."""


class ReportColumn(Struct, frozen=True):
    """Figures stand at the right and are never broken, texts at the left."""

    title: str
    is_figure: bool = False


class PrintedReport(Struct, frozen=True):
    """`rows` and `totals` hold a text a column; `notes` say what it is of and when. No totals: one row says all."""

    title: str
    letterhead: Sequence[str]
    notes: Sequence[str]
    columns: Sequence[ReportColumn]
    rows: Sequence[Sequence[str]]
    totals: Sequence[str]
    as_of: datetime


class _Grid(Struct, frozen=True):
    """How wide each column is with the gap at its right, and how large all text is."""

    columns: Sequence[ReportColumn]
    wides_mm: Sequence[float]
    size_pt: float


def report_paper(report: PrintedReport, style: Style) -> bytes:
    """Return the report as a PDF."""
    document = Document(report.title, style, letterhead=report.letterhead, as_of=report.as_of)
    document.letterhead()
    document.heading(report.title)
    document.lines(report.notes)
    document.gap(3)
    if not report.rows:
        document.lines([style.words.report.nothing])
        return document.finished()
    grid = _grid(report)
    head = _band(grid, [column.title for column in report.columns], Face.MEDIUM, is_head=True)
    total = _band(grid, report.totals, Face.BOLD, rule_pt=0.7) if report.totals else None
    head.put(document)
    for index, cells in enumerate(report.rows):
        row = _band(grid, cells, Face.REGULAR, rule_pt=0.25 if index else 0)
        is_last = index + 1 == len(report.rows)
        needed_mm = row.high_mm + (total.high_mm if total is not None and is_last else 0)
        if needed_mm > document.room_mm:
            document.new_page()
            head.put(document)
        row.put(document)
    if total is not None:
        total.put(document)
    return document.finished()


class _Band(Struct, frozen=True):
    """A row of cells that stays together."""

    high_mm: float
    draw: Callable[[Surface, float], None]

    def put(self, document: Document) -> None:
        document.place(self.high_mm, self.draw)


def _band(grid: _Grid, cells: Sequence[str], face: Face, *, is_head: bool = False, rule_pt: float = 0) -> _Band:
    """Lay a row out: texts are broken into lines, and the longest of them says how high the row is."""
    broken = [
        [cell]
        if column.is_figure and not is_head
        else wrapped(cell, face, grid.size_pt, (wide_mm - _GAP_MM) * MM_PT + _SLACK_PT, _LINES_MAX)
        for column, cell, wide_mm in zip(grid.columns, cells, grid.wides_mm, strict=True)
    ]
    line_mm = grid.size_pt * _LINE_HEIGHT / MM_PT
    high_mm = max(1, *map(len, broken)) * line_mm + _ROW_GAP_MM

    def draw(surface: Surface, top: float) -> None:
        if is_head:
            surface.box((LEFT_MM, top, WIDE_MM, high_mm), fill=Ink.PALE)
        if rule_pt:
            surface.line((LEFT_MM, top), (LEFT_MM + WIDE_MM, top), line_pt=rule_pt, ink=Ink.GREY)
        x = LEFT_MM + _GAP_MM / 2
        for column, lines, wide_mm in zip(grid.columns, broken, grid.wides_mm, strict=True):
            for number, line in enumerate(lines):
                baseline = top + _ROW_GAP_MM / 2 + (number + 0.8) * line_mm
                if not column.is_figure:
                    surface.text(x, baseline, line, grid.size_pt, face)
                elif is_head:
                    surface.text(x + wide_mm - _GAP_MM, baseline, line, grid.size_pt, face, align="right")
                else:
                    surface.figures(x + wide_mm - _GAP_MM, baseline, line, grid.size_pt, face)
            x += wide_mm

    return _Band(high_mm, draw)


def _grid(report: PrintedReport) -> _Grid:
    """Share the page: figures take what they need, texts share the rest by how long they are."""
    rows = (*report.rows, report.totals) if report.totals else report.rows
    cells = list(zip(*rows, strict=True))
    needs = [_needs_pt(column, texts) for column, texts in zip(report.columns, cells, strict=True)]
    room_mm = WIDE_MM - _GAP_MM * len(needs)
    whole_pt = sum(least for least, _ in needs)
    largest_pt = room_mm * MM_PT / whole_pt
    # Figures are never broken: where even the smallest size is too large, so many columns are drawn smaller still.
    size_pt = next((size_pt for size_pt in SIZES_PT if size_pt <= largest_pt), largest_pt)
    least_mm, most_mm = zip(*((least * size_pt / MM_PT, most * size_pt / MM_PT) for least, most in needs), strict=True)
    wides_mm = _shared(least_mm, most_mm, room_mm)
    return _Grid(report.columns, [wide + _GAP_MM for wide in wides_mm], size_pt)


def _needs_pt(column: ReportColumn, cells: Sequence[str]) -> tuple[float, float]:
    """Return what a column must have and what it can use, in points at a size of one point."""
    title = max((_wide(word, Face.MEDIUM) for word in column.title.split()), default=0.0)
    if column.is_figure:
        # The last cell is the total, which is bold; a wider zero stands for every digit.
        whole = max(_wide(_as_zeros(cell), Face.BOLD) for cell in set(cells))
        return max(title, whole), max(title, whole)
    words = {word[:_WORD_CHARACTERS] for cell in set(cells) for word in cell.split()}
    longest = max((_wide(word, Face.BOLD) for word in words), default=0.0)
    whole = max(_wide(cell, Face.BOLD) for cell in set(cells))
    return max(title, longest), max(title, longest, whole, _wide(column.title, Face.MEDIUM))


def _wide(text: str, face: Face) -> float:
    return width_pt(printable(text, face), face, 1.0)


def _as_zeros(figure: str) -> str:
    return "".join("0" if character.isdigit() else character for character in figure)


def _shared(least: Sequence[float], most: Sequence[float], room: float) -> list[float]:
    """Give each its least, and share the rest by what each could use beyond that; nobody gets more than it can use.

    What is left when all have enough goes to the widest, so that the table is as wide as the page.
    """
    spare = room - sum(least)
    wanted = sum(most) - sum(least)
    part = min(1.0, spare / wanted) if wanted else 0.0
    wides = [low + (high - low) * part for low, high in zip(least, most, strict=True)]
    wides[wides.index(max(wides))] += room - sum(wides)
    return wides
