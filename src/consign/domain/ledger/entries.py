"""How the ledger changes while things are described: drafts, changes, wishes, photos and printed tags."""

from msgspec.structs import replace

from consign.domain import vouchers
from consign.domain.ledger import floor_changes, payment_folding, trade_folding
from consign.domain.ledger import offline_folding as offline
from consign.domain.ledger.events import ItemListed, ItemsRefunded, ItemsReleasedByVoid, ItemsSold, LedgerEvent
from consign.domain.ledger.floor_events import (
    CheckInsUndone,
    DonationsClosed,
    DonationsReopened,
    FloorEvent,
    ItemsAwaited,
    ItemsCollected,
    ItemsDonated,
    ItemsFound,
    ItemsLost,
    ItemsMissed,
    ItemsNotBrought,
    ShelfCountClosed,
    ShelfCounted,
)
from consign.domain.ledger.item_events import (
    DraftSaved,
    DraftsDiscarded,
    ItemChanged,
    ItemEvent,
    ItemRetagged,
    PhotosArranged,
    TagsPrinted,
    WishesChanged,
)
from consign.domain.ledger.manual_lines import (
    ManualLineCredited,
    ManualLineEvent,
    ManualLineKept,
    ManualLineMatched,
)
from consign.domain.ledger.offline_events import (
    ConflictAccepted,
    ConflictFound,
    OfflineEvent,
    OfflineSaleReceived,
    QuarantineEnded,
    SaleQuarantined,
)
from consign.domain.ledger.state import NOBODY, Item, Ledger, Voided
from consign.domain.ledger.state import evolve as evolve_things
from consign.domain.payments import (
    PaymentApproved,
    PaymentCancelled,
    PaymentDeclined,
    PaymentEvent,
    PaymentRefunded,
    PaymentRequested,
    PaymentsOwed,
    PaymentsReceipted,
    PaymentUnanswered,
)
from consign.domain.values import DraftId, TagCode
from consign.domain.vouchers import (
    VoucherBlocked,
    VoucherCashedOut,
    VoucherEvent,
    VoucherExpired,
    VoucherIssued,
    VouchersCredited,
    VouchersRedeemed,
    VoucherTakenBack,
    VoucherUnblocked,
)

type Entry = LedgerEvent | ItemEvent | FloorEvent | ManualLineEvent | OfflineEvent | VoucherEvent | PaymentEvent


def evolve(ledger: Ledger, event: Entry) -> Ledger:
    """Return the ledger after any of its events."""
    return floor_changes.noticed(_entered(ledger, event), event)


def _entered(ledger: Ledger, event: Entry) -> Ledger:
    match event:
        case (
            DraftSaved()
            | DraftsDiscarded()
            | ItemChanged()
            | ItemRetagged()
            | WishesChanged()
            | PhotosArranged()
            | TagsPrinted()
        ):
            return _described(ledger, event)
        case OfflineSaleReceived() | ConflictFound() | ConflictAccepted() | SaleQuarantined() | QuarantineEnded():
            return offline.evolve(ledger, event)
        case (
            CheckInsUndone()
            | ItemsNotBrought()
            | ItemsAwaited()
            | ItemsCollected()
            | ItemsDonated()
            | DonationsClosed()
            | DonationsReopened()
            | ItemsMissed()
            | ItemsLost()
            | ItemsFound()
            | ShelfCounted()
            | ShelfCountClosed()
        ):
            return floor_changes.moved(ledger, event)
        case (
            VoucherIssued()
            | VouchersRedeemed()
            | VouchersCredited()
            | VoucherTakenBack()
            | VoucherExpired()
            | VoucherCashedOut()
            | VoucherBlocked()
            | VoucherUnblocked()
        ):
            return replace(ledger, vouchers=vouchers.evolve(ledger.vouchers, event))
        case (
            PaymentRequested()
            | PaymentUnanswered()
            | PaymentApproved()
            | PaymentDeclined()
            | PaymentCancelled()
            | PaymentsReceipted()
            | PaymentsOwed()
            | PaymentRefunded()
        ):
            return payment_folding.evolve(ledger, event)
        case (
            ItemsSold()
            | ItemsReleasedByVoid()
            | ItemsRefunded()
            | ManualLineMatched()
            | ManualLineCredited()
            | ManualLineKept()
        ):
            return trade_folding.evolve(ledger, event)
        case _:
            return evolve_things(ledger, event)


def _described(ledger: Ledger, event: ItemEvent) -> Ledger:
    match event:
        case DraftSaved():
            return _draft_saved(ledger, event)
        case DraftsDiscarded(consignor=consignor, drafts=drafts):
            return _drafts_discarded(ledger, consignor, drafts)
        case ItemChanged(item=listed):
            return _said(ledger, (listed,))
        case ItemRetagged():
            return _retagged(ledger, event)
        case WishesChanged(items=items):
            return _said(
                ledger,
                tuple(
                    replace(ledger.items[wishes.tag].listed, reduce=wishes.reduce, donate=wishes.donate)
                    for wishes in items
                ),
            )
        case PhotosArranged(items=items):
            return _said(ledger, tuple(replace(ledger.items[item.tag].listed, photos=item.photos) for item in items))
        case TagsPrinted(tags=tags):
            return _printed(ledger, tags)


def _draft_saved(ledger: Ledger, event: DraftSaved) -> Ledger:
    known = ledger.consignors.get(event.consignor, NOBODY)
    drafts = ledger.drafts.insert(event.draft, event)
    if event.draft in known.drafts:
        return replace(ledger, drafts=drafts)
    theirs = replace(known, drafts=(*known.drafts, event.draft))
    return replace(ledger, drafts=drafts, consignors=ledger.consignors.insert(event.consignor, theirs))


def _drafts_discarded(ledger: Ledger, consignor: int, discarded: tuple[DraftId, ...]) -> Ledger:
    drafts = ledger.drafts
    for draft in discarded:
        drafts = drafts.discard(draft)
    known = ledger.consignors[consignor]
    theirs = replace(known, drafts=tuple(draft for draft in known.drafts if draft not in discarded))
    return replace(ledger, drafts=drafts, consignors=ledger.consignors.insert(consignor, theirs))


def _said(ledger: Ledger, said: tuple[ItemListed, ...]) -> Ledger:
    items = ledger.items
    for listed in said:
        items = items.insert(listed.tag, Item(listed, items[listed.tag].status))
    return replace(ledger, items=items)


def _retagged(ledger: Ledger, event: ItemRetagged) -> Ledger:
    listed = event.item
    before = ledger.items[event.tag]
    known = ledger.consignors[listed.consignor]
    number = int(listed.tag[7:10])
    theirs = replace(known, tags=(*known.tags, listed.tag), last_number=max(known.last_number, number))
    items = ledger.items.insert(event.tag, Item(before.listed, Voided(listed.tag)))
    return replace(
        ledger,
        items=items.insert(listed.tag, Item(listed, before.status)),
        consignors=ledger.consignors.insert(listed.consignor, theirs),
    )


def _printed(ledger: Ledger, tags: tuple[TagCode, ...]) -> Ledger:
    printed = ledger.printed
    for tag in tags:
        printed = printed.insert(tag, printed.get(tag, 0) + 1)
    return replace(ledger, printed=printed)
