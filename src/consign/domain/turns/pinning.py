"""What is asked about PINs: which actor each command decides over, and the decisions."""

from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.membership import Former, Member, Membership, Nobody
from consign.domain.pins import PinAnswer, PinCommand, PinSet, PinTaken, SetPin, TakePin
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.turns.actors import States, membership_stream


def needs(command: PinCommand, _: States) -> tuple[StreamName, ...]:
    """Name the streams to load."""
    return (membership_stream(command.account),)


def decide(command: PinCommand, states: States, _: datetime) -> Decision:
    member = _member(states[membership_stream(command.account)])
    version = member.pin_version + 1
    match command:
        case SetPin(account=account, name=name):
            return _decided(PinSet(account, version, name))
        case TakePin(account=account):
            if not member.has_pin:
                return Decision((), PinAnswer(account, member.pin_version))
            return _decided(PinTaken(account, version))


def _decided(event: PinSet | PinTaken) -> Decision:
    return Decision((Emitted(membership_stream(event.account), event),), PinAnswer(event.account, event.version))


def _member(membership: Membership) -> Member:
    match membership:
        case Member():
            return membership
        case Former() | Nobody():
            raise Rejected(Reason.UNKNOWN_MEMBER, "Nobody with this account is a member here.")
