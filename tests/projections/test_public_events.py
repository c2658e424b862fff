from collections import Counter
from typing import Any

import msgspec
import pytest

from consign.domain.ledger.offline_events import QuarantineId
from consign.domain.offline_commands import DiscardQuarantined
from consign.domain.sale import ChangeSaleSettings
from consign.domain.session.commands import (
    CloseSession,
    GivenTender,
    Pay,
    RefundReceipt,
    Scan,
    SuspendBasket,
    VoidReceipt,
)
from consign.domain.session.events import TenderKind
from consign.domain.values import AccountId, ReceiptNumber, TagCode
from consign.projections.public_event_documents import TYPES
from consign.projections.public_events import nats_subject
from tests.domain.offline_till import line, made, upload
from tests.projections.full_sale import full_sale
from tests.projections.recorder import ORGANIZATION
from tests.projections.scenario import (
    SALE,
    SETTINGS,
    Scenario,
    basket_id,
    live_sale,
    open_till,
    participation_id,
    sell,
    tag_of,
)

SECRET = "whisper"


def published(scenario: Scenario, event_type: str) -> list[dict[str, Any]]:
    rows = scenario.rows("public_events", "events")
    return [msgspec.json.decode(row.data) for row in rows if row.type == event_type]


def test_a_receipt_of_two_items_is_one_receipt_and_two_items_sold() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    tags = [tag_of(scenario, 1, 0), tag_of(scenario, 2, 1)]
    sell(scenario, session, 1, *tags)

    (receipt,) = published(scenario, "ReceiptIssued")
    sold = published(scenario, "ItemSold")

    assert (receipt["receipt"], receipt["total_minor"], receipt["currency"]) == ("A-1", 299, "EUR")
    assert [each["tag"] for each in sold] == tags
    assert {each["receipt"] for each in sold} == {"A-1"}


def test_public_positions_count_without_a_gap_over_everything_published() -> None:
    scenario = live_sale()
    rows = scenario.rows("public_events", "events")

    assert [row.public_position for row in rows] == list(range(1, len(rows) + 1))
    counts = Counter(row.type for row in rows)
    assert (counts["ItemListed"], counts["ItemCheckedIn"]) == (8, 8)
    assert scenario.row("public_events", "public_position", table="counter").public_position == len(rows)


def test_an_event_says_where_it_comes_from_and_what_it_is_about() -> None:
    scenario = live_sale()
    sell(scenario, open_till(scenario, 1, "A"), 1, tag_of(scenario, 1, 0))
    row = next(row for row in scenario.rows("public_events", "events") if row.type == "ItemSold")
    stored = scenario.recorder.stored[row.position - 1]

    assert stored.type == "items-sold"
    assert row.id == f"{stored.event_id}.0"
    assert row.time == stored.occurred_at
    assert (row.source, row.subject) == (f"/organizations/{ORGANIZATION}", f"ledger/{SALE}")
    assert row.dataschema == "urn:consign:public-events:v1:ItemSold"
    assert nats_subject(ORGANIZATION, row) == f"consign.v1.{ORGANIZATION}.ledger.{SALE}.ItemSold"


def test_data_is_what_its_type_promises() -> None:
    scenario = _eventful_sale()
    types = {event.__name__: event for event in TYPES}

    for row in scenario.rows("public_events", "events"):
        msgspec.json.decode(row.data, type=types[row.type], strict=True)


def test_holds_and_open_baskets_are_not_published() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    before = len(scenario.rows("public_events", "events"))
    scenario.do(Scan(session, basket_id(1), tag_of(scenario, 1, 0)))
    scenario.do(SuspendBasket(session, basket_id(1), "back soon"))

    assert len(scenario.rows("public_events", "events")) == before


def test_nothing_that_people_typed_about_people_is_published() -> None:
    scenario = _eventful_sale()
    texts = [row.data for row in scenario.rows("public_events", "events")]

    assert any(SECRET in stored.data.decode() for stored in scenario.recorder.stored)
    assert not any(word in text for text in texts for word in (SECRET, "sealed", "subject-", "cashier-"))


def test_a_refund_tells_which_item_went_where() -> None:
    scenario = _eventful_sale()

    (refunded,) = published(scenario, "ItemRefunded")
    (paid,) = published(scenario, "RefundPaid")

    assert (refunded["returned_to"], refunded["refund_minor"], refunded["refund"]) == ("floor", 100, "A-R1")
    assert (paid["receipt"], paid["amount_minor"], paid["tender"]) == ("A-1", 100, "card")


@pytest.mark.parametrize("event_type", ["ConsignorRegistered", "ItemListed", "ItemCheckedIn"])
def test_a_consignor_is_known_by_number_and_id_alone(event_type: str) -> None:
    scenario = live_sale(consignors=1)

    assert {each["participation"] for each in published(scenario, event_type)} == {participation_id(1)}


def _eventful_sale() -> Scenario:
    """Reasons, notes and card references all say the secret word."""
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    scenario.do(ChangeSaleSettings(SALE, SETTINGS))
    for basket in (1, 2):
        scenario.do(Scan(session, basket_id(basket), tag_of(scenario, basket, 0)))
        scenario.do(Pay(session, basket_id(basket), (GivenTender(TenderKind.CARD, 100, SECRET),)))
    scenario.do(RefundReceipt(session, ReceiptNumber("A-1"), TenderKind.CARD, SECRET, "cashier"))
    scenario.do(VoidReceipt(session, ReceiptNumber("A-2"), SECRET))
    scenario.do(CloseSession(session, 10_001, SECRET))
    return scenario


def test_a_conflict_is_told_when_it_is_found_and_when_somebody_says_what_becomes_of_its_money() -> None:
    scenario = live_sale()
    here, there = open_till(scenario, 1, "A"), open_till(scenario, 2, "B")
    tag = tag_of(scenario, 1, 0)
    price_minor = scenario.ledger.items[TagCode(tag)].listed.price_minor
    sell(scenario, here, 1, tag)
    sale = made(1, line(tag, price_minor), sale_id=basket_id(2))
    scenario.do(upload(sale, b"[]", sale=SALE, session=there, till="B"))

    (found,) = published(scenario, "ConflictRecorded")
    assert (found["kind"], found["tag"], found["amount_minor"]) == ("sold_twice", tag, price_minor)
    assert (found["receipt"], found["other_receipt"]) == ("B-1", "A-1")
    (kept,) = published(scenario, "UploadQuarantined")
    assert kept["till"] == "B"
    assert published(scenario, "ConflictResolved") == []

    scenario.do(VoidReceipt(there, ReceiptNumber("B-1"), SECRET))
    scenario.do(DiscardQuarantined(SALE, QuarantineId(kept["quarantine"]), AccountId("casey"), SECRET))

    (resolved,) = published(scenario, "ConflictResolved")
    assert (resolved["conflict"], resolved["outcome"]) == (found["conflict"], "voided")
    assert [each["outcome"] for each in published(scenario, "QuarantineEnded")] == ["discarded"]


def test_what_goes_to_charity_and_the_fee_for_coming_late_are_told_without_what_was_typed() -> None:
    scenario = full_sale()

    (pledged,) = published(scenario, "ProceedsPledged")
    assert (pledged["participation"], pledged["share_ppm"], pledged["of"]) == (
        participation_id(2),
        250_000,
        "everything",
    )
    stated = {each["participation"]: each["donated_minor"] for each in published(scenario, "StatementIssued")}
    assert [participation for participation, minor in stated.items() if minor] == [participation_id(2)]
    (paid,) = published(scenario, "CharityPaid")
    assert set(paid) == {"sale", "amount_minor", "currency", "paid_at"}
    (late,) = published(scenario, "LateFeeCharged")
    assert [each["fee"] for each in published(scenario, "FeePaid")] == ["participation", "late"]
    assert (late["consignor"], late["charged_minor"]) == (4, 130)
    assert "transfer 2026-119" not in "".join(row.data for row in scenario.rows("public_events", "events"))
