"""What becomes of a drawer: hand-over, cash for other tills, reports, baskets that outlive their session."""

from typing import Any

from msgspec.structs import replace

from consign.domain.accounts import EXPENSES, OVER_SHORT, TRANSIT, cash_account
from consign.domain.price_rules import Surcharge, TaxRule
from consign.domain.rejection import Reason
from consign.domain.session.commands import (
    CloseSession,
    GivenDenomination,
    MoveCash,
    OpenSession,
    Pay,
    RecallBasket,
    RefundReceipt,
    Scan,
    SuspendBasket,
    VoidReceipt,
)
from consign.domain.session.drawer_commands import HandOverSession, ReceiveCash, SendCash, TakeCashBack
from consign.domain.session.drawer_events import SessionHandedOver, TransferId
from consign.domain.session.events import BasketPaid, SessionClosed, TenderKind
from consign.domain.session.price_commands import DiscountBasket, GivenDiscount
from consign.domain.till_rules import TillRules
from consign.domain.tills import BasketCarriedOver, CarriedBasketRecalled, TillUnsyncedReported
from consign.domain.values import AccountId, ReceiptNumber, SessionId
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import (
    BASKET,
    CASHIER,
    COAT,
    DRESS,
    DRESS_MINOR,
    FLOAT_MINOR,
    OTHER_BASKET,
    OTHER_SESSION,
    SALE,
    SESSION,
    SETTINGS,
    SKIRT,
    SKIRT_MINOR,
    TILL,
    card,
    cash,
    live,
    sold,
)
from tests.domain.scenario import given
from tests.domain.test_vouchers import books_of

ROBIN = AccountId("robin")
TRANSFER = TransferId("01900000-0000-7000-8000-0000000000f1")
SEND = SendCash(SESSION, TRANSFER, OTHER_SESSION, 1000, "coins")
RECEIVE = ReceiveCash(OTHER_SESSION, TRANSFER, SESSION, 1000)
NEXT_SESSION = SessionId("01900000-0000-7000-8000-0000000000c9")


def drawer_of(log: MemoryLog, session: SessionId = SESSION) -> Any:
    return log.state(f"session-{session}")


def test_another_cashier_takes_over_baskets_and_all() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    given(log).when(HandOverSession(SESSION, ROBIN)).then(
        SessionHandedOver(SALE, SESSION, TILL, CASHIER, ROBIN, FLOAT_MINOR, OPENING)
    )
    log.issue(Pay(SESSION, BASKET, (cash(SKIRT_MINOR),)))
    (paid,) = log.events_of(BasketPaid)
    assert paid.cashier == ROBIN
    given(log).when(HandOverSession(SESSION, ROBIN)).then()


def test_what_a_count_at_the_hand_over_finds_is_settled_there() -> None:
    log = live(replace(SETTINGS, till=TillRules(hand_over_counted=True)))
    given(log).when(HandOverSession(SESSION, ROBIN)).rejected(Reason.COUNT_NEEDED)
    given(log).when(HandOverSession(SESSION, ROBIN, FLOAT_MINOR - 20)).rejected(Reason.REASON_NEEDED, "short")
    log.issue(HandOverSession(SESSION, ROBIN, FLOAT_MINOR - 20, "a coin rolled away"))
    assert drawer_of(log).cash_minor == FLOAT_MINOR - 20
    assert log.issue(CloseSession(SESSION, FLOAT_MINOR - 20)).difference_minor == 0
    assert books_of(log).balance(SALE, OVER_SHORT) == 20


def test_cash_on_its_way_is_in_neither_drawer_and_keeps_its_till_from_closing() -> None:
    log = live()
    assert log.issue(SEND).expected_minor == FLOAT_MINOR - 1000
    assert (drawer_of(log).cash_minor, drawer_of(log, OTHER_SESSION).cash_minor) == (FLOAT_MINOR - 1000, FLOAT_MINOR)
    assert books_of(log).balance(SALE, TRANSIT) == 1000
    given(log).when(CloseSession(SESSION, FLOAT_MINOR - 1000)).rejected(Reason.TRANSFERS_OPEN)
    given(log).when(SEND).then()


def test_what_is_missing_of_cash_that_arrives_is_booked_by_name() -> None:
    log = live()
    log.issue(SEND)
    given(log).when(replace(RECEIVE, counted_minor=980)).rejected(Reason.REASON_NEEDED, "missing")
    answer = log.issue(replace(RECEIVE, counted_minor=980, reason="one coin short"))
    assert (answer.difference_minor, answer.expected_minor) == (-20, FLOAT_MINOR + 980)
    books = books_of(log)
    assert (books.balance(SALE, TRANSIT), books.balance(SALE, OVER_SHORT)) == (0, 20)
    assert books.balance(SALE, cash_account(OTHER_SESSION)) == drawer_of(log, OTHER_SESSION).cash_minor
    given(log).when(RECEIVE).rejected(Reason.TRANSFER_ENDED, "arrived")
    log.issue(CloseSession(SESSION, FLOAT_MINOR - 1000))


def test_cash_that_did_not_arrive_is_taken_back_once() -> None:
    log = live()
    log.issue(SEND)
    log.issue(CloseSession(OTHER_SESSION, FLOAT_MINOR))
    given(log).when(RECEIVE).rejected(Reason.SESSION_CLOSED)
    assert log.issue(TakeCashBack(SESSION, TRANSFER, "they had closed")).expected_minor == FLOAT_MINOR
    given(log).when(TakeCashBack(SESSION, TRANSFER, "again")).rejected(Reason.TRANSFER_ENDED)
    assert books_of(log).balance(SALE, TRANSIT) == 0


def test_an_expense_is_none_of_the_banks() -> None:
    log = live()
    log.issue(MoveCash(SESSION, -300, "coffee", "expense"))
    log.issue(MoveCash(SESSION, -2000, "too many notes", "safe"))
    log.issue(MoveCash(SESSION, -100, "milk", "expense"))
    figures = drawer_of(log).figures
    assert [(each.kind, each.amount_minor) for each in figures.moved] == [("expense", -400), ("safe", -2000)]
    assert books_of(log).balance(SALE, EXPENSES) == 400


def test_the_report_says_what_was_sold_and_how_it_was_paid() -> None:
    settings = replace(
        SETTINGS,
        tax=TaxRule(200_000, included=True),
        surcharge=Surcharge(rate_ppm=100_000, fixed_minor=0),
        discount_limits_ppm={"cashier": 1_000_000},
    )
    log = live(settings)
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.issue(Scan(SESSION, BASKET, DRESS))
    log.issue(DiscountBasket(SESSION, BASKET, "organizer", CASHIER, GivenDiscount(150), "a regular"))
    total_minor = log.issue(SuspendBasket(SESSION, BASKET)).total_minor
    log.issue(RecallBasket(SESSION, BASKET))
    log.issue(Pay(SESSION, BASKET, (card(1000), cash(5000))))
    log.issue(Scan(SESSION, OTHER_BASKET, COAT))
    log.issue(Pay(SESSION, OTHER_BASKET, (card(2750),)))
    log.issue(VoidReceipt(SESSION, ReceiptNumber("1-2"), "changed their mind"))
    log.issue(RefundReceipt(SESSION, ReceiptNumber("1-1"), TenderKind.CASH, "torn", "cashier"))

    figures = drawer_of(log).figures
    assert (figures.receipts, figures.voided, figures.refunds) == (2, 1, 1)
    assert (figures.receipts_minor, figures.voided_minor, figures.refunded_minor) == (
        total_minor + 2750,
        2750,
        total_minor,
    )
    assert figures.total_minor == figures.surcharge_minor == 0
    assert [(tax.rate_ppm, tax.gross_minor, tax.tax_minor) for tax in figures.taxes] == [(200_000, 0, 0)]
    assert figures.discount_organizer_minor == 150
    assert figures.cash_minor + figures.card_minor + figures.voucher_minor == figures.rounding_minor
    assert books_of(log).balance(SALE, cash_account(SESSION)) == figures.expected_minor == drawer_of(log).cash_minor


def test_z_reports_of_a_till_are_numbered_without_a_gap_and_add_up() -> None:
    log = live()
    sold(log, SKIRT)
    first = log.issue(CloseSession(SESSION, FLOAT_MINOR + SKIRT_MINOR))
    log.issue(OpenSession(NEXT_SESSION, SALE, TILL, CASHIER, 0))
    log.issue(Scan(NEXT_SESSION, OTHER_BASKET, DRESS))
    log.issue(Pay(NEXT_SESSION, OTHER_BASKET, (cash(DRESS_MINOR),)))
    second = log.issue(CloseSession(NEXT_SESSION, DRESS_MINOR))
    assert (first.z_number, first.grand_total_minor) == (1, SKIRT_MINOR)
    assert (second.z_number, second.grand_total_minor) == (2, SKIRT_MINOR + DRESS_MINOR)
    assert second.figures.total_minor == DRESS_MINOR
    assert log.issue(CloseSession(OTHER_SESSION, FLOAT_MINOR)).z_number == 1


def test_a_count_by_coins_and_notes_must_come_to_the_sum() -> None:
    log = live()
    coins = (GivenDenomination(500, 9), GivenDenomination(100, 5))
    given(log).when(CloseSession(SESSION, FLOAT_MINOR + 1, "over", coins)).rejected(Reason.COUNT_DIFFERS)
    log.issue(CloseSession(SESSION, FLOAT_MINOR, denominations=coins))
    (closed,) = log.events_of(SessionClosed)
    assert [(each.value_minor, each.count) for each in closed.denominations] == [(500, 9), (100, 5)]


def test_a_basket_that_is_named_outlives_its_session_and_is_recalled_at_any_till() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.issue(SuspendBasket(SESSION, BASKET, "forgot purse"))
    given(log).when(CloseSession(SESSION, FLOAT_MINOR)).rejected(Reason.BASKETS_OPEN)
    log.issue(CloseSession(SESSION, FLOAT_MINOR, carry_over=(BASKET,)))
    (carried,) = log.events_of(BasketCarriedOver)
    assert (carried.session, carried.note, [line.tag for line in carried.lines]) == (SESSION, "forgot purse", [SKIRT])

    given(log).when(Scan(OTHER_SESSION, OTHER_BASKET, SKIRT)).rejected(Reason.HELD_ELSEWHERE)
    recalled = log.issue(RecallBasket(OTHER_SESSION, BASKET))
    assert ([line.tag for line in recalled.lines], recalled.lost) == ([SKIRT], ())
    assert log.events_of(CarriedBasketRecalled) == [CarriedBasketRecalled(SALE, BASKET, OTHER_SESSION)]
    log.issue(Pay(OTHER_SESSION, BASKET, (cash(SKIRT_MINOR),)))


def test_a_carried_basket_is_recalled_even_when_its_holds_are_gone() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.issue(CloseSession(SESSION, FLOAT_MINOR, carry_over=(BASKET,)))
    log.pass_time(SETTINGS.hold_duration_s + 1)
    log.fire_due_timers()
    log.issue(Scan(OTHER_SESSION, OTHER_BASKET, SKIRT))
    assert log.issue(RecallBasket(OTHER_SESSION, BASKET)).lost == (SKIRT,)


def test_sales_that_are_not_uploaded_keep_a_till_open_unless_an_organizer_closes_it() -> None:
    log = live()
    close = CloseSession(SESSION, FLOAT_MINOR, unsynced_count=3)
    given(log).when(close).rejected(Reason.UNSYNCED_SALES)
    log.issue(replace(close, role="organizer", authorized_by=ROBIN))
    (closed,) = log.events_of(SessionClosed)
    assert (closed.unsynced, closed.authorized_by) == (3, ROBIN)
    assert log.events_of(TillUnsyncedReported) == [TillUnsyncedReported(SALE, TILL, SESSION, 3, log.now)]
