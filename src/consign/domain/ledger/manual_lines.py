"""What was sold without a tag: lines that a cashier typed in, until an organizer finds out whose they are."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.ledger.events import ManualLine, RefundedLine, SoldLine
from consign.domain.values import ParticipationId, ReceiptNumber, SaleId, TagCode


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class ManualLineMatched(Struct, frozen=True, gc=False, tag="manual-line-matched"):
    """It was this item: the item is sold by the line's receipt, for what the line cost."""

    sale: SaleId
    line: TagCode
    receipt: ReceiptNumber
    till: str
    sold_at: datetime
    item: SoldLine


class ManualLineCredited(Struct, frozen=True, gc=False, tag="manual-line-credited"):
    """It was this consignor's, whatever item it was: `credited` counts for them as a sold item, under the line's id."""

    sale: SaleId
    line: TagCode
    receipt: ReceiptNumber
    consignor: int
    credited: SoldLine


class ManualLineKept(Struct, frozen=True, gc=False, tag="manual-line-kept"):
    """Nobody knows whose it was: what is left of it is the organizer's."""

    sale: SaleId
    line: TagCode
    receipt: ReceiptNumber
    kept: ManualLine
    reason: str


type ManualLineEvent = ManualLineMatched | ManualLineCredited | ManualLineKept


class Unmatched(Struct, frozen=True, gc=False, tag="unmatched"): ...


class Matched(Struct, frozen=True, gc=False, tag="matched"):
    """From here on the line is the item's: what is left of it stands there."""

    tag: TagCode


class CreditedTo(Struct, frozen=True, gc=False, tag="credited"):
    participation: ParticipationId
    consignor: int


class Kept(Struct, frozen=True, gc=False, tag="kept"): ...


class GivenBack(Struct, frozen=True, gc=False, tag="given_back"): ...


class Undone(Struct, frozen=True, gc=False, tag="voided"):
    """Its receipt was voided."""


type Outcome = Unmatched | Matched | CreditedTo | Kept | GivenBack | Undone

_UNMATCHED = Unmatched()


class PaidLine(Struct, frozen=True, gc=False):
    """`line` is what is left after refunds of a part."""

    receipt: ReceiptNumber
    line: ManualLine
    outcome: Outcome = _UNMATCHED


type PaidLines = HashTrieMap[TagCode, PaidLine]


def after_payment(lines: PaidLines, receipt: ReceiptNumber, paid: Iterable[ManualLine]) -> PaidLines:
    """Return the lines with those of one more receipt."""
    for line in paid:
        lines = lines.insert(line.line, PaidLine(receipt, line))
    return lines


def after_void(lines: PaidLines, undone: Iterable[TagCode]) -> PaidLines:
    """Return the lines after their receipt was voided."""
    for line in undone:
        lines = lines.insert(line, replace(lines[line], outcome=Undone()))
    return lines


def after_refund(lines: PaidLines, refunded: Iterable[RefundedLine]) -> PaidLines:
    """Return the lines after a whole line or part of one was given back."""
    for back in refunded:
        known = lines[back.tag]
        if back.returned_to is not None:
            lines = lines.insert(back.tag, replace(known, outcome=GivenBack()))
            continue
        left = replace(
            known.line,
            price_minor=known.line.price_minor - back.refund_minor,
            discount_minor=known.line.discount_minor - back.discount_minor,
            tax_minor=known.line.tax_minor - back.tax_minor,
            surcharge_minor=known.line.surcharge_minor - back.surcharge_minor,
        )
        lines = lines.insert(back.tag, replace(known, line=left))
    return lines


def after_resolution(lines: PaidLines, event: ManualLineEvent) -> PaidLines:
    """Return the lines after it was found out whose one of them is."""
    outcome: Outcome
    match event:
        case ManualLineMatched(item=item):
            outcome = Matched(item.tag)
        case ManualLineCredited(consignor=consignor, credited=credited):
            outcome = CreditedTo(credited.participation, consignor)
        case ManualLineKept():
            outcome = Kept()
    return lines.insert(event.line, replace(lines[event.line], outcome=outcome))


def unmatched(lines: PaidLines) -> list[PaidLine]:
    """Return the lines that wait for an organizer to find out whose they are."""
    return [paid for paid in lines.values() if isinstance(paid.outcome, Unmatched)]
