"""A whole sale as an integrator sees it who has read nothing but the published document."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats
import pytest

from consign.local.servers import LocalServers
from tests.support.eventually import eventually
from tests.support.integrator import CatchUp, Document, Integrator
from tests.support.settled_shop import to_be_settled
from tests.support.shop import Client, Shop

DOCUMENT = Path(__file__).parents[2] / "docs" / "api" / "asyncapi.json"


def catching_up(client: Client) -> CatchUp:
    async def after(position: int) -> list[dict[str, Any]]:
        token = client.token_of("integrator", {client.organization: ("integrator",)})
        response = await client.get("/events", token=token, after=position, limit=7)
        assert response.status_code == 200, response.text
        events: list[dict[str, Any]] = response.json()["items"]
        return events

    return after


async def traded(client: Client) -> Shop:
    """A sale with a refund, a void, and what was voided sold again; three things stay unsold."""
    shop = await Shop.opened(client, items=12)
    await shop.sold(*shop.tags[:6])
    await shop.sold(*shop.tags[6:9])
    refund = {"tender": "cash", "reason": "torn", "lines": [{"tag": shop.tags[0]}]}
    await client.done(f"/sessions/{shop.session}/receipts/K1-1/refund", refund)
    await client.done(f"/sessions/{shop.session}/receipts/K1-2/void", {"reason": "wrong basket"})
    await shop.sold(*shop.tags[6:9])
    return shop


@asynccontextmanager
async def integrating(servers: LocalServers, integrator: Integrator, organization: str) -> AsyncIterator[None]:
    connection = await nats.connect(servers.nats_public_url)
    try:
        await integrator.listen(connection, organization)
        await connection.flush()
        yield
    finally:
        await connection.close()


async def rows(client: Client, path: str, position: int, **filters: Any) -> list[dict[str, Any]]:
    response = await client.get(path, after_position=position, limit=200, **filters)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["items"]
    return found


@pytest.mark.parametrize("loses_every", [0, 3])
async def test_whoever_reads_the_document_can_follow_a_whole_sale(
    client: Client, service_servers: LocalServers, loses_every: int
) -> None:
    document = Document(DOCUMENT.read_text(encoding="utf-8"))
    integrator = Integrator(document, catching_up(client), loses_every=loses_every)
    async with integrating(service_servers, integrator, client.organization):
        settled = await to_be_settled(await traded(client))
        await settled.freeze()
        await settled.with_details()
        batch = (await settled.prepare())["batches"][0]["batch"]
        await client.done(settled.path(f"/payout-batches/{batch}/send"))
        last = await client.done(settled.path(f"/payout-batches/{batch}/confirm"))
        position = last["position"]

        items = await rows(client, "/items", position, sale=settled.shop.sale)
        receipts = await rows(client, "/receipts", position, sale=settled.shop.sale)
        payouts = await rows(client, "/payouts", position, sale=settled.shop.sale)
        public = await rows(client, "/events", position, after=0)

        async def has_everything() -> bool:
            if loses_every:
                await integrator.mend()
            return integrator.position == len(public)

        await eventually(has_everything)

    assert integrator.delivered
    assert integrator.items == {row["tag"]: row["status"] for row in items}
    figures = ("total_minor", "refunded_minor", "voided")
    assert integrator.receipts == {row["receipt"]: {name: row[name] for name in figures} for row in receipts}
    assert integrator.payouts == {
        row["payout"]: {"amount_minor": row["amount_minor"], "status": row["status"]} for row in payouts
    }
    assert {payout["status"] for payout in integrator.payouts.values()} == {"paid"}
