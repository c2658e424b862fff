"""Vouchers: sold, given, redeemed in part, given back to, and run out."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as all_of
from hypothesis import strategies as st
from msgspec.structs import replace

from consign.domain.accounts import CASH_ROUNDING, COMPENSATION, VOUCHER, cash_account
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY, Books
from consign.domain.rejection import Reason, Rejected
from consign.domain.session.commands import GivenTender, Pay, RefundReceipt, Scan, VoidReceipt
from consign.domain.session.drawer_events import VoucherSold
from consign.domain.session.events import BasketPaid, Tender, TenderKind
from consign.domain.till_rules import TillRules
from consign.domain.values import ReceiptNumber, VoucherCode
from consign.domain.voucher_commands import (
    BlockVoucher,
    CashOutVoucher,
    ExpireVoucher,
    GrantVoucher,
    SellVoucher,
    SoldVoucherAnswer,
    TakeVoucherBack,
    UnblockVoucher,
)
from consign.domain.vouchers import (
    CODES,
    VoucherExpired,
    VoucherIssued,
    VouchersCredited,
    VoucherShare,
    VouchersRedeemed,
    read_code,
    shown_code,
    voucher_code,
)
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import (
    BASKET,
    CASHIER,
    COAT,
    COAT_MINOR,
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

CODE, OTHER_CODE = voucher_code(7), voucher_code(8)
WORTH_MINOR = 2000
SELL = SellVoucher(SESSION, CODE, WORTH_MINOR, (cash(2500),))
RECEIPT = ReceiptNumber("1-1")
A_YEAR = timedelta(days=365)
ENDING = replace(SETTINGS, till=TillRules(voucher_validity_days=365))


def by_voucher(amount_minor: int, code: str = CODE) -> GivenTender:
    return GivenTender(TenderKind.VOUCHER, amount_minor, code)


def voucher_of(log: MemoryLog, code: VoucherCode = CODE) -> Any:
    return log.state(f"ledger-{SALE}").vouchers[code]


def books_of(log: MemoryLog) -> Books:
    books = EMPTY
    for emitted in log.events:
        books, postings = post(books, emitted.event)
        assert sum(posting.amount_minor for posting in postings) == 0
    return books


def with_voucher(settings: Any = SETTINGS) -> MemoryLog:
    log = live(settings)
    log.issue(SELL)
    return log


def paid_by_voucher(settings: Any = SETTINGS) -> MemoryLog:
    log = with_voucher(settings)
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.issue(Pay(SESSION, BASKET, (by_voucher(SKIRT_MINOR),)))
    return log


@all_of(st.integers(0, CODES - 1), st.integers(0, 11), st.integers(0, 11), st.sampled_from("23456789ABCXYZ"))
def test_a_code_is_read_however_it_is_typed_and_a_slip_is_noticed(
    drawn: int, place: int, other: int, symbol: str
) -> None:
    code = voucher_code(drawn)
    assert read_code(shown_code(code).lower()) == code
    wrong = code[:place] + symbol + code[place + 1 :]
    swapped = list(code)
    swapped[place], swapped[other] = code[other], code[place]
    for slip in (wrong, "".join(swapped)):
        if slip != code:
            with pytest.raises(Rejected):
                read_code(slip)


def test_a_voucher_is_sold_for_cash_and_is_owed_from_then_on() -> None:
    log = live()
    given(log).when(SELL).then(
        VoucherSold(SALE, SESSION, TILL, CODE, WORTH_MINOR, (Tender(TenderKind.CASH, 2500),), 0, 500, CASHIER),
        VoucherIssued(SALE, CODE, WORTH_MINOR, "sold", OPENING, session=SESSION),
    ).answered(SoldVoucherAnswer(CODE, WORTH_MINOR, 0, 500, "EUR"))
    books = books_of(log)
    assert books.balance(SALE, VOUCHER) == -WORTH_MINOR
    assert books.balance(SALE, cash_account(SESSION)) == log.state(f"session-{SESSION}").cash_minor


def test_a_voucher_pays_in_part_at_any_till_and_keeps_the_rest() -> None:
    log = with_voucher()
    log.issue(Scan(OTHER_SESSION, BASKET, COAT))
    tenders = (by_voucher(1500, shown_code(CODE)), card(COAT_MINOR - 1500))
    log.issue(Pay(OTHER_SESSION, BASKET, tenders))

    (used,) = log.events_of(VouchersRedeemed)
    assert used.shares == (VoucherShare(CODE, 1500, 500),)
    (paid,) = log.events_of(BasketPaid)
    assert paid.tenders[0] == Tender(TenderKind.VOUCHER, 1500, CODE)
    assert books_of(log).balance(SALE, VOUCHER) == -500


def test_several_vouchers_pay_one_receipt_and_cash_the_rest_with_change() -> None:
    log = with_voucher()
    log.issue(GrantVoucher(SALE, OTHER_CODE, 300, CASHIER, "the zip was broken"))
    log.issue(Scan(SESSION, BASKET, COAT))
    answer = log.issue(Pay(SESSION, BASKET, (by_voucher(2000), by_voucher(300, OTHER_CODE), cash(500))))
    assert answer.change_minor == 2300 + 500 - COAT_MINOR
    assert voucher_of(log).balance_minor == voucher_of(log, OTHER_CODE).balance_minor == 0
    books = books_of(log)
    assert (books.balance(SALE, VOUCHER), books.balance(SALE, COMPENSATION)) == (0, 300)


def test_a_void_gives_the_voucher_back_what_it_paid() -> None:
    log = paid_by_voucher()
    answer = given(log).when(VoidReceipt(SESSION, RECEIPT, "wrong basket")).answer
    assert (answer.cash_back_minor, answer.voucher_back_minor) == (0, SKIRT_MINOR)
    assert voucher_of(log).balance_minor == WORTH_MINOR
    assert books_of(log).balance(SALE, VOUCHER) == -WORTH_MINOR


def test_a_refund_goes_back_to_the_voucher_that_paid() -> None:
    log = paid_by_voucher()
    back = RefundReceipt(OTHER_SESSION, RECEIPT, TenderKind.VOUCHER, "torn", "cashier", reference=CODE)
    assert given(log).when(back).answer.voucher == CODE
    (credited,) = log.events_of(VouchersCredited)
    assert credited.shares == (VoucherShare(CODE, SKIRT_MINOR, WORTH_MINOR),)
    assert books_of(log).balance(SALE, VOUCHER) == -WORTH_MINOR


def test_a_refund_may_become_a_new_voucher() -> None:
    log = live()
    sold(log, SKIRT)
    back = RefundReceipt(SESSION, RECEIPT, TenderKind.VOUCHER, "torn", "organizer", new_voucher=CODE)
    assert given(log).when(back).answer.voucher == CODE
    (issued,) = log.events_of(VoucherIssued)
    assert (issued.origin, issued.amount_minor, issued.receipt) == ("refund", SKIRT_MINOR, RECEIPT)
    assert log.state(f"session-{SESSION}").cash_minor == 5000 + SKIRT_MINOR
    assert books_of(log).balance(SALE, VOUCHER) == -SKIRT_MINOR


def test_an_unused_voucher_is_taken_back_by_the_session_that_sold_it() -> None:
    log = with_voucher()
    answer = given(log).when(TakeVoucherBack(SESSION, CODE, "mistyped")).answer
    assert answer.cash_back_minor == WORTH_MINOR
    given(log).when(TakeVoucherBack(SESSION, CODE, "mistyped")).rejected(Reason.VOUCHER_USED)
    log.issue(Scan(SESSION, BASKET, SKIRT))
    given(log).when(Pay(SESSION, BASKET, (by_voucher(SKIRT_MINOR),))).rejected(Reason.VOUCHER_TOO_LOW)
    assert books_of(log).balance(SALE, VOUCHER) == 0


def test_a_voucher_runs_out_at_its_end_even_before_the_timer_says_so() -> None:
    log = with_voucher(ENDING)
    assert voucher_of(log).expires_at == OPENING + A_YEAR
    log.pass_time(A_YEAR.total_seconds())
    log.issue(Scan(SESSION, BASKET, SKIRT))
    given(log).when(Pay(SESSION, BASKET, (by_voucher(SKIRT_MINOR),))).rejected(Reason.VOUCHER_EXPIRED)
    log.fire_due_timers()
    assert log.events_of(VoucherExpired) == [VoucherExpired(SALE, CODE, WORTH_MINOR, log.now)]
    books = books_of(log)
    assert (books.balance(SALE, VOUCHER), books.balance(SALE, COMPENSATION)) == (0, -WORTH_MINOR)
    given(log).when(ExpireVoucher(SALE, CODE)).then()


def test_a_voucher_that_ran_out_begins_anew_where_something_is_given_back_to_it() -> None:
    log = paid_by_voucher(ENDING)
    log.pass_time(A_YEAR.total_seconds())
    log.fire_due_timers()
    log.issue(VoidReceipt(SESSION, RECEIPT, "wrong basket"))
    assert (voucher_of(log).balance_minor, voucher_of(log).expires_at) == (SKIRT_MINOR, log.now + A_YEAR)
    assert any(timer.command == ExpireVoucher(SALE, CODE) for timer in log.timers)


def test_vouchers_are_no_turnover_until_they_pay_for_something() -> None:
    log = with_voucher()
    figures = log.state(f"session-{SESSION}").figures
    assert (figures.vouchers, figures.vouchers_minor, figures.vouchers_cash_minor, figures.total_minor) == (
        1,
        WORTH_MINOR,
        WORTH_MINOR,
        0,
    )
    log.issue(Scan(SESSION, OTHER_BASKET, SKIRT))
    log.issue(Pay(SESSION, OTHER_BASKET, (by_voucher(SKIRT_MINOR),)))
    figures = log.state(f"session-{SESSION}").figures
    assert (figures.voucher_minor, figures.total_minor) == (SKIRT_MINOR, SKIRT_MINOR)


def test_the_rest_of_a_voucher_is_paid_out_as_cash_is_rounded_here_and_owed_no_more() -> None:
    rules = TillRules(voucher_cash_out_limits_minor={"cashier": 100})
    log = live(replace(SETTINGS, till=rules, cash_rounding_minor=5))
    log.issue(GrantVoucher(SALE, CODE, 98, CASHIER, "the zip was broken"))
    drawer_minor = log.state(f"session-{SESSION}").cash_minor
    answer = log.issue(CashOutVoucher(SESSION, shown_code(CODE).lower(), "cashier"))
    assert (answer.amount_minor, answer.cash_back_minor) == (98, 100)
    books = books_of(log)
    assert [books.balance(SALE, account) for account in (VOUCHER, COMPENSATION, CASH_ROUNDING)] == [0, 98, 2]
    session = log.state(f"session-{SESSION}")
    assert session.cash_minor == drawer_minor - 100 == books.balance(SALE, cash_account(SESSION))
    assert (session.figures.vouchers_out, session.figures.vouchers_out_minor) == (1, 100)


def test_an_organizer_pays_out_any_rest() -> None:
    log = live()
    log.issue(SELL)
    assert log.issue(CashOutVoucher(SESSION, CODE, "organizer")).cash_back_minor == WORTH_MINOR


def test_a_blocked_voucher_is_owed_still_and_good_again_once_it_is_unblocked() -> None:
    log = live()
    log.issue(SELL)
    assert log.issue(BlockVoucher(SALE, CODE, CASHIER, "lost")).balance_minor == WORTH_MINOR
    given(log).when(BlockVoucher(SALE, CODE, CASHIER, "lost again")).then()
    assert books_of(log).balance(SALE, VOUCHER) == -WORTH_MINOR
    log.issue(Scan(SESSION, BASKET, SKIRT))
    with pytest.raises(Rejected):
        log.issue(Pay(SESSION, BASKET, (by_voucher(SKIRT_MINOR),)))
    log.issue(UnblockVoucher(SALE, CODE, CASHIER, "found"))
    given(log).when(UnblockVoucher(SALE, CODE, CASHIER, "")).then()
    log.issue(Pay(SESSION, BASKET, (by_voucher(SKIRT_MINOR),)))
    assert voucher_of(log).balance_minor == WORTH_MINOR - SKIRT_MINOR


def test_a_blocked_voucher_gets_back_what_a_void_gives_back_and_runs_out_all_the_same() -> None:
    log = live(ENDING)
    log.issue(SELL)
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.issue(Pay(SESSION, BASKET, (by_voucher(SKIRT_MINOR),)))
    log.issue(BlockVoucher(SALE, CODE, CASHIER, "lost"))
    log.issue(VoidReceipt(SESSION, RECEIPT, "wrong basket"))
    assert voucher_of(log).balance_minor == WORTH_MINOR
    log.pass_time(A_YEAR.total_seconds())
    log.issue(ExpireVoucher(SALE, CODE))
    assert voucher_of(log).balance_minor == 0
