"""ReportLab, loaded with the first paper and not before: it takes longer and more memory than the rest of the service.

Papers are drawn in threads. Modules that import each other must not be imported by two threads at once from different
ends, so all that papers use is loaded in one place by one thread.
"""

from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from reportlab.graphics.barcode.code128 import Code128
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

_LOADING = Lock()


class Typesetting(Struct, frozen=True):
    """What papers use of it. `width_pt` measures a text in a face, at a size, that `make_known` was told of."""

    canvas: "type[Canvas]"
    code_128: "type[Code128]"
    read_font: "Callable[[str, str], TTFont]"
    make_known: "Callable[[TTFont], None]"
    width_pt: Callable[[str, str, float], float]


@lru_cache
def typesetting() -> Typesetting:
    """Return ReportLab; the first call loads it, which takes about a tenth of a second."""
    with _LOADING:
        from reportlab import rl_config
        from reportlab.graphics.barcode.code128 import Code128
        from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
        from reportlab.pdfbase.ttfonts import TTFont
        from reportlab.pdfgen.canvas import Canvas

        rl_config.useA85 = 0  # nothing here goes by channels of seven bits, and the detour takes a tenth of the time
        return Typesetting(Canvas, Code128, TTFont, registerFont, stringWidth)
