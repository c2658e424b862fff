"""What is recorded of access: which actor each command decides over, and the decisions."""

from datetime import datetime

from consign.domain.account import AccountAnswer
from consign.domain.auditing import (
    AccessRefused,
    AuditCommand,
    AuditEvent,
    DataShown,
    RecordDisclosure,
    RecordRefusedAccess,
)
from consign.domain.decision import Decision, Emitted
from consign.domain.recorded import StreamName
from consign.domain.turns.actors import States, account_stream


def needs(command: AuditCommand, _: States) -> tuple[StreamName, ...]:
    """Name the streams to load."""
    return (account_stream(command.account),)


def decide(command: AuditCommand, _: States, __: datetime) -> Decision:
    return Decision((Emitted(account_stream(command.account), _fact(command)),), AccountAnswer(command.account))


def _fact(command: AuditCommand) -> AuditEvent:
    match command:
        case RecordRefusedAccess(account=account, endpoint=endpoint, reason=reason):
            return AccessRefused(account, endpoint, reason)
        case RecordDisclosure(account=account, shown=shown, about=about, because=because):
            return DataShown(account, shown, about, because)
