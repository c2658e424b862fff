"""Facts of receipts: what was taken by which tender, and line by line what was asked, discounted, taxed and paid."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.amounts import paid_minor
from consign.domain.ledger.events import RefundedLine, SoldLine
from consign.domain.ledger.manual_lines import ManualLineCredited, ManualLineMatched
from consign.domain.recorded import StoredEvent
from consign.domain.session.events import BasketLine, BasketPaid, ReceiptVoided, RefundPaid, Tender, TenderKind
from consign.projections.projection import Change, Key, Put, Remove, Rows, required
from consign.projections.reports.facts import Area, Fact, SaleZone, Told, at_the_till, band_of, fact
from consign.projections.reports.stock import Thing


class ReceiptLine(Struct, frozen=True):
    """What is left of a line of a receipt; `sold` are the columns that say where, when and by whom it was sold.

    `borne_minor` is what its consignor bears of the discount, `discount_minor` what the organizer bears. `base_minor`
    is what its tax is computed on.
    """

    sale: str
    receipt: str
    tag: str
    participation: str
    consignor: int
    category: str
    band_minor: int
    asked_minor: int
    price_minor: int
    paid_minor: int
    borne_minor: int
    discount_minor: int
    tax_minor: int
    base_minor: int
    rate_ppm: int
    sold: dict[str, str]


type Trade = BasketPaid | ReceiptVoided | RefundPaid
type FoundOut = ManualLineMatched | ManualLineCredited


def _trade_reads(event: Trade) -> Sequence[tuple[str, Key]]:
    common = (("sales", (event.sale,)), ("sittings", (event.session,)))
    match event:
        case BasketPaid():
            return common
        case ReceiptVoided() | RefundPaid():
            lines = (("lines", (event.sale, event.receipt, line.tag)) for line in event.lines)
            return (*common, *lines)


def _trade_told(stored: StoredEvent, event: Trade, rows: Rows) -> Told:
    match event:
        case BasketPaid():
            return _paid(event, rows)
        case ReceiptVoided():
            return _voided(stored, event, rows)
        case RefundPaid():
            return _refunded(event, rows)


def _found_out_reads(event: FoundOut) -> Sequence[tuple[str, Key]]:
    line = ("lines", (event.sale, event.receipt, event.line))
    return (line, ("things", (event.item.tag,))) if isinstance(event, ManualLineMatched) else (line,)


def _found_out_told(_: StoredEvent, event: FoundOut, rows: Rows) -> Told:
    """Take the line back as it was, and count it as what it turned out to be."""
    before: ReceiptLine = required(rows, "lines", (event.sale, event.receipt, event.line))
    after = _found(before, event, rows)
    facts = [*_facts(before, before.sold, -1), *_facts(after, after.sold, 1)]
    gone = [] if after.tag == before.tag else [Remove("lines", (before.sale, before.receipt, before.tag))]
    return Told(facts, [*gone, Put("lines", after)])


def _found(before: ReceiptLine, event: FoundOut, rows: Rows) -> ReceiptLine:
    match event:
        case ManualLineMatched(item=item):
            return _of_item(before, item, required(rows, "things", (item.tag,)))
        case ManualLineCredited(credited=credited, consignor=consignor):
            whose = credited.participation
            return replace(before, participation=whose, consignor=consignor, category=credited.category)


def _of_item(before: ReceiptLine, item: SoldLine, thing: Thing) -> ReceiptLine:
    """Return the line as the item's: what its tag asks is known now. Nobody gave a discount where it is more."""
    return replace(
        before,
        tag=item.tag,
        participation=thing.participation,
        consignor=thing.consignor,
        category=thing.category,
        band_minor=thing.band_minor,
        asked_minor=thing.asked_minor,
    )


def _paid(event: BasketPaid, rows: Rows) -> Told:
    zone: SaleZone = required(rows, "sales", (event.sale,))
    when = at_the_till(rows, event.sale, event.session, event.paid_at, event.cashier)
    when["presale_group"] = event.presale_group or ""
    lines = [_line(event, line, zone, when) for line in event.lines]
    receipt = fact(
        "receipt",
        **when,
        receipt=event.receipt,
        count=1,
        amount_minor=event.total_minor,
        rounding_minor=event.rounding_minor,
    )
    facts = [receipt, *_tenders(event, when, 1), *(each for line in lines for each in _facts(line, when, 1))]
    return Told(facts, [Put("lines", line) for line in lines])


def _voided(stored: StoredEvent, event: ReceiptVoided, rows: Rows) -> Told:
    when = at_the_till(rows, event.sale, event.session, stored.occurred_at, event.cashier)
    keys = [(event.sale, event.receipt, line.tag) for line in event.lines]
    lines: list[ReceiptLine] = [row for key in keys if (row := rows.get("lines", key)) is not None]
    when["presale_group"] = _group_of(lines)
    receipt = fact(
        "receipt",
        **when,
        receipt=event.receipt,
        count=-1,
        amount_minor=-event.total_minor,
        rounding_minor=-event.rounding_minor,
    )
    facts = [receipt, *_tenders(event, when, -1), *(each for line in lines for each in _facts(line, when, -1))]
    return Told(facts, [Remove("lines", key) for key in keys])


def _refunded(event: RefundPaid, rows: Rows) -> Told:
    when = at_the_till(rows, event.sale, event.session, event.refunded_at, event.cashier)
    when["presale_group"] = _group_of([required(rows, "lines", (event.sale, event.receipt, event.lines[0].tag))])
    back_minor = event.amount_minor + event.rounding_minor
    refund = fact(
        "refund",
        **when,
        receipt=event.receipt,
        count=1,
        amount_minor=event.amount_minor,
        rounding_minor=-event.rounding_minor,
    )
    tender = fact("tender", **when, receipt=event.receipt, tender=str(event.tender), amount_minor=-back_minor)
    facts: list[Fact] = [refund, tender]
    changes: list[Change] = []
    for line in event.lines:
        key = (event.sale, event.receipt, line.tag)
        before: ReceiptLine = required(rows, "lines", key)
        back = _given_back(before, line)
        returned = line.returned_to is not None
        facts += _facts(back, when, -1, count=1 if returned else 0)
        changes.append(Remove("lines", key) if returned else Put("lines", _less(before, back)))
    return Told(facts, changes)


def _group_of(lines: Sequence[ReceiptLine]) -> str:
    """Return the presale group that the lines of one receipt were sold to, if it was one."""
    return next((line.sold["presale_group"] for line in lines), "")


def _tenders(event: BasketPaid | ReceiptVoided, when: dict[str, Any], sign: int) -> Iterable[Fact]:
    return [
        fact("tender", **when, receipt=event.receipt, tender=kind, amount_minor=sign * amount_minor)
        for kind, amount_minor in kept_by_tender(event.tenders, event.change_minor).items()
        if amount_minor
    ]


def kept_by_tender(tenders: Iterable[Tender], change_minor: int) -> dict[str, int]:
    """Return what stayed of each tender: change is given in cash."""
    kept: dict[str, int] = {}
    for tender in tenders:
        kept[str(tender.kind)] = kept.get(str(tender.kind), 0) + tender.amount_minor
    if change_minor:
        cash = str(TenderKind.CASH)
        kept[cash] = kept.get(cash, 0) - change_minor
    return kept


def _line(event: BasketPaid, line: BasketLine, zone: SaleZone, when: dict[str, Any]) -> ReceiptLine:
    asked_minor = line.price_minor if line.asked_minor is None else line.asked_minor
    return ReceiptLine(
        sale=event.sale,
        receipt=event.receipt,
        tag=line.tag,
        participation=line.participation,
        consignor=line.consignor,
        category=line.category,
        band_minor=band_of(asked_minor, zone.currency),
        asked_minor=asked_minor,
        price_minor=line.price_minor,
        paid_minor=paid_minor(line),
        borne_minor=max(asked_minor - line.price_minor, 0),
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
        base_minor=_base_minor(line.price_minor, line.discount_minor, line),
        rate_ppm=line.tax_rate_ppm,
        sold=when,
    )


def _given_back(before: ReceiptLine, line: RefundedLine) -> ReceiptLine:
    """Return the part of the line that is given back; what was asked stays asked while the thing stays sold."""
    returned = line.returned_to is not None
    return replace(
        before,
        asked_minor=before.asked_minor if returned else 0,
        borne_minor=before.borne_minor if returned else 0,
        price_minor=line.refund_minor,
        paid_minor=line.paid_back_minor,
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
        base_minor=_base_minor(line.refund_minor, line.discount_minor, line),
    )


def _less(before: ReceiptLine, back: ReceiptLine) -> ReceiptLine:
    return replace(
        before,
        price_minor=before.price_minor - back.price_minor,
        paid_minor=before.paid_minor - back.paid_minor,
        discount_minor=before.discount_minor - back.discount_minor,
        tax_minor=before.tax_minor - back.tax_minor,
        base_minor=before.base_minor - back.base_minor,
    )


def _base_minor(price_minor: int, discount_minor: int, line: BasketLine | RefundedLine) -> int:
    if not line.tax_rate_ppm:
        return 0
    return price_minor - discount_minor - (line.tax_minor if line.tax_included else 0)


def _facts(line: ReceiptLine, when: dict[str, Any], sign: int, *, count: int = 1) -> Iterable[Fact]:
    """Return what the line, or a part of it, adds to figures or takes from them."""
    who = {
        **when,
        "participation": line.participation,
        "consignor": line.consignor,
        "category": line.category,
        "band_minor": line.band_minor,
        "tag": line.tag,
        "receipt": line.receipt,
    }
    yield fact(
        "line",
        **who,
        count=sign * count,
        asked_minor=sign * line.asked_minor,
        amount_minor=sign * line.price_minor,
        paid_minor=sign * line.paid_minor,
    )
    for bearer, borne_minor in (("consignor", line.borne_minor), ("organizer", line.discount_minor)):
        if borne_minor:
            yield fact("discount", **who, bearer=bearer, amount_minor=sign * borne_minor)
    if line.tax_minor or line.base_minor:
        yield fact(
            "tax",
            **who,
            rate_ppm=line.rate_ppm,
            amount_minor=sign * line.tax_minor,
            base_minor=sign * line.base_minor,
        )


TRADE = Area(frozenset({"basket-paid", "receipt-voided", "refund-paid"}), _trade_reads, _trade_told)
FOUND_OUT = Area(frozenset({"manual-line-matched", "manual-line-credited"}), _found_out_reads, _found_out_told)
