"""How the ledger changes when things are sold, voided and refunded, and when lines without a tag are resolved."""

from __future__ import annotations

from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.ledger.events import (
    ItemsRefunded,
    ItemsReleasedByVoid,
    ItemsSold,
    RefundedLine,
    SoldLine,
)
from consign.domain.ledger.manual_lines import (
    CreditedTo,
    ManualLineCredited,
    ManualLineEvent,
    ManualLineKept,
    ManualLineMatched,
    after_payment,
    after_refund,
    after_resolution,
    after_void,
)
from consign.domain.ledger.state import (
    LISTED,
    NOBODY,
    ON_FLOOR,
    ConsignorItems,
    Held,
    Item,
    Ledger,
    Returned,
    Sold,
    SoldReceipt,
    Status,
    dropped,
)
from consign.domain.values import ReceiptNumber, TagCode

type TradeEvent = ItemsSold | ItemsReleasedByVoid | ItemsRefunded | ManualLineEvent

_RETURNED = Returned()


def evolve(ledger: Ledger, event: TradeEvent) -> Ledger:
    """Return the ledger after the event."""
    match event:
        case ItemsSold():
            return _sold(ledger, event)
        case ItemsReleasedByVoid():
            return _voided(ledger, event)
        case ItemsRefunded():
            return _refunded(ledger, event)
        case ManualLineMatched() | ManualLineCredited() | ManualLineKept():
            resolved = replace(ledger, manual_lines=after_resolution(ledger.manual_lines, event))
            return _resolved(resolved, event)


def _sold(ledger: Ledger, event: ItemsSold) -> Ledger:
    items, baskets = ledger.items, ledger.baskets
    left_floor = 0
    for line in event.lines:
        item = items[line.tag]
        match item.status:
            case Held(basket=other) if other != event.basket:
                baskets = dropped(baskets, other, line.tag)
            case _:
                pass
        items = items.insert(line.tag, Item(item.listed, _as_sold(event.receipt, line)))
        left_floor += not line.unchecked
    tags = tuple(line.tag for line in event.lines)
    manual = tuple(line.line for line in event.manual)
    receipt = SoldReceipt(event.session, event.till, event.sold_at, tags, event.tender_kinds, manual=manual)
    return replace(
        ledger,
        items=items,
        consignors=_counted(items, ledger.consignors, tags, 1),
        baskets=baskets.discard(event.basket),
        receipts=ledger.receipts.insert(event.receipt, receipt),
        sale_sequence=event.sale_sequence,
        sold_count=ledger.sold_count + len(tags),
        on_floor_count=ledger.on_floor_count - left_floor,
        manual_lines=after_payment(ledger.manual_lines, event.receipt, event.manual),
    )


def _resolved(ledger: Ledger, event: ManualLineEvent) -> Ledger:
    match event:
        case ManualLineMatched():
            return _matched(ledger, event)
        case ManualLineCredited(consignor=consignor, line=line):
            known = ledger.consignors.get(consignor, NOBODY)
            theirs = replace(known, sold=known.sold + 1, credited=(*known.credited, line))
            return replace(
                ledger,
                consignors=ledger.consignors.insert(consignor, theirs),
                sold_count=ledger.sold_count + 1,
            )
        case ManualLineKept():
            return ledger


def _matched(ledger: Ledger, event: ManualLineMatched) -> Ledger:
    """Sell the item by the line's receipt; a basket that let its hold run out has lost it."""
    line = event.item
    item, receipt = ledger.items[line.tag], ledger.receipts[event.receipt]
    baskets = ledger.baskets
    match item.status:
        case Held(basket=basket):
            baskets = dropped(baskets, basket, line.tag)
        case _:
            pass
    items = ledger.items.insert(line.tag, Item(item.listed, _as_sold(event.receipt, line)))
    return replace(
        ledger,
        items=items,
        consignors=_counted(items, ledger.consignors, (line.tag,), 1),
        baskets=baskets,
        receipts=ledger.receipts.insert(event.receipt, replace(receipt, tags=(*receipt.tags, line.tag))),
        sold_count=ledger.sold_count + 1,
        on_floor_count=ledger.on_floor_count - (not line.unchecked),
    )


def _as_sold(receipt: ReceiptNumber, line: SoldLine) -> Sold:
    return Sold(
        receipt,
        line.price_minor,
        line.unchecked,
        line.discount_minor,
        line.tax_minor,
        line.tax_rate_ppm,
        line.tax_included,
        line.surcharge_minor,
    )


def _counted(
    items: HashTrieMap[TagCode, Item],
    consignors: HashTrieMap[int, ConsignorItems],
    tags: tuple[TagCode, ...],
    change: int,
) -> HashTrieMap[int, ConsignorItems]:
    for tag in tags:
        consignor = items[tag].listed.consignor
        known = consignors[consignor]
        consignors = consignors.insert(consignor, replace(known, sold=known.sold + change))
    return consignors


def _uncounted(ledger: Ledger, manual: tuple[TagCode, ...]) -> Ledger:
    """Return the ledger without what manual lines counted for: only those that were credited without an item do."""
    for line in manual:
        match ledger.manual_lines[line].outcome:
            case CreditedTo(consignor=consignor):
                known = ledger.consignors[consignor]
                credited = tuple(other for other in known.credited if other != line)
                theirs = replace(known, sold=known.sold - 1, credited=credited)
                ledger = replace(
                    ledger,
                    consignors=ledger.consignors.insert(consignor, theirs),
                    sold_count=ledger.sold_count - 1,
                )
            case _:
                pass
    return ledger


def _voided(ledger: Ledger, event: ItemsReleasedByVoid) -> Ledger:
    ledger = _uncounted(ledger, event.manual)
    items = ledger.items
    back_on_floor = 0
    for line in event.lines:
        items = items.insert(line.tag, Item(items[line.tag].listed, LISTED if line.unchecked else ON_FLOOR))
        back_on_floor += not line.unchecked
    tags = tuple(line.tag for line in event.lines)
    voided = replace(ledger.receipts[event.receipt], voided=True)
    return replace(
        ledger,
        items=items,
        consignors=_counted(items, ledger.consignors, tags, -1),
        receipts=ledger.receipts.insert(event.receipt, voided),
        sold_count=ledger.sold_count - len(tags),
        on_floor_count=ledger.on_floor_count + back_on_floor,
        manual_lines=after_void(ledger.manual_lines, event.manual),
    )


def _refunded(ledger: Ledger, event: ItemsRefunded) -> Ledger:
    ledger = _uncounted(ledger, tuple(line.tag for line in event.manual if line.returned_to is not None))
    items = ledger.items
    for line in event.lines:
        item = items[line.tag]
        items = items.insert(line.tag, Item(item.listed, _after_refund(item.status, line)))
    returned = tuple(line.tag for line in event.lines if line.returned_to is not None)
    refunded = replace(ledger.receipts[event.receipt], refunded=True)
    return replace(
        ledger,
        items=items,
        consignors=_counted(items, ledger.consignors, returned, -1),
        receipts=ledger.receipts.insert(event.receipt, refunded),
        sold_count=ledger.sold_count - len(returned),
        on_floor_count=ledger.on_floor_count + sum(line.returned_to == "floor" for line in event.lines),
        manual_lines=after_refund(ledger.manual_lines, event.manual),
    )


def _after_refund(status: Status, line: RefundedLine) -> Status:
    match line.returned_to:
        case "floor":
            return ON_FLOOR
        case "consignor":
            return _RETURNED
        case None:
            return _lowered(status, line) if isinstance(status, Sold) else status


def _lowered(sold: Sold, line: RefundedLine) -> Sold:
    return replace(
        sold,
        price_minor=sold.price_minor - line.refund_minor,
        discount_minor=sold.discount_minor - line.discount_minor,
        tax_minor=sold.tax_minor - line.tax_minor,
        surcharge_minor=sold.surcharge_minor - line.surcharge_minor,
    )
