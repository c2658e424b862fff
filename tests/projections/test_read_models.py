from datetime import timedelta
from typing import Any, TypeAliasType, get_args

import pytest
from msgspec.structs import replace

from consign.domain.ledger.commands import AdmitRefusedItem, ItemRow, ListItems, RefuseItem, WithdrawItems
from consign.domain.ledger.events import ItemsSold
from consign.domain.organization import RegisterOrganization, RenameOrganization
from consign.domain.participation.commands import ChangeConsignorProfile, ChangeConsignorTerms
from consign.domain.sale import ChangeSaleSettings, Phase
from consign.domain.schemas import event_types
from consign.domain.session.commands import (
    AbandonBasket,
    CloseSession,
    GivenRefundLine,
    MoveCash,
    RecallBasket,
    RefundReceipt,
    Scan,
    SuspendBasket,
    VoidReceipt,
)
from consign.domain.session.events import TenderKind
from consign.domain.values import AccountId, OrganizationSlug, ReceiptNumber, Sealed
from consign.projections import (
    baskets,
    catalogue,
    conflicts,
    consignors,
    items,
    participations,
    public_event_mapping,
    receipts,
    sales,
    sessions,
)
from consign.projections.baskets import BASKETS
from consign.projections.books import touching
from consign.projections.books.projection import BOOKS
from consign.projections.catalogue import CATALOGUE
from consign.projections.conflicts import CONFLICTS
from consign.projections.consignors import CONSIGNORS
from consign.projections.items import ITEMS
from consign.projections.participations import PARTICIPATIONS
from consign.projections.projection import Projection, RowMissing
from consign.projections.public_events import PUBLIC_EVENTS
from consign.projections.receipts import RECEIPTS
from consign.projections.registry import PROJECTIONS, projection_named
from consign.projections.sales import SALES, OrganizationRow
from consign.projections.sessions import SESSIONS
from tests.projections.recorder import BEGINNING, ORGANIZATION, Recorder
from tests.projections.scenario import (
    SALE,
    SETTINGS,
    SLUG,
    Scenario,
    basket_id,
    live_sale,
    move_to,
    open_till,
    participation_id,
    planned_sale,
    sell,
    tag_of,
)

HANDLED: list[tuple[Projection, TypeAliasType]] = [
    (SALES, sales.Handled),
    (PARTICIPATIONS, participations.Handled),
    (CONSIGNORS, consignors.Handled),
    (ITEMS, items.Handled),
    (SESSIONS, sessions.Handled),
    (BASKETS, baskets.Handled),
    (RECEIPTS, receipts.Handled),
    (CONFLICTS, conflicts.Handled),
    (CATALOGUE, catalogue.Handled),
    (BOOKS, touching.Handled),
    (PUBLIC_EVENTS, public_event_mapping.Handled),
]


@pytest.mark.parametrize(("projection", "handled"), HANDLED, ids=lambda each: getattr(each, "name", ""))
def test_a_read_model_handles_the_events_that_it_has_cases_for(projection: Projection, handled: TypeAliasType) -> None:
    tags = {event.__struct_config__.tag for event in _members(handled)}

    assert projection.handles == tags
    assert tags <= event_types().keys()


def _members(alias: Any) -> set[Any]:
    """The classes of a union, through the aliases it is made of."""
    value = getattr(alias, "__value__", alias)
    parts = get_args(value)
    return {value} if not parts else set().union(*(_members(part) for part in parts))


def test_every_read_model_is_found_by_its_name() -> None:
    assert [projection_named(projection.name) for projection in PROJECTIONS] == list(PROJECTIONS)
    with pytest.raises(KeyError):
        projection_named("nothing")


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
def test_keys_and_indexes_name_fields_of_the_row(projection: Projection) -> None:
    for table in projection.tables:
        fields = set(table.row.__struct_fields__)
        assert {*table.key, *(name for index in table.indexes for name in index)} <= fields
        assert "organization_id" not in fields


def test_a_sale_shows_its_rules_and_phase() -> None:
    scenario = planned_sale()
    changed = replace(SETTINGS, place="School")
    scenario.do(ChangeSaleSettings(SALE, changed))
    scenario.pass_time(60)
    move_to(scenario, Phase.REGISTRATION)

    row = scenario.row("sales", SALE)

    assert (row.number, row.name, row.phase, row.currency) == (1, "Winter sale", "registration", "EUR")
    assert row.settings == changed
    assert row.planned_at < row.phase_since == BEGINNING + timedelta(seconds=60)


def test_a_tenant_shows_its_organization_and_the_platform_all_of_them() -> None:
    scenario = planned_sale()
    assert scenario.row("sales", ORGANIZATION, table="organizations").currency == "EUR"

    platform = Scenario()
    platform.do(RegisterOrganization(OrganizationSlug("bourse-sud"), AccountId("olive"), "Bourse du Sud"))
    assert platform.row("sales", "bourse-sud", table="organizations").currency is None


def test_an_organization_shows_what_it_is_called_and_was_called_when() -> None:
    scenario = planned_sale()
    first: OrganizationRow = scenario.row("sales", ORGANIZATION, table="organizations")
    scenario.pass_time(60)
    for name in ("Second", "Third"):
        scenario.do(RenameOrganization(SLUG, name))
        scenario.pass_time(60)
    row: OrganizationRow = scenario.row("sales", ORGANIZATION, table="organizations")
    assert (row.name, [former.name for former in row.former_names]) == ("Third", [first.name, "Second"])
    second, third = (former.until for former in row.former_names)
    assert [row.name_at(each) for each in (BEGINNING, second, third - timedelta(seconds=1), third)] == [
        first.name,
        "Second",
        "Second",
        "Third",
    ]


def test_a_till_shows_its_open_session_and_then_its_counters() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    assert scenario.row("sales", SALE, "A", table="tills").session == session

    sell(scenario, session, 1, tag_of(scenario, 1, 0))
    expected_minor = scenario.row("sessions", session).expected_minor
    scenario.do(CloseSession(session, expected_minor))

    till = scenario.row("sales", SALE, "A", table="tills")
    assert (till.session, till.receipt_counter, till.refund_counter) == (None, 1, 0)

    open_till(scenario, 2, "A")
    assert scenario.row("sales", SALE, "A", table="tills").receipt_counter == 1


def test_a_consignor_is_shown_with_what_was_sealed() -> None:
    scenario = live_sale(consignors=3)
    scenario.do(ChangeConsignorProfile(participation_id(1), Sealed("subject-1", "sealed again")))
    scenario.do(ChangeConsignorTerms(participation_id(1), tier="helper"))

    row = scenario.row("participations", participation_id(1))

    assert (row.number, row.fee_minor, row.tier) == (1, 250, "helper")
    assert row.profile == Sealed("subject-1", "sealed again")
    assert scenario.row("participations", participation_id(3)).tier == "helper"


def test_an_item_goes_from_its_list_to_the_floor_a_basket_and_a_receipt() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    tag = tag_of(scenario, 1, 1)
    listed = scenario.row("items", tag)
    assert (listed.status, listed.consignor, listed.category, listed.price_minor) == ("on_floor", 1, "books", 199)

    scenario.do(Scan(session, basket_id(1), tag))
    held = scenario.row("items", tag)
    assert (held.status, held.held_till, held.held_basket) == ("held", "A", basket_id(1))

    sell(scenario, session, 2, tag_of(scenario, 1, 0))
    sold = scenario.row("items", tag_of(scenario, 1, 0))
    assert (sold.status, sold.receipt, sold.sold_till, sold.sold_for_minor) == ("sold", "A-1", "A", 100)


def test_items_keep_the_order_they_were_listed_in() -> None:
    scenario = live_sale(consignors=3)

    rows = sorted(scenario.rows("items"), key=lambda row: row.listed_position)

    assert [row.tag for row in rows] == [tag_of(scenario, number, index) for number in (1, 2, 3) for index in range(4)]


def test_an_item_whose_hold_ran_out_is_on_the_floor_again() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    scenario.do(Scan(session, basket_id(1), tag_of(scenario, 1, 0)))
    scenario.pass_time(SETTINGS.hold_duration_s + 1)
    scenario.fire_due_timers()

    row = scenario.row("items", tag_of(scenario, 1, 0))

    assert (row.status, row.held_basket, row.held_till, row.held_since) == ("on_floor", None, None, None)


def test_an_item_sold_without_check_in_is_only_listed_after_its_void() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    scenario.do(ListItems(SALE, (ItemRow(0, 1, "toys", "Brought late", 300),)))
    tag = tag_of(scenario, 1, 4)
    sell(scenario, session, 1, tag)
    scenario.do(VoidReceipt(session, ReceiptNumber("A-1"), "wrong price"))

    row = scenario.row("items", tag)

    assert (row.status, row.receipt, row.sold_for_minor) == ("listed", None, None)


def test_a_refused_item_says_why_until_it_is_admitted() -> None:
    scenario = live_sale()
    tag = tag_of(scenario, 1, 0)
    scenario.do(RefuseItem(SALE, tag, "torn"))
    assert scenario.row("items", tag).refused_because == "torn"

    scenario.do(AdmitRefusedItem(SALE, tag))
    row = scenario.row("items", tag)
    assert (row.status, row.refused_because) == ("on_floor", None)

    scenario.do(WithdrawItems(SALE, (tag,)))
    assert scenario.row("items", tag).status == "withdrawn"


def test_part_of_a_price_given_back_lowers_what_the_item_counts_for() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    tag = tag_of(scenario, 1, 2)
    sell(scenario, session, 1, tag)
    lines = (GivenRefundLine(tag, 98),)
    scenario.do(RefundReceipt(session, ReceiptNumber("A-1"), TenderKind.CASH, "stain", "cashier", lines))

    row = scenario.row("items", tag)

    assert (row.status, row.price_minor, row.sold_for_minor) == ("sold", 298, 200)


def test_a_returned_item_goes_to_the_floor_or_to_its_consignor() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    floor, consignor = tag_of(scenario, 1, 0), tag_of(scenario, 1, 1)
    sell(scenario, session, 1, floor, consignor)
    receipt = ReceiptNumber("A-1")
    for tag, to in ((floor, "floor"), (consignor, "consignor")):
        lines = (GivenRefundLine(tag),)
        scenario.do(RefundReceipt(session, receipt, TenderKind.CASH, "too small", "cashier", lines, to))  # type: ignore[arg-type]

    assert scenario.row("items", floor).status == "on_floor"
    assert scenario.row("items", consignor).status == "returned"
    assert scenario.row("receipts", SALE, "A-1").refunds == ("A-R1", "A-R2")


def test_a_suspended_basket_waits_with_its_note_and_moves_to_the_till_that_recalls_it() -> None:
    scenario = live_sale()
    here, there = open_till(scenario, 1, "A"), open_till(scenario, 2, "B")
    tag = tag_of(scenario, 1, 0)
    scenario.do(Scan(here, basket_id(1), tag))
    scenario.do(SuspendBasket(here, basket_id(1), "forgot the purse"))
    (waiting,) = scenario.rows("baskets")
    assert (waiting.status, waiting.note, waiting.till) == ("suspended", "forgot the purse", "A")

    scenario.pass_time(60)
    scenario.do(RecallBasket(there, basket_id(1)))

    (row,) = scenario.rows("baskets")
    assert (row.status, row.note, row.till, row.session, row.total_minor) == ("open", "", "B", there, 100)
    assert row.expires_at == scenario.recorder.now + timedelta(seconds=SETTINGS.hold_duration_s)
    assert scenario.row("items", tag).held_till == "B"


def test_a_basket_is_gone_once_paid() -> None:
    scenario = live_sale()
    sell(scenario, open_till(scenario, 1, "A"), 1, tag_of(scenario, 1, 0))

    assert scenario.rows("baskets") == []


def test_a_basket_id_used_by_two_sessions_shows_the_basket_scanned_last() -> None:
    scenario = live_sale()
    here, there = open_till(scenario, 1, "A"), open_till(scenario, 2, "B")
    scenario.do(Scan(here, basket_id(1), tag_of(scenario, 1, 0)))
    scenario.pass_time(SETTINGS.hold_duration_s + 1)
    scenario.fire_due_timers()
    scenario.do(Scan(there, basket_id(1), tag_of(scenario, 1, 1)))
    scenario.do(SuspendBasket(here, basket_id(1)))

    (row,) = scenario.rows("baskets")
    assert (row.session, row.status, row.total_minor) == (there, "open", 199)

    sell(scenario, there, 1)
    scenario.do(AbandonBasket(here, basket_id(1)))
    assert scenario.rows("baskets") == []


def test_a_receipt_shows_lines_tenders_change_and_rounding() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    sell(scenario, session, 1, tag_of(scenario, 1, 1), tag_of(scenario, 2, 2), card_minor=200)

    row = scenario.row("receipts", SALE, "A-1")

    assert [line.price_minor for line in row.lines] == [199, 298]
    assert [(tender.kind.value, tender.amount_minor) for tender in row.tenders] == [("card", 200), ("cash", 5_000)]
    assert (row.total_minor, row.rounding_minor, row.change_minor) == (497, -2, 4_705)
    assert (row.sale_sequence, row.counter, row.voided) == (1, 1, False)


def test_a_voided_receipt_keeps_its_number_and_says_why() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    sell(scenario, session, 1, tag_of(scenario, 1, 0))
    scenario.do(VoidReceipt(session, ReceiptNumber("A-1"), "wrong basket"))

    row = scenario.row("receipts", SALE, "A-1")

    assert (row.voided, row.void_reason, row.total_minor) == (True, "wrong basket", 100)


def test_a_refund_is_paid_by_the_session_of_another_till() -> None:
    scenario = live_sale()
    here, there = open_till(scenario, 1, "A"), open_till(scenario, 2, "B")
    sell(scenario, here, 1, tag_of(scenario, 1, 0))
    scenario.do(RefundReceipt(there, ReceiptNumber("A-1"), TenderKind.CASH, "torn", "cashier"))

    refund = scenario.row("receipts", SALE, "B-R1", table="refunds")

    assert (refund.receipt, refund.session, refund.till, refund.amount_minor) == ("A-1", there, "B", 100)
    assert scenario.row("receipts", SALE, "A-1").refunded_minor == 100
    assert scenario.row("sessions", there).expected_minor == 10_000 - 100
    assert scenario.row("sessions", here).expected_minor == 10_000 + 100


def test_a_session_reports_what_was_taken_and_what_the_drawer_should_hold() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    sell(scenario, session, 1, tag_of(scenario, 1, 1), card_minor=100)
    sell(scenario, session, 2, tag_of(scenario, 1, 0))
    scenario.do(VoidReceipt(session, ReceiptNumber("A-2"), "wrong basket"))
    scenario.do(MoveCash(session, 2_000, "more coins"))
    scenario.do(MoveCash(session, -50, "miscounted", "float_correction"))

    row = scenario.row("sessions", session)

    figures = row.figures
    assert (figures.receipts, figures.voided, figures.refunds) == (2, 1, 0)
    assert (figures.cash_minor, figures.card_minor, row.total_minor, figures.rounding_minor) == (100, 100, 199, 1)
    assert (figures.float_minor, figures.moved_minor, row.expected_minor) == (9_950, 2_000, 12_050)


def test_a_closed_session_shows_its_count_and_what_it_was_short_of() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    scenario.pass_time(3_600)
    scenario.do(CloseSession(session, 9_980, "counted twice"))

    row = scenario.row("sessions", session)

    assert (row.status, row.counted_minor, row.difference_minor) == ("closed", 9_980, -20)
    assert row.difference_reason == "counted twice"
    assert row.closed_at == scenario.recorder.now


def test_an_event_of_a_row_that_never_was_stops_the_read_model() -> None:
    scenario = live_sale()
    sell(scenario, open_till(scenario, 1, "A"), 1, tag_of(scenario, 1, 0))
    index = next(i for i, event in enumerate(scenario.recorder.events) if isinstance(event, ItemsSold))
    empty = Recorder([ITEMS]).models["items"]

    with pytest.raises(RowMissing, match="items has no row"):
        empty.fold(scenario.recorder.stored[index], scenario.recorder.events[index])
