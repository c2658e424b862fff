"""PINs as the log knows them: that there is one, the how-manieth, and whose."""

from consign.domain.account import ForgetPerson, PersonForgotten
from consign.domain.membership import EndMembership
from consign.domain.pins import PinAnswer, PinSet, PinTaken, SetPin, TakePin
from consign.domain.rejection import Reason
from consign.domain.values import AccountId, Sealed
from tests.domain.log import MemoryLog
from tests.domain.market import ORGANIZATION, founded
from tests.domain.scenario import given
from tests.domain.team import PETRA, grant

NAME = Sealed("petra", "AAAA")


def with_petra() -> MemoryLog:
    log = founded()
    given(log, grant(PETRA, "cashier"))
    return log


def test_each_pin_and_each_end_of_one_is_counted() -> None:
    log = with_petra()
    given(log).when(SetPin(PETRA, NAME)).then(PinSet(PETRA, 1, NAME)).answered(PinAnswer(PETRA, 1))
    given(log).when(SetPin(PETRA)).then(PinSet(PETRA, 2))
    given(log).when(TakePin(PETRA)).then(PinTaken(PETRA, 3))
    given(log).when(TakePin(PETRA)).then().answered(PinAnswer(PETRA, 3))
    given(log).when(SetPin(PETRA)).then(PinSet(PETRA, 4))


def test_a_pin_outlives_other_roles_and_no_membership() -> None:
    log = with_petra()
    given(log, SetPin(PETRA), grant(PETRA, "volunteer")).when(TakePin(PETRA)).then(PinTaken(PETRA, 2))
    given(log, SetPin(PETRA), EndMembership(ORGANIZATION, PETRA), grant(PETRA, "cashier")).when(TakePin(PETRA)).then()
    given(log).when(SetPin(PETRA)).then(PinSet(PETRA, 4))


def test_whoever_only_worked_here_is_forgotten_too_and_a_stranger_is_not() -> None:
    log = with_petra()
    given(log, SetPin(PETRA, NAME), EndMembership(ORGANIZATION, PETRA))
    given(log).when(ForgetPerson(PETRA)).then(PersonForgotten(PETRA, ()))
    given(log).when(ForgetPerson(PETRA)).then()
    given(log).when(ForgetPerson(AccountId("nobody"))).rejected(Reason.UNKNOWN_ACCOUNT)
