"""Items coming in, one after the other: each is held to the rules, finds a place and gets a number of its own."""

from itertools import chain

from msgspec.structs import replace

from consign.domain.ledger.commands import ItemRow, ListedRow
from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.state import Ledger, Voided
from consign.domain.rejection import Reason, RowReason
from consign.domain.sale import Planned
from consign.domain.tag import parse, shown, tag_code
from consign.domain.turns.entry_quotas import Places
from consign.domain.turns.entry_rules import LAST_ITEM_NUMBER, BadRow, check
from consign.domain.turns.standing import why_not_listing
from consign.domain.values import DraftId, TagCode

ITEMS_LIMIT = 200_000
"""How many items one sale may list: the ledger of a sale is held in memory."""


class Entries:
    """What one command lists or changes: it sees the ledger and what the command did so far.

    `beyond_quota` lets in what there is no place for.
    """

    def __init__(self, sale: Planned, ledger: Ledger, *, beyond_quota: bool = False) -> None:
        self._sale = sale
        self._ledger = ledger
        self._beyond_quota = beyond_quota
        self._categories = {category.code: category for category in sale.settings.categories}
        self._places: dict[int, Places] = {}
        self._references: dict[int, dict[str, ItemListed]] = {}
        self._last: dict[int, int] = {}
        self._count = len(ledger.items)
        self._new: dict[TagCode, ItemListed] = {}

    @property
    def listed(self) -> tuple[ItemListed, ...]:
        """What the command listed so far, in order."""
        return tuple(self._new.values())

    def add(self, row: ItemRow, *, draft: DraftId | None = None, copied_from: TagCode | None = None) -> ListedRow:
        """List the item, or find that it is listed already; raises BadRow."""
        described = self._described(row, "")
        why_not = why_not_listing(self._sale, row.consignor)
        if why_not is not None:
            raise BadRow("consignor", why_not.reason, why_not.detail)
        known = self._known(described, row)
        if known is not None:
            return ListedRow(row.row, known, already=True, image_source=_to_fetch(self._at(known)))
        event = self._placed(replace(described, draft=draft, copied_from=copied_from))
        number = self.next_free(row.consignor) if row.number is None else row.number
        event = replace(event, tag=tag_code(self._sale.number, row.consignor, number))
        self._take(event)
        return ListedRow(row.row, event.tag, image_source=_to_fetch(event))

    def changed(self, before: ItemListed, row: ItemRow, *, retag: bool) -> ItemListed:
        """Return what the item is after the change, with a new tag or its old one; raises BadRow."""
        described = self._described(row, before.tag)
        described = replace(described, photos=before.photos, draft=before.draft, copied_from=before.copied_from)
        if described.reference != before.reference:
            self._require_new(described)
        places = self._places_of(row.consignor)
        places.take(before, -1)
        try:
            if (described.category, described.list_number) == (before.category, before.list_number):
                event = replace(described, beyond_quota=before.beyond_quota)
            else:
                event = self._placed(described)
            if retag:
                event = replace(event, tag=tag_code(self._sale.number, row.consignor, self.next_free(row.consignor)))
        except BadRow:
            places.take(before)
            raise
        self._references_of(row.consignor).pop(before.reference, None)
        if retag:
            self._take(event)
        else:
            places.take(event)
            self._remember(event)
        return event

    def next_free(self, consignor: int) -> int:
        """Return a number that the consignor never had; raises BadRow with `numbers_exhausted`."""
        after_last = self._last_number(consignor) + 1
        for number in chain(range(after_last, LAST_ITEM_NUMBER + 1), range(1, after_last)):
            if self._at(tag_code(self._sale.number, consignor, number)) is None:
                return number
        raise BadRow(
            "number", RowReason.NUMBERS_EXHAUSTED, f"Consignor {consignor} has used all {LAST_ITEM_NUMBER} numbers."
        )

    def _described(self, row: ItemRow, tag: str) -> ItemListed:
        """Return the item as it would be listed, its number left open."""
        participation = self._sale.consignors.get(row.consignor)
        if participation is None:
            raise BadRow(
                "consignor", Reason.UNKNOWN_CONSIGNOR, f"Consignor {row.consignor} is not registered for this sale."
            )
        refused = why_not_listing(self._sale, row.consignor)
        if refused is not None:
            raise BadRow("consignor", refused.reason, refused.detail)
        check(row, self._sale, self._categories)
        return ItemListed(
            self._sale.sale,
            TagCode(tag),
            participation,
            row.consignor,
            row.category,
            row.description.strip(),
            row.price_minor,
            row.list_number,
            row.reduce,
            row.donate,
            row.pieces,
            row.size.strip(),
            row.brand.strip(),
            row.reference.strip(),
            row.photos,
            image_source=row.image_source.strip(),
        )

    def _known(self, described: ItemListed, row: ItemRow) -> TagCode | None:
        """Return the tag of the identical item with this number or reference; raises BadRow where another has it."""
        if row.number is not None:
            tag = tag_code(self._sale.number, row.consignor, row.number)
            numbered = self._at(tag)
            if numbered is not None:
                return self._identical(numbered, described)
        elif described.reference:
            called = self._references_of(row.consignor).get(described.reference)
            if called is not None and _same(called, described):
                return called.tag
        self._require_new(described)
        return None

    def _identical(self, known: ItemListed, described: ItemListed) -> TagCode:
        item = self._ledger.items.get(known.tag)
        if item is not None and isinstance(item.status, Voided):
            became = f"was changed and has the tag {shown(item.status.replaced_by)} now"
        elif _same(known, described):
            return known.tag
        else:
            became = f"is “{known.description}”"
        number = parse(known.tag).number
        raise BadRow(
            "number",
            RowReason.ITEM_EXISTS,
            f"Number {number} of consignor {known.consignor} {became}. Numbers are not reused.",
        )

    def _require_new(self, described: ItemListed) -> None:
        if not described.reference:
            return
        known = self._references_of(described.consignor).get(described.reference)
        if known is not None:
            raise BadRow(
                "reference",
                RowReason.ITEM_EXISTS,
                f"Consignor {described.consignor} calls {shown(known.tag)} the same: change that item instead.",
            )

    def _placed(self, event: ItemListed) -> ItemListed:
        """Return the event, marked where it takes an organizer's leave to let it in."""
        if self._count >= ITEMS_LIMIT:
            raise BadRow("", Reason.LIMIT_EXCEEDED, f"A sale lists at most {ITEMS_LIMIT} items.")
        try:
            self._places_of(event.consignor).check(event)
        except BadRow:
            if not self._beyond_quota:
                raise
            return replace(event, beyond_quota=True)
        return event

    def _take(self, event: ItemListed) -> None:
        self._new[event.tag] = event
        self._count += 1
        self._last[event.consignor] = max(self._last_number(event.consignor), int(event.tag[7:10]))
        self._places_of(event.consignor).take(event)
        self._remember(event)

    def _remember(self, event: ItemListed) -> None:
        if event.reference:
            self._references_of(event.consignor)[event.reference] = event

    def _at(self, tag: TagCode) -> ItemListed | None:
        item = self._ledger.items.get(tag)
        return self._new.get(tag) if item is None else item.listed

    def _last_number(self, consignor: int) -> int:
        if consignor in self._last:
            return self._last[consignor]
        known = self._ledger.consignors.get(consignor)
        return 0 if known is None else known.last_number

    def _places_of(self, consignor: int) -> Places:
        if consignor not in self._places:
            self._places[consignor] = Places(self._sale, self._categories, self._ledger, consignor)
        return self._places[consignor]

    def _references_of(self, consignor: int) -> dict[str, ItemListed]:
        if consignor not in self._references:
            theirs = self._ledger.consignors.get(consignor)
            items = (self._ledger.items[tag] for tag in (() if theirs is None else theirs.tags))
            self._references[consignor] = {
                item.listed.reference: item.listed
                for item in items
                if item.listed.reference and not isinstance(item.status, Voided)
            }
        return self._references[consignor]


def _to_fetch(listed: ItemListed | None) -> str:
    """Return where a picture can be fetched that nobody has attached yet."""
    return "" if listed is None or listed.photos else listed.image_source


def _same(known: ItemListed, described: ItemListed) -> bool:
    """Whether both say the same of a thing, however it came in; pictures of it may have come later, or moved."""
    bare = replace(
        known, tag=described.tag, photos=(), draft=None, copied_from=None, beyond_quota=False, image_source=""
    )
    return bare == replace(described, photos=(), image_source="")
