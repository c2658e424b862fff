from typing import Any

import pytest
from msgspec.structs import replace

from consign.domain.accounts import (
    BANK,
    CARD,
    CASH_ROUNDING,
    COMMISSION,
    FEES,
    OVER_SHORT,
    cash_account,
    payable_account,
)
from consign.domain.sale import ChangeSalePhase, Phase
from consign.domain.session.commands import CloseSession, MoveCash, RefundReceipt, VoidReceipt
from consign.domain.session.events import TenderKind
from consign.domain.values import ReceiptNumber
from consign.projections.books.rows import trial_balance
from consign.projections.history import ReadModelHistory, Until
from consign.projections.projection import MemoryRows
from consign.projections.registry import projection_named
from consign.projections.settlement import FiguresDisagree, preview
from tests.projections.scenario import (
    SALE,
    Scenario,
    live_sale,
    open_till,
    participation_id,
    planned_sale,
    sell,
    tag_of,
)

FLOAT_MINOR = 10_000


def balances(scenario: Scenario) -> dict[str, int]:
    """The accounts that do not stand at zero."""
    return {row.account: row.balance_minor for row in scenario.rows("books", "balances") if row.balance_minor}


def consignor(scenario: Scenario, number: int) -> Any:
    return scenario.row("books", participation_id(number), table="consignors")


def test_an_open_till_has_its_float_from_the_bank() -> None:
    scenario = live_sale(consignors=0)
    session = open_till(scenario, 1, "A", FLOAT_MINOR)

    assert balances(scenario) == {cash_account(session): FLOAT_MINOR, BANK: -FLOAT_MINOR}


def test_a_sale_is_owed_to_its_consignor_less_commission_and_fee() -> None:
    scenario = live_sale(consignors=1)
    session = open_till(scenario, 1, "A", FLOAT_MINOR)
    sell(scenario, session, 1, tag_of(scenario, 1, 2), card_minor=100)  # 298 for toys: 20 % is 59.6

    row = consignor(scenario, 1)

    assert (row.gross_minor, row.commission_minor, row.fees_minor, row.net_minor) == (298, 60, 250, -12)
    assert balances(scenario) == {
        BANK: -FLOAT_MINOR,
        cash_account(session): FLOAT_MINOR + 200,
        CARD: 100,
        CASH_ROUNDING: -2,
        COMMISSION: -60,
        FEES: -250,
        payable_account(participation_id(1)): 12,
    }


def test_commission_follows_tier_category_and_default() -> None:
    scenario = live_sale(consignors=3)
    session = open_till(scenario, 1, "A")
    sell(scenario, session, 1, tag_of(scenario, 1, 1), tag_of(scenario, 1, 0), tag_of(scenario, 3, 1))

    assert consignor(scenario, 1).commission_minor == 20 + 25 + 5
    assert consignor(scenario, 3).commission_minor == 20


def test_the_organizers_totals_move_with_every_receipt() -> None:
    scenario = live_sale(consignors=2)
    session = open_till(scenario, 1, "A")
    sell(scenario, session, 1, tag_of(scenario, 1, 0), tag_of(scenario, 2, 1))

    totals = scenario.row("books", SALE, table="totals")
    categories = {row.category: (row.gross_minor, row.items_sold) for row in scenario.rows("books", "categories")}

    assert (totals.gross_minor, totals.commission_minor, totals.items_sold) == (299, 20 + 30, 2)
    assert (totals.fees_minor, totals.net_minor) == (500, 299 - 50 - 500)
    assert categories == {"toys": (100, 1), "books": (199, 1)}


def test_a_void_takes_everything_back() -> None:
    scenario = live_sale(consignors=2)
    session = open_till(scenario, 1, "A")
    before = balances(scenario)
    sell(scenario, session, 1, tag_of(scenario, 1, 0), tag_of(scenario, 2, 1))
    scenario.do(VoidReceipt(session, ReceiptNumber("A-1"), "wrong basket"))

    assert balances(scenario) == before
    assert consignor(scenario, 1).items_sold == 0
    assert {row.items_sold for row in scenario.rows("books", "categories")} == {0}


def test_a_refund_takes_the_commission_back_with_it() -> None:
    scenario = live_sale(consignors=1)
    session = open_till(scenario, 1, "A")
    sell(scenario, session, 1, tag_of(scenario, 1, 0))
    scenario.do(RefundReceipt(session, ReceiptNumber("A-1"), TenderKind.CASH, "torn", "cashier"))

    row = consignor(scenario, 1)

    assert (row.gross_minor, row.commission_minor, row.items_sold) == (0, 0, 0)
    assert COMMISSION not in balances(scenario)


def test_what_a_count_finds_short_is_posted() -> None:
    scenario = live_sale(consignors=0)
    session = open_till(scenario, 1, "A", FLOAT_MINOR)
    scenario.do(MoveCash(session, 500, "more coins"))
    scenario.do(CloseSession(session, FLOAT_MINOR + 480, "counted twice"))

    assert balances(scenario) == {BANK: -20, OVER_SHORT: 20}


def test_a_cancelled_sale_owes_every_consignor_their_fee_again() -> None:
    scenario = live_sale(consignors=3)
    scenario.do(ChangeSalePhase(SALE, Phase.CANCELLED))

    assert balances(scenario) == {}
    assert scenario.row("books", SALE, table="totals").fees_minor == 0
    assert [row.net_minor for row in scenario.rows("books", "consignors")] == [0, 0, 0]


def test_postings_name_their_event_and_sum_to_zero() -> None:
    scenario = live_sale(consignors=1)
    session = open_till(scenario, 1, "A")
    sell(scenario, session, 1, tag_of(scenario, 1, 0))

    paid = [row for row in scenario.rows("books", "postings") if row.event == "basket-paid"]

    assert [row.line for row in paid] == list(range(len(paid)))
    assert sum(row.amount_minor for row in paid) == 0
    assert {row.currency for row in paid} == {"EUR"}


def test_the_books_of_an_earlier_position_can_be_asked_for() -> None:
    scenario = live_sale(consignors=1)
    session = open_till(scenario, 1, "A", FLOAT_MINOR)
    position = scenario.recorder.stored[-1].position
    sell(scenario, session, 1, tag_of(scenario, 1, 0))

    history = ReadModelHistory(projection_named("books"), scenario.recorder.decode_event, Until(position=position))
    history.feed(scenario.recorder.stored)
    rows: MemoryRows = history.rows

    assert rows.tables["balances"][SALE, cash_account(session)].balance_minor == FLOAT_MINOR
    assert trial_balance(rows.tables["balances"].values()) == {SALE: 0}


def test_a_preview_adds_up_and_says_how_each_commission_came_about() -> None:
    scenario = live_sale(consignors=2)
    session = open_till(scenario, 1, "A")
    sell(scenario, session, 1, tag_of(scenario, 1, 0), tag_of(scenario, 1, 1), tag_of(scenario, 2, 1))

    shown = preview(scenario.row("books", SALE, table="totals"), scenario.rows("books", "consignors"))

    assert [each.number for each in shown.consignors] == [1, 2]
    assert (shown.gross_minor, shown.commission_minor, shown.fees_minor, shown.net_minor) == (498, 80, 500, -82)
    parts = {part.rule.rate_ppm: part.commission_minor for part in shown.consignors[0].commission_parts}
    assert parts == {200_000: 20, 125_000: 30}


def test_a_preview_of_rows_that_disagree_is_refused() -> None:
    scenario = live_sale(consignors=2)
    totals = scenario.row("books", SALE, table="totals")

    with pytest.raises(FiguresDisagree):
        preview(replace(totals, net_minor=totals.net_minor + 1), scenario.rows("books", "consignors"))


def test_a_sale_without_consignors_settles_to_nothing() -> None:
    scenario = planned_sale()

    shown = preview(scenario.row("books", SALE, table="totals"), scenario.rows("books", "consignors"))

    assert (shown.consignors, shown.net_minor, shown.currency) == ((), 0, "EUR")
