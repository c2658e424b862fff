"""What integrators are told of tills that were away. What people or tills said in words stays here."""

from collections.abc import Sequence
from typing import Literal

from consign.domain.ledger.events import ItemsRefunded, ItemsReleasedByVoid
from consign.domain.ledger.manual_lines import ManualLineCredited, ManualLineKept, ManualLineMatched
from consign.domain.ledger.offline_events import ConflictAccepted, ConflictFound, QuarantineEnded, SaleQuarantined
from consign.domain.tag import is_tag
from consign.projections import public_offline_events as public

type Offline = ConflictFound | ConflictAccepted | SaleQuarantined | QuarantineEnded
type Outcome = Literal["matched", "credited", "kept", "given_back", "voided"]

OFFLINE = frozenset({"conflict-found", "conflict-accepted", "sale-quarantined", "quarantine-ended"})


def of_offline(event: Offline, currency: str) -> public.OfflineData:
    """Map one internal event to what is published of it; `currency` is the sale's."""
    match event:
        case ConflictFound():
            return public.ConflictRecorded(
                sale=event.sale,
                conflict=event.conflict,
                kind=event.kind,
                receipt=event.receipt,
                till=event.till,
                tag=event.scanned if is_tag(event.scanned) else None,
                amount_minor=event.amount_minor,
                currency=currency,
                other_receipt=event.other_receipt,
                recorded_at=event.found_at,
            )
        case ConflictAccepted():
            return public.ConflictResolved(event.sale, event.conflict, "accepted")
        case SaleQuarantined():
            return public.UploadQuarantined(event.sale, event.quarantine, event.till or None, event.received_at)
        case QuarantineEnded():
            return public.QuarantineEnded(event.sale, event.quarantine, event.outcome)


def lines_ended(event: object) -> Sequence[tuple[str, Outcome]]:
    """Return the manual lines whose money waits no longer, and why: one that a conflict is about ends it, too."""
    match event:
        case ManualLineMatched(line=line):
            return ((line, "matched"),)
        case ManualLineCredited(line=line):
            return ((line, "credited"),)
        case ManualLineKept(line=line):
            return ((line, "kept"),)
        case ItemsRefunded(manual=refunded):
            return [(line.tag, "given_back") for line in refunded if line.returned_to is not None]
        case ItemsReleasedByVoid(manual=lines):
            return [(line, "voided") for line in lines]
        case _:
            return ()
