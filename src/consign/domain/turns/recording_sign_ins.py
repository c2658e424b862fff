"""What is recorded of accounts on the platform: which actor each command decides over, and the decisions."""

from datetime import datetime

from consign.domain.account import Account, AccountAnswer, Forgotten, Unknown
from consign.domain.decision import Decision, Emitted
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.signing_in import (
    AccountForgotten,
    AccountOpened,
    PasswordChanged,
    RecordAccountEnd,
    RecordPasswordChange,
    RecordRefusedSignIn,
    RecordSessionsEnd,
    RecordSignIn,
    RecordWaysChange,
    SessionsEnded,
    SignedIn,
    SignInCommand,
    SignInEvent,
    SignInRefused,
    WaysChanged,
)
from consign.domain.turns.actors import States, account_stream


def needs(command: SignInCommand, _: States) -> tuple[StreamName, ...]:
    """Name the streams to load."""
    return (account_stream(command.account),)


def decide(command: SignInCommand, states: States, _: datetime) -> Decision:
    stream = account_stream(command.account)
    events = tuple(Emitted(stream, event) for event in _facts(command, states[stream]))
    return Decision(events, AccountAnswer(command.account))


def _facts(command: SignInCommand, account: Account) -> tuple[SignInEvent, ...]:
    match command:
        case RecordSignIn():
            return _sign_in(command, account)
        case RecordRefusedSignIn(account=identity, way=way):
            return (SignInRefused(identity, way),)
        case RecordSessionsEnd(account=identity, sessions=sessions, because=because):
            return (SessionsEnded(identity, sessions, because),)
        case RecordPasswordChange(account=identity):
            return (PasswordChanged(identity),)
        case RecordWaysChange(account=identity):
            return (WaysChanged(identity),)
        case RecordAccountEnd(account=identity):
            return () if isinstance(account, Forgotten) else (AccountForgotten(identity),)


def _sign_in(command: RecordSignIn, account: Account) -> tuple[SignInEvent, ...]:
    signed_in = SignedIn(command.account, command.session, command.way)
    if isinstance(account, Forgotten):
        raise Rejected(Reason.PERSON_FORGOTTEN, "This person was forgotten, for good.")
    if isinstance(account, Unknown):
        return (AccountOpened(command.account, command.address), signed_in)
    return (signed_in,)
