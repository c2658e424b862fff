"""A whole sale as an integrator sees it who has read nothing but the published document."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats
import pytest

from consign.local.servers import LocalServers
from tests.http.test_offline import made, upload
from tests.support.eventually import eventually
from tests.support.integrator import CatchUp, Document, Integrator
from tests.support.settled_shop import to_be_settled
from tests.support.shop import Client, Shop, new_id

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


async def back_from_away(shop: Shop) -> None:
    """A till comes back: with a sale, with one that contradicts, and with something torn; an organizer looks at it."""
    client, path = shop.client, f"/sales/{shop.sale}"
    sales = [made(9, (shop.tags[9], 550)), made(10, (shop.tags[1], 150)), {"torn": True}]
    answer = await client.done(f"{path}/offline-sales", upload(shop, *sales))
    (conflict,) = answer["sales"][1]["conflicts"]
    await client.done(f"{path}/manual-lines/{conflict}/keep", {"reason": "the shopper is gone"})
    await client.done(f"{path}/quarantine/{answer['sales'][2]['quarantine']}/discard", {"reason": "a test"})
    again = await client.done(f"{path}/offline-sales", upload(shop, made(11, (shop.tags[1], 150)), {"torn": False}))
    await client.done(f"/sessions/{shop.session}/receipts/K1-11/void", {"reason": "sold before"})
    assert [each["outcome"] for each in again["sales"]] == ["received", "quarantined"]
    waiting = again["sales"][1]["quarantine"]
    await client.done(f"{path}/quarantine/{waiting}/discard", {"reason": "the same test"})


async def with_vouchers(shop: Shop) -> None:
    """One pays for a receipt that is voided and sold again; the price of another one is given back."""
    client, session = shop.client, f"/sessions/{shop.session}"
    cash = {"amount_minor": 2000, "tenders": [{"kind": "cash", "amount_minor": 2000}]}
    voucher, other = [(await client.done(f"{session}/sell-voucher", cash))["voucher"] for _ in range(2)]
    for number in (12, 13):
        basket = new_id()
        due = await client.done(shop.basket(basket, "scan"), {"tag": shop.tags[10]})
        tender = {"kind": "voucher", "amount_minor": due["total_minor"], "reference": voucher}
        paid = await client.done(shop.basket(basket, "pay"), {"tenders": [tender]})
        assert paid["receipt"] == f"K1-{number}"
        if number == 12:
            await client.done(f"{session}/receipts/K1-12/void", {"reason": "wrong basket"})
    await client.done(f"{session}/take-voucher-back", {"voucher": other, "reason": "one too many"})


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
        shop = await traded(client)
        await back_from_away(shop)
        await with_vouchers(shop)
        (anna, *_) = await rows(client, "/participations", 0, sale=shop.sale)
        await client.done(f"/participations/{anna['participation']}/grant-allowance", {"extra_items": 7})
        settled = await to_be_settled(shop)
        await settled.freeze()
        await settled.with_details()
        batch = (await settled.prepare())["batches"][0]["batch"]
        await client.done(settled.path(f"/payout-batches/{batch}/send"))
        last = await client.done(settled.path(f"/payout-batches/{batch}/confirm"))
        position = last["position"]

        items = await rows(client, "/items", position, sale=settled.shop.sale)
        receipts = await rows(client, "/receipts", position, sale=settled.shop.sale)
        payouts = await rows(client, "/payouts", position, sale=settled.shop.sale)
        conflicts = await rows(client, "/conflicts", position, sale=shop.sale)
        quarantine = await rows(client, f"/sales/{shop.sale}/quarantine", position)
        vouchers = await rows(client, "/vouchers", position, sale=shop.sale)
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
    assert integrator.conflicts == {row["conflict"]: row["status"] for row in conflicts}
    assert set(integrator.conflicts.values()) == {"kept", "voided"}
    assert integrator.quarantined == {row["quarantine"]: row["status"] for row in quarantine}
    assert integrator.voucher_minor == sum(row["balance_minor"] for row in vouchers)
    assert integrator.allowances == {anna["participation"]: 7}
    assert {payout["status"] for payout in integrator.payouts.values()} == {"paid"}
