"""Read models and public events of volunteers' shifts."""

from datetime import timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from consign.domain.sale import Phase
from consign.domain.shifts.commands import (
    DropShift,
    GiveUpShift,
    PlanShift,
    RecordNoShow,
    RecordWork,
    RetractWork,
    TakeShift,
)
from consign.domain.shifts.rules import ShiftRules, WorkTier
from consign.domain.values import AccountId, Actor
from consign.projections.shifts import ShiftRow, WorkRow
from tests.projections import agreement
from tests.projections.recorder import BEGINNING
from tests.projections.scenario import SALE, SETTINGS, Scenario, live_sale, participation_id

DESK = Actor(AccountId("olga"), "organizer")
BEGIN = BEGINNING + timedelta(hours=1)
END = BEGIN + timedelta(hours=2)
ADA = participation_id(1)
DOOR = PlanShift(SALE, "door", "Stand at the door", BEGIN, END, 3, place="Hall")


def with_door() -> Scenario:
    scenario = live_sale(settings=replace(SETTINGS, shifts=ShiftRules((WorkTier(120, "helper"),))), consignors=2)
    scenario.do(DOOR)
    return scenario


def work(scenario: Scenario) -> list[WorkRow]:
    rows: list[WorkRow] = scenario.rows("shifts", "work")
    return rows


def published(scenario: Scenario) -> list[tuple[str, dict[str, Any]]]:
    rows = scenario.rows("public_events", "events")
    return [(row.type, msgspec.json.decode(row.data)) for row in rows]


def test_a_shift_shows_how_many_took_it() -> None:
    scenario = with_door()
    scenario.do(TakeShift(SALE, "door", ADA, DESK))
    assert scenario.rows("shifts") == [
        ShiftRow(SALE, "door", "Stand at the door", "Hall", BEGIN, END, 3, credit_minutes=120, taken=1)
    ]
    (row,) = work(scenario)
    assert (row.participation, row.number, row.outcome, row.credit_minutes) == (ADA, 1, "promised", 120)
    assert scenario.row("participations", ADA).tier == "helper"
    scenario.do(GiveUpShift(SALE, "door", ADA, DESK))
    scenario.do(DropShift(SALE, "door"))
    assert (scenario.rows("shifts"), work(scenario)) == ([], [])
    agreement.check(scenario)


def test_work_shows_what_was_recorded_last() -> None:
    scenario = with_door()
    scenario.do(TakeShift(SALE, "door", ADA, DESK))
    scenario.pass_time(2 * 3600)
    scenario.do(RecordNoShow(SALE, "door", 1))
    assert [(row.outcome, row.minutes) for row in work(scenario)] == [("missed", 0)]
    scenario.do(RecordWork(SALE, "door", 1, 60))
    scenario.do(RecordWork(SALE, "door", 2))
    assert [(row.number, row.outcome, row.minutes) for row in work(scenario)] == [(1, "worked", 60), (2, "worked", 120)]
    scenario.do(RetractWork(SALE, "door", 2))
    assert [row.number for row in work(scenario)] == [1]
    agreement.check(scenario)


def test_integrators_are_told_of_shifts_and_tiers() -> None:
    scenario = with_door()
    before = len(published(scenario))
    scenario.do(TakeShift(SALE, "door", ADA, DESK))
    taken, tier = published(scenario)[before:]
    assert taken == ("ShiftTaken", {"sale": SALE, "shift": "door", "participation": ADA, "consignor": 1})
    assert tier[0] == "ConsignorTierChanged"
    assert (tier[1]["tier"], tier[1]["commission_minor"]) == ("helper", 0)
    assert scenario.states[f"sale-{SALE}"].phase is Phase.LIVE
