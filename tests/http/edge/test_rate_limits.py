"""Who sends too much is told so; everybody else goes on."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consign.http.addresses import Addresses
from consign.http.exchange import Exchange
from consign.http.limiting import Limiting
from consign.http.problems import Refusal
from consign.http.rate_limits import Buckets, RateLimit, RateLimits
from consign.identity.caller import Caller
from consign.service.process import Service
from consign.settings import SettingsInvalidError, settings_from
from tests.http.edge.conftest import ACCOUNT_BURST, ADDRESS_BURST, ORGANIZATION_BURST
from tests.support.shop import Client, problem

HOME = "203.0.113.9"
ELSEWHERE = "203.0.113.10"


class Clock:
    def __init__(self) -> None:
        self.at_s = 1000.0

    def __call__(self) -> float:
        return self.at_s


@pytest.fixture
async def behind_proxy(front: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=front.url) as http:
        yield http


def from_address(address: str, token: str | None = None) -> dict[str, str]:
    shown = {} if token is None else {"Authorization": f"Bearer {token}"}
    return {"X-Forwarded-For": address, **shown}


async def signed_in(client: Client, service: Service) -> str:
    """Make a new account organizer of the client's organization; return a token as signing in gives it."""
    account = str(uuid4())
    granted = await client.done(f"/memberships/{account}/grant-roles", {"roles": ["organizer"]})
    await client.get(f"/memberships/{account}", after_position=granted["position"])
    return service.access_tokens.issue(account)


async def asked(http: httpx.AsyncClient, client: Client, token: str, *, address: str = HOME) -> httpx.Response:
    return await http.get(client.path("/memberships"), headers=from_address(address, token))


async def test_an_account_that_asks_too_much_is_told_when_to_come_back_and_others_go_on(
    front: Service, client: Client, behind_proxy: httpx.AsyncClient
) -> None:
    await client.found()
    eager, patient = await signed_in(client, front), await signed_in(client, front)
    address = "198.51.100.1"
    for left in reversed(range(ACCOUNT_BURST)):
        answer = await asked(behind_proxy, client, eager, address=address)
        assert answer.status_code == 200, answer.text
        assert answer.headers["RateLimit-Policy"] == f'"queries-per-account";q={ACCOUNT_BURST};w=6000'
        assert answer.headers["RateLimit"].startswith(f'"queries-per-account";r={left};t=')
    refused = await asked(behind_proxy, client, eager, address=address)
    assert problem(refused, 429, "rate_limited")["retryable"]
    assert 0 < int(refused.headers["Retry-After"]) <= 1000
    assert refused.headers["RateLimit"].startswith('"queries-per-account";r=0;')
    assert (await asked(behind_proxy, client, patient, address=address)).status_code == 200


async def test_an_organization_that_asks_too_much_hinders_no_other(
    service: Service, front: Service, client: Client, behind_proxy: httpx.AsyncClient
) -> None:
    await client.found()
    members = [await signed_in(client, front) for _ in range(2)]
    address = "198.51.100.2"
    statuses = [
        (await asked(behind_proxy, client, members[index % 2], address=address)).status_code
        for index in range(ORGANIZATION_BURST)
    ]
    assert statuses == [200] * ORGANIZATION_BURST
    refused = await asked(behind_proxy, client, members[1], address=address)
    assert problem(refused, 429, "rate_limited")["detail"].startswith("Too many requests of this organization")
    assert refused.headers["RateLimit"].startswith('"queries-per-organization";r=0;')
    async with Client(service.url, service.identity) as neighbour:
        await neighbour.found()
        token = await signed_in(neighbour, front)
        assert (await asked(behind_proxy, neighbour, token, address=address)).status_code == 200


async def test_an_address_that_asks_too_much_is_told_so_whatever_it_says_of_itself(
    behind_proxy: httpx.AsyncClient,
) -> None:
    for index in range(ADDRESS_BURST):
        forged = f"192.0.2.{index}, {HOME}"
        answer = await behind_proxy.get("/problems/not_found", headers=from_address(forged))
        assert answer.status_code == 200, answer.text
    refused = await behind_proxy.get("/nothing/here", headers=from_address(f"192.0.2.77, {HOME}"))
    problem(refused, 429, "rate_limited")
    assert (await behind_proxy.get("/problems", headers=from_address(ELSEWHERE))).status_code == 200


async def test_this_machine_itself_is_not_counted(behind_proxy: httpx.AsyncClient) -> None:
    answers = [await behind_proxy.get("/health") for _ in range(2 * ADDRESS_BURST)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[-1].headers


def request(address: str, path: str, method: str = "POST") -> dict[str, Any]:
    exchange = Exchange((), address, Addresses())
    return {"state": {"exchange": exchange}, "method": method, "path": path}


def let_anybody_in(_: Any) -> None:
    return None


def test_whatever_is_posted_without_a_token_is_counted_by_address() -> None:
    check = Limiting(RateLimits(sign_ins_per_address=RateLimit(1, 3)), Clock()).counting(let_anybody_in)
    for _ in range(3):
        check(request(HOME, "/api/v1/sign-in"))
    with pytest.raises(Refusal) as raised:
        check(request(HOME, "/api/v1/sign-in"))
    assert (raised.value.reason, raised.value.headers["Retry-After"]) == ("rate_limited", "1")
    check(request(ELSEWHERE, "/api/v1/sign-in"))
    check(request(HOME, "/webhooks/clerk"))
    check(request(HOME, "/problems", "GET"))


def test_looks_at_receipts_under_their_links_are_counted_by_address() -> None:
    check = Limiting(RateLimits(receipt_links_per_address=RateLimit(1, 3)), Clock()).counting(let_anybody_in)
    for path in ("/r/fair/code", "/r/fair/other", "/r/fair/code/receipt.pdf"):
        check(request(HOME, path, "GET"))
    with pytest.raises(Refusal) as raised:
        check(request(HOME, "/r/fair/code", "GET"))
    assert (raised.value.reason, raised.value.headers["Retry-After"]) == ("rate_limited", "1")
    check(request(ELSEWHERE, "/r/fair/code", "GET"))
    check(request(HOME, "/sign-in", "GET"))


def test_sixty_four_tills_flat_out_are_never_hindered() -> None:
    """A process does some 5,400 commands a second at most (docs/benchmark.md): a minute of all of them."""
    clock = Clock()
    limiting = Limiting(RateLimits(), clock)
    check = limiting.counting(let_anybody_in)
    tills = [
        Caller(account_id=f"cashier-{number}", kind="person", issuer="consign", expires_at_s=0) for number in range(64)
    ]
    for number in range(60 * 5400):
        scope = request(HOME, "/api/v1/organizations/fair/sessions/1/baskets/2/scan")
        exchange = scope["state"]["exchange"]
        exchange.caller, exchange.organization = tills[number % 64], "fair"
        limiting.count_address(scope, exchange)
        assert check(scope) is None, "counted, and let in"
        if number % 10 == 9:
            clock.at_s += 10 / 5400


@given(
    burst=st.integers(1, 50),
    per_s=st.floats(0.1, 1000),
    pauses_s=st.lists(st.floats(0, 10), min_size=1, max_size=200),
)
def test_a_bucket_gives_no_more_than_its_burst_and_its_rate(burst: int, per_s: float, pauses_s: list[float]) -> None:
    clock = Clock()
    buckets = Buckets("b", RateLimit(per_s, burst), now_s=clock)
    given = 0
    for pause_s in pauses_s:
        clock.at_s += pause_s
        taken = buckets.take("anna")
        given += not taken.missing_s
        assert given <= burst + (clock.at_s - 1000) * per_s + 1e-6
        if taken.missing_s:
            clock.at_s += taken.missing_s + 1e-6
            assert not buckets.take("anna").missing_s, "it says when there is a token again"
            given += 1


def test_as_many_buckets_are_known_as_may_be() -> None:
    buckets = Buckets("b", RateLimit(1, 2), buckets_max=100, now_s=Clock())
    for number in range(1000):
        buckets.take("busy")
        buckets.take(f"passer-by {number}")
    assert len(buckets) == 100
    assert buckets.take("busy").missing_s, "who goes on asking is not forgotten"


def test_limits_are_set_one_by_one() -> None:
    given = '{"commands_per_account": {"per_s": 20, "burst": 500}}'
    limits = settings_from({"CONSIGN_RATE_LIMITS": given}).rate_limits
    assert limits == RateLimits(commands_per_account=RateLimit(20, 500))
    for wrong in ('{"commands": {}}', '{"commands_per_account": {"per_s": 0, "burst": 1}}', "{", "[]"):
        with pytest.raises(SettingsInvalidError):
            settings_from({"CONSIGN_RATE_LIMITS": wrong})
