"""The postings of a sale, account by account."""

import pytest
from msgspec.structs import replace

from consign.domain import accounts
from consign.domain.accounts import cash_account, payable_account
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY, Books, Posting
from consign.domain.sale import ChangeSalePhase, Phase
from consign.domain.session.commands import (
    CloseSession,
    GivenRefundLine,
    MoveCash,
    Pay,
    RefundReceipt,
    Scan,
    VoidReceipt,
)
from consign.domain.session.events import BasketPaid, TenderKind
from consign.domain.settlement.statements import Terms, sold_items, statement
from consign.domain.values import ReceiptNumber
from tests.domain.log import MemoryLog
from tests.domain.market import (
    ANNA,
    BASKET,
    BEN,
    COAT,
    FLOAT_MINOR,
    SALE,
    SCHEDULE,
    SESSION,
    SETTINGS,
    SKIRT,
    card,
    cash,
    live,
    registered,
    sold,
)

FEE_MINOR = 500
DRAWER = cash_account(SESSION)
RECEIPT = ReceiptNumber("1-1")


def fold(log: MemoryLog) -> Books:
    kept = EMPTY
    for emitted in log.events:
        kept, _ = post(kept, emitted.event)
    return kept


def balances(log: MemoryLog, *accounts: str) -> list[int]:
    kept = fold(log)
    assert sum(kept.balances.values()) == 0
    return [kept.balance(SALE, account) for account in accounts]


def paid() -> MemoryLog:
    """Skirt and coat, 28.50: 20.00 by card, the rest in cash out of a note of ten."""
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.issue(Scan(SESSION, BASKET, COAT))
    log.issue(Pay(SESSION, BASKET, (card(2000), cash(1000))))
    return log


def test_a_fee_is_owed_from_registration_and_given_back_when_the_sale_is_cancelled() -> None:
    log = registered()
    assert balances(log, payable_account(ANNA), accounts.FEES) == [FEE_MINOR, -2 * FEE_MINOR]
    log.issue(ChangeSalePhase(SALE, Phase.CANCELLED, "flood"))
    assert balances(log, payable_account(ANNA), accounts.FEES) == [0, 0]


def test_the_postings_of_a_receipt_name_drawer_card_consignors_and_commission() -> None:
    log = paid()
    before = MemoryLog()
    before.events = log.events[:-2]
    _, postings = post(fold(before), log.events_of(BasketPaid)[0])
    assert postings == (
        Posting(SALE, DRAWER, 850),
        Posting(SALE, accounts.CARD, 2000),
        Posting(SALE, payable_account(ANNA), 70 - 350),
        Posting(SALE, accounts.COMMISSION, -70 - 375),
        Posting(SALE, payable_account(BEN), 375 - 2500),
    )


def test_what_is_owed_to_a_consignor_is_the_net_of_their_preview() -> None:
    log = paid()
    sold_now = sold_items(log.state(f"ledger-{SALE}"))
    preview = statement(SCHEDULE, Terms(ANNA, 1, FEE_MINOR), sold_now[ANNA])
    assert (preview.gross_minor, preview.commission_minor, preview.fees_minor, preview.net_minor) == (
        350,
        70,
        500,
        -220,
    )
    assert balances(log, payable_account(ANNA)) == [220]


def test_a_void_leaves_only_the_float_and_the_fees() -> None:
    log = paid()
    log.issue(VoidReceipt(SESSION, RECEIPT, "wrong basket"))
    assert balances(log, DRAWER, accounts.CARD, accounts.COMMISSION, payable_account(ANNA)) == [
        FLOAT_MINOR,
        0,
        0,
        FEE_MINOR,
    ]


def test_a_partial_refund_moves_the_commission_by_recomputed_less_old() -> None:
    log = paid()
    lines = (GivenRefundLine(COAT, 102),)
    log.issue(RefundReceipt(SESSION, RECEIPT, TenderKind.CASH, "a stain", "cashier", lines))
    assert balances(log, DRAWER, accounts.CASH_ROUNDING) == [FLOAT_MINOR + 850 - 100, -2]
    # 15 % of 23.98 is 3.597
    assert balances(log, payable_account(BEN)) == [FEE_MINOR - 2398 + 360]


def test_cash_rounding_is_an_account_of_its_own_and_touches_no_commission() -> None:
    prices_to_the_cent = replace(SETTINGS, price_step_minor=1)
    log = live(prices_to_the_cent)
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.issue(Pay(SESSION, BASKET, (card(347), cash(5))))
    assert balances(log, DRAWER, accounts.CASH_ROUNDING, accounts.COMMISSION) == [FLOAT_MINOR + 5, -2, -70]


@pytest.mark.parametrize(("counted_off_minor", "over_short_minor"), [(0, 0), (30, -30), (-20, 20)])
def test_a_closed_drawer_is_empty_and_its_difference_stands_in_over_short(
    counted_off_minor: int, over_short_minor: int
) -> None:
    log = live()
    sold(log, SKIRT)
    log.issue(MoveCash(SESSION, -1000, "to the safe"))
    expected_minor = FLOAT_MINOR + 350 - 1000
    log.issue(CloseSession(SESSION, expected_minor + counted_off_minor, "counted"))
    assert balances(log, DRAWER, accounts.OVER_SHORT) == [0, over_short_minor]
