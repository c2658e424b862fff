"""What an organization's log says of access itself."""

from consign.domain.account import AccountAnswer, ForgetPerson
from consign.domain.auditing import AccessRefused, DataShown, RecordDisclosure, RecordRefusedAccess
from consign.domain.signing_in import RecordSignIn
from consign.domain.turns.actors import account_stream
from tests.domain.log import MemoryLog
from tests.domain.market import OLIVE, SESSION
from tests.domain.scenario import given

REFUSED = RecordRefusedAccess(OLIVE, "freeze-settlement", "forbidden")
SHOWN = RecordDisclosure(OLIVE, "payout-details", "0193e4c2-7a10-7000-8000-000000000017", "The bank sent it back")


def test_refusals_and_what_was_shown_are_kept_as_they_are_said() -> None:
    given(MemoryLog()).when(REFUSED).then(AccessRefused(OLIVE, "freeze-settlement", "forbidden")).answered(
        AccountAnswer(OLIVE)
    )
    given(MemoryLog()).when(SHOWN).then(DataShown(OLIVE, "payout-details", SHOWN.about, SHOWN.because))


def test_they_change_nothing_of_the_account_whatever_it_is() -> None:
    log = MemoryLog()
    for before in (RecordSignIn(OLIVE, SESSION, "link"), ForgetPerson(OLIVE)):
        log.issue(before)
        stood = log.state(account_stream(OLIVE))
        log.issue(REFUSED)
        log.issue(SHOWN)
        assert log.state(account_stream(OLIVE)) == stood
