"""Signing in under an organization's own name: for that organization alone, wherever the tokens are shown."""

import html
import re
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from consign.service.process import Service
from tests.http.conftest import Issuers
from tests.http.identity.asking import asked, refused
from tests.http.identity.test_cookies import Page
from tests.http.identity.test_signing_in_with_issuers import COOKIE, Browser
from tests.support.challenges import ChallengeServer, Put
from tests.support.eventually import eventually
from tests.support.outbox import sign_in_mail
from tests.support.shop import Client, new_id, problem

IDENTITY = "/api/v1/identity"
PASSWORD = "four words in a row"


class Member:
    """Somebody who organizes both organizations, and signs in under names."""

    def __init__(self, service: Service, here: Client, there: Client) -> None:
        self.service, self.here, self.there = service, here, there
        self.address = f"ada-{secrets.token_hex(5)}@example.org"

    async def post(self, path: str, body: Any = None, *, token: str = "", host: str | None = None) -> httpx.Response:
        said = {"Authorization": f"Bearer {token}"} if token else {}
        named = {} if host is None else {"Host": host}
        keyed = {"Idempotency-Key": new_id(), **said, **named}
        return await self.here.http.post(f"{IDENTITY}/{path}", json=body, headers=keyed)

    async def signed_in(self, host: str | None = None) -> dict[str, Any]:
        sign_in = (await self.post("ask-for-link", {"address": self.address}, host=host)).json()["sign_in"]
        code = sign_in_mail(self.service.settings.data_directory / "outbox", self.address).code
        response = await self.post("redeem-code", {"sign_in": sign_in, "code": code}, host=host)
        assert response.status_code == 200, response.text
        tokens: dict[str, Any] = response.json()
        return tokens

    async def sessions(self, token: str) -> set[str]:
        response = await self.here.http.get(f"{IDENTITY}/sessions", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 200, response.text
        return {each["session"] for each in response.json()["items"]}

    async def reaches(self, token: str) -> tuple[bool, bool]:
        return await reaches(self.here, token), await reaches(self.there, token)


def name_of(client: Client) -> str:
    return f"{client.organization}.consign.test"


async def reaches(client: Client, token: str) -> bool:
    response = await asked(client, token)
    if response.status_code != 200:
        problem(response, 404, "unknown_organization")
    return response.status_code == 200


@pytest.fixture
async def ada(service: Service, founded: Client, other: Client) -> Member:
    """Roles are granted before anybody asks for them, so that nothing is answered by what was before."""
    member = Member(service, founded, other)
    account = (await member.signed_in())["account"]
    for client in (founded, other):
        await client.done(f"/memberships/{account}/grant-roles", {"roles": ["organizer"]})
    return member


async def test_a_session_begun_under_a_name_reaches_that_organization_alone(ada: Member) -> None:
    everywhere, here = await ada.signed_in(), await ada.signed_in(name_of(ada.here))
    assert await ada.reaches(everywhere["access_token"]) == (True, True)
    assert await ada.reaches(here["access_token"]) == (True, False)
    refreshed = (await ada.post("refresh", {"refresh_token": here["refresh_token"]})).json()
    assert refreshed["session"] == here["session"]
    assert await ada.reaches(refreshed["access_token"]) == (True, False)


async def test_a_token_of_one_name_is_nothing_under_another_by_path_or_host(ada: Member) -> None:
    token = (await ada.signed_in(name_of(ada.here)))["access_token"]
    own, others = (f"/api/v1/organizations/{each.organization}/sales" for each in (ada.here, ada.there))
    for path in ("/api/v1/sales", own, others, others.replace("v1", "%761")):
        shown = {"Host": name_of(ada.there), "Authorization": f"Bearer {token}"}
        problem(await ada.here.http.get(path, headers=shown), 404, "unknown_organization")
    shown = {"Host": name_of(ada.there), "Cookie": f"__Host-consign={token}"}
    problem(await ada.here.http.get("/api/v1/sales", headers=shown), 404, "unknown_organization")
    for path in ("/change-joining", "/live/tickets", "/domains/evil.example.org/add"):
        shown = {"Authorization": f"Bearer {token}", "Idempotency-Key": new_id()}
        response = await ada.here.http.post(ada.there.path(path), json={"is_open": True}, headers=shown)
        problem(response, 404, "unknown_organization")


async def test_refreshed_under_another_name_it_is_no_more_than_before(ada: Member) -> None:
    here = await ada.signed_in(name_of(ada.here))
    refreshed = await ada.post("refresh", {"refresh_token": here["refresh_token"]}, host=name_of(ada.there))
    assert await ada.reaches(refreshed.json()["access_token"]) == (True, False)


@pytest.mark.parametrize("way", ["link", "code"])
async def test_a_mail_counts_under_the_name_that_it_was_asked_for_under(ada: Member, way: str) -> None:
    here, there = name_of(ada.here), name_of(ada.there)
    for begun, others in ((here, (None, there)), (None, (here,))):
        sign_in = (await ada.post("ask-for-link", {"address": ada.address}, host=begun)).json()["sign_in"]
        mail = sign_in_mail(ada.service.settings.data_directory / "outbox", ada.address)
        assert urlsplit(mail.place).hostname == (begun or urlsplit(ada.service.settings.public_url).hostname)
        path, body = (
            ("redeem-link", {"token": mail.token})
            if way == "link"
            else ("redeem-code", {"sign_in": sign_in, "code": mail.code})
        )
        for other in others:
            problem(await ada.post(path, body, host=other), 401, "sign_in_failed")
        assert (await ada.post(path, body, host=begun)).status_code == 200


async def test_a_password_shown_under_a_name_signs_in_for_it_alone(ada: Member) -> None:
    everywhere = (await ada.signed_in())["access_token"]
    assert (await ada.post("change-password", {"password": PASSWORD}, token=everywhere)).status_code == 200
    shown = {"address": ada.address, "password": PASSWORD}
    here = (await ada.post("sign-in", shown, host=name_of(ada.here))).json()["access_token"]
    assert await ada.reaches(here) == (True, False)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("change-password", {"password": PASSWORD}),
        ("ask-to-add-address", {"address": "eve@example.org"}),
        ("begin-adding-issuer", {"issuer": "https://accounts.example.org"}),
        ("delete-account", {"account": new_id()}),
        ("ways/0193e4c2-7a10-7000-8000-0000000000a1/remove", None),
    ],
)
async def test_what_the_account_is_cannot_be_changed_under_an_organizations_name(
    ada: Member, path: str, body: Mapping[str, str] | None
) -> None:
    """Whoever holds a domain may stand between people and the service there."""
    token = (await ada.signed_in(name_of(ada.here)))["access_token"]
    for host in (name_of(ada.here), None):
        refusal = problem(await ada.post(path, body, token=token, host=host), 403, "forbidden")
        assert ada.here.organization in refusal["detail"]


async def test_signing_out_everywhere_under_a_name_ends_what_is_for_its_organization(ada: Member) -> None:
    kept = [await ada.signed_in(), await ada.signed_in(name_of(ada.there))]
    first, second = [await ada.signed_in(name_of(ada.here)) for _ in range(2)]
    assert await ada.sessions(first["access_token"]) == {first["session"], second["session"]}
    unknown = await ada.post(f"sessions/{kept[0]['session']}/sign-out", {}, token=first["access_token"])
    problem(unknown, 404, "unknown_session")
    ended = await ada.post("sign-out-everywhere", {}, token=first["access_token"])
    assert ended.json() == {"ended": 2}
    for each in (first, second):
        await refused(ada.here, each["access_token"], "The session has ended.")
    assert await ada.sessions(kept[1]["access_token"]) == {kept[1]["session"]}
    out = await ada.post("sign-out", {}, token=kept[1]["access_token"])
    assert out.json() == {"ended": 1}
    everywhere = await ada.post("sign-out-everywhere", {}, token=kept[0]["access_token"])
    assert everywhere.json()["ended"] >= 1
    await refused(ada.here, kept[0]["access_token"], "The session has ended.")


async def test_signing_out_everywhere_at_the_services_own_address_ends_those_of_names_too(ada: Member) -> None:
    here, everywhere = await ada.signed_in(name_of(ada.here)), await ada.signed_in()
    await ada.post("sign-out-everywhere", {}, token=everywhere["access_token"])
    await refused(ada.here, here["access_token"], "The session has ended.")


async def test_a_browser_comes_back_from_an_issuer_to_the_name_under_which_it_began(
    client: Client, other: Client, issuers: Issuers, service: Service
) -> None:
    await client.found()
    browser = Browser(client, issuers.house)
    client.http.headers["Host"] = name_of(client)
    returned = await browser.agreed()
    del client.http.headers["Host"]
    back = await client.http.get("/sign-in", params=returned)
    own = urlsplit(service.settings.public_url)
    went_on = f"{own.scheme}://{name_of(client)}:{own.port}/sign-in?{urlencode(returned)}"
    assert (back.status_code, back.headers["Location"]) == (303, went_on)
    for state in ("x" * 43, "", "%00"):
        assert (await client.http.get("/sign-in", params={**returned, "state": state})).status_code == 200
    cookie = {"Cookie": f"{COOKIE}={browser.cookie}"}
    for host in (name_of(other), own.netloc):
        named = {"Host": host, "Origin": f"http://{host}", **cookie}
        elsewhere = await client.http.post(f"{IDENTITY}/finish-with-issuer", json=returned, headers=named)
        assert elsewhere.status_code == 401
    client.http.headers["Host"] = name_of(client)
    browser.origin = f"http://{name_of(client)}"
    tokens = await browser.signed_in()
    del client.http.headers["Host"]
    account = tokens["account"]
    for each in (client, other):
        await each.done(f"/memberships/{account}/grant-roles", {"roles": ["organizer"]})
    assert [await reaches(each, tokens["access_token"]) for each in (client, other)] == [True, False]


async def test_a_browser_is_asked_before_it_goes_on_to_a_domain(
    founded: Client, issuers: Issuers, challenges: ChallengeServer, service: Service
) -> None:
    """Whoever holds the domain may send anybody to the issuer, who asks nothing of people it knows."""
    domain = await held(founded, challenges)
    founded.http.headers["Host"] = domain
    returned = await Browser(founded, issuers.house).agreed()
    del founded.http.headers["Host"]
    query = f"{urlencode(returned)}&more='__STYLE__<script>"
    page = await founded.http.get(f"/sign-in?{query}")
    assert (page.status_code, "Location" in page.headers) == (200, False)
    assert f"Sign in at {domain}?" in page.text
    own = urlsplit(service.settings.public_url)
    (link,) = re.findall(r'<a href="([^"]*)">', page.text)
    assert html.unescape(link).startswith(f"http://{domain}:{own.port}/sign-in?{urlencode(returned)}&more=")
    assert "__STYLE__" in link
    assert "<script" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]


async def held(client: Client, challenges: ChallengeServer) -> str:
    """Verify a domain of the organization."""
    domain = f"fair-{secrets.token_hex(5)}.example.org"
    added = await client.done(f"/domains/{domain}/add")
    challenges.held[domain] = Put(added["content"].encode())
    await client.done(f"/domains/{domain}/verify")
    return domain


async def test_a_page_under_a_name_acts_there_alone(ada: Member) -> None:
    page = Page(ada.here, ada.service)
    page.origin = f"http://{name_of(ada.here)}"
    address = {"address": ada.address}
    await page.post(f"{IDENTITY}/ask-for-link", address, Host=name_of(ada.here))
    token = sign_in_mail(page.outbox, ada.address).token
    signed_in = await page.post(f"{IDENTITY}/redeem-link", {"token": token}, Host=name_of(ada.here))
    assert signed_in.status_code == 200
    here = ada.here.path("/change-joining")
    done = await page.post(here, {"is_open": True}, Host=name_of(ada.here))
    assert done.status_code == 200, done.text
    for origin in (f"http://{name_of(ada.there)}", ada.service.settings.public_url):
        problem(await page.post(here, {"is_open": True}, Host=name_of(ada.here), Origin=origin), 403, "cross_site")
    problem(await page.post(here, {"is_open": True}), 403, "cross_site")


async def test_who_is_signed_in_under_a_domain_is_so_no_more_once_it_is_given_up(
    ada: Member, challenges: ChallengeServer
) -> None:
    """Browsers keep cookies for the name, and show them to whoever has it next."""
    domain = await held(ada.here, challenges)
    under, beside = await ada.signed_in(domain), await ada.signed_in(name_of(ada.here))
    assert await ada.reaches(under["access_token"]) == (True, False)
    await ada.here.done(f"/domains/{domain}/remove")
    problem(await ada.post("refresh", {"refresh_token": under["refresh_token"]}), 401, "sign_in_failed")

    async def is_over() -> bool:
        return (await asked(ada.here, under["access_token"])).status_code == 401

    await eventually(is_over)
    assert await ada.reaches(beside["access_token"]) == (True, False)
