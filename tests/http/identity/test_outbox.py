"""The page that shows mails: for development, on this machine alone."""

import secrets

import pytest

from tests.support.shop import Client, problem

PAGE = "/development/outbox"


async def test_the_newest_mails_are_shown_on_this_machine(client: Client) -> None:
    address = f"ada-{secrets.token_hex(5)}@example.org"
    await client.http.post("/api/v1/identity/ask-for-link", json={"address": address})
    page = await client.http.get(PAGE)
    assert f"To: {address}" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
async def test_nobody_sees_mails_through_a_proxy_or_under_another_name(client: Client, name: str) -> None:
    problem(await client.http.get(PAGE, headers={name: "192.0.2.1"}), 404, "not_found")
    for host in ("evil.example.org", "localhost.evil.example.org", "127.0.0.1.evil.example.org:8700"):
        problem(await client.http.get(PAGE, headers={"Host": host}), 404, "not_found")
