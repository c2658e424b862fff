"""The typeface of all papers, Fira Sans Condensed, and what can be printed with it.

It holds Latin with its extensions, Greek and Cyrillic. What it does not hold is printed as a box, never dropped and
never an error: a consignor sees at once that a character is missing.
"""

import unicodedata
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from threading import Lock

from consign.papers.typesetting import typesetting

MISSING = "\N{WHITE VERTICAL RECTANGLE}"
ELLIPSIS = "…"
TEXT_CHARACTERS_MAX = 2_000

_PACKAGE = "fontpkg_fira_sans_condensed"
_registering = Lock()


class Face(StrEnum):
    """The weights that papers use; the value is the name of the font in PDFs."""

    REGULAR = "FiraSansCondensed-Regular"
    MEDIUM = "FiraSansCondensed-Medium"
    BOLD = "FiraSansCondensed-Bold"


@lru_cache
def characters(face: Face) -> frozenset[int]:
    """Return the code points that the face can print; the first call reads the font and makes it known."""
    with _registering:
        font = typesetting().read_font(face, str(files(_PACKAGE) / "files" / f"{face}.ttf"))
        typesetting().make_known(font)
    return frozenset(font.face.charToGlyph)


@lru_cache(maxsize=20_000)
def printable(text: str, face: Face = Face.REGULAR) -> str:
    """Return the text in characters of the face: composed, white space as blanks, what is missing as a box."""
    known = characters(face)
    composed = unicodedata.normalize("NFC", text[:TEXT_CHARACTERS_MAX])
    return "".join(_printable(character, known) for character in composed)


def width_pt(text: str, face: Face, size_pt: float) -> float:
    """Return how wide a printable text is, in points."""
    characters(face)
    return typesetting().width_pt(text, face, size_pt)


def fitted(text: str, face: Face, size_pt: float, wide_pt: float, smallest_pt: float) -> tuple[str, float]:
    """Return the text and a size at which it is no wider than `wide_pt`: smaller first, then with an ellipsis."""
    text = printable(text, face)
    wide = width_pt(text, face, size_pt)
    if wide <= wide_pt:
        return text, size_pt
    size_pt = max(smallest_pt, size_pt * wide_pt / wide)
    return shortened(text, face, size_pt, wide_pt), size_pt


def shortened(text: str, face: Face, size_pt: float, wide_pt: float) -> str:
    """Return as much of a printable text as fits, with an ellipsis where something is left out."""
    if width_pt(text, face, size_pt) <= wide_pt + 0.01:
        return text
    fits, too_long = 0, len(text)
    while fits + 1 < too_long:
        middle = (fits + too_long) // 2
        if width_pt(text[:middle].rstrip() + ELLIPSIS, face, size_pt) <= wide_pt:
            fits = middle
        else:
            too_long = middle
    return text[:fits].rstrip() + ELLIPSIS


def wrapped(text: str, face: Face, size_pt: float, wide_pt: float, lines_max: int) -> list[str]:
    """Break the text into at most `lines_max` lines, at blanks where there are any; the last one may be shortened."""
    rest = " ".join(printable(text, face).split())
    lines: list[str] = []
    while rest and len(lines) < lines_max - 1:
        line = _first_line(rest, face, size_pt, wide_pt)
        lines.append(line)
        rest = rest[len(line) :].lstrip()
    if rest:
        lines.append(shortened(rest, face, size_pt, wide_pt))
    return lines


def _first_line(text: str, face: Face, size_pt: float, wide_pt: float) -> str:
    if width_pt(text, face, size_pt) <= wide_pt:
        return text
    fits, too_long = 1, len(text)
    while fits + 1 < too_long:
        middle = (fits + too_long) // 2
        if width_pt(text[:middle], face, size_pt) <= wide_pt:
            fits = middle
        else:
            too_long = middle
    blank = text.rfind(" ", 0, fits + 1)
    return text[:blank] if blank > 0 else text[:fits]


def _printable(character: str, known: frozenset[int]) -> str:
    if ord(character) in known:
        return character
    kind = unicodedata.category(character)
    if kind in {"Cc", "Zs", "Zl", "Zp"}:
        return " "
    if kind in {"Cf", "Mn", "Me"}:
        return ""  # joins, directions and accents that show nothing by themselves
    plain = unicodedata.normalize("NFKD", character)
    base = "".join(each for each in plain if ord(each) in known and not unicodedata.combining(each))
    return base or MISSING
