"""What tills print: one narrow column of lines, on a roll as long as it needs to be, or centred on A4 pages."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from msgspec import Struct

from consign.papers.barcodes import DOT_MM, QR_QUIET_MODULES, qr, qr_boxes
from consign.papers.fonts import ELLIPSIS, Face, fitted, wrapped
from consign.papers.sheets import A4_MM
from consign.papers.surface import MM_PT, Ink, Surface

LINES_MAX = 4
_LINE_HEIGHT = 1.25
_GAP_MM = 1.5


class Paper(StrEnum):
    """What a slip is printed on: the widths of receipt printers' rolls, or a page."""

    ROLL_58 = "58mm"
    ROLL_80 = "80mm"
    A4 = "a4"


class Heading(Struct, frozen=True):
    """A centred line, large."""

    text: str


class Note(Struct, frozen=True):
    """Small text, broken into lines."""

    text: str
    centred: bool = True


class Pair(Struct, frozen=True):
    """What at the left, how much at the right. `detail` stands small below it."""

    left: str
    right: str = ""
    bold: bool = False
    detail: str = ""
    small: bool = False


class Section(Struct, frozen=True):
    """The title of what follows."""

    text: str


class Rule(Struct, frozen=True):
    """A line across."""


class Gap(Struct, frozen=True):
    """Some white."""


class Square(Struct, frozen=True):
    """A QR code."""

    text: str


class Stamp(Struct, frozen=True):
    """A word that nobody may miss, in a frame."""

    text: str


type Element = Heading | Note | Pair | Section | Rule | Gap | Square | Stamp


class _Measure(Struct, frozen=True):
    """`body_pt` is the size of the text; the column begins at `left_mm`."""

    page_mm: tuple[float, float | None]
    left_mm: float
    wide_mm: float
    edge_mm: float
    body_pt: float


# A receipt printer prints 48 mm of a 58 mm roll and 72 mm of an 80 mm one.
_MEASURES = {
    Paper.ROLL_58: _Measure((58, None), 5, 48, 4, 8.5),
    Paper.ROLL_80: _Measure((80, None), 4, 72, 4, 10),
    Paper.A4: _Measure(A4_MM, 35, 140, 25, 10.5),
}


class _Piece(Struct, frozen=True):
    """One element broken into lines: how high it is, and how to draw it with its top at some height."""

    high_mm: float
    draw: Callable[[Surface, float], None]


def slip(title: str, elements: Sequence[Element], paper: Paper) -> bytes:
    """Return the PDF; on a roll one page as long as what stands on it."""
    measure = _MEASURES[paper]
    pieces = [_piece(element, measure) for element in elements]
    wide, page_high = measure.page_mm
    high = page_high or sum(piece.high_mm for piece in pieces) + 2 * measure.edge_mm
    surface = Surface(title, wide, high)
    y = measure.edge_mm
    for piece in pieces:
        if page_high is not None and y + piece.high_mm > high - measure.edge_mm:
            surface.next_page()
            y = measure.edge_mm
        piece.draw(surface, y)
        y += piece.high_mm
    return surface.finished()


def _piece(element: Element, measure: _Measure) -> _Piece:
    match element:
        case Heading(text):
            return _centred(text, measure, measure.body_pt * 1.35, Face.BOLD)
        case Note(text, centred):
            if centred:
                return _centred(text, measure, measure.body_pt * 0.85, Face.REGULAR)
            return _pair(Pair(text, small=True), measure)
        case Pair():
            return _pair(element, measure)
        case Section(text):
            return _section(text, measure)
        case Rule():
            return _Piece(2 * _GAP_MM, lambda surface, top: _rule(surface, measure, top + _GAP_MM))
        case Gap():
            return _Piece(2 * _GAP_MM, lambda _surface, _top: None)
        case Square(text):
            return _square(text, measure)
        case Stamp(text):
            return _stamp(text, measure)


def _centred(text: str, measure: _Measure, size_pt: float, face: Face) -> _Piece:
    """Centre the text in one line if it can be made small enough for that, otherwise in several."""
    whole, smaller_pt = fitted(text, face, size_pt, measure.wide_mm * MM_PT, size_pt * 0.75)
    if not whole.endswith(ELLIPSIS):
        size_pt = smaller_pt
    lines = wrapped(text, face, size_pt, measure.wide_mm * MM_PT, LINES_MAX)
    step = size_pt * _LINE_HEIGHT / MM_PT

    def draw(surface: Surface, top: float) -> None:
        for index, line in enumerate(lines):
            middle = measure.left_mm + measure.wide_mm / 2
            surface.text(middle, top + (index + 0.78) * step, line, size_pt, face, align="center")

    return _Piece(len(lines) * step, draw)


def _pair(pair: Pair, measure: _Measure) -> _Piece:
    """Write the figure beside the first line of the text, so that a long text goes on below at full width."""
    face = Face.BOLD if pair.bold else Face.REGULAR
    size_pt = measure.body_pt * (0.85 if pair.small else 1.12 if pair.bold else 1)
    small_pt = measure.body_pt * 0.85
    step, small_step = (size * _LINE_HEIGHT / MM_PT for size in (size_pt, small_pt))
    right_wide = size_pt * 0.56 * len(pair.right) + (6 if pair.right else 0)
    left_wide = measure.wide_mm * MM_PT - right_wide
    lines = wrapped(pair.left, face, size_pt, max(left_wide, measure.wide_mm * MM_PT * 0.4), LINES_MAX)
    details = wrapped(pair.detail, Face.REGULAR, small_pt, measure.wide_mm * MM_PT - right_wide, LINES_MAX)

    def draw(surface: Surface, top: float) -> None:
        for index, line in enumerate(lines):
            surface.text(measure.left_mm, top + (index + 0.78) * step, line, size_pt, face)
        if pair.right:
            surface.figures(measure.left_mm + measure.wide_mm, top + 0.78 * step, pair.right, size_pt, face)
        below = top + max(1, len(lines)) * step
        for index, line in enumerate(details):
            surface.text(measure.left_mm, below + (index + 0.7) * small_step, line, small_pt)

    return _Piece(max(1, len(lines)) * step + len(details) * small_step, draw)


def _section(text: str, measure: _Measure) -> _Piece:
    size_pt = measure.body_pt
    step = size_pt * _LINE_HEIGHT / MM_PT

    def draw(surface: Surface, top: float) -> None:
        surface.text(measure.left_mm, top + _GAP_MM + 0.78 * step, text, size_pt, Face.BOLD)
        _rule(surface, measure, top + _GAP_MM + 1.1 * step)

    return _Piece(2 * _GAP_MM + 1.1 * step, draw)


def _rule(surface: Surface, measure: _Measure, y: float) -> None:
    surface.line((measure.left_mm, y), (measure.left_mm + measure.wide_mm, y), line_pt=0.6)


def _square(text: str, measure: _Measure) -> _Piece:
    module = DOT_MM * (4 if measure.wide_mm > 60 else 3)  # noqa: PLR2004 - millimetres: what a phone reads at arm's length
    inner = len(qr(text)) * module
    quiet = QR_QUIET_MODULES * module

    def draw(surface: Surface, top: float) -> None:
        left = measure.left_mm + (measure.wide_mm - inner) / 2
        surface.bars(qr_boxes(text, left, top + quiet, module))

    return _Piece(inner + 2 * quiet, draw)


def _stamp(text: str, measure: _Measure) -> _Piece:
    size_pt = measure.body_pt * 1.6
    high = size_pt * 1.5 / MM_PT

    def draw(surface: Surface, top: float) -> None:
        left, wide = measure.left_mm, measure.wide_mm
        surface.box((left, top + _GAP_MM, wide, high), line=Ink.BLACK, line_pt=1.2, radius_mm=1)
        surface.text(left + wide / 2, top + _GAP_MM + high * 0.72, text, size_pt, Face.BOLD, align="center")

    return _Piece(high + 2 * _GAP_MM, draw)
