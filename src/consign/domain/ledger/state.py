"""The single judge of where every item of a sale is: its state, and how each event changes it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.ledger.events import (
    BasketReleased,
    HoldMoved,
    HoldsExpired,
    ItemHeld,
    ItemListed,
    ItemRefused,
    ItemReleased,
    ItemsCheckedIn,
    ItemsWithdrawn,
    RefusedItemAdmitted,
)
from consign.domain.ledger.floor_events import CountId, MadeGood
from consign.domain.ledger.item_events import DraftSaved
from consign.domain.ledger.manual_lines import (
    PaidLine,
)
from consign.domain.ledger.offline_events import ConflictId, QuarantineId
from consign.domain.ledger.offline_state import Conflict, Quarantined, Received
from consign.domain.payments import Payment, PaymentId
from consign.domain.values import BasketId, DraftId, ReceiptNumber, SessionId, TagCode
from consign.domain.vouchers import Vouchers


class Listed(Struct, frozen=True, gc=False, tag="listed"): ...


class OnFloor(Struct, frozen=True, gc=False, tag="on_floor"): ...


class Held(Struct, frozen=True, gc=False, tag="held"):
    """Who holds it and until when stands in the basket's entry; `unchecked`: it was only listed before."""

    basket: BasketId
    since: datetime
    unchecked: bool = False


class Sold(Struct, frozen=True, gc=False, tag="sold"):
    """`price_minor` and the other parts (see `consign.domain.amounts`) are what is left after refunds of a part."""

    receipt: ReceiptNumber
    price_minor: int
    unchecked: bool = False
    discount_minor: int = 0
    tax_minor: int = 0
    tax_rate_ppm: int = 0
    tax_included: bool = False
    surcharge_minor: int = 0


class Refused(Struct, frozen=True, gc=False, tag="refused"):
    reason: str


class Withdrawn(Struct, frozen=True, gc=False, tag="withdrawn"): ...


class Returned(Struct, frozen=True, gc=False, tag="returned"):
    """Back with its consignor after a refund."""


class Collected(Struct, frozen=True, gc=False, tag="collected"):
    """At home with its consignor again; `from_floor`: it had been on sale until then."""

    from_floor: bool = True


class Donated(Struct, frozen=True, gc=False, tag="donated"):
    """Given away; `from_floor` as above."""

    from_floor: bool = True


class Missing(Struct, frozen=True, gc=False, tag="missing"):
    """It should be on the floor, and nobody sees it."""


class Lost(Struct, frozen=True, gc=False, tag="lost"):
    """`gross_minor` is what it was made good with, by which terms; zero where its consignor gets nothing."""

    gross_minor: int = 0
    made_good: MadeGood = "nothing"

    @property
    def counts_as_sold(self) -> bool:
        """Whether its consignor gets what a sale would have brought."""
        return self.made_good == "less_commission"


class NotBrought(Struct, frozen=True, gc=False, tag="not_brought"):
    """It was listed, and nobody brought it before selling was over."""


class Voided(Struct, frozen=True, gc=False, tag="voided"):
    """No longer the tag of anything: what it was printed for was changed, and has the tag `replaced_by`."""

    replaced_by: TagCode


type Gone = Collected | Donated | Missing | Lost
"""What is no longer on the floor after drop-off, and was not sold."""
type Status = OnFloor | Held | Sold | Listed | NotBrought | Refused | Withdrawn | Returned | Voided | Gone

LISTED = Listed()
ON_FLOOR = OnFloor()
_WITHDRAWN = Withdrawn()


class Item(Struct, frozen=True, gc=False):
    """What is printed on the tag, as it was listed, and where the thing is now."""

    listed: ItemListed
    status: Status


class ConsignorItems(Struct, frozen=True, gc=False):
    """`sold` counts what is sold now, and what is lost and made good like a sale; what came back no longer counts.

    Tags are never used twice.

    `credited` are manual lines that count for them without an item; they are among the sold.
    """

    tags: tuple[TagCode, ...] = ()
    last_number: int = 0
    sold: int = 0
    drafts: tuple[DraftId, ...] = ()
    credited: tuple[TagCode, ...] = ()


class BasketHolds(Struct, frozen=True, gc=False):
    """An entry lives until its timer finds it due, so that there is one timer a basket and no more."""

    session: SessionId
    till: str
    expires_at: datetime
    tags: tuple[TagCode, ...]


class SoldReceipt(Struct, frozen=True, gc=False):
    session: SessionId
    till: str
    sold_at: datetime
    tags: tuple[TagCode, ...]
    tender_kinds: tuple[str, ...]
    refunded: bool = False
    voided: bool = False
    manual: tuple[TagCode, ...] = ()
    payments: tuple[PaymentId, ...] = ()


class Ledger(Struct, frozen=True):
    """`sold_count` and `on_floor_count` are what is sold (or made good like it) and on the floor (or held) right now.

    `received` are the sales made offline, `quarantine` those that could not be read.
    `counting` is the count of the shelves that is under way, `seen` says which one saw an item last.
    `donation_lists` counts how often the list of what is given away was closed; it is now while `donations_closed`.
    `payments` are those of card providers, `payments_of` names them by their basket, `payment_references` by what
    providers call them.
    `printed` counts how often each tag was printed. `drafts` have no tag yet; `listed_drafts` says which one they got.
    """

    items: HashTrieMap[TagCode, Item] = HashTrieMap()
    consignors: HashTrieMap[int, ConsignorItems] = HashTrieMap()
    baskets: HashTrieMap[BasketId, BasketHolds] = HashTrieMap()
    receipts: HashTrieMap[ReceiptNumber, SoldReceipt] = HashTrieMap()
    sale_sequence: int = 0
    sold_count: int = 0
    on_floor_count: int = 0
    counting: CountId | None = None
    seen: HashTrieMap[TagCode, CountId] = HashTrieMap()
    printed: HashTrieMap[TagCode, int] = HashTrieMap()
    drafts: HashTrieMap[DraftId, DraftSaved] = HashTrieMap()
    listed_drafts: HashTrieMap[DraftId, TagCode] = HashTrieMap()
    manual_lines: HashTrieMap[TagCode, PaidLine] = HashTrieMap()
    received: HashTrieMap[BasketId, Received] = HashTrieMap()
    conflicts: HashTrieMap[ConflictId, Conflict] = HashTrieMap()
    quarantine: HashTrieMap[QuarantineId, Quarantined] = HashTrieMap()
    vouchers: Vouchers = HashTrieMap()
    donation_lists: int = 0
    donations_closed: bool = False
    payments: HashTrieMap[PaymentId, Payment] = HashTrieMap()
    payments_of: HashTrieMap[BasketId, tuple[PaymentId, ...]] = HashTrieMap()
    payment_references: HashTrieMap[str, PaymentId] = HashTrieMap()


type ThingEvent = (
    ItemHeld
    | ItemReleased
    | ItemListed
    | ItemsCheckedIn
    | BasketReleased
    | HoldsExpired
    | HoldMoved
    | ItemRefused
    | RefusedItemAdmitted
    | ItemsWithdrawn
)
EMPTY = Ledger()
NOBODY = ConsignorItems()


def evolve(ledger: Ledger, event: ThingEvent) -> Ledger:
    """Return the ledger after something came, went or was held; what sells things is folded by `trade_folding`."""
    match event:
        case ItemHeld():
            return _held(ledger, event)
        case ItemReleased(tag=tag, basket=basket):
            return _released(ledger, basket, (tag,))
        case ItemListed():
            return _listed(ledger, event)
        case ItemsCheckedIn(items=items):
            return _moved(ledger, tuple(item.tag for item in items), ON_FLOOR, on_floor=len(items))
        case BasketReleased(basket=basket, tags=tags) | HoldsExpired(basket=basket, tags=tags):
            freed = _released(ledger, basket, tags)
            return replace(freed, baskets=freed.baskets.discard(basket))
        case HoldMoved(basket=basket, session=session, till=till, expires_at=expires_at):
            tags = ledger.baskets[basket].tags
            moved = BasketHolds(session, till, expires_at, tags)
            return replace(ledger, baskets=ledger.baskets.insert(basket, moved))
        case ItemRefused(tag=tag, reason=reason, was=was):
            return _moved(ledger, (tag,), Refused(reason), on_floor=-1 if was == "on_floor" else 0)
        case RefusedItemAdmitted(tag=tag):
            return _moved(ledger, (tag,), ON_FLOOR, on_floor=1)
        case ItemsWithdrawn(items=withdrawn):
            left_floor = sum(item.was == "on_floor" for item in withdrawn)
            return _moved(ledger, tuple(item.tag for item in withdrawn), _WITHDRAWN, on_floor=-left_floor)


def _held(ledger: Ledger, event: ItemHeld) -> Ledger:
    tag, basket = event.tag, event.basket
    item = ledger.items[tag]
    baskets = ledger.baskets
    unchecked = False
    match item.status:
        case Listed() | NotBrought():
            unchecked = True
        case Held(basket=other, unchecked=unchecked) if other != basket:
            baskets = dropped(baskets, other, tag)
        case _:
            pass
    entry = baskets.get(basket)
    tags = (tag,) if entry is None else entry.tags if tag in entry.tags else (*entry.tags, tag)
    held = Item(item.listed, Held(basket, event.held_at, unchecked))
    holds = BasketHolds(event.session, event.till, event.expires_at, tags)
    return replace(ledger, items=ledger.items.insert(tag, held), baskets=baskets.insert(basket, holds))


def dropped(
    baskets: HashTrieMap[BasketId, BasketHolds], basket: BasketId, tag: TagCode
) -> HashTrieMap[BasketId, BasketHolds]:
    """Return the baskets without an item that one of them held."""
    entry = baskets.get(basket)
    if entry is None:
        return baskets
    rest = tuple(other for other in entry.tags if other != tag)
    return baskets.insert(basket, BasketHolds(entry.session, entry.till, entry.expires_at, rest))


def _released(ledger: Ledger, basket: BasketId, tags: tuple[TagCode, ...]) -> Ledger:
    items, baskets = ledger.items, ledger.baskets
    for tag in tags:
        item = items[tag]
        match item.status:
            case Held(basket=holder, unchecked=unchecked) if holder == basket:
                items = items.insert(tag, Item(item.listed, LISTED if unchecked else ON_FLOOR))
                baskets = dropped(baskets, basket, tag)
            case _:
                pass
    return replace(ledger, items=items, baskets=baskets)


def _listed(ledger: Ledger, event: ItemListed) -> Ledger:
    known = ledger.consignors.get(event.consignor, NOBODY)
    number = int(event.tag[7:10])
    drafts = tuple(draft for draft in known.drafts if draft != event.draft)
    theirs = replace(known, tags=(*known.tags, event.tag), last_number=max(known.last_number, number), drafts=drafts)
    listed = replace(
        ledger,
        items=ledger.items.insert(event.tag, Item(event, LISTED)),
        consignors=ledger.consignors.insert(event.consignor, theirs),
    )
    if event.draft is None:
        return listed
    return replace(
        listed,
        drafts=listed.drafts.discard(event.draft),
        listed_drafts=listed.listed_drafts.insert(event.draft, event.tag),
    )


def _moved(ledger: Ledger, tags: tuple[TagCode, ...], status: Status, on_floor: int) -> Ledger:
    items = ledger.items
    for tag in tags:
        items = items.insert(tag, Item(items[tag].listed, status))
    return replace(ledger, items=items, on_floor_count=ledger.on_floor_count + on_floor)
