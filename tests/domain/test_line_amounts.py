"""Parts of lines: whatever is split or given back adds up to the whole, for every tax, discount and surcharge."""

from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from consign.domain.amounts import Amounts, Parts, goods_minor, gross_minor, paid_minor, part_of, refundable
from consign.domain.price_rules import Surcharge, reduced_minor
from consign.domain.session.events import BasketDiscount, BasketLine
from consign.domain.session.totals import as_paid, due, taxes_of
from tests.domain.market import ANNA, SKIRT

RATES = st.sampled_from([0, 55_000, 88_750, 200_000, 1_000_000])
PRICES = st.integers(0, 10**6)


@st.composite
def lines(draw: st.DrawFn) -> tuple[BasketLine, ...]:
    found = []
    for _ in range(draw(st.integers(1, 8))):
        price_minor, rate_ppm = draw(PRICES), draw(RATES)
        found.append(
            BasketLine(
                SKIRT,
                ANNA,
                1,
                "toy",
                "toy",
                price_minor,
                discount_minor=draw(st.integers(0, price_minor)),
                tax_rate_ppm=rate_ppm,
                tax_included=draw(st.booleans()) and rate_ppm > 0,
            )
        )
    return tuple(found)


BASKET_RATES = st.builds(BasketDiscount, st.just(0), st.integers(1, 10**6))
DISCOUNTS = st.none() | st.builds(BasketDiscount, st.integers(1, 10**7)) | BASKET_RATES
SURCHARGES = st.builds(Surcharge, st.integers(0, 100_000), st.integers(0, 500))


def half_up(exact: Fraction) -> int:
    return floor(exact + Fraction(1, 2))


def check_parts(line: Amounts) -> None:
    assert 0 <= line.discount_minor <= line.price_minor
    assert line.tax_minor >= 0
    assert line.surcharge_minor >= 0
    assert 0 <= gross_minor(line) <= line.price_minor
    assert paid_minor(line) >= 0


@given(lines(), DISCOUNTS, SURCHARGES)
def test_the_lines_of_a_receipt_add_up_to_what_is_computed_once(
    scanned: tuple[BasketLine, ...], discount: BasketDiscount | None, surcharge: Surcharge
) -> None:
    paid = as_paid(scanned, discount, surcharge)
    for line in paid:
        check_parts(line)
    before, goods = sum(map(goods_minor, scanned)), sum(map(goods_minor, paid))
    if discount is None:
        off = 0
    elif discount.rate_ppm:
        off = half_up(Fraction(before * discount.rate_ppm, 10**6))
    else:
        off = min(discount.amount_minor, before)
    assert before - goods == off
    expected = half_up(Fraction(goods * surcharge.rate_ppm, 10**6)) + surcharge.fixed_minor if goods else 0
    assert sum(line.surcharge_minor for line in paid) == expected
    for rate_ppm, included in {(line.tax_rate_ppm, line.tax_included) for line in paid if line.tax_rate_ppm}:
        taxed = [line for line in paid if (line.tax_rate_ppm, line.tax_included) == (rate_ppm, included)]
        base = Fraction(sum(map(goods_minor, taxed)))
        rate = Fraction(rate_ppm, 10**6)
        exact = base - base / (1 + rate) if included else base * rate
        assert sum(line.tax_minor for line in taxed) == half_up(exact)
    owed = due(paid)
    on_top = sum(line.tax_minor for line in paid if not line.tax_included)
    assert owed.total_minor == goods + on_top + expected
    assert owed.tax_minor == sum(tax.tax_minor for tax in taxes_of(paid)) == sum(line.tax_minor for line in paid)
    assert owed.discount_minor == sum(line.price_minor for line in paid) - goods


@given(lines(), SURCHARGES, st.lists(st.integers(1, 10**6), max_size=6), st.booleans())
def test_what_is_given_back_in_parts_is_in_the_end_the_whole_line(
    scanned: tuple[BasketLine, ...], surcharge: Surcharge, amounts: list[int], refunds_surcharge: bool
) -> None:
    line = as_paid(scanned, None, surcharge)[0]
    whole = left = refundable(line, surcharge=refunds_surcharge)
    back_minor = 0
    for amount in amounts:
        if amount > paid_minor(left):
            continue
        part = part_of(left, amount)
        assert paid_minor(part) == amount
        check_parts(part)
        left = less(left, part)
        check_parts(left)
        back_minor += amount
    assert paid_minor(left) == paid_minor(whole) - back_minor


def less(whole: Parts, part: Parts) -> Parts:
    return replace(
        whole,
        price_minor=whole.price_minor - part.price_minor,
        discount_minor=whole.discount_minor - part.discount_minor,
        tax_minor=whole.tax_minor - part.tax_minor,
        surcharge_minor=whole.surcharge_minor - part.surcharge_minor,
    )


@given(PRICES, st.integers(0, 1_000_000), st.sampled_from([1, 5, 50, 100]))
def test_a_reduced_price_is_a_step_near_the_exact_one_and_never_above_the_price(
    price: int, rate_ppm: int, step: int
) -> None:
    reduced = reduced_minor(price, rate_ppm, step)
    exact = Fraction(price * (10**6 - rate_ppm), 10**6)
    assert 0 <= reduced <= price
    assert reduced == price or (reduced % step == 0 and abs(reduced - exact) <= Fraction(step, 2))
