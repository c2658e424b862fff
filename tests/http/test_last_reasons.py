"""Reasons for which a request ends that hardly anybody meets: each is reached by limits that are small enough."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid5

import pytest
from litestar import Request

from consign.actors import runner_changes
from consign.adapters.crypto.identity_secrets import IdentitySecrets
from consign.adapters.postgres.addresses import addresses_of
from consign.adapters.postgres.history import PostgresHistory
from consign.adapters.postgres.identity_connections import IdentityConnections
from consign.adapters.postgres.web_store import PostgresWebStore
from consign.domain.business import CONSIGN
from consign.http import quarantine
from consign.http.addresses import Addresses
from consign.http.exchange import Exchange
from consign.http.folding import Folding, FoldLimits
from consign.http.live_tickets import believe_ticket
from consign.http.problems import Refusal
from consign.http.quarantine import Quarantine
from consign.identity.live_tickets import LiveTickets
from consign.local.servers import LocalServers
from consign.projections.history import Until
from consign.service.process import Service
from tests.http.conftest import ServiceThread
from tests.support.shop import Client, problem

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
FAR_OFF = datetime(2100, 1, 1, tzinfo=UTC)


def request() -> Request[Any, Any, Any]:
    """Return a request of a client that stays."""

    async def receive() -> Any:
        return await asyncio.Event().wait()

    scope: Any = {"type": "http", "headers": [], "method": "GET", "path": "/"}
    return Request(scope, receive=receive)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (FoldLimits(page_events=1, events_max=1), "history_too_long"),
        (FoldLimits(duration_s=0.0), "history_too_long"),
        (FoldLimits(at_once=0, wait_s=0.01), "history_busy"),
    ],
    ids=["more events than may be", "more time than may be", "others read"],
)
async def test_a_history_is_bounded_and_so_are_all_together(
    founded: Client, service_servers: LocalServers, limits: FoldLimits, reason: str
) -> None:
    log = PostgresHistory(addresses_of(service_servers.postgres_url).reader)
    stream = f"organization-{founded.organization}"
    try:
        folding = Folding(log, CONSIGN, limits)
        with pytest.raises(Refusal) as raised:
            await folding.stream(request(), founded.organization, stream, Until())
    finally:
        await log.close()
    assert raised.value.reason == reason


async def test_no_more_screens_follow_than_may(founded: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_changes, "SUBSCRIBERS_MAX", 0)
    refused = problem(await founded.get("/live"), 503, "too_many_screens")
    assert refused["retryable"]


async def test_where_integrators_get_no_access_to_nats_it_is_said(founded: Client) -> None:
    problem(await founded.post("/nats-credentials/web-shop/issue", {}), 409, "nats_not_offered")


async def test_while_what_people_sign_in_with_cannot_be_reached_nobody_is_believed() -> None:
    connections = IdentityConnections(NOWHERE)
    tickets = LiveTickets(PostgresWebStore(connections), IdentitySecrets(b"root"))
    exchange = Exchange((), "127.0.0.1", Addresses())
    try:
        with pytest.raises(Refusal) as raised:
            await believe_ticket(tickets, exchange, "fair", "a ticket")
    finally:
        await connections.close()
    assert (raised.value.reason, raised.value.headers["Retry-After"]) == ("identity_unavailable", "1")


async def test_what_cannot_be_sealed_any_more_is_not_kept(
    founded: Client, service: Service, service_thread: ServiceThread
) -> None:
    sealing = Quarantine(service._vault, kept_days=1, now=lambda: FAR_OFF)
    key = str(uuid5(quarantine._DAYS, FAR_OFF.date().isoformat()))

    async def kept_after_its_key_went() -> None:
        assert len(await sealing.kept(founded.organization, "till", [b"{"])) == 1
        await service._vault.forget(founded.organization, key)
        await sealing.kept(founded.organization, "till", [b"{"])

    with pytest.raises(Refusal) as raised:
        await service_thread.done(kept_after_its_key_went())
    assert raised.value.reason == "unavailable"
