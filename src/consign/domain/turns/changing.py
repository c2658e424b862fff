"""Changing what is said of items. The printed price wins: what a printed tag says is changed by a new tag."""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.commands import ItemRow, TagsAnswer
from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.item_commands import (
    ArrangePhotos,
    ChangedAnswer,
    ChangedRow,
    ChangeItem,
    ChangeItems,
    ChangeWishes,
    ItemChange,
    ItemChangedAnswer,
)
from consign.domain.ledger.item_events import (
    ItemChanged,
    ItemPhotos,
    ItemRetagged,
    PhotosArranged,
    Wishes,
    WishesChanged,
)
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
from consign.domain.rejection import Reason, Rejected, RowReason
from consign.domain.sale import Phase, Planned
from consign.domain.tag import shown
from consign.domain.turns.actors import ledger_stream, phases, require_currency, require_phase
from consign.domain.turns.entering import Entries
from consign.domain.turns.entry_rules import BadRow
from consign.domain.turns.listing import refused, row_error
from consign.domain.turns.reach import Reach, on_floor
from consign.domain.turns.tag_rows import each_tag
from consign.domain.turns.whereabouts import moment, not_there, tagged
from consign.domain.values import RowError, TagCode

_WISHING = phases(Phase.REGISTRATION, Phase.PICK_UP)
_PICTURING = phases(Phase.REGISTRATION, Phase.SETTLEMENT)


def change_items(command: ChangeItems, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Change the good rows, and name what is wrong with each of the others; each item is changed once."""
    reach = Reach(command.actor, sale)
    reach.require_entry("Changing items", beyond_quota=command.beyond_quota)
    require_currency(command.currency, sale.currency)
    entries = Entries(sale, ledger, beyond_quota=command.beyond_quota)
    events: list[ItemChanged | ItemRetagged] = []
    done: dict[TagCode, ChangedRow] = {}
    errors: list[RowError] = []
    for index, row in enumerate(command.rows):
        number = index if row.row is None else row.row
        try:
            code, item = tagged(row.tag, sale, ledger)
            _require_changeable(code, item, ledger, reach, done)
            _require_wish_open(row.donate, item, reach, sale, now)
            event = _changed(row, item, ledger, entries)
        except BadRow as bad:
            errors.append(row_error(number, f"/rows/{index}", bad))
        except Rejected as rejected:
            errors.append(RowError(number, f"/rows/{index}/tag", rejected.reason.value, rejected.detail))
        else:
            tag = code if event is None else event.item.tag
            done[code] = ChangedRow(number, tag, code if tag != code else None)
            if event is not None:
                events.append(event)
    stream = ledger_stream(sale.sale)
    emitted = tuple(Emitted(stream, event) for event in events)
    return Decision(emitted, ChangedAnswer(tuple(done.values()), tuple(errors)))


def change_item(command: ChangeItem, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Change one item; the same said again changes nothing."""
    reach = Reach(command.actor, sale)
    reach.require_entry("Changing items", beyond_quota=command.beyond_quota)
    require_currency(command.currency, sale.currency)
    code, item = tagged(command.tag, sale, ledger)
    change = ItemChange(
        code,
        None,
        command.category,
        command.description,
        command.price_minor,
        command.list_number,
        command.pieces,
        command.size,
        command.brand,
        command.reference,
        command.reduce,
        command.donate,
    )
    try:
        _require_changeable(code, item, ledger, reach, {})
        _require_wish_open(command.donate, item, reach, sale, now)
        event = _changed(change, item, ledger, Entries(sale, ledger, beyond_quota=command.beyond_quota))
    except BadRow as bad:
        raise refused(bad) from bad
    if event is None:
        return Decision((), ItemChangedAnswer(code))
    tag = event.item.tag
    answer = ItemChangedAnswer(tag, code if tag != code else None)
    return Decision((Emitted(ledger_stream(sale.sale), event),), answer)


def _require_changeable(
    code: TagCode, item: Item, ledger: Ledger, reach: Reach, done: Mapping[TagCode, ChangedRow]
) -> None:
    reach.require_item(item)
    if code in done:
        raise BadRow("tag", RowReason.SAID_TWICE, f"{shown(code)} is in this command twice. Change it once.")
    _require_here(code, item, ledger, on_floor_too=reach.is_organizer)


def _require_here(code: TagCode, item: Item, ledger: Ledger, *, on_floor_too: bool) -> None:
    """Raise Rejected unless the item is with its consignor still, or on the floor where that will do."""
    match item.status:
        case Listed() | NotBrought():
            return
        case OnFloor():
            if not on_floor_too:
                raise on_floor(item)
        case (
            Held()
            | Sold()
            | Refused()
            | Withdrawn()
            | Returned()
            | Voided()
            | Collected()
            | Donated()
            | Missing()
            | Lost()
        ):
            raise not_there(code, item, ledger)


def _changed(row: ItemChange, item: Item, ledger: Ledger, entries: Entries) -> ItemChanged | ItemRetagged | None:
    """Return what happens to the item, if anything; raises BadRow."""
    before = item.listed
    was = _as_row(before)
    wanted = _wanted(row, was)
    if was == wanted:
        return None
    on_floor = isinstance(item.status, OnFloor)
    retag = (on_floor or before.tag in ledger.printed) and _on_tag(was) != _on_tag(wanted)
    listed = entries.changed(before, wanted, retag=retag)
    if not retag:
        return ItemChanged(before.sale, listed)
    return ItemRetagged(before.sale, before.tag, listed, "on_floor" if on_floor else "listed")


def _as_row(listed: ItemListed) -> ItemRow:
    return ItemRow(
        0,
        listed.consignor,
        listed.category,
        listed.description,
        listed.price_minor,
        None,
        listed.list_number,
        listed.reduce,
        listed.donate,
        listed.pieces,
        listed.size,
        listed.brand,
        listed.reference,
        listed.photos,
        listed.image_source,
    )


def _wanted(change: ItemChange, was: ItemRow) -> ItemRow:
    said = {
        "category": change.category,
        "description": None if change.description is None else change.description.strip(),
        "price_minor": change.price_minor,
        "list_number": change.list_number,
        "pieces": change.pieces,
        "size": None if change.size is None else change.size.strip(),
        "brand": None if change.brand is None else change.brand.strip(),
        "reference": None if change.reference is None else change.reference.strip(),
        "reduce": change.reduce,
        "donate": change.donate,
    }
    return replace(was, **{field: value for field, value in said.items() if value is not None})


def _on_tag(row: ItemRow) -> tuple[str, str, int, int, str, str]:
    """Return what a printed tag says of an item."""
    return (row.category, row.description, row.price_minor, row.pieces, row.size, row.brand)


def change_wishes(command: ChangeWishes, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Change what shall be done with items that do not sell at their price."""
    require_phase(sale, _WISHING, "Changing wishes")
    reach = Reach(command.actor, sale)

    def take(code: TagCode, item: Item) -> Wishes | None:
        _require_here(code, item, ledger, on_floor_too=reach.is_desk or _may_wish_on_floor(command, sale))
        listed = item.listed
        reduce = listed.reduce if command.reduce is None else command.reduce
        donate = listed.donate if command.donate is None else command.donate
        if (reduce, donate) == (listed.reduce, listed.donate):
            return None
        _require_wish_open(donate, item, reach, sale, now)
        return Wishes(code, listed.participation, reduce, donate)

    answer, items = each_tag(command.tags, sale, ledger, take, reach)
    if not items:
        return Decision((), answer)
    return Decision((Emitted(ledger_stream(sale.sale), WishesChanged(sale.sale, items)),), answer)


def _may_wish_on_floor(command: ChangeWishes, sale: Planned) -> bool:
    """Whether a consignor may still say this of a thing on the floor."""
    only_unsold = command.reduce is None and sale.settings.floor.unsold_wish_until_at is not None
    return only_unsold or sale.settings.wishes_until == "sold"


def _require_wish_open(donate: bool | None, item: Item, reach: Reach, sale: Planned, now: datetime) -> None:
    """Raise Rejected with `too_late` where another wish for the unsold thing comes after the sale's deadline."""
    until = sale.settings.floor.unsold_wish_until_at
    changes = donate is not None and donate != item.listed.donate
    if changes and until is not None and now >= until and not reach.is_organizer:
        raise Rejected(Reason.TOO_LATE, f"That could be changed until {moment(until)}. Ask an organizer to change it.")


def arrange_photos(command: ArrangePhotos, sale: Planned, ledger: Ledger) -> Decision:
    """Say which photos items have; one that is sold keeps its photos, and may still get better ones."""
    require_phase(sale, _PICTURING, "Arranging photos")
    reach = Reach(command.actor, sale)
    wanted = {}
    errors: list[RowError] = []
    for index, row in enumerate(command.rows):
        try:
            code, item = tagged(row.tag, sale, ledger)
            reach.require_item(item)
            if isinstance(item.status, Voided):
                raise not_there(code, item, ledger)
        except Rejected as rejected:
            errors.append(RowError(index, f"/rows/{index}/tag", rejected.reason.value, rejected.detail))
            continue
        if len({photo.photo for photo in row.photos}) < len(row.photos):
            detail = "A photo is there twice. Name each photo once."
            errors.append(RowError(index, f"/rows/{index}/photos", RowReason.SAID_TWICE.value, detail))
            continue
        wanted[code] = ItemPhotos(code, item.listed.participation, row.photos)
    changed = tuple(photos for code, photos in wanted.items() if ledger.items[code].listed.photos != photos.photos)
    answer = TagsAnswer(tuple(wanted), tuple(errors))
    if not changed:
        return Decision((), answer)
    return Decision((Emitted(ledger_stream(sale.sale), PhotosArranged(sale.sale, changed)),), answer)
