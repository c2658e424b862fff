"""Read models and public events of drop-off and pick-up slots."""

from datetime import timedelta

import msgspec

from consign.domain.ledger.commands import CheckInItems, ItemRow, ListItems
from consign.domain.slots.commands import ChooseSlot, DropSlot, GiveUpSlot, PlanSlot, RecordArrival
from consign.domain.values import AccountId, Actor
from consign.projections.slots import BookingRow, SlotRow
from tests.projections import agreement
from tests.projections.recorder import BEGINNING
from tests.projections.scenario import SALE, Scenario, live_sale, participation_id

DESK = Actor(AccountId("olga"), "organizer")
HOUR = timedelta(hours=1)
BEGIN = BEGINNING + HOUR
ADA, BEN = participation_id(1), participation_id(2)
EARLY = PlanSlot(SALE, "early", "drop_off", BEGIN, BEGIN + HOUR, 5)
LATE = PlanSlot(SALE, "late", "drop_off", BEGIN + HOUR, BEGIN + 2 * HOUR, 5)


def with_slots() -> Scenario:
    scenario = live_sale(consignors=2)
    scenario.do(EARLY)
    scenario.do(LATE)
    return scenario


def bookings(scenario: Scenario) -> dict[str, BookingRow]:
    return {row.participation: row for row in scenario.rows("slots", "bookings")}


def test_a_slot_shows_how_many_chose_it() -> None:
    scenario = with_slots()
    scenario.do(ChooseSlot(SALE, "early", ADA, DESK))
    scenario.do(ChooseSlot(SALE, "late", ADA, DESK))
    scenario.do(ChooseSlot(SALE, "late", BEN, DESK))
    shown: list[SlotRow] = scenario.rows("slots")
    assert [(row.slot, row.taken) for row in shown] == [("early", 0), ("late", 2)]
    assert (bookings(scenario)[ADA].slot, bookings(scenario)[ADA].begins_at) == ("late", LATE.begins_at)
    scenario.do(GiveUpSlot(SALE, "late", ADA, DESK))
    scenario.do(DropSlot(SALE, "early"))
    assert [(row.slot, row.taken) for row in scenario.rows("slots")] == [("late", 1)]
    assert bookings(scenario).keys() == {BEN}
    agreement.check(scenario)


def test_whoever_comes_or_brings_things_has_arrived() -> None:
    scenario = with_slots()
    for participation in (ADA, BEN):
        scenario.do(ChooseSlot(SALE, "early", participation, DESK))
    assert not any(row.arrived for row in bookings(scenario).values())
    scenario.do(RecordArrival(SALE, 1, "drop_off"))
    listed = scenario.do(ListItems(SALE, (ItemRow(0, 2, "toys", "Late thing", 200),))).listed[0]
    scenario.do(CheckInItems(SALE, (listed.tag,)))
    assert all(row.arrived and row.arrived_at is not None for row in bookings(scenario).values())


def test_integrators_are_told_who_comes_when() -> None:
    scenario = with_slots()
    scenario.do(ChooseSlot(SALE, "early", ADA, DESK))
    scenario.do(RecordArrival(SALE, 1, "drop_off"))
    chosen, arrived = scenario.rows("public_events", "events")[-2:]
    assert (chosen.type, arrived.type) == ("SlotChosen", "ConsignorArrived")
    assert msgspec.json.decode(chosen.data) == {
        "sale": SALE,
        "slot": "early",
        "kind": "drop_off",
        "participation": ADA,
        "consignor": 1,
    }
