"""Commands to devices that concern no secret."""

from consign.domain.device import DeviceAnswer, RenameDevice
from consign.http.commands.route import CommandRoute

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "rename-device",
        "/devices/{device}/rename",
        RenameDevice,
        DeviceAnswer,
        "Call a device something else.",
        {"name": "Till by the door"},
        "devices",
    ),
)
