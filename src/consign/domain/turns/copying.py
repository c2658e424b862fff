"""Copying: what was not sold at an earlier sale of the organization is listed again, by the rules of this one."""

from consign.domain.decision import Decision
from consign.domain.ledger.commands import ItemRow, ListedRow
from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.item_commands import CopiedAnswer, CopyItems, PriceRule
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
from consign.domain.money import PARTS_PER_MILLION, RoundingMode, divide
from consign.domain.rejection import Reason, Rejected, RowReason
from consign.domain.sale import Category, Planned
from consign.domain.tag import shown
from consign.domain.turns.entering import Entries
from consign.domain.turns.entry_rules import BadRow, band
from consign.domain.turns.listing import listed_events, row_error
from consign.domain.turns.reach import Reach
from consign.domain.turns.whereabouts import newest_tag, tagged
from consign.domain.values import ROWS_LIMIT, Actor, RowError, TagCode


class Source:
    """The sale that is copied from, its ledger, and what the caller may touch there."""

    def __init__(self, sale: Planned, ledger: Ledger, actor: Actor | None) -> None:
        self.sale = sale
        self.ledger = ledger
        self.reach = Reach(actor, sale)


def copy(command: CopyItems, sale: Planned, ledger: Ledger, source: Source) -> Decision:
    """List copies of the good ones, and name what is wrong with each of the others."""
    reach = Reach(command.actor, sale)
    reach.require_entry("Listing items", beyond_quota=command.beyond_quota)
    reach.require_consignor(command.consignor)
    if source.sale.sale == sale.sale:
        raise Rejected(Reason.SAME_SALE, "Items are copied from another sale. Name an earlier one.")
    copied = _copied(ledger, command.consignor)
    tags, left = _wanted(command, source, copied)
    entries = Entries(sale, ledger, beyond_quota=command.beyond_quota)
    done: dict[TagCode, ListedRow] = {}
    errors: list[RowError] = []
    for index, text in enumerate(tags):
        try:
            code, item = tagged(text, source.sale, source.ledger)
            if code in done:
                continue
            source.reach.require_item(item)
            _require_copyable(code, item, sold=command.sold)
            if code in copied:
                done[code] = ListedRow(index, newest_tag(ledger, copied[code]), already=True)
            else:
                done[code] = entries.add(_row(index, item.listed, command, sale), copied_from=code)
        except BadRow as bad:
            errors.append(row_error(index, f"/tags/{index}", bad))
        except Rejected as rejected:
            errors.append(RowError(index, f"/tags/{index}", rejected.reason.value, rejected.detail))
    return Decision(listed_events(entries, sale), CopiedAnswer(tuple(done.values()), tuple(errors), left))


def _copied(ledger: Ledger, consignor: int) -> dict[TagCode, TagCode]:
    """Return what the consignor copied here before: the tag there, and the one it first got here."""
    theirs = ledger.consignors.get(consignor)
    listed = (ledger.items[tag].listed for tag in (() if theirs is None else theirs.tags))
    found: dict[TagCode, TagCode] = {}
    for item in listed:
        if item.copied_from is not None:
            found.setdefault(item.copied_from, item.tag)
    return found


def _wanted(command: CopyItems, source: Source, copied: dict[TagCode, TagCode]) -> tuple[tuple[str, ...], int]:
    """Return the tags to copy from, and how many come into question beyond them."""
    if command.tags:
        return command.tags, 0
    if command.from_consignor is None:
        raise Rejected(Reason.NOTHING_NAMED, "Say which tags to copy, or from which consignor of the earlier sale.")
    if command.from_consignor not in source.sale.consignors:
        raise Rejected(
            Reason.UNKNOWN_CONSIGNOR, f"Consignor {command.from_consignor} was not registered for the earlier sale."
        )
    source.reach.require_consignor(command.from_consignor)
    theirs = source.ledger.consignors.get(command.from_consignor)
    unsold = [
        tag
        for tag in (() if theirs is None else theirs.tags)
        if tag not in copied and _is_copyable(source.ledger.items[tag], sold=command.sold)
    ]
    return tuple(unsold[:ROWS_LIMIT]), max(len(unsold) - ROWS_LIMIT, 0)


def _is_copyable(item: Item, *, sold: bool) -> bool:
    """Whether the thing is still its consignor's; with `sold` its description is enough."""
    match item.status:
        case Listed() | NotBrought() | OnFloor() | Refused() | Withdrawn() | Returned() | Collected() | Missing():
            return True
        case Sold() | Held() | Donated() | Lost():
            return sold
        case Voided():
            return False


def _require_copyable(code: TagCode, item: Item, *, sold: bool) -> None:
    if not _is_copyable(item, sold=sold):
        detail = f"{shown(code)} is no longer its consignor's, or its tag is void: it is not copied."
        raise BadRow("", RowReason.NOT_TO_COPY, detail)


def _row(index: int, there: ItemListed, command: CopyItems, sale: Planned) -> ItemRow:
    category = command.categories.get(there.category, there.category)
    known = next((each for each in sale.settings.categories if each.code == category), None)
    return ItemRow(
        index,
        command.consignor,
        category,
        there.description,
        _price(there.price_minor, command.price, sale, known),
        None,
        there.list_number if command.list_number is None else command.list_number,
        there.reduce,
        there.donate,
        there.pieces,
        there.size,
        there.brand,
        there.reference,
        there.photos,
        there.image_source,
    )


def _price(old_minor: int, rule: PriceRule, sale: Planned, category: Category | None) -> int:
    """Return the price here; what the band does not allow is moved to its edge only where the rule says so."""
    step = sale.settings.price_step_minor
    if rule.rate_ppm == PARTS_PER_MILLION and not rule.fit:
        return old_minor
    price_minor = divide(old_minor * rule.rate_ppm, PARTS_PER_MILLION * step, RoundingMode.HALF_UP) * step
    if not rule.fit or category is None:
        return price_minor
    low, high = band(sale, category)
    if high is not None:
        price_minor = min(price_minor, high - high % step)
    return max(price_minor, low + -low % step)
