"""The sessions that uploads belong to: opened by the till itself, closed or settled by then; what tills still hold."""

import pytest

from consign.domain.accounts import CARD, OVER_SHORT, cash_account, payable_account
from consign.domain.offline_commands import (
    AcceptConflict,
    ReportUnsynced,
)
from consign.domain.rejection import Reason
from consign.domain.sale import Phase
from consign.domain.session.commands import (
    CloseSession,
    OpenSession,
)
from consign.domain.session.events import SessionOpened
from consign.domain.session.offline_events import SessionRecordedOffline, SessionSupplemented, UnsyncedReported
from consign.domain.settlement.commands import FreezeSettlement, IssueSupplements
from consign.domain.settlement.events import Obstacle, SettlementBegun, StatementIssued
from consign.domain.tills import TillCounted
from consign.domain.values import ReceiptNumber
from tests.domain.log import OPENING
from tests.domain.market import (
    ANNA,
    BEN,
    CASHIER,
    COAT,
    COAT_MINOR,
    DRESS_MINOR,
    FLOAT_MINOR,
    OTHER_SESSION,
    SALE,
    SESSION,
    SKIRT_MINOR,
    TILL,
    card,
    live,
    reach,
    sold,
)
from tests.domain.offline_sales import (
    A_COAT,
    A_DRESS,
    A_SKIRT,
    LATER_SESSION,
    OFFLINE_SESSION,
    balances,
    closed,
    waiting,
)
from tests.domain.offline_till import conflicts, made, uploaded
from tests.domain.scenario import given


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
