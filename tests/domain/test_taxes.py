"""Tax, the buyer's surcharge and the tax on commission: who pays them, and where they stand in the books."""

import pytest
from msgspec.structs import replace

from consign.domain.accounts import CASH_ROUNDING, COMMISSION, DISCOUNT, SURCHARGE, TAX, payable_account
from consign.domain.ledger.commands import CheckInItems, ListItems
from consign.domain.organization import FoundOrganization
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.price_rules import Surcharge, TaxRule
from consign.domain.sale import Category, Phase, PlanSale, SaleSettings
from consign.domain.session.commands import (
    GivenRefundLine,
    OpenSession,
    Pay,
    RefundReceipt,
    Scan,
    VoidReceipt,
)
from consign.domain.session.events import RefundPaid, TenderKind
from consign.domain.session.price_commands import DiscountLine, GivenDiscount
from consign.domain.session.totals import TaxOfRate
from consign.domain.settlement.statements import Terms, sold_items, statement
from consign.domain.values import ReceiptNumber
from tests.domain.log import MemoryLog
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
    BASKET,
    BEN,
    CASHIER,
    COAT,
    COAT_MINOR,
    OLIVE,
    ORGANIZATION,
    SALE,
    SALE_NUMBER,
    SCHEDULE,
    SESSION,
    SETTINGS,
    SKIRT,
    SKIRT_MINOR,
    TILL,
    card,
    live,
    reach,
    row,
)
from tests.domain.test_books import FEE_MINOR, balances

RECEIPT = ReceiptNumber("1-1")
REFUND_ALL = RefundReceipt(SESSION, RECEIPT, TenderKind.CARD, "torn", "cashier")
TWENTY_PERCENT_INCLUDED = TaxRule(200_000)
SALES_TAX_ON_TOP = TaxRule(88_750, included=False)


def paid(settings: SaleSettings, *tags: str) -> MemoryLog:
    """What the tags name, paid by card."""
    log = live(settings)
    total_minor = 0
    for tag in tags:
        total_minor = log.issue(Scan(SESSION, BASKET, tag)).total_minor
    log.issue(Pay(SESSION, BASKET, (card(total_minor),)))
    return log


def test_included_tax_is_part_of_the_price_and_no_part_of_what_commission_is_computed_on() -> None:
    log = live(replace(SETTINGS, tax=TWENTY_PERCENT_INCLUDED))
    answer = log.issue(Scan(SESSION, BASKET, SKIRT))
    assert (answer.total_minor, answer.tax_minor) == (SKIRT_MINOR, 58)
    receipt = log.issue(Pay(SESSION, BASKET, (card(SKIRT_MINOR),)))
    assert receipt.taxes == (TaxOfRate(200_000, True, SKIRT_MINOR, 58),)
    # 20 % commission on 3.50 - 0.58 = 2.92
    assert balances(log, TAX, COMMISSION, payable_account(ANNA)) == [-58, -58, FEE_MINOR - 292 + 58]


def test_tax_on_top_is_paid_by_the_shopper_and_touches_no_commission() -> None:
    log = live(replace(SETTINGS, tax=SALES_TAX_ON_TOP))
    answer = log.issue(Scan(SESSION, BASKET, SKIRT))
    assert (answer.total_minor, answer.tax_minor) == (SKIRT_MINOR + 31, 31)
    log.issue(Pay(SESSION, BASKET, (card(SKIRT_MINOR + 31),)))
    assert balances(log, TAX, COMMISSION, payable_account(ANNA)) == [-31, -70, FEE_MINOR - SKIRT_MINOR + 70]


def test_each_rate_is_computed_once_a_receipt_and_told_by_itself() -> None:
    categories = tuple(
        replace(category, tax=TaxRule(50_000)) if category.code == "coat" else category
        for category in SETTINGS.categories
    )
    log = live(replace(SETTINGS, categories=categories, tax=SALES_TAX_ON_TOP))
    for tag in (SKIRT, COAT):
        log.issue(Scan(SESSION, BASKET, tag))
    receipt = log.issue(Pay(SESSION, BASKET, (card(SKIRT_MINOR + 31 + COAT_MINOR),)))
    assert receipt.taxes == (
        TaxOfRate(50_000, True, COAT_MINOR, 119),
        TaxOfRate(88_750, False, SKIRT_MINOR, 31),
    )


def test_tax_is_on_what_the_shopper_pays_after_a_discount() -> None:
    log = live(replace(SETTINGS, tax=SALES_TAX_ON_TOP))
    log.issue(Scan(SESSION, BASKET, COAT))
    answer = log.issue(
        DiscountLine(SESSION, BASKET, COAT, "organizer", CASHIER, GivenDiscount(rate_ppm=500_000), "a hole")
    )
    assert (answer.total_minor, answer.tax_minor) == (1250 + 111, 111)
    log.issue(Pay(SESSION, BASKET, (card(1361),)))
    assert balances(log, TAX, DISCOUNT, payable_account(BEN)) == [-111, 1250, FEE_MINOR - COAT_MINOR + 375]


def test_the_buyers_surcharge_is_the_organizers_and_touches_no_commission() -> None:
    log = paid(replace(SETTINGS, surcharge=Surcharge(20_000, 30)), SKIRT, COAT)
    surcharge_minor = 57 + 30  # 2 % of 28.50, and 0.30 a receipt
    assert balances(log, SURCHARGE, COMMISSION) == [-surcharge_minor, -70 - 375]


@pytest.mark.parametrize("refundable", [True, False])
def test_a_refund_gives_back_every_part_and_the_surcharge_by_setting(refundable: bool) -> None:
    surcharge = Surcharge(20_000, 30, refundable=refundable)
    log = paid(replace(SETTINGS, surcharge=surcharge, tax=SALES_TAX_ON_TOP), SKIRT, COAT)
    answer = log.issue(REFUND_ALL)
    kept_minor = 0 if refundable else 87
    assert answer.amount_minor == SKIRT_MINOR + COAT_MINOR + 253 + 87 - kept_minor
    assert balances(log, SURCHARGE, TAX, COMMISSION, payable_account(ANNA)) == [-kept_minor, 0, 0, FEE_MINOR]


def test_a_void_undoes_every_part() -> None:
    settings = replace(SETTINGS, surcharge=Surcharge(20_000, 30, refundable=False), tax=TWENTY_PERCENT_INCLUDED)
    log = paid(settings, SKIRT, COAT)
    log.issue(VoidReceipt(SESSION, RECEIPT, "wrong basket"))
    assert balances(log, SURCHARGE, TAX, COMMISSION, payable_account(ANNA)) == [0, 0, 0, FEE_MINOR]


def test_part_of_what_was_paid_gives_back_its_share_of_each_part() -> None:
    log = paid(replace(SETTINGS, surcharge=Surcharge(100_000), tax=TaxRule(100_000, included=False)), COAT)
    assert log.issue(replace(REFUND_ALL, lines=(GivenRefundLine(COAT, 1200),))).amount_minor == 1200
    line = log.events_of(RefundPaid)[0].lines[0]
    assert (line.refund_minor, line.tax_minor, line.surcharge_minor) == (1000, 100, 100)
    assert balances(log, TAX, SURCHARGE, payable_account(BEN)) == [-150, -150, FEE_MINOR - 1500 + 225]
    assert log.issue(REFUND_ALL).amount_minor == 1800
    assert balances(log, TAX, SURCHARGE, payable_account(BEN)) == [0, 0, FEE_MINOR]


def test_a_tax_on_commission_is_borne_by_the_consignor_and_rounded_once() -> None:
    schedule = replace(SCHEDULE, tax_rate_ppm=190_000)
    log = paid(replace(SETTINGS, commission=schedule), SKIRT, COAT)
    # 19 % of 0.70 is 0.133, 19 % of 3.75 is 0.7125
    assert balances(log, COMMISSION, TAX, payable_account(BEN)) == [-445, -13 - 71, FEE_MINOR - COAT_MINOR + 375 + 71]
    settled = statement(schedule, Terms(BEN, 2, FEE_MINOR), sold_items(log.state(f"ledger-{SALE}"))[BEN])
    assert (settled.commission_tax_minor, settled.net_minor) == (71, COAT_MINOR - 375 - 71 - FEE_MINOR)
    log.issue(REFUND_ALL)
    assert balances(log, COMMISSION, TAX) == [0, 0]


@pytest.mark.parametrize(
    ("currency", "coin_minor", "price_minor", "tax_minor", "cash_minor"),
    [
        ("JPY", 1, 1_999, 177, 2_176),
        ("EUR", 5, 1_999, 177, 2_175),
        ("KWD", 5, 12_345, 1_096, 13_440),
        ("CHF", 5, 333, 30, 365),
    ],
)
def test_currencies_with_none_two_and_three_decimals_and_their_coins(
    currency: str, coin_minor: int, price_minor: int, tax_minor: int, cash_minor: int
) -> None:
    settings = SaleSettings(
        replace(SCHEDULE, by_category={}),
        (Category("toy", "Toy"),),
        tax=SALES_TAX_ON_TOP,
        cash_rounding_minor=coin_minor,
    )
    log = MemoryLog()
    log.issue(FoundOrganization(ORGANIZATION, OLIVE, "ALPE", currency))
    log.issue(PlanSale(ORGANIZATION, SALE, "Autumn", settings, SALE_NUMBER))
    reach(log, Phase.REGISTRATION)
    log.issue(RegisterConsignor(SALE, ANNA, number=ANNAS_NUMBER))
    log.issue(ListItems(SALE, (row(0, ANNAS_NUMBER, "toy", price_minor),), currency))
    reach(log, Phase.DROP_OFF)
    log.issue(CheckInItems(SALE, (SKIRT,)))
    reach(log, Phase.LIVE)
    log.issue(OpenSession(SESSION, SALE, TILL, CASHIER, 0))
    answer = log.issue(Scan(SESSION, BASKET, SKIRT))
    assert (answer.tax_minor, answer.currency) == (tax_minor, currency)
    tender = replace(card(cash_minor), kind=TenderKind.CASH)
    receipt = log.issue(Pay(SESSION, BASKET, (tender,), currency))
    assert (receipt.change_minor, receipt.total_minor + receipt.rounding_minor) == (0, cash_minor)
    assert balances(log, TAX, CASH_ROUNDING) == [-tax_minor, -receipt.rounding_minor]
