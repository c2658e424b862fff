"""Slots in which consignors bring their things and fetch them: so many places, one of a kind each."""

from datetime import timedelta
from typing import Any

from consign.domain.ledger.floor_commands import CollectConsignor
from consign.domain.participation.commands import WithdrawParticipation
from consign.domain.rejection import Reason
from consign.domain.sale import Phase
from consign.domain.slots.commands import ChooseSlot, DropSlot, GiveUpSlot, PlanSlot, RecordArrival
from consign.domain.slots.events import ArrivalRecorded, SlotChosen, SlotGivenUp, SlotPlanned
from consign.domain.values import AccountId, ParticipationId
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import ANNA, ANNAS_NUMBER, BEN, BENS_NUMBER, SALE, reach, registered
from tests.domain.newcomers import DESK, consignor, open_sale, register, rules
from tests.domain.scenario import given

EARLY, LATE, FETCH = "early", "late", "fetch"
HOUR = timedelta(hours=1)
BEGIN = OPENING + HOUR
ANNAS = AccountId("anna")


def slot(code: str = EARLY, hours: int = 0, capacity: int = 1, **more: Any) -> PlanSlot:
    begins_at = BEGIN + hours * HOUR
    return PlanSlot(SALE, code, more.pop("kind", "drop_off"), begins_at, begins_at + HOUR, capacity, **more)


def choose(participation: ParticipationId, code: str = EARLY, **more: Any) -> ChooseSlot:
    return ChooseSlot(SALE, code, participation, more.pop("actor", DESK), **more)


def with_slots() -> MemoryLog:
    """One place early, two late, and one to fetch things."""
    log = registered()
    for planned in (slot(), slot(LATE, 1, 2), slot(FETCH, 40, kind="pick_up")):
        log.issue(planned)
    return log


def taken(log: MemoryLog) -> dict[str, int]:
    return {code: each.taken for code, each in log.state(f"sale-{SALE}").slots.slots.items() if each.taken}


def test_a_slot_is_chosen_changed_and_given_up() -> None:
    log = with_slots()
    given(log).when(choose(ANNA)).then(SlotChosen(SALE, EARLY, "drop_off", ANNA, ANNAS_NUMBER))
    given(log).when(choose(ANNA)).then()
    given(log).when(choose(ANNA, LATE)).then(SlotChosen(SALE, LATE, "drop_off", ANNA, ANNAS_NUMBER, EARLY))
    assert taken(log) == {LATE: 1}
    given(log).when(choose(ANNA, FETCH)).then(SlotChosen(SALE, FETCH, "pick_up", ANNA, ANNAS_NUMBER))
    given(log).when(GiveUpSlot(SALE, LATE, ANNA, DESK)).then(SlotGivenUp(SALE, LATE, "drop_off", ANNA, ANNAS_NUMBER))
    given(log).when(GiveUpSlot(SALE, LATE, ANNA, DESK)).then()
    assert taken(log) == {FETCH: 1}


def test_who_takes_things_home_has_come_to_the_pick_up() -> None:
    log = reach(with_slots(), Phase.PICK_UP)
    collect = CollectConsignor(SALE, ANNAS_NUMBER)
    given(log).when(collect).then()
    log.issue(choose(ANNA, FETCH))
    log.now = BEGIN + 40 * HOUR
    given(log).when(collect).then(ArrivalRecorded(SALE, FETCH, "pick_up", ANNA, ANNAS_NUMBER, BEGIN + 40 * HOUR))
    given(log).when(collect).then()


def test_a_full_slot_is_refused_with_what_is_free_of_its_kind() -> None:
    log = with_slots()
    rejected = given(log, choose(ANNA)).when(choose(BEN)).rejected(Reason.SLOT_FULL, LATE)
    assert [error["slot"] for error in rejected.errors] == [LATE]


def test_an_organizer_fills_a_slot_beyond_its_capacity_and_that_is_recorded() -> None:
    log = with_slots()
    desk = consignor(ANNAS)
    given(log, choose(ANNA)).when(choose(BEN, beyond_capacity=True)).then(
        SlotChosen(SALE, EARLY, "drop_off", BEN, BENS_NUMBER, None, beyond_capacity=True)
    )
    assert taken(log) == {EARLY: 2}
    volunteer = type(desk)(AccountId("vera"), "volunteer")
    given(log).when(choose(BEN, LATE, actor=volunteer, beyond_capacity=True)).rejected(Reason.ROLE_NEEDED)


def test_consignors_choose_for_themselves_until_the_slot_begins() -> None:
    log = open_sale(rules())
    own = consignor(ANNAS)
    for command in (register(ANNA, ANNAS), register(BEN), slot(), slot(LATE, 1)):
        log.issue(command)
    given(log).when(choose(ANNA, actor=own))
    given(log).when(choose(BEN, LATE, actor=own)).rejected(Reason.UNKNOWN_PARTICIPATION)
    log.pass_time(HOUR.total_seconds())
    given(log).when(choose(ANNA, LATE, actor=own)).rejected(Reason.TOO_LATE)
    given(log).when(GiveUpSlot(SALE, EARLY, ANNA, own)).rejected(Reason.TOO_LATE)
    given(log).when(choose(ANNA, LATE))
    assert taken(log) == {LATE: 1}


def test_who_came_is_recorded_once() -> None:
    log = with_slots()
    log.issue(choose(ANNA))
    arrival = RecordArrival(SALE, ANNAS_NUMBER, "drop_off")
    given(log).when(arrival).then(ArrivalRecorded(SALE, EARLY, "drop_off", ANNA, ANNAS_NUMBER, log.now))
    given(log).when(arrival).then()
    given(log).when(RecordArrival(SALE, BENS_NUMBER, "drop_off")).rejected(Reason.SLOT_NOT_CHOSEN)


def test_a_slot_that_somebody_chose_stays_as_it_is_but_may_grow() -> None:
    log = with_slots()
    log.issue(choose(ANNA))
    given(log).when(slot(hours=2)).rejected(Reason.SLOT_IN_USE)
    given(log).when(slot(kind="pick_up")).rejected(Reason.SLOT_IN_USE)
    given(log).when(DropSlot(SALE, EARLY)).rejected(Reason.SLOT_IN_USE)
    given(log).when(slot(capacity=3)).then(SlotPlanned(SALE, EARLY, "drop_off", BEGIN, BEGIN + HOUR, 3))
    given(log).when(DropSlot(SALE, LATE))
    given(log).when(choose(BEN, LATE)).rejected(Reason.UNKNOWN_SLOT)


def test_whoever_leaves_frees_the_slots_they_chose() -> None:
    log = with_slots()
    given(log, choose(ANNA), choose(ANNA, FETCH), WithdrawParticipation(ANNA, DESK)).when(choose(BEN))
    assert taken(log) == {EARLY: 1}
