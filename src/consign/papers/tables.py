"""Tables over pages of A4: headers on every page, groups that keep together with their first rows, carried totals."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from consign.papers.amounts import Style
from consign.papers.fonts import Face, printable, shortened, wrapped
from consign.papers.sheets import A4_MM
from consign.papers.surface import MM_PT, Ink, Surface

LEFT_MM = 20.0
TOP_MM = 18.0
BOTTOM_MM = 18.0
WIDE_MM = A4_MM[0] - 2 * LEFT_MM
BODY_PT = 9.0
SMALL_PT = 7.5
ROW_MM = 5.2
_LINE_MM = 4.0
_TABLE_HEAD_MM = 6.5
_CHECK_MM = 3.2
_KEEP_ROWS = 2
"""How many rows of a group stay together with its heading."""

type Kind = Literal["text", "figure", "check", "line"]
"""Text at the left, a figure at the right, a box to tick, or a line to write on."""


class Column(Struct, frozen=True):
    """`wide_mm` 0: shares what the others leave. `carried`: its amounts are summed up and carried over pages."""

    title: str
    wide_mm: float = 0
    kind: Kind = "text"
    carried: bool = False


class Row(Struct, frozen=True):
    """A cell a column; `amount_minor` is what the carried column adds up."""

    cells: Sequence[str]
    amount_minor: int = 0


class Document:
    """Pages under way. Everything is laid out first and drawn when it is known how many pages there are."""

    def __init__(self, title: str, style: Style, *, letterhead: Sequence[str] = (), as_of: datetime) -> None:
        self.style = style
        self._title = title
        self._letterhead = letterhead
        self._as_of = as_of
        self._pages: list[list[Callable[[Surface], None]]] = [[]]
        self._begins: list[int] = [0]
        self._y = TOP_MM

    @property
    def room_mm(self) -> float:
        """How much of the page is left."""
        return A4_MM[1] - BOTTOM_MM - self._y

    def new_page(self) -> None:
        """Go on with the next page."""
        self._pages.append([])
        self._y = TOP_MM

    def new_part(self) -> None:
        """Begin on a new page what is handed out by itself: its pages are counted from 1."""
        if len(self._pages) > 1 or self._pages[-1]:
            self.new_page()
            self._begins.append(len(self._pages) - 1)

    def place(self, high_mm: float, draw: Callable[[Surface, float], None]) -> None:
        """Put something below what there is, on the next page where it does not fit."""
        if high_mm > self.room_mm and self._y > TOP_MM:
            self.new_page()
        top = self._y
        self._pages[-1].append(lambda surface: draw(surface, top))
        self._y += high_mm

    def gap(self, high_mm: float) -> None:
        """Leave some white."""
        self._y += high_mm

    def heading(self, text: str, *, right: str = "", size_pt: float = 16) -> None:
        """Write a title, and something beside it at the right."""

        def draw(surface: Surface, top: float) -> None:
            baseline = top + size_pt * 0.8 / MM_PT
            room_pt = (WIDE_MM - surface.width_mm(right, BODY_PT) - 4) * MM_PT
            line = shortened(printable(text, Face.BOLD), Face.BOLD, size_pt, room_pt)
            surface.text(LEFT_MM, baseline, line, size_pt, Face.BOLD)
            surface.text(LEFT_MM + WIDE_MM, baseline, right, BODY_PT, align="right")

        self.place(size_pt * 1.5 / MM_PT, draw)

    def lines(self, texts: Sequence[str], *, size_pt: float = BODY_PT, face: Face = Face.REGULAR) -> None:
        """Write lines at the left, broken where they are too long."""
        for text in texts:
            for line in wrapped(text, face, size_pt, WIDE_MM * MM_PT, 6):
                self.place(size_pt * 1.35 / MM_PT, _line(line, size_pt, face))

    def letterhead(self) -> None:
        """Write who sends this, at the top right."""
        lines = self._letterhead

        def draw(surface: Surface, top: float) -> None:
            for index, line in enumerate(lines):
                face = Face.BOLD if index == 0 else Face.REGULAR
                size_pt = 11.0 if index == 0 else SMALL_PT + 0.5
                surface.text(LEFT_MM + WIDE_MM, top + 4 + index * _LINE_MM, line, size_pt, face, align="right")

        if lines:
            self.place((len(lines) + 1) * _LINE_MM, draw)

    def pair(self, left: str, right: str, *, bold: bool = False, rule: bool = False, from_mm: float = 95.0) -> None:
        """Write a figure of a summary, in the right half of the page."""
        face = Face.BOLD if bold else Face.REGULAR
        size_pt = BODY_PT * (1.25 if bold else 1.05)

        def draw(surface: Surface, top: float) -> None:
            end = LEFT_MM + WIDE_MM
            if rule:
                surface.line((from_mm, top), (end, top), line_pt=0.7)
            baseline = top + ROW_MM * 0.78
            room_pt = (end - from_mm - surface.width_mm(right, size_pt, face) - 6) * MM_PT
            surface.text(from_mm, baseline, shortened(printable(left, face), face, size_pt, room_pt), size_pt, face)
            surface.figures(end, baseline, right, size_pt, face)

        self.place(ROW_MM * (1.25 if bold else 1.05), draw)

    def table(self, columns: Sequence[Column], rows: Sequence[Row], *, total: bool = False) -> None:
        """Write a table; with `total` its carried column ends in a sum."""
        wides = _wides(columns)
        carried = any(column.carried for column in columns)
        self._keep(_TABLE_HEAD_MM + min(len(rows), _KEEP_ROWS) * ROW_MM)
        self._table_head(columns, wides)
        sum_minor = 0
        for index, row in enumerate(rows):
            need_mm = ROW_MM * (2 if carried and index + 1 < len(rows) else 1)
            if need_mm > self.room_mm:
                if carried:
                    self._sum(columns, wides, self.style.words.carried, sum_minor)
                self.new_page()
                self._table_head(columns, wides)
                if carried:
                    self._sum(columns, wides, self.style.words.brought, sum_minor)
            self._row(columns, wides, row)
            sum_minor += row.amount_minor
        if total:
            self._sum(columns, wides, self.style.words.total, sum_minor, bold=True)

    def finished(self) -> bytes:
        """Draw all pages, each with its number, and return the PDF."""
        surface = Surface(self._title, *A4_MM)
        words = self.style.words
        ends = [*self._begins[1:], len(self._pages)]
        printed = words.printed.format(moment=self.style.moment(self._as_of))
        index = 0
        for begin, end in zip(self._begins, ends, strict=True):
            for page in range(begin, end):
                if index:
                    surface.next_page()
                for draw in self._pages[page]:
                    draw(surface)
                self._foot(surface, printed, words.page.format(page=page - begin + 1, pages=end - begin))
                index += 1
        return surface.finished()

    def _keep(self, high_mm: float) -> None:
        if high_mm > self.room_mm and self._y > TOP_MM:
            self.new_page()

    def _foot(self, surface: Surface, printed: str, page: str) -> None:
        y = A4_MM[1] - BOTTOM_MM + 8
        surface.line((LEFT_MM, y - 4), (LEFT_MM + WIDE_MM, y - 4), line_pt=0.3, ink=Ink.GREY)
        surface.text(LEFT_MM, y, self._title, SMALL_PT, ink=Ink.DARK)
        surface.text(LEFT_MM + WIDE_MM / 2, y, printed, SMALL_PT, align="center", ink=Ink.DARK)
        surface.text(LEFT_MM + WIDE_MM, y, page, SMALL_PT, align="right", ink=Ink.DARK)

    def _table_head(self, columns: Sequence[Column], wides: Sequence[float]) -> None:
        def draw(surface: Surface, top: float) -> None:
            surface.box((LEFT_MM, top, WIDE_MM, _TABLE_HEAD_MM - 0.8), fill=Ink.PALE)
            x = LEFT_MM
            for column, wide in zip(columns, wides, strict=True):
                title = shortened(printable(column.title, Face.MEDIUM), Face.MEDIUM, SMALL_PT + 0.5, wide * MM_PT)
                baseline = top + _TABLE_HEAD_MM * 0.6
                if column.kind == "figure":
                    surface.text(x + wide - 1, baseline, title, SMALL_PT + 0.5, Face.MEDIUM, align="right")
                elif column.kind == "check":
                    surface.text(x + wide / 2, baseline, title, SMALL_PT + 0.5, Face.MEDIUM, align="center")
                else:
                    surface.text(x + 1, baseline, title, SMALL_PT + 0.5, Face.MEDIUM)
                x += wide

        self.place(_TABLE_HEAD_MM, draw)

    def _row(self, columns: Sequence[Column], wides: Sequence[float], row: Row) -> None:
        def draw(surface: Surface, top: float) -> None:
            x = LEFT_MM
            for column, wide, cell in zip(columns, wides, row.cells, strict=True):
                _draw_cell(surface, column.kind, (x, top, wide), cell)
                x += wide
            surface.line((LEFT_MM, top + ROW_MM), (LEFT_MM + WIDE_MM, top + ROW_MM), line_pt=0.25, ink=Ink.LIGHT)

        self.place(ROW_MM, draw)

    def _sum(
        self, columns: Sequence[Column], wides: Sequence[float], title: str, sum_minor: int, *, bold: bool = False
    ) -> None:
        """Write what the carried column comes to so far."""
        face = Face.BOLD if bold else Face.MEDIUM
        figure = self.style.figure(sum_minor)

        def draw(surface: Surface, top: float) -> None:
            x = LEFT_MM
            for column, wide in zip(columns, wides, strict=True):
                if column.carried:
                    title_right = x - 2
                    surface.text(title_right, top + ROW_MM * 0.74, title, BODY_PT, face, align="right")
                    surface.figures(x + wide - 1, top + ROW_MM * 0.74, figure, BODY_PT, face)
                    if bold:
                        surface.line((x, top + 0.2), (x + wide, top + 0.2), line_pt=0.7)
                x += wide

        self.place(ROW_MM, draw)


def _line(text: str, size_pt: float, face: Face) -> Callable[[Surface, float], None]:
    return lambda surface, top: surface.text(LEFT_MM, top + size_pt / MM_PT, text, size_pt, face)


def _draw_cell(surface: Surface, kind: Kind, at: tuple[float, float, float], text: str) -> None:
    x, top, wide = at
    baseline = top + ROW_MM * 0.72
    match kind:
        case "text":
            line = shortened(printable(text), Face.REGULAR, BODY_PT, (wide - 2) * MM_PT)
            surface.text(x + 1, baseline, line, BODY_PT)
        case "figure":
            surface.figures(x + wide - 1, baseline, text, BODY_PT)
        case "check":
            middle = x + (wide - _CHECK_MM) / 2
            surface.box((middle, top + (ROW_MM - _CHECK_MM) / 2, _CHECK_MM, _CHECK_MM), line=Ink.BLACK, line_pt=0.6)
        case "line":
            surface.line((x + 1, baseline + 0.6), (x + wide - 1, baseline + 0.6), line_pt=0.4, ink=Ink.GREY)


def _wides(columns: Sequence[Column]) -> list[float]:
    """Share what the fixed columns leave among the others."""
    fixed = sum(column.wide_mm for column in columns)
    open_columns = sum(1 for column in columns if not column.wide_mm)
    share = (WIDE_MM - fixed) / open_columns if open_columns else 0
    return [column.wide_mm or share for column in columns]
