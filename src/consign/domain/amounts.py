"""What a line of a basket or receipt is made of, and what follows from it for the shopper and for the consignor."""

from typing import Protocol

from msgspec import Struct

from consign.domain.money import RoundingMode, divide, split


class Amounts(Protocol):
    """The parts of one line, in minor units; none is below zero.

    `price_minor` counts for the consignor, after the discounts that the consignor bears. `discount_minor` is what the
    organizer bears. `tax_minor` is part of the price where `tax_included`, else it comes on top. `surcharge_minor` is
    the line's share of the buyer's surcharge.
    """

    @property
    def price_minor(self) -> int: ...
    @property
    def discount_minor(self) -> int: ...
    @property
    def tax_minor(self) -> int: ...
    @property
    def tax_rate_ppm(self) -> int: ...
    @property
    def tax_included(self) -> bool: ...
    @property
    def surcharge_minor(self) -> int: ...


def goods_minor(line: Amounts) -> int:
    """Return what the shopper pays for the thing itself: what tax and surcharge are computed on."""
    return line.price_minor - line.discount_minor


def tax_on_top_minor(line: Amounts) -> int:
    """Return the tax that the shopper pays beside the price."""
    return 0 if line.tax_included else line.tax_minor


def paid_minor(line: Amounts) -> int:
    """Return what the shopper pays for the line."""
    return line.price_minor - line.discount_minor + tax_on_top_minor(line) + line.surcharge_minor


def gross_minor(line: Amounts) -> int:
    """Return what commission is computed on: the price without the tax in it."""
    return line.price_minor - line.tax_minor if line.tax_included else line.price_minor


class Parts(Struct, frozen=True, gc=False):
    """The parts of a line, or of what is given back of one."""

    price_minor: int
    discount_minor: int
    tax_minor: int
    tax_rate_ppm: int
    tax_included: bool
    surcharge_minor: int


def refundable(line: Amounts, *, surcharge: bool) -> Parts:
    """Return what of a line can be given back: everything, or all but the surcharge."""
    surcharge_minor = line.surcharge_minor if surcharge else 0
    return Parts(
        line.price_minor,
        line.discount_minor,
        line.tax_minor,
        line.tax_rate_ppm,
        line.tax_included,
        surcharge_minor,
    )


def part_of(whole: Parts, paid: int) -> Parts:
    """Return the parts of what gives back `paid` of all that the shopper paid, each in its proportion.

    What was paid for goods, tax and surcharge is split by largest remainder: rounding each by itself could ask for more
    of one than there is. Discount and included tax follow the goods.
    """
    goods, on_top = goods_minor(whole), tax_on_top_minor(whole)
    goods_back, on_top_back, surcharge_back = split(paid, (goods, on_top, whole.surcharge_minor))
    discount_back = _following(whole.discount_minor, goods_back, goods)
    tax_back = _following(whole.tax_minor, goods_back, goods) if whole.tax_included else on_top_back
    return Parts(
        goods_back + discount_back,
        discount_back,
        tax_back,
        whole.tax_rate_ppm,
        whole.tax_included,
        surcharge_back,
    )


def _following(amount_minor: int, part: int, whole: int) -> int:
    return divide(amount_minor * part, whole, RoundingMode.HALF_UP) if whole else 0
