"""What one tag looks like, on any label: whose it is, what it is, what it costs, and the code to scan.

Wide labels have the QR code at the right of the bars; narrow ones have it above them; upright ones below the text.
Bars are as thick as the label allows, in whole dots of a 203 dpi printer.
"""

from collections.abc import Sequence

from msgspec import Struct

from consign.domain.tag import shown
from consign.domain.values import TagCode
from consign.papers.amounts import Style
from consign.papers.barcodes import (
    CODE_QUIET_MODULES,
    DOT_MM,
    QR_QUIET_MODULES,
    code_128_boxes,
    code_128_modules,
    qr,
    qr_boxes,
)
from consign.papers.fonts import Face, fitted, wrapped
from consign.papers.surface import MM_PT, Box, Ink, Surface

SMALLEST_PT = 4.5
LINE_HEIGHT = 1.18
_CLEARANCE_MM = 0.6
"""White between the text and the bars below it."""
_CAP_HEIGHT = 0.7
"""How high capitals of the typeface are, against its size."""

# Dots a module, of the bars and of the QR code, best first. Below two dots no printer of labels is sharp enough.
_DOTS_WIDE: Sequence[tuple[int, int]] = ((4, 6), (4, 5), (3, 5), (3, 4), (3, 3), (2, 4), (2, 3))
_DOTS_STACKED: Sequence[tuple[int, int]] = (
    (6, 14),
    (5, 12),
    (4, 10),
    (4, 7),
    (3, 9),
    (3, 6),
    (3, 5),
    (3, 4),
    (2, 4),
    (2, 3),
    (2, 2),
)
_QR_SHARE_MAX = 0.6
_STACKED_QR_SHARE_MAX = 0.5


class Label(Struct, frozen=True):
    """A tag as it is printed. `sale` is the sale's name; `size` and `brand` may be empty."""

    tag: TagCode
    sale: str
    consignor: int
    number: int
    category: str
    description: str
    price_minor: int
    size: str = ""
    brand: str = ""
    reduce: bool = False
    donate: bool = False


class Plan(Struct, frozen=True):
    """Where everything of a label goes, in millimetres from its top left corner; the same for all tags of a sheet."""

    wide: float
    high: float
    pad: float
    bars: Box
    module: float
    qr_at: tuple[float, float]
    qr_module: float
    text: Box


def plan_of(wide: float, high: float) -> Plan:
    """Lay a label of this size out."""
    pad = max(1.0, min(4.0, min(wide, high) * 0.055))
    modules = code_128_modules("0" * 11) + 2 * CODE_QUIET_MODULES
    qr_modules = len(qr("0" * 11)) + 2 * QR_QUIET_MODULES
    if high <= wide:
        for bar_dots, qr_dots in _DOTS_WIDE:
            code, square = modules * bar_dots * DOT_MM, qr_modules * qr_dots * DOT_MM
            if code + square <= wide - 2 * DOT_MM and square <= high * _QR_SHARE_MAX:
                return _beside(wide, high, pad, bar_dots * DOT_MM, qr_dots * DOT_MM, square)
    for bar_dots, qr_dots in _DOTS_STACKED:
        code, square = modules * bar_dots * DOT_MM, qr_modules * qr_dots * DOT_MM
        if code <= wide and square <= high * _STACKED_QR_SHARE_MAX:
            return _stacked(wide, high, pad, bar_dots * DOT_MM, qr_dots * DOT_MM, square)
    raise AssertionError("a sheet's labels are large enough: see LABEL_MM_MIN")


def _beside(wide: float, high: float, pad: float, module: float, qr_module: float, square: float) -> Plan:
    """Put bars and QR code side by side along the lower edge."""
    digits = _digits_pt(high) / MM_PT
    bars_high = min(high * 0.34, 18)
    bars_top = high - pad - digits - bars_high
    code = code_128_modules("0" * 11) * module
    return Plan(
        wide=wide,
        high=high,
        pad=pad,
        bars=(max(pad, CODE_QUIET_MODULES * module), bars_top, code, bars_high),
        module=module,
        qr_at=(wide - square + QR_QUIET_MODULES * qr_module - DOT_MM, high - square + QR_QUIET_MODULES * qr_module),
        qr_module=qr_module,
        text=(pad, pad, wide - 2 * pad, bars_top - pad - _CLEARANCE_MM),
    )


def _stacked(wide: float, high: float, pad: float, module: float, qr_module: float, square: float) -> Plan:
    """Put the bars along the lower edge, the QR code above them at the right (upright labels: in the middle)."""
    digits = _digits_pt(high) / MM_PT
    bars_high = min(high * 0.26, 22)
    bars_top = high - pad - digits - bars_high
    code = code_128_modules("0" * 11) * module
    upright = high > wide
    quiet = QR_QUIET_MODULES * qr_module
    qr_left = (wide - square) / 2 if upright else wide - square
    qr_top = bars_top - square if upright else 0.0
    text_high = (qr_top if upright else bars_top) - pad - _CLEARANCE_MM
    text_wide = wide - 2 * pad if upright else wide - pad - square + quiet - 1
    return Plan(
        wide=wide,
        high=high,
        pad=pad,
        bars=((wide - code) / 2, bars_top, code, bars_high),
        module=module,
        qr_at=(qr_left + quiet, qr_top + quiet),
        qr_module=qr_module,
        text=(pad, pad, text_wide, text_high),
    )


def draw_label(surface: Surface, plan: Plan, at: tuple[float, float], label: Label, style: Style) -> None:
    """Draw one tag with its top left corner at `at`."""
    left, top = at
    code = str(label.tag)
    bars_left, bars_top, bars_wide, bars_high = plan.bars
    boxes = code_128_boxes(code, left + bars_left, top + bars_top, bars_high, plan.module)
    boxes += qr_boxes(code, left + plan.qr_at[0], top + plan.qr_at[1], plan.qr_module)
    surface.bars(boxes)
    digits_pt = _digits_pt(plan.high)
    surface.text(
        left + bars_left + bars_wide / 2,
        top + bars_top + bars_high + digits_pt * 0.85 / MM_PT,
        shown(label.tag),
        digits_pt,
        Face.MEDIUM,
        align="center",
    )
    _draw_words(surface, plan, at, label, style)


def _draw_words(surface: Surface, plan: Plan, at: tuple[float, float], label: Label, style: Style) -> None:
    """Write consignor, price and sale at the top, the thing itself in what is left below."""
    x, y, wide, high = plan.text
    x, y = at[0] + x, at[1] + y
    head_pt = max(8.0, min(34.0, high * 0.33 * MM_PT))
    price, price_pt = fitted(style.amount(label.price_minor), Face.BOLD, head_pt, wide * 0.62 * MM_PT, SMALLEST_PT)
    price_mm = surface.width_mm(price, price_pt, Face.BOLD)
    head_high = head_pt * _CAP_HEIGHT / MM_PT
    surface.text(x + wide, y + head_high, price, price_pt, Face.BOLD, align="right")
    badge_right = _draw_consignor(surface, (x, y, wide - price_mm - 1, head_high), label, head_pt)
    small_pt = max(SMALLEST_PT, min(11.0, head_pt * 0.42))
    room = x + wide - price_mm - badge_right - 2.2
    longest = max(label.sale.split(), key=len, default="")
    if surface.width_mm(longest, small_pt) <= room:
        for index, line in enumerate(wrapped(label.sale, Face.REGULAR, small_pt, room * MM_PT, 2)):
            baseline = y + (index + 0.75) * small_pt * LINE_HEIGHT / MM_PT
            surface.text(badge_right + 1.2, baseline, line, small_pt)
    below = head_high + head_pt * 0.3 / MM_PT
    _draw_thing(surface, (x, y + below, wide, high - below), label, style)


def _draw_consignor(surface: Surface, room: Box, label: Label, head_pt: float) -> float:
    """Write the consignor's number in white on black, and the item's beside it; return where they end."""
    x, y, wide, high = room
    number = str(label.consignor)
    number_pt = head_pt * 0.78
    item_pt = max(SMALLEST_PT, head_pt * 0.5)
    item = f"/{label.number}"
    inset = number_pt * 0.22 / MM_PT
    number_mm = surface.width_mm(number, number_pt, Face.BOLD)
    surface.box((x, y, number_mm + 2 * inset, high), fill=Ink.BLACK, radius_mm=high * 0.12)
    baseline = y + (high + number_pt * _CAP_HEIGHT / MM_PT) / 2
    surface.text(x + inset, baseline, number, number_pt, Face.BOLD, ink=Ink.WHITE)
    end = x + number_mm + 2 * inset
    item_mm = surface.width_mm(item, item_pt, Face.MEDIUM)
    if end + 0.5 + item_mm > x + wide:
        return end
    surface.text(end + 0.5, baseline, item, item_pt, Face.MEDIUM)
    return end + 0.5 + item_mm


def _draw_thing(surface: Surface, room: Box, label: Label, style: Style) -> None:
    """Write description, then size, brand and category, with the flags at the end of the last line."""
    x, y, wide, high = room
    words = style.words
    flags = [words.reduce] * label.reduce + [words.donate] * label.donate
    details = " · ".join(text for text in (label.size, label.brand, label.category) if text)
    lines_wanted = 3 if details or flags else 2
    size_pt = max(SMALLEST_PT, min(16.0, high * MM_PT / (lines_wanted * LINE_HEIGHT)))
    step = size_pt * LINE_HEIGHT / MM_PT
    lines_room = max(1, int(high / step + 0.05))
    last = 1 if lines_room > 1 and (details or flags) else 0
    baseline = y + size_pt * 0.85 / MM_PT
    for line in wrapped(label.description, Face.MEDIUM, size_pt, wide * MM_PT, min(3, lines_room - last)):
        surface.text(x, baseline, line, size_pt, Face.MEDIUM)
        baseline += step
    if last:
        end = x
        for flag in flags:
            end = _draw_flag(surface, end, baseline, flag, size_pt * 0.78)
        text, detail_pt = fitted(
            details, Face.REGULAR, size_pt * 0.92, (x + wide - end) * MM_PT, max(SMALLEST_PT, size_pt * 0.7)
        )
        surface.text(end, baseline, text, detail_pt)


def _draw_flag(surface: Surface, left: float, baseline: float, flag: str, size_pt: float) -> float:
    """Draw a word in a frame; return where the next one may begin."""
    wide = surface.width_mm(flag, size_pt, Face.BOLD)
    inset = size_pt * 0.25 / MM_PT
    high = size_pt * 1.05 / MM_PT
    top = baseline - (size_pt * _CAP_HEIGHT / MM_PT + high) / 2
    surface.box((left, top, wide + 2 * inset, high), line=Ink.BLACK, line_pt=0.6, radius_mm=high * 0.2)
    surface.text(left + inset, baseline, flag, size_pt, Face.BOLD)
    return left + wide + 3 * inset


def _digits_pt(high: float) -> float:
    return max(5.5, min(11.0, high * 0.072 * MM_PT))
