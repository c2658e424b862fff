"""Listing items in bulk: each row is checked against the sale's rules, the good ones get their tags."""

import re
from functools import lru_cache
from itertools import chain

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.commands import ItemRow, ListedRow, ListItems, ListItemsAnswer
from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.state import Ledger
from consign.domain.rejection import Reason, RowReason
from consign.domain.sale import Category, Planned
from consign.domain.tag import tag_code
from consign.domain.turns.actors import LISTING, ledger_stream, require_currency, require_phase
from consign.domain.turns.standing import why_not_listing
from consign.domain.values import AMOUNT_LIMIT_MINOR, ParticipationId, RowError, TagCode

_NO_WORD = re.compile(r"[\W_]+")

LAST_ITEM_NUMBER = 999
DESCRIPTION_LIMIT = 200
ITEMS_LIMIT = 200_000
"""How many items one sale may list: the ledger of a sale is held in memory."""


class _BadRow(Exception):
    """A row of the batch cannot be taken; the batch goes on without it."""

    def __init__(self, field: str, reason: RowReason | Reason, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.reason = reason
        self.detail = detail


class _Numbers:
    """Which item numbers are taken, in the ledger and by earlier rows of this batch."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._last: dict[int, int] = {}
        self.listed: dict[TagCode, ItemListed] = {}

    def known(self, tag: TagCode) -> ItemListed | None:
        item = self._ledger.items.get(tag)
        return self.listed.get(tag) if item is None else item.listed

    def take(self, event: ItemListed, number: int) -> None:
        self.listed[event.tag] = event
        self._last[event.consignor] = max(self._last_number(event.consignor), number)

    def _last_number(self, consignor: int) -> int:
        if consignor in self._last:
            return self._last[consignor]
        known = self._ledger.consignors.get(consignor)
        return 0 if known is None else known.last_number

    def next_free(self, sale_number: int, consignor: int) -> int:
        after_last = self._last_number(consignor) + 1
        for number in chain(range(after_last, LAST_ITEM_NUMBER + 1), range(1, after_last)):
            if self.known(tag_code(sale_number, consignor, number)) is None:
                return number
        raise _BadRow(
            "number", RowReason.NUMBERS_EXHAUSTED, f"Consignor {consignor} has used all {LAST_ITEM_NUMBER} numbers."
        )


def list_items(command: ListItems, sale: Planned, ledger: Ledger) -> Decision:
    """List the good rows, and name what is wrong with each of the others."""
    require_phase(sale, LISTING, "Listing items")
    require_currency(command.currency, sale.currency)
    categories = {category.code: category for category in sale.settings.categories}
    numbers = _Numbers(ledger)
    done: list[ListedRow] = []
    errors: list[RowError] = []
    for index, row in enumerate(command.rows):
        try:
            done.append(_list(row, sale, categories, numbers, len(ledger.items)))
        except _BadRow as bad:
            errors.append(RowError(row.row, f"/rows/{index}/{bad.field}", bad.reason.value, bad.detail))
    stream = ledger_stream(sale.sale)
    events = tuple(Emitted(stream, event) for event in numbers.listed.values())
    return Decision(events, ListItemsAnswer(tuple(done), tuple(errors)))


def _list(
    row: ItemRow, sale: Planned, categories: dict[str, Category], numbers: _Numbers, listed_before: int
) -> ListedRow:
    participation = sale.consignors.get(row.consignor)
    if participation is None:
        raise _BadRow(
            "consignor", Reason.UNKNOWN_CONSIGNOR, f"Consignor {row.consignor} is not registered for this sale."
        )
    refused = why_not_listing(sale, row.consignor)
    if refused is not None:
        raise _BadRow("consignor", refused.reason, refused.detail)
    if row.number is not None and not 1 <= row.number <= LAST_ITEM_NUMBER:
        raise _BadRow("number", RowReason.NUMBER_INVALID, f"An item's number is 1 to {LAST_ITEM_NUMBER}.")
    _check_text(row, sale)
    _check_price(row, sale, categories)
    number = numbers.next_free(sale.number, row.consignor) if row.number is None else row.number
    event = _event(row, number, sale, participation)
    known = numbers.known(event.tag)
    if known == event:
        return ListedRow(row.row, event.tag, already=True)
    if known is not None:
        raise _BadRow(
            "number",
            RowReason.ITEM_EXISTS,
            f"Number {number} of consignor {row.consignor} is “{known.description}”. Numbers are not reused.",
        )
    if listed_before + len(numbers.listed) >= ITEMS_LIMIT:
        raise _BadRow("", Reason.LIMIT_EXCEEDED, f"A sale lists at most {ITEMS_LIMIT} items.")
    numbers.take(event, number)
    return ListedRow(row.row, event.tag)


def _event(row: ItemRow, number: int, sale: Planned, participation: ParticipationId) -> ItemListed:
    return ItemListed(
        sale.sale,
        tag_code(sale.number, row.consignor, number),
        participation,
        row.consignor,
        row.category,
        row.description.strip(),
        row.price_minor,
        row.list_number,
        row.reduce,
        row.donate,
    )


def _check_text(row: ItemRow, sale: Planned) -> None:
    description = row.description.strip()
    if not description or len(description) > DESCRIPTION_LIMIT or "\x00" in description:
        raise _BadRow(
            "description", RowReason.DESCRIPTION_INVALID, f"A description has 1 to {DESCRIPTION_LIMIT} characters."
        )
    if not 1 <= row.list_number <= LAST_ITEM_NUMBER:
        raise _BadRow("list_number", RowReason.LIST_INVALID, f"A list's number is 1 to {LAST_ITEM_NUMBER}.")
    words = _words(description) if sale.settings.refused else ""
    for refused in sale.settings.refused:
        if _phrase(refused) in words:
            raise _BadRow("description", RowReason.NOT_ACCEPTED, f"This sale does not take: {refused}.")


def _words(text: str) -> str:
    """Return the words of a text with one space around each."""
    return f" {_NO_WORD.sub(' ', text.casefold()).strip()} "


# The same few phrases are looked for in every row of an import.
_phrase = lru_cache(maxsize=2048)(_words)


def _check_price(row: ItemRow, sale: Planned, categories: dict[str, Category]) -> None:
    category = categories.get(row.category)
    if category is None:
        raise _BadRow("category", RowReason.CATEGORY_UNKNOWN, f"This sale has no category “{row.category[:60]}”.")
    price, settings = row.price_minor, sale.settings
    if not 0 <= price <= AMOUNT_LIMIT_MINOR:
        raise _BadRow("price_minor", RowReason.PRICE_INVALID, f"A price is 0 to {AMOUNT_LIMIT_MINOR} minor units.")
    low = settings.price_minimum_minor if category.price_minimum_minor is None else category.price_minimum_minor
    high = settings.price_maximum_minor if category.price_maximum_minor is None else category.price_maximum_minor
    if price < low:
        raise _BadRow("price_minor", RowReason.PRICE_TOO_LOW, f"{category.name} costs at least {low} minor units here.")
    if high is not None and price > high:
        raise _BadRow(
            "price_minor", RowReason.PRICE_TOO_HIGH, f"{category.name} costs at most {high} minor units here."
        )
    if price % settings.price_step_minor:
        raise _BadRow(
            "price_minor", RowReason.PRICE_STEP, f"Prices go in steps of {settings.price_step_minor} minor units."
        )
