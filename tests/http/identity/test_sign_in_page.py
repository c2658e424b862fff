"""The page behind the links of mails, in a real browser."""

import re
import secrets
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from consign.identity.federation import account_of
from consign.service.process import Service
from tests.http.conftest import Issuers
from tests.support.browser import chromium, new_page
from tests.support.issuer import IssuerDouble
from tests.support.outbox import sign_in_mail

pytestmark = pytest.mark.slow

PASSWORD = "seven quiet herons wading"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with new_page(browser) as page:
        yield page


@pytest.fixture
def address() -> str:
    return f"ada-{secrets.token_hex(5)}@example.org"


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def ask_for_mail(page: Page, service: Service, address: str) -> None:
    page.goto(f"{service.url}/sign-in")
    page.get_by_label("Your mail address").fill(address)
    page.get_by_role("button", name="Send me a mail").click()
    heading(page, "Look into your mail")


def sign_in_by_code(page: Page, service: Service, address: str) -> None:
    ask_for_mail(page, service, address)
    page.get_by_label("Code").fill(sign_in_mail(service.settings.data_directory / "outbox", address).code)
    page.get_by_role("button", name="Sign in").click()
    heading(page, "You are signed in")


def test_a_code_signs_in_and_no_script_sees_a_token(page: Page, service: Service, address: str) -> None:
    sign_in_by_code(page, service, address)
    assert page.evaluate("document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)") == "{}{}"
    page.reload()
    heading(page, "You are signed in")
    page.get_by_role("button", name="Sign out", exact=True).click()
    heading(page, "Sign in")
    page.reload()
    heading(page, "Sign in")


def test_a_link_signs_in_once_after_a_click_and_leaves_nothing_in_the_address(
    browser: Browser, page: Page, service: Service, address: str
) -> None:
    ask_for_mail(page, service, address)
    mail = sign_in_mail(service.settings.data_directory / "outbox", address)
    with new_page(browser) as elsewhere:
        elsewhere.goto(f"{service.url}/sign-in#{mail.token}")
        heading(elsewhere, "Sign in here?")
        assert elsewhere.url == f"{service.url}/sign-in", "whoever looks over a shoulder reads no secret"
        elsewhere.get_by_role("button", name="Sign in").click()
        heading(elsewhere, "You are signed in")
        elsewhere.goto(f"{service.url}/sign-in?again#{mail.token}")
        elsewhere.get_by_role("button", name="Sign in").click()
        expect(elsewhere.get_by_role("alert")).to_contain_text("does not sign anybody in")


def test_a_password_is_set_and_signs_in_and_a_wrong_one_is_told(page: Page, service: Service, address: str) -> None:
    sign_in_by_code(page, service, address)
    page.get_by_text("Set a password").click()
    page.get_by_label("The new one").fill(PASSWORD)
    page.get_by_role("button", name="Set it").click()
    expect(page.get_by_role("status")).to_have_text("The password is set.")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Use a password instead").click()
    page.get_by_label("Your mail address").fill(address)
    page.get_by_label("Password").fill("not this one at all")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("does not sign anybody in")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    heading(page, "You are signed in")


def test_sessions_elsewhere_are_listed_and_ended(browser: Browser, page: Page, service: Service, address: str) -> None:
    sign_in_by_code(page, service, address)
    with new_page(browser) as elsewhere:
        sign_in_by_code(elsewhere, service, address)
        page.reload()
        expect(page.get_by_role("listitem")).to_have_count(2)
        page.get_by_role("listitem").get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("listitem")).to_have_count(1)
        elsewhere.reload()
        heading(elsewhere, "Sign in")


def test_an_expired_cookie_is_renewed_without_asking_anybody(page: Page, service: Service, address: str) -> None:
    sign_in_by_code(page, service, address)
    page.context.clear_cookies(name="__Host-consign")
    page.reload()
    heading(page, "You are signed in")


def test_people_sign_in_with_an_issuer_and_come_back(page: Page, service: Service, issuers: Issuers) -> None:
    house, subject = issuers.house, f"user-{secrets.token_hex(5)}"
    page.route(re.compile(f"{re.escape(house.url)}/authorize"), lambda route: send_back(route, service, house, subject))
    page.goto(f"{service.url}/sign-in")
    page.get_by_role("button", name=f"Sign in with {httpx.URL(house.url).netloc.decode()}").first.click()
    heading(page, "You are signed in")
    expect(page.locator("#account")).to_have_text(account_of(house.url, subject))
    assert page.url == f"{service.url}/sign-in"


def send_back(route: Route, service: Service, house: IssuerDouble, subject: str) -> None:
    """Agree in somebody's place, at an issuer that sends people back to where the service listens."""
    returned = house.agreed(route.request.url, sub=subject)
    back = httpx.URL(f"{service.url}/sign-in", params=returned)
    route.fulfill(status=302, headers={"Location": str(back)})


def test_what_an_issuer_or_a_stranger_puts_into_the_address_signs_nobody_in(page: Page, service: Service) -> None:
    page.goto(f"{service.url}/sign-in?error=access_denied&error_description=<img src=x onerror=alert(1)>")
    expect(page.get_by_role("alert")).to_have_text("The other service did not sign you in.")
    page.goto(f"{service.url}/sign-in?state=stolen&code=stolen")
    expect(page.get_by_role("alert")).to_contain_text("does not sign anybody in")
    heading(page, "Sign in")


def test_no_other_page_frames_it_and_no_other_script_runs_in_it(service: Service) -> None:
    answer = httpx.get(f"{service.url}/sign-in")
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
