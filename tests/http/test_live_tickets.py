"""Tickets for browsers' EventSource, which sends no header: each opens one stream, once, of one organization."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from msgspec.structs import replace

from consign.service.process import Service
from tests.http.conftest import ServiceThread
from tests.http.identity.test_cookies import IDENTITY, Page
from tests.support.eventually import eventually
from tests.support.shop import Client, problem

END_LIMIT_S = 30.0


async def bought(client: Client, **how: str) -> str:
    answer = await client.http.post(client.path("/live/tickets"), headers={**client.headers(), **how})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    ticket: str = answer.json()["ticket"]
    return ticket


async def opened(http: httpx.AsyncClient, address: str, **how: str) -> int:
    async with http.stream("GET", address, headers=how) as stream:
        return stream.status_code


async def test_a_ticket_opens_one_stream_once(founded: Client) -> None:
    address = founded.path(f"/live?read_models=memberships&ticket={await bought(founded)}")
    async with founded.http.stream("GET", address) as stream:
        assert stream.status_code == 200
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert await anext(stream.aiter_lines()) == "retry: 1000"
    problem(await founded.http.get(address), 401, "unauthenticated")


async def test_a_ticket_is_for_one_organization_and_for_streams_alone(founded: Client, service: Service) -> None:
    async with Client(service.url, service.identity) as other:
        await other.found()
        both = {each.organization: ("organizer",) for each in (founded, other)}
        ticket = await bought(founded, Authorization=f"Bearer {founded.token_of('olga', both)}")
        problem(await other.http.get(other.path(f"/live?ticket={ticket}")), 401, "unauthenticated")
        problem(await other.http.get(founded.path(f"/live?ticket={ticket}")), 401, "unauthenticated")
    again = await bought(founded)
    problem(await founded.http.get(founded.path(f"/memberships?ticket={again}")), 401, "unauthenticated")
    bearing = {"Authorization": f"Bearer {again}"}
    problem(await founded.http.get(founded.path("/memberships"), headers=bearing), 401, "unauthenticated")
    assert await opened(founded.http, founded.path(f"/live?ticket={again}")) == 200


@pytest.mark.parametrize("ticket", ["", "ct_", "ct_x", "x" * 5000, "%00", "ct_%ff", "1&ticket=2"])
async def test_what_is_no_ticket_opens_nothing(founded: Client, ticket: str) -> None:
    refused = await founded.http.get(founded.path(f"/live?ticket={ticket}"))
    assert refused.status_code in (400, 401)


async def test_only_who_may_follow_buys_a_ticket(founded: Client) -> None:
    shopper = founded.token_of("sam", {founded.organization: ("shopper",)})
    problem(await founded.post("/live/tickets", token=shopper), 403, "forbidden")
    stranger = founded.token_of("sam", {"elsewhere": ("organizer",)})
    problem(await founded.post("/live/tickets", token=stranger), 404, "unknown_organization")


@pytest.fixture(scope="module")
def neighbour(service: Service) -> Iterator[Service]:
    """Another process of the same installation."""
    thread = ServiceThread(replace(service.settings, role="front"))
    yield thread.start()
    thread.stop()


async def test_any_process_takes_a_ticket_that_another_one_sold(founded: Client, neighbour: Service) -> None:
    address = founded.path(f"/live?ticket={await bought(founded)}")
    async with httpx.AsyncClient(base_url=neighbour.url) as http:
        assert await opened(http, address) == 200
    problem(await founded.http.get(address), 401, "unauthenticated")


@pytest.mark.parametrize("ended", ["session", "membership"])
async def test_a_stream_that_a_ticket_opened_ends_with_what_bought_it(
    founded: Client, service: Service, ended: str
) -> None:
    page = Page(founded, service)
    account = (await page.signed_in())["account"]
    granted = await founded.done(f"/memberships/{account}/grant-roles", {"roles": ["volunteer"]})
    sold = await page.post(founded.path("/live/tickets"), X_Consign_After=str(granted["position"]))
    address = founded.path(f"/live?read_models=books&ticket={sold.json()['ticket']}")
    async with asyncio.timeout(END_LIMIT_S), founded.http.stream("GET", address) as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "retry: 1000"
        if ended == "session":
            assert (await page.post(f"{IDENTITY}/sign-out")).status_code == 200
        else:
            await founded.done(f"/memberships/{account}/end")
        async for _ in lines:
            pass  # to the end, which is what is waited for


async def test_no_log_line_tells_a_ticket(founded: Client, capfd: pytest.CaptureFixture[str]) -> None:
    ticket = await bought(founded)
    seen: list[str] = []

    def is_logged() -> bool:
        captured = capfd.readouterr()
        seen.extend((captured.out, captured.err))
        return 'live","status":200' in "".join(seen) and "/health" in "".join(seen)

    for _ in range(2):
        await opened(founded.http, founded.path(f"/live?ticket={ticket}"))
    await founded.http.get("/health")
    await eventually(is_logged)
    assert ticket not in "".join(seen)
