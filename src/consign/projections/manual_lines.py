"""What was sold without a readable tag, and whose it turned out to be."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.amounts import paid_minor
from consign.domain.ledger.events import ItemsRefunded, ItemsReleasedByVoid, ItemsSold, ManualLine, RefundedLine
from consign.domain.ledger.manual_lines import ManualLineCredited, ManualLineKept, ManualLineMatched
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class ManualLineRow(Struct, frozen=True):
    """A line that was typed in at a till. `consignor` is the number the cashier could read, or zero.

    `price_minor` is what is left of the price after refunds, `paid_minor` what the shopper paid for the line at first.
    `tag` is the item it turned out to be, `participation` who was credited. Once it is an item's, refunds stand there.
    """

    line: str
    sale: str
    receipt: str
    till: str
    session: str
    consignor: int
    category: str
    description: str
    price_minor: int
    paid_minor: int
    sold_at: datetime
    status: Literal["unmatched", "matched", "credited", "kept", "given_back", "voided"] = "unmatched"
    tag: str | None = None
    participation: str | None = None
    reason: str | None = None
    resolved_at: datetime | None = None


type Resolved = ManualLineMatched | ManualLineCredited | ManualLineKept
type Handled = ItemsSold | ItemsReleasedByVoid | ItemsRefunded | Resolved


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case ItemsSold():
            return ()
        case ItemsReleasedByVoid(manual=lines):
            return [("manual_lines", (line,)) for line in lines]
        case ItemsRefunded(manual=refunded):
            return [("manual_lines", (line.tag,)) for line in refunded]
        case ManualLineMatched() | ManualLineCredited() | ManualLineKept():
            return (("manual_lines", (event.line,)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case ItemsSold():
            return [Put("manual_lines", _sold(line, event)) for line in event.manual]
        case ItemsReleasedByVoid(manual=lines):
            return [Put("manual_lines", replace(_row(rows, line), status="voided")) for line in lines]
        case ItemsRefunded(manual=refunded):
            return [Put("manual_lines", _refunded(_row(rows, line.tag), line)) for line in refunded]
        case ManualLineMatched() | ManualLineCredited() | ManualLineKept():
            resolved = replace(_row(rows, event.line), resolved_at=stored.recorded_at)
            return (Put("manual_lines", _resolved(resolved, event)),)


def _row(rows: Rows, line: str) -> ManualLineRow:
    row: ManualLineRow = required(rows, "manual_lines", (line,))
    return row


def _sold(line: ManualLine, event: ItemsSold) -> ManualLineRow:
    return ManualLineRow(
        line=line.line,
        sale=event.sale,
        receipt=event.receipt,
        till=event.till,
        session=event.session,
        consignor=line.consignor,
        category=line.category,
        description=line.description,
        price_minor=line.price_minor,
        paid_minor=paid_minor(line),
        sold_at=event.sold_at,
    )


def _refunded(row: ManualLineRow, line: RefundedLine) -> ManualLineRow:
    left = replace(row, price_minor=line.price_minor - line.refund_minor)
    return left if line.returned_to is None else replace(left, status="given_back")


def _resolved(row: ManualLineRow, event: Resolved) -> ManualLineRow:
    match event:
        case ManualLineMatched(item=item):
            return replace(row, status="matched", tag=item.tag, participation=item.participation)
        case ManualLineCredited(consignor=consignor, credited=credited):
            return replace(row, status="credited", consignor=consignor, participation=credited.participation)
        case ManualLineKept(reason=reason):
            return replace(row, status="kept", reason=reason)


MANUAL_LINES = Projection(
    name="manual_lines",
    version=1,
    tables=(
        Table(
            "manual_lines",
            ManualLineRow,
            key=("line",),
            indexes=(("sale", "sold_at"), ("sale", "receipt")),
        ),
    ),
    handles=frozenset(
        {
            "items-sold",
            "items-released-by-void",
            "items-refunded",
            "manual-line-matched",
            "manual-line-credited",
            "manual-line-kept",
        }
    ),
    reads=_reads,
    apply=_apply,
)
