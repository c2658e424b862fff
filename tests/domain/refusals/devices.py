"""The refusals of devices."""

from consign.domain.rejection import Reason
from tests.domain.equipment import CREATE, ENROL, INVITE, RENAME, REVOKE, REVOKE_KEY
from tests.domain.log import MemoryLog
from tests.domain.market import founded
from tests.domain.refusals.case import Case, after


def too_late() -> MemoryLog:
    log = after(founded, INVITE)()
    log.pass_time(600)
    return log


CASES: dict[Reason, list[Case]] = {
    Reason.UNKNOWN_DEVICE: [(founded, ENROL), (founded, RENAME), (founded, REVOKE)],
    Reason.DEVICE_ENROLLED: [(after(founded, INVITE, ENROL), INVITE)],
    Reason.DEVICE_REVOKED: [
        (after(founded, INVITE, REVOKE), INVITE),
        (after(founded, INVITE, REVOKE), ENROL),
        (after(founded, INVITE, ENROL, REVOKE), RENAME),
    ],
    Reason.UNKNOWN_API_KEY: [(founded, REVOKE_KEY)],
    Reason.API_KEY_EXISTS: [
        (after(founded, CREATE), CREATE),
        (after(founded, CREATE, REVOKE_KEY), CREATE),
    ],
    Reason.ENROLMENT_OVER: [(after(founded, INVITE, ENROL), ENROL), (too_late, ENROL)],
}
