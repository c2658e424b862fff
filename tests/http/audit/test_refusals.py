"""Who is refused: members leave a bounded trace in their organization's log, everybody else leaves none there."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import httpx
import msgspec
import pytest

from consign.domain.auditing import AccessRefused
from consign.http.access import RULES
from consign.http.addresses import Addresses
from consign.http.admission import Access
from consign.http.audit_records import (
    REFUSALS_PER_ACCOUNT_MAX,
    REFUSALS_PER_ORGANIZATION_MAX,
    WINDOW_S,
    AccessRecords,
)
from consign.http.audit_refusals import LINES_PER_REASON, LINES_WINDOW_S, Refusals, Sampling
from consign.http.edge import Edge
from consign.http.exchange import Exchange, exchange_of
from consign.http.identity.development import DevelopmentIdentity
from consign.http.identity.tokens import Tokens
from consign.http.limiting import Limiting
from consign.http.log_lines import RequestLines
from consign.http.metrics import Metrics
from consign.http.rate_limits import RateLimits
from consign.identity.caller import Caller
from consign.service.process import Service
from tests.http.audit.test_audit import THIS_MACHINE, audited
from tests.support.gateway import Gateway
from tests.support.shop import Client, Shop, problem

FLOOD = 10_000
HOME = "203.0.113.9"


@pytest.fixture
async def house(client: Client) -> Client:
    """An organization in which nothing has happened."""
    assert (await client.found()).status_code == 200
    return client


async def test_a_member_who_is_refused_leaves_one_trace_an_hour_for_each_thing(shop: Shop) -> None:
    client = shop.client
    carl = client.token_of("carl", {client.organization: ("cashier",)})
    for _ in range(5):
        problem(await client.post(f"/sales/{shop.sale}/settlement/freeze", {}, token=carl), 403, "forbidden")
        problem(await client.get("/books", token=carl), 403, "forbidden")
    refused = await audited(client, event="access-refused")
    assert {(each["account"], each["stream"], each["origin"]) for each in refused} == {
        ("carl", "account-carl", THIS_MACHINE)
    }
    assert len(refused) in (2, 3, 4), "once for each thing; an hour may have ended meanwhile"
    told = (await client.get("/history/streams/account-carl/events")).json()["items"]
    kept = [msgspec.convert(each["data"], AccessRefused) for each in told]
    assert {each.endpoint for each in kept} == {"freeze-settlement", "books"}


async def test_what_the_business_refuses_for_want_of_a_role_leaves_a_trace_too(shop: Shop) -> None:
    client = shop.client
    carl = client.token_of("carl", {client.organization: ("cashier",)})
    problem(
        await client.post(shop.basket(shop.sale, "scan"), {"tag": shop.tags[0]}, token=carl), 403, "not_your_session"
    )
    (refused,) = await audited(client, event="access-refused")
    assert (refused["account"], refused["role"]) == ("carl", "cashier")


async def test_strangers_write_nothing_into_an_organizations_log(house: Client, service: Service) -> None:
    before = await audited(house)
    stranger = house.token_of("stranger", {})
    for _ in range(50):
        problem(await house.get("/books", token=stranger), 404, "unknown_organization")
    assert await audited(house) == before
    figures = (await house.http.get("/metrics")).text
    counted = next(line for line in figures.splitlines() if line.startswith("consign_strangers_refused_total"))
    assert float(counted.split()[1]) >= 50


def member(account: str, organization: str = "acme") -> Exchange:
    exchange = Exchange([], HOME, Addresses())
    exchange.caller = Caller(account_id=account, kind="person", issuer="house", expires_at_s=2e9)
    exchange.organization = organization
    return exchange


class Clock:
    def __init__(self) -> None:
        self.at_s = 100.0 * WINDOW_S

    def __call__(self) -> float:
        return self.at_s


async def test_refusals_are_bounded_by_account_and_organization_and_hour() -> None:
    gateway, clock = Gateway(), Clock()
    records = AccessRecords(gateway, clock)
    for index in range(100):
        await records.refused(member("anna"), f"endpoint-{index}", "forbidden")
    assert len(gateway.issued) == REFUSALS_PER_ACCOUNT_MAX
    for index in range(500):
        await records.refused(member(f"member-{index}"), "books", "forbidden")
    assert len(gateway.issued) == REFUSALS_PER_ORGANIZATION_MAX
    await records.refused(member("anna", "other"), "books", "forbidden")
    assert gateway.issued[-1].organization_id == "other"
    clock.at_s += WINDOW_S
    await records.refused(member("anna"), "endpoint-0", "forbidden")
    assert gateway.issued[-1].command == gateway.issued[0].command
    assert len({each.command_id for each in gateway.issued}) == REFUSALS_PER_ORGANIZATION_MAX + 2


async def test_two_processes_write_the_same_refusal_under_one_id() -> None:
    gateway, clock = Gateway(), Clock()
    for records in (AccessRecords(gateway, clock), AccessRecords(gateway, clock)):
        await records.refused(member("anna"), "books", "forbidden")
    first, second = gateway.issued
    assert (first.key, first.request_hash) == (second.key, second.request_hash)


async def test_who_is_refused_is_told_so_also_where_it_cannot_be_written_down() -> None:
    records = AccessRecords(Gateway(away=True))
    await records.refused(member("anna"), "books", "forbidden")
    assert records.counters()["access_refusals_not_recorded_total"] == 1


class Nobodys:
    """Fulfils what `Tokens` and `Access` ask for: no session ended, no machine and no member is known."""

    async def caller(self, token: str) -> Caller | None:
        del token
        return None

    def has_any(self, endings: Collection[str]) -> bool:
        del endings
        return False

    def known(self, organization: str, account: str) -> Sequence[str]:
        del organization, account
        return ()

    async def roles(self, organization: str, account: str) -> Sequence[str]:
        return self.known(organization, account)

    async def newest_roles(self, organization: str, account: str, after_position: int) -> Sequence[str]:
        del after_position
        return self.known(organization, account)


async def test_ten_thousand_bad_tokens_leave_few_lines_and_no_event(capsys: pytest.CaptureFixture[str]) -> None:
    gateway, clock, nobodys = Gateway(), Clock(), Nobodys()
    lines = bytearray()
    written = RequestLines(lines.extend)
    refusals = Refusals(AccessRecords(gateway), Sampling(clock))
    access = Access(Tokens([DevelopmentIdentity(bytes(32))], nobodys, nobodys), nobodys)

    async def books(scope: Any, _: Any, __: Any) -> None:
        await access.admit(exchange_of(scope), "acme", RULES["books"], "books")

    edge = Edge(books, Metrics(), lines=written, limiting=Limiting(RateLimits()), refusals=refusals)
    statuses: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def ask(token: str) -> None:
        await edge(_scope({"host": "127.0.0.1", "authorization": f"Bearer {token}"}), _nothing, send)

    for index in range(FLOOD):
        assert statuses[-1:] in ([], [401])
        await ask(f"eyJhbGciOiJIUzI1NiJ9.e30.{index:08}")
    written.flush()
    assert statuses == [401] * FLOOD
    assert lines.count(b"\n") == LINES_PER_REASON
    assert gateway.issued == []
    assert refusals.counters()["unauthenticated_total"] == FLOOD
    assert refusals.counters()["request_lines_left_out_total"] == FLOOD - LINES_PER_REASON
    clock.at_s += LINES_WINDOW_S
    await ask("eyJhbGciOiJIUzI1NiJ9.e30.again")
    written.flush()
    assert lines.count(b"\n") == LINES_PER_REASON + 1
    said = capsys.readouterr()
    assert f"{FLOOD - LINES_PER_REASON}" in said.out + said.err


async def test_bad_tokens_leave_nothing_in_any_log_of_events(house: Client) -> None:
    before = await audited(house)
    async with httpx.AsyncClient(base_url=str(house.http.base_url)) as http:
        for index in range(50):
            refused = await http.get(house.path("/books"), headers={"Authorization": f"Bearer e30.e30.{index:04}"})
            problem(refused, 401, "unauthenticated")
    assert await audited(house) == before


def _scope(headers: Mapping[str, str]) -> Any:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/api/v1/organizations/acme/books",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
    }


async def _nothing() -> Any:
    return {"type": "http.disconnect"}
