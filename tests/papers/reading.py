"""Reading papers back as people and scanners do: as text, and as pictures with barcodes in them."""

from collections.abc import Sequence
from typing import Any

import pypdfium2  # type: ignore[import-untyped] # it ships no types
import zxingcpp
from PIL.Image import Image

CODE_128 = zxingcpp.BarcodeFormat.Code128
QR = zxingcpp.BarcodeFormat.QRCode

type Box = tuple[float, float, float, float]


def texts(pdf: bytes) -> list[str]:
    """Return the text of each page, with plain blanks and ends of lines."""
    document: Any = pypdfium2.PdfDocument(pdf)
    found = [document[index].get_textpage().get_text_range() for index in range(len(document))]
    return [text.replace("\N{NO-BREAK SPACE}", " ").replace("\r\n", "\n") for text in found]


def sizes_mm(pdf: bytes) -> list[tuple[int, int]]:
    document: Any = pypdfium2.PdfDocument(pdf)
    sizes = [document[index].get_size() for index in range(len(document))]
    return [(round(wide / 72 * 25.4), round(high / 72 * 25.4)) for wide, high in sizes]


def picture(pdf: bytes, dots_an_inch: int, page: int = 0) -> Image:
    """Return the page as a printer of this fineness puts it down: every dot black or white."""
    document: Any = pypdfium2.PdfDocument(pdf)
    rendered: Image = document[page].render(scale=dots_an_inch / 72, grayscale=True).to_pil()
    return rendered.point(lambda grey: 255 if grey > 127 else 0)


def cut_out(image: Image, box_mm: Box, dots_an_inch: int) -> Image:
    """Return one label of a page, with a little of the table it lies on."""
    left, top, wide, high = (round(each / 25.4 * dots_an_inch) for each in box_mm)
    return image.crop((left, top, left + wide, top + high))


def scanned(image: Image, kind: zxingcpp.BarcodeFormat) -> Sequence[str]:
    """Return what a scanner for this kind of code reads."""
    return [found.text for found in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(kind))]
