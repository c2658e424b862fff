from contextlib import suppress
from decimal import ROUND_DOWN, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consign.domain.money import RoundingMode, cash_rounding, divide, exponent, share_ppm, split
from consign.domain.rejection import Rejected
from consign.domain.turns.tenders import settle
from tests.domain.market import card, cash

AMOUNTS = st.integers(-(10**12), 10**12)
DECIMAL_MODES = {
    RoundingMode.HALF_UP: ROUND_HALF_UP,
    RoundingMode.HALF_EVEN: ROUND_HALF_EVEN,
    RoundingMode.HALF_DOWN: ROUND_HALF_DOWN,
    RoundingMode.UP: ROUND_UP,
    RoundingMode.DOWN: ROUND_DOWN,
}


@given(AMOUNTS, st.integers(1, 10**6), st.sampled_from(list(RoundingMode)))
def test_division_rounds_as_decimal_arithmetic_does(amount: int, by: int, mode: RoundingMode) -> None:
    with localcontext() as exact:
        exact.prec = 60
        expected = (Decimal(amount) / Decimal(by)).quantize(Decimal(1), DECIMAL_MODES[mode])
    assert divide(amount, by, mode) == int(expected)


@pytest.mark.parametrize(("currency", "decimals"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CHF", 2)])
def test_currencies_have_their_decimals(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


def test_a_rate_of_parts_per_million_holds_a_sales_tax() -> None:
    assert share_ppm(10_000, 88_750, RoundingMode.HALF_UP) == 888


@given(AMOUNTS, st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_parts_add_up_to_the_whole_and_none_is_off_by_more_than_one(amount: int, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert sum(parts) == amount
    shares = weights if any(weights) else [1] * len(weights)
    for part, share in zip(parts, shares, strict=True):
        assert abs(part * sum(shares) - amount * share) < sum(shares)


@given(st.integers(0, 10**12), st.sampled_from([1, 5, 10, 20, 100]))
def test_cash_rounding_reaches_a_payable_amount_by_at_most_half_a_coin(amount: int, coin: int) -> None:
    rounding = cash_rounding(amount, coin)
    assert (amount + rounding) % coin == 0
    assert 2 * abs(rounding) <= coin


@given(
    st.integers(0, 10**6),
    st.lists(st.integers(1, 10**6), max_size=3),
    st.lists(st.integers(1, 10**6), max_size=3),
    st.sampled_from([1, 5]),
)
def test_tenders_less_change_are_the_total_with_its_rounding(
    total: int, coins: list[int], cards: list[int], increment: int
) -> None:
    tenders = tuple(cash(amount) for amount in coins) + tuple(card(amount) for amount in cards)
    if sum(cards) > total or sum(coins) + sum(cards) < total + increment:
        with suppress(Rejected):
            settle(total, tenders, increment)
        return
    balance = settle(total, tenders, increment)
    assert sum(coins) + sum(cards) - balance.change_minor == total + balance.rounding_minor
    assert 0 <= balance.change_minor <= sum(coins)
