"""Barcodes as black boxes: Code 128 for the scanners of tills, QR for phones.

Boxes lie on the dots of a 203 dpi printer, the coarsest that prints labels: there every bar comes out exactly as wide
as it should, and finer printers have dots enough.
"""

from functools import lru_cache
from typing import Any

import segno

from consign.papers.surface import Box
from consign.papers.typesetting import typesetting

DOT_MM = 25.4 / 203
CODE_QUIET_MODULES = 10
"""What Code 128 (ISO/IEC 15417) wants white at each end."""
QR_QUIET_MODULES = 4
"""What a QR code (ISO/IEC 18004) wants white around it."""


@lru_cache(maxsize=4_000)
def code_128(text: str) -> tuple[int, ...]:
    """Return the widths of bars and gaps in turn, in modules: pairs of digits in set C, what is left over in set B."""
    code: Any = typesetting().code_128(text, quiet=0)  # its stubs leave what is called here untyped
    code.validate()
    code.encode()
    return tuple(ord(width.upper()) - ord("A") + 1 for width in code.decompose())


@lru_cache(maxsize=4_000)
def qr(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the rows of a QR code without its quiet zone, with the most error correction its smallest size holds."""
    return tuple(tuple(map(bool, row)) for row in segno.make_qr(text).matrix)


def code_128_modules(text: str) -> int:
    """Return how wide the code is, without its quiet zones."""
    return sum(code_128(text))


def code_128_boxes(text: str, left_mm: float, top_mm: float, high_mm: float, module_mm: float) -> list[Box]:
    """Return the bars; the quiet zones are left to the caller."""
    boxes: list[Box] = []
    x_mm = on_dots(left_mm)
    for index, modules in enumerate(code_128(text)):
        if index % 2 == 0:
            boxes.append((x_mm, top_mm, modules * module_mm, high_mm))
        x_mm += modules * module_mm
    return boxes


def qr_boxes(text: str, left_mm: float, top_mm: float, module_mm: float) -> list[Box]:
    """Return the dark runs of each row; the quiet zone is left to the caller."""
    boxes: list[Box] = []
    left_mm, top_mm = on_dots(left_mm), on_dots(top_mm)
    for row_index, row in enumerate(qr(text)):
        begin: int | None = None
        for index, dark in enumerate((*row, False)):
            if dark and begin is None:
                begin = index
            elif not dark and begin is not None:
                wide_mm = (index - begin) * module_mm
                boxes.append((left_mm + begin * module_mm, top_mm + row_index * module_mm, wide_mm, module_mm))
                begin = None
    return boxes


def on_dots(position_mm: float) -> float:
    """Return the dot at or next above a position."""
    return round(position_mm / DOT_MM) * DOT_MM
