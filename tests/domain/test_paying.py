"""A basket that is being paid: its total stands, tenders come one by one, and all of them can be given back."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from consign.domain.accounts import CARD, PROVIDER, SUSPENSE, VOUCHER, cash_account
from consign.domain.ledger.commands import ExpireHolds
from consign.domain.ledger.state import Held
from consign.domain.payments import PaymentId, PaymentRequested, PaymentUnanswered
from consign.domain.rejection import Reason
from consign.domain.session.commands import (
    AbandonBasket,
    CloseSession,
    Pay,
    RecallBasket,
    RefundReceipt,
    RemoveLine,
    Scan,
    SuspendBasket,
    VoidReceipt,
)
from consign.domain.session.drawer_commands import HandOverSession
from consign.domain.session.events import BasketPaid, Tender, TenderKind
from consign.domain.session.paying_commands import (
    ApprovePayment,
    BeginPaying,
    CancelPaying,
    CancelPayment,
    DeclinePayment,
    RecordPaymentRefund,
    RequestPayment,
    TakenTender,
    TakeTenders,
)
from consign.domain.session.paying_events import PayingBegun, TendersTaken
from consign.domain.session.price_commands import DiscountBasket, GivenDiscount
from consign.domain.settlement.events import Obstacle
from consign.domain.turns.freezing import obstacles
from consign.domain.values import AccountId, ReceiptNumber
from consign.domain.voucher_commands import GrantVoucher
from consign.domain.vouchers import voucher_code
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import (
    BASKET,
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
    TILL,
    cash,
    live,
)
from tests.domain.scenario import given
from tests.domain.test_vouchers import books_of, voucher_of

PAYMENT = PaymentId("01900000-0000-7000-8000-0000000000f1")
OTHER_PAYMENT = PaymentId("01900000-0000-7000-8000-0000000000f2")
RECEIPT = ReceiptNumber("1-1")
ASK = RequestPayment(SESSION, BASKET, PAYMENT, "sumup")
APPROVE = ApprovePayment(SESSION, PAYMENT, "TX-1")
DECLINE = DeclinePayment(SESSION, PAYMENT, "insufficient funds")
CANCEL = CancelPaying(SESSION, BASKET, "wants another coat")
VOUCHER_CODE = voucher_code(7)


def tender_id(number: int) -> str:
    return f"01900000-0000-7000-8000-0000000009{number:02}"


def taken(number: int, kind: TenderKind, amount_minor: int, reference: str = "") -> TakenTender:
    return TakenTender(tender_id(number), kind, amount_minor, reference)


def take(*tenders: TakenTender) -> TakeTenders:
    return TakeTenders(SESSION, BASKET, tenders)


CASH_100 = taken(1, TenderKind.CASH, 100)


def with_coat() -> MemoryLog:
    log = live()
    log.issue(Scan(SESSION, BASKET, COAT))
    return log


def figures(log: MemoryLog) -> dict[str, int]:
    """Return what the till says of the tenders it took, without what is zero."""
    known = log.state(f"session-{SESSION}").figures
    names = ("cash_minor", "card_minor", "voucher_minor", "provider_minor", "taken_cash_minor", "taken_voucher_minor")
    return {name: getattr(known, name) for name in names if getattr(known, name)}


def balances(log: MemoryLog) -> dict[str, int]:
    """Return what stands in the accounts of tenders, without what is zero; the drawer without its float."""
    books = books_of(log)
    accounts = {account: books.balance(SALE, account) for account in (CARD, PROVIDER, SUSPENSE, VOUCHER)}
    accounts["cash"] = books.balance(SALE, cash_account(SESSION)) - FLOAT_MINOR
    return {account: balance_minor for account, balance_minor in accounts.items() if balance_minor}


def payment(log: MemoryLog, which: PaymentId = PAYMENT) -> tuple[str, int, int]:
    """Return what became of a payment, what of it is to be given back, and what was."""
    known = log.state(f"ledger-{SALE}").payments[which]
    return known.status, known.owed_minor, known.given_back_minor


def test_while_a_basket_is_paid_nothing_of_it_changes() -> None:
    log = with_coat()
    begun = given(log).when(BeginPaying(SESSION, BASKET)).answer
    assert (begun.total_minor, begun.due_minor, begun.cash_due_minor) == (COAT_MINOR, COAT_MINOR, COAT_MINOR)
    discount = DiscountBasket(SESSION, BASKET, "organizer", AccountId("olive"), GivenDiscount(100), "nice day")
    for changing in (
        Scan(SESSION, BASKET, SKIRT),
        RemoveLine(SESSION, BASKET, COAT),
        discount,
        SuspendBasket(SESSION, BASKET),
        AbandonBasket(SESSION, BASKET),
        RecallBasket(OTHER_SESSION, BASKET),
    ):
        assert "Cancel paying" in given(log).when(changing).rejected(Reason.BASKET_PAYING).detail
    assert given(log).when(BeginPaying(SESSION, BASKET)).then().answer == begun


def test_tenders_come_one_by_one_and_the_one_that_covers_the_rest_makes_the_receipt() -> None:
    log = with_coat()
    first = Tender(TenderKind.CASH, 100, tender_id=tender_id(1))
    line = log.state(f"session-{SESSION}").baskets[BASKET].lines[0]
    events = [
        PayingBegun(SALE, SESSION, TILL, BASKET, (line,), COAT_MINOR, OPENING, CASHIER),
        TendersTaken(SALE, SESSION, TILL, BASKET, (first,), OPENING, CASHIER),
    ]
    decided = given(log).when(take(CASH_100))
    assert log.events_of(PayingBegun, TendersTaken) == events
    assert (decided.answer.due_minor, decided.answer.receipt) == (COAT_MINOR - 100, None)
    assert balances(log) == {"cash": 100, SUSPENSE: -100}
    assert figures(log) == {"taken_cash_minor": 100}

    given(log).when(take(CASH_100)).then()
    paid = given(log).when(take(taken(2, TenderKind.CARD, 2000), taken(3, TenderKind.CASH, 500))).answer
    assert (paid.receipt.receipt, paid.receipt.change_minor, paid.due_minor) == (RECEIPT, 100, 0)
    (receipt,) = log.events_of(BasketPaid)
    assert [each.amount_minor for each in receipt.tenders] == [100, 2000, 500]
    assert balances(log) == {"cash": 500, CARD: 2000}
    assert figures(log) == {"cash_minor": 500, "card_minor": 2000}


def test_paying_at_once_adds_what_is_missing_to_what_was_taken() -> None:
    log = with_coat()
    log.issue(take(CASH_100))
    assert log.issue(Pay(SESSION, BASKET, (cash(COAT_MINOR),))).change_minor == 100
    assert balances(log) == {"cash": COAT_MINOR}
    assert figures(log) == {"cash_minor": COAT_MINOR}


def test_all_cash_together_is_rounded_not_each_coin() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.issue(DiscountBasket(SESSION, BASKET, "organizer", AccountId("olive"), GivenDiscount(2), "nice day"))
    assert log.issue(take(CASH_100)).cash_due_minor == SKIRT_MINOR - 100
    paid = log.issue(take(taken(2, TenderKind.CASH, SKIRT_MINOR - 100))).receipt
    assert (paid.total_minor, paid.rounding_minor, paid.change_minor) == (SKIRT_MINOR - 2, 2, 0)


def test_cash_that_no_coins_make_up_is_not_taken_so_that_cards_can_pay_the_rest() -> None:
    log = with_coat()
    given(log).when(take(taken(1, TenderKind.CASH, 102))).rejected(Reason.TENDER_INVALID, "rounded to 5")
    log.issue(take(CASH_100))
    paid = log.issue(take(taken(2, TenderKind.CARD, COAT_MINOR - 100))).receipt
    assert (paid.total_minor, paid.rounding_minor, paid.change_minor) == (COAT_MINOR, 0, 0)


def test_the_total_stands_whatever_becomes_of_prices_and_the_items_are_kept_but_not_for_ever() -> None:
    log = with_coat()
    log.issue(BeginPaying(SESSION, BASKET))
    log.pass_time(14 * 60)
    log.fire_due_timers()
    given(log).when(Scan(OTHER_SESSION, OTHER_BASKET, COAT)).rejected(Reason.HELD_ELSEWHERE)
    for _ in range(5):
        log.issue(BeginPaying(SESSION, BASKET))
        log.pass_time(14 * 60)
        log.fire_due_timers()
    log.issue(take(CASH_100))
    log.issue(Scan(OTHER_SESSION, OTHER_BASKET, COAT))
    rest = take(taken(2, TenderKind.CASH, COAT_MINOR - 100))
    assert "Cancel paying" in given(log).when(rest).rejected(Reason.LINE_LOST).detail
    assert given(log).when(CANCEL).answer.cash_back_minor == 100


def test_items_whose_hold_ran_out_are_held_again_when_paying_begins() -> None:
    log = with_coat()
    log.pass_time(3600)
    log.fire_due_timers()
    log.issue(BeginPaying(SESSION, BASKET))
    given(log).when(Scan(OTHER_SESSION, OTHER_BASKET, COAT)).rejected(Reason.HELD_ELSEWHERE)
    log.pass_time(3600)
    log.fire_due_timers()
    log.issue(Scan(OTHER_SESSION, OTHER_BASKET, COAT))


def test_a_provider_that_covers_the_rest_makes_the_receipt_with_its_answer() -> None:
    log = with_coat()
    log.issue(take(CASH_100))
    asked = given(log).when(ASK).answer
    assert (asked.due_minor, asked.waiting_minor) == (COAT_MINOR - 100, COAT_MINOR - 100)
    given(log).when(ASK).then()
    assert balances(log) == {"cash": 100, SUSPENSE: -100}
    approved = given(log).when(APPROVE).answer
    assert (approved.status, approved.receipt.receipt, approved.lost) == ("approved", RECEIPT, ())
    given(log).when(APPROVE).then()
    (receipt,) = log.events_of(BasketPaid)
    assert receipt.tenders[1] == Tender(TenderKind.PROVIDER, COAT_MINOR - 100, "TX-1", PAYMENT)
    assert balances(log) == {"cash": 100, PROVIDER: COAT_MINOR - 100}
    assert figures(log) == {"cash_minor": 100, "provider_minor": COAT_MINOR - 100}


def test_a_provider_may_take_a_part_and_several_may_share() -> None:
    log = with_coat()
    log.issue(replace(ASK, amount_minor=1000))
    assert log.issue(APPROVE).receipt is None
    assert balances(log) == {PROVIDER: 1000, SUSPENSE: -1000}
    log.issue(replace(ASK, payment=OTHER_PAYMENT, provider="stripe"))
    other = ApprovePayment(SESSION, OTHER_PAYMENT, "TX-1")
    assert log.issue(other).receipt.receipt == RECEIPT
    assert balances(log) == {PROVIDER: COAT_MINOR}


def test_a_declined_card_leaves_the_basket_to_be_paid_otherwise() -> None:
    log = with_coat()
    log.issue(ASK)
    assert given(log).when(DECLINE).answer.status == "declined"
    given(log).when(DECLINE).then()
    assert log.issue(Pay(SESSION, BASKET, (cash(COAT_MINOR),))).receipt == RECEIPT
    assert (payment(log), balances(log)) == (("declined", 0, 0), {"cash": COAT_MINOR})


def test_without_an_answer_nobody_knows_and_the_answer_still_counts_when_it_comes() -> None:
    log = with_coat()
    log.issue(ASK)
    (asked,) = log.events_of(PaymentRequested)
    log.pass_time(timedelta(minutes=3).total_seconds())
    log.fire_due_timers()
    assert asked.answer_by == log.now
    assert log.events_of(PaymentUnanswered) == [PaymentUnanswered(SALE, SESSION, BASKET, PAYMENT, log.now)]
    assert payment(log) == ("unknown", 0, 0)
    assert log.issue(APPROVE).receipt.receipt == RECEIPT


@pytest.mark.parametrize("meanwhile", ["paid", "cancelled", "declined", "closed"])
def test_money_that_comes_when_nobody_waits_for_it_is_recorded_and_given_back(meanwhile: str) -> None:
    log = with_coat()
    log.issue(ASK)
    match meanwhile:
        case "paid":
            log.issue(Pay(SESSION, BASKET, (cash(COAT_MINOR),)))
        case "cancelled":
            log.issue(CANCEL)
        case "declined":
            log.issue(DECLINE)
        case _:
            log.issue(CANCEL)
            log.issue(AbandonBasket(SESSION, BASKET))
            log.issue(CloseSession(SESSION, FLOAT_MINOR))
    before = {account: amount for account, amount in balances(log).items() if account != "cash"}
    approved = given(log).when(APPROVE).answer
    assert (approved.status, approved.receipt, approved.owed_minor) == ("approved", None, COAT_MINOR)
    assert balances(log)[SUSPENSE] == before.get(SUSPENSE, 0) - COAT_MINOR
    assert balances(log)[PROVIDER] == COAT_MINOR
    log.issue(RecordPaymentRefund(SALE, PAYMENT, 500, "RF-1"))
    given(log).when(RecordPaymentRefund(SALE, PAYMENT, 500, "RF-1")).then()
    log.issue(RecordPaymentRefund(SALE, PAYMENT, COAT_MINOR - 500, "RF-2"))
    assert payment(log) == ("approved", 0, COAT_MINOR)
    assert not {SUSPENSE, PROVIDER} & balances(log).keys()


def test_cancelling_gives_back_cash_cards_vouchers_and_what_a_provider_has() -> None:
    log = with_coat()
    log.issue(GrantVoucher(SALE, VOUCHER_CODE, 300, CASHIER, "the zip was broken"))
    log.issue(take(CASH_100, taken(2, TenderKind.CARD, 200), taken(3, TenderKind.VOUCHER, 100, VOUCHER_CODE)))
    log.issue(take(taken(4, TenderKind.VOUCHER, 150, VOUCHER_CODE)))
    assert voucher_of(log, VOUCHER_CODE).balance_minor == 50
    log.issue(replace(ASK, amount_minor=400))
    log.issue(APPROVE)
    log.issue(replace(ASK, payment=OTHER_PAYMENT))
    assert balances(log) == {"cash": 100, CARD: 200, VOUCHER: -50, PROVIDER: 400, SUSPENSE: -950}

    answer = given(log).when(CANCEL).answer
    back = (answer.cash_back_minor, answer.card_back_minor, answer.voucher_back_minor, answer.provider_back_minor)
    assert back == (100, 200, 250, 400)
    assert (payment(log), payment(log, OTHER_PAYMENT)) == (("approved", 400, 0), ("cancelled", 0, 0))
    assert balances(log) == {VOUCHER: -300, PROVIDER: 400, SUSPENSE: -400}
    assert (voucher_of(log, VOUCHER_CODE).balance_minor, figures(log)) == (300, {})
    given(log).when(CANCEL).then()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    assert log.issue(Pay(SESSION, BASKET, (cash(COAT_MINOR + SKIRT_MINOR),))).receipt == RECEIPT


def test_a_single_payment_is_given_up_before_or_after_the_provider_has_it() -> None:
    log = with_coat()
    log.issue(replace(ASK, amount_minor=400))
    assert given(log).when(CancelPayment(SESSION, PAYMENT)).answer.status == "cancelled"
    log.issue(replace(ASK, payment=OTHER_PAYMENT, amount_minor=500))
    log.issue(ApprovePayment(SESSION, OTHER_PAYMENT, "TX-2"))
    assert given(log).when(CancelPayment(SESSION, OTHER_PAYMENT)).answer.owed_minor == 500
    given(log).when(CancelPayment(SESSION, OTHER_PAYMENT)).then()
    assert log.issue(BeginPaying(SESSION, BASKET)).due_minor == COAT_MINOR


def test_a_void_lets_the_provider_give_back_what_it_took() -> None:
    log = with_coat()
    log.issue(ASK)
    log.issue(APPROVE)
    answer = given(log).when(VoidReceipt(SESSION, RECEIPT, "wrong basket")).answer
    assert (answer.cash_back_minor, answer.provider_back_minor) == (0, COAT_MINOR)
    assert payment(log) == ("approved", COAT_MINOR, 0)
    assert balances(log) == {PROVIDER: COAT_MINOR, SUSPENSE: -COAT_MINOR}
    log.issue(RecordPaymentRefund(SALE, PAYMENT, COAT_MINOR, "RF-1"))
    assert balances(log) == {}


def test_a_refund_goes_back_to_the_payments_in_order_or_to_another_tender_by_role() -> None:
    log = live()
    for tag in (COAT, DRESS):
        log.issue(Scan(SESSION, BASKET, tag))
    log.issue(replace(ASK, amount_minor=1000))
    log.issue(APPROVE)
    log.issue(replace(ASK, payment=OTHER_PAYMENT))
    log.issue(ApprovePayment(SESSION, OTHER_PAYMENT, "TX-2"))
    back = RefundReceipt(OTHER_SESSION, RECEIPT, TenderKind.PROVIDER, "torn", "cashier")
    cash_back = replace(back, tender=TenderKind.CASH)
    given(log).when(cash_back).rejected(Reason.TENDER_NEEDS_ROLE)
    given(log).when(replace(back, reference="TX-1")).rejected(Reason.REFUND_TOO_HIGH, "1000")
    log.issue(back)
    assert (payment(log)[1], payment(log, OTHER_PAYMENT)[1]) == (1000, COAT_MINOR + 1200 - 1000)
    assert balances(log) == {PROVIDER: COAT_MINOR + 1200, SUSPENSE: -COAT_MINOR - 1200}
    assert log.state(f"session-{OTHER_SESSION}").figures.provider_minor == -COAT_MINOR - 1200


def test_a_till_is_not_closed_on_a_basket_that_is_being_paid_but_another_cashier_may_go_on() -> None:
    log = with_coat()
    log.issue(take(CASH_100))
    closing = CloseSession(SESSION, FLOAT_MINOR + 100, carry_over=(BASKET,))
    given(log).when(closing).rejected(Reason.BASKET_PAYING)
    log.issue(HandOverSession(SESSION, AccountId("robin"), FLOAT_MINOR + 100))
    assert log.issue(CANCEL).cash_back_minor == 100
    log.issue(replace(closing, counted_minor=FLOAT_MINOR))


def test_nobody_begins_to_pay_a_total_that_the_till_did_not_show() -> None:
    log = with_coat()
    for asked in (BeginPaying(SESSION, BASKET), ASK, take(CASH_100)):
        given(log).when(replace(asked, shown_minor=COAT_MINOR - 1)).rejected(Reason.TOTAL_CHANGED)
        log.issue(replace(asked, shown_minor=COAT_MINOR))


def test_settling_waits_for_what_providers_have_of_shoppers() -> None:
    log = with_coat()
    log.issue(ASK)
    log.issue(CANCEL)
    log.issue(APPROVE)
    found = obstacles(log.state(f"sale-{SALE}"), log.state(f"ledger-{SALE}"))
    assert Obstacle("open_payment", PAYMENT) in found
    log.issue(RecordPaymentRefund(SALE, PAYMENT, COAT_MINOR, "RF-1"))
    found = obstacles(log.state(f"sale-{SALE}"), log.state(f"ledger-{SALE}"))
    assert not [each for each in found if each.kind == "open_payment"]


def test_an_approval_is_recorded_even_where_something_of_the_basket_is_gone() -> None:
    log = with_coat()
    log.issue(ASK)
    log.pass_time(3600)
    log.fire_due_timers()
    log.issue(Scan(OTHER_SESSION, OTHER_BASKET, COAT))
    answer = given(log).when(APPROVE).answer
    assert (answer.receipt, answer.lost) == (None, (COAT,))
    assert balances(log) == {PROVIDER: COAT_MINOR, SUSPENSE: -COAT_MINOR}
    assert log.issue(CANCEL).provider_back_minor == COAT_MINOR


def test_money_for_a_basket_whose_id_another_till_uses_by_now_is_recorded_and_takes_nothing_from_it() -> None:
    log = with_coat()
    log.issue(ASK)
    log.pass_time(61 * 60)
    log.issue(ExpireHolds(SALE, BASKET))
    log.issue(Scan(OTHER_SESSION, BASKET, SKIRT))
    approved = log.issue(APPROVE)
    assert (approved.status, approved.receipt) == ("approved", None)
    assert isinstance(log.state(f"ledger-{SALE}").items[SKIRT].status, Held)
    assert log.state(f"ledger-{SALE}").baskets[BASKET].tags == (SKIRT,)
    assert log.issue(CANCEL).provider_back_minor == COAT_MINOR
    log.issue(Pay(OTHER_SESSION, BASKET, (cash(SKIRT_MINOR),)))
    assert payment(log) == ("approved", COAT_MINOR, 0)
