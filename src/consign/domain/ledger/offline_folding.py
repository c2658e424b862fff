"""How the ledger changes by what tills upload, and by what organizers say of it."""

from msgspec.structs import replace

from consign.domain.ledger.offline_events import (
    ConflictAccepted,
    ConflictFound,
    OfflineEvent,
    OfflineSaleReceived,
    QuarantineEnded,
    SaleQuarantined,
)
from consign.domain.ledger.offline_state import Conflict, Quarantined, Received
from consign.domain.ledger.state import Ledger


def evolve(ledger: Ledger, event: OfflineEvent) -> Ledger:
    """Return the ledger after the event."""
    match event:
        case OfflineSaleReceived(upload=upload, receipt=receipt, digest=digest, conflicts=conflicts):
            return replace(ledger, received=ledger.received.insert(upload, Received(receipt, digest, conflicts)))
        case ConflictFound(conflict=conflict, receipt=receipt, line=line):
            return replace(ledger, conflicts=ledger.conflicts.insert(conflict, Conflict(receipt, line)))
        case ConflictAccepted(conflict=conflict):
            accepted = replace(ledger.conflicts[conflict], accepted=True)
            return replace(ledger, conflicts=ledger.conflicts.insert(conflict, accepted))
        case SaleQuarantined(quarantine=quarantine):
            kept = Quarantined(event.session, event.till, event.cashier, event.sent_at, event.received_at)
            return replace(ledger, quarantine=ledger.quarantine.insert(quarantine, kept))
        case QuarantineEnded(quarantine=quarantine):
            ended = replace(ledger.quarantine[quarantine], waits=False)
            return replace(ledger, quarantine=ledger.quarantine.insert(quarantine, ended))
