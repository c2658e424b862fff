"""Sales made offline that contradict what is known: conflicts, their money that waits, and how they end."""

import pytest

from consign.domain.accounts import COMPENSATION, DISCOUNT, SUSPENSE, cash_account
from consign.domain.ledger.commands import WithdrawItems
from consign.domain.ledger.item_commands import ChangeItems, ItemChange, MarkTagsPrinted
from consign.domain.ledger.state import Sold
from consign.domain.manual_commands import CreditManualLine, KeepManualLine, MatchManualLine
from consign.domain.offline_commands import (
    AcceptConflict,
    OfflineDiscount,
)
from consign.domain.rejection import Reason
from consign.domain.session.commands import (
    GivenRefundLine,
    Pay,
    RefundReceipt,
    Scan,
    VoidReceipt,
)
from consign.domain.session.events import TenderKind
from consign.domain.tag import tag_code
from consign.domain.values import ReceiptNumber
from tests.domain.market import (
    ANNAS_NUMBER,
    CASHIER,
    COAT,
    COAT_MINOR,
    DRESS,
    FLOAT_MINOR,
    OTHER_BASKET,
    OTHER_SESSION,
    SALE,
    SESSION,
    SKIRT,
    SKIRT_MINOR,
    cash,
    live,
)
from tests.domain.offline_sales import A_COAT, A_SKIRT, balances, held_by, sold_elsewhere, status, waiting
from tests.domain.offline_till import conflicts, line, made, uploaded
from tests.domain.scenario import given


def test_an_item_that_another_till_sold_is_a_conflict_with_both_receipts_and_its_money_waits() -> None:
    log = sold_elsewhere()
    (answer,) = uploaded(log, made(1, A_SKIRT, A_COAT)).sales
    (conflict,) = conflicts(log)
    assert answer.conflicts == (conflict.conflict,)
    assert (conflict.kind, conflict.receipt, conflict.other_receipt, conflict.other_till) == (
        "sold_twice",
        "1-1",
        "2-1",
        "2",
    )
    assert conflict.amount_minor == SKIRT_MINOR
    assert status(log, SKIRT) == Sold(ReceiptNumber("2-1"), SKIRT_MINOR)
    assert status(log, COAT) == Sold(ReceiptNumber("1-1"), COAT_MINOR)
    assert balances(log)[SUSPENSE] == -SKIRT_MINOR
    assert balances(log)[cash_account(SESSION)] == FLOAT_MINOR + SKIRT_MINOR + COAT_MINOR
    assert waiting(log) == [conflict.conflict]


def test_an_item_twice_on_one_receipt_was_sold_twice() -> None:
    log = live()
    uploaded(log, made(1, A_SKIRT, A_SKIRT))
    assert [(each.kind, each.other_receipt) for each in conflicts(log)] == [("sold_twice", None)]


def test_a_withdrawn_item_was_not_for_sale() -> None:
    log = live()
    log.issue(WithdrawItems(SALE, (SKIRT,)))
    uploaded(log, made(1, A_SKIRT))
    assert [each.kind for each in conflicts(log)] == ["not_for_sale"]


@pytest.mark.parametrize(
    ("scanned", "kind"),
    [
        (tag_code(8, 1, 1), "wrong_sale"),
        (tag_code(7, 1, 99), "unknown_tag"),
        ("0070001", "unknown_tag"),
        ("skirt", "unknown_tag"),
    ],
)
def test_a_tag_that_is_no_items_here_is_a_conflict(scanned: str, kind: str) -> None:
    log = live()
    uploaded(log, made(1, line(scanned, 400)))
    assert [(each.kind, each.scanned, each.amount_minor) for each in conflicts(log)] == [(kind, scanned, 400)]
    assert balances(log)[SUSPENSE] == -400


def test_what_was_paid_above_the_printed_price_waits_and_the_consignor_gets_the_printed_price() -> None:
    log = live()
    uploaded(log, made(1, line(SKIRT, SKIRT_MINOR + 100)))
    (conflict,) = conflicts(log)
    assert (conflict.kind, conflict.amount_minor) == ("price_differs", 100)
    assert status(log, SKIRT) == Sold(ReceiptNumber("1-1"), SKIRT_MINOR)
    assert balances(log)[SUSPENSE] == -100
    log.issue(KeepManualLine(SALE, held_by(conflict), "the shopper is gone"))
    assert (balances(log)[SUSPENSE], balances(log)[COMPENSATION]) == (0, -100)
    assert waiting(log) == []


def test_where_so_much_was_taken_off_that_nobody_can_say_what_was_paid_above_all_of_the_line_waits() -> None:
    log = live()
    cut = OfflineDiscount("line", 500, "organizer", reason="a stain", authorized_by=CASHIER)
    uploaded(log, made(1, line(SKIRT, SKIRT_MINOR + 300, discount_minor=500, discounts=(cut,))))
    (conflict,) = conflicts(log)
    assert (conflict.kind, conflict.amount_minor) == ("price_differs", SKIRT_MINOR - 200)
    log.issue(MatchManualLine(SALE, held_by(conflict), SKIRT))
    assert (waiting(log), balances(log)[SUSPENSE]) == ([], 0)


def test_what_was_asked_below_the_printed_price_is_borne_by_the_organizer() -> None:
    log = live()
    uploaded(log, made(1, line(SKIRT, SKIRT_MINOR - 100)))
    (conflict,) = conflicts(log)
    assert (conflict.kind, conflict.line, conflict.amount_minor) == ("price_differs", None, 0)
    assert status(log, SKIRT) == Sold(ReceiptNumber("1-1"), SKIRT_MINOR, discount_minor=100)
    assert balances(log)[DISCOUNT] == 100
    accept = AcceptConflict(SALE, conflict.conflict, CASHIER, "an old list")
    log.issue(accept)
    assert waiting(log) == []
    given(log).when(accept).then()


def test_an_old_tag_sells_the_thing_it_is_still_on() -> None:
    log = live()
    log.issue(MarkTagsPrinted(SALE, (SKIRT,)))
    log.issue(ChangeItems(SALE, (ItemChange(SKIRT, price_minor=500),)))
    new = next(tag for tag in log.state(f"ledger-{SALE}").items if tag.startswith("0070001003"))
    uploaded(log, made(1, A_SKIRT))
    assert status(log, new) == Sold(ReceiptNumber("1-1"), 500, discount_minor=150)
    assert [each.kind for each in conflicts(log)] == ["price_differs"]


def test_a_hold_loses_to_what_has_happened_and_the_basket_loses_its_line() -> None:
    log = live()
    log.issue(Scan(OTHER_SESSION, OTHER_BASKET, SKIRT))
    uploaded(log, made(1, A_SKIRT))
    assert conflicts(log) == []
    given(log).when(Pay(OTHER_SESSION, OTHER_BASKET, (cash(SKIRT_MINOR),))).rejected(Reason.LINE_LOST, "1-1")


def test_a_receipt_with_a_conflict_can_be_voided_at_its_till() -> None:
    log = sold_elsewhere()
    uploaded(log, made(1, A_SKIRT, A_COAT))
    log.issue(VoidReceipt(SESSION, ReceiptNumber("1-1"), "wrong customer"))
    assert balances(log)[SUSPENSE] == 0
    assert waiting(log) == []


def test_a_conflict_is_over_when_somebody_says_what_becomes_of_its_line() -> None:
    log = sold_elsewhere()
    uploaded(log, made(1, A_SKIRT), made(2, A_SKIRT), made(3, A_SKIRT), made(4, A_SKIRT))
    twin, credited, kept, refunded = (held_by(each) for each in conflicts(log))
    log.issue(MatchManualLine(SALE, twin, DRESS))
    log.issue(CreditManualLine(SALE, credited, ANNAS_NUMBER))
    log.issue(KeepManualLine(SALE, kept, "nobody complains"))
    assert waiting(log) == [refunded]
    back = RefundReceipt(
        SESSION, ReceiptNumber("1-4"), TenderKind.CASH, "twice", "cashier", (GivenRefundLine(refunded),)
    )
    assert log.issue(back).amount_minor == SKIRT_MINOR
    assert (waiting(log), balances(log)[SUSPENSE]) == ([], 0)
    assert balances(log)[COMPENSATION] == -SKIRT_MINOR


def test_a_conflict_that_holds_money_is_not_just_accepted() -> None:
    log = sold_elsewhere()
    uploaded(log, made(1, A_SKIRT))
    accept = AcceptConflict(SALE, conflicts(log)[0].conflict, CASHIER, "so what")
    given(log).when(accept).rejected(Reason.CONFLICT_HOLDS_MONEY, "match")
