from typing import Literal

from msgspec.structs import replace

from consign.domain.ledger.events import ItemsRefunded, RefundedLine
from consign.domain.ledger.state import OnFloor, Returned, Sold
from consign.domain.rejection import Reason
from consign.domain.session.commands import (
    GivenRefundLine,
    Pay,
    RefundedAnswer,
    RefundReceipt,
    Scan,
)
from consign.domain.session.events import RefundPaid, TenderKind
from consign.domain.till_rules import TillRules
from consign.domain.values import ReceiptNumber, Role
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import (
    ANNA,
    BASKET,
    CASHIER,
    DRESS,
    DRESS_MINOR,
    OTHER_BASKET,
    OTHER_SESSION,
    OTHER_TILL,
    SALE,
    SESSION,
    SETTINGS,
    SKIRT,
    SKIRT_MINOR,
    card,
    live,
    sold,
)
from tests.domain.scenario import given

RECEIPT = ReceiptNumber("1-1")
REFUND = ReceiptNumber("2-R1")


def refund(
    *lines: GivenRefundLine, role: Role = "cashier", returned_to: Literal["floor", "consignor"] = "floor"
) -> RefundReceipt:
    return RefundReceipt(OTHER_SESSION, RECEIPT, TenderKind.CASH, "torn", role, lines, returned_to)


def bought() -> MemoryLog:
    log = live()
    sold(log, SKIRT, DRESS)
    return log


def status(log: MemoryLog, tag: str) -> object:
    return log.state(f"ledger-{SALE}").items[tag].status


def test_a_line_is_given_back_at_another_till_under_its_own_refund_number() -> None:
    log = bought()
    line = RefundedLine(SKIRT, ANNA, "skirt", SKIRT_MINOR, SKIRT_MINOR, "floor")
    given(log).when(refund(GivenRefundLine(SKIRT))).then(
        RefundPaid(
            SALE,
            OTHER_SESSION,
            OTHER_TILL,
            REFUND,
            1,
            RECEIPT,
            (line,),
            TenderKind.CASH,
            SKIRT_MINOR,
            0,
            "torn",
            OPENING,
            cashier=CASHIER,
        ),
        ItemsRefunded(SALE, RECEIPT, REFUND, OTHER_SESSION, (line,)),
    ).answered(RefundedAnswer(REFUND, RECEIPT, SKIRT_MINOR, 0, TenderKind.CASH, "EUR"))
    assert status(log, SKIRT) == OnFloor()


def test_part_of_a_price_is_given_back_and_the_shopper_keeps_the_thing() -> None:
    log = bought()
    answer = log.issue(refund(GivenRefundLine(SKIRT, 102)))
    assert (answer.amount_minor, answer.rounding_minor) == (102, -2)
    assert status(log, SKIRT) == Sold(RECEIPT, SKIRT_MINOR - 102)
    given(log).when(refund(GivenRefundLine(SKIRT, SKIRT_MINOR))).rejected(Reason.REFUND_TOO_HIGH)


def test_no_lines_means_all_that_is_left() -> None:
    log = bought()
    log.issue(refund(GivenRefundLine(SKIRT, 50)))
    answer = log.issue(refund(returned_to="consignor"))
    assert answer.amount_minor == SKIRT_MINOR + DRESS_MINOR - 50
    assert (status(log, SKIRT), status(log, DRESS)) == (Returned(), Returned())
    given(log).when(refund()).rejected(Reason.REFUND_TOO_HIGH)


def test_another_tender_than_the_receipts_takes_an_organizer() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.issue(Pay(SESSION, BASKET, (card(SKIRT_MINOR),)))
    given(log).when(refund()).rejected(Reason.TENDER_NEEDS_ROLE, "card")
    assert log.issue(refund(role="organizer")).amount_minor == SKIRT_MINOR


def test_so_long_after_the_sale_only_an_organizer_gives_money_back() -> None:
    log = live(replace(SETTINGS, till=TillRules(returns_within_hours=2)))
    sold(log, SKIRT, DRESS)
    log.pass_time(2 * 3600 - 1)
    log.issue(refund(GivenRefundLine(SKIRT)))
    log.pass_time(1)
    given(log).when(refund()).rejected(Reason.RETURN_NEEDS_ROLE, "2 hours")
    assert log.issue(refund(role="organizer")).amount_minor == DRESS_MINOR


def test_refund_numbers_are_gapless_and_do_not_touch_receipt_numbers() -> None:
    log = bought()
    numbers = [log.issue(refund(GivenRefundLine(tag))).refund for tag in (SKIRT, DRESS)]
    assert numbers == ["2-R1", "2-R2"]
    assert sold(log, SKIRT, basket=OTHER_BASKET) == "1-2"
