"""Scan, hold, pay: what a cashier does all day, event by event."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from consign.domain.ledger.commands import ExpireHolds
from consign.domain.ledger.events import (
    BasketReleased,
    HoldMoved,
    HoldsExpired,
    ItemHeld,
    ItemReleased,
    ItemsReleasedByVoid,
    ItemsSold,
    SoldLine,
)
from consign.domain.rejection import Reason
from consign.domain.sale import Phase
from consign.domain.session.commands import (
    AbandonBasket,
    BasketAnswer,
    ClosedAnswer,
    CloseSession,
    MoveCash,
    OpenSession,
    PaidAnswer,
    Pay,
    RecallBasket,
    RemoveLine,
    Scan,
    ScanAnswer,
    SuspendBasket,
    VoidedAnswer,
    VoidReceipt,
)
from consign.domain.session.events import (
    BasketAbandoned,
    BasketHandedOver,
    BasketLine,
    BasketPaid,
    BasketRecalled,
    BasketSuspended,
    CashMoved,
    LineAdded,
    LineRemoved,
    ReceiptVoided,
    SessionClosed,
    SessionOpened,
    Tender,
    TenderKind,
)
from consign.domain.tills import TillClosed, TillOpened
from consign.domain.values import ReceiptNumber, SessionId
from tests.domain.log import OPENING
from tests.domain.market import (
    ANNA,
    BASKET,
    BEN,
    CASHIER,
    COAT,
    COAT_MINOR,
    DRESS,
    DRESS_MINOR,
    FLOAT_MINOR,
    OTHER_BASKET,
    OTHER_SESSION,
    OTHER_TILL,
    SALE,
    SESSION,
    SKIRT,
    SKIRT_MINOR,
    TILL,
    card,
    cash,
    checked_in,
    listed,
    live,
    reach,
    sold,
)
from tests.domain.scenario import given

HOLD = timedelta(seconds=900)
SKIRT_LINE = BasketLine(SKIRT, ANNA, 1, "skirt", "skirt", SKIRT_MINOR)
COAT_LINE = BasketLine(COAT, BEN, 2, "coat", "coat", COAT_MINOR)
FIRST = ReceiptNumber("1-1")


def test_a_session_opens_a_till_with_its_float() -> None:
    given(reach(checked_in(), Phase.LIVE)).when(OpenSession(SESSION, SALE, TILL, CASHIER, FLOAT_MINOR)).then(
        TillOpened(SALE, TILL, SESSION),
        SessionOpened(SESSION, SALE, TILL, CASHIER, FLOAT_MINOR, "EUR", 0, 0),
    )


def test_a_scan_holds_the_item_and_adds_its_line_in_one() -> None:
    given(live()).when(Scan(SESSION, BASKET, SKIRT)).then(
        ItemHeld(SALE, SKIRT, BASKET, SESSION, TILL, OPENING, OPENING + HOLD),
        LineAdded(SALE, BASKET, SKIRT_LINE),
    ).answered(ScanAnswer(BASKET, SKIRT_LINE, 1, SKIRT_MINOR, "EUR"))


def test_the_other_till_is_told_who_holds_the_item_and_since_when() -> None:
    rejected = given(live(), Scan(SESSION, BASKET, SKIRT)).when(Scan(OTHER_SESSION, OTHER_BASKET, SKIRT))
    refusal = rejected.rejected(Reason.HELD_ELSEWHERE, "till 1", "2026-09-26 08:00")
    assert refusal.errors[0]["till"] == TILL


def test_the_other_till_is_told_which_till_sold_the_item() -> None:
    log = live()
    sold(log, SKIRT)
    given(log).when(Scan(OTHER_SESSION, OTHER_BASKET, SKIRT)).rejected(Reason.ALREADY_SOLD, "till 1", "receipt 1-1")


def test_an_item_nobody_checked_in_is_sold_with_a_warning_and_recorded_so() -> None:
    log = reach(listed(), Phase.LIVE)
    log.issue(OpenSession(SESSION, SALE, TILL, CASHIER, 0))
    answer = given(log).when(Scan(SESSION, BASKET, SKIRT)).answer
    assert answer.warnings == ("not_checked_in",)
    log.issue(Pay(SESSION, BASKET, (cash(SKIRT_MINOR),)))
    assert log.events_of(ItemsSold)[0].lines == (SoldLine(SKIRT, ANNA, "skirt", SKIRT_MINOR, unchecked=True),)


def test_each_scan_extends_the_holds_of_the_whole_basket_and_one_timer_watches_it() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.pass_time(600)
    log.issue(Scan(SESSION, BASKET, DRESS))
    assert [timer.due_at for timer in log.timers] == [OPENING + HOLD]
    log.pass_time(301)
    log.fire_due_timers()
    assert log.events_of(HoldsExpired) == []
    assert [timer.due_at for timer in log.timers] == [OPENING + timedelta(seconds=600) + HOLD]
    log.pass_time(600)
    log.fire_due_timers()
    assert log.events_of(HoldsExpired) == [HoldsExpired(SALE, BASKET, (SKIRT, DRESS))]
    assert log.timers == []


def test_a_timer_that_fires_before_the_hold_ends_by_a_skewed_clock_gets_a_new_id() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    first = log.timers[0]
    log.pass_time(899.9)
    again = log.decide(ExpireHolds(SALE, BASKET)).timers[0]
    assert again.timer_id != first.timer_id
    assert again.due_at > log.now


def test_a_hold_past_its_time_is_free_even_before_its_timer() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.pass_time(900)
    given(log).when(Scan(OTHER_SESSION, OTHER_BASKET, SKIRT)).then(
        ItemHeld(SALE, SKIRT, OTHER_BASKET, OTHER_SESSION, OTHER_TILL, log.now, log.now + HOLD),
        LineAdded(SALE, OTHER_BASKET, SKIRT_LINE),
    )
    given(log).when(Pay(SESSION, BASKET, (cash(SKIRT_MINOR),))).rejected(Reason.LINE_LOST, "till 2")


def test_a_basket_that_comes_to_another_total_than_the_till_showed_is_not_paid() -> None:
    log = live()
    log.issue(Scan(OTHER_SESSION, OTHER_BASKET, DRESS))
    log.issue(Scan(SESSION, BASKET, SKIRT))
    given(log).when(Scan(SESSION, BASKET, DRESS)).rejected(Reason.HELD_ELSEWHERE)
    log.issue(AbandonBasket(OTHER_SESSION, OTHER_BASKET))
    log.issue(Scan(SESSION, BASKET, DRESS))  # the refused scan, sent again by a network: the till waits for no answer
    both_minor = SKIRT_MINOR + DRESS_MINOR
    pay = Pay(SESSION, BASKET, (cash(both_minor),), shown_minor=SKIRT_MINOR)
    rejected = given(log).when(pay).rejected(Reason.TOTAL_CHANGED, str(both_minor))
    assert [error["tag"] for error in rejected.errors] == [SKIRT, DRESS]
    assert log.issue(replace(pay, shown_minor=both_minor)).total_minor == both_minor


def test_paying_after_the_hold_expired_takes_free_items_again() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.pass_time(901)
    log.fire_due_timers()
    assert given(log).when(Pay(SESSION, BASKET, (cash(SKIRT_MINOR),))).answer.receipt == FIRST


def test_scanning_a_line_again_after_its_hold_expired_holds_it_again() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.pass_time(901)
    log.fire_due_timers()
    outcome = given(log).when(Scan(SESSION, BASKET, SKIRT))
    outcome.then(ItemHeld(SALE, SKIRT, BASKET, SESSION, TILL, log.now, log.now + HOLD))
    assert (outcome.answer.warnings, outcome.answer.total_minor) == (("held_again",), SKIRT_MINOR)


def test_paying_gives_a_receipt_change_and_sells_every_line() -> None:
    log = live()
    given(log, Scan(SESSION, BASKET, SKIRT), Scan(SESSION, BASKET, COAT)).when(
        Pay(SESSION, BASKET, (card(2000), cash(1000)))
    ).then(
        BasketPaid(
            SALE,
            SESSION,
            TILL,
            BASKET,
            FIRST,
            1,
            1,
            (SKIRT_LINE, COAT_LINE),
            (Tender(TenderKind.CARD, 2000), Tender(TenderKind.CASH, 1000)),
            2850,
            0,
            150,
            OPENING,
            CASHIER,
        ),
        ItemsSold(
            SALE,
            FIRST,
            1,
            SESSION,
            TILL,
            BASKET,
            (SoldLine(SKIRT, ANNA, "skirt", SKIRT_MINOR), SoldLine(COAT, BEN, "coat", COAT_MINOR)),
            ("card", "cash"),
            OPENING,
        ),
    ).answered(PaidAnswer(FIRST, 1, 2850, 0, 150, "EUR"))


@pytest.mark.parametrize(("card_minor", "rounding_minor"), [(347, 2), (346, 1), (348, -2), (349, -1)])
def test_only_what_is_left_for_cash_is_rounded(card_minor: int, rounding_minor: int) -> None:
    answer = (
        given(live(), Scan(SESSION, BASKET, SKIRT)).when(Pay(SESSION, BASKET, (card(card_minor), cash(100)))).answer
    )
    assert answer.rounding_minor == rounding_minor
    assert card_minor + 100 - answer.change_minor == SKIRT_MINOR + rounding_minor


def test_a_line_taken_out_is_free_again() -> None:
    given(live(), Scan(SESSION, BASKET, SKIRT)).when(RemoveLine(SESSION, BASKET, SKIRT)).then(
        LineRemoved(SALE, BASKET, SKIRT), ItemReleased(SALE, SKIRT, BASKET)
    ).answered(BasketAnswer(BASKET, (), 0, 0, "EUR"))


def test_an_abandoned_basket_frees_all_its_items_once() -> None:
    log = live()
    given(log, Scan(SESSION, BASKET, SKIRT), Scan(SESSION, BASKET, DRESS)).when(AbandonBasket(SESSION, BASKET)).then(
        BasketAbandoned(SALE, BASKET), BasketReleased(SALE, BASKET, (SKIRT, DRESS))
    )
    given(log).when(AbandonBasket(SESSION, BASKET)).then()


def test_a_suspended_basket_goes_on_at_another_till_with_its_holds() -> None:
    log = live()
    given(log, Scan(SESSION, BASKET, SKIRT)).when(SuspendBasket(SESSION, BASKET, "forgot purse")).then(
        BasketSuspended(SALE, BASKET, "forgot purse")
    )
    log.pass_time(60)
    given(log).when(RecallBasket(OTHER_SESSION, BASKET)).then(
        BasketRecalled(SALE, BASKET, SESSION, (SKIRT_LINE,)),
        BasketHandedOver(SALE, BASKET, OTHER_SESSION),
        HoldMoved(SALE, BASKET, OTHER_SESSION, OTHER_TILL, log.now + HOLD, (SKIRT,)),
    )
    given(log).when(Scan(SESSION, BASKET, DRESS)).rejected(Reason.BASKET_FINISHED)
    assert log.issue(Pay(OTHER_SESSION, BASKET, (cash(SKIRT_MINOR),))).receipt == "2-1"


def test_a_suspended_basket_comes_back_to_its_own_till() -> None:
    log = live()
    given(log, Scan(SESSION, BASKET, SKIRT), SuspendBasket(SESSION, BASKET)).when(RecallBasket(SESSION, BASKET)).then(
        BasketRecalled(SALE, BASKET, SESSION, (SKIRT_LINE,)),
        HoldMoved(SALE, BASKET, SESSION, TILL, OPENING + HOLD, (SKIRT,)),
    )
    given(log).when(RecallBasket(SESSION, BASKET)).then()


def test_a_basket_whose_holds_are_gone_is_found_at_the_session_the_client_names() -> None:
    log = live()
    given(log, Scan(SESSION, BASKET, SKIRT), SuspendBasket(SESSION, BASKET))
    log.pass_time(901)
    log.fire_due_timers()
    log.issue(Scan(OTHER_SESSION, OTHER_BASKET, SKIRT))
    given(log).when(RecallBasket(OTHER_SESSION, BASKET)).rejected(Reason.UNKNOWN_BASKET)
    answer = given(log).when(RecallBasket(OTHER_SESSION, BASKET, SESSION)).answer
    assert answer.lost == (SKIRT,)


def test_recalling_what_was_paid_here_names_the_receipt() -> None:
    log = live()
    sold(log, SKIRT)
    told = given(log).when(RecallBasket(SESSION, BASKET)).rejected(Reason.BASKET_FINISHED, f"receipt {FIRST}")
    assert told.errors == ({"basket": BASKET, "receipt": FIRST},)
    given(log).when(RecallBasket(OTHER_SESSION, BASKET)).rejected(Reason.UNKNOWN_BASKET)
    given(log).when(RecallBasket(OTHER_SESSION, BASKET, SESSION)).rejected(Reason.BASKET_FINISHED, FIRST)


def test_a_basket_may_come_back_to_the_till_that_handed_it_away() -> None:
    log = live()
    for command in (
        Scan(SESSION, BASKET, SKIRT),
        SuspendBasket(SESSION, BASKET),
        RecallBasket(OTHER_SESSION, BASKET),
        SuspendBasket(OTHER_SESSION, BASKET),
        RecallBasket(SESSION, BASKET),
    ):
        log.issue(command)
    assert log.issue(Pay(SESSION, BASKET, (cash(SKIRT_MINOR),))).receipt == FIRST


def test_a_void_undoes_the_whole_receipt_and_its_number_stays_used() -> None:
    log = live()
    sold(log, SKIRT)
    given(log).when(VoidReceipt(SESSION, FIRST, "wrong basket")).then(
        ReceiptVoided(
            SALE,
            SESSION,
            TILL,
            FIRST,
            (SKIRT_LINE,),
            (Tender(TenderKind.CASH, SKIRT_MINOR),),
            SKIRT_MINOR,
            0,
            0,
            "wrong basket",
            CASHIER,
        ),
        ItemsReleasedByVoid(SALE, FIRST, SESSION, (SoldLine(SKIRT, ANNA, "skirt", SKIRT_MINOR),)),
    ).answered(VoidedAnswer(FIRST, SKIRT_MINOR, SKIRT_MINOR, 0, "EUR"))
    given(log).when(VoidReceipt(SESSION, FIRST, "wrong basket")).then()
    assert sold(log, SKIRT, basket=OTHER_BASKET) == "1-2"


def test_voiding_an_item_that_was_never_checked_in_leaves_it_merely_listed() -> None:
    log = reach(listed(), Phase.LIVE)
    log.issue(OpenSession(SESSION, SALE, TILL, CASHIER, 0))
    sold(log, SKIRT)
    log.issue(VoidReceipt(SESSION, FIRST, "changed their mind"))
    assert given(log).when(Scan(SESSION, OTHER_BASKET, SKIRT)).answer.warnings == ("not_checked_in",)


def test_cash_moved_in_and_out_is_expected_at_the_count() -> None:
    log = live()
    given(log).when(MoveCash(SESSION, -2000, "to the safe")).then(CashMoved(SALE, SESSION, TILL, -2000, "to the safe"))
    assert log.issue(MoveCash(SESSION, 100, "float was wrong", "float_correction")).expected_minor == 3100


def test_closing_by_count_says_what_is_over_or_short_and_why() -> None:
    log = live()
    sold(log, SKIRT)
    expected = FLOAT_MINOR + SKIRT_MINOR
    figures = log.state(f"session-{SESSION}").figures
    given(log).when(CloseSession(SESSION, expected - 20, "a coin rolled away")).then(
        SessionClosed(
            SALE,
            SESSION,
            TILL,
            expected,
            expected - 20,
            -20,
            1,
            0,
            "a coin rolled away",
            z_number=1,
            grand_total_minor=SKIRT_MINOR,
            figures=figures,
        ),
        TillClosed(SALE, TILL, SESSION, 1, 0, z_number=1, grand_total_minor=SKIRT_MINOR),
    ).answered(ClosedAnswer(SESSION, expected, expected - 20, -20, "EUR", 1, SKIRT_MINOR, figures))


def test_the_next_session_at_a_till_goes_on_counting_receipts() -> None:
    log = live()
    sold(log, SKIRT)
    log.issue(CloseSession(OTHER_SESSION, FLOAT_MINOR))
    log.issue(CloseSession(SESSION, FLOAT_MINOR + SKIRT_MINOR))
    again = SessionId(SESSION[:-2] + "c9")
    assert log.issue(OpenSession(again, SALE, TILL, CASHIER, 0)).next_receipt == "1-2"
    log.issue(Scan(again, OTHER_BASKET, DRESS))
    assert log.issue(Pay(again, OTHER_BASKET, (card(DRESS_MINOR),))).receipt == "1-2"


def test_a_session_opened_twice_by_a_retry_is_one_session() -> None:
    given(live()).when(OpenSession(SESSION, SALE, TILL, CASHIER, FLOAT_MINOR)).then()


def test_a_basket_id_used_at_two_tills_never_mixes_their_holds() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.pass_time(901)
    log.fire_due_timers()
    log.issue(Scan(OTHER_SESSION, BASKET, COAT))
    for command in (
        Pay(SESSION, BASKET, (cash(SKIRT_MINOR),)),
        RemoveLine(SESSION, BASKET, SKIRT),
        AbandonBasket(SESSION, BASKET),
        Scan(SESSION, BASKET, DRESS),
    ):
        given(log).when(command).rejected(Reason.BASKET_ELSEWHERE, "till 2")
    assert log.issue(Pay(OTHER_SESSION, BASKET, (cash(COAT_MINOR),))).receipt == "2-1"
    assert log.issue(Pay(SESSION, BASKET, (cash(SKIRT_MINOR),))).receipt == FIRST


def test_the_first_to_pay_takes_an_item_that_both_baskets_let_go() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.pass_time(900)
    log.issue(Scan(OTHER_SESSION, OTHER_BASKET, SKIRT))
    log.pass_time(900)
    assert log.issue(Pay(SESSION, BASKET, (cash(SKIRT_MINOR),))).receipt == FIRST
    log.fire_due_timers()
    given(log).when(Pay(OTHER_SESSION, OTHER_BASKET, (cash(SKIRT_MINOR),))).rejected(Reason.LINE_LOST, "receipt 1-1")
