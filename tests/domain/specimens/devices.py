"""The events of devices, and of keys for programs."""

from msgspec import Struct

from consign.domain.api_keys import ApiKeyCreated, ApiKeyRevoked
from consign.domain.device import DeviceEnrolled, DeviceInvited, DeviceRenamed, DeviceRevoked, PinRefused
from tests.domain.equipment import IN_TEN_MINUTES, KEY, TABLET
from tests.domain.market import OLIVE

SPECIMENS: tuple[Struct, ...] = (
    DeviceInvited(TABLET, "Till 1", IN_TEN_MINUTES),
    DeviceEnrolled(TABLET),
    DeviceRenamed(TABLET, "Till by the door"),
    DeviceRevoked(TABLET),
    PinRefused(TABLET, OLIVE, "sign_in", 3),
    ApiKeyCreated(KEY, "Shop on the web", ("public-events",), IN_TEN_MINUTES),
    ApiKeyRevoked(KEY),
)
