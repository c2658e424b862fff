"""The closed lists of what was given away: who closed each and when, what stood on it, and whether it still stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.ledger.floor_events import DonatedCategory, DonationsClosed, DonationsReopened
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class DonationListRow(Struct, frozen=True):
    """At `closed_position` the history shows what stood on it. `reopened_…` are set once it does not stand any more."""

    sale: str
    number: int
    status: Literal["closed", "reopened"]
    items: int
    asked_minor: int
    categories: tuple[DonatedCategory, ...]
    closed_at: datetime
    closed_by: str | None
    closed_position: int
    reopened_at: datetime | None = None
    reopened_by: str | None = None
    reason: str = ""


type Handled = DonationsClosed | DonationsReopened


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case DonationsClosed():
            return ()
        case DonationsReopened():
            return (("lists", (event.sale, event.number)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case DonationsClosed():
            closed = DonationListRow(
                event.sale,
                event.number,
                "closed",
                event.items,
                event.asked_minor,
                event.categories,
                event.closed_at,
                stored.account_id,
                stored.position,
            )
            return (Put("lists", closed),)
        case DonationsReopened():
            row: DonationListRow = required(rows, "lists", (event.sale, event.number))
            reopened = replace(
                row,
                status="reopened",
                reopened_at=event.reopened_at,
                reopened_by=stored.account_id,
                reason=event.reason,
            )
            return (Put("lists", reopened),)


DONATIONS = Projection(
    name="donations",
    version=1,
    tables=(Table("lists", DonationListRow, key=("sale", "number")),),
    handles=frozenset({"donations-closed", "donations-reopened"}),
    reads=_reads,
    apply=_apply,
)
