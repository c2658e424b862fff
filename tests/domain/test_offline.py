"""Sales made offline: nothing that happened is refused or dropped, and what contradicts is told and held back."""

from collections import defaultdict
from datetime import datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from consign.domain.accounts import CARD, COMPENSATION, DISCOUNT, OVER_SHORT, SUSPENSE, cash_account, payable_account
from consign.domain.ledger.commands import WithdrawItems
from consign.domain.ledger.events import ItemsSold
from consign.domain.ledger.item_commands import ChangeItems, ItemChange, MarkTagsPrinted
from consign.domain.ledger.offline_events import (
    ConflictFound,
    OfflineSaleReceived,
    Override,
    QuarantineEnded,
    QuarantineId,
    SaleQuarantined,
)
from consign.domain.ledger.offline_state import open_conflicts
from consign.domain.ledger.state import OnFloor, Sold
from consign.domain.manual_commands import CreditManualLine, KeepManualLine, MatchManualLine
from consign.domain.offline_commands import (
    SALE_BYTES_LIMIT,
    AcceptConflict,
    DiscardQuarantined,
    OfflineDiscount,
    OfflineLine,
    QuarantineUpload,
    RepairQuarantined,
    ReportUnsynced,
    UploadedSale,
)
from consign.domain.rejection import Reason
from consign.domain.sale import Phase
from consign.domain.session.commands import (
    CloseSession,
    GivenRefundLine,
    OpenSession,
    Pay,
    RefundReceipt,
    Scan,
    VoidReceipt,
)
from consign.domain.session.events import BasketPaid, ReceiptVoided, SessionOpened, TenderKind
from consign.domain.session.offline_events import SessionRecordedOffline, SessionSupplemented, UnsyncedReported
from consign.domain.settlement.commands import FreezeSettlement, IssueSupplements
from consign.domain.settlement.events import Obstacle, SettlementBegun, StatementIssued
from consign.domain.tag import tag_code
from consign.domain.tills import TillCounted
from consign.domain.values import AccountId, ReceiptNumber, SessionId, TagCode
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
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
    SALE,
    SESSION,
    SKIRT,
    SKIRT_MINOR,
    TILL,
    card,
    cash,
    live,
    reach,
    sold,
)
from tests.domain.offline_till import conflicts, line, made, sale_id, upload, uploaded
from tests.domain.scenario import given
from tests.domain.test_books import FEE_MINOR, fold

A_SKIRT = line(SKIRT, SKIRT_MINOR)
A_DRESS = line(DRESS, DRESS_MINOR)
A_COAT = line(COAT, COAT_MINOR)
OFFLINE_SESSION = SessionId("01900000-0000-7000-8000-0000000000c9")
ROBIN = AccountId("robin")
MANUAL = TagCode("01900000-0000-7000-8000-0000000000e1")
LATER_SESSION = SessionId("01900000-0000-7000-8000-0000000000f1")


def status(log: MemoryLog, tag: str) -> object:
    return log.state(f"ledger-{SALE}").items[tag].status


def balances(log: MemoryLog) -> dict[str, int]:
    kept = fold(log)
    assert sum(kept.balances.values()) == 0
    return defaultdict(int, {account: amount_minor for (_, account), amount_minor in kept.balances.items()})


def waiting(log: MemoryLog) -> list[str]:
    ledger = log.state(f"ledger-{SALE}")
    return list(open_conflicts(ledger.conflicts, ledger.manual_lines))


def held_by(conflict: ConflictFound) -> TagCode:
    assert conflict.line is not None
    return conflict.line


def kept_as(answer: UploadedSale) -> QuarantineId:
    assert answer.quarantine is not None
    return answer.quarantine


def closed(log: MemoryLog) -> MemoryLog:
    log.issue(CloseSession(SESSION, FLOAT_MINOR))
    return log


def sold_elsewhere() -> MemoryLog:
    log = live()
    log.issue(Scan(OTHER_SESSION, BASKET, SKIRT))
    log.issue(Pay(OTHER_SESSION, BASKET, (cash(SKIRT_MINOR),)))
    return log


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


def test_what_is_sent_again_is_known_and_changes_nothing() -> None:
    log = live()
    uploaded(log, made(1, A_SKIRT))
    again = given(log).when(upload(made(1, A_SKIRT))).then().answer
    assert [(each.outcome, each.receipt) for each in again.sales] == [("known", "1-1")]
    both = uploaded(log, made(1, A_SKIRT), made(2, A_DRESS), made(2, A_DRESS))
    assert [each.outcome for each in both.sales] == ["known", "received", "known"]
    assert len(log.events_of(OfflineSaleReceived)) == 2


def test_another_sale_under_an_id_that_is_used_is_kept_for_somebody_to_look_at() -> None:
    log = live()
    uploaded(log, made(1, A_SKIRT))
    (other,) = uploaded(log, made(1, A_DRESS)).sales
    assert other.outcome == "quarantined"
    assert "1-1" in (other.error or "")


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


def test_a_void_that_comes_after_the_session_closed_is_kept_for_somebody_to_look_at() -> None:
    log = live()
    uploaded(log, made(1, A_SKIRT))
    log.issue(CloseSession(SESSION, FLOAT_MINOR + SKIRT_MINOR))
    (late,) = uploaded(log, made(1, A_SKIRT, voided="changed their mind")).sales
    assert (late.outcome, status(log, SKIRT)) == ("quarantined", Sold(ReceiptNumber("1-1"), SKIRT_MINOR))


def test_a_receipt_with_a_conflict_can_be_voided_at_its_till() -> None:
    log = sold_elsewhere()
    uploaded(log, made(1, A_SKIRT, A_COAT))
    log.issue(VoidReceipt(SESSION, ReceiptNumber("1-1"), "wrong customer"))
    assert balances(log)[SUSPENSE] == 0
    assert waiting(log) == []


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


def test_a_session_that_the_till_opened_by_itself_is_opened_by_its_upload() -> None:
    log = live()
    answer = uploaded(log, made(1, A_SKIRT), session=OFFLINE_SESSION, till="9", float_minor=700, opened_at=OPENING)
    opened = log.events_of(SessionOpened)[-1]
    assert (opened.session, opened.till, opened.float_minor) == (OFFLINE_SESSION, "9", 700)
    assert log.events_of(SessionRecordedOffline) == [SessionRecordedOffline(SALE, OFFLINE_SESSION, "9", OPENING)]
    assert answer.sales[0].receipt == "9-1"
    assert log.issue(CloseSession(OFFLINE_SESSION, 700 + SKIRT_MINOR)).difference_minor == 0
    assert log.issue(OpenSession(LATER_SESSION, SALE, "9", CASHIER)).next_receipt == "9-2"


def test_two_sessions_of_a_till_never_use_a_number_twice() -> None:
    log = live()
    (answer,) = uploaded(log, made(1, A_SKIRT), made(2, A_DRESS), session=OFFLINE_SESSION).sales[:1]
    assert "till_in_use" in answer.anomalies
    assert sold(log, COAT) == "1-3"
    log.issue(CloseSession(OFFLINE_SESSION, SKIRT_MINOR + DRESS_MINOR))
    assert log.state(f"sale-{SALE}").tills[TILL].session == SESSION
    log.issue(CloseSession(SESSION, FLOAT_MINOR + COAT_MINOR))
    assert log.state(f"sale-{SALE}").tills[TILL].session is None
    assert log.issue(OpenSession(LATER_SESSION, SALE, TILL, CASHIER)).next_receipt == "1-4"


def test_sales_of_a_session_that_is_closed_make_a_supplement_to_its_report() -> None:
    log = live()
    log.issue(CloseSession(SESSION, FLOAT_MINOR + SKIRT_MINOR, "too much in it"))
    assert balances(log)[OVER_SHORT] == -SKIRT_MINOR
    sale = made(2, A_DRESS, tenders=(card(DRESS_MINOR),))
    (first, second) = uploaded(log, made(1, A_SKIRT), sale).sales
    supplement = SessionSupplemented(
        SALE,
        SESSION,
        TILL,
        1,
        (ReceiptNumber("1-1"), ReceiptNumber("1-2")),
        SKIRT_MINOR + DRESS_MINOR,
        SKIRT_MINOR,
        DRESS_MINOR,
        SKIRT_MINOR + DRESS_MINOR,
    )
    assert log.events_of(SessionSupplemented) == [supplement]
    books = balances(log)
    assert (books[OVER_SHORT], books[cash_account(SESSION)], books[CARD]) == (0, 0, DRESS_MINOR)
    assert [each.kind for each in conflicts(log)] == ["session_closed", "session_closed"]
    assert {*first.conflicts, *second.conflicts} == set(waiting(log))
    assert log.events_of(TillCounted) == [TillCounted(SALE, TILL, 2, SKIRT_MINOR + DRESS_MINOR)]
    uploaded(log, made(3, A_COAT))
    assert [each.supplement for each in log.events_of(SessionSupplemented)] == [1, 2]


def test_what_came_after_closing_is_in_the_grand_total_of_the_tills_next_report() -> None:
    log = live()
    log.issue(CloseSession(SESSION, FLOAT_MINOR))
    uploaded(log, made(1, A_SKIRT))
    log.issue(OpenSession(LATER_SESSION, SALE, TILL, CASHIER, FLOAT_MINOR))
    uploaded(log, made(2, A_DRESS))
    closed_now = log.issue(CloseSession(LATER_SESSION, FLOAT_MINOR))
    assert (closed_now.z_number, closed_now.grand_total_minor) == (2, SKIRT_MINOR + DRESS_MINOR)
    uploaded(log, made(3, A_COAT))
    last = log.events_of(SessionSupplemented)[-1]
    assert last.grand_total_minor == SKIRT_MINOR + DRESS_MINOR + COAT_MINOR


def test_sales_that_come_after_the_settlement_make_supplements_to_the_statements() -> None:
    log = reach(closed(live()), Phase.CLOSED)
    uploaded(log, made(1, A_SKIRT))
    assert [each.kind for each in conflicts(log)] == ["session_closed", "sale_closed"]
    assert log.issue(IssueSupplements(SALE, "a till came back")).issued == 1
    supplement = log.events_of(StatementIssued)[-1]
    assert (supplement.kind, supplement.participation, supplement.figures.gross_minor) == (
        "supplement",
        ANNA,
        SKIRT_MINOR,
    )
    stated = sum(event.figures.gross_minor for event in log.events_of(StatementIssued))
    assert log.state(f"settlement-{SALE}").figures.gross_minor == stated == SKIRT_MINOR
    assert balances(log)[payable_account(BEN)] == 0


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


UNREADABLE = [
    (b'{"sale_id":5}', "sale_id"),
    (b'"just text"', "object"),
    (b"[]", "object"),
    (b'{"surprise":1}', "surprise"),
    (b'{"sale_id":"\\u0000"}', "U+0000"),
    (b'"' + b"x" * SALE_BYTES_LIMIT + b'"', "131072 at most"),
]


@pytest.mark.parametrize(("data", "word"), UNREADABLE, ids=[word for _, word in UNREADABLE])
def test_what_cannot_be_read_is_kept_with_its_bytes_and_holds_up_nothing(data: bytes, word: str) -> None:
    log = live()
    bad, good = uploaded(log, data, made(1, A_SKIRT)).sales
    assert (bad.outcome, good.outcome) == ("quarantined", "received")
    assert word in (bad.error or "")
    assert len(log.events_of(SaleQuarantined)) == 1
    (again,) = uploaded(log, data).sales
    assert again.quarantine == bad.quarantine
    assert len(log.events_of(SaleQuarantined)) == 1


@pytest.mark.parametrize(
    "sale",
    [
        made(1, A_SKIRT, total_minor=5),
        made(1, A_SKIRT, tenders=(cash(1),)),
        made(1, A_SKIRT, tenders=(card(SKIRT_MINOR + 5),), change_minor=5),
        made(1, line(SKIRT, 100, discount_minor=200), total_minor=0, tenders=()),
        made(1, line(None, 100)),
        made(1, line(SKIRT, 100, line=MANUAL)),
    ],
    ids=["total", "tenders", "change", "discount", "neither tag nor line", "tag and line"],
)
def test_a_sale_that_contradicts_itself_is_kept_and_moves_nothing(sale: object) -> None:
    log = live()
    (answer,) = uploaded(log, sale).sales  # type: ignore[arg-type] # the parameters are sales
    assert answer.outcome == "quarantined"
    assert log.events_of(BasketPaid, ItemsSold) == []


def test_an_upload_that_says_nothing_at_all_is_kept_once_and_mended_where_somebody_says() -> None:
    log = live()
    torn = QuarantineUpload(SALE, CASHIER, "The body is not JSON.", "eyJzYWxl")
    answer = log.issue(torn)
    assert (answer.session, answer.next_receipt, answer.sales[0].outcome) == (None, None, "quarantined")
    assert given(log).when(torn).then().answer == answer
    repair = RepairQuarantined(SALE, kept_as(answer.sales[0]), CASHIER, made(1, A_SKIRT))
    given(log).when(repair).rejected(Reason.UPLOAD_INVALID, "session")
    assert log.issue(replace(repair, session=SESSION, till=TILL)).received.receipt == "1-1"


def test_what_is_mended_is_taken_in_at_the_time_it_was_made() -> None:
    log = live()
    (bad,) = uploaded(log, made(1, A_SKIRT, total_minor=5)).sales
    log.pass_time(86_400)
    repair = RepairQuarantined(SALE, kept_as(bad), CASHIER, made(1, A_SKIRT), reason="a digit was lost")
    received = log.issue(repair).received
    assert (received.outcome, received.receipt) == ("received", "1-1")
    assert log.events_of(BasketPaid)[-1].paid_at == OPENING
    assert [event.upload for event in log.events_of(QuarantineEnded)] == [sale_id(1)]
    given(log).when(repair).rejected(Reason.QUARANTINE_ENDED)


def test_what_sold_nothing_is_discarded_with_a_reason() -> None:
    log = live()
    (bad,) = uploaded(log, b"{}").sales
    discard = DiscardQuarantined(SALE, kept_as(bad), CASHIER, "a test of the till")
    given(log).when(discard).then(QuarantineEnded(SALE, kept_as(bad), "discarded", CASHIER, "a test of the till"))
    given(log).when(discard).rejected(Reason.QUARANTINE_ENDED)


def test_an_upload_to_the_wrong_till_is_kept_and_booked_where_somebody_says() -> None:
    log = live()
    (lost,) = uploaded(log, made(1, A_SKIRT), till="77").sales
    assert lost.outcome == "quarantined"
    repair = RepairQuarantined(SALE, kept_as(lost), CASHIER, made(1, A_SKIRT), till=TILL)
    assert log.issue(repair).received.receipt == "1-1"


def test_a_till_says_how_many_sales_it_still_holds() -> None:
    log = live()
    given(log).when(ReportUnsynced(SESSION, 3)).then(UnsyncedReported(SALE, SESSION, TILL, 3, OPENING))
    given(log).when(ReportUnsynced(SESSION, 3)).then()
    uploaded(log, made(1, A_SKIRT), unsynced=2)
    assert log.state(f"session-{SESSION}").unsynced == 2


@pytest.mark.parametrize("said", [3, None])
def test_sales_that_a_till_may_still_hold_hold_the_settlement_up_until_they_come(
    said: int | None,
) -> None:
    log = live()
    log.issue(ReportUnsynced(SESSION, 1))
    log.issue(CloseSession(SESSION, FLOAT_MINOR, unsynced_count=said, role="organizer", authorized_by=CASHIER))
    log.issue(CloseSession(OTHER_SESSION, FLOAT_MINOR))
    reach(log, Phase.SETTLEMENT)
    refused = given(log).when(FreezeSettlement(SALE)).rejected(Reason.SETTLEMENT_BLOCKED)
    assert [(error["kind"], error["detail"]) for error in refused.errors] == [("unsynced_till", TILL)]
    uploaded(log, made(1, A_SKIRT), unsynced=2)
    given(log).when(FreezeSettlement(SALE)).rejected(Reason.SETTLEMENT_BLOCKED, "unsynced till 1")
    (late,) = conflicts(log)
    log.issue(AcceptConflict(SALE, late.conflict, CASHIER, "the till was found late"))
    log.issue(ReportUnsynced(SESSION, 0))
    assert given(log).when(FreezeSettlement(SALE)).answer.remaining == 0


def test_a_later_session_of_the_till_says_that_it_holds_nothing_any_more() -> None:
    log = live()
    log.issue(CloseSession(SESSION, FLOAT_MINOR, unsynced_count=3, role="organizer", authorized_by=CASHIER))
    log.issue(OpenSession(LATER_SESSION, SALE, TILL, CASHIER, 0))
    assert log.state(f"sale-{SALE}").tills[TILL].unsynced == 3
    uploaded(log, made(1, A_SKIRT), session=LATER_SESSION, unsynced=0)
    log.issue(CloseSession(LATER_SESSION, SKIRT_MINOR, unsynced_count=0))
    assert log.state(f"sale-{SALE}").tills[TILL].unsynced == 0


def test_an_organizer_settles_without_the_sales_of_a_till_by_naming_it_with_a_reason() -> None:
    log = live()
    log.issue(CloseSession(SESSION, FLOAT_MINOR, unsynced_count=3, role="organizer", authorized_by=CASHIER))
    log.issue(CloseSession(OTHER_SESSION, FLOAT_MINOR))
    reach(log, Phase.SETTLEMENT)
    accepted = (Obstacle("unsynced_till", TILL),)
    given(log).when(FreezeSettlement(SALE, accepted)).rejected(Reason.REASON_NEEDED)
    log.issue(FreezeSettlement(SALE, accepted, "the till fell into the river"))
    (begun,) = log.events_of(SettlementBegun)
    assert begun.accepted == accepted
