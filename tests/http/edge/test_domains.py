"""A domain names one organization, once it has shown that it is held; the Host is read strictly."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from consign.http.addresses import Addresses
from consign.http.domains import ASKED_AT_ONCE
from consign.http.exchange import Exchange
from consign.http.hosts import Hosts
from consign.service.process import Service
from tests.http.conftest import ServiceThread
from tests.support.challenges import ChallengeServer, Put
from tests.support.eventually import eventually
from tests.support.name_server import NameServer
from tests.support.shop import Client, new_id, problem


class Held(NamedTuple):
    """An organization and the domain that it holds."""

    client: Client
    domain: str
    challenges: ChallengeServer

    async def shown(self) -> dict[str, Any]:
        """Add the domain and put its challenge there."""
        added = await self.client.done(f"/domains/{self.domain}/add")
        self.challenges.held[self.domain] = Put(added["content"].encode() + b"\n")
        return added

    async def verified(self) -> None:
        await self.shown()
        await self.client.done(f"/domains/{self.domain}/verify")


@pytest.fixture
async def held(client: Client, challenges: ChallengeServer) -> Held:
    assert (await client.found()).status_code == 200
    return Held(client, f"fair-{secrets.token_hex(5)}.example.org", challenges)


@pytest.fixture
async def others(service: Service, held: Held) -> AsyncIterator[Held]:
    """Another organization that wants the same domain."""
    async with Client(service.url, service.identity) as client:
        assert (await client.found()).status_code == 200
        yield held._replace(client=client)


async def joining(held: Held, host: str, path: str = "/api/v1/change-joining") -> httpx.Response:
    """Send a command without saying in its path for which organization."""
    return await held.client.http.post(path, json={"is_open": True}, headers=held.client.headers(Host=host))


async def test_a_domain_names_its_organization_once_it_has_shown_who_holds_it(held: Held) -> None:
    client, domain = held.client, held.domain
    added = await held.shown()
    assert added["url"] == f"http://{domain}/.well-known/consign-challenge"
    problem(await joining(held, domain), 421, "unknown_host")
    verified = await client.done(f"/domains/{domain}/verify")
    assert (domain, "/.well-known/consign-challenge") in held.challenges.asked
    assert (await joining(held, domain)).status_code == 200
    rows = await client.get("/domains", after_position=verified["position"])
    (row,) = rows.json()["items"]
    assert (row["domain"], row["status"]) == (domain, "verified")
    await client.done(f"/domains/{domain}/remove")
    problem(await joining(held, domain), 421, "unknown_host")


async def test_a_txt_record_shows_it_too_among_others_and_stays(held: Held, names: NameServer) -> None:
    client, domain = held.client, held.domain
    added = await client.done(f"/domains/{domain}/add")
    assert added["record"] == f"_consign-challenge.{domain}"
    names.texts[added["record"]] = [b"consign-challenge=" + b"0" * 64, added["content"][:-1].encode()]
    refusal = problem(await client.post(f"/domains/{domain}/verify"), 409, "domain_unproven")
    assert domain in refusal["detail"]
    assert added["record"] in refusal["detail"]
    names.texts[added["record"]].append(added["content"].encode())
    await client.done(f"/domains/{domain}/verify")
    assert (await joining(held, domain)).status_code == 200


async def test_a_txt_record_of_one_organization_or_domain_shows_nothing_for_another(
    held: Held, others: Held, names: NameServer
) -> None:
    added = await held.client.done(f"/domains/{held.domain}/add")
    for name in (added["record"], f"_consign-challenge.www.{held.domain}", f"_consign-challenge.{held.domain[1:]}"):
        names.texts[name] = [added["content"].encode()]
    await others.client.done(f"/domains/{held.domain}/add")
    problem(await others.client.post(f"/domains/{held.domain}/verify"), 409, "domain_unproven")
    for domain in (f"www.{held.domain}", held.domain[1:]):
        await held.client.done(f"/domains/{domain}/add")
        problem(await held.client.post(f"/domains/{domain}/verify"), 409, "domain_unproven")


@pytest.mark.parametrize(
    "put",
    [
        Put(b"", 404),
        Put(b"consign-challenge=" + b"0" * 64),
        Put(b"x" * 2000),
        Put(b"", 302, (("Location", "http://elsewhere.example.org/"),)),
    ],
    ids=["nothing", "another", "too much", "a redirect"],
)
async def test_what_does_not_answer_its_challenge_names_nobody(held: Held, put: Put) -> None:
    await held.shown()
    held.challenges.held[held.domain] = put
    problem(await held.client.post(f"/domains/{held.domain}/verify"), 409, "domain_unproven")
    problem(await joining(held, held.domain), 421, "unknown_host")


async def test_a_domain_is_one_organizations_only(held: Held, others: Held) -> None:
    await held.verified()
    assert (await others.shown())["content"] != (await held.client.done(f"/domains/{held.domain}/add"))["content"]
    problem(await others.client.post(f"/domains/{held.domain}/verify"), 409, "domain_taken")
    await held.client.done(f"/domains/{held.domain}/remove")
    await others.client.done(f"/domains/{held.domain}/verify")
    assert (await joining(others, held.domain)).status_code == 200
    problem(await joining(held, held.domain), 404, "unknown_organization")
    await held.client.done(f"/domains/{held.domain}/remove")  # what is another's now stays
    assert (await joining(others, held.domain)).status_code == 200


async def test_a_challenge_that_was_answered_says_nothing_of_a_domain_that_was_not_added(held: Held) -> None:
    await held.shown()
    await held.client.done(f"/domains/{held.domain}/remove")
    problem(await held.client.post(f"/domains/{held.domain}/verify"), 404, "unknown_domain")
    problem(await joining(held, held.domain), 421, "unknown_host")


async def test_under_a_domain_there_is_one_organization(held: Held, others: Held, service: Service) -> None:
    await held.verified()
    both = {held.client.organization: ("organizer",), others.client.organization: ("organizer",)}
    token = held.client.token_of("olga", {**both, "platform": ("operator",)})
    asked = {"Host": held.domain, "Authorization": f"Bearer {token}"}
    http = held.client.http
    own = f"/api/v1/organizations/{held.client.organization}/memberships"
    assert (await http.get(own, headers=asked)).status_code == 200
    theirs = f"/api/v1/organizations/{others.client.organization}/memberships"
    platforms = "/api/v1/organizations/platform/memberships"
    for path in (theirs, f"{theirs}/", theirs.replace("v1", "%761"), theirs.replace("organ", "%6frgan"), platforms):
        problem(await http.get(path, headers=asked), 404, "unknown_organization")
    for path in (
        f"/{theirs}",
        theirs.replace("/v1", "//v1"),
        theirs.replace("v1/", "v1//"),
        theirs.replace("v1", "V1"),
    ):
        assert (await http.get(path, headers=asked)).status_code == 404
    founding = {"organization": f"org-{secrets.token_hex(5)}", "name": "Another", "currency": "EUR"}
    keyed = {**asked, "Idempotency-Key": new_id()}
    problem(await http.post("/api/v1/organizations", json=founding, headers=keyed), 404, "unknown_organization")
    signing_in = await http.post("/api/v1/identity/sign-in", json={}, headers=asked)
    problem(signing_in, 422, "body_invalid")


@pytest.mark.parametrize("written", ["{}:443", "{}.", "{}.:8700", "{}:"])
async def test_port_case_and_final_dot_of_a_host_mean_nothing(held: Held, written: str) -> None:
    await held.verified()
    assert (await joining(held, written.format(held.domain))).status_code == 200
    assert (await joining(held, written.format(held.domain.upper()))).status_code == 200


async def test_an_internationalised_domain_is_one_however_it_is_written(held: Held) -> None:
    name = f"{secrets.token_hex(5)}.example.org"
    written, known = f"Flohmarkt-Süd-{name}", f"xn--flohmarkt-sd-{name}"
    added = await held.client.done(f"/domains/{written}/add")
    known = added["domain"]
    assert known.startswith("xn--")
    held.challenges.held[known] = Put(added["content"].encode())
    await held.client.done(f"/domains/{known}/verify")
    assert (await joining(held, known)).status_code == 200


@pytest.mark.parametrize(
    "domain", ["consign.test", "fair.consign.test", "127.0.0.1", "fair.localhost", "fair", "a b.c"]
)
async def test_what_is_the_services_own_or_no_domain_is_not_added(held: Held, domain: str) -> None:
    refused = await held.client.post(f"/domains/{domain}/add")
    assert (refused.status_code, refused.json()["reason"]) in ((422, "domain_reserved"), (404, "unknown_domain"))


async def raw(service: Service, head: str) -> tuple[int, str]:
    """Send a head as it is and return status and reason."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(service.url.rpartition(":")[2]))
    try:
        writer.write(head.replace("\n", "\r\n").encode("latin-1"))
        async with asyncio.timeout(10):
            status = int((await reader.readline()).split()[1])
            headers = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", headers, re.IGNORECASE)
            assert length is not None
            return status, msgspec.json.decode(await reader.readexactly(int(length[1])))["reason"]
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ("Host: {0}\nHost: {0}\n", (400, "host_invalid")),
        ("Host: {0}\nHost: 127.0.0.1\n", (400, "host_invalid")),
        ("", (400, "host_invalid")),
        ("Host:\n", (400, "host_invalid")),
        ("Host: ada@{0}\n", (400, "host_invalid")),
        ("Host: {0}, evil.example.org\n", (400, "host_invalid")),
        ("Host: {0}/x\n", (400, "host_invalid")),
        ("Host: {0}:80:80\n", (400, "host_invalid")),
        ("Host: {0}..\n", (400, "host_invalid")),
        ("Host: f\xfcnf.example.org\n", (400, "host_invalid")),
        ("Host: evil.example.org\n", (421, "unknown_host")),
        ("Host: {0}.evil.example.org\n", (421, "unknown_host")),
        ("Host: evil.example.org\nX-Forwarded-Host: {0}\n", (421, "unknown_host")),
        ("Host: evil.example.org\nForwarded: host={0}\n", (421, "unknown_host")),
        ("Host: 127.0.0.1\nX-Forwarded-Host: {0}\n", (404, "not_found")),
        ("Host: a.b.consign.test\n", (421, "unknown_host")),
    ],
)
async def test_a_host_that_is_not_one_known_name_reaches_nothing(
    held: Held, service: Service, hosts: str, expected: tuple[int, str]
) -> None:
    await held.verified()
    assert await raw(service, f"GET /api/v1/sales HTTP/1.1\n{hosts.format(held.domain)}\n") == expected


async def test_a_target_in_absolute_form_names_the_same_host_as_the_header(held: Held, service: Service) -> None:
    await held.verified()
    said = f"GET http://{{}}/api/v1/sales HTTP/1.1\nHost: {held.domain}\n\n"
    assert await raw(service, said.format(held.domain)) == (401, "unauthenticated")
    for target in ("127.0.0.1", f"ada@{held.domain}", f"{held.domain}:80", ""):
        assert await raw(service, said.format(target)) == (400, "malformed_request")


async def test_every_process_hears_of_domains_that_others_verified_and_removed(
    held: Held, front: Service, service: Service
) -> None:
    await held.verified()

    async def placed() -> bool:
        async with httpx.AsyncClient(base_url=front.url) as http:
            asked = {"Host": held.domain, "X-Forwarded-For": "198.51.100.77"}
            return (await http.post("/api/v1/sales", headers=asked)).status_code != 421

    await eventually(placed)
    await held.client.done(f"/domains/{held.domain}/remove")

    async def gone() -> bool:
        return not await placed()

    await eventually(gone)


async def test_a_domain_passes_to_whoever_shows_it_when_its_holder_does_not_and_both_logs_say_so(
    held: Held, others: Held, names: NameServer, service: Service, service_thread: ServiceThread
) -> None:
    """Time goes by as whoever looks says: it is looked at what is to be in eight days."""
    await held.verified()
    held.challenges.held.pop(held.domain)
    wanted = await others.client.done(f"/domains/{held.domain}/add")
    names.texts[wanted["record"]] = [wanted["content"].encode()]
    refusal = problem(await others.client.post(f"/domains/{held.domain}/verify"), 409, "domain_taken")
    assert "it passes to you" in refusal["detail"]
    now = datetime.now(UTC)
    await service_thread.done(service.domain_watch.look(now))
    row = await listed(held, until=lambda row: row["passes_at"] is not None)
    assert (row["status"], row["doubted_since"] is not None) == ("verified", True)
    assert timedelta(days=6) < datetime.fromisoformat(row["passes_at"]) - now < timedelta(days=8)
    assert (await joining(held, held.domain)).status_code == 200
    await service_thread.done(service.domain_watch.look(now + timedelta(days=8)))
    assert (await listed(others, until=lambda row: row["status"] == "verified"))["doubted_since"] is None
    assert (await listed(held, until=lambda row: row["status"] == "lost"))["lost_at"] is not None

    async def names_the_other() -> bool:
        return (await joining(others, held.domain)).status_code == 200

    await eventually(names_the_other)
    problem(await joining(held, held.domain), 404, "unknown_organization")
    audit = (await held.client.get("/audit", order="newest")).json()["items"]
    told = [(each["event"], each["role"]) for each in audit if each["event"].startswith("domain-")]
    assert told[:2] == [("domain-lost", "system"), ("domain-doubted", "system")]
    problem(await held.client.post(f"/domains/{held.domain}/verify"), 409, "domain_unproven")


async def listed(held: Held, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return the row of the domain once it says what is waited for."""
    rows: list[dict[str, Any]] = []

    async def is_said() -> bool:
        rows[:] = (await held.client.get("/domains")).json()["items"]
        return until(rows[0])

    await eventually(is_said)
    return rows[0]


async def test_an_organization_has_domains_asked_so_often_and_no_more(held: Held, others: Held) -> None:
    await held.shown()
    held.challenges.held.clear()
    for _ in range(ASKED_AT_ONCE):
        problem(await held.client.post(f"/domains/{held.domain}/verify"), 409, "domain_unproven")
    refused = await held.client.post(f"/domains/{held.domain}/verify")
    problem(refused, 429, "too_many_tries")
    assert 0 < int(refused.headers["Retry-After"]) <= 30
    problem(await others.client.post(f"/domains/{held.domain}/verify"), 409, "domain_unproven")


@pytest.mark.parametrize(
    ("host", "organization"),
    [("app.fairs.example", None), ("fairs.example", None), ("alpe.fairs.example", "alpe")],
)
def test_the_services_own_address_below_its_base_domain_is_nobodys(host: str, organization: str | None) -> None:
    hosts = Hosts(public_url="https://app.fairs.example", base_domain="fairs.example")
    exchange = Exchange([(b"host", host.encode())], "127.0.0.1", Addresses())
    name = hosts.name(exchange, "/api/v1/sales", "1.1")
    assert (None if name is None else name.organization) == organization
