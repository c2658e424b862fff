"""What is asked about offline sales: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.ledger.state import Ledger
from consign.domain.offline_commands import (
    AcceptConflict,
    DiscardQuarantined,
    OfflineCommand,
    QuarantineUpload,
    RepairQuarantined,
    ReportUnsynced,
    UploadOfflineSales,
)
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.state import Closed, Open, Session, Unknown
from consign.domain.turns import uploading
from consign.domain.turns.actors import (
    States,
    ledger_of,
    ledger_stream,
    planned,
    sale_stream,
    session_stream,
)
from consign.domain.turns.uploading import Over
from consign.domain.values import SaleId, SessionId


def needs(command: OfflineCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case UploadOfflineSales(session=session, till=till):
            return _at_till(command.sale, session, till, states)
        case RepairQuarantined():
            session_id, name = _origin(command, states)
            return _at_till(command.sale, session_id, name, states)
        case ReportUnsynced(session=session):
            return _of_session(session_stream(session), states)
        case QuarantineUpload() | AcceptConflict() | DiscardQuarantined():
            return (sale_stream(command.sale), ledger_stream(command.sale))


def decide(command: OfflineCommand, states: States, now: datetime) -> Decision:
    match command:
        case UploadOfflineSales(session=session, till=till):
            return uploading.upload(command, _over(command.sale, session, till, states), now)
        case RepairQuarantined():
            session_id, name = _origin(command, states)
            if session_id is None or not name:
                raise uploading.homeless(command.quarantine, ledger_of(states, command.sale))
            return uploading.repair(command, session_id, name, _over(command.sale, session_id, name, states), now)
        case ReportUnsynced(session=session):
            here = _begun(states[session_stream(session)])
            return uploading.report_unsynced(command, here, planned(states, here.sale), now)
        case QuarantineUpload():
            planned(states, command.sale)
            return uploading.keep_upload(command, ledger_of(states, command.sale), now)
        case AcceptConflict():
            planned(states, command.sale)
            return uploading.accept(command, ledger_of(states, command.sale))
        case DiscardQuarantined():
            planned(states, command.sale)
            return uploading.discard(command, ledger_of(states, command.sale))


def _at_till(sale: SaleId, session: SessionId | None, till: str, states: States) -> tuple[StreamName, ...]:
    """Name the sale, its ledger, the session, and whatever else is open at the till."""
    streams = (sale_stream(sale), ledger_stream(sale))
    own = () if session is None else (session_stream(session),)
    match states.get(streams[0]):
        case Planned() as known:
            return (*streams, *own, *(session_stream(each) for each in _open_at(known, till) if each != session))
        case _:
            return (*streams, *own)


def _of_session(stream: StreamName, states: States) -> tuple[StreamName, ...]:
    """Name the session and its sale."""
    match states.get(stream):
        case Open(sale=sale) | Closed(sale=sale):
            return (stream, sale_stream(sale))
        case _:
            return (stream,)


def _begun(session: Session) -> Open | Closed:
    if isinstance(session, Unknown):
        raise Rejected(Reason.UNKNOWN_SESSION, "There is no session with this id.")
    return session


def _open_at(sale: Planned, till: str) -> tuple[SessionId, ...]:
    known = sale.tills.get(till)
    if known is None or known.session is None:
        return ()
    return (known.session, *known.others)


def _origin(command: RepairQuarantined, states: States) -> tuple[SessionId | None, str]:
    """Return where a sale in quarantine was made: as it was sent, or as it is mended."""
    ledger: Ledger | None = states.get(ledger_stream(command.sale))
    known = None if ledger is None else ledger.quarantine.get(command.quarantine)
    if known is None:
        return None, ""
    return command.session or known.session, command.till or known.till


def _over(sale: SaleId, session: SessionId, till: str, states: States) -> Over:
    known = planned(states, sale)
    at_till = (states[session_stream(each)] for each in _open_at(known, till) if each != session)
    others = tuple(each for each in at_till if isinstance(each, Open))
    return Over(states[session_stream(session)], known, ledger_of(states, sale), others)
