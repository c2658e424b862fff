"""Things without a readable tag: sold all the same, in suspense until somebody knows whose they were."""

from consign.domain.accounts import COMMISSION, COMPENSATION, SUSPENSE, payable_account
from consign.domain.ledger.events import SoldLine
from consign.domain.ledger.manual_lines import ManualLineMatched, unmatched
from consign.domain.ledger.state import OnFloor, Sold
from consign.domain.manual_commands import AddManualLine, ManualLineAnswer
from consign.domain.rejection import Reason
from consign.domain.session.commands import (
    GivenRefundLine,
    Pay,
    RecallBasket,
    RefundReceipt,
    RemoveLine,
    Scan,
    SuspendBasket,
    VoidReceipt,
)
from consign.domain.session.events import BasketLine, LineAdded, TenderKind
from consign.domain.settlement.statements import sold_items
from consign.domain.values import ParticipationId
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import (
    ANNA,
    BASKET,
    COAT,
    COAT_MINOR,
    OTHER_BASKET,
    OTHER_SESSION,
    SALE,
    SESSION,
    SKIRT,
    TILL,
    cash,
)
from tests.domain.refusals.case import after
from tests.domain.refusals.manual_lines import ADD, CREDIT, FIRST, KEEP, LINE, MATCH, PRICE_MINOR, paid, typed_in
from tests.domain.scenario import given
from tests.domain.test_books import FEE_MINOR, balances

COMMISSION_MINOR = 80  # 20 % of 4.00, skirt and toy alike


def refund(*lines: GivenRefundLine) -> RefundReceipt:
    return RefundReceipt(SESSION, FIRST, TenderKind.CASH, "torn", "cashier", lines)


def status(log: MemoryLog, tag: str) -> object:
    return log.state(f"ledger-{SALE}").items[tag].status


def waiting(log: MemoryLog) -> list[str]:
    return [paid_line.line.description for paid_line in unmatched(log.state(f"ledger-{SALE}").manual_lines)]


def test_a_thing_without_a_tag_is_a_marked_line_that_nobody_is_credited_for_yet() -> None:
    line = BasketLine(
        LINE, ParticipationId(""), 1, "toy", "Wooden train", PRICE_MINOR, manual=True, credited_to="suspense"
    )
    given(after(typed_in, RemoveLine(SESSION, BASKET, LINE))()).when(ADD).then(LineAdded(SALE, BASKET, line))


def test_a_line_may_say_neither_consignor_nor_category() -> None:
    log = typed_in()
    unknown = AddManualLine(SESSION, OTHER_BASKET, LINE, PRICE_MINOR, "Sock")
    assert log.issue(unknown).lines[0].consignor == 0


def test_the_same_line_said_again_changes_nothing() -> None:
    given(typed_in()).when(ADD).then()


def test_it_is_paid_with_the_rest_and_goes_with_its_basket() -> None:
    log = typed_in()
    log.issue(Scan(SESSION, BASKET, COAT))
    log.issue(SuspendBasket(SESSION, BASKET))
    answer = log.issue(RecallBasket(OTHER_SESSION, BASKET))
    assert (answer.total_minor, answer.lost) == (PRICE_MINOR + COAT_MINOR, ())
    assert log.issue(Pay(OTHER_SESSION, BASKET, (cash(PRICE_MINOR + COAT_MINOR),))).receipt == "2-1"


def test_paid_it_stands_in_suspense_and_waits_for_the_organizer() -> None:
    log = paid()
    assert balances(log, SUSPENSE, payable_account(ANNA), COMMISSION) == [-PRICE_MINOR, FEE_MINOR, 0]
    assert waiting(log) == ["Wooden train"]


def test_matched_with_an_item_that_is_sold_for_what_the_line_cost() -> None:
    log = paid()
    item = SoldLine(SKIRT, ANNA, "skirt", PRICE_MINOR)
    given(log).when(MATCH).then(ManualLineMatched(SALE, LINE, FIRST, TILL, OPENING, item)).answered(
        ManualLineAnswer(LINE, FIRST, SKIRT, ANNA)
    )
    assert status(log, SKIRT) == Sold(FIRST, PRICE_MINOR)
    assert balances(log, SUSPENSE, payable_account(ANNA), COMMISSION) == [
        0,
        FEE_MINOR - PRICE_MINOR + COMMISSION_MINOR,
        -COMMISSION_MINOR,
    ]
    assert waiting(log) == []
    given(log).when(Scan(OTHER_SESSION, OTHER_BASKET, SKIRT)).rejected(Reason.ALREADY_SOLD, "receipt 1-1")


def test_what_a_basket_let_run_out_may_be_matched_and_is_lost_there() -> None:
    log = paid()
    log.issue(Scan(OTHER_SESSION, OTHER_BASKET, SKIRT))
    log.pass_time(900)
    log.issue(MATCH)
    given(log).when(Pay(OTHER_SESSION, OTHER_BASKET, (cash(350),))).rejected(Reason.LINE_LOST, "receipt 1-1")


def test_credited_to_a_consignor_it_counts_for_them_without_an_item() -> None:
    log = paid()
    log.issue(CREDIT)
    assert balances(log, SUSPENSE, payable_account(ANNA)) == [0, FEE_MINOR - PRICE_MINOR + COMMISSION_MINOR]
    (item,) = sold_items(log.state(f"ledger-{SALE}"))[ANNA]
    assert (item.description, item.gross_minor, item.category) == ("Wooden train", PRICE_MINOR, "toy")


def test_given_up_it_is_the_organizers() -> None:
    log = paid()
    log.issue(KEEP)
    assert balances(log, SUSPENSE, COMPENSATION) == [0, -PRICE_MINOR]


def test_what_was_found_out_said_again_changes_nothing() -> None:
    for command in (MATCH, CREDIT, KEEP):
        given(after(paid, command)()).when(command).then()


def test_a_void_undoes_it_whatever_became_of_it() -> None:
    for command in (MATCH, CREDIT, KEEP):
        log = after(paid, command, VoidReceipt(SESSION, FIRST, "wrong basket"))()
        assert balances(log, SUSPENSE, COMPENSATION, payable_account(ANNA), COMMISSION) == [0, 0, FEE_MINOR, 0]
        assert status(log, SKIRT) == OnFloor()
        assert log.state(f"ledger-{SALE}").sold_count == 0


def test_part_of_it_is_given_back_and_the_rest_is_matched() -> None:
    log = paid()
    assert log.issue(refund(GivenRefundLine(LINE, 100))).amount_minor == 100
    assert balances(log, SUSPENSE) == [100 - PRICE_MINOR]
    log.issue(MATCH)
    assert status(log, SKIRT) == Sold(FIRST, PRICE_MINOR - 100)
    assert balances(log, SUSPENSE, payable_account(ANNA)) == [0, FEE_MINOR - 300 + 60]


def test_a_refund_takes_back_what_became_of_it() -> None:
    for command in (MATCH, CREDIT, KEEP):
        for lines in ((), (GivenRefundLine(LINE),)):
            log = after(paid, command, refund(*lines))()
            assert balances(log, SUSPENSE, COMPENSATION, payable_account(ANNA), COMMISSION) == [0, 0, FEE_MINOR, 0]
            assert log.state(f"ledger-{SALE}").sold_count == 0


def test_a_matched_line_is_given_back_by_its_tag_too() -> None:
    log = after(paid, MATCH)()
    assert log.issue(refund(GivenRefundLine(SKIRT))).amount_minor == PRICE_MINOR
    assert status(log, SKIRT) == OnFloor()
