"""Lists, statements and payouts over many pages: headers repeat, totals are carried, every part counts its pages."""

import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from msgspec.structs import replace

from consign.papers.amounts import style_of
from consign.papers.lists import ConsignorItems, ItemList, ListedItem, ListKind, item_list_paper
from consign.papers.statements import (
    PayoutLine,
    PayoutList,
    Statement,
    StatementFigure,
    StatementLine,
    payout_paper,
    statement_papers,
)
from tests.papers.reading import sizes_mm, texts

ENGLISH = style_of("en", "EUR", "UTC")
NOON = datetime(2026, 11, 21, 12, 5, tzinfo=UTC)
LETTERHEAD = ("Parents of Neukirchen", "1 Main Street")
LINES = tuple(
    StatementLine(f"001-0017-{number:03}-0", f"Thing {number}", "Toys", NOON, 100 + number) for number in range(1, 101)
)
GROSS_MINOR = sum(line.price_minor for line in LINES)
STATEMENT = Statement(
    number="2026-17",
    sale="Spring sale",
    consignor=17,
    address=("Ada Example", "2 Side Street"),
    letterhead=LETTERHEAD,
    lines=LINES,
    gross_minor=GROSS_MINOR,
    figures=(StatementFigure("Commission 20 %", -3010), StatementFigure("Fee", -300)),
    net_minor=GROSS_MINOR - 3310,
    as_of=NOON,
    notes=("Rounded once.",),
)


def statement(printed: Statement) -> list[str]:
    return texts(statement_papers("Statements", [printed], ENGLISH, NOON))


def test_a_statement_leads_from_what_was_sold_to_what_is_paid() -> None:
    pages = statement(STATEMENT)
    first, last = pages[0], pages[-1]
    for said in ("Parents of Neukirchen", "Ada Example", "2 Side Street", "Statement 2026-17", "Consignor 17"):
        assert said in first
    for said in ("Sold for", "150.50", "Commission 20 %", "−30.10", "Fee", "−3.00", "To be paid to you", "€117.40"):
        assert said in last
    assert "Rounded once." in last
    whole = "\n".join(pages)
    assert [len(re.findall(rf"Thing {number}\b", whole)) for number in (1, 50, 100)] == [1, 1, 1]


def test_each_page_repeats_the_header_and_carries_the_sum_on() -> None:
    pages = statement(STATEMENT)
    assert len(pages) > 2
    for page in pages[:-1]:
        assert "Description" in page
        assert "Carried forward" in page
    for earlier, later in pairwise(pages[:-1]):
        forward = re.search(r"Carried forward\s+([\d.,]+)", earlier)
        brought = re.search(r"Brought forward\s+([\d.,]+)", later)
        assert forward is not None
        assert brought is not None
        assert forward[1] == brought[1]
    [total] = [page for page in pages if re.search(r"Total\s+150\.50", page)]
    assert total in pages[-2:]


def test_what_is_carried_is_the_sum_of_the_rows_so_far() -> None:
    first = statement(STATEMENT)[0]
    prices = [int(price.replace(".", "")) for price in re.findall(r"Toys\s+(\d+\.\d\d)", first)]
    carried = re.search(r"Carried forward\s+([\d.]+)", first)
    assert carried is not None
    assert int(carried[1].replace(".", "")) == sum(prices)


def test_each_statement_counts_its_own_pages() -> None:
    short = replace(STATEMENT, consignor=18, lines=LINES[:3])
    pages = texts(statement_papers("Statements", [STATEMENT, short, short], ENGLISH, NOON))
    counted = [found[0] for page in pages if (found := re.search(r"Page \d+ of \d+", page))]
    long = len(pages) - 2
    assert counted == [f"Page {page} of {long}" for page in range(1, long + 1)] + ["Page 1 of 1"] * 2


@pytest.mark.parametrize(("status", "said"), [("preview", "Preview, not final"), ("supplement", "Supplement")])
def test_what_is_not_final_says_so(status: str, said: str) -> None:
    assert said in statement(replace(STATEMENT, status=status))[0]
    assert said not in statement(STATEMENT)[0]


def test_whoever_owes_is_told_so() -> None:
    owing = statement(replace(STATEMENT, lines=(), gross_minor=0, figures=(), net_minor=-300))[-1]
    assert "Owed by you" in owing
    assert "€3.00" in owing


def test_a_payout_list_is_summed_up_and_sealed() -> None:
    lines = [PayoutLine(number, f"Person {number}", "Cash", "due", number * 100) for number in range(1, 101)]
    pages = texts(payout_paper(PayoutList("Spring sale", LETTERHEAD, lines, NOON, seal="ab12"), ENGLISH))
    assert len(pages) > 1
    assert "Carried forward" in pages[0]
    assert re.search(r"Total\s+5,050\.00", pages[-1])
    assert "Seal: ab12" in pages[-1]


def items(count: int) -> tuple[ListedItem, ...]:
    return tuple(
        ListedItem(f"001-0017-{number:03}-0", f"Thing {number}", "Toys", 250) for number in range(1, count + 1)
    )


def listed(kind: ListKind, *, apart: bool = False) -> ItemList:
    consignors = (
        ConsignorItems(17, "Ada Example", items(70)),
        ConsignorItems(18, "", items(1)),
        ConsignorItems(19, "Дмитрий", items(2)),
    )
    return ItemList(kind, "Spring sale", LETTERHEAD, consignors, NOON, apart)


@pytest.mark.parametrize(
    ("kind", "title", "box"),
    [
        (ListKind.DROP_OFF, "Drop-off list", "Brought"),
        (ListKind.PICK_UP, "Pick-up list", "Collected"),
        (ListKind.DONATIONS, "Donations list", "Donated"),
    ],
)
def test_a_list_names_everything_by_consignor(kind: ListKind, title: str, box: str) -> None:
    pages = texts(item_list_paper(listed(kind), ENGLISH))
    whole = "\n".join(pages)
    assert title in pages[0]
    assert "73 items" in pages[0]
    assert all(box in page for page in pages)
    for said in ("Consignor 17 · Ada Example", "70 items", "Consignor 18", "1 item", "Consignor 19 · Дмитрий"):
        assert said in whole
    assert whole.count("001-0017-001-0") == 3


def test_a_list_to_hand_out_begins_a_page_with_each_consignor() -> None:
    pages = texts(item_list_paper(listed(ListKind.DROP_OFF, apart=True), ENGLISH))
    begins = [page for page in pages if "Page 1 of" in page]
    assert [found[0] for page in begins if (found := re.search(r"Consignor \d+", page))] == [
        "Consignor 17",
        "Consignor 18",
        "Consignor 19",
    ]
    assert all("Drop-off list" in page for page in begins)
    assert sum("Signature" in page for page in pages) == 3


def test_an_empty_list_is_still_a_page() -> None:
    empty = replace(listed(ListKind.PICK_UP), consignors=())
    assert sizes_mm(item_list_paper(empty, ENGLISH)) == [(210, 297)]
    assert sizes_mm(statement_papers("Statements", [], ENGLISH, NOON)) == [(210, 297)]
