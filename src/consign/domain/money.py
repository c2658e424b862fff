"""Arithmetic on amounts in minor units: whole numbers only, and every division says how it rounds."""

from collections.abc import Sequence
from enum import StrEnum

PARTS_PER_MILLION = 1_000_000


class RoundingMode(StrEnum):
    """Where an amount between two whole minor units goes; half modes differ only exactly in the middle."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    HALF_DOWN = "half_down"
    UP = "up"
    DOWN = "down"


# ISO 4217, list one (active currencies that people pay with), by how many decimals they have.
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_TWO_DECIMALS = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK
DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD
KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP
PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
CURRENCIES = {
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_TWO_DECIMALS.split(), 2),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
}
"""Each currency's exponent: how many decimals its amounts have on paper."""


def exponent(currency: str) -> int:
    """Return how many decimals the currency has by ISO 4217: 0, 2 or 3. Raises KeyError for what is no currency."""
    return CURRENCIES[currency]


def divide(numerator: int, denominator: int, mode: RoundingMode) -> int:
    """Divide and round; negative amounts round as their positive mirror image. `denominator` is positive."""
    if numerator < 0:
        return -divide(-numerator, denominator, mode)
    whole, rest = divmod(numerator, denominator)
    match mode:
        case RoundingMode.HALF_UP:
            return whole + (2 * rest >= denominator)
        case RoundingMode.HALF_EVEN:
            return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))
        case RoundingMode.HALF_DOWN:
            return whole + (2 * rest > denominator)
        case RoundingMode.UP:
            return whole + (rest > 0)
        case RoundingMode.DOWN:
            return whole


def share_ppm(amount_minor: int, rate_ppm: int, mode: RoundingMode) -> int:
    """Return the rate's share of the amount, rounded once."""
    return divide(amount_minor * rate_ppm, PARTS_PER_MILLION, mode)


def cash_rounding(amount_minor: int, increment_minor: int) -> int:
    """Return what must be added so that the amount can be paid in coins of `increment_minor`; halves go up."""
    return divide(amount_minor, increment_minor, RoundingMode.HALF_UP) * increment_minor - amount_minor


def split(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Split the amount by weights so that the parts add up to it: largest remainder, ties to the earlier part.

    Weights are not negative; when all are zero the parts are as equal as can be.
    """
    if not weights:
        return []
    if amount_minor < 0:
        return [-part for part in split(-amount_minor, weights)]
    total = sum(weights)
    shares = list(weights) if total else [1] * len(weights)
    total = total or len(weights)
    parts = [amount_minor * share // total for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda index: (-(amount_minor * shares[index] % total), index))
    for index in by_remainder[: amount_minor - sum(parts)]:
        parts[index] += 1
    return parts
