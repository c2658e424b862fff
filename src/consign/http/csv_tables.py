"""Tables that leave the house as CSV (RFC 4180): the same everywhere, and nothing in them that a spreadsheet runs.

Amounts have a decimal point whatever the locale, and their currency in a column beside them.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from consign.domain.money import PARTS_PER_MILLION, exponent

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_PERCENT_PPM = PARTS_PER_MILLION // 100


def csv_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return the table; cells with text that people typed come through `harmless` before."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def harmless(text: str) -> str:
    """Return a text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def decimal(amount_minor: int, currency: str) -> str:
    """Return an amount in the currency's own unit, such as `-12.50`."""
    places = exponent(currency)
    sign, digits = "-" if amount_minor < 0 else "", str(abs(amount_minor)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def percent(rate_ppm: int) -> str:
    """Return a rate in per cent, such as `8.875`."""
    whole, rest = divmod(abs(rate_ppm), _PERCENT_PPM)
    decimals = f"{rest:04}".rstrip("0")
    return f"{'-' if rate_ppm < 0 else ''}{whole}{'.' if decimals else ''}{decimals}"
