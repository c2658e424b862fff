"""Sales made offline: nothing that happened is refused or dropped, and what contradicts is told and held back."""

from datetime import datetime, timedelta, timezone

import pytest

from consign.domain.accounts import DISCOUNT, SUSPENSE, cash_account, payable_account
from consign.domain.ledger.offline_events import (
    OfflineSaleReceived,
    Override,
    SaleQuarantined,
)
from consign.domain.ledger.state import OnFloor, Sold
from consign.domain.manual_commands import MatchManualLine
from consign.domain.offline_commands import (
    OfflineDiscount,
    OfflineLine,
)
from consign.domain.session.drawer_commands import HandOverSession
from consign.domain.session.events import BasketPaid, ReceiptVoided
from consign.domain.values import ReceiptNumber
from tests.domain.market import (
    ANNA,
    CASHIER,
    COAT,
    COAT_MINOR,
    DRESS,
    FLOAT_MINOR,
    OTHER_BASKET,
    SALE,
    SESSION,
    SKIRT,
    SKIRT_MINOR,
    live,
    sold,
)
from tests.domain.offline_sales import A_COAT, A_DRESS, A_SKIRT, MANUAL, ROBIN, balances, sold_elsewhere, status
from tests.domain.offline_till import conflicts, line, made, sale_id, upload, uploaded
from tests.domain.scenario import given
from tests.domain.test_books import FEE_MINOR


def test_a_sale_made_offline_is_a_receipt_like_any_other() -> None:
    log = live()
    answer = uploaded(log, made(1, A_SKIRT, A_COAT))
    assert [(each.outcome, each.receipt, each.conflicts) for each in answer.sales] == [("received", "1-1", ())]
    assert answer.next_receipt == "1-2"
    assert status(log, SKIRT) == Sold(ReceiptNumber("1-1"), SKIRT_MINOR)
    books = balances(log)
    assert books[cash_account(SESSION)] == FLOAT_MINOR + SKIRT_MINOR + COAT_MINOR
    assert books[payable_account(ANNA)] == FEE_MINOR + 70 - SKIRT_MINOR
    assert books[SUSPENSE] == 0
    assert log.state(f"session-{SESSION}").cash_minor == FLOAT_MINOR + SKIRT_MINOR + COAT_MINOR
    assert sold(log, DRESS) == "1-2"


def test_a_sale_counts_to_who_made_it_also_when_another_stands_at_the_till_by_now() -> None:
    log = live()
    log.issue(HandOverSession(SESSION, ROBIN))
    uploaded(log, made(1, A_SKIRT, cashier=CASHIER), made(2, A_COAT))
    assert [paid.cashier for paid in log.events_of(BasketPaid)] == [CASHIER, ROBIN]


def test_what_is_sent_again_is_known_and_changes_nothing() -> None:
    log = live()
    uploaded(log, made(1, A_SKIRT))
    again = given(log).when(upload(made(1, A_SKIRT))).then().answer
    assert [(each.outcome, each.receipt) for each in again.sales] == [("known", "1-1")]
    both = uploaded(log, made(1, A_SKIRT), made(2, A_DRESS), made(2, A_DRESS))
    assert [each.outcome for each in both.sales] == ["known", "received", "known"]
    assert len(log.events_of(OfflineSaleReceived)) == 2


def test_a_discount_that_the_till_gave_stands_as_it_was_given() -> None:
    log = live()
    cut = OfflineDiscount(
        "override", 50, "organizer", reason="a stain", authorized_by=CASHIER, verifier="v7", approved_by=ROBIN
    )
    uploaded(log, made(1, line(SKIRT, SKIRT_MINOR, discount_minor=50, discounts=(cut,))))
    (received,) = log.events_of(OfflineSaleReceived)
    assert received.overrides == (Override(SKIRT, CASHIER, "v7", approved_by=ROBIN),)
    assert received.anomalies == ()
    assert (conflicts(log), balances(log)[DISCOUNT]) == ([], 50)


def test_an_override_without_a_verified_pin_is_flagged() -> None:
    log = live()
    cut = OfflineDiscount("override", 50, "organizer", reason="a stain")
    (answer,) = uploaded(log, made(1, line(SKIRT, SKIRT_MINOR, discount_minor=50, discounts=(cut,)))).sales
    assert answer.anomalies == ("override_unverified",)


def test_a_thing_without_a_tag_waits_to_be_matched() -> None:
    log = live()
    uploaded(log, made(1, OfflineLine(300, line=MANUAL, category="toy", description="Wooden train")))
    assert conflicts(log) == []
    assert balances(log)[SUSPENSE] == -300
    log.issue(MatchManualLine(SALE, MANUAL, DRESS))
    assert status(log, DRESS) == Sold(ReceiptNumber("1-1"), 300)


def test_a_receipt_that_was_voided_offline_touches_no_item_and_its_number_stays_used() -> None:
    log = sold_elsewhere()
    uploaded(log, made(1, A_SKIRT, voided="wrong customer"))
    assert conflicts(log) == []
    assert [event.receipt for event in log.events_of(ReceiptVoided)] == ["1-1"]
    assert log.state(f"session-{SESSION}").cash_minor == FLOAT_MINOR
    assert (balances(log)[SUSPENSE], status(log, SKIRT)) == (0, Sold(ReceiptNumber("2-1"), SKIRT_MINOR))
    assert sold(log, DRESS, basket=OTHER_BASKET) == "1-2"


def test_a_void_that_the_till_made_before_it_knew_of_the_arrival_is_made_up_for() -> None:
    log = live()
    uploaded(log, made(1, A_SKIRT))
    (again,) = uploaded(log, made(1, A_SKIRT, voided="changed their mind")).sales
    assert again.outcome == "known"
    assert status(log, SKIRT) == OnFloor()
    given(log).when(upload(made(1, A_SKIRT, voided="changed their mind"))).then()


def test_a_missing_number_is_flagged_and_may_come_later() -> None:
    log = live()
    (third,) = uploaded(log, made(3, A_SKIRT)).sales
    assert (third.receipt, third.anomalies) == ("1-3", ("receipt_gap",))
    (first,) = uploaded(log, made(1, A_DRESS)).sales
    assert (first.receipt, first.anomalies) == ("1-1", ("receipt_out_of_order",))
    assert sold(log, COAT) == "1-4"


def test_a_number_that_was_used_before_is_flagged_and_never_given_twice() -> None:
    log = live()
    sold(log, SKIRT)
    (answer,) = uploaded(log, made(1, A_DRESS)).sales
    assert (answer.receipt, answer.anomalies) == ("1-1-2", ("receipt_reused",))
    (received,) = log.events_of(OfflineSaleReceived)
    assert received.printed == "1-1"
    (third,) = uploaded(log, made(1, A_COAT, sale_id=sale_id(9))).sales
    assert third.receipt == "1-1-3"


def test_a_clock_that_is_a_little_wrong_is_corrected_and_one_that_is_very_wrong_is_flagged() -> None:
    log = live()
    log.pass_time(3600)
    behind = timedelta(minutes=2)
    sold_then = log.now - timedelta(minutes=30)
    (right,) = uploaded(log, made(1, A_SKIRT, at=sold_then - behind), sent_at=log.now - behind).sales
    assert (log.events_of(BasketPaid)[-1].paid_at, right.anomalies) == (sold_then, ())
    far = timedelta(hours=9)
    (skewed,) = uploaded(log, made(2, A_DRESS, at=sold_then - far), sent_at=log.now - far).sales
    assert (log.events_of(BasketPaid)[-1].paid_at, skewed.anomalies) == (sold_then, ("clock_skewed",))


def test_a_time_that_cannot_be_is_recorded_with_both_times_and_the_servers_counts() -> None:
    log = live()
    log.pass_time(3600)
    (answer,) = uploaded(log, made(1, A_SKIRT, at=log.now + timedelta(seconds=1))).sales
    (old,) = uploaded(log, made(2, A_DRESS, at=log.now - timedelta(days=31))).sales
    assert (answer.anomalies, old.anomalies) == (("clock_out_of_bounds",), ("clock_out_of_bounds",))
    received = log.events_of(OfflineSaleReceived)[0]
    assert (received.occurred_at, received.sold_at) == (log.now + timedelta(seconds=1), log.now)


@pytest.mark.parametrize("year", [1, 9999])
def test_a_clock_that_is_wrong_by_centuries_says_nothing(year: int) -> None:
    log = live()
    nonsense = datetime(year, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    bad, good = uploaded(log, b"{}", made(1, A_SKIRT, at=nonsense), sent_at=nonsense).sales
    assert (bad.outcome, good.anomalies) == ("quarantined", ("clock_out_of_bounds",))
    assert log.events_of(BasketPaid)[-1].paid_at == log.now
    assert log.events_of(SaleQuarantined)[-1].sent_at == log.now
