"""The service's own filter by organization is taken away by intent: row-level security alone answers the same."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from consign.actors.queries import QueryRefused, Selection
from consign.adapters.postgres.history import PostgresHistory
from consign.adapters.postgres.queries import PostgresReadModels
from consign.service.process import Service
from tests.actors.test_runner import POLLS, reaches, running
from tests.http.matrix.endpoints import Endpoint, endpoints_of
from tests.support.cluster import Database
from tests.support.read_models import ReadModels, read_models
from tests.support.shop import Client
from tests.support.toy_log import ToyLog
from tests.support.toy_projection import COUNTERS
from tests.tenancy.asking import asked, held_sale, is_query
from tests.tenancy.watched import Watch

AMOUNTS: Mapping[str, int] = {"acme": 1, "other": 2}
"""What each organization counts, so that a row says whose it is."""
ROUNDS = 60
ASKED_TIMES = 3

type Answer = tuple[int, Any]


@pytest.fixture
async def models(database: Database) -> AsyncIterator[ReadModels]:
    async with read_models(database) as models:
        for organization, amount in AMOUNTS.items():
            log = await ToyLog.begin(models.log, organization)
            await log.commit([(f"counter-{index}", amount) for index in range(6)])
        async with running(models, limits=POLLS):
            for organization in AMOUNTS:
                await reaches(models, 6, organization=organization)
        yield models


async def totals(queries: PostgresReadModels, organization: str) -> set[int]:
    page = await queries.select(organization, COUNTERS, "counters", Selection())
    return {row.total for row in page.rows}


async def test_read_models_and_history_show_no_foreign_row_without_their_filter(
    watch: Watch, models: ReadModels
) -> None:
    queries, history = PostgresReadModels(models.database.reader_url), PostgresHistory(models.database.reader_url)
    with watch.without_filter():
        for organization, amount in AMOUNTS.items():
            assert await totals(queries, organization) == {amount}
            stored = await history.read(organization, 0, 100)
            assert ({each.organization_id for each in stored}, len(stored)) == ({organization}, 6)
        assert watch.unfiltered > 0
    await queries.close()
    await history.close()


async def test_the_same_questions_in_a_role_that_sees_all_show_everybodys(watch: Watch, models: ReadModels) -> None:
    """Show that the filter is really gone: nothing but the reader's policy kept the rows apart."""
    watch.role_without_filter = "consign_projector"
    queries = PostgresReadModels(models.database.projector_url)
    with watch.without_filter():
        assert await totals(queries, "acme") == set(AMOUNTS.values())
    await queries.close()


async def test_connections_that_two_organizations_share_carry_nothing_over(watch: Watch, models: ReadModels) -> None:
    """Let questions of both go over two connections, with refusals, broken statements and cancellations in between."""
    queries = PostgresReadModels(models.database.reader_url, connections_max=2)
    dice = random.Random(7)

    async def asks(organization: str) -> None:
        what = dice.choice(("rows", "rows", "refused", "broken", "cancelled"))
        if what == "refused":
            with pytest.raises(QueryRefused):
                await queries.select(organization, COUNTERS, "counters", Selection(where={"colour": "red"}))
        elif what == "broken":
            with pytest.raises(QueryRefused):
                await queries.select(organization, COUNTERS, "counters", Selection(where={"total": 2**70}))
        elif what == "cancelled":
            asking = asyncio.create_task(totals(queries, organization))
            for _ in range(dice.randrange(6)):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        else:
            assert await totals(queries, organization) == {AMOUNTS[organization]}

    with watch.without_filter():
        await asyncio.gather(*(asks(organization) for _ in range(ROUNDS) for organization in AMOUNTS))
    for organization, amount in AMOUNTS.items():
        assert await totals(queries, organization) == {amount}
    await queries.close()


async def both_ways(
    watch: Watch, http: httpx.AsyncClient, query: Endpoint, ids: Mapping[str, str], token: str
) -> tuple[Answer, Answer]:
    """Ask with the filter and without it; once more where the first asking left the trace that the second tells of."""
    filtered = unfiltered = (0, None)
    for _ in range(ASKED_TIMES):
        filtered = await asked(http, query, ids, token)
        with watch.without_filter():
            unfiltered = await asked(http, query, ids, token)
        if filtered == unfiltered:
            break
    return filtered, unfiltered


async def test_the_whole_service_answers_every_query_the_same_without_its_filters(
    watch: Watch, service: Service
) -> None:
    """Hold a sale in two organizations; then ask everything with and without the filters, and compare."""
    async with Client(service.url, service.identity) as first, Client(service.url, service.identity) as second:
        ids = [await held_sale(client) for client in (first, second)]
        queries = [
            each
            for each in await asyncio.to_thread(endpoints_of, service.url)
            if each.method == "GET" and is_query(each)
        ]
        watch.sent.clear()
        answered: set[str] = set()
        differing = []
        for client, known in zip((first, second), ids, strict=True):
            token = client.token_of("anna", {client.organization: ("organizer", "auditor", "integrator", "cashier")})
            for query in queries:
                filtered, unfiltered = await both_ways(watch, client.http, query, known, token)
                if filtered != unfiltered:
                    differing.append(query.rule)
                if filtered[0] == httpx.codes.OK:
                    answered.add(query.rule)
        assert differing == []
        assert len(answered) > len(queries) / 2, sorted(answered)
        assert watch.unfiltered > len(answered)
