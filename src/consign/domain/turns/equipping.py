"""What is asked about devices: which actor each command decides over, and the decisions."""

from datetime import datetime, timedelta

from consign.domain.decision import Decision, Emitted
from consign.domain.device import (
    Device,
    DeviceAnswer,
    DeviceCommand,
    DeviceEnrolled,
    DeviceEvent,
    DeviceInvited,
    DeviceInvitedAnswer,
    DeviceRenamed,
    DeviceRevoked,
    EnrolDevice,
    Enrolled,
    Invited,
    InviteDevice,
    PinRefused,
    RecordRefusedPin,
    RenameDevice,
    Revoked,
    RevokeDevice,
    Unknown,
    name_of,
)
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.turns.actors import States, device_stream

INVITED_FOR = timedelta(minutes=10)


def needs(command: DeviceCommand, _: States) -> tuple[StreamName, ...]:
    """Name the streams to load."""
    return (device_stream(command.device),)


def decide(command: DeviceCommand, states: States, now: datetime) -> Decision:
    device: Device = states[device_stream(command.device)]
    match command:
        case InviteDevice():
            return invite(command, device, now)
        case EnrolDevice():
            return enrol(command, device, now)
        case RenameDevice():
            return rename(command, device)
        case RevokeDevice():
            return revoke(command, device)
        case RecordRefusedPin():
            refused = PinRefused(command.device, command.account, command.use, command.times)
            return _decided(refused, DeviceAnswer(command.device, name_of(device)))


def invite(command: InviteDevice, device: Device, now: datetime) -> Decision:
    """Invite a machine to become the device; again as often as the code was not used in time."""
    match device:
        case Unknown() | Invited():
            invited = DeviceInvited(command.device, command.name, now + INVITED_FOR)
            return _decided(invited, DeviceInvitedAnswer(invited.device, invited.name, invited.expires_at))
        case Enrolled(name=name):
            raise Rejected(Reason.DEVICE_ENROLLED, f"A machine is {name} already. Invite another one under a new id.")
        case Revoked():
            raise _revoked(device)


def enrol(command: EnrolDevice, device: Device, now: datetime) -> Decision:
    """Record that a machine became the device."""
    match device:
        case Invited(name, until) if now < until:
            return _decided(DeviceEnrolled(command.device), DeviceAnswer(command.device, name))
        case Invited() | Enrolled():
            raise Rejected(Reason.ENROLMENT_OVER, "The code was used, or its ten minutes are over. Ask for a new one.")
        case Revoked():
            raise _revoked(device)
        case Unknown():
            raise _unknown()


def rename(command: RenameDevice, device: Device) -> Decision:
    """Call the device something else."""
    match device:
        case Invited(name=name) | Enrolled(name=name):
            answer = DeviceAnswer(command.device, command.name)
            if name == command.name:
                return Decision((), answer)
            return _decided(DeviceRenamed(command.device, command.name), answer)
        case Revoked():
            raise _revoked(device)
        case Unknown():
            raise _unknown()


def revoke(command: RevokeDevice, device: Device) -> Decision:
    """End the device for good; one that was revoked is revoked."""
    answer = DeviceAnswer(command.device, name_of(device))
    match device:
        case Invited() | Enrolled():
            return _decided(DeviceRevoked(command.device), answer)
        case Revoked():
            return Decision((), answer)
        case Unknown():
            raise _unknown()


type _Answer = DeviceAnswer | DeviceInvitedAnswer


def _decided(event: DeviceEvent, answer: _Answer) -> Decision:
    return Decision((Emitted(device_stream(event.device), event),), answer)


def _revoked(device: Revoked) -> Rejected:
    return Rejected(Reason.DEVICE_REVOKED, f"{device.name} was revoked, for good. Invite the machine under a new id.")


def _unknown() -> Rejected:
    return Rejected(Reason.UNKNOWN_DEVICE, "There is no device with this id.")
