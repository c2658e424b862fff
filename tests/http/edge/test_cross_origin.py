"""Pages of other origins ask for an organization that names their origin, with a token and never with a cookie."""

import secrets
from collections.abc import Mapping

import httpx
import pytest

from consign.service.process import Service
from tests.http.identity.test_cookies import IDENTITY, Page
from tests.support.challenges import ChallengeServer, Put
from tests.support.shop import Client, new_id, problem

SHOP = "https://shop.example.org"
ASKING = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,idempotency-key"}
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture
async def named(client: Client) -> Client:
    """A client of an organization that names the shop's origin."""
    await client.found()
    changed = await client.done("/change-origins", {"origins": [SHOP]})
    shown = await client.get("/origins", after_position=changed["position"])
    assert [row["origins"] for row in shown.json()["items"]] == [[SHOP]]
    return client


async def preflight(client: Client, path: str, origin: str) -> httpx.Response:
    return await client.http.options(path, headers={"Origin": origin, **ASKING})


def allowing(response: httpx.Response) -> Mapping[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control-")}


async def test_a_browser_that_asks_first_is_told_what_a_page_may_send(named: Client) -> None:
    told = await preflight(named, named.path("/join"), SHOP)
    assert (told.status_code, told.content) == (204, b"")
    assert told.headers[ALLOWED] == SHOP
    assert "Access-Control-Allow-Credentials" not in told.headers
    assert "POST" in told.headers["Access-Control-Allow-Methods"]
    sent = {each.strip().lower() for each in told.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "idempotency-key", "content-type"} <= sent
    assert not sent & {"*", "x-consign-page", "cookie", "x-forwarded-for"}
    assert "Origin" in told.headers["Vary"]


async def test_a_page_of_a_named_origin_reads_answers_and_refusals(named: Client) -> None:
    headers = named.headers(Origin=SHOP)
    found = await named.http.get(named.path("/sales"), headers=headers)
    assert (found.status_code, found.headers[ALLOWED]) == (200, SHOP)
    shown = {each.strip() for each in found.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"ETag", "RateLimit", "RateLimit-Policy", "Location", "Retry-After", "X-Consign-Position"} <= shown
    assert "Origin" in found.headers["Vary"]
    refused = await named.http.get(named.path("/sales"), headers={"Origin": SHOP})
    problem(refused, 401, "unauthenticated")
    assert refused.headers[ALLOWED] == SHOP
    assert "Access-Control-Allow-Credentials" not in refused.headers


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example.org", "null", "*", "http://shop.example.org", f"{SHOP}.evil.example.org"),
        *(f"{SHOP}:444", f"{SHOP}/", "https://SHOP.example.org", "https://evil-shop.example.org", f"{SHOP}, {SHOP}"),
        "",
    ],
)
async def test_any_other_origin_is_told_nothing_it_could_read(named: Client, origin: str) -> None:
    told = await preflight(named, named.path("/join"), origin)
    assert allowing(told) == {}
    found = await named.http.get(named.path("/sales"), headers=named.headers(Origin=origin))
    assert allowing(found) == {}
    assert "Origin" in found.headers["Vary"]


async def test_an_origin_counts_for_the_organization_that_names_it_alone(named: Client, other: Client) -> None:
    assert allowing(await preflight(named, other.path("/join"), SHOP)) == {}
    assert allowing(await preflight(named, "/api/v1/organizations/never-founded/join", SHOP)) == {}
    assert allowing(await preflight(named, f"{IDENTITY}/sign-in", SHOP)) == {}
    assert allowing(await preflight(named, "/api/v1/organizations", SHOP)) == {}
    assert allowing(await preflight(named, "/api/v1/organizations/platform/memberships", SHOP)) == {}


async def test_only_organizers_name_origins_and_only_exact_ones(named: Client) -> None:
    problem(await named.post("/change-origins", {"origins": ["*"]}), 422, "body_invalid")
    cashier = named.token_of("casey", {named.organization: ("cashier",)})
    problem(await named.post("/change-origins", {"origins": []}, token=cashier), 403, "forbidden")


async def test_a_named_origin_acts_with_nobodys_cookie(named: Client, service: Service) -> None:
    page = Page(named, service)
    account = (await page.signed_in())["account"]
    granted = await named.done(f"/memberships/{account}/grant-roles", {"roles": ["organizer"]})
    after = {"X-Consign-After": str(granted["position"])}
    for path in (named.path("/change-joining"), f"{IDENTITY}/sign-out-everywhere", f"{IDENTITY}/refresh"):
        problem(await page.post(path, {"is_open": True}, Origin=SHOP), 403, "cross_site")
    read = await named.http.get(named.path("/sales"), headers={"Origin": SHOP, **page.cookies(), **after})
    assert "Access-Control-Allow-Credentials" not in read.headers


async def test_a_page_under_an_organizations_domain_acts_there_and_no_page_of_another_one(
    named: Client, service: Service, challenges: ChallengeServer
) -> None:
    domain, others = (f"{secrets.token_hex(5)}.example.org" for _ in range(2))
    for each in (domain, others):
        added = await named.done(f"/domains/{each}/add")
        challenges.held[each] = Put(added["content"].encode())
        await named.done(f"/domains/{each}/verify")
    page = Page(named, service)
    account = (await page.signed_in())["account"]
    granted = await named.done(f"/memberships/{account}/grant-roles", {"roles": ["organizer"]})
    here = {"Host": domain, "Origin": f"https://{domain}", "X_Consign_After": str(granted["position"])}
    path = "/api/v1/change-joining"
    assert (await page.post(path, {"is_open": True}, **here)).status_code == 200
    attacks: list[dict[str, str | None]] = [
        {**here, "Origin": f"https://{others}"},
        {**here, "Origin": f"https://evil.{domain}"},
        {**here, "Origin": f"https://{domain}.evil.example.org"},
        {**here, "Origin": f"https://{domain}:8443"},
        {**here, "Origin": "null"},
        {**here, "Origin": None, "Sec_Fetch_Site": "same-site"},
        {**here, "X_Consign_Page": None},
    ]
    for attack in attacks:
        problem(await page.post(path, {"is_open": False}, **attack), 403, "cross_site")
    elsewhere = {**here, "Host": "evil.example.org", "Origin": "https://evil.example.org"}
    problem(await page.post(path, {"is_open": False}, **elsewhere), 421, "unknown_host")


async def test_a_page_without_tls_acts_with_no_cookie_where_the_way_began_with_tls(front: Service) -> None:
    sent = {"Host": "127.0.0.1:8700", "X-Forwarded-For": "198.51.100.9", "X-Forwarded-Proto": "https"}
    sent |= {"Cookie": "__Host-consign-refresh=cr_x", "X-Consign-Page": "1", "Idempotency-Key": new_id()}
    async with httpx.AsyncClient(base_url=front.url) as http:
        plain = await http.post(f"{IDENTITY}/refresh", headers={**sent, "Origin": "http://127.0.0.1:8700"})
        problem(plain, 403, "cross_site")
        by_tls = await http.post(f"{IDENTITY}/refresh", headers={**sent, "Origin": "https://127.0.0.1:8700"})
        problem(by_tls, 401, "sign_in_failed")
