"""The events of devices."""

from msgspec import Struct

from consign.domain.device import DeviceEnrolled, DeviceInvited, DeviceRenamed, DeviceRevoked
from tests.domain.equipment import IN_TEN_MINUTES, TABLET

SPECIMENS: tuple[Struct, ...] = (
    DeviceInvited(TABLET, "Till 1", IN_TEN_MINUTES),
    DeviceEnrolled(TABLET),
    DeviceRenamed(TABLET, "Till by the door"),
    DeviceRevoked(TABLET),
)
