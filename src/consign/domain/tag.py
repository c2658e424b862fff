"""Tag codes: eleven digits that name an item of a sale, unique by construction and never reused.

Sale number (3), consignor number (4), item number (3) and a Damm check digit, shown as 3-4-3-1. Digits only, because
scanners type through keyboard layouts that move letters, and Code 128 C packs digits in pairs.
"""

from typing import NamedTuple

from consign.domain.rejection import Reason, Rejected
from consign.domain.values import TagCode

LENGTH = 11

# The totally anti-symmetric quasigroup of order 10 from H. Michael Damm's thesis (Marburg 2004): every single wrong
# digit and every swap of neighbours changes the check digit.
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_NEXT = tuple(tuple(int(digit) for digit in row) for row in _DAMM)


class Tag(NamedTuple):
    """What a tag code says."""

    sale_number: int
    consignor: int
    number: int


def check_digit(digits: str) -> int:
    """Return the Damm check digit of a string of digits."""
    interim = 0
    for digit in digits:
        interim = _NEXT[interim][ord(digit) - 48]
    return interim


def tag_code(sale_number: int, consignor: int, number: int) -> TagCode:
    """Return the code of an item: sale 1 to 999, consignor 1 to 9999, item 1 to 999."""
    digits = f"{sale_number:03}{consignor:04}{number:03}"
    return TagCode(f"{digits}{check_digit(digits)}")


def parse(code: TagCode) -> Tag:
    """Take apart a code that `read` has let pass."""
    return Tag(int(code[:3]), int(code[3:7]), int(code[7:10]))


def shown(code: TagCode) -> str:
    """Return the code as people read it: 3-4-3-1."""
    return f"{code[:3]}-{code[3:7]}-{code[7:10]}-{code[10]}"


def is_tag(text: str) -> bool:
    """Say whether the text is a tag's code: its digits, of which the last one checks the others."""
    return len(text) == LENGTH and text.isascii() and text.isdigit() and not check_digit(text)


def read(scanned: str) -> TagCode:
    """Return the code in what was scanned or typed; hyphens and spaces do not matter.

    Raises Rejected with `tag_invalid`, naming what is wrong with it.
    """
    digits = scanned if len(scanned) == LENGTH else scanned.replace("-", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit()):
        raise Rejected(Reason.TAG_INVALID, "A tag has digits only. Scan it again or type the digits under the bars.")
    if len(digits) != LENGTH:
        raise Rejected(Reason.TAG_INVALID, f"A tag has {LENGTH} digits, this has {len(digits)}. Scan it again.")
    if check_digit(digits):
        raise Rejected(Reason.TAG_INVALID, "The check digit does not fit: a digit is wrong or two are swapped.")
    return TagCode(digits)
