"""How much may be listed: lots, lists, groups, categories, consignors, and what an organizer lets in beyond."""

import pytest
from msgspec.structs import replace

from consign.domain.ledger.commands import ListItems, WithdrawItems
from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.item_commands import (
    ChangeItems,
    CompleteDrafts,
    ItemChange,
    SaveDraft,
)
from consign.domain.ledger.item_events import (
    ItemChanged,
)
from consign.domain.rejection import Reason, RowReason
from consign.domain.sale import Category
from tests.domain.entering import DRAFT, LOTS, ORGANIZER, PUZZLE, reasons
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
    DRESS,
    SALE,
    SETTINGS,
    SKIRT,
    registered,
    row,
)
from tests.domain.scenario import given


def test_a_lot_is_one_item_where_its_category_allows_lots() -> None:
    rows = (
        row(0, 1, "bodysuit", 500, pieces=3, size="86", brand="Colibri"),
        row(1, 1, "bodysuit", 500, pieces=4, size="86", brand="Colibri"),
        row(2, 1, "bodysuit", 500, pieces=2, size="86"),
        row(3, 1, "toy", 500, pieces=2),
        row(4, 1, "bodysuit", 500, pieces=0),
        row(5, 1, "bodysuit", 500),
        row(6, 1, "bodysuit", 500, size="x" * 61),
    )
    outcome = given(registered(LOTS)).when(ListItems(SALE, rows))
    outcome.then(
        ItemListed(SALE, SKIRT, ANNA, 1, "bodysuit", "bodysuit", 500, pieces=3, size="86", brand="Colibri"),
        ItemListed(SALE, DRESS, ANNA, 1, "bodysuit", "bodysuit", 500),
    )
    assert reasons(outcome.answer) == [
        (1, "lot_invalid", "/rows/1/pieces"),
        (2, "lot_invalid", "/rows/2/brand"),
        (3, "lot_invalid", "/rows/3/pieces"),
        (4, "lot_invalid", "/rows/4/pieces"),
        (6, "text_invalid", "/rows/6/size"),
    ]


def test_a_list_has_as_many_items_as_it_may_and_no_more() -> None:
    log = registered(replace(SETTINGS, items_per_list=2, lists_per_consignor=2))
    rows = (*(row(index, 1, "toy", 500) for index in range(3)), row(3, 1, "toy", 500, list_number=2))
    answer = log.issue(ListItems(SALE, (*rows, row(4, 1, "toy", 500, list_number=3), row(5, 2, "toy", 500))))
    assert [done.row for done in answer.listed] == [0, 1, 3, 5]
    assert reasons(answer) == [
        (2, "quota_exceeded", "/rows/2/list_number"),
        (4, "quota_exceeded", "/rows/4/list_number"),
    ]
    later = log.issue(ListItems(SALE, (row(0, 1, "toy", 500),)))
    assert "at most 2 items" in later.errors[0].detail


def test_groups_categories_and_consignors_have_quotas_of_their_own() -> None:
    categories = (
        Category("coat", "Coat", quota_groups=("outer", "clothes")),
        Category("jacket", "Jacket", quota_groups=("outer",)),
        Category("shirt", "Shirt", quota_groups=("clothes",)),
        Category("book", "Book", items_maximum=1),
    )
    log = registered(
        replace(
            SETTINGS,
            commission=replace(SETTINGS.commission, by_category={}),
            categories=categories,
            quotas={"outer": 1, "clothes": 2},
            items_per_consignor=5,
        )
    )
    names = ("coat", "jacket", "shirt", "shirt", "book", "book")
    answer = log.issue(ListItems(SALE, tuple(row(index, 1, name, 500) for index, name in enumerate(names))))
    assert [done.row for done in answer.listed] == [0, 2, 4]
    assert [error.row for error in answer.errors] == [1, 3, 5]
    second_list = tuple(row(index, 1, name, 500, list_number=2) for index, name in enumerate(names))
    answer = log.issue(ListItems(SALE, second_list))
    assert [done.row for done in answer.listed] == [0, 2]
    assert "at most 5 items" in answer.errors[-1].detail


@pytest.mark.parametrize("how", ["list", "complete", "change"])
def test_every_way_in_is_held_to_the_quotas(how: str) -> None:
    log = registered(replace(SETTINGS, items_per_list=1))
    log.issue(ListItems(SALE, (row(0, 1, "toy", 500), row(1, 1, "toy", 500, list_number=2))))
    match how:
        case "list":
            rejected = given(log).when(PUZZLE).rejected(Reason.ITEM_INVALID)
            assert rejected.errors[0]["reason"] == RowReason.QUOTA_EXCEEDED
        case "complete":
            log.issue(SaveDraft(SALE, DRAFT, ANNAS_NUMBER, "toy", "Puzzle", 500))
            assert log.issue(CompleteDrafts(SALE, ANNAS_NUMBER)).errors[0].reason == RowReason.QUOTA_EXCEEDED
        case _:
            answer = log.issue(ChangeItems(SALE, (ItemChange(SKIRT, list_number=2),)))
            assert answer.errors[0].reason == RowReason.QUOTA_EXCEEDED


def test_an_organizer_lets_in_what_there_is_no_place_for_and_it_is_recorded_so() -> None:
    log = registered(replace(SETTINGS, items_per_list=1))
    log.issue(ListItems(SALE, (row(0, 1, "toy", 500),)))
    late = ListItems(SALE, (row(0, 1, "toy", 500),), actor=ORGANIZER, beyond_quota=True)
    given(log).when(late).then(ItemListed(SALE, DRESS, ANNA, 1, "toy", "toy", 500, beyond_quota=True))
    given(log).when(ChangeItems(SALE, (ItemChange(DRESS, price_minor=600),))).then(
        ItemChanged(SALE, ItemListed(SALE, DRESS, ANNA, 1, "toy", "toy", 600, beyond_quota=True))
    )


def test_what_is_withdrawn_makes_place() -> None:
    log = registered(replace(SETTINGS, items_per_list=1))
    log.issue(ListItems(SALE, (row(0, 1, "toy", 500),)))
    log.issue(WithdrawItems(SALE, (SKIRT,)))
    assert log.issue(ListItems(SALE, (row(0, 1, "toy", 500),))).listed[0].tag == DRESS
