"""The refusals around things without a readable tag."""

from msgspec.structs import replace

from consign.domain.manual_commands import AddManualLine, CreditManualLine, KeepManualLine, MatchManualLine
from consign.domain.rejection import Reason
from consign.domain.session.commands import GivenRefundLine, Pay, RefundReceipt, Scan, SuspendBasket, VoidReceipt
from consign.domain.session.events import TenderKind
from consign.domain.values import ReceiptNumber, TagCode
from tests.domain.log import MemoryLog
from tests.domain.market import BASKET, COAT, OTHER_BASKET, OTHER_SESSION, SALE, SESSION, SKIRT, cash, live, sold
from tests.domain.refusals.case import Case, after

LINE = TagCode("01900000-0000-7000-8000-0000000000e1")
NO_LINE = TagCode("01900000-0000-7000-8000-0000000000ee")
PRICE_MINOR = 400
FIRST = ReceiptNumber("1-1")
ADD = AddManualLine(SESSION, BASKET, LINE, PRICE_MINOR, "Wooden train", "toy", 1)
ADD_ELSEWHERE = replace(ADD, session=OTHER_SESSION, basket=OTHER_BASKET)
MATCH = MatchManualLine(SALE, LINE, SKIRT)
CREDIT = CreditManualLine(SALE, LINE, 1)
KEEP = KeepManualLine(SALE, LINE, "nobody missed it")


def typed_in() -> MemoryLog:
    log = live()
    log.issue(ADD)
    return log


def paid() -> MemoryLog:
    return after(typed_in, Pay(SESSION, BASKET, (cash(PRICE_MINOR),)))()


def paid_and_coat_sold() -> MemoryLog:
    log = paid()
    sold(log, COAT, basket=OTHER_BASKET)
    return log


def given_back() -> MemoryLog:
    line = GivenRefundLine(LINE)
    return after(paid, RefundReceipt(SESSION, FIRST, TenderKind.CASH, "torn", "cashier", (line,)))()


CASES: dict[Reason, list[Case]] = {
    Reason.UNKNOWN_CATEGORY: [(live, replace(ADD, category="no-such"))],
    Reason.UNKNOWN_CONSIGNOR: [(live, replace(ADD, consignor=99)), (paid, replace(CREDIT, consignor=99))],
    Reason.UNKNOWN_LINE: [
        (paid, replace(MATCH, line=NO_LINE)),
        (paid, replace(CREDIT, line=NO_LINE)),
        (paid, replace(KEEP, line=NO_LINE)),
    ],
    Reason.ALREADY_IN_BASKET: [(typed_in, replace(ADD, price_minor=1))],
    Reason.ALREADY_SOLD: [
        (paid, replace(ADD, basket=OTHER_BASKET)),
        (paid_and_coat_sold, replace(MATCH, tag=COAT)),
    ],
    Reason.LINE_LOST: [
        (
            after(typed_in, ADD_ELSEWHERE, Pay(SESSION, BASKET, (cash(PRICE_MINOR),))),
            Pay(OTHER_SESSION, OTHER_BASKET, (cash(PRICE_MINOR),)),
        )
    ],
    Reason.BASKET_SUSPENDED: [(after(typed_in, SuspendBasket(SESSION, BASKET)), replace(ADD, line=NO_LINE))],
    Reason.HELD_ELSEWHERE: [(after(paid, Scan(OTHER_SESSION, OTHER_BASKET, SKIRT)), MATCH)],
    Reason.LINE_RESOLVED: [
        (after(paid, MATCH), replace(MATCH, tag=COAT)),
        (after(paid, MATCH), KEEP),
        (after(paid, CREDIT), MATCH),
        (after(paid, CREDIT), replace(CREDIT, consignor=2)),
        (after(paid, KEEP), CREDIT),
        (given_back, MATCH),
        (after(paid, VoidReceipt(SESSION, FIRST, "wrong")), KEEP),
    ],
    Reason.REASON_NEEDED: [(paid, replace(KEEP, reason=" "))],
    Reason.REFUND_TOO_HIGH: [
        (given_back, RefundReceipt(SESSION, FIRST, TenderKind.CASH, "torn", "cashier", (GivenRefundLine(LINE),))),
        (given_back, RefundReceipt(SESSION, FIRST, TenderKind.CASH, "torn", "cashier")),
    ],
}
