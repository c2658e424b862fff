"""What a basket comes to: basket discount, tax and surcharge are computed once, then split over the lines.

Every split is by largest remainder, so the lines always add up to the receipt.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.amounts import goods_minor, tax_on_top_minor
from consign.domain.money import PARTS_PER_MILLION, RoundingMode, divide, share_ppm, split
from consign.domain.price_rules import NO_SURCHARGE, Surcharge
from consign.domain.session.events import BasketDiscount, BasketLine, Discount


class Due(Struct, frozen=True, gc=False):
    """What a shopper pays for some lines, and what of it is tax (in the price or on top) and surcharge."""

    total_minor: int
    discount_minor: int
    tax_minor: int
    surcharge_minor: int


class TaxOfRate(Struct, frozen=True, gc=False):
    """A receipt's tax of one rate: computed once, on what its lines cost the shopper together."""

    rate_ppm: int
    included: bool
    base_minor: int
    tax_minor: int


def as_paid(
    lines: tuple[BasketLine, ...], discount: BasketDiscount | None, surcharge: Surcharge
) -> tuple[BasketLine, ...]:
    """Return the lines as the receipt will show them, each with its shares."""
    if discount is not None:
        lines = _discounted(lines, discount)
    if any(line.tax_rate_ppm for line in lines):
        lines = _taxed(lines)
    if surcharge != NO_SURCHARGE:
        lines = _surcharged(lines, surcharge)
    return lines


def due(lines: Sequence[BasketLine]) -> Due:
    """Return what lines come to that are as paid. The discount is all that was taken off what the tags ask."""
    asked_minor = goods = tax_minor = on_top_minor = surcharge_minor = 0
    for line in lines:  # every scan adds up its whole basket: this is spelled out for speed
        price_minor = line.price_minor
        asked_minor += price_minor if line.asked_minor is None else line.asked_minor
        goods += price_minor - line.discount_minor
        if line.tax_minor:
            tax_minor += line.tax_minor
            on_top_minor += tax_on_top_minor(line)
        surcharge_minor += line.surcharge_minor
    return Due(goods + on_top_minor + surcharge_minor, asked_minor - goods, tax_minor, surcharge_minor)


def taxes_of(lines: Sequence[BasketLine]) -> tuple[TaxOfRate, ...]:
    """Return the tax rate by rate, of lines that are as paid."""
    found: dict[tuple[int, bool], tuple[int, int]] = {}
    for line in lines:
        if line.tax_rate_ppm:
            key = (line.tax_rate_ppm, line.tax_included)
            base_minor, tax_minor = found.get(key, (0, 0))
            found[key] = (base_minor + goods_minor(line), tax_minor + line.tax_minor)
    return tuple(TaxOfRate(*key, *found[key]) for key in sorted(found))


def basket_discount_minor(discount: BasketDiscount, goods: int) -> int:
    """Return what a basket discount takes off goods that cost this much together: never more than all of it."""
    if discount.rate_ppm:
        return share_ppm(goods, discount.rate_ppm, RoundingMode.HALF_UP)
    return min(discount.amount_minor, goods)


def basket_discount_shares(lines: tuple[BasketLine, ...], discount: BasketDiscount) -> Sequence[int]:
    """Return what a basket discount takes off each line."""
    goods = [goods_minor(line) for line in lines]
    return split(basket_discount_minor(discount, sum(goods)), goods)


def _discounted(lines: tuple[BasketLine, ...], discount: BasketDiscount) -> tuple[BasketLine, ...]:
    shares = basket_discount_shares(lines, discount)
    return tuple(
        _with_share(line, discount, share) if share else line for line, share in zip(lines, shares, strict=True)
    )


def _with_share(line: BasketLine, discount: BasketDiscount, share_minor: int) -> BasketLine:
    share = Discount(
        "basket",
        share_minor,
        "organizer",
        reason=discount.reason,
        authorized_by=discount.authorized_by,
        role=discount.role,
        approved_by=discount.approved_by,
        pin_version=discount.pin_version,
    )
    return replace(line, discount_minor=line.discount_minor + share_minor, discounts=(*line.discounts, share))


def _taxed(lines: tuple[BasketLine, ...]) -> tuple[BasketLine, ...]:
    taxed = list(lines)
    for rate_ppm, included in {(line.tax_rate_ppm, line.tax_included) for line in lines if line.tax_rate_ppm}:
        of_rate = [
            index for index, line in enumerate(lines) if line.tax_rate_ppm == rate_ppm and line.tax_included == included
        ]
        bases = [goods_minor(lines[index]) for index in of_rate]
        whole = PARTS_PER_MILLION + rate_ppm if included else PARTS_PER_MILLION
        tax_minor = divide(sum(bases) * rate_ppm, whole, RoundingMode.HALF_UP)
        for index, share in zip(of_rate, split(tax_minor, bases), strict=True):
            taxed[index] = replace(lines[index], tax_minor=share)
    return tuple(taxed)


def _surcharged(lines: tuple[BasketLine, ...], surcharge: Surcharge) -> tuple[BasketLine, ...]:
    goods = [goods_minor(line) for line in lines]
    if not sum(goods):
        return lines  # who pays nothing pays no surcharge on it
    surcharge_minor = share_ppm(sum(goods), surcharge.rate_ppm, RoundingMode.HALF_UP) + surcharge.fixed_minor
    shares = split(surcharge_minor, goods)
    return tuple(replace(line, surcharge_minor=share) for line, share in zip(lines, shares, strict=True))
