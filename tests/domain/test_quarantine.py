"""Uploads that nobody can read or believe are kept with their bytes until somebody says what they mean."""

import pytest
from msgspec.structs import replace

from consign.domain.ledger.events import ItemsSold
from consign.domain.ledger.offline_events import (
    QuarantineEnded,
    SaleQuarantined,
)
from consign.domain.ledger.state import Sold
from consign.domain.offline_commands import (
    SALE_BYTES_LIMIT,
    DiscardQuarantined,
    QuarantineUpload,
    RepairQuarantined,
)
from consign.domain.rejection import Reason
from consign.domain.session.commands import (
    CloseSession,
    GivenTender,
)
from consign.domain.session.events import BasketPaid, TenderKind
from consign.domain.values import ReceiptNumber
from tests.domain.log import OPENING
from tests.domain.market import (
    CASHIER,
    FLOAT_MINOR,
    SALE,
    SESSION,
    SKIRT,
    SKIRT_MINOR,
    TILL,
    card,
    cash,
    live,
)
from tests.domain.offline_sales import A_DRESS, A_SKIRT, MANUAL, kept_as, status
from tests.domain.offline_till import as_sent, line, made, sale_id, uploaded
from tests.domain.scenario import given

UNREADABLE = [
    (b'{"sale_id":5}', "sale_id"),
    (b'"just text"', "object"),
    (b"[]", "object"),
    (b'{"surprise":1}', "unknown field"),
    (b'{"sale_id":"\\u0000"}', "U+0000"),
    (b'"' + b"x" * SALE_BYTES_LIMIT + b'"', "131072 at most"),
]


def test_another_sale_under_an_id_that_is_used_is_kept_for_somebody_to_look_at() -> None:
    log = live()
    uploaded(log, made(1, A_SKIRT))
    (other,) = uploaded(log, made(1, A_DRESS)).sales
    assert other.outcome == "quarantined"
    assert "1-1" in (other.error or "")


def test_a_card_that_a_till_says_a_provider_took_while_nobody_could_ask_it_is_kept_for_somebody_to_look_at() -> None:
    log = live()
    by_provider = GivenTender(TenderKind.PROVIDER, SKIRT_MINOR, "TX-1")
    (kept,) = uploaded(log, made(1, A_SKIRT, tenders=(by_provider,))).sales
    assert kept.outcome == "quarantined"
    assert "provider" in (kept.error or "")
    mended = made(1, A_SKIRT, tenders=(card(SKIRT_MINOR),))
    log.issue(RepairQuarantined(SALE, kept_as(kept), CASHIER, mended, reason="it was the other terminal"))
    assert isinstance(status(log, SKIRT), Sold)


def test_a_void_that_comes_after_the_session_closed_is_kept_for_somebody_to_look_at() -> None:
    log = live()
    uploaded(log, made(1, A_SKIRT))
    log.issue(CloseSession(SESSION, FLOAT_MINOR + SKIRT_MINOR))
    (late,) = uploaded(log, made(1, A_SKIRT, voided="changed their mind")).sales
    assert (late.outcome, status(log, SKIRT)) == ("quarantined", Sold(ReceiptNumber("1-1"), SKIRT_MINOR))


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
    torn = QuarantineUpload(SALE, CASHIER, "The body is not JSON.", as_sent(b'{"sale'))
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
