"""Signing in with another issuer, which is a real server on this machine, and attacks on the way there and back."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from consign.identity.federation import account_of
from consign.service.process import Service
from tests.http.conftest import Issuers
from tests.support.issuer import CLIENT_ID, IssuerDouble, SigningKey
from tests.support.outbox import sign_in_mail
from tests.support.shop import Client, problem

IDENTITY = "/api/v1/identity"
COOKIE = "__Host-consign-sign-in"


class Browser:
    """Somebody on the way to an issuer and back; keeps the cookie that it was given."""

    def __init__(self, client: Client, issuer: IssuerDouble) -> None:
        self.http = client.http
        self.issuer = issuer
        self.cookie = ""
        self.origin = str(client.http.base_url).rstrip("/")
        self.subject = f"user-{secrets.token_hex(5)}"

    async def begun(self) -> str:
        """Begin; return where the browser is sent."""
        response = await self.http.post(f"{IDENTITY}/begin-with-issuer", json={"issuer": self.issuer.url})
        assert response.status_code == 200, response.text
        self.cookie, _, attributes = response.headers["Set-Cookie"].removeprefix(f"{COOKIE}=").partition("; ")
        assert attributes == "Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Lax"
        url: str = response.json()["authorization_url"]
        return url

    async def agreed(self, **claims: Any) -> dict[str, str]:
        """Begin, and agree at the issuer's; return what the browser comes back with."""
        return self.issuer.agreed(await self.begun(), **{"sub": self.subject, **claims})

    async def finished(self, returned: Mapping[str, str], cookie: str | None = None) -> httpx.Response:
        sent = self.cookie if cookie is None else cookie
        headers = {"Origin": self.origin, **({"Cookie": f"{COOKIE}={sent}"} if sent else {})}
        return await self.http.post(f"{IDENTITY}/finish-with-issuer", json=dict(returned), headers=headers)

    async def signed_in(self, **claims: Any) -> dict[str, Any]:
        response = await self.finished(await self.agreed(**claims))
        assert response.status_code == 200, response.text
        tokens: dict[str, Any] = response.json()
        return tokens


@pytest.fixture
def house(issuers: Issuers) -> IssuerDouble:
    return issuers.house


@pytest.fixture
def browser(client: Client, house: IssuerDouble) -> Browser:
    return Browser(client, house)


def address() -> str:
    return f"ada-{secrets.token_hex(5)}@example.org"


async def by_mail(service: Service, client: Client, address: str) -> str:
    """Sign in by mail; return the account."""
    await client.http.post(f"{IDENTITY}/ask-for-link", json={"address": address})
    mail = sign_in_mail(service.settings.data_directory / "outbox", address)
    response = await client.http.post(f"{IDENTITY}/redeem-link", json={"token": mail.token})
    account: str = response.json()["account"]
    return account


async def test_whoever_the_issuer_vouches_for_signs_in_and_stays_the_same(browser: Browser) -> None:
    first, again = await browser.signed_in(), await browser.signed_in()
    assert first["account"] == again["account"] == account_of(browser.issuer.url, browser.subject)
    sessions = await browser.http.get(
        f"{IDENTITY}/sessions", headers={"Authorization": f"Bearer {again['access_token']}"}
    )
    assert len(sessions.json()["items"]) == 2


async def test_the_browser_is_sent_with_state_nonce_and_challenge_and_no_secret(
    browser: Browser, service: Service
) -> None:
    asked = dict(parse_qsl(urlsplit(await browser.begun()).query))
    assert asked.keys() == {
        *("response_type", "client_id", "redirect_uri", "scope"),
        *("state", "nonce", "code_challenge", "code_challenge_method"),
    }
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT_ID, f"{service.settings.public_url}/sign-in")
    again = dict(parse_qsl(urlsplit(await browser.begun()).query))
    assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))


async def test_another_browser_cannot_finish_what_this_one_began_and_does_not_end_it(
    browser: Browser, client: Client, house: IssuerDouble
) -> None:
    victim = Browser(client, house)
    await victim.begun()
    returned = await browser.agreed()
    for cookie in (victim.cookie, "", "x" * 43):
        problem(await browser.finished(returned, cookie), 401, "sign_in_failed")
    assert (await browser.finished(returned)).status_code == 200


async def test_a_page_of_another_site_cannot_finish_what_was_begun(browser: Browser) -> None:
    returned = await browser.agreed()
    browser.origin = "https://evil.example.org"
    assert (await browser.finished(returned)).status_code == 403


async def test_an_attempt_counts_once_also_when_it_is_finished_twice_at_once(browser: Browser) -> None:
    returned = await browser.agreed()
    answers = await asyncio.gather(*(browser.finished(returned) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]


async def test_a_code_of_another_attempt_is_worth_nothing(browser: Browser) -> None:
    stolen = await browser.agreed(sub="victim")
    mine = await browser.agreed()
    problem(await browser.finished({**mine, "code": stolen["code"]}), 401, "sign_in_failed")


async def test_an_answer_that_says_it_is_another_issuers_is_refused(browser: Browser, issuers: Issuers) -> None:
    returned = await browser.agreed()
    problem(await browser.finished({**returned, "iss": issuers.neighbour.url}), 401, "sign_in_failed")
    returned = await browser.agreed()
    assert (await browser.finished({**returned, "iss": browser.issuer.url})).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": [CLIENT_ID, "another client"]},
        {"azp": "another client"},
        {"iss": "https://evil.example.org"},
        {"exp": 1},
        {"sub": ""},
        {"sub": "x" * 256},
    ],
    ids=str,
)
async def test_an_id_token_that_is_not_meant_for_this_sign_in_is_refused(
    browser: Browser, claims: dict[str, Any]
) -> None:
    problem(await browser.finished(await browser.agreed(**claims)), 401, "sign_in_failed")


async def test_an_id_token_that_somebody_else_signed_is_refused(browser: Browser, house: IssuerDouble) -> None:
    returned = await browser.agreed()
    forged = house.token(house.codes[returned["code"]][1], key=SigningKey("same"))
    house.answers["/token"] = 200, b'{"id_token":"%b"}' % forged.encode(), {}
    try:
        problem(await browser.finished(returned), 401, "sign_in_failed")
    finally:
        del house.answers["/token"]


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"id_token":1}', b'{"id_token":"a.b.c"}', b"x" * 200_000], ids=len)
async def test_what_is_no_answer_signs_nobody_in(browser: Browser, house: IssuerDouble, answer: bytes) -> None:
    returned = await browser.agreed()
    house.answers["/token"] = 200, answer, {}
    try:
        problem(await browser.finished(returned), 401, "sign_in_failed")
    finally:
        del house.answers["/token"]


async def test_an_issuer_that_fails_is_said_to_be_away(browser: Browser, house: IssuerDouble) -> None:
    returned = await browser.agreed()
    house.answers["/token"] = 503, b"", {}
    try:
        problem(await browser.finished(returned), 503, "issuer_unavailable")
    finally:
        del house.answers["/token"]


async def test_a_checked_address_leads_to_the_account_that_it_already_has(
    browser: Browser, service: Service, client: Client
) -> None:
    known = address()
    account = await by_mail(service, client, known)
    assert (await browser.signed_in(email=known, email_verified=True))["account"] == account
    assert (await browser.signed_in(email=address(), email_verified=True))["account"] == account


async def test_an_address_that_nobody_checked_leads_nowhere(browser: Browser, service: Service, client: Client) -> None:
    known = address()
    account = await by_mail(service, client, known)
    for checked in (False, None, "false"):
        browser.subject = f"user-{secrets.token_hex(5)}"
        assert (await browser.signed_in(email=known, email_verified=checked))["account"] != account


async def test_only_issuers_that_the_settings_name_for_it_sign_people_in(client: Client, issuers: Issuers) -> None:
    for issuer in (issuers.neighbour.url, "https://evil.example.org"):
        response = await client.http.post(f"{IDENTITY}/begin-with-issuer", json={"issuer": issuer})
        problem(response, 422, "body_invalid")
