"""The conflicts desk: what tills uploaded, what contradicts, and what could not be read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.ledger.events import ItemsRefunded, ItemsReleasedByVoid
from consign.domain.ledger.manual_lines import ManualLineCredited, ManualLineKept, ManualLineMatched
from consign.domain.ledger.offline_events import (
    Anomaly,
    ConflictAccepted,
    ConflictFound,
    ConflictKind,
    Difference,
    OfflineEvent,
    OfflineSaleReceived,
    Override,
    QuarantineEnded,
    SaleQuarantined,
)
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class ConflictRow(Struct, frozen=True):
    """What happened offline contradicts what was known here: `receipt` against `other_receipt`, where one sold it.

    `line` is the manual line that holds `amount_minor` of the shopper's money until it is matched, credited, kept or
    given back; a conflict without one holds nothing and is accepted.
    """

    conflict: str
    sale: str
    kind: ConflictKind
    receipt: str
    till: str
    session: str
    found_at: datetime
    detail: str
    scanned: str
    line: str | None
    amount_minor: int
    other_receipt: str | None
    other_till: str | None
    differences: tuple[Difference, ...] = ()
    status: Literal["open", "accepted", "matched", "credited", "kept", "given_back", "voided"] = "open"
    reason: str | None = None
    resolved_at: datetime | None = None


class UploadRow(Struct, frozen=True):
    """A sale that was made offline. `occurred_at` and `sent_at` are the till's words, `sold_at` is what counts."""

    upload: str
    sale: str
    receipt: str
    printed: str
    till: str
    session: str
    counter: int
    occurred_at: str
    sent_at: str
    received_at: datetime
    sold_at: datetime
    anomalies: tuple[Anomaly, ...]
    flagged: bool
    overrides: tuple[Override, ...]
    conflicts: tuple[str, ...]


class QuarantineRow(Struct, frozen=True):
    """An uploaded sale that could not be read; without a `session` a whole upload."""

    quarantine: str
    sale: str
    till: str
    session: str | None
    cashier: str
    sent_at: str
    received_at: datetime
    error: str
    status: Literal["waiting", "repaired", "discarded"] = "waiting"
    reason: str | None = None
    upload: str | None = None


class QuarantinedBytesRow(Struct, frozen=True):
    """What could not be read: `data`, sealed under `key`. Apart from its row, for it may be large."""

    quarantine: str
    sale: str
    key: str
    data: str


type OfLine = ManualLineMatched | ManualLineCredited | ManualLineKept | ItemsRefunded | ItemsReleasedByVoid
type Handled = OfflineEvent | OfLine


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case OfflineSaleReceived() | ConflictFound() | SaleQuarantined():
            return ()
        case ConflictAccepted(conflict=conflict):
            return (("conflicts", (conflict,)),)
        case QuarantineEnded(quarantine=quarantine):
            return (("quarantine", (quarantine,)),)
        case ManualLineMatched() | ManualLineCredited() | ManualLineKept():
            return (("conflicts", (event.line,)),)
        case ItemsRefunded(manual=refunded):
            return [("conflicts", (line.tag,)) for line in refunded]
        case ItemsReleasedByVoid(manual=lines):
            return [("conflicts", (line,)) for line in lines]


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:  # noqa: C901 - a case an event
    match event:
        case OfflineSaleReceived():
            return (Put("uploads", _uploaded(event)),)
        case ConflictFound():
            return (Put("conflicts", _found(event)),)
        case SaleQuarantined():
            data = QuarantinedBytesRow(event.quarantine, event.sale, event.key, event.data)
            return (Put("quarantine", _quarantined(event)), Put("quarantined_bytes", data))
        case QuarantineEnded():
            kept: QuarantineRow = required(rows, "quarantine", (event.quarantine,))
            ended = replace(kept, status=event.outcome, reason=event.reason or None, upload=event.upload)
            return (Put("quarantine", ended),)
        case ConflictAccepted():
            row: ConflictRow = required(rows, "conflicts", (event.conflict,))
            accepted = replace(row, status="accepted", reason=event.reason, resolved_at=stored.recorded_at)
            return (Put("conflicts", accepted),)
        case ManualLineMatched():
            return _resolved(stored, rows, event.line, "matched")
        case ManualLineCredited():
            return _resolved(stored, rows, event.line, "credited")
        case ManualLineKept(reason=reason):
            return _resolved(stored, rows, event.line, "kept", reason)
        case ItemsRefunded(manual=refunded):
            whole = (line.tag for line in refunded if line.returned_to is not None)
            return [change for line in whole for change in _resolved(stored, rows, line, "given_back")]
        case ItemsReleasedByVoid(manual=lines):
            return [change for line in lines for change in _resolved(stored, rows, line, "voided")]


def _resolved(
    stored: StoredEvent,
    rows: Rows,
    line: str,
    status: Literal["matched", "credited", "kept", "given_back", "voided"],
    reason: str | None = None,
) -> Sequence[Change]:
    """Return what becomes of the conflict that a manual line holds the money of; most hold that of none."""
    row: ConflictRow | None = rows.get("conflicts", (line,))
    if row is None:
        return ()
    return (Put("conflicts", replace(row, status=status, reason=reason, resolved_at=stored.recorded_at)),)


def _found(event: ConflictFound) -> ConflictRow:
    return ConflictRow(
        conflict=event.conflict,
        sale=event.sale,
        kind=event.kind,
        receipt=event.receipt,
        till=event.till,
        session=event.session,
        found_at=event.found_at,
        detail=event.detail,
        scanned=event.scanned,
        line=event.line,
        amount_minor=event.amount_minor,
        other_receipt=event.other_receipt,
        other_till=event.other_till,
        differences=event.differences,
    )


def _uploaded(event: OfflineSaleReceived) -> UploadRow:
    return UploadRow(
        upload=event.upload,
        sale=event.sale,
        receipt=event.receipt,
        printed=event.printed,
        till=event.till,
        session=event.session,
        counter=event.counter,
        occurred_at=event.occurred_at.isoformat(),
        sent_at=event.sent_at.isoformat(),
        received_at=event.received_at,
        sold_at=event.sold_at,
        anomalies=event.anomalies,
        flagged=bool(event.anomalies),
        overrides=event.overrides,
        conflicts=event.conflicts,
    )


def _quarantined(event: SaleQuarantined) -> QuarantineRow:
    return QuarantineRow(
        quarantine=event.quarantine,
        sale=event.sale,
        till=event.till,
        session=event.session,
        cashier=event.cashier,
        sent_at=event.sent_at.isoformat(),
        received_at=event.received_at,
        error=event.error,
    )


CONFLICTS = Projection(
    name="conflicts",
    version=3,
    tables=(
        Table("conflicts", ConflictRow, key=("conflict",), indexes=(("sale", "found_at"), ("sale", "receipt"))),
        Table("uploads", UploadRow, key=("upload",), indexes=(("sale", "received_at"), ("session",))),
        Table("quarantine", QuarantineRow, key=("quarantine",), indexes=(("sale", "received_at"),)),
        Table("quarantined_bytes", QuarantinedBytesRow, key=("quarantine",)),
    ),
    handles=frozenset(
        {
            "offline-sale-received",
            "conflict-found",
            "conflict-accepted",
            "sale-quarantined",
            "quarantine-ended",
            "manual-line-matched",
            "manual-line-credited",
            "manual-line-kept",
            "items-refunded",
            "items-released-by-void",
        }
    ),
    reads=_reads,
    apply=_apply,
)
