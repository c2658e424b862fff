"""`kill -9` between two statements, and books that say something else: a freeze is whole, or it is undone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from consign.http.identity.development import DevelopmentIdentity
from tests.e2e.service_process import TOKEN_KEY, ServiceProcess, Site, site
from tests.e2e.stored import administer
from tests.support.cluster import Database
from tests.support.eventually import eventually
from tests.support.settled_shop import Settled, sold_out
from tests.support.shop import Client, new_id, problem

pytestmark = pytest.mark.fault

HALTING = ("-m", "tests.faults.halting_service")
"""The same service; a freeze stands still after its first statement."""
ADJUSTMENT = {"amount_minor": 250, "reason": "a hanger was lost"}


@asynccontextmanager
async def client_of(process: ServiceProcess) -> AsyncIterator[Client]:
    async with Client(process.url, DevelopmentIdentity(TOKEN_KEY.encode())) as client:
        yield client


async def half_frozen(running: Site, client: Client, settled: Settled, process: ServiceProcess) -> str:
    """Freeze until the first statement is out, and kill the service there; return the key of the request."""
    key = new_id()
    request = asyncio.create_task(client.post(settled.path("/settlement/freeze"), {}, key=key))

    async def begun() -> bool:
        return bool((await client.get(settled.path("/settlement"))).json()["statements"] == 1)

    await eventually(begun)
    assert not request.done()
    await process.kill()
    with pytest.raises(httpx.TransportError):
        await request
    assert running.processes[0] is process
    return key


async def adjust(settled: Settled) -> httpx.Response:
    body = {**ADJUSTMENT, "participation": settled.participations[18]}
    return await settled.client.post(settled.path("/settlement/adjust"), body)


async def statements(settled: Settled, position: int) -> list[dict[str, Any]]:
    page = await settled.answer("/statements", position, sale=settled.shop.sale)
    rows: list[dict[str, Any]] = page["items"]
    return rows


async def test_a_freeze_that_was_killed_half_way_goes_on_with_the_same_request(
    database: Database, nats_urls: tuple[str, str]
) -> None:
    async with site(database, *nats_urls) as running:
        halting = await running.started(program=HALTING, freeze_limit_s="120")
        async with client_of(halting) as client:
            settled = await sold_out(client)
            key = await half_frozen(running, client, settled, halting)
        again = await running.started()
        async with client_of(again) as client:
            client.organization = settled.client.organization
            client.token = settled.client.token
            settled.client = client

            async def refused() -> bool:
                answer = await adjust(settled)
                return answer.status_code == httpx.codes.CONFLICT

            await eventually(refused, within_s=20)
            refusal = problem(await adjust(settled), 409, "settlement_freezing")
            assert refusal["retryable"]
            frozen = await client.done(settled.path("/settlement/freeze"), {}, key=key)
            assert frozen["statements"] == 2
            rows = await statements(settled, frozen["position"])
            assert {(row["statement"], row["status"]) for row in rows} == {("S1", "issued"), ("S2", "issued")}
            assert sum(row["net_minor"] for row in rows) == frozen["net_minor"]
            assert (await adjust(settled)).status_code == httpx.codes.OK


async def test_a_freeze_that_was_killed_and_forgotten_is_undone_by_itself(
    database: Database, nats_urls: tuple[str, str]
) -> None:
    async with site(database, *nats_urls) as running:
        halting = await running.started(program=HALTING, freeze_limit_s="3")
        async with client_of(halting) as client:
            settled = await sold_out(client)
            await half_frozen(running, client, settled, halting)
            await halting.start()

            async def accepted() -> int:
                answer = await adjust(settled)
                return answer.json()["position"] if answer.status_code == httpx.codes.OK else 0

            position = await eventually(accepted, within_s=30)
            found = await settled.answer(settled.path("/settlement"), position)
            assert (found["status"], found["statements"]) == ("open", 0)
            assert [row["status"] for row in await statements(settled, position)] == ["cancelled"]


async def test_books_that_were_tampered_with_do_not_pass_for_a_settlement(
    database: Database, nats_urls: tuple[str, str]
) -> None:
    async with site(database, *nats_urls) as running:
        process = await running.started()
        async with client_of(process) as client:
            settled = await sold_out(client)
            table = await _table_of(database, "balances")
            account = f"payable/{settled.participations[17]}"
            change = f"UPDATE {table} SET balance_minor = balance_minor - 1 WHERE account = $1"
            preview = await settled.answer(settled.path("/settlement-preview"), 1)
            assert preview["net_minor"] > 0
            await administer(database, change, account)
            refused = problem(await client.post(settled.path("/settlement/freeze"), {}), 409, "settlement_differs")
            assert f"owe {preview['net_minor'] + 1} " in refused["detail"]
            adjusted = await adjust(settled)
            assert adjusted.status_code == httpx.codes.OK
            found = await settled.answer(settled.path("/settlement"), adjusted.json()["position"])
            assert (found["status"], found["statements"]) == ("open", 0)


async def _table_of(database: Database, table: str) -> str:
    sql = "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE tablename LIKE $1"
    (found,) = await administer(database, sql, f"%books%{table}%")
    name: str = found["name"]
    return name
