"""The lines of a sale that was made offline: which items they sell, and which contradict what is known here.

A line that contradicts is kept as a manual line: what was paid for it waits in suspense until an organizer says whose
it is. The printed price wins: where the shopper paid more, the difference waits; where less, the organizer bears it.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.offline_events import ConflictId, ConflictKind, Difference, Override
from consign.domain.ledger.state import (
    Collected,
    Donated,
    Held,
    Item,
    Ledger,
    Listed,
    Lost,
    Missing,
    NotBrought,
    OnFloor,
    Refused,
    Returned,
    Sold,
    Voided,
    Withdrawn,
)
from consign.domain.offline_commands import OfflineLine, OfflineSale
from consign.domain.rejection import Rejected
from consign.domain.sale import Planned
from consign.domain.session.events import BasketLine, Discount
from consign.domain.tag import parse, read, shown
from consign.domain.turns.offline_amounts import differences, granted_minor, window_minor
from consign.domain.turns.whereabouts import newest_tag
from consign.domain.values import ParticipationId, ReceiptNumber, TagCode


class Found(Struct, frozen=True, gc=False):
    """A conflict of one line; `line` holds its money, if any."""

    conflict: ConflictId
    kind: ConflictKind
    detail: str
    scanned: str
    line: BasketLine | None
    other: ReceiptNumber | None = None


class Told(NamedTuple):
    """The lines of the receipt, what contradicts, and what the till computed otherwise."""

    lines: tuple[BasketLine, ...]
    conflicts: tuple[Found, ...] = ()
    differences: tuple[Difference, ...] = ()


class _Unsold(NamedTuple):
    """Why a tag sells nothing here."""

    kind: ConflictKind
    detail: str
    other: ReceiptNumber | None = None


def told(given: OfflineSale, sale: Planned, ledger: Ledger, sold_at: datetime) -> Told:
    """Return the receipt's lines by what the ledger knows now, and by the sale's rules at the time it was sold."""
    lines: list[BasketLine] = []
    conflicts: list[Found] = []
    sold: dict[int, ItemListed] = {}
    for index, line in enumerate(given.lines):
        key = _key(given, index)
        if line.tag is None:
            own = TagCode(line.line or key)
            known = own in ledger.manual_lines or any(other.tag == own for other in lines)
            lines.append(manual_line(line, key if known else own))
            continue
        item = _item(line.tag, sale, ledger, {listed.tag for listed in sold.values()})
        if isinstance(item, _Unsold):
            kept = manual_line(line, key)
            conflicts.append(Found(ConflictId(key), item.kind, item.detail, line.tag, kept, item.other))
            lines.append(kept)
            continue
        sold[index] = item.listed
        by_window = window_minor(line, item.listed, sale.settings, sold_at)["consignor"]
        of_item, differing = _priced(line, item, key, by_window)
        lines.extend(of_item)
        conflicts.extend(differing)
    return Told(tuple(lines), tuple(conflicts), differences(given, sold, sale.settings, sold_at))


def without_effect(given: OfflineSale) -> tuple[BasketLine, ...]:
    """Return the lines of a receipt that was voided before anybody knew of it: they sell nothing."""
    return tuple(manual_line(line, _key(given, index)) for index, line in enumerate(given.lines))


def overrides(given: OfflineSale) -> tuple[Override, ...]:
    """Return the prices that somebody lowered by hand."""
    return tuple(
        Override(
            TagCode(line.tag or line.line or _key(given, index)),
            discount.authorized_by,
            discount.verifier,
            discount.approved_by,
        )
        for index, line in enumerate(given.lines)
        for discount in line.discounts
        if discount.kind == "override"
    )


def manual_line(line: OfflineLine, key: TagCode) -> BasketLine:
    """Return the line as one that nobody is credited for yet."""
    return BasketLine(
        key,
        ParticipationId(""),
        line.consignor,
        line.category,
        line.description or line.tag or "",
        line.price_minor,
        asked_minor=line.asked_minor,
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
        tax_rate_ppm=line.tax_rate_ppm,
        tax_included=line.tax_included,
        surcharge_minor=line.surcharge_minor,
        discounts=_discounts(line),
        manual=True,
        credited_to="suspense",
    )


def _key(given: OfflineSale, index: int) -> TagCode:
    """Return the id of a line that has none of its own: the same whenever the sale is sent."""
    return TagCode(str(uuid5(UUID(given.sale_id), f"line {index}")))


def _item(scanned: str, sale: Planned, ledger: Ledger, sold: set[TagCode]) -> Item | _Unsold:
    try:
        code = read(scanned)
    except Rejected as unread:
        return _Unsold("unknown_tag", unread.detail)
    if code not in ledger.items:
        number = parse(code).sale_number
        if number != sale.number:
            return _Unsold("wrong_sale", f"Tag {shown(code)} belongs to sale number {number:03}.")
        return _Unsold("unknown_tag", f"No item with tag {shown(code)} is listed in this sale.")
    code = newest_tag(ledger, code)  # an old tag is still on the thing it was printed for
    if code in sold:
        return _Unsold("sold_twice", f"{shown(code)} stands on this receipt twice.")
    return _for_sale(ledger.items[code])


def _for_sale(item: Item) -> Item | _Unsold:
    code = shown(item.listed.tag)
    match item.status:
        case OnFloor() | Listed() | NotBrought() | Held():  # a hold loses to what has happened
            return item
        case Sold(receipt=receipt):
            return _Unsold("sold_twice", f"{code} was sold before, with receipt {receipt}.", receipt)
        case Refused(reason=reason):
            return _Unsold("not_for_sale", f"{code} was refused at check-in: {reason}.")
        case Withdrawn():
            return _Unsold("not_for_sale", f"{code} was withdrawn by its consignor.")
        case Returned():
            return _Unsold("not_for_sale", f"{code} was returned to its consignor.")
        case Collected():
            return _Unsold("not_for_sale", f"{code} was collected by its consignor.")
        case Donated():
            return _Unsold("not_for_sale", f"{code} was given away.")
        case Missing() | Lost():
            return _Unsold("not_for_sale", f"{code} is marked as missing or lost.")
        case Voided():
            return _Unsold("not_for_sale", f"{code} is void.")


def _priced(line: OfflineLine, item: Item, key: TagCode, by_window: int) -> tuple[list[BasketLine], list[Found]]:
    """Return the item's line at its printed price, and what becomes of a difference.

    Its consignor bears what the windows take off, `by_window`, and no more.
    """
    listed = item.listed
    asked_minor = line.price_minor if line.asked_minor is None else line.asked_minor
    more_minor = asked_minor - listed.price_minor
    own = replace(
        manual_line(line, listed.tag),
        participation=listed.participation,
        consignor=listed.consignor,
        category=listed.category,
        description=listed.description,
        list_number=listed.list_number,
        asked_minor=None,
        manual=False,
        credited_to="consignor",
    )
    if granted_minor(line) > by_window:
        own = _borne_by_organizer(own, granted_minor(line) - by_window)
    if not more_minor:
        return [_asked(own, listed.price_minor)], []
    detail = f"{shown(listed.tag)} costs {listed.price_minor} minor units, the till asked {asked_minor}."
    found = Found(ConflictId(key), "price_differs", detail, line.tag or "", None)
    if more_minor > 0 and line.price_minor - line.discount_minor - _tax_in(line) < more_minor:
        kept = manual_line(line, key)  # so much was taken off that nobody can say what was paid above
        return [kept], [replace(found, line=kept)]
    if more_minor > 0:
        above = BasketLine(
            key,
            ParticipationId(""),
            listed.consignor,
            listed.category,
            f"Paid above the price of {shown(listed.tag)}",
            more_minor,
            manual=True,
            credited_to="suspense",
        )
        cheaper = replace(own, price_minor=own.price_minor - more_minor)
        return [_asked(cheaper, listed.price_minor), above], [replace(found, line=above)]
    less_minor = -more_minor
    borne = Discount("override", less_minor, "organizer", reason="the till asked less")
    dearer = replace(
        own,
        price_minor=own.price_minor + less_minor,
        discount_minor=own.discount_minor + less_minor,
        discounts=(*own.discounts, borne),
    )
    return [_asked(dearer, listed.price_minor)], [found]


def _borne_by_organizer(line: BasketLine, excess_minor: int) -> BasketLine:
    """Return the line with so much more of its discounts at the organizer's expense, and less at the consignor's."""
    discounts: list[Discount] = []
    left_minor = excess_minor
    for each in line.discounts:
        moved_minor = min(each.amount_minor, left_minor) if each.borne_by == "consignor" else 0
        left_minor -= moved_minor
        if moved_minor < each.amount_minor:
            discounts.append(replace(each, amount_minor=each.amount_minor - moved_minor))
    borne = Discount("override", excess_minor, "organizer", reason="no window took it off")
    return replace(
        line,
        price_minor=line.price_minor + excess_minor,
        discount_minor=line.discount_minor + excess_minor,
        discounts=(*discounts, borne),
    )


def _asked(line: BasketLine, printed_minor: int) -> BasketLine:
    return line if line.price_minor == printed_minor else replace(line, asked_minor=printed_minor)


def _tax_in(line: OfflineLine) -> int:
    return line.tax_minor if line.tax_included else 0


def _discounts(line: OfflineLine) -> tuple[Discount, ...]:
    return tuple(
        Discount(each.kind, each.amount_minor, each.borne_by, each.name, each.reason, each.authorized_by)
        for each in line.discounts
    )
