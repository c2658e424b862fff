"""How far a caller's role reaches, seen to in one place before any command is decided.

What belongs to somebody is named by the command itself: a till's session, an account, a participation. Commands that
name things by consignor number or tag carry their `actor`, and `Reach` looks at each thing.
"""

from typing import Any

from msgspec import structs

from consign.domain.commands import Command
from consign.domain.offline_commands import QuarantineUpload
from consign.domain.participation.state import Participation
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.session.state import Closed, Open, Session, Unknown
from consign.domain.turns.actors import States, participation_stream, session_stream
from consign.domain.turns.ownership import require_own
from consign.domain.values import AccountId, Actor


def require_reach(command: Command, states: States, actor: Actor) -> None:
    """Raise Rejected where the command is about something that is none of the caller's business."""
    match actor.scope:
        case "all":
            return
        case "own_session" if isinstance(command, QuarantineUpload):
            return  # what cannot be read names no session, and is kept whoever sends it
        case "own_session":
            if _cashier(states[_session(command)]) not in (None, actor.account):
                raise Rejected(
                    Reason.NOT_YOUR_SESSION,
                    "Another cashier stands at this till. Open a session of your own, or have this one handed over.",
                )
        case "own":
            _require_own(command, states, actor)


def acted_for(command: Command, states: States, actor: Actor) -> AccountId | None:
    """Return the cashier in whose session an organizer acts; None where nobody else's session is concerned."""
    if actor.role != "organizer" or not hasattr(command, "session"):
        return None
    standing = _cashier(states.get(_session(command), Unknown()))
    return None if standing == actor.account else standing


def names_whose_it_is(command: type[Any], scope: str) -> bool:
    """Whether commands of this type name what a grant of this scope is checked by."""
    fields = {field.name for field in structs.fields(command)}
    match scope:
        case "own_session":
            return "session" in fields
        case "own":
            return bool(fields & {"account", "actor", "participation"})
        case _:
            return True


def _session(command: Any) -> StreamName:
    return session_stream(command.session)


def _cashier(session: Session) -> AccountId | None:
    """Return who stands at the till; nobody yet at one that is still to be opened."""
    match session:
        case Open(cashier=cashier) | Closed(cashier=cashier):
            return cashier
        case Unknown():
            return None


def _require_own(command: Any, states: States, actor: Actor) -> None:
    if hasattr(command, "account"):
        if command.account != actor.account:
            raise Rejected(Reason.UNKNOWN_ACCOUNT, "Nobody with this account is known here.")
    elif not hasattr(command, "actor"):
        participation: Participation = states[participation_stream(command.participation)]
        require_own(actor, participation)
