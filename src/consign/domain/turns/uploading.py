"""Uploads of sales that tills made by themselves, and what organizers make of what could not be read."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.offline_events import (
    Anomaly,
    ConflictAccepted,
    QuarantineEnded,
    QuarantineId,
    SaleQuarantined,
)
from consign.domain.ledger.offline_state import Quarantined
from consign.domain.ledger.state import Ledger
from consign.domain.nul import holds_nul
from consign.domain.offline_commands import (
    BODIES_LIMIT,
    SALE_BYTES_LIMIT,
    AcceptConflict,
    ConflictAnswer,
    DiscardQuarantined,
    KeptBytes,
    OfflineSale,
    QuarantineAnswer,
    QuarantineUpload,
    RepairQuarantined,
    ReportUnsynced,
    UnsyncedAnswer,
    UploadAnswer,
    UploadedSale,
    UploadOfflineSales,
)
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.events import SessionOpened
from consign.domain.session.offline_events import SessionRecordedOffline, UnsyncedReported
from consign.domain.session.state import Closed, Open, Session, Unknown, evolve
from consign.domain.tills import Till, TillOpened, TillUnsyncedReported
from consign.domain.turns.actors import ledger_stream, sale_stream, session_stream
from consign.domain.turns.drawer import TILLS_LIMIT, receipt_number
from consign.domain.turns.offline_checks import Unreadable
from consign.domain.turns.receiving import Receiving, Sent
from consign.domain.values import AccountId, SaleId, SessionId

_YEARS = range(2000, 2101)
"""What a clock may say that is only set wrongly."""

_DECODER = msgspec.json.Decoder(OfflineSale)

_QUOTED = re.compile(r"(unknown field|enum value|Invalid value) (?:`.*`|'.*'|-?\d+)(?= - at `|$)", re.DOTALL)
"""What the decoder repeats of what was sent: it may say anything about anybody."""


class Over(NamedTuple):
    """What an upload is decided over: its session, the sale, and what else is open at the till."""

    session: Session
    sale: Planned
    ledger: Ledger
    others: tuple[Open, ...]


class _Origin(NamedTuple):
    """Where sales were made, and when they were sent."""

    sale: SaleId
    session: SessionId
    till: str
    cashier: AccountId
    sent: Sent
    float_minor: int = 0
    opened_at: datetime | None = None


def upload(command: UploadOfflineSales, over: Over, now: datetime) -> Decision:
    """Take in what can be read, and keep the rest as it was sent; one holds up none of the others."""
    sales = list(zip(map(bytes, command.sales), command.kept, strict=True))
    sent = Sent(_plausible(command.sent_at, now), now)
    origin = _Origin(
        command.sale, command.session, command.till, command.cashier, sent, command.float_minor, command.opened_at
    )
    misplaced = _misplaced(origin, over)
    if misplaced:
        return _all_quarantined(command.kept, misplaced, origin, over)
    receiving = _receiving(origin, over, now)
    answers = tuple(_received(data, kept, origin, receiving) for data, kept in sales)
    receiving.finish()
    session = receiving.session
    if command.unsynced is not None:
        receiving.record(*_unsynced(session, receiving.sale, command.unsynced, now))
    following = receipt_number(session.till, receiving.counter + 1)
    return Decision(tuple(receiving.events), UploadAnswer(session.session, answers, following))


def _plausible(sent_at: datetime, now: datetime) -> datetime:
    """Return the till's time in UTC; a clock that is wrong by centuries says nothing, not even how wrong it is."""
    return sent_at.astimezone(UTC) if sent_at.year in _YEARS else now


def _misplaced(origin: _Origin, over: Over) -> str:
    """Say why nothing can be booked where the till says it was sold; empty where it can."""
    match over.session:
        case Open() | Closed() as session:
            if (session.sale, session.till) != (origin.sale, origin.till):
                return f"This session is of till {session.till} in sale {session.sale}, not of till {origin.till}."
        case Unknown():
            if origin.till not in over.sale.tills and len(over.sale.tills) >= TILLS_LIMIT:
                return f"A sale names at most {TILLS_LIMIT} tills."
    return ""


def _receiving(origin: _Origin, over: Over, now: datetime) -> Receiving:
    match over.session:
        case Open() | Closed() as session:
            return Receiving(session, over.sale, over.ledger, over.others, origin.sent, now)
        case Unknown():
            return _opened(origin, over, now)


def _opened(origin: _Origin, over: Over, now: datetime) -> Receiving:
    """Open the session that the till opened by itself."""
    till = over.sale.tills.get(origin.till) or Till(None)
    opened = SessionOpened(
        origin.session,
        origin.sale,
        origin.till,
        origin.cashier,
        origin.float_minor,
        over.sale.currency,
        max([till.receipt_counter, *(other.receipt_counter for other in over.others)]),
        max([till.refund_counter, *(other.refund_counter for other in over.others)]),
    )
    session = evolve(Unknown(), opened)
    assert isinstance(session, Open)
    receiving = Receiving(session, over.sale, over.ledger, over.others, origin.sent, now)
    receiving.events.append(Emitted(session_stream(origin.session), opened))
    receiving.record(
        TillOpened(origin.sale, origin.till, origin.session),
        SessionRecordedOffline(origin.sale, origin.session, origin.till, origin.opened_at or origin.sent.sent_at),
    )
    if over.others:
        receiving.flag(Anomaly("till_in_use", f"Session {over.others[0].session} was open at this till."))
    return receiving


def _received(data: bytes, kept: KeptBytes, origin: _Origin, receiving: Receiving) -> UploadedSale:
    try:
        return receiving.receive(_read(data))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, Unreadable) as unread:
        event = _quarantined(kept, _QUOTED.sub(r"\1", str(unread)), origin)
        if event.quarantine not in receiving.ledger.quarantine:
            receiving.record(event)
        return UploadedSale("quarantined", quarantine=event.quarantine, error=event.error)


def _read(data: bytes) -> OfflineSale:
    """Return the sale; raises what makes it one for the quarantine."""
    if len(data) > SALE_BYTES_LIMIT:
        raise Unreadable(f"It has {len(data)} bytes, a sale has {SALE_BYTES_LIMIT} at most.")
    if holds_nul(data):
        raise Unreadable("It holds U+0000, which no text here may hold.")
    return _DECODER.decode(data)


def _all_quarantined(kept: tuple[KeptBytes, ...], error: str, origin: _Origin, over: Over) -> Decision:
    found = [_quarantined(each, error, origin) for each in kept]
    answers = tuple(UploadedSale("quarantined", quarantine=each.quarantine, error=error) for each in found)
    events = tuple(
        Emitted(ledger_stream(origin.sale), each)
        for each in {each.quarantine: each for each in found}.values()
        if each.quarantine not in over.ledger.quarantine
    )
    till = over.sale.tills.get(origin.till) or Till(None)
    return Decision(
        events, UploadAnswer(origin.session, answers, receipt_number(origin.till, till.receipt_counter + 1))
    )


def keep_upload(command: QuarantineUpload, ledger: Ledger, now: datetime) -> Decision:
    """Keep an upload that cannot be read at all; what is sent again is kept once."""
    kept = command.kept
    name = kept.quarantine
    answer = UploadAnswer(None, (UploadedSale("quarantined", quarantine=name, error=command.error),), None)
    if name in ledger.quarantine:
        return Decision((), answer)
    if sum(each.waits and each.session is None for each in ledger.quarantine.values()) >= BODIES_LIMIT:
        raise Rejected(
            Reason.LIMIT_EXCEEDED, f"{BODIES_LIMIT} uploads that cannot be read wait already. Mend the till first."
        )
    event = SaleQuarantined(
        command.sale, name, None, "", command.uploaded_by, now, now, command.error, kept.key, kept.data
    )
    return Decision((Emitted(ledger_stream(command.sale), event),), answer)


def _quarantined(kept: KeptBytes, error: str, origin: _Origin) -> SaleQuarantined:
    return SaleQuarantined(
        origin.sale,
        kept.quarantine,
        origin.session,
        origin.till,
        origin.cashier,
        origin.sent.sent_at,
        origin.sent.received_at,
        error,
        kept.key,
        kept.data,
    )


def report_unsynced(command: ReportUnsynced, session: Open | Closed, sale: Planned, now: datetime) -> Decision:
    """Remember how many sales the till still holds, also after its session was closed."""
    said = _unsynced(session, sale, command.unsynced, now)
    streams = {UnsyncedReported: session_stream(session.session), TillUnsyncedReported: sale_stream(session.sale)}
    answer = UnsyncedAnswer(session.session, command.unsynced)
    return Decision(tuple(Emitted(streams[type(event)], event) for event in said), answer)


def _unsynced(
    session: Open | Closed, sale: Planned, count: int, now: datetime
) -> list[UnsyncedReported | TillUnsyncedReported]:
    """Return what is news to the open session; and to the sale, where the till held sales of closed ones."""
    said: list[UnsyncedReported | TillUnsyncedReported] = []
    if isinstance(session, Open) and session.unsynced != count:
        said.append(UnsyncedReported(session.sale, session.session, session.till, count, now))
    held = (sale.tills.get(session.till) or Till(None)).unsynced
    if held != count and (held != 0 or isinstance(session, Closed)):
        said.append(TillUnsyncedReported(session.sale, session.till, session.session, count, now))
    return said


def accept(command: AcceptConflict, ledger: Ledger) -> Decision:
    """Take note of a conflict that holds no money."""
    conflict = ledger.conflicts.get(command.conflict)
    if conflict is None:
        raise Rejected(Reason.UNKNOWN_CONFLICT, "The sale has no conflict with this id.")
    if conflict.line is not None:
        raise Rejected(
            Reason.CONFLICT_HOLDS_MONEY,
            f"What was paid waits: match, credit or keep the manual line {conflict.line}, or refund it.",
        )
    answer = ConflictAnswer(command.sale, command.conflict)
    if conflict.accepted:
        return Decision((), answer)
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the conflict is accepted.")
    event = ConflictAccepted(command.sale, command.conflict, command.reason, command.accepted_by)
    return Decision((Emitted(ledger_stream(command.sale), event),), answer)


def repair(command: RepairQuarantined, session: SessionId, till: str, over: Over, now: datetime) -> Decision:
    """Take in what was mended where it was sold; it counts as sent when it was sent first."""
    known = _waiting(command.quarantine, over.ledger)
    sent = Sent(known.sent_at, known.received_at)
    origin = _Origin(command.sale, session, till, known.cashier, sent)
    misplaced = _misplaced(origin, over)
    if misplaced:
        raise Rejected(Reason.UPLOAD_INVALID, misplaced)
    receiving = _receiving(origin, over, now)
    try:
        received = receiving.receive(command.repaired)
    except Unreadable as unread:
        raise Rejected(Reason.UPLOAD_INVALID, str(unread)) from unread
    receiving.record(
        QuarantineEnded(
            command.sale, command.quarantine, "repaired", command.ended_by, command.reason, command.repaired.sale_id
        )
    )
    receiving.finish()
    return Decision(tuple(receiving.events), QuarantineAnswer(command.quarantine, received))


def discard(command: DiscardQuarantined, ledger: Ledger) -> Decision:
    """Say that nothing is to be taken in; the bytes stay until their key is destroyed."""
    _waiting(command.quarantine, ledger)
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why nothing of it is to be taken in.")
    event = QuarantineEnded(command.sale, command.quarantine, "discarded", command.ended_by, command.reason)
    return Decision((Emitted(ledger_stream(command.sale), event),), QuarantineAnswer(command.quarantine))


def _waiting(quarantine: QuarantineId, ledger: Ledger) -> Quarantined:
    known = ledger.quarantine.get(quarantine)
    if known is None:
        raise Rejected(Reason.UNKNOWN_QUARANTINE, "The sale has nothing in quarantine under this id.")
    if not known.waits:
        raise Rejected(Reason.QUARANTINE_ENDED, "It was repaired or discarded before.")
    return known


def homeless(quarantine: QuarantineId, ledger: Ledger) -> Rejected:
    """Return the refusal to repair what nobody says the session of; raises Rejected where nothing waits."""
    _waiting(quarantine, ledger)
    return Rejected(Reason.UPLOAD_INVALID, "Say in which session it was sold, and at which till.")
