"""What every answer tells browsers, and what browsers may do here in somebody's name."""

import base64
import re
from hashlib import sha256
from typing import Any

import httpx
import pytest

from consign.http.addresses import Addresses
from consign.http.cross_site import check_own_site
from consign.http.exchange import Exchange
from consign.http.problems import Refusal
from consign.service.process import Service
from tests.support.shop import Client, problem

OWN = "https://consign.example"
COOKIE = "theme=dark; __Host-consign-session=1"


@pytest.mark.parametrize("path", ["/health", "/docs", "/problems", "/nothing", "/api/v1/organizations/none/sales"])
async def test_every_answer_is_armoured_and_names_no_server(client: Client, path: str) -> None:
    headers = (await client.http.get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    (policy,) = headers.get_list("Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "Server" not in headers
    assert "Access-Control-Allow-Origin" not in headers


async def test_the_documentations_only_style_is_the_one_its_policy_names(client: Client) -> None:
    page = await client.http.get("/docs")
    (style,) = re.findall("<style>(.*?)</style>", page.text, re.DOTALL)
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    assert " style=" not in page.text


async def test_who_came_by_tls_is_told_to_come_by_nothing_else(front: Service, client: Client) -> None:
    async with httpx.AsyncClient(base_url=front.url) as http:
        by_tls = {"X-Forwarded-For": "203.0.113.50", "X-Forwarded-Proto": "https"}
        assert (await http.get("/health", headers=by_tls)).headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "Strict-Transport-Security" not in (await http.get("/health")).headers
    assert "Strict-Transport-Security" not in (await client.http.get("/health", headers=by_tls)).headers


def asked(method: str = "POST", *, host: str = "consign.example", **headers: str) -> None:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in {"host": host, **headers}.items()]
    check_own_site(Exchange(named, "203.0.113.9", Addresses()), method, OWN)


def test_pages_of_our_own_may_send_commands_with_our_cookie() -> None:
    asked(cookie=COOKIE, origin=OWN)
    asked(cookie=COOKIE, origin="https://fair.consign.example", host="fair.consign.example")
    asked(cookie=COOKIE, sec_fetch_site="same-origin")
    asked("GET", cookie=COOKIE, origin="https://evil.example")
    asked(cookie="theme=dark", origin="https://evil.example")
    asked(origin="https://evil.example", authorization="Bearer a.b.c")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "https://consign.example.evil.example"},
        {"origin": "https://consign.example@evil.example"},
        {"origin": "null"},
        {"origin": f"{OWN}, https://evil.example"},
        {"origin": "https://evil.example", "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site"},
        {"origin": "", "host": ""},
    ],
)
def test_pages_of_other_sites_may_not(headers: dict[str, Any]) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        with pytest.raises(Refusal) as raised:
            asked(method, **{"cookie": COOKIE, **headers})
        assert raised.value.reason == "cross_site"


async def test_the_check_stands_before_every_route(client: Client) -> None:
    headers = {**client.headers(), "Cookie": COOKIE, "Origin": "https://evil.example"}
    problem(await client.http.post(client.path("/no-op"), json={}, headers=headers), 403, "cross_site")
