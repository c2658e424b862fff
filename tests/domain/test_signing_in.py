"""What the platform's log says of accounts that sign in."""

from consign.domain.account import AccountAnswer, ForgetPerson, PersonForgotten
from consign.domain.rejection import Reason
from consign.domain.signing_in import (
    AccountOpened,
    PasswordChanged,
    RecordPasswordChange,
    RecordRefusedSignIn,
    RecordSessionsEnd,
    RecordSignIn,
    SessionsEnded,
    SignedIn,
    SignInRefused,
)
from consign.domain.values import Sealed
from tests.domain.log import MemoryLog
from tests.domain.market import OLIVE, OTHER_SESSION, SESSION
from tests.domain.scenario import given

ADDRESS = Sealed("01900000-0000-7000-8000-0000000000e1", "AAAA")
SIGN_IN = RecordSignIn(OLIVE, SESSION, "link", ADDRESS)
SIGN_IN_AGAIN = RecordSignIn(OLIVE, OTHER_SESSION, "code", ADDRESS)


def signed_in() -> MemoryLog:
    log = MemoryLog()
    log.issue(SIGN_IN)
    return log


def test_an_account_is_opened_when_somebody_first_signs_in() -> None:
    given(MemoryLog()).when(SIGN_IN).then(AccountOpened(OLIVE, ADDRESS), SignedIn(OLIVE, SESSION, "link")).answered(
        AccountAnswer(OLIVE)
    )
    given(signed_in()).when(SIGN_IN_AGAIN).then(SignedIn(OLIVE, OTHER_SESSION, "code"))


def test_refusals_ends_and_changes_are_recorded() -> None:
    log = signed_in()
    given(log).when(RecordRefusedSignIn(OLIVE, "code")).then(SignInRefused(OLIVE, "code"))
    given(log).when(RecordPasswordChange(OLIVE)).then(PasswordChanged(OLIVE))
    given(log).when(RecordSessionsEnd(OLIVE, (SESSION,), "signed_out")).then(
        SessionsEnded(OLIVE, (SESSION,), "signed_out")
    )


def test_whoever_was_forgotten_signs_in_no_more() -> None:
    log = signed_in()
    given(log).when(ForgetPerson(OLIVE)).then(PersonForgotten(OLIVE, ()))
    log.issue(ForgetPerson(OLIVE))
    given(log).when(SIGN_IN_AGAIN).rejected(Reason.PERSON_FORGOTTEN)
