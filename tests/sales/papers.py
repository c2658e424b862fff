"""What a sale is reckoned from, and how amounts are rounded: nothing of it is the service's code."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

type Row = Mapping[str, Any]

MILLION = 1_000_000
PARTS = ("price_minor", "discount_minor", "tax_minor", "surcharge_minor")


class Papers(NamedTuple):
    """What is reckoned from: the rules and offers as they were said, and what the service exports."""

    settings: Row
    offers: Mapping[str, Row]
    people: Sequence[Row]
    receipts: Sequence[Row]
    refunds: Sequence[Row]
    manual_lines: Sequence[Row]
    adjustments: Sequence[Row]
    lost: Sequence[Row] = ()
    """Things that were lost; what is made good in full is among the adjustments."""
    late: Collection[int] = ()
    """Who came late with their first things and was not let off it, by number."""
    pledges: Mapping[int, tuple[int, str]] = {}
    """What share (in parts per million) of what is left to charity, by number."""
    payments: Sequence[Row] = ()
    """What card providers were asked for, and said."""
    frozen: bool = False
    """Whether statements were issued: from then on the organizer bears what is below zero, by the rules, and what
    was pledged is the charity's."""


def fees_paid(person: Row) -> tuple[tuple[str | None, int], ...]:
    """Return how the fees for taking part and for being late were paid by themselves, and how much."""
    return (person["fee_means"], person["fee_paid_minor"]), (person["late_means"], person["late_paid_minor"])


class Line(NamedTuple):
    """What is left of a line of a receipt, and how it is taxed."""

    parts: Mapping[str, int]
    rate_ppm: int
    included: bool

    @property
    def goods_minor(self) -> int:
        return self.parts["price_minor"] - self.parts["discount_minor"]

    @property
    def paid_minor(self) -> int:
        on_top_minor = 0 if self.included else self.parts["tax_minor"]
        return self.goods_minor + on_top_minor + self.parts["surcharge_minor"]

    @property
    def gross_minor(self) -> int:
        return self.parts["price_minor"] - (self.parts["tax_minor"] if self.included else 0)


def cash(papers: Papers, amount_minor: int) -> int:
    """What can be paid in the coins that there are."""
    coin_minor: int = papers.settings.get("cash_rounding_minor", 1)
    return half_up(Fraction(amount_minor, coin_minor)) * coin_minor


def half_up(exact: Fraction) -> int:
    """Round to a whole unit, the middle away from zero."""
    return -half_up(-exact) if exact < 0 else floor(exact + Fraction(1, 2))
