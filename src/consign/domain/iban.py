"""Account numbers for SEPA transfers: IBAN (ISO 13616) and BIC (ISO 9362), and the text that banks take."""

import re
from collections.abc import Mapping

_LENGTHS: Mapping[str, int] = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FO GL NL",
        19: "MK SI",
        20: "AT BA EE LT LU XK",
        21: "CH HR LI LV",
        22: "BG DE GB GE GG IE IM JE ME RS",
        23: "GI",
        24: "AD CZ ES MD SE SK",
        25: "PT",
        26: "IS",
        27: "FR GR IT MC SM",
        28: "AL CY HU PL VA",
        29: "UA",
        31: "MT",
    }.items()
    for country in countries.split()
}
"""How long an IBAN is, in the countries that take SEPA transfers or are about to, by the SWIFT IBAN registry."""

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,27}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_CHECKSUM_DIVISOR = 97


def iban_fault(iban: str) -> str | None:
    """Return what is wrong with an IBAN written without spaces in capitals; None where nothing is.

    The check is ISO 7064 MOD 97-10 over the number with its first four characters moved to its end.
    """
    if not _IBAN.fullmatch(iban):
        return "is not an IBAN: two letters, two digits, then letters and digits"
    length = _LENGTHS.get(iban[:2])
    if length is None:
        return f"is of {iban[:2]}, which takes no SEPA transfers"
    if len(iban) != length:
        return f"has {len(iban)} characters; those of {iban[:2]} have {length}"
    digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
    if int(digits) % _CHECKSUM_DIVISOR != 1:
        return "has a wrong check number: a digit is mistyped"
    return None


def bic_fault(bic: str) -> str | None:
    """Return what is wrong with a BIC; None where nothing is."""
    return None if _BIC.fullmatch(bic) else "is not a BIC: 8 or 11 letters and digits"


def compact(text: str) -> str:
    """Return what a person typed, without spaces and in capitals."""
    return "".join(text.split()).upper()
