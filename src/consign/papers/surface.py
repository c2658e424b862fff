"""A page to draw on: millimetres from the top left corner, text by its baseline, and nothing but vectors."""

from collections.abc import Sequence
from enum import Enum
from io import BytesIO
from threading import Lock
from typing import Literal

from consign.papers.fonts import Face, characters, printable, width_pt
from consign.papers.typesetting import typesetting

MM_PT = 72 / 25.4
"""Points in a millimetre."""

_SAVING = Lock()
"""While a document takes what it needs of a typeface, the typeface holds that document's state: one at a time."""

type Align = Literal["left", "right", "center"]
type Box = tuple[float, float, float, float]
"""Left, top, width and height in millimetres."""


class Ink(Enum):
    """The few shades of grey on papers; thermal printers know black alone, so nothing that matters is lighter."""

    BLACK = 0.0
    DARK = 0.35
    GREY = 0.55
    LIGHT = 0.8
    PALE = 0.94
    WHITE = 1.0


class Surface:
    """Draws pages one after another; `finished` returns the document. Texts may hold any characters."""

    def __init__(self, title: str, wide_mm: float, high_mm: float) -> None:
        for face in Face:
            characters(face)
        self._bytes = BytesIO()
        size_pt = (wide_mm * MM_PT, high_mm * MM_PT)
        self._canvas = typesetting().canvas(self._bytes, size_pt, pageCompression=1, invariant=1)
        self._canvas.setTitle(printable(title))
        self._canvas.setCreator("consign")
        self._canvas.setProducer("consign")
        self.wide_mm = wide_mm
        self.high_mm = high_mm

    def next_page(self) -> None:
        """End the page and begin another of the same size."""
        self._canvas.showPage()

    def finished(self) -> bytes:
        """Return the document; the page under way is its last."""
        self._canvas.showPage()
        with _SAVING:
            self._canvas.save()
        return self._bytes.getvalue()

    def moved(self, right_mm: float, down_mm: float, scale: float) -> None:
        """Move and stretch all that follows on this page, as a printer's calibration asks for."""
        self._canvas.translate(right_mm * MM_PT, (self.high_mm * (1 - scale) - down_mm) * MM_PT)
        self._canvas.scale(scale, scale)

    def text(
        self,
        x_mm: float,
        baseline_mm: float,
        text: str,
        size_pt: float,
        face: Face = Face.REGULAR,
        *,
        align: Align = "left",
        ink: Ink = Ink.BLACK,
    ) -> None:
        """Write one line."""
        text = printable(text, face)
        if not text:
            return
        x_pt = x_mm * MM_PT
        match align:
            case "left":
                pass
            case "right":
                x_pt -= width_pt(text, face, size_pt)
            case "center":
                x_pt -= width_pt(text, face, size_pt) / 2
        self._canvas.setFillGray(ink.value)
        self._canvas.setFont(face, size_pt)
        self._canvas.drawString(x_pt, self._up(baseline_mm), text)

    def figures(
        self,
        right_mm: float,
        baseline_mm: float,
        text: str,
        size_pt: float,
        face: Face = Face.REGULAR,
        *,
        ink: Ink = Ink.BLACK,
    ) -> None:
        """Write a figure that ends at `right_mm`, every digit as wide as a zero: figures below each other align.

        Digits stand one by one, so the document says beside them what they read together (PDF 1.7, 14.9.4).
        """
        text = printable(text, face)
        wide_pt = width_pt("0", face, size_pt)
        x_pt = right_mm * MM_PT
        line = self._canvas.beginText()
        line.setFont(face, size_pt)
        line.setFillGray(ink.value)
        self._canvas.addLiteral(f"/Span <</ActualText <FEFF{text.encode('utf-16-be').hex()}>>> BDC")
        for character in reversed(text):
            own_pt = width_pt(character, face, size_pt)
            cell_pt = wide_pt if character.isdigit() else own_pt
            x_pt -= cell_pt
            line.setTextOrigin(x_pt + (cell_pt - own_pt) / 2, self._up(baseline_mm))
            line.textOut(character)
        self._canvas.drawText(line)
        self._canvas.addLiteral("EMC")

    def bars(self, boxes: Sequence[Box], ink: Ink = Ink.BLACK) -> None:
        """Fill many boxes as one shape."""
        path = self._canvas.beginPath()
        for left, top, wide, high in boxes:
            path.rect(left * MM_PT, self._up(top + high), wide * MM_PT, high * MM_PT)
        self._canvas.setFillGray(ink.value)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def box(
        self,
        box: Box,
        *,
        fill: Ink | None = None,
        line: Ink | None = None,
        line_pt: float = 0.5,
        radius_mm: float = 0,
    ) -> None:
        """Fill or outline a box."""
        left, top, wide, high = box
        if fill is not None:
            self._canvas.setFillGray(fill.value)
        if line is not None:
            self._canvas.setStrokeGray(line.value)
            self._canvas.setLineWidth(line_pt)
        self._canvas.roundRect(
            left * MM_PT,
            self._up(top + high),
            wide * MM_PT,
            high * MM_PT,
            radius_mm * MM_PT,
            stroke=int(line is not None),
            fill=int(fill is not None),
        )

    def line(
        self,
        from_mm: tuple[float, float],
        to_mm: tuple[float, float],
        *,
        line_pt: float = 0.5,
        ink: Ink = Ink.BLACK,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """Draw a straight line."""
        self._canvas.setStrokeGray(ink.value)
        self._canvas.setLineWidth(line_pt)
        self._canvas.setDash(*(dash or ()))
        self._canvas.line(from_mm[0] * MM_PT, self._up(from_mm[1]), to_mm[0] * MM_PT, self._up(to_mm[1]))
        self._canvas.setDash()

    def width_mm(self, text: str, size_pt: float, face: Face = Face.REGULAR) -> float:
        """Return how wide a line of text is."""
        return width_pt(printable(text, face), face, size_pt) / MM_PT

    def _up(self, down_mm: float) -> float:
        return (self.high_mm - down_mm) * MM_PT
