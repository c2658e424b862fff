"""More than one way to sign in as one account, and attempts to make somebody else's account one's own by it."""

import re
from collections.abc import Mapping
from typing import Any

import asyncpg
import httpx
import pytest

from consign.local.servers import LocalServers
from consign.service.process import Service
from tests.http.conftest import Issuers
from tests.http.identity.test_signing_in import Person, bearer, facts
from tests.http.identity.test_signing_in_with_issuers import COOKIE, IDENTITY, Browser
from tests.support.outbox import mails_to
from tests.support.shop import Client, problem


class Owner(Person):
    """Somebody who is signed in by mail, and has other ways to add."""

    tokens: Mapping[str, Any]

    @property
    def token(self) -> str:
        return str(self.tokens["access_token"])

    async def ways(self) -> list[dict[str, Any]]:
        response = await self.http.get(f"{IDENTITY}/ways", headers=bearer(self.token))
        found: list[dict[str, Any]] = response.json()["items"]
        return found

    async def code_for(self, address: str) -> dict[str, str]:
        """Ask to add an address; return what its holder types."""
        asked = await self.post("ask-to-add-address", {"address": address}, token=self.token)
        assert asked.status_code == 200, asked.text
        mail: str = mails_to(self.outbox, address)[-1].get_content()
        assert "/sign-in#" not in mail
        code = re.search(r"^(\d{6})\s*$", mail, re.MULTILINE)
        assert code is not None
        return {"sign_in": asked.json()["sign_in"], "code": code[1]}

    async def added(self, code: Mapping[str, str]) -> httpx.Response:
        return await self.post("add-address", dict(code), token=self.token)

    async def begun(self, browser: Browser) -> dict[str, str]:
        """Begin to add the browser's issuer, and agree there."""
        asked = await self.post("begin-adding-issuer", {"issuer": browser.issuer.url}, token=self.token)
        assert asked.status_code == 200, asked.text
        browser.cookie = asked.headers["Set-Cookie"].removeprefix(f"{COOKIE}=").partition(";")[0]
        return browser.issuer.agreed(asked.json()["authorization_url"], sub=browser.subject)

    async def finished(self, returned: Mapping[str, str], cookie: str) -> httpx.Response:
        origin = str(self.http.base_url).rstrip("/")
        headers = {**bearer(self.token), "Origin": origin, "Cookie": f"{COOKIE}={cookie}"}
        return await self.http.post(f"{IDENTITY}/add-issuer", json=dict(returned), headers=headers)


async def owner(client: Client, service: Service) -> Owner:
    person = Owner(client, service.settings.data_directory / "outbox")
    person.tokens = await person.signed_in()
    return person


@pytest.fixture
async def ada(client: Client, service: Service) -> Owner:
    return await owner(client, service)


@pytest.fixture
async def eve(client: Client, service: Service) -> Owner:
    return await owner(client, service)


@pytest.fixture
def browser(client: Client, issuers: Issuers) -> Browser:
    return Browser(client, issuers.house)


async def test_an_address_and_an_issuer_more_lead_to_the_same_account(
    ada: Owner, browser: Browser, service_servers: LocalServers
) -> None:
    account, first, second = ada.tokens["account"], ada.address, f"more-{ada.address}"
    assert (await ada.added(await ada.code_for(second))).json() == {"account": account}
    assert (await ada.finished(await ada.begun(browser), browser.cookie)).json() == {"account": account}
    assert [(way["kind"], way["address"], way["issuer"]) for way in await ada.ways()] == [
        ("address", first, None),
        ("address", second, None),
        ("issuer", None, browser.issuer.url),
    ]
    ada.address = second
    assert (await ada.signed_in())["account"] == account
    assert (await browser.signed_in())["account"] == account
    told = [fact["type"] for fact in await facts(service_servers, account)]
    assert told.count("ways-changed") == 2
    assert "more-" not in str(await facts(service_servers, account))


async def test_a_way_that_is_removed_leads_nowhere_and_the_last_one_stays(ada: Owner) -> None:
    account, first, second = ada.tokens["account"], ada.address, f"more-{ada.address}"
    await ada.added(await ada.code_for(second))
    elsewhere = await ada.signed_in()
    way, other = (await ada.ways())[:2]
    removed = await ada.post(f"ways/{way['way']}/remove", token=ada.token)
    assert removed.json() == {"way": way["way"]}, removed.text
    problem(await ada.sessions(elsewhere["access_token"]), 401, "unauthenticated")
    problem(await ada.post(f"ways/{way['way']}/remove", token=ada.token), 404, "unknown_way")
    problem(await ada.post(f"ways/{other['way']}/remove", token=ada.token), 409, "last_way")
    assert (await ada.signed_in())["account"] != account
    ada.address = second
    assert (await ada.signed_in())["account"] == account
    assert first != second


async def test_what_is_somebody_elses_way_stays_theirs(ada: Owner, eve: Owner, browser: Browser) -> None:
    await ada.finished(await ada.begun(browser), browser.cookie)
    problem(await eve.added(await eve.code_for(ada.address)), 409, "way_taken")
    problem(await eve.finished(await eve.begun(browser), browser.cookie), 409, "way_taken")
    way = (await ada.ways())[0]["way"]
    problem(await eve.post(f"ways/{way}/remove", token=eve.token), 404, "unknown_way")
    assert (await browser.signed_in())["account"] == ada.tokens["account"]
    assert [each["address"] for each in await eve.ways()] == [eve.address]


async def test_nobody_makes_somebody_elses_browser_or_mail_add_a_way(ada: Owner, eve: Owner, browser: Browser) -> None:
    """What Eve began ends in nothing, when Ada's browser or Ada herself comes back with it, and the other way round."""
    returned = await eve.begun(browser)
    problem(await ada.finished(returned, browser.cookie), 401, "sign_in_failed")
    returned = await eve.begun(browser)
    problem(await eve.finished(returned, "x" * 43), 401, "sign_in_failed")
    problem(await browser.finished(returned), 401, "sign_in_failed")
    signing_in = await browser.agreed()
    problem(await eve.finished(signing_in, browser.cookie), 401, "sign_in_failed")
    code = await eve.code_for(f"more-{ada.address}")
    problem(await ada.added(code), 401, "sign_in_failed")
    problem(await ada.post("redeem-code", code), 401, "sign_in_failed")
    await ada.asked()
    asked = {"sign_in": await ada.asked(), "code": ada.mail().code}
    problem(await eve.added(asked), 401, "sign_in_failed")
    assert [len(await each.ways()) for each in (ada, eve)] == [1, 1]


async def test_a_sign_in_of_long_ago_changes_nothing(
    ada: Owner, browser: Browser, service_servers: LocalServers
) -> None:
    code, returned = await ada.code_for(f"more-{ada.address}"), await ada.begun(browser)
    connection = await asyncpg.connect(service_servers.postgres_url)
    await connection.execute(
        "UPDATE identity.sessions SET began_at = began_at - interval '16 minutes' WHERE account_id = $1",
        ada.tokens["account"],
    )
    await connection.close()
    (way,) = await ada.ways()
    for refused in (
        await ada.added(code),
        await ada.finished(returned, browser.cookie),
        await ada.post("ask-to-add-address", {"address": "more@example.org"}, token=ada.token),
        await ada.post("begin-adding-issuer", {"issuer": browser.issuer.url}, token=ada.token),
        await ada.post(f"ways/{way['way']}/remove", token=ada.token),
        await ada.post("delete-account", {"account": ada.tokens["account"]}, token=ada.token),
    ):
        problem(refused, 401, "sign_in_failed")
    assert await ada.ways() == [way]
