"""A full sale: whoever comes later waits in order, and moves up when a place is free."""

import pytest
from msgspec.structs import replace

from consign.domain.participation.commands import ConsignorAnswer, WithdrawParticipation
from consign.domain.participation.events import ConsignorRegistered, ConsignorWaitlisted, ParticipationEnded
from consign.domain.participation.place_commands import AcceptPlace, MoveUp
from consign.domain.participation.state import Registered, Waiting
from consign.domain.places import ConsignorNumberTaken, PlaceFreed, PlaceOffered, WaitingListJoined, WaitingListLeft
from consign.domain.rejection import Reason
from consign.domain.sale import ChangeSaleSettings
from consign.domain.turns.waiting import MOVES_LIMIT
from consign.domain.values import ParticipationId
from tests.domain.log import MemoryLog
from tests.domain.market import ANNA, SALE
from tests.domain.newcomers import (
    CLEO,
    CLEOS,
    DAY_S,
    DESK,
    DORA,
    DORAS,
    EMIL,
    EMILS,
    consignor,
    open_sale,
    register,
    rules,
)
from tests.domain.scenario import given

FEE_MINOR = 500


def full(**more: int) -> MemoryLog:
    """One place, taken by Cleo; Dora waits before Emil."""
    log = open_sale(rules(consignors_limit=1, **more))
    for each, account in ((CLEO, CLEOS), (DORA, DORAS), (EMIL, EMILS)):
        log.issue(register(each, account))
    return log


def standing(log: MemoryLog, participation: ParticipationId) -> type:
    return type(log.state(f"participation-{participation}"))


def test_a_full_sale_puts_newcomers_on_its_waiting_list_in_order() -> None:
    log = open_sale(rules(consignors_limit=1))
    log.issue(register(CLEO))
    given(log).when(register(DORA)).then(WaitingListJoined(SALE, DORA, 1), ConsignorWaitlisted(DORA, SALE, 1)).answered(
        ConsignorAnswer(DORA, None, FEE_MINOR, "EUR", "waiting")
    )
    given(log).when(register(DORA)).then()
    given(log).when(register(EMIL)).then(WaitingListJoined(SALE, EMIL, 2), ConsignorWaitlisted(EMIL, SALE, 2))


def test_a_withdrawal_lets_whoever_is_next_move_up_by_itself() -> None:
    log = full()
    given(log).when(WithdrawParticipation(CLEO, consignor(CLEOS), "ill")).then(
        PlaceFreed(SALE, CLEO, 1, CLEOS), ParticipationEnded(CLEO, SALE, "withdrawn", 1, FEE_MINOR, "ill")
    )
    before = len(log.events)
    log.fire_due_timers()
    assert [emitted.event for emitted in log.events[before:]] == [
        WaitingListLeft(SALE, DORA, 1, DORAS),
        ConsignorNumberTaken(SALE, DORA, 2, DORAS),
        ConsignorRegistered(DORA, SALE, 2, FEE_MINOR, account=DORAS),
    ]
    assert standing(log, EMIL) is Waiting


def test_a_place_that_is_just_becoming_free_is_not_snatched_by_a_newcomer() -> None:
    log = full()
    log.issue(WithdrawParticipation(CLEO, DESK))
    assert log.issue(register(ANNA)).status == "waiting"
    log.fire_due_timers()
    assert standing(log, DORA) is Registered
    assert standing(log, ANNA) is Waiting


def test_whoever_leaves_the_list_is_passed_over() -> None:
    log = full()
    given(log).when(WithdrawParticipation(DORA, consignor(DORAS))).then(
        WaitingListLeft(SALE, DORA, 1, DORAS), ParticipationEnded(DORA, SALE, "left_waiting_list")
    )
    log.issue(WithdrawParticipation(CLEO, DESK))
    log.fire_due_timers()
    assert standing(log, EMIL) is Registered


def test_a_place_is_offered_for_a_while_and_then_to_the_next() -> None:
    log = full(offer_duration_s=int(DAY_S))
    log.issue(WithdrawParticipation(CLEO, DESK))
    log.fire_due_timers()
    (offered,) = log.events_of(PlaceOffered)
    assert (offered.participation, (offered.expires_at - log.now).total_seconds()) == (DORA, DAY_S)
    given(log).when(AcceptPlace(EMIL, consignor(EMILS))).rejected(Reason.NO_PLACE_OFFERED)

    log.pass_time(DAY_S)
    given(log).when(AcceptPlace(DORA, consignor(DORAS))).rejected(Reason.NO_PLACE_OFFERED)
    log.fire_due_timers()
    assert log.events_of(ParticipationEnded)[-1] == ParticipationEnded(DORA, SALE, "offer_expired")
    log.fire_due_timers()
    answer = given(log).when(AcceptPlace(EMIL, consignor(EMILS))).answer
    assert (answer.status, answer.number) == ("registered", 2)


def test_an_offered_place_is_nobody_elses() -> None:
    log = full(offer_duration_s=int(DAY_S))
    log.issue(WithdrawParticipation(CLEO, DESK))
    log.fire_due_timers()
    assert log.issue(register(ANNA)).status == "waiting"
    assert log.state(f"sale-{SALE}").places.free(1) == 0


def test_an_organizer_moves_somebody_up_whatever_their_turn() -> None:
    log = full()
    answer = given(log).when(MoveUp(EMIL)).answer
    assert (answer.status, answer.number) == ("registered", 2)
    assert standing(log, DORA) is Waiting
    given(log).when(MoveUp(EMIL)).then()


def test_a_number_asked_for_is_kept_only_while_it_is_free() -> None:
    log = open_sale(rules(consignors_limit=1))
    log.issue(register(CLEO))
    log.issue(register(DORA, number=7))
    log.issue(register(EMIL))
    assert log.issue(MoveUp(DORA)).number == 7
    log.issue(register(ANNA, number=9))
    raised = replace(log.state(f"sale-{SALE}").settings, participation=rules())
    log.issue(ChangeSaleSettings(SALE, raised))
    log.issue(MoveUp(EMIL))
    given(log).when(register(ParticipationId("01900000-0000-7000-8000-0000000000f9"), number=7)).rejected(
        Reason.CONSIGNOR_NUMBER_TAKEN
    )


@pytest.mark.parametrize("limit", [MOVES_LIMIT + 20, None])
def test_a_raised_limit_lets_many_move_up_in_turns_of_their_own(limit: int | None) -> None:
    log = open_sale(rules(consignors_limit=1))
    waiting = [ParticipationId(f"01900000-0000-7000-8000-0000000002{index:02}") for index in range(MOVES_LIMIT + 10)]
    for each in (CLEO, *waiting):
        log.issue(register(each))
    raised = replace(log.state(f"sale-{SALE}").settings, participation=rules(consignors_limit=limit))
    log.issue(ChangeSaleSettings(SALE, raised))
    log.fire_due_timers()
    assert sum(standing(log, each) is Registered for each in waiting) == MOVES_LIMIT
    log.pass_time(2)
    log.fire_due_timers()
    assert all(standing(log, each) is Registered for each in waiting)
    numbers = [log.state(f"participation-{each}").number for each in waiting]
    assert numbers == sorted(numbers), "whoever waited longer has the lower number"


def test_a_participation_that_ended_gives_its_number_to_nobody() -> None:
    log = full()
    log.issue(WithdrawParticipation(CLEO, DESK))
    log.fire_due_timers()
    assert log.state(f"participation-{DORA}").number == 2
    given(log).when(register(ANNA, number=1)).rejected(Reason.CONSIGNOR_NUMBER_TAKEN)
