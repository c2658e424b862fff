"""How much of what a consignor may list: counted by list, quota group and category over what is in the sale."""

from collections import Counter

from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.state import Item, Ledger, Refused, Voided, Withdrawn
from consign.domain.places import Allowance
from consign.domain.rejection import RowReason
from consign.domain.sale import Category, Planned, SaleSettings
from consign.domain.turns.entry_rules import BadRow


class Places:
    """What one consignor has listed, and whether there is a place for one more; withdrawn and refused things need none.

    A list's group and a consignor's category are counted by their keys; the list itself and the consignor by less.
    """

    def __init__(self, sale: Planned, categories: dict[str, Category], ledger: Ledger, consignor: int) -> None:
        self._settings = sale.settings
        self._allowance = sale.places.standing[consignor].allowance
        self._categories = categories
        self._listed = 0
        self._on_list: Counter[int] = Counter()
        self._of_group: Counter[tuple[int, str]] = Counter()
        self._of_category: Counter[str] = Counter()
        theirs = ledger.consignors.get(consignor)
        for tag in () if theirs is None else theirs.tags:
            item = ledger.items[tag]
            if _takes_a_place(item):
                self.take(item.listed)

    def take(self, listed: ItemListed, places: int = 1) -> None:
        """Count the item; with -1 its place is free again."""
        self._listed += places
        self._on_list[listed.list_number] += places
        self._of_category[listed.category] += places
        for group in self._groups(listed.category):
            self._of_group[listed.list_number, group] += places

    def check(self, listed: ItemListed) -> None:
        """Raise BadRow with `quota_exceeded`, naming the limit, where there is no place for the item."""
        settings, category, list_number = self._settings, listed.category, listed.list_number
        self._check_list(list_number)
        most, each = settings.items_per_consignor, settings.items_per_list
        if most is not None and self._listed >= most + self._allowance.extra_items:
            raise _full("consignor", f"A consignor lists at most {most + self._allowance.extra_items} items here.")
        if each is not None and self._on_list[list_number] >= each:
            raise _full("list_number", f"List {list_number} is full: a list has at most {each} items.")
        for group in self._groups(category):
            quota = settings.quotas[group]
            if self._of_group[list_number, group] >= quota:
                raise _full("category", f"List {list_number} has {quota} of the group {group}: no more are allowed.")
        known = self._categories.get(category)
        most = None if known is None else known.items_maximum
        if most is not None:
            most += self._allowance.extra_by_category.get(category, 0)
            if self._of_category[category] >= most:
                raise _full("category", f"A consignor lists at most {most} of category {category} here.")

    def _check_list(self, list_number: int) -> None:
        most, covered = lists_maximum(self._settings, self._allowance), lists_covered(self._settings, self._allowance)
        if most is not None and list_number > most:
            raise _full("list_number", f"A consignor has at most {most} lists here.")
        if covered is not None and list_number > covered:
            raise _full("list_number", f"The fee covers {covered} lists; buy further ones first.")

    def _groups(self, category: str) -> tuple[str, ...]:
        known = self._categories.get(category)
        return () if known is None else known.quota_groups


def lists_maximum(settings: SaleSettings, allowance: Allowance) -> int | None:
    """Return how many lists a consignor may have, bought ones among them; None: any number."""
    return None if settings.lists_per_consignor is None else settings.lists_per_consignor + allowance.extra_lists


def lists_covered(settings: SaleSettings, allowance: Allowance) -> int | None:
    """Return how many lists the fee covers, with those that were bought or granted; None: lists cost nothing."""
    if not settings.extra_list_fee_minor:
        return None
    return settings.fee_covers_lists + allowance.bought_lists + allowance.extra_lists


def _full(field: str, detail: str) -> BadRow:
    return BadRow(field, RowReason.QUOTA_EXCEEDED, detail)


def _takes_a_place(item: Item) -> bool:
    return not isinstance(item.status, Withdrawn | Refused | Voided)
