"""Devices and keys: names that tests use, each said once."""

from datetime import timedelta

from consign.domain.api_keys import ApiKeyId, CreateApiKey, RevokeApiKey
from consign.domain.device import DeviceId, EnrolDevice, InviteDevice, RenameDevice, RevokeDevice
from tests.domain.log import OPENING
from tests.domain.market import ORGANIZATION

TABLET = DeviceId("01900000-0000-7000-8000-0000000000d1")
IN_TEN_MINUTES = OPENING + timedelta(minutes=10)

INVITE = InviteDevice(TABLET, "Till 1")
ENROL = EnrolDevice(TABLET)
RENAME = RenameDevice(TABLET, "Till by the door")
REVOKE = RevokeDevice(TABLET)

KEY = ApiKeyId("01900000-0000-7000-8000-0000000000c1")
CREATE = CreateApiKey(ORGANIZATION, KEY, "Shop on the web", ("public-events",), IN_TEN_MINUTES)
REVOKE_KEY = RevokeApiKey(ORGANIZATION, KEY)
