"""A machine at which people of an organization work: a till's tablet, say. It is invited, enrolled, one day revoked.

What it shows itself by is a secret, and lies elsewhere. A device is one machine: another one gets an id of its own.
"""

from datetime import datetime
from typing import Annotated, Literal, NewType

from msgspec import Meta, Struct
from msgspec.structs import replace

from consign.domain.values import UUID_PATTERN, AccountId, GivenAccountId, Name

DeviceId = NewType("DeviceId", str)
GivenDeviceId = Annotated[DeviceId, Meta(pattern=UUID_PATTERN, max_length=36)]


class InviteDevice(Struct, frozen=True, gc=False, tag="invite-device"):
    """Lets a machine become this device by a code, for ten minutes and once."""

    device: GivenDeviceId
    name: Name


class EnrolDevice(Struct, frozen=True, gc=False, tag="enrol-device"):
    """A machine has shown the code."""

    device: GivenDeviceId


class RenameDevice(Struct, frozen=True, gc=False, tag="rename-device"):
    device: GivenDeviceId
    name: Name


class RevokeDevice(Struct, frozen=True, gc=False, tag="revoke-device"):
    device: GivenDeviceId


PinUse = Literal["sign_in", "approval"]


class RecordRefusedPin(Struct, frozen=True, gc=False, tag="record-refused-pin"):
    """Somebody showed a PIN there that was wrong, for the `times`th time in a row for this account.

    `account` is null where it has no PIN. How many there may be is seen to by whoever counts tries.
    """

    device: GivenDeviceId
    account: GivenAccountId | None
    use: PinUse
    times: Annotated[int, Meta(ge=1)]


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class DeviceInvited(Struct, frozen=True, gc=False, tag="device-invited"):
    device: DeviceId
    name: str
    expires_at: datetime


class DeviceEnrolled(Struct, frozen=True, gc=False, tag="device-enrolled"):
    device: DeviceId


class DeviceRenamed(Struct, frozen=True, gc=False, tag="device-renamed"):
    device: DeviceId
    name: str


class DeviceRevoked(Struct, frozen=True, gc=False, tag="device-revoked"):
    device: DeviceId


class PinRefused(Struct, frozen=True, gc=False, tag="pin-refused"):
    device: DeviceId
    account: AccountId | None
    use: PinUse
    times: int


class DeviceAnswer(Struct, frozen=True, gc=False):
    device: DeviceId
    name: str


class DeviceInvitedAnswer(Struct, frozen=True, gc=False):
    device: DeviceId
    name: str
    expires_at: datetime


class Unknown(Struct, frozen=True, gc=False, tag="unknown"): ...


class Invited(Struct, frozen=True, gc=False, tag="invited"):
    """A machine may become this device until then."""

    name: str
    until: datetime


class Enrolled(Struct, frozen=True, gc=False, tag="enrolled"):
    name: str


class Revoked(Struct, frozen=True, gc=False, tag="revoked"):
    name: str


type DeviceCommand = InviteDevice | EnrolDevice | RenameDevice | RevokeDevice | RecordRefusedPin
type DeviceEvent = DeviceInvited | DeviceEnrolled | DeviceRenamed | DeviceRevoked | PinRefused
type Device = Invited | Enrolled | Revoked | Unknown
INITIAL: Device = Unknown()


def evolve(device: Device, event: DeviceEvent) -> Device:
    """Return the device after the event."""
    match event:
        case DeviceInvited(_, name, expires_at):
            return Invited(name, expires_at)
        case DeviceEnrolled():
            return Enrolled(name_of(device))
        case DeviceRevoked():
            return Revoked(name_of(device))
        case DeviceRenamed(name=name):
            match device:
                case Invited() | Enrolled() | Revoked():
                    return replace(device, name=name)
                case Unknown():
                    return device
        case PinRefused():
            return device


def name_of(device: Device) -> str:
    """Return what the device is called."""
    match device:
        case Invited(name=name) | Enrolled(name=name) | Revoked(name=name):
            return name
        case Unknown():
            return ""
