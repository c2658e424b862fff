"""Label paper: sheets by their makers' numbers, rolls by size, plain paper with cut marks, and sizes of one's own.

Sizes and pitches are those that the makers publish for their templates; they all centre the grid on the page. Several
makers sell the same grid under other numbers: what counts is size and count.
"""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from consign.papers.surface import Box

INCH_MM = 25.4
A4_MM = (210.0, 297.0)
LETTER_MM = (8.5 * INCH_MM, 11 * INCH_MM)

LABEL_MM_MIN = (35.0, 19.0)
"""A label narrower than this has no room for the code's bars and their quiet zones."""
PAGE_MM_MAX = (330.0, 480.0)
LABELS_A_PAGE_MAX = 100


class SheetInvalid(Exception):
    """The paper cannot be: the message says why, for people."""


class Sheet(Struct, frozen=True):
    """A page of equal labels in a grid. `gap_mm` is the white between two labels; a roll's page is one label."""

    name: str
    title: str
    page_mm: tuple[float, float]
    columns: int
    rows: int
    label_mm: tuple[float, float]
    gap_mm: tuple[float, float] = (0.0, 0.0)
    cut_marks: bool = False

    @property
    def places(self) -> int:
        """How many labels a page holds."""
        return self.columns * self.rows

    @property
    def margin_mm(self) -> tuple[float, float]:
        """Where the first label begins: the grid is centred on the page."""
        wide, high = self.grid_mm
        return (self.page_mm[0] - wide) / 2, (self.page_mm[1] - high) / 2

    @property
    def grid_mm(self) -> tuple[float, float]:
        """How large all labels are together, with the gaps between them."""
        return (
            self.columns * (self.label_mm[0] + self.gap_mm[0]) - self.gap_mm[0],
            self.rows * (self.label_mm[1] + self.gap_mm[1]) - self.gap_mm[1],
        )

    def boxes(self) -> Iterator[Box]:
        """Yield the labels of a page, row by row."""
        left, top = self.margin_mm
        for row in range(self.rows):
            for column in range(self.columns):
                yield (
                    left + column * (self.label_mm[0] + self.gap_mm[0]),
                    top + row * (self.label_mm[1] + self.gap_mm[1]),
                    *self.label_mm,
                )


def _a4(name: str, grid: tuple[int, int], label: tuple[float, float], gap: float = 0, *, what: str) -> Sheet:
    columns, rows = grid
    title = f"{what}, A4, {columns} × {rows}, {label[0]:g} × {label[1]:g} mm"
    return Sheet(name, title, A4_MM, columns, rows, label, (gap, 0))


def _letter(name: str, grid: tuple[int, int], label: tuple[float, float], gap: float = 0, *, what: str) -> Sheet:
    columns, rows = grid
    title = f"{what}, Letter, {columns} × {rows}, {label[0]:g} × {label[1]:g} in"
    inches = (label[0] * INCH_MM, label[1] * INCH_MM)
    return Sheet(name, title, LETTER_MM, columns, rows, inches, (gap * INCH_MM, 0))


def _roll(name: str, label: tuple[float, float], what: str) -> Sheet:
    return Sheet(name, f"{what}, {label[0]:g} × {label[1]:g} mm", label, 1, 1, label)


def _plain(name: str, page: tuple[float, float], grid: tuple[int, int], label: tuple[float, float]) -> Sheet:
    columns, rows = grid
    title = f"Plain paper to cut, {columns} × {rows}, {label[0]:g} × {label[1]:g} mm"
    return Sheet(name, title, page, columns, rows, label, cut_marks=True)


SHEETS: Mapping[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        _a4("3474", (3, 8), (70, 37), what="Avery Zweckform 3474"),
        _a4("3475", (3, 8), (70, 36), what="Avery Zweckform 3475"),
        _a4("3657", (4, 10), (48.5, 25.4), what="Avery Zweckform 3657"),
        _a4("L4736", (4, 12), (45.7, 21.2), 2.54, what="Avery Zweckform L4736"),
        _a4("L4770", (4, 10), (45.7, 25.4), 2.54, what="Avery Zweckform L4770"),
        _a4("L7159", (3, 8), (63.5, 33.9), 2.54, what="Avery L7159"),
        _a4("L7160", (3, 7), (63.5, 38.1), 2.54, what="Avery L7160"),
        _a4("L7163", (2, 7), (99.1, 38.1), 2.5, what="Avery L7163"),
        _a4("L7651", (5, 13), (38.1, 21.2), 2.54, what="Avery L7651"),
        _letter("5160", (3, 10), (2.625, 1), 0.125, what="Avery 5160"),
        _letter("5161", (2, 10), (4, 1), 0.1875, what="Avery 5161"),
        _letter("5163", (2, 5), (4, 2), 0.1875, what="Avery 5163"),
        _letter("5371", (2, 5), (3.5, 2), what="Avery 5371, card"),
        _plain("a4", A4_MM, (3, 8), (63, 34)),
        _plain("letter", LETTER_MM, (3, 7), (64, 36)),
        _roll("57x32", (57, 32), "Roll"),
        _roll("54x25", (54, 25), "Roll"),
        _roll("62x29", (62, 29), "Roll"),
        _roll("62x100", (62, 100), "Roll"),
        _roll("89x36", (89, 36), "Roll"),
        _roll("4x6in", (4 * INCH_MM, 6 * INCH_MM), "Roll"),
    )
}
SHEET_DEFAULT = "L7160"

_SIZE = r"(\d{1,3}(?:\.\d{1,2})?)x(\d{1,3}(?:\.\d{1,2})?)"
_OWN_ROLL = re.compile(rf"{_SIZE}mm")
_OWN_SHEET = re.compile(rf"{_SIZE}mm:(\d{{1,2}})x(\d{{1,2}}):{_SIZE}mm(?::{_SIZE}mm)?")
OWN_SHEET_FORM = r"own sizes as `57x32mm` (a roll), or as `210x297mm:3x7:63.5x38.1mm:2.5x0mm` (page:grid:label:gap)"


def sheet_of(text: str) -> Sheet:
    """Return a sheet by name, or one of the caller's own size; raises SheetInvalid."""
    known = SHEETS.get(text)
    if known is not None:
        return known
    if found := _OWN_ROLL.fullmatch(text):
        size = (float(found[1]), float(found[2]))
        return _checked(Sheet(text, text, size, 1, 1, size))
    if found := _OWN_SHEET.fullmatch(text):
        page, label = (float(found[1]), float(found[2])), (float(found[5]), float(found[6]))
        gap = (float(found[7] or 0), float(found[8] or 0))
        return _checked(Sheet(text, text, page, int(found[3]), int(found[4]), label, gap))
    raise SheetInvalid(f"there is no sheet {text[:60]!r}; sheets are {', '.join(SHEETS)}, and {OWN_SHEET_FORM}")


def _checked(sheet: Sheet) -> Sheet:
    if sheet.label_mm[0] < LABEL_MM_MIN[0] or sheet.label_mm[1] < LABEL_MM_MIN[1]:
        raise SheetInvalid(f"a label must be {LABEL_MM_MIN[0]:g} × {LABEL_MM_MIN[1]:g} mm at least")
    if sheet.page_mm[0] > PAGE_MM_MAX[0] or sheet.page_mm[1] > PAGE_MM_MAX[1]:
        raise SheetInvalid(f"a page may be {PAGE_MM_MAX[0]:g} × {PAGE_MM_MAX[1]:g} mm at most")
    if not 1 <= sheet.places <= LABELS_A_PAGE_MAX:
        raise SheetInvalid(f"a page holds 1 to {LABELS_A_PAGE_MAX} labels")
    wide, high = sheet.grid_mm
    if wide > sheet.page_mm[0] or high > sheet.page_mm[1]:
        raise SheetInvalid(f"{wide:g} × {high:g} mm of labels do not fit on the page")
    return sheet
