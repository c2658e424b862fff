"""Whoever comes by a proxy is not this machine itself, and sees nothing that proxies are told to hide."""

import httpx
import pytest

from consign.service.process import Service
from tests.support.shop import Client, problem

WRITTEN_BY_PROXIES = {
    "X-Forwarded-For": "127.0.0.1",
    "Forwarded": "for=127.0.0.1",
    "X-Forwarded-Proto": "https",
    "X-Real-IP": "127.0.0.1",
    "Via": "1.1 proxy",
}


@pytest.mark.parametrize("header", WRITTEN_BY_PROXIES)
async def test_development_tokens_never_come_by_a_proxy(service: Service, client: Client, header: str) -> None:
    token = client.token_of("anna", {"platform": ("operator",)})
    asked = {"Authorization": f"Bearer {token}"}
    path = "/api/v1/organizations/platform/memberships"
    assert (await client.http.get(path, headers=asked)).status_code == 200
    refused = await client.http.get(path, headers={**asked, header: WRITTEN_BY_PROXIES[header]})
    problem(refused, 401, "unauthenticated")


@pytest.mark.parametrize("written", ["/metrics/", "/metrics%2f", "/%6detrics", "//metrics", "/metrics//"])
async def test_figures_are_at_one_address_that_a_proxy_can_hide(client: Client, written: str) -> None:
    assert (await client.http.get("/metrics")).status_code == 200
    url = httpx.URL(str(client.http.base_url)).copy_with(raw_path=written.encode())
    problem(await client.http.get(url), 404, "not_found")
