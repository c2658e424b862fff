"""What an organizer lets somebody else do by entering a PIN, decided on the membership as it stands at this moment."""

from msgspec.structs import replace

from consign.domain.membership import Former, Member, Membership, Nobody
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.session.price_commands import PriceCommand
from consign.domain.turns.actors import States, membership_stream


def approvers(command: PriceCommand) -> tuple[StreamName, ...]:
    """Name the membership of whoever approves."""
    return () if command.approval is None else (membership_stream(command.approval.by),)


def approved[Approvable: PriceCommand](command: Approvable, states: States) -> Approvable:
    """Return the command as of whoever approves it; raises Rejected with `approval_refused`."""
    if command.approval is None:
        return command
    membership: Membership = states[membership_stream(command.approval.by)]
    match membership:
        case Member(roles=roles, has_pin=True, pin_version=version) if version == command.approval.pin_version:
            if "organizer" in roles:
                return replace(command, role="organizer")
        case Member() | Former() | Nobody():
            pass
    raise Rejected(Reason.APPROVAL_REFUSED, "An organizer has to approve this, with the PIN that they have now.")
