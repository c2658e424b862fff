"""Machines that an organization trusts: invited, enrolled once, renamed, revoked for good."""

from consign.domain.device import DeviceEnrolled, DeviceInvited, DeviceInvitedAnswer, DeviceRenamed, DeviceRevoked
from tests.domain.equipment import ENROL, IN_TEN_MINUTES, INVITE, RENAME, REVOKE, TABLET
from tests.domain.market import founded
from tests.domain.scenario import given


def test_a_machine_is_invited_for_ten_minutes_and_enrolled_once() -> None:
    log = founded()
    given(log).when(INVITE).then(DeviceInvited(TABLET, "Till 1", IN_TEN_MINUTES)).answered(
        DeviceInvitedAnswer(TABLET, "Till 1", IN_TEN_MINUTES)
    )
    log.pass_time(599)
    given(log).when(ENROL).then(DeviceEnrolled(TABLET))


def test_an_invitation_that_nobody_used_in_time_is_given_again() -> None:
    log = founded()
    given(log, INVITE)
    log.pass_time(3600)
    given(log, INVITE).when(ENROL).then(DeviceEnrolled(TABLET))


def test_a_device_is_renamed_and_revoked_and_saying_so_again_changes_nothing() -> None:
    log = founded()
    given(log, INVITE, ENROL).when(RENAME).then(DeviceRenamed(TABLET, "Till by the door"))
    given(log).when(RENAME).then()
    given(log).when(REVOKE).then(DeviceRevoked(TABLET))
    given(log).when(REVOKE).then()
