"""A sale settled and paid out over HTTP: one request an action."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from msgspec.structs import replace

from consign.actors.ports import Accepted
from consign.domain.settlement.commands import FreezeSettlement
from consign.domain.values import SaleId
from consign.local.servers import LocalServers
from tests.http.conftest import ServiceThread
from tests.support.engine import issued
from tests.support.settled_shop import ADAS_IBAN, DEBTOR, Settled, sold_out
from tests.support.shop import SETTINGS, Client, Shop, new_id, problem


@pytest.fixture
async def settled(client: Client) -> Settled:
    return await sold_out(client)


async def test_a_sale_is_frozen_paid_by_a_file_and_closed(settled: Settled) -> None:
    client = settled.client
    frozen = await settled.freeze()
    assert frozen["statements"] == 2
    statements = await settled.answer("/statements", frozen["position"], sale=settled.shop.sale)
    assert sum(row["net_minor"] for row in statements["items"]) == frozen["net_minor"]
    assert {row["consignor"] for row in statements["items"]} == {17, 18}
    preview = await settled.answer(settled.path("/settlement-preview"), frozen["position"])
    assert preview["net_minor"] == preview["stated_minor"] == frozen["net_minor"]
    problem(await client.post(settled.path("/change-phase"), {"phase": "closed"}), 409, "payouts_open")

    await settled.with_details()
    prepared = await settled.prepare()
    (batch,) = prepared["batches"]
    assert (batch["count"], batch["total_minor"]) == (2, frozen["net_minor"] - 20)
    path = settled.path(f"/payout-batches/{batch['batch']}")
    first = await client.get(f"{path}/file", after_position=prepared["position"])
    assert first.headers["content-type"] == "application/xml"
    assert ADAS_IBAN.replace(" ", "") in first.text
    await settled.with_details()
    assert (await client.get(f"{path}/file")).content == first.content

    await client.done(f"{path}/send")
    confirmed = await client.done(f"{path}/confirm")
    assert confirmed["total_minor"] == batch["total_minor"]
    await settled.shop.move_to("closed")
    after = await settled.answer(settled.path("/settlement-preview"), confirmed["position"])
    assert after["paid_out_minor"] == frozen["net_minor"]


async def test_a_file_is_of_the_kind_that_its_batch_is_made_for_and_the_document_says_both(settled: Settled) -> None:
    client = settled.client
    await settled.freeze()
    await settled.with_details()
    prepared = await client.done(settled.path("/payouts/prepare"), {"method": "list"})
    path = settled.path(f"/payout-batches/{prepared['batches'][0]['batch']}/file")
    table = await client.get(path, after_position=prepared["position"])
    assert table.headers["content-type"].startswith("text/csv")
    for accepted, status in (("text/csv", 200), ("application/xml", 406), ("image/png", 406)):
        headers = {**client.headers(), "Accept": accepted}
        assert (await client.http.get(client.path(path), headers=headers)).status_code == status
    document = (await client.http.get("/schema/openapi.json")).json()
    template = next(each for each in document["paths"] if each.endswith("/payout-batches/{batch}/file"))
    content = document["paths"][template]["get"]["responses"]["200"]["content"]
    assert set(content) == {"application/xml", "text/csv"}


async def test_a_bank_that_has_not_changed_gets_the_message_it_reads(settled: Settled) -> None:
    client = settled.client
    older = {"debtor": {**DEBTOR, "message": "pain.001.001.03"}}
    settings = {**SETTINGS, "settlement": older}
    await client.done(settled.path("/change-settings"), {"settings": settings})
    await settled.freeze()
    await settled.with_details()
    prepared = await settled.prepare()
    path = settled.path(f"/payout-batches/{prepared['batches'][0]['batch']}/file")
    file = await client.get(path, after_position=prepared["position"])
    assert "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03" in file.text


async def test_freezing_again_says_the_same_and_issues_nothing_more(settled: Settled) -> None:
    key = new_id()
    first = await settled.client.post(settled.path("/settlement/freeze"), {}, key=key)
    again = await settled.client.post(settled.path("/settlement/freeze"), {}, key=key)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await settled.freeze()
    assert (other["statements"], other["seal"]) == (2, first.json()["seal"])


@asynccontextmanager
async def books_stopped(settled: Settled, database_url: str) -> AsyncIterator[None]:
    """Let the organization's books stand as they do after an event that they cannot take."""
    connection = await asyncpg.connect(database_url)
    books = "UPDATE consign.projection SET {} WHERE name = 'books' AND organization_id = $1"
    stopped, running = "status = 'stopped', error = 'poison'", "status = 'running', error = NULL"
    try:
        await connection.execute(books.format(stopped), settled.client.organization)
        yield
        await connection.execute(books.format(running), settled.client.organization)
    finally:
        await connection.close()


async def statuses_after_an_adjustment(settled: Settled) -> set[tuple[str, str | None]]:
    """Move a figure, which a freeze that is under way would refuse; return how statements stand then."""
    adjusted = {"participation": settled.participations[17], "amount_minor": 250, "reason": "a hanger was lost"}
    done = await settled.client.done(settled.path("/settlement/adjust"), adjusted)
    page = await settled.answer("/statements", done["position"], sale=settled.shop.sale)
    return {(row["status"], row["cancellation"]) for row in page["items"]}


async def test_while_the_books_stand_still_nothing_is_stated(settled: Settled, service_servers: LocalServers) -> None:
    async with books_stopped(settled, service_servers.postgres_url):
        refused = await settled.client.post(settled.path("/settlement/freeze"), {})
        told = problem(refused, 503, "settlement_unchecked")
        assert "Nothing was stated" in told["detail"]
        assert "consign rebuild" in told["detail"]
        assert not told["retryable"]
        assert await statuses_after_an_adjustment(settled) == set()


async def test_a_freeze_during_which_the_books_stop_is_undone(
    settled: Settled, service_thread: ServiceThread, service_servers: LocalServers
) -> None:
    stating = issued(settled.client.organization, FreezeSettlement(SaleId(settled.shop.sale)))
    assert service_thread.service is not None
    gateway = service_thread.service.gateway
    async with books_stopped(settled, service_servers.postgres_url):
        begun = await service_thread.done(gateway.submit(replace(stating, role="organizer")))
        assert isinstance(begun, Accepted)
        await settled.answer("/settlements", begun.position)
        refused = await settled.client.post(settled.path("/settlement/freeze"), {})
        assert "are cancelled" in problem(refused, 503, "settlement_unchecked")["detail"]
        assert await statuses_after_an_adjustment(settled) == {("cancelled", "C1")}


async def test_a_sale_is_not_frozen_while_a_till_is_open_unless_somebody_says_so(shop: Shop) -> None:
    for phase in ("pick_up", "settlement"):
        await shop.move_to(phase)
    path = f"/sales/{shop.sale}/settlement/freeze"
    refused = problem(await shop.client.post(path, {}), 409, "settlement_blocked")
    assert refused["errors"][0]["kind"] == "open_till"
    accepted = {"accepted": [{"kind": "open_till", "name": shop.till}], "reason": "counted tomorrow"}
    assert (await shop.client.done(path, accepted))["statements"] == 2


async def test_a_sale_that_there_is_not_has_no_settlement(shop: Shop) -> None:
    problem(await shop.client.get(f"/sales/{new_id()}/settlement"), 404, "unknown_settlement")


async def test_a_settlement_is_reopened_before_money_leaves_and_not_after(settled: Settled) -> None:
    client = settled.client
    await settled.freeze()
    reopened = await client.done(settled.path("/settlement/reopen"), {"reason": "a till was forgotten"})
    assert (reopened["cancellation"], reopened["cancelled"]) == ("C1", 2)
    adjusted = {"participation": settled.participations[17], "amount_minor": 250, "reason": "a hanger was lost"}
    await client.done(settled.path("/settlement/adjust"), adjusted)
    frozen = await settled.freeze()
    page = await settled.answer("/statements", frozen["position"], sale=settled.shop.sale, status="issued")
    assert {row["statement"] for row in page["items"]} == {"S3", "S4"}
    await settled.with_details()
    batch = (await settled.prepare())["batches"][0]["batch"]
    await client.done(settled.path(f"/payout-batches/{batch}/send"))
    problem(await client.post(settled.path("/settlement/reopen"), {"reason": "again"}), 409, "payouts_made")


async def test_a_return_after_the_settlement_yields_a_supplement(settled: Settled) -> None:
    client, shop = settled.client, settled.shop
    await settled.freeze()
    session = new_id()
    await client.done(f"/sessions/{session}/open", {"sale": shop.sale, "till": "K9", "float_minor": 10_000})
    refund = {"tender": "cash", "reason": "torn", "lines": [{"tag": shop.tags[0]}]}
    await client.done(f"/sessions/{session}/receipts/K1-1/refund", refund)
    issued = await client.done(settled.path("/settlement/issue-supplements"), {"reason": "returns"})
    assert (issued["issued"], issued["net_minor"]) == (1, -80)
    page = await settled.answer("/statements", issued["position"], sale=shop.sale, kind="supplement")
    (supplement,) = page["items"]
    assert supplement["lines"] == [{"tag": shop.tags[0], "gross_minor": -100, "rule": 0, "returned": True}]
    table = await client.get(settled.path(f"/statements/{supplement['statement']}/csv"))
    assert table.headers["content-type"].startswith("text/csv")
    assert "net,,-0.80" in table.text


async def test_a_payout_is_handed_over_at_a_till_once(settled: Settled) -> None:
    client, session = settled.client, new_id()
    frozen = await settled.freeze()
    await client.done(f"/sessions/{session}/open", {"sale": settled.shop.sale, "till": "K9", "float_minor": 10_000})
    payouts = (await settled.answer("/payouts", frozen["position"], sale=settled.shop.sale))["items"]
    payout = payouts[0]
    paid = await client.done(f"/sessions/{session}/pay-out", {"payout": payout["payout"]})
    assert paid["cash_minor"] == payout["amount_minor"]
    assert paid["expected_minor"] == 10_000 - payout["amount_minor"]
    again = await client.post(f"/sessions/{session}/pay-out", {"payout": payout["payout"]})
    problem(again, 409, "wrong_payout_status")


@pytest.mark.parametrize(
    ("details", "pointer"),
    [
        ({"name": "Ada", "iban": "DE89 3704 0044 0532 0130 01"}, "/details/iban"),
        ({"name": "Ada", "iban": ADAS_IBAN, "bic": "NOT"}, "/details/bic"),
        ({"name": "Ada", "bic": "COBADEFFXXX"}, "/details/iban"),
    ],
)
async def test_payout_details_are_checked_before_they_are_sealed(
    settled: Settled, details: dict[str, str], pointer: str
) -> None:
    path = f"/participations/{settled.participations[17]}/change-payout-details"
    refused = await settled.client.post(path, {"sale": settled.shop.sale, "details": details})
    assert problem(refused, 422, "body_invalid")["errors"][0]["pointer"] == pointer


async def test_payout_details_are_shown_to_organizers_and_gone_with_the_person(settled: Settled) -> None:
    client, participation = settled.client, settled.participations[17]
    await settled.freeze()
    await settled.with_details()
    prepared = await settled.prepare()
    known = await settled.answer(f"/participations/{participation}/payout-details", prepared["position"])
    assert known["details"] == {"name": "Person 17", "iban": ADAS_IBAN.replace(" ", ""), "bic": ""}
    await client.done(f"/participations/{participation}/forget")
    known = await settled.answer(f"/participations/{participation}/payout-details", prepared["position"])
    assert (known["details"], known["forgotten"]) == (None, True)
    file = await client.get(settled.path(f"/payout-batches/{prepared['batches'][0]['batch']}/file"))
    problem(file, 410, "person_forgotten")
