"""The fee for bringing things late: once, for whoever brings nothing in time, and off the proceeds like other fees."""

from typing import Any

from msgspec.structs import replace

from consign.domain import accounts
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY, Books
from consign.domain.floor_rules import FloorRules
from consign.domain.ledger.commands import CheckInConsignor, CheckInItems, TagsAnswer, WithdrawItems
from consign.domain.ledger.events import ItemReference, ItemsCheckedIn
from consign.domain.ledger.floor_commands import UndoCheckIn
from consign.domain.ledger.floor_events import CheckInsUndone
from consign.domain.participation.commands import WithdrawParticipation
from consign.domain.participation.events import LateDropOffCharged
from consign.domain.participation.fee_commands import (
    FeeAnswer,
    GiveFeeBack,
    ReceiveFee,
    RecordFeePayment,
    RecordFeeRefund,
    WaiveLateFee,
)
from consign.domain.participation.fee_events import FeeMeans, FeePaid
from consign.domain.participation.state import FeeStatus, Registered
from consign.domain.rejection import Reason
from consign.domain.row_commands import FeePaymentRow, RecordFeePayments, RowDone
from consign.domain.sale import Phase
from consign.domain.session.commands import OpenSession
from consign.domain.session.events import FeeReceived
from consign.domain.settlement.events import StatementIssued
from tests.domain.log import MemoryLog
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
    BEN,
    BENS_NUMBER,
    CASHIER,
    COAT,
    DRESS,
    FLOAT_MINOR,
    SALE,
    SESSION,
    SETTINGS,
    SKIRT,
    TILL,
    listed,
    reach,
)
from tests.domain.newcomers import DESK
from tests.domain.scenario import given
from tests.domain.settled import freeze

LATE_MINOR, FEE_MINOR = 150, 500
LATE_COSTS = replace(SETTINGS, floor=FloorRules(late_fee_minor=LATE_MINOR))


def going_live(*in_time: str) -> MemoryLog:
    """Anna listed a skirt and a dress, Ben a coat; what is named was brought in time, the sale is live now."""
    log = reach(listed(LATE_COSTS), Phase.DROP_OFF)
    if in_time:
        log.issue(CheckInItems(SALE, in_time))
    return reach(log, Phase.LIVE)


def charged(log: MemoryLog) -> list[tuple[str, int]]:
    return [(event.participation, event.charged_minor) for event in log.events_of(LateDropOffCharged)]


def books(log: MemoryLog) -> Books:
    found = EMPTY
    for emitted in log.events:
        found, postings = post(found, emitted.event)
        assert sum(posting.amount_minor for posting in postings) == 0, emitted
    return found


def owes(log: MemoryLog, participation: Any = ANNA) -> int:
    owed_minor = books(log).balance(SALE, accounts.payable_account(participation))
    theirs: Registered = log.state(f"participation-{participation}")
    assert owed_minor == theirs.charged_minor - theirs.paid_minor
    return owed_minor


def late_fee_of(log: MemoryLog) -> tuple[FeeStatus, int, int]:
    theirs: Registered = log.state(f"participation-{ANNA}")
    return theirs.late_fee.status, theirs.late_fee.charged_minor, theirs.late_fee.paid_minor


def anna_came_late() -> MemoryLog:
    """Anna's skirt was checked in late, and a till is open."""
    log = going_live()
    log.issue(OpenSession(SESSION, SALE, TILL, CASHIER, FLOAT_MINOR))
    log.issue(CheckInItems(SALE, (SKIRT,)))
    return log


def test_whose_first_things_come_late_is_charged_once() -> None:
    log = going_live()
    given(log).when(CheckInItems(SALE, (SKIRT,))).then(
        ItemsCheckedIn(SALE, (ItemReference(SKIRT, ANNA, "skirt"),), late=True),
        LateDropOffCharged(ANNA, SALE, ANNAS_NUMBER, LATE_MINOR),
    ).answered(TagsAnswer((SKIRT,)))
    log.issue(CheckInItems(SALE, (DRESS,)))
    log.issue(CheckInConsignor(SALE, BENS_NUMBER))
    assert charged(log) == [(ANNA, LATE_MINOR), (BEN, LATE_MINOR)]
    assert owes(log) == FEE_MINOR + LATE_MINOR


def test_several_who_are_late_are_charged_each_in_one_check_in() -> None:
    log = going_live()
    log.issue(CheckInItems(SALE, (SKIRT, "no tag", DRESS, COAT)))
    assert charged(log) == [(ANNA, LATE_MINOR), (BEN, LATE_MINOR)]


def test_who_brought_something_in_time_may_bring_the_rest_late() -> None:
    log = going_live(SKIRT)
    log.issue(CheckInItems(SALE, (DRESS, COAT)))
    assert charged(log) == [(BEN, LATE_MINOR)]


def test_nothing_is_charged_in_time_or_where_being_late_costs_nothing() -> None:
    assert charged(going_live(SKIRT, DRESS, COAT)) == []
    free = reach(listed(), Phase.LIVE)
    free.issue(CheckInItems(SALE, (SKIRT,)))
    assert charged(free) == []


def test_the_fee_is_waived_with_a_reason_and_not_charged_again() -> None:
    log = going_live()
    log.issue(CheckInItems(SALE, (SKIRT,)))
    given(log).when(WaiveLateFee(ANNA, " ")).rejected(Reason.REASON_NEEDED)
    given(log).when(WaiveLateFee(ANNA, "the train was late")).then(
        LateDropOffCharged(ANNA, SALE, ANNAS_NUMBER, -LATE_MINOR, "the train was late")
    ).answered(FeeAnswer(ANNA, ANNAS_NUMBER, FeeStatus.WAIVED, LATE_MINOR, 0, "EUR"))
    given(log).when(WaiveLateFee(ANNA, "the train was late")).then()
    log.issue(UndoCheckIn(SALE, (SKIRT,)))
    log.issue(CheckInItems(SALE, (SKIRT,)))
    assert owes(log) == FEE_MINOR


def test_the_fee_is_paid_at_a_till_by_itself_and_once() -> None:
    log = anna_came_late()
    paying = ReceiveFee(SESSION, ANNA, "cash", "cashier", fee="late")
    given(log).when(replace(paying, amount_minor=FEE_MINOR)).rejected(Reason.FEE_AMOUNT_DIFFERS)
    given(log).when(paying).then(
        FeeReceived(SALE, SESSION, TILL, ANNA, FeeMeans.CASH, LATE_MINOR, CASHIER, "late"),
        FeePaid(ANNA, SALE, ANNAS_NUMBER, LATE_MINOR, FeeMeans.CASH, log.now, session=SESSION, till=TILL, fee="late"),
    ).answered(FeeAnswer(ANNA, ANNAS_NUMBER, FeeStatus.PAID, LATE_MINOR, 0, "EUR"))
    given(log).when(paying).rejected(Reason.FEE_NOT_DUE)
    given(log).when(replace(paying, participation=BEN)).rejected(Reason.FEE_NOT_DUE)
    assert owes(log) == FEE_MINOR
    assert books(log).balance(SALE, accounts.cash_account(SESSION)) == FLOAT_MINOR + LATE_MINOR
    log.issue(ReceiveFee(SESSION, ANNA, "card", "cashier"))
    assert owes(log) == 0


def test_the_fee_is_paid_by_a_reference_that_may_be_said_again() -> None:
    log = anna_came_late()
    payment = RecordFeePayment(ANNA, "transfer 7", fee="late")
    log.issue(payment)
    given(log).when(payment).then()
    assert (late_fee_of(log), owes(log)) == ((FeeStatus.PAID, LATE_MINOR, LATE_MINOR), FEE_MINOR)
    log.issue(RecordFeeRefund(ANNA, "transfer 8", "the train was late", fee="late"))
    assert (late_fee_of(log), owes(log)) == ((FeeStatus.REFUNDED, 0, 0), FEE_MINOR)


def test_what_was_paid_is_given_back_at_a_till_and_not_charged_again() -> None:
    log = anna_came_late()
    back = GiveFeeBack(SESSION, ANNA, "cash", "the train was late", fee="late")
    given(log).when(back).rejected(Reason.FEE_NOT_PAID)
    log.issue(ReceiveFee(SESSION, ANNA, "cash", "cashier", fee="late"))
    given(log).when(replace(back, reason=" ")).rejected(Reason.REASON_NEEDED)
    log.issue(back)
    assert (late_fee_of(log), owes(log)) == ((FeeStatus.REFUNDED, 0, 0), FEE_MINOR)
    assert books(log).balance(SALE, accounts.cash_account(SESSION)) == FLOAT_MINOR
    log.issue(UndoCheckIn(SALE, (SKIRT,)))
    log.issue(CheckInItems(SALE, (DRESS,)))
    assert owes(log) == FEE_MINOR


def test_undoing_the_check_in_of_the_last_thing_undoes_the_fee() -> None:
    log = anna_came_late()
    log.issue(CheckInItems(SALE, (DRESS,)))
    given(log).when(UndoCheckIn(SALE, (SKIRT,))).then(
        CheckInsUndone(SALE, (ItemReference(SKIRT, ANNA, "skirt"),)),
    )
    given(log).when(UndoCheckIn(SALE, (DRESS,))).then(
        CheckInsUndone(SALE, (ItemReference(DRESS, ANNA, "dress"),)),
        LateDropOffCharged(ANNA, SALE, ANNAS_NUMBER, -LATE_MINOR, "check-in undone", undone=True),
    )
    assert owes(log) == FEE_MINOR
    log.issue(CheckInItems(SALE, (DRESS,)))
    assert owes(log) == FEE_MINOR + LATE_MINOR


def test_a_fee_that_was_paid_for_what_did_not_come_is_to_the_consignors_credit() -> None:
    log = anna_came_late()
    log.issue(ReceiveFee(SESSION, ANNA, "cash", "cashier", fee="late"))
    log.issue(UndoCheckIn(SALE, (SKIRT,)))
    assert (late_fee_of(log), owes(log)) == ((FeeStatus.NONE, 0, LATE_MINOR), FEE_MINOR - LATE_MINOR)
    log.issue(CheckInItems(SALE, (SKIRT,)))
    assert (late_fee_of(log), owes(log)) == ((FeeStatus.PAID, LATE_MINOR, LATE_MINOR), FEE_MINOR)
    log.issue(UndoCheckIn(SALE, (SKIRT,)))
    log.issue(GiveFeeBack(SESSION, ANNA, "cash", "came by mistake", fee="late"))
    assert (late_fee_of(log), owes(log)) == ((FeeStatus.NONE, 0, 0), FEE_MINOR)
    log.issue(CheckInItems(SALE, (DRESS,)))
    assert owes(log) == FEE_MINOR + LATE_MINOR


def test_nothing_is_undone_of_a_check_in_in_time() -> None:
    log = going_live(SKIRT)
    given(log).when(UndoCheckIn(SALE, (SKIRT, "no tag"))).then(
        CheckInsUndone(SALE, (ItemReference(SKIRT, ANNA, "skirt"),))
    )


def test_the_statement_takes_the_fee_off_the_proceeds() -> None:
    log = going_live()
    log.issue(CheckInItems(SALE, (SKIRT,)))
    freeze(reach(log, Phase.SETTLEMENT))
    fees = {each.participation: each.figures.fees_minor for each in log.events_of(StatementIssued)}
    assert fees == {ANNA: FEE_MINOR + LATE_MINOR, BEN: FEE_MINOR}


def test_who_leaves_with_all_their_things_owes_nothing_for_being_late() -> None:
    log = going_live()
    log.issue(CheckInItems(SALE, (SKIRT,)))
    log.issue(WithdrawItems(SALE, (SKIRT, DRESS)))
    log.issue(WithdrawParticipation(ANNA, DESK))
    assert books(log).balance(SALE, accounts.payable_account(ANNA)) == 0


def test_a_table_of_payments_says_which_fee_each_is_of() -> None:
    log = anna_came_late()
    rows = (
        FeePaymentRow(ANNAS_NUMBER, "transfer 1", 2, amount_minor=LATE_MINOR, fee="late"),
        FeePaymentRow(ANNAS_NUMBER, "transfer 1", 3, amount_minor=FEE_MINOR),
        FeePaymentRow(BENS_NUMBER, "transfer 2", 4, fee="late"),
        FeePaymentRow(ANNAS_NUMBER, "transfer 3", 5, amount_minor=FEE_MINOR, fee="late"),
    )
    answer = log.issue(RecordFeePayments(SALE, rows))
    assert answer.done == (RowDone(2), RowDone(3))
    assert [(error.row, error.reason) for error in answer.errors] == [
        (4, Reason.FEE_NOT_DUE),
        (5, Reason.FEE_NOT_DUE),
    ]
    assert late_fee_of(log) == (FeeStatus.PAID, LATE_MINOR, LATE_MINOR)
    assert owes(log) == 0
    assert log.issue(RecordFeePayments(SALE, rows[:2])).done == (RowDone(2, already=True), RowDone(3, already=True))
