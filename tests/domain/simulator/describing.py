"""Acts that say something of items, made of whole numbers; and what must hold of tags, whatever is said."""

from typing import Any

from msgspec import Struct

from consign.domain.ledger.events import ItemListed, Photo
from consign.domain.ledger.item_commands import (
    ArrangePhotos,
    ChangeItems,
    ChangeWishes,
    CompleteDrafts,
    DiscardDrafts,
    ItemChange,
    ListItem,
    MarkConsignorTagsPrinted,
    MarkTagsPrinted,
    PhotosOfItem,
    SaveDraft,
)
from consign.domain.ledger.item_events import ItemChanged, ItemRetagged, TagsPrinted
from consign.domain.ledger.state import Ledger, Voided
from consign.domain.values import DraftId, PhotoId, SaleId, TagCode

ACTS = ("print", "print", "change", "change", "wish", "photo", "draft", "draft", "complete", "discard", "list-draft")
_DRAFTS = 8


def described(act: str, sale: SaleId, category: str, tag: str, consignor: int, how: int) -> Struct:
    """Return the command that the act and its numbers stand for."""
    draft = DraftId(f"01900000-0000-7000-8000-0000000009{how % _DRAFTS:02}")
    price_minor = how % 40 * 50 + 300
    match act:
        case "print":
            return MarkTagsPrinted(sale, (tag,)) if how % 3 else MarkConsignorTagsPrinted(sale, consignor)
        case "change":
            said = ItemChange(tag, price_minor=price_minor) if how % 2 else ItemChange(tag, list_number=how % 3 + 1)
            return ChangeItems(sale, (said,))
        case "wish":
            return ChangeWishes(sale, (tag,), reduce=how % 2 == 0, donate=how % 3 == 0)
        case "photo":
            photos = tuple(
                Photo(PhotoId(f"01900000-0000-7000-8000-0000000008{number:02}"), "00" * 32) for number in range(how % 3)
            )
            return ArrangePhotos(sale, (PhotosOfItem(tag, photos),))
        case "draft":
            return SaveDraft(sale, draft, consignor, category, "Draft", price_minor if how % 2 else None)
        case "complete":
            return CompleteDrafts(sale, consignor)
        case "discard":
            return DiscardDrafts(sale, consignor, (draft,))
        case _:
            return ListItem(sale, draft, consignor, category, "Listed at once", price_minor)


class TagWitness:
    """Watches what is printed and said: a printed tag tells the truth, or it is void."""

    def __init__(self) -> None:
        self._said: dict[TagCode, ItemListed] = {}
        self._printed: dict[TagCode, ItemListed] = {}

    def watch(self, event: Any) -> None:
        match event:
            case ItemListed():
                assert event.tag not in self._said, f"{event.tag} was given twice"
                self._said[event.tag] = event
            case ItemChanged(item=item):
                self._said[item.tag] = item
            case ItemRetagged(tag=tag, item=item):
                assert item.tag not in self._said, f"{item.tag} was given twice"
                self._printed.pop(tag, None)
                self._said[item.tag] = item
            case TagsPrinted(tags=tags):
                for tag in tags:
                    self._printed[tag] = self._said[tag]
            case _:
                pass
        for tag, printed in self._printed.items():
            assert _on_tag(printed) == _on_tag(self._said[tag]), f"the printed tag {tag} lies"

    def check(self, ledger: Ledger) -> None:
        """Raise AssertionError where the ledger contradicts what was watched."""
        assert set(ledger.items) == set(self._said)
        for tag, item in ledger.items.items():
            if isinstance(item.status, Voided):
                assert item.status.replaced_by in ledger.items
                assert tag not in self._printed
        kept = [draft for theirs in ledger.consignors.values() for draft in theirs.drafts]
        assert sorted(kept) == sorted(ledger.drafts)


def _on_tag(item: ItemListed) -> tuple[str, str, int]:
    return (item.category, item.description, item.price_minor)
