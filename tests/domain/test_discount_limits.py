"""What a cashier may take off by hand: of a basket, and of each line with its share of what is taken off the basket."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from consign.domain.price_rules import reduced_minor
from consign.domain.rejection import Reason, Rejected
from consign.domain.session.commands import Pay, Scan
from consign.domain.session.events import BasketPaid
from consign.domain.session.price_commands import DiscountBasket, DiscountLine, GivenDiscount
from tests.domain.market import BASKET, CASHIER, COAT, COAT_MINOR, SESSION, SETTINGS, SKIRT, SKIRT_MINOR, cash, live
from tests.domain.scenario import given as scenario

OFF_BASKET = DiscountBasket(SESSION, BASKET, "cashier", CASHIER, GivenDiscount(rate_ppm=20_000), "a regular")


def off_line(amount_minor: int) -> DiscountLine:
    return DiscountLine(SESSION, BASKET, SKIRT, "cashier", CASHIER, GivenDiscount(amount_minor), "a button is missing")


def test_a_line_is_not_reduced_further_by_its_share_of_the_basket_than_a_cashier_may() -> None:
    """The basket as a whole could bear it: the coat is not reduced at all."""
    log = live(replace(SETTINGS, discount_limits_ppm={"cashier": 100_000}))
    for tag in (SKIRT, COAT):
        log.issue(Scan(SESSION, BASKET, tag))
    by_line, by_basket = off_line(35), OFF_BASKET
    scenario(log, by_line).when(by_basket).rejected(Reason.DISCOUNT_NEEDS_ROLE, "share")
    log.issue(off_line(0))
    scenario(log, by_basket).when(by_line).rejected(Reason.DISCOUNT_NEEDS_ROLE, "share")
    log.issue(off_line(28))


HAND_LIMIT_PPM = 150_000
TAKEN_OFF = st.one_of(
    st.builds(GivenDiscount, amount_minor=st.integers(0, 60)),
    st.builds(GivenDiscount, rate_ppm=st.integers(0, 160_000)),
)


@given(st.permutations(["basket", SKIRT, COAT]), TAKEN_OFF, TAKEN_OFF, TAKEN_OFF, st.sampled_from([1, 5, 50]))
def test_however_a_cashier_gives_them_line_and_basket_discounts_together_stay_within_the_limit(
    order: list[str], basket: GivenDiscount, skirt: GivenDiscount, coat: GivenDiscount, step_minor: int
) -> None:
    limited = replace(SETTINGS, discount_limits_ppm={"cashier": HAND_LIMIT_PPM}, discount_step_minor=step_minor)
    log = live(limited)
    for tag in (SKIRT, COAT):
        log.issue(Scan(SESSION, BASKET, tag))
    for which in order:
        with suppress(Rejected):
            if which == "basket":
                log.issue(DiscountBasket(SESSION, BASKET, "cashier", CASHIER, basket, "a regular"))
            else:
                off = skirt if which == SKIRT else coat
                log.issue(DiscountLine(SESSION, BASKET, which, "cashier", CASHIER, off, "a stain"))
    log.issue(Pay(SESSION, BASKET, (cash(SKIRT_MINOR + COAT_MINOR),)))
    (paid,) = log.events_of(BasketPaid)
    for line in paid.lines:
        most_minor = line.price_minor * HAND_LIMIT_PPM // 1_000_000
        rounded_minor = line.price_minor - reduced_minor(line.price_minor, HAND_LIMIT_PPM, step_minor)
        assert line.discount_minor <= max(most_minor + 1, rounded_minor), (order, line)


@given(TAKEN_OFF, TAKEN_OFF)
def test_in_whichever_order_line_and_basket_discounts_are_given_the_same_is_refused(
    basket: GivenDiscount, skirt: GivenDiscount
) -> None:
    outcomes = []
    commands = (
        DiscountLine(SESSION, BASKET, SKIRT, "cashier", CASHIER, skirt, "a stain"),
        DiscountBasket(SESSION, BASKET, "cashier", CASHIER, basket, "a regular"),
    )
    for order in (commands, commands[::-1]):
        log = live(replace(SETTINGS, discount_limits_ppm={"cashier": HAND_LIMIT_PPM}))
        for tag in (SKIRT, COAT):
            log.issue(Scan(SESSION, BASKET, tag))
        try:
            for command in order:
                log.issue(command)
        except Rejected as rejected:
            outcomes.append(rejected.reason)
        else:
            outcomes.append(log.state(f"session-{SESSION}").baskets[BASKET])
    assert outcomes[0] == outcomes[1]
