"""How amounts, rates and times are written for people of a place. Figures are whole minor units all the way here."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from consign.domain.money import PARTS_PER_MILLION, exponent
from consign.papers.words import Words, words_of

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
_PERCENT_DECIMALS = 4

# What people call their money; a currency that is not here goes by its ISO 4217 code.
_SYMBOLS: Mapping[str, str] = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "CA$",
    "CZK": "Kč",
    "DKK": "kr",
    "EUR": "€",
    "GBP": "£",
    "HUF": "Ft",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "NOK": "kr",
    "NZD": "NZ$",
    "PLN": "zł",
    "SEK": "kr",
    "TRY": "₺",
    "UAH": "₴",
    "USD": "$",
}


class Notation(Struct, frozen=True):
    """How a place writes numbers and days; `before`: the currency's symbol comes first."""

    decimal: str = "."
    group: str = ","
    before: bool = True
    day: str = "%Y-%m-%d"


_ENGLISH = Notation(day="%d %b %Y")
_SWISS = Notation(".", "’", before=True, day="%d.%m.%Y")
_COMMA_AFTER = Notation(",", ".", before=False, day="%d.%m.%Y")
_BLANK_AFTER = Notation(",", NO_BREAK, before=False, day="%d.%m.%Y")
# By the Unicode Common Locale Data Repository, abridged: a language, or a language and its country.
_NOTATIONS: Mapping[str, Notation] = {
    "en": _ENGLISH,
    "en-US": Notation(day="%b %d, %Y"),
    "de-CH": _SWISS,
    "de-LI": _SWISS,
    "fr-CH": _SWISS,
    "it-CH": _SWISS,
    "de": _COMMA_AFTER,
    "da": _COMMA_AFTER,
    "it": Notation(",", ".", before=False, day="%d/%m/%Y"),
    "es": Notation(",", ".", before=False, day="%d/%m/%Y"),
    "pt": Notation(",", ".", before=False, day="%d/%m/%Y"),
    "nl": Notation(",", ".", before=True, day="%d-%m-%Y"),
    "fr": Notation(",", NO_BREAK, before=False, day="%d/%m/%Y"),
    **dict.fromkeys(("bg", "cs", "fi", "hu", "nb", "no", "pl", "ru", "sk", "sv", "uk"), _BLANK_AFTER),
}


class Style(Struct, frozen=True):
    """Everything that papers of one organization are written with."""

    words: Words
    notation: Notation
    currency: str
    zone: ZoneInfo

    def amount(self, minor: int) -> str:
        """Return an amount with its currency: `€1,234.50`, `1.234,50 €`, `CHF 1’234.50`."""
        symbol = _SYMBOLS.get(self.currency, self.currency)
        figure = self.figure(abs(minor))
        sign = MINUS if minor < 0 else ""
        if not self.notation.before:
            return f"{sign}{figure}{NO_BREAK}{symbol}"
        stands_off = symbol.isalpha() or self.notation.decimal == ","
        return f"{sign}{symbol}{NO_BREAK if stands_off else ''}{figure}"

    def figure(self, minor: int) -> str:
        """Return an amount without its currency, with the decimals that the currency has."""
        decimals = exponent(self.currency)
        whole, rest = divmod(abs(minor), 10**decimals)
        text = self._grouped(whole) + (f"{self.notation.decimal}{rest:0{decimals}}" if decimals else "")
        return f"{MINUS if minor < 0 else ''}{text}"

    def count(self, number: int) -> str:
        """Return how many there are."""
        return f"{MINUS if number < 0 else ''}{self._grouped(abs(number))}"

    def rate(self, rate_ppm: int) -> str:
        """Return a rate in per cent, with as many decimals as it needs."""
        whole, rest = divmod(rate_ppm, PARTS_PER_MILLION // 100)
        decimals = f"{rest:0{_PERCENT_DECIMALS}}".rstrip("0")
        return f"{whole}{self.notation.decimal if decimals else ''}{decimals}{NO_BREAK}%"

    def day(self, moment: datetime) -> str:
        """Return the day in the place's own zone."""
        return moment.astimezone(self.zone).strftime(self.notation.day)

    def moment(self, moment: datetime) -> str:
        """Return day and minute in the place's own zone."""
        return f"{self.day(moment)} {moment.astimezone(self.zone):%H:%M}"

    def _grouped(self, whole: int) -> str:
        return f"{whole:,}".replace(",", self.notation.group)


def style_of(locale: str, currency: str, time_zone: str) -> Style:
    """Return how to write for a place; an unknown locale is written as English, days as ISO 8601."""
    tag = locale.replace("_", "-")
    language = tag.partition("-")[0].lower()
    notation = _NOTATIONS.get(tag) or _NOTATIONS.get(language) or Notation()
    return Style(words_of(language), notation, currency, ZoneInfo(time_zone))
