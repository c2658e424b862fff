"""Windows and discounts by hand: what the shopper pays, what the consignor is credited, and who bears the rest."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from consign.domain.accounts import DISCOUNT, payable_account
from consign.domain.ledger.commands import CheckInItems, ListItems
from consign.domain.price_rules import DiscountWindow
from consign.domain.sale import ChangeSaleSettings, Phase, SaleSettings
from consign.domain.session.commands import OpenSession, Pay, RecallBasket, RemoveLine, Scan, SuspendBasket
from consign.domain.session.events import BasketDiscounted, BasketPaid, Discount, LineAdded, LineDiscounted
from consign.domain.session.price_commands import DiscountBasket, DiscountLine, GivenDiscount, OverridePrice
from consign.domain.tag import tag_code
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
    BASKET,
    BEN,
    CASHIER,
    COAT,
    COAT_MINOR,
    OTHER_BASKET,
    OTHER_SESSION,
    SALE,
    SALE_NUMBER,
    SESSION,
    SETTINGS,
    SKIRT,
    SKIRT_MINOR,
    TILL,
    cash,
    live,
    reach,
    registered,
    row,
)
from tests.domain.scenario import given
from tests.domain.test_books import FEE_MINOR, balances

HALF = DiscountWindow(
    "last hour", 500_000, datetime.fromisoformat("2026-09-26T10:00"), datetime.fromisoformat("2026-09-26T11:00")
)
HALF_PRICE_TAG = tag_code(SALE_NUMBER, ANNAS_NUMBER, 1)
FULL_PRICE_TAG = tag_code(SALE_NUMBER, ANNAS_NUMBER, 2)
PRICE_MINOR = 350


def with_windows(*windows: DiscountWindow, step_minor: int = 1) -> SaleSettings:
    return replace(SETTINGS, discount_windows=windows, discount_step_minor=step_minor)


def on_sale(settings: SaleSettings) -> MemoryLog:
    """Two equal toys of Anna's on the floor: one that she marked to be reduced, one that she did not."""
    log = registered(settings)
    log.issue(
        ListItems(
            SALE,
            (
                row(0, ANNAS_NUMBER, "toy", PRICE_MINOR, reduce=True, description="toy one"),
                row(1, ANNAS_NUMBER, "toy", PRICE_MINOR, description="toy two"),
            ),
        )
    )
    reach(log, Phase.DROP_OFF)
    log.issue(CheckInItems(SALE, (HALF_PRICE_TAG, FULL_PRICE_TAG)))
    reach(log, Phase.LIVE)
    log.issue(OpenSession(SESSION, SALE, TILL, CASHIER, 0))
    return log


def scanned(log: MemoryLog, tag: str) -> LineAdded:
    log.issue(Scan(SESSION, BASKET, tag))
    added: LineAdded = log.events_of(LineAdded)[-1]
    return added


def test_settings_say_windows_in_the_sales_own_time_and_keep_them_as_instants() -> None:
    window = on_sale(with_windows(HALF)).state(f"sale-{SALE}").settings.discount_windows[0]
    assert (window.begins_at, window.ends_at) == (
        datetime(2026, 9, 26, 8, tzinfo=UTC),
        datetime(2026, 9, 26, 9, tzinfo=UTC),
    )


def test_settings_that_were_read_and_said_again_change_nothing() -> None:
    log = on_sale(with_windows(HALF))
    as_read = log.state(f"sale-{SALE}").settings
    given(log).when(ChangeSaleSettings(SALE, as_read)).then()
    given(log).when(ChangeSaleSettings(SALE, with_windows(HALF))).then()


def test_in_a_window_what_opted_in_is_cheaper_and_its_consignor_bears_it() -> None:
    log = on_sale(with_windows(HALF))
    line = scanned(log, HALF_PRICE_TAG).line
    assert (line.price_minor, line.asked_minor, line.discount_minor) == (175, PRICE_MINOR, 0)
    assert line.discounts == (Discount("window", 175, "consignor", "last hour"),)
    log.issue(Pay(SESSION, BASKET, (cash(175),)))
    assert balances(log, payable_account(ANNA), DISCOUNT) == [FEE_MINOR - 175 + 35, 0]


def test_in_a_window_what_did_not_opt_in_costs_what_its_tag_says() -> None:
    line = scanned(on_sale(with_windows(HALF)), FULL_PRICE_TAG).line
    assert (line.price_minor, line.asked_minor, line.discounts) == (PRICE_MINOR, None, ())


def test_in_a_window_for_everyone_the_organizer_bears_what_did_not_opt_in() -> None:
    log = on_sale(with_windows(replace(HALF, everyone=True)))
    line = scanned(log, FULL_PRICE_TAG).line
    assert (line.price_minor, line.discount_minor) == (PRICE_MINOR, 175)
    log.issue(Pay(SESSION, BASKET, (cash(175),)))
    assert balances(log, payable_account(ANNA), DISCOUNT) == [FEE_MINOR - PRICE_MINOR + 70, 175]


def test_the_best_window_wins_and_windows_never_stack() -> None:
    windows = with_windows(replace(HALF, name="a little", rate_ppm=200_000), HALF, replace(HALF, name="b", rate_ppm=1))
    line = scanned(on_sale(windows), HALF_PRICE_TAG).line
    assert line.discounts == (Discount("window", 175, "consignor", HALF.name),)


def test_a_window_of_other_categories_reduces_nothing() -> None:
    line = scanned(on_sale(with_windows(replace(HALF, categories=("coat",)))), HALF_PRICE_TAG).line
    assert line.price_minor == PRICE_MINOR


@pytest.mark.parametrize(("after_s", "price_minor"), [(-1, PRICE_MINOR), (0, 175), (3599, 175), (3600, PRICE_MINOR)])
def test_a_window_begins_with_its_first_second_and_ends_before_its_last(after_s: int, price_minor: int) -> None:
    log = on_sale(with_windows(HALF))
    log.now = OPENING + timedelta(seconds=after_s)
    assert scanned(log, HALF_PRICE_TAG).line.price_minor == price_minor


def test_the_price_is_fixed_at_the_scan() -> None:
    log = on_sale(with_windows(HALF))
    log.now = OPENING + timedelta(seconds=3599)
    scanned(log, HALF_PRICE_TAG)
    log.pass_time(120)
    assert log.issue(Pay(SESSION, BASKET, (cash(175),))).total_minor == 175


@pytest.mark.parametrize(("step_minor", "price_minor"), [(1, 175), (5, 175), (50, 200), (100, 200), (1000, 0)])
def test_reduced_prices_go_in_steps_and_halves_go_up(step_minor: int, price_minor: int) -> None:
    line = scanned(on_sale(with_windows(HALF, step_minor=step_minor)), HALF_PRICE_TAG).line
    assert line.price_minor == price_minor


def discount(amount_minor: int = 0, rate_ppm: int = 0, tag: str = SKIRT) -> DiscountLine:
    return DiscountLine(
        SESSION, BASKET, tag, "organizer", CASHIER, GivenDiscount(amount_minor, rate_ppm), "a button is missing"
    )


def off_basket(amount_minor: int = 0, rate_ppm: int = 0) -> DiscountBasket:
    return DiscountBasket(SESSION, BASKET, "organizer", CASHIER, GivenDiscount(amount_minor, rate_ppm), "a regular")


def two_lines() -> MemoryLog:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.issue(Scan(SESSION, BASKET, COAT))
    return log


def test_a_discount_by_hand_is_borne_by_the_organizer_and_says_who_gave_it_and_why() -> None:
    log = two_lines()
    answer = log.issue(discount(rate_ppm=100_000))
    assert (answer.total_minor, answer.discount_minor) == (COAT_MINOR + SKIRT_MINOR - 35, 35)
    log.issue(Pay(SESSION, BASKET, (cash(answer.total_minor),)))
    line = log.events_of(BasketPaid)[0].lines[0]
    assert line.discounts == (
        Discount("line", 35, "organizer", reason="a button is missing", authorized_by=CASHIER, role="organizer"),
    )
    assert balances(log, payable_account(ANNA), DISCOUNT) == [FEE_MINOR - SKIRT_MINOR + 70, 35]


def test_a_second_discount_by_hand_replaces_the_first_and_nothing_takes_it_back() -> None:
    log = two_lines()
    log.issue(discount(100))
    assert log.issue(discount(20)).discount_minor == 20
    assert log.issue(replace(discount(), reason="")).discount_minor == 0
    assert log.state(f"session-{SESSION}").baskets[BASKET].lines == tuple(
        added.line for added in log.events_of(LineAdded)
    )


def test_a_discount_said_again_changes_nothing() -> None:
    given(two_lines(), discount(20)).when(discount(20)).then()
    given(two_lines(), off_basket(20)).when(off_basket(20)).then()


def test_a_cashier_may_take_off_what_the_settings_let_them() -> None:
    log = live(replace(SETTINGS, discount_limits_ppm={"cashier": 100_000}))
    log.issue(Scan(SESSION, BASKET, SKIRT))
    assert log.issue(replace(discount(35), role="cashier")).discount_minor == 35


def test_a_cashier_takes_off_line_and_basket_together_what_the_settings_let_them() -> None:
    log = live(replace(SETTINGS, discount_limits_ppm={"cashier": 100_000}))
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.issue(replace(off_basket(15), role="cashier"))
    assert log.issue(replace(discount(20), role="cashier")).discount_minor == 35
    assert log.issue(replace(discount(), role="cashier")).discount_minor == 15
    assert log.issue(replace(discount(rate_ppm=50_000), role="cashier")).discount_minor == 15 + 17


def test_what_an_organizer_takes_off_leaves_a_cashiers_own_limit_as_it_is() -> None:
    log = live(replace(SETTINGS, discount_limits_ppm={"cashier": 100_000}))
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.issue(discount(200))
    assert log.issue(replace(off_basket(15), role="cashier")).discount_minor == 215


def test_lines_that_each_are_reduced_by_what_a_cashier_may_are_so_together_however_that_rounds() -> None:
    limited = replace(SETTINGS, discount_limits_ppm={"cashier": 50_000}, discount_step_minor=100)
    log = live(limited)
    for tag in (SKIRT, COAT):
        log.issue(Scan(SESSION, BASKET, tag))
        log.issue(replace(discount(rate_ppm=50_000, tag=tag), role="cashier"))
    assert log.issue(replace(discount(rate_ppm=50_000), role="cashier")).count == 2


def test_a_price_set_by_hand_is_a_discount_that_the_organizer_bears() -> None:
    log = two_lines()
    override = OverridePrice(SESSION, BASKET, SKIRT, "organizer", CASHIER, 100, "the last one")
    given(log).when(override)
    line = log.events_of(LineDiscounted)[0].line
    assert (line.price_minor, line.discount_minor) == (SKIRT_MINOR, 250)
    assert line.discounts == (
        Discount("override", 250, "organizer", reason="the last one", authorized_by=CASHIER, role="organizer"),
    )


def test_a_discount_on_the_basket_is_split_over_its_lines_by_what_they_cost() -> None:
    log = two_lines()
    answer = log.issue(off_basket(100))
    assert answer.total_minor == SKIRT_MINOR + COAT_MINOR - 100
    log.issue(Pay(SESSION, BASKET, (cash(answer.total_minor),)))
    assert [line.discount_minor for line in log.events_of(BasketPaid)[0].lines] == [12, 88]
    assert balances(log, DISCOUNT, payable_account(BEN)) == [100, FEE_MINOR - COAT_MINOR + 375]


def test_a_rate_off_the_basket_counts_for_what_comes_later_and_goes_with_the_basket() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.issue(off_basket(rate_ppm=100_000))
    assert log.issue(Scan(SESSION, BASKET, COAT)).discount_minor == 285
    log.issue(SuspendBasket(SESSION, BASKET))
    assert log.issue(RecallBasket(OTHER_SESSION, BASKET)).discount_minor == 285
    assert log.issue(RemoveLine(OTHER_SESSION, BASKET, COAT)).discount_minor == 35
    assert log.issue(Pay(OTHER_SESSION, BASKET, (cash(315),))).total_minor == 315


def test_a_basket_discount_is_taken_back() -> None:
    given(two_lines(), off_basket(100)).when(off_basket()).then(BasketDiscounted(SALE, BASKET, None))


def test_each_basket_has_its_own_discount() -> None:
    log = two_lines()
    log.issue(off_basket(100))
    log.issue(Scan(OTHER_SESSION, OTHER_BASKET, tag_code(SALE_NUMBER, ANNAS_NUMBER, 2)))
    assert log.state(f"session-{OTHER_SESSION}").baskets[OTHER_BASKET].discount is None
