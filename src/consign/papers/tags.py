"""Sheets of tags, beginning anywhere on a used sheet, and the page by which a printer is calibrated."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from consign.papers.amounts import Style
from consign.papers.fonts import Face
from consign.papers.sheets import Sheet
from consign.papers.surface import Box, Ink, Surface
from consign.papers.tag_label import Label, draw_label, plan_of

LABELS_MAX = 1_000
"""Labels of one document."""

RULER_MM = 100
_MARK_MM = 3.0

type OffsetMm = Annotated[float, Meta(ge=-20, le=20)]
type Scale = Annotated[float, Meta(ge=0.9, le=1.1)]


class Calibration(Struct, frozen=True):
    """What a printer does wrong, the other way round: how far to move everything, and how much to stretch it."""

    right_mm: OffsetMm = 0.0
    down_mm: OffsetMm = 0.0
    scale: Scale = 1.0


def tag_sheets(
    labels: Sequence[Label], sheet: Sheet, style: Style, *, start: int = 1, calibration: Calibration | None = None
) -> bytes:
    """Return a PDF with a tag on each label, the first one on label `start` (counted from 1) of the first page.

    At most LABELS_MAX labels; `start` is on the sheet. Without any label the PDF has one empty page.
    """
    assert len(labels) <= LABELS_MAX
    assert 1 <= start <= sheet.places
    plan = plan_of(*sheet.label_mm)
    places = list(sheet.boxes())
    surface = Surface(style.words.tag, *sheet.page_mm)
    calibration = calibration or Calibration()
    for index, label in enumerate(labels, start - 1):
        place = index % sheet.places
        if place == 0 or index == start - 1:
            if index >= sheet.places:
                surface.next_page()
            _begin(surface, sheet, calibration)
        draw_label(surface, plan, places[place][:2], label, style)
    return surface.finished()


def calibration_page(sheet: Sheet, style: Style, calibration: Calibration | None = None) -> bytes:
    """Return a PDF with the outlines of the labels, a ruler, and how to find out what to correct."""
    calibration = calibration or Calibration()
    words = style.words
    surface = Surface(words.calibration.format(sheet=sheet.name), *sheet.page_mm)
    surface.moved(calibration.right_mm, calibration.down_mm, calibration.scale)
    for box in sheet.boxes():
        surface.box(box, line=Ink.DARK, line_pt=0.4, radius_mm=1)
        _cross(surface, box)
    if sheet.places > 1:
        _draw_steps(surface, sheet, style, calibration)
    return surface.finished()


def _begin(surface: Surface, sheet: Sheet, calibration: Calibration) -> None:
    surface.moved(calibration.right_mm, calibration.down_mm, calibration.scale)
    if sheet.cut_marks:
        _draw_cut_marks(surface, sheet)


def _draw_cut_marks(surface: Surface, sheet: Sheet) -> None:
    """Draw where to cut: marks outside of the labels at every edge, and crosses where four labels meet."""
    left, top = sheet.margin_mm
    wide, high = sheet.grid_mm
    columns = [left + column * sheet.label_mm[0] for column in range(sheet.columns + 1)]
    rows = [top + row * sheet.label_mm[1] for row in range(sheet.rows + 1)]
    for x in columns:
        surface.line((x, top - _MARK_MM - 1), (x, top - 1), line_pt=0.3)
        surface.line((x, top + high + 1), (x, top + high + 1 + _MARK_MM), line_pt=0.3)
    for y in rows:
        surface.line((left - _MARK_MM - 1, y), (left - 1, y), line_pt=0.3)
        surface.line((left + wide + 1, y), (left + wide + 1 + _MARK_MM, y), line_pt=0.3)
    for x in columns:
        for y in rows:
            surface.line((x - 1, y), (x + 1, y), line_pt=0.2, ink=Ink.GREY)
            surface.line((x, y - 1), (x, y + 1), line_pt=0.2, ink=Ink.GREY)


def _cross(surface: Surface, box: Box) -> None:
    left, top, wide, high = box
    x, y = left + wide / 2, top + high / 2
    surface.line((x - 2, y), (x + 2, y), line_pt=0.3)
    surface.line((x, y - 2), (x, y + 2), line_pt=0.3)


def _draw_steps(surface: Surface, sheet: Sheet, style: Style, calibration: Calibration) -> None:
    """Write the instructions in the middle of the page, where they cover labels but no corner of the grid."""
    words = style.words
    wide, high = min(150.0, sheet.page_mm[0] - 30), 62.0
    left, top = (sheet.page_mm[0] - wide) / 2, (sheet.page_mm[1] - high) / 2
    surface.box((left, top, wide, high), fill=Ink.WHITE, line=Ink.BLACK, line_pt=0.8, radius_mm=2)
    surface.text(left + 6, top + 10, words.calibration.format(sheet=sheet.title), 13, Face.BOLD)
    for index, step in enumerate(words.calibration_steps):
        surface.text(left + 6, top + 18 + index * 5, step, 8.5)
    in_force = words.in_force.format(right=calibration.right_mm, down=calibration.down_mm, scale=calibration.scale)
    surface.text(left + 6, top + 40, in_force, 8.5, Face.MEDIUM)
    ruler = left + (wide - RULER_MM) / 2
    surface.line((ruler, top + 54), (ruler + RULER_MM, top + 54), line_pt=0.6)
    for tick in range(0, RULER_MM + 1, 5):
        long = 5 if tick % 10 == 0 else 3
        surface.line((ruler + tick, top + 54), (ruler + tick, top + 54 - long), line_pt=0.4)
        if tick % 20 == 0:
            surface.text(ruler + tick, top + 58, f"{tick} mm" if tick == RULER_MM else str(tick), 7, align="center")
