"""Browsers that are signed in by cookies: no script sees a token, and no page of another site acts with them."""

import secrets
from http.cookies import Morsel, SimpleCookie
from typing import Any

import httpx
import pytest

from consign.service.process import Service
from tests.support.outbox import sign_in_mail
from tests.support.shop import Client, new_id, problem

IDENTITY = "/api/v1/identity"
ACCESS, REFRESH = "__Host-consign", "__Host-consign-refresh"


class Page:
    """A page of the service in a browser, which keeps cookies and sends them along."""

    def __init__(self, client: Client, service: Service) -> None:
        self.http = client.http
        self.origin = service.settings.public_url
        self.outbox = service.settings.data_directory / "outbox"
        self.kept: dict[str, str] = {}

    async def post(self, path: str, body: Any = None, **changed: str | None) -> httpx.Response:
        """Post as a page does; None leaves a header out."""
        headers = {"Origin": self.origin, "X-Consign-Page": "1", "Idempotency-Key": new_id(), **self.cookies()}
        headers |= {name.replace("_", "-"): value for name, value in changed.items() if value is not None}
        left_out = {name.replace("_", "-") for name, value in changed.items() if value is None}
        sent = {name: value for name, value in headers.items() if name not in left_out}
        response = await self.http.post(path, json=body, headers=sent)
        for morsel in set_cookies(response):
            self.kept[morsel.key] = morsel.value
        return response

    def cookies(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.kept.items())} if self.kept else {}

    async def sessions(self) -> httpx.Response:
        return await self.http.get(f"{IDENTITY}/sessions", headers=self.cookies())

    async def signed_in(self) -> dict[str, Any]:
        address = f"ada-{secrets.token_hex(5)}@example.org"
        await self.post(f"{IDENTITY}/ask-for-link", {"address": address})
        response = await self.post(f"{IDENTITY}/redeem-link", {"token": sign_in_mail(self.outbox, address).token})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


def set_cookies(response: httpx.Response) -> "list[Morsel[str]]":
    return [morsel for each in response.headers.get_list("Set-Cookie") for morsel in SimpleCookie(each).values()]


@pytest.fixture
def page(client: Client, service: Service) -> Page:
    return Page(client, service)


async def test_a_page_gets_cookies_that_scripts_do_not_see_and_no_tokens(page: Page) -> None:
    answer = await page.signed_in()
    assert (answer["access_token"], answer["refresh_token"]) == (None, None)
    assert page.kept.keys() == {ACCESS, REFRESH}
    assert [each["session"] for each in (await page.sessions()).json()["items"]] == [answer["session"]]
    refreshed = await page.post(f"{IDENTITY}/refresh")
    for morsel in set_cookies(refreshed):
        assert (morsel["path"], morsel["domain"], morsel["samesite"]) == ("/", "", "lax")
        assert (morsel["secure"], morsel["httponly"]) == (True, True)


async def test_a_cookie_is_refreshed_by_a_cookie_and_an_old_one_ends_the_session(page: Page) -> None:
    await page.signed_in()
    old = dict(page.kept)
    assert (await page.post(f"{IDENTITY}/refresh")).status_code == 200
    assert page.kept[REFRESH] != old[REFRESH]
    assert (await page.sessions()).status_code == 200
    page.kept |= {REFRESH: old[REFRESH]}
    problem(await page.post(f"{IDENTITY}/refresh"), 401, "sign_in_failed")
    problem(await page.sessions(), 401, "unauthenticated")


async def test_a_page_of_another_site_can_do_nothing_with_the_cookies(page: Page) -> None:
    await page.signed_in()
    for path in ("sign-out-everywhere", "sign-out", "refresh"):
        for changed in ({"Origin": "https://evil.example.org"}, {"Origin": None}, {"X_Consign_Page": None}):
            problem(await page.post(f"{IDENTITY}/{path}", **changed), 403, "cross_site")
    assert (await page.sessions()).status_code == 200


async def test_whoever_signs_out_has_no_cookies_left(page: Page) -> None:
    await page.signed_in()
    old = dict(page.kept)
    assert (await page.post(f"{IDENTITY}/sign-out")).json() == {"ended": 1}
    assert page.kept == {ACCESS: "", REFRESH: ""}
    page.kept = old
    problem(await page.sessions(), 401, "unauthenticated")


async def test_live_screens_and_commands_are_let_in_by_cookie(page: Page, client: Client) -> None:
    account = (await page.signed_in())["account"]
    await client.found()
    granted = await client.done(f"/memberships/{account}/grant-roles", {"roles": ["organizer"]})
    after = {"X-Consign-After": str(granted["position"])}
    async with client.http.stream("GET", client.path("/live"), headers={**page.cookies(), **after}) as live:
        assert live.status_code == 200
        assert live.headers["Content-Type"].startswith("text/event-stream")
    opened = await page.post(client.path("/change-joining"), {"is_open": True})
    assert opened.status_code == 200, opened.text


@pytest.mark.parametrize(
    "cookie", ["__Host-consign=", "__Host-consign=x", '__Host-consign="a.b.c', "__Host-consignx=a"]
)
async def test_garbage_in_cookies_shows_nobody(page: Page, cookie: str) -> None:
    response = await page.http.get(f"{IDENTITY}/sessions", headers={"Cookie": cookie})
    problem(response, 401, "unauthenticated")
