"""Devices: names that tests use, each said once."""

from datetime import timedelta

from consign.domain.device import DeviceId, EnrolDevice, InviteDevice, RenameDevice, RevokeDevice
from tests.domain.log import OPENING

TABLET = DeviceId("01900000-0000-7000-8000-0000000000d1")
IN_TEN_MINUTES = OPENING + timedelta(minutes=10)

INVITE = InviteDevice(TABLET, "Till 1")
ENROL = EnrolDevice(TABLET)
RENAME = RenameDevice(TABLET, "Till by the door")
REVOKE = RevokeDevice(TABLET)
