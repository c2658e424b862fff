"""People with an account: a profile said once, one participation in a sale, and forgetting that reaches everything."""

from consign.domain.account import (
    AccountProfileChanged,
    ChangeAccountProfile,
    ForgetConsignor,
    ForgetPerson,
    ParticipationJoined,
    PersonForgotten,
)
from consign.domain.participation.commands import (
    ChangeConsignorProfile,
    ConsignorRow,
    RegisterConsignor,
    RegisterConsignors,
)
from consign.domain.participation.events import ConsignorForgotten, ConsignorProfileChanged, ConsignorRegistered
from consign.domain.participation.place_commands import MoveUp
from consign.domain.places import ConsignorNumberTaken
from consign.domain.sale import ChangeSalePhase, Phase, PlanSale
from consign.domain.values import SaleId, Sealed
from tests.domain.log import MemoryLog
from tests.domain.market import ORGANIZATION, SALE, SETTINGS, founded
from tests.domain.newcomers import CLEO, CLEOS, DORA, DORAS, EMIL, open_sale, register, rules
from tests.domain.scenario import given

SPRING = SaleId("01900000-0000-7000-8000-000000000002")
SAID, SAID_LATER = Sealed("person-1", "AAAA"), Sealed("person-1", "BBBB")


def two_sales() -> MemoryLog:
    log = open_sale(rules())
    log.issue(PlanSale(ORGANIZATION, SPRING, "Spring bourse", SETTINGS))
    log.issue(ChangeSalePhase(SPRING, Phase.REGISTRATION))
    return log


def in_both() -> MemoryLog:
    log = two_sales()
    log.issue(register(CLEO, CLEOS, profile=SAID))
    log.issue(RegisterConsignor(SPRING, DORA, account=CLEOS))
    return log


def test_a_person_says_who_they_are_once_for_every_sale() -> None:
    log = two_sales()
    given(log).when(register(CLEO, CLEOS, profile=SAID)).then(
        ParticipationJoined(CLEOS, CLEO, SALE),
        AccountProfileChanged(CLEOS, SAID),
        ConsignorNumberTaken(SALE, CLEO, 1, CLEOS),
        ConsignorRegistered(CLEO, SALE, 1, 500, SAID, account=CLEOS),
    )
    given(log).when(RegisterConsignor(SPRING, DORA, account=CLEOS)).then(
        ParticipationJoined(CLEOS, DORA, SPRING),
        ConsignorNumberTaken(SPRING, DORA, 1, CLEOS),
        ConsignorRegistered(DORA, SPRING, 1, 500, SAID, account=CLEOS),
    )


def test_a_changed_profile_is_shown_wherever_the_person_takes_part() -> None:
    log = in_both()
    change = ChangeAccountProfile(CLEOS, SAID_LATER)
    given(log).when(change).then(AccountProfileChanged(CLEOS, SAID_LATER, tuple(sorted((CLEO, DORA)))))
    given(log).when(change).then()
    assert log.issue(register(EMIL, DORAS, profile=SAID)).number == 2


def test_somebody_may_say_who_they_are_before_any_sale() -> None:
    log = founded()
    given(log).when(ChangeAccountProfile(CLEOS, SAID)).then(AccountProfileChanged(CLEOS, SAID))


def test_a_person_is_forgotten_in_all_sales_at_once() -> None:
    log = in_both()
    given(log).when(ForgetPerson(CLEOS)).then(PersonForgotten(CLEOS, tuple(sorted((CLEO, DORA)))))
    given(log).when(ForgetPerson(CLEOS)).then()


def test_who_has_no_account_is_forgotten_by_the_participation() -> None:
    log = open_sale(rules(consignors_limit=1))
    log.issue(register(CLEO, profile=SAID))
    log.issue(register(DORA, profile=SAID))
    for participation in (CLEO, DORA):
        given(log).when(ForgetConsignor(participation)).then(ConsignorForgotten(participation, SALE))
        given(log).when(ForgetConsignor(participation)).then()


def test_who_waits_may_still_change_who_they_are_and_moves_up_as_the_newest() -> None:
    log = open_sale(rules(consignors_limit=1))
    log.issue(register(CLEO))
    log.issue(register(DORA, profile=SAID))
    given(log).when(ChangeConsignorProfile(DORA, SAID_LATER)).then(ConsignorProfileChanged(DORA, SALE, SAID_LATER))
    log.issue(MoveUp(DORA))
    assert log.state(f"participation-{DORA}").profile == SAID_LATER


def test_an_import_knows_accounts_and_names_who_is_there_twice() -> None:
    log = open_sale(rules())
    rows = (
        ConsignorRow(1, CLEO, SAID, account=CLEOS),
        ConsignorRow(2, DORA, account=CLEOS),
        ConsignorRow(3, EMIL, account=DORAS),
    )
    answer = log.issue(RegisterConsignors(SALE, rows))
    assert [(done.row, done.number) for done in answer.registered] == [(1, 1), (3, 2)]
    assert [(error.row, error.reason) for error in answer.errors] == [(2, "already_taking_part")]
    again = log.issue(RegisterConsignors(SALE, rows))
    assert [(done.row, done.already) for done in again.registered] == [(1, True), (3, True)]
