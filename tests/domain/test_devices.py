"""Machines that an organization trusts: invited, enrolled once, renamed, revoked for good."""

from consign.domain.device import (
    DeviceAnswer,
    DeviceEnrolled,
    DeviceInvited,
    DeviceInvitedAnswer,
    DeviceRenamed,
    DeviceRevoked,
    PinRefused,
    RecordRefusedPin,
)
from consign.domain.turns.actors import device_stream
from tests.domain.equipment import ENROL, IN_TEN_MINUTES, INVITE, RENAME, REVOKE, TABLET
from tests.domain.market import OLIVE, founded
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


def test_a_wrong_pin_is_kept_and_changes_nothing_of_the_device() -> None:
    log = founded()
    given(log, INVITE, ENROL)
    stood = log.state(device_stream(TABLET))
    wrong = RecordRefusedPin(TABLET, OLIVE, "sign_in", 3)
    given(log).when(wrong).then(PinRefused(TABLET, OLIVE, "sign_in", 3)).answered(DeviceAnswer(TABLET, "Till 1"))
    given(log).when(RecordRefusedPin(TABLET, None, "approval", 1)).then(PinRefused(TABLET, None, "approval", 1))
    assert log.state(device_stream(TABLET)) == stood
