"""Cash that was carried from till to till, and what of it is still on its way."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.recorded import StoredEvent
from consign.domain.session.drawer_events import CashReceived, CashSent, CashTakenBack
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class TransferRow(Struct, frozen=True):
    """`difference_minor` is how much more (or, below zero, less) arrived than was sent."""

    transfer: str
    sale: str
    from_session: str
    from_till: str
    to_session: str
    to_till: str
    amount_minor: int
    status: Literal["on_its_way", "arrived", "taken_back"]
    sent_at: datetime
    reason: str = ""
    counted_minor: int | None = None
    difference_minor: int | None = None
    difference_reason: str | None = None
    ended_at: datetime | None = None


type Handled = CashSent | CashReceived | CashTakenBack


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case CashSent():
            return ()
        case CashReceived():
            return (("transfers", (event.from_session, event.transfer)),)
        case CashTakenBack():
            return (("transfers", (event.session, event.transfer)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case CashSent():
            sent = TransferRow(
                event.transfer,
                event.sale,
                event.session,
                event.till,
                event.to_session,
                event.to_till,
                event.amount_minor,
                "on_its_way",
                event.sent_at,
                event.reason,
            )
            return (Put("transfers", sent),)
        case CashReceived():
            row: TransferRow = required(rows, "transfers", (event.from_session, event.transfer))
            arrived = replace(
                row,
                status="arrived",
                counted_minor=event.counted_minor,
                difference_minor=event.difference_minor,
                difference_reason=event.reason or None,
                ended_at=event.received_at,
            )
            return (Put("transfers", arrived),)
        case CashTakenBack():
            row = required(rows, "transfers", (event.session, event.transfer))
            return (Put("transfers", replace(row, status="taken_back", ended_at=stored.recorded_at)),)


TRANSFERS = Projection(
    name="transfers",
    version=1,
    tables=(
        Table(
            "transfers",
            TransferRow,
            key=("from_session", "transfer"),
            indexes=(("sale", "status"), ("to_session",)),
        ),
    ),
    handles=frozenset({"cash-sent", "cash-received", "cash-taken-back"}),
    reads=_reads,
    apply=_apply,
)
