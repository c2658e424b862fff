"""Every figure of every report, from its trace: the traced events alone give the figure again."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from consign.actors.runner_lane import Lane
from consign.actors.runner_organization import first_checkpoint
from consign.actors.runner_window import Batch, Entry, whole_commands
from consign.adapters.postgres.queries import PostgresReadModels
from consign.domain.accounts import VOUCHER
from consign.domain.business import CONSIGN
from consign.domain.commission import RoundingBasis
from consign.http.reports.reckoning import Asked, reckoned, traced
from consign.projections.books.projection import BOOKS
from consign.projections.reports.definitions import ALL, Measure
from consign.projections.reports.projection import REPORTS
from tests.projections.full_sale import full_sale
from tests.projections.recorder import ORGANIZATION
from tests.projections.refolding import Refolding
from tests.projections.scenario import Scenario
from tests.projections.test_agreement import crowded_sale
from tests.support.cluster import Database
from tests.support.read_models import read_models

LOG_ID = UUID(int=1)
STEP_EVENTS = 200
NOW = datetime(2030, 1, 1, tzinfo=UTC)
PAGE_FACTS = 7

BY: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "takings": ((), ("tender",)),
    "sell-through": (("category",), ("participation", "category")),
    "stock": (("consignor", "category"),),
    "donations": (("consignor", "category", "tag", "description"),),
    "reconciliation": (("shelf_count", "category"),),
    "work": (("status",),),
    "fees": (("participation",),),
    "prices": ((),),
    "discounts": (("bearer",),),
    "taxes": (("rate_ppm",),),
    "payouts": (("status",),),
    "vouchers": (("voucher",),),
    "charity": (("participation",),),
    "trial-balance": (("account",),),
}


async def told_again(database: Database, scenario: Scenario) -> dict[str, int]:
    """Compare each figure with what its trace says; return how many figures were told of each report."""
    refolding, told = Refolding(scenario), dict.fromkeys(ALL, 0)
    async with read_models(database, REPORTS, BOOKS) as models:
        for projection in (REPORTS, BOOKS):
            lane = Lane(
                projection,
                await models.store.begin(first_checkpoint(ORGANIZATION, projection, LOG_ID)),
                models.store,
                cached_rows_max=100,
            )
            left = [Entry(stored, CONSIGN.decode_event) for stored in scenario.recorder.stored]
            while left:
                step = whole_commands(left, STEP_EVENTS)
                plan = await lane.plan(Batch(LOG_ID, b"", step))
                assert plan.step is not None
                await models.store.step(ORGANIZATION, [plan.step])
                lane.stepped(plan.step)
                left = left[len(step) :]
        queries = PostgresReadModels(database.reader_url)
        try:
            for name, ways in BY.items():
                for by in ways:
                    told[name] += await _each_figure(queries, refolding, Asked(ALL[name], scenario.sale, by))
        finally:
            await queries.close()
    return told


async def _each_figure(queries: PostgresReadModels, refolding: Refolding, asked: Asked) -> int:
    found = await reckoned(queries, ORGANIZATION, asked, NOW)
    figures = [(line.key, name, value) for line in found.lines for name, value in line.values.items()]
    for key, name, value in figures:
        changes, positions = await _trace(queries, Asked(asked.report, asked.sale, (), key), name)
        if name in changes:
            assert changes[name] == value, (asked.report.name, key, name)
        again = refolding.figure(asked.report.name, name, key, refolding.traced(positions))
        assert again == value, (asked.report.name, key, name)
    return len(figures)


async def _trace(queries: PostgresReadModels, row: Asked, name: str) -> tuple[dict[str, int], list[int]]:
    changes: dict[str, int] = {}
    positions: list[int] = []
    cursor: str | None = None
    while True:
        page = await traced(queries, ORGANIZATION, row, name, limit=PAGE_FACTS, cursor=cursor)
        for part in page.parts:
            positions.append(part.position)
            for measure, change in part.changes.items():
                changes[measure] = changes.get(measure, 0) + change
        if page.next_cursor is None:
            return changes, positions
        cursor = page.next_cursor


@pytest.mark.parametrize("seed", [3, 11])
async def test_the_events_of_a_trace_give_the_figure_again_whatever_the_crowd_does(
    database: Database, seed: int
) -> None:
    told = await told_again(database, crowded_sale(seed, RoundingBasis.CONSIGNOR, 400))
    assert told["takings"], told
    assert told["stock"], told


async def test_the_events_of_a_trace_give_the_figure_again_in_every_report(database: Database) -> None:
    told = await told_again(database, full_sale())
    assert [name for name, figures in told.items() if not figures] == []


def test_every_figure_of_every_report_is_told_of_the_full_sale() -> None:
    """A figure that is zero everywhere proves nothing of its trace."""
    rows = full_sale().rows("reports", "facts")
    postings = full_sale().rows("books", "postings")
    for report in ALL.values():
        facts = postings if report.table == "postings" else rows
        for measure in report.measures:
            assert any(_counts(fact, measure) for fact in facts), (report.name, measure.name)


def _counts(fact: Any, measure: Measure) -> bool:
    wanted = {name: (value,) if isinstance(value, str) else value for name, value in measure.where.items()}
    return bool(getattr(fact, measure.column)) and all(getattr(fact, name) in values for name, values in wanted.items())


@pytest.mark.parametrize("sale", [full_sale, lambda: crowded_sale(5, RoundingBasis.LIST, 400)], ids=["full", "crowded"])
def test_vouchers_are_worth_what_the_books_owe_for_them_at_every_position(sale: Callable[[], Scenario]) -> None:
    scenario = sale()
    said: dict[int, int] = {}
    owed: dict[int, int] = {}
    for fact in scenario.rows("reports", "facts"):
        if fact.kind == "voucher":
            said[fact.commit_position] = said.get(fact.commit_position, 0) + fact.amount_minor
    for posting in scenario.rows("books", "postings"):
        if posting.account == VOUCHER:
            owed[posting.commit_position] = owed.get(posting.commit_position, 0) - posting.amount_minor
    assert {position: minor for position, minor in said.items() if minor} == {
        position: minor for position, minor in owed.items() if minor
    }
    assert said


def test_who_owes_a_fee_is_told_as_the_books_have_it() -> None:
    scenario = full_sale()
    owed: dict[str, int] = {}
    for fact in scenario.rows("reports", "facts"):
        if fact.kind == "fee":
            owed[fact.participation] = owed.get(fact.participation, 0) + fact.amount_minor
    assert owed == {
        row.participation: row.fees_minor - row.fees_paid_minor for row in scenario.rows("books", "consignors")
    }
