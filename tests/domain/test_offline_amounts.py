"""What a till computed by itself is held against the rules, line by line: told where it differs, never refused."""

import pytest
from msgspec.structs import replace

from consign.domain.accounts import DISCOUNT, SURCHARGE, TAX, payable_account
from consign.domain.ledger.offline_events import Difference
from consign.domain.offline_commands import OfflineDiscount, OfflineLine
from consign.domain.price_rules import Surcharge, TaxRule
from consign.domain.sale import SaleSettings
from consign.domain.session.commands import Pay, Scan
from consign.domain.session.events import BasketLine, BasketPaid
from tests.domain.log import MemoryLog
from tests.domain.market import ANNA, BASKET, COAT, COAT_MINOR, SESSION, SETTINGS, SKIRT, SKIRT_MINOR, card, live
from tests.domain.offline_till import conflicts, line, made, uploaded
from tests.domain.test_books import FEE_MINOR, balances
from tests.domain.test_discounts import FULL_PRICE_TAG, HALF, HALF_PRICE_TAG, PRICE_MINOR, on_sale, with_windows

IN_THE_PRICE = replace(SETTINGS, tax=TaxRule(200_000))
ON_TOP = replace(SETTINGS, tax=TaxRule(88_750, included=False), surcharge=Surcharge(50_000, 25))


def as_the_till_has_it(of_basket: BasketLine) -> OfflineLine:
    return OfflineLine(
        of_basket.price_minor,
        of_basket.tag,
        asked_minor=of_basket.asked_minor,
        discount_minor=of_basket.discount_minor,
        tax_minor=of_basket.tax_minor,
        tax_rate_ppm=of_basket.tax_rate_ppm,
        tax_included=of_basket.tax_included,
        surcharge_minor=of_basket.surcharge_minor,
        discounts=tuple(
            OfflineDiscount(each.kind, each.amount_minor, each.borne_by, each.name) for each in of_basket.discounts
        ),
    )


def accounts(log: MemoryLog) -> list[int]:
    return balances(log, TAX, SURCHARGE, DISCOUNT, payable_account(ANNA))


@pytest.mark.parametrize("settings", [SETTINGS, IN_THE_PRICE, ON_TOP])
def test_a_till_that_computes_as_the_service_does_is_told_nothing(settings: SaleSettings) -> None:
    here, away = live(settings), live(settings)
    _compute_the_same(here, away, SKIRT, COAT)


@pytest.mark.parametrize("everyone", [False, True])
def test_a_till_that_knows_the_windows_is_told_nothing(everyone: bool) -> None:
    settings = with_windows(replace(HALF, everyone=everyone))
    here, away = on_sale(settings), on_sale(settings)
    _compute_the_same(here, away, HALF_PRICE_TAG, FULL_PRICE_TAG)


def _compute_the_same(here: MemoryLog, away: MemoryLog, *tags: str) -> None:
    total_minor = [here.issue(Scan(SESSION, BASKET, tag)).total_minor for tag in tags][-1]
    here.issue(Pay(SESSION, BASKET, (card(total_minor),)))
    (paid,) = here.events_of(BasketPaid)
    uploaded(away, made(1, *map(as_the_till_has_it, paid.lines), tenders=(card(total_minor),)))
    (received,) = away.events_of(BasketPaid)
    assert (received.lines, received.total_minor) == (paid.lines, paid.total_minor)
    assert conflicts(away) == []
    assert accounts(away) == accounts(here)


def test_tax_and_surcharge_that_a_till_computed_otherwise_are_told_with_both_figures() -> None:
    log = live(ON_TOP)
    wrong = OfflineLine(SKIRT_MINOR, SKIRT, tax_minor=30, tax_rate_ppm=88_750, surcharge_minor=5)
    (answer,) = uploaded(log, made(1, wrong)).sales
    (conflict,) = conflicts(log)
    assert (answer.outcome, answer.conflicts) == ("received", (conflict.conflict,))
    assert (conflict.kind, conflict.line) == ("price_differs", None)
    assert conflict.differences == (Difference(0, "tax", 30, 31), Difference(0, "surcharge", 5, 43))
    assert "tax of line 0: 30 by the till, 31 here" in conflict.detail
    assert balances(log, TAX, SURCHARGE) == [-30, -5]


def test_tax_that_a_till_put_on_top_of_a_price_that_holds_it_is_told() -> None:
    log = live(IN_THE_PRICE)
    uploaded(log, made(1, OfflineLine(SKIRT_MINOR, SKIRT, tax_minor=58, tax_rate_ppm=200_000)))
    assert [each.differences for each in conflicts(log)] == [(Difference(0, "tax_on_top", 58, 0),)]


def test_a_line_that_sells_nothing_here_is_held_against_no_rule_and_still_bears_its_share() -> None:
    log = live(IN_THE_PRICE)
    unknown = line("skirt", COAT_MINOR, tax_minor=1, tax_rate_ppm=200_000, tax_included=True)
    known = line(SKIRT, SKIRT_MINOR, tax_minor=58, tax_rate_ppm=200_000, tax_included=True)
    uploaded(log, made(1, unknown, known))
    assert [(each.kind, each.differences) for each in conflicts(log)] == [("unknown_tag", ())]


def test_a_discount_that_nobody_is_named_for_is_told() -> None:
    log = live()
    uploaded(log, made(1, line(SKIRT, SKIRT_MINOR, discount_minor=50)))
    assert [each.differences for each in conflicts(log)] == [(Difference(0, "discount", 50, 0),)]
    assert balances(log, DISCOUNT) == [50]


def test_what_a_till_took_off_without_a_window_is_borne_by_the_organizer_and_not_by_the_consignor() -> None:
    log = on_sale(with_windows(HALF))
    taken = OfflineDiscount("window", 250, "consignor", "last hour")
    more = line(HALF_PRICE_TAG, PRICE_MINOR - 250, asked_minor=PRICE_MINOR, discounts=(taken,))
    uploaded(log, made(1, more))
    assert [each.differences for each in conflicts(log)] == [(Difference(0, "window", 250, 175),)]
    (sold,) = log.events_of(BasketPaid)[0].lines
    assert (sold.price_minor, sold.discount_minor) == (PRICE_MINOR - 175, 75)
    assert [(each.amount_minor, each.borne_by) for each in sold.discounts] == [(175, "consignor"), (75, "organizer")]
    # 20 % commission on 1.75
    assert balances(log, DISCOUNT, payable_account(ANNA)) == [75, FEE_MINOR - 175 + 35]


def test_a_window_that_a_till_did_not_know_of_is_told_and_the_consignor_gets_what_was_paid() -> None:
    log = on_sale(with_windows(HALF))
    uploaded(log, made(1, line(HALF_PRICE_TAG, PRICE_MINOR)))
    assert [each.differences for each in conflicts(log)] == [(Difference(0, "window", 0, 175),)]
    assert balances(log, DISCOUNT, payable_account(ANNA)) == [0, FEE_MINOR - PRICE_MINOR + 70]
