"""What integrators are told of things on the floor beside being sold. Counts of the shelves stay inside."""

from collections.abc import Sequence

from consign.domain.ledger.floor_events import (
    CheckInsUndone,
    DonationsClosed,
    DonationsReopened,
    ItemsAwaited,
    ItemsCollected,
    ItemsDonated,
    ItemsFound,
    ItemsLost,
    ItemsMissed,
    ItemsNotBrought,
)
from consign.projections import public_floor_events as public
from consign.projections.item_leaving import Left

type DonationLists = DonationsClosed | DonationsReopened
DONATION_LISTS = frozenset({"donations-closed", "donations-reopened"})

type PublicFloorEvent = (
    public.ItemCheckInUndone
    | public.ItemNotBrought
    | public.ItemAwaited
    | public.ItemCollected
    | public.ItemDonated
    | public.ItemMissing
    | public.ItemLost
    | public.ItemFound
)


def listed_to_give(event: DonationLists, currency: str) -> public.DonationsClosed | public.DonationsReopened:
    """Map what became of a list of what is given away."""
    match event:
        case DonationsClosed(categories=categories):
            held = tuple(public.DonatedCategory(each.category, each.items, each.asked_minor) for each in categories)
            return public.DonationsClosed(event.sale, event.number, event.items, event.asked_minor, currency, held)
        case DonationsReopened(sale=sale, number=number):
            return public.DonationsReopened(sale, number)


def left(event: Left, currency: str) -> Sequence[PublicFloorEvent]:
    """Map one internal event to what is published of it; `currency` is the sale's."""
    sale = event.sale
    match event:
        case CheckInsUndone(items=items):
            return [public.ItemCheckInUndone(sale, item.tag, item.participation, item.category) for item in items]
        case ItemsNotBrought(items=items):
            return [public.ItemNotBrought(sale, item.tag, item.participation, item.category) for item in items]
        case ItemsAwaited(items=items):
            return [public.ItemAwaited(sale, item.tag, item.participation, item.category) for item in items]
        case ItemsCollected(items=gone):
            return [public.ItemCollected(sale, item.tag, item.participation, item.category, item.was) for item in gone]
        case ItemsDonated(items=gone):
            return [public.ItemDonated(sale, item.tag, item.participation, item.category, item.was) for item in gone]
        case ItemsMissed(items=items):
            return [public.ItemMissing(sale, item.tag, item.participation, item.category) for item in items]
        case ItemsLost(items=lost, made_good=how):
            return [
                public.ItemLost(sale, item.tag, item.participation, item.category, how, item.gross_minor, currency)
                for item in lost
            ]
        case ItemsFound(items=found):
            return [
                public.ItemFound(
                    sale, item.tag, item.participation, item.category, item.was, item.gross_minor, currency
                )
                for item in found
            ]
